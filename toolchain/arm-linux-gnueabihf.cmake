# SPDX-License-Identifier: Apache-2.0
# Boards of 32-bit ARM from ARMv7-A on, with a floating-point unit (Debian's armhf). ARMv6, the first Raspberry Pi, is too old.
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(takt_arch armhf)
set(takt_triple arm-linux-gnueabihf)
set(takt_emulator qemu-arm)
set(CMAKE_C_FLAGS_INIT "-march=armv7-a+fp -mfloat-abi=hard")
set(CMAKE_CXX_FLAGS_INIT "-march=armv7-a+fp -mfloat-abi=hard")
include(${CMAKE_CURRENT_LIST_DIR}/board.cmake)
