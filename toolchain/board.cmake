# SPDX-License-Identifier: Apache-2.0
# What the toolchain files of boards have in common. Needs: takt_arch (name of the sysroot), takt_triple, takt_emulator.
# -D TAKT_SYSROOT=FOLDER names another tree of the board's libraries than the one that toolchain/sysroot.sh makes.
set(CMAKE_SYSTEM_NAME Linux)
set(TAKT_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../build/sysroot/${takt_arch} CACHE PATH "The board's libraries and headers")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TAKT_SYSROOT)
get_filename_component(CMAKE_SYSROOT ${TAKT_SYSROOT} ABSOLUTE)
if(NOT EXISTS ${CMAKE_SYSROOT}/usr/include)
	message(FATAL_ERROR "there is no sysroot in ${CMAKE_SYSROOT}: make it with toolchain/cross.sh ${takt_arch}, "
		"or name another one with -D TAKT_SYSROOT=FOLDER")
endif()

foreach(language C CXX)
	set(tool ${takt_triple}-gcc)
	if(language STREQUAL "CXX")
		set(tool ${takt_triple}-g++)
	endif()
	# Chosen by the user, if at all, before this file is read.
	if(NOT CMAKE_${language}_COMPILER)
		find_program(TAKT_CROSS_${language} ${tool})
		if(NOT TAKT_CROSS_${language})
			message(FATAL_ERROR "there is no ${tool}: install it with toolchain/setup.sh cross")
		endif()
		set(CMAKE_${language}_COMPILER ${TAKT_CROSS_${language}})
	endif()
endforeach()
set(CMAKE_LIBRARY_ARCHITECTURE ${takt_triple})

# Programs are this machine's; libraries, headers and packages are the board's only.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind LIBRARY INCLUDE PACKAGE)
	set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${CMAKE_SYSROOT}/usr/lib/${takt_triple}/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)
set(ENV{PKG_CONFIG_PATH} "")

# Tests run under emulation where there is an emulator.
find_program(TAKT_EMULATOR ${takt_emulator})
if(TAKT_EMULATOR)
	set(CMAKE_CROSSCOMPILING_EMULATOR ${TAKT_EMULATOR} -L ${CMAKE_SYSROOT})
endif()
