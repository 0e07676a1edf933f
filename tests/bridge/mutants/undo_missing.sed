# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/sysv_shm.c
# test: death
# case: sysv_bridge_dies
# The semaphore of a bridge that dies stays taken.
s/struct sembuf operation = {0, -1, SEM_UNDO};/struct sembuf operation = {0, -1, 0};/
