/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A counting semaphore of a domain: `kind: semaphore` in the config.
 *
 * With `undo: true`, the default, it hands out `initial` units, and each is held by whoever waited for it until that one posts it: what a
 * process holds when it dies comes back at the latest one slice (`wait_slice_us`) later. With `undo: false` it counts wake-ups, from
 * `initial` up to `maximum`: anybody posts, a wait consumes, and nothing comes back.
 */
#ifndef TAKT_CORE_SEMAPHORE_H
#define TAKT_CORE_SEMAPHORE_H

#include "core/sync.h"

#ifdef __cplusplus
extern "C" {
#endif

struct takt_semaphore {
	struct takt_sync sync;
};

/**
 * Attaches, and creates the semaphore if it is absent and this process may.
 * @param waiter of the thread that will use it  @param name one that the config lists under this node's `uses`
 * @retval TAKT_OK  @retval TAKT_INVALID the config does not let this node use it  @retval TAKT_MISMATCH another kind, or another config
 * @retval TAKT_BUSY this waiter has it attached already  @retval TAKT_TIMEOUT a living process held its lock for `lock_bound_us`
 * @retval TAKT_LIMIT this node holds TAKT_HANDLES_PER_NODE_MAX handles  @retval TAKT_ABSENT somebody removed it, or no such owner or group
 * @retval TAKT_DENIED  @retval TAKT_CORRUPT  @retval TAKT_NO_SPACE  @retval TAKT_SYSTEM  @retval TAKT_CLOSED. Each with a message.
 * RT: start-up only. Threads: the waiter's.
 */
TAKT_CHECKED enum takt_status takt_semaphore_attach(struct takt_semaphore *semaphore, struct takt_waiter *waiter,
						    const char *name);

/* Posts the units that it holds, and ends it. Safe on one that is not attached. RT: unsafe; system calls. */
void takt_semaphore_detach(struct takt_semaphore *semaphore);

/**
 * Waits for a unit.
 * @param deadline_ns absolute CLOCK_MONOTONIC; one that has passed makes it one try
 * @retval TAKT_OK it is ours  @retval TAKT_TIMEOUT  @retval TAKT_STOPPED this process is asked to end
 * @retval TAKT_CORRUPT its segment was cut off while it was in use; said once  @retval TAKT_CLOSED after a fork, or not attached
 * RT: safe; bounded by the deadline; sleeps in slices (`wait_slice_us`), and asks the kernel about each living holder once a look.
 * Threads: the waiter's. Not fair: who looks first has it.
 * Order: what the one who posted the unit had stored before is visible.
 */
TAKT_CHECKED enum takt_status takt_semaphore_wait_until(struct takt_semaphore *semaphore, uint64_t deadline_ns);

/* The same without waiting. @retval TAKT_BUSY no unit is there, or its lock is held just now @retval TAKT_OK, TAKT_CORRUPT, TAKT_CLOSED
 * RT: safe; no system call but the questions whether holders live, where no unit is there. */
TAKT_CHECKED enum takt_status takt_semaphore_try_wait(struct takt_semaphore *semaphore);

/**
 * Posts a unit, and wakes who waits.
 * @retval TAKT_OK  @retval TAKT_INVALID `undo: true`: this handle holds none  @retval TAKT_FULL `undo: false`: `maximum` are there
 * @retval TAKT_TIMEOUT a living process held the semaphore's lock for `lock_bound_us`; nothing was changed
 * @retval TAKT_CORRUPT  @retval TAKT_CLOSED
 * RT: safe; bounded by `lock_bound_us`; one system call for each thread that sleeps on it. Order: as takt_semaphore_wait_until.
 */
TAKT_CHECKED enum takt_status takt_semaphore_post(struct takt_semaphore *semaphore);

/* Units that are there now: for a look, it may be wrong by the time it is read. 0 when not attached. RT: safe. */
uint32_t takt_semaphore_count(const struct takt_semaphore *semaphore);

#ifdef __cplusplus
}
#endif
#endif
