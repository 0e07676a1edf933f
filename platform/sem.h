/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process-shared semaphore: it puts to sleep and wakes, and nothing else. Its count is never truth.
 *
 * The contract is that of an event count. A waiter calls prepare, then looks at the truth, and sleeps only if the truth says so;
 * any post that begins after the prepare ends that sleep. Posts may be lost by the death of the poster and may be surplus, so
 * every sleep has a bound and is followed by another look. Memory order: what the poster wrote before the post is visible
 * to the waiter whose sleep it ended; protocols must not rely on it, since a wake-up may be spurious.
 *
 * Two implementations, one test suite: `sem_futex.c`, one 32-bit word on the futex system call whose flags are constants of this
 * program, so that whoever may write the word can cost a slice of delay and nothing else; and `sem_posix.c` on POSIX sem_t
 * (CMake option TAKT_SEM=posix), for other systems and for domains whose members trust each other.
 */
#ifndef TAKT_PLATFORM_SEM_H
#define TAKT_PLATFORM_SEM_H

#include <stdint.h>

#include "platform/status.h"

/* Opaque storage, large enough and aligned for either implementation. Lies in shared memory. */
struct takt_os_sem {
	_Alignas(32) unsigned char storage[32];
};

/* Which implementation this program has: stored in every segment and compared, since they cannot be mixed. */
enum takt_os_sem_kind { TAKT_OS_SEM_FUTEX = 1, TAKT_OS_SEM_POSIX = 2 };
enum takt_os_sem_kind takt_os_sem_kind(void);

/* Makes the storage a semaphore that nobody has posted. Only while nobody else uses it. */
void takt_os_sem_init(struct takt_os_sem *sem);

/* Begins a wait. The result goes to the wait that follows. RT: safe; bounded. One waiter at a time for sem_posix. */
uint32_t takt_os_sem_prepare(struct takt_os_sem *sem);

/**
 * Sleeps until a post that began after `prepared` was obtained, or until the deadline.
 * @param deadline_ns absolute CLOCK_MONOTONIC; must be finite: no wait without a bound
 * @retval TAKT_OK woken, perhaps spuriously  @retval TAKT_TIMEOUT
 * RT: safe; one system call, repeated when a signal interrupts it.
 */
enum takt_status takt_os_sem_wait_until(struct takt_os_sem *sem, uint32_t prepared, uint64_t deadline_ns);

/* Wakes one sleeper, or the next wait already prepared. RT: safe; at most one system call; never blocks. */
void takt_os_sem_post(struct takt_os_sem *sem);

#endif
