# SPDX-License-Identifier: Apache-2.0
# Boards of 64-bit ARM (AArch64; Debian's arm64).
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(takt_arch aarch64)
set(takt_triple aarch64-linux-gnu)
set(takt_emulator qemu-aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/board.cmake)
