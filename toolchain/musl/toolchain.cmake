# SPDX-License-Identifier: Apache-2.0
# Builds against musl with what toolchain/musl.sh --set-up-only put into build/musl-libc.
get_filename_component(root ${CMAKE_CURRENT_LIST_DIR}/../../build/musl-libc ABSOLUTE)
if(NOT EXISTS ${root}/complete)
	message(FATAL_ERROR "${root} is not complete: run toolchain/musl.sh --set-up-only")
endif()
set(CMAKE_C_COMPILER musl-gcc)
set(CMAKE_C_FLAGS_INIT "-isystem ${root}/kernel")
# glibc's libraries stand in pkg-config's usual folders.
set(ENV{PKG_CONFIG_LIBDIR} ${root}/lib/pkgconfig)
set(ENV{PKG_CONFIG_PATH} "")
