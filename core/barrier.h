/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A barrier of a domain: `kind: barrier` with `members` in the config. Threads that wait for each other go on together, round after round,
 * when the configured number of them has come. One that dies does not hang the others: each of them is told, in its wait or when it comes next, also where the dead one's place has been taken by then.
 */
#ifndef TAKT_CORE_BARRIER_H
#define TAKT_CORE_BARRIER_H

#include "core/sync.h"

#ifdef __cplusplus
extern "C" {
#endif

struct takt_barrier {
	struct takt_sync sync;
	uint32_t round; /* that this handle waits in, or knows of */
	uint32_t has_arrived;
};

/**
 * As takt_semaphore_attach: from here on the thread is one of the members, and its death is told to the others.
 * @retval TAKT_LIMIT also: as many threads as the barrier has `members` are attached. With a message.
 */
TAKT_CHECKED enum takt_status takt_barrier_attach(struct takt_barrier *barrier, struct takt_waiter *waiter,
						  const char *name);
/* Ends it. The others wait for one more from then on. Safe on one that is not attached. */
void takt_barrier_detach(struct takt_barrier *barrier);

/**
 * Comes to the barrier, and waits until all members have.
 * @param deadline_ns absolute CLOCK_MONOTONIC; one that has passed makes it one try
 * @retval TAKT_OK all have come: go on  @retval TAKT_ABSENT a member died: this round is broken for all that were in it; the next one
 *         waits for whoever takes its place. Told once to each.
 * @retval TAKT_TIMEOUT somebody has not come; this thread is taken back, as if it never came  @retval TAKT_STOPPED the same
 * @retval TAKT_CORRUPT its segment was cut off; said once  @retval TAKT_CLOSED
 * RT: safe; bounded by the deadline, and `lock_bound_us` where a process is stopped inside the object's own lock.
 * Threads: the waiter's. Order: what every member stored before it came is visible.
 */
TAKT_CHECKED enum takt_status takt_barrier_wait_until(struct takt_barrier *barrier, uint64_t deadline_ns);
/* Goes on only if this thread is the last that is missing. @retval TAKT_BUSY it is not, and did not come @retval others as above */
TAKT_CHECKED enum takt_status takt_barrier_try_wait(struct takt_barrier *barrier);

#ifdef __cplusplus
}
#endif
#endif
