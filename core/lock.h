/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process's view of one lock in shared memory: bounded, with a known owner, taken over when that owner dies.
 * Internal to core: users meet it through topics with several publishers.
 */
#ifndef TAKT_CORE_LOCK_H
#define TAKT_CORE_LOCK_H

#include <stdint.h>

#include "platform/presence.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_LOCK_PAUSE_NS 50000u /* between two looks whether a contended lock has been handed over */

struct takt_lock_shm;

struct takt_lock {
	struct takt_lock_shm *shared;
	const struct takt_os_presence *presence; /* of those who may take it */
	uint64_t token;
	uint64_t turn_released; /* shared turn at our last contended release */
	uint64_t taken_ns;
	uint32_t must_hand_over;
	uint32_t reserved;
};

/* Binds the caller's struct to a lock in shared memory. @param token this process's own, held in `presence` */
void takt_lock_init(struct takt_lock *lock, struct takt_lock_shm *shared, const struct takt_os_presence *presence,
		    uint64_t token);

/**
 * Takes the lock if it is free and nobody is to have it first: nearly always, where publishers do not meet.
 * @retval 1 taken  @retval 0 not: takt_lock_take_until waits for it, and looks whether its owner lives
 * RT: safe; one compare-and-swap and one reading of the clock; never sleeps. Threads, Order: as takt_lock_take_until.
 */
int takt_lock_try_take(struct takt_lock *lock);

/**
 * Takes the lock.
 * @param deadline_ns absolute; a deadline that has passed makes it one attempt
 * @param taken_over 1 when the owner died holding it: repair first what it guards. Written on TAKT_OK only.
 * @retval TAKT_OK  @retval TAKT_TIMEOUT a living owner held it until the deadline
 * RT: safe; bounded by the deadline; sleeps in slices of TAKT_LOCK_SLICE_NS on the lock's semaphore.
 * Threads: one of a process at a time on one struct takt_lock; any number of processes.
 * Order: everything stored under the lock by its last owner is visible.
 */
TAKT_CHECKED enum takt_status takt_lock_take_until(struct takt_lock *lock, uint64_t deadline_ns, int *taken_over);

/* The token of whoever holds it now, by its own word; 0: nobody. For messages. */
uint64_t takt_lock_owner(const struct takt_lock *lock);

/* Gives it back. RT: safe; at most one system call. Only by its owner. */
void takt_lock_give(struct takt_lock *lock);

#ifdef __cplusplus
}
#endif
#endif
