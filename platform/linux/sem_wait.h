/* SPDX-License-Identifier: Apache-2.0 */
/* How a sem_t is waited for until a CLOCK_MONOTONIC time: the C library's own call where it has one, else sem_clockwait_none.c. */
#ifndef TAKT_PLATFORM_LINUX_SEM_WAIT_H
#define TAKT_PLATFORM_LINUX_SEM_WAIT_H

#include <semaphore.h>
#include <stdint.h>

/* @retval 0 a post was taken, or an errno: ETIMEDOUT the time has come, EINTR, others: the system refuses to sleep */
int takt_port_sem_wait(sem_t *sem, uint64_t deadline_ns);

#endif
