# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/sysv_shm.c
# test: death
# case: sysv_legacy_dies
# Waits for a System V semaphore as long as somebody holds it.
s/semtimedop(shm->guard, &operation, 1, &left)/semop(shm->guard, \&operation, 1)/
