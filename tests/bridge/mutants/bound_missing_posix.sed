# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/posix_shm.c
# test: death
# case: posix_legacy_dies
# Waits for a POSIX semaphore as long as nobody gives it back.
s/sem_clockwait(shm->guard, CLOCK_MONOTONIC, &deadline)/sem_wait(shm->guard)/
