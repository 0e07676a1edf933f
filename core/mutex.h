/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mutex of a domain: `kind: mutex` in the config. One thread has it at a time; when that one dies, the next gets it and is told, so that
 * it can repair what the mutex guards. The owner may keep it as long as it likes; all others wait with a deadline. Without priority
 * inheritance: hold it for short.
 */
#ifndef TAKT_CORE_MUTEX_H
#define TAKT_CORE_MUTEX_H

#include "core/sync.h"

#ifdef __cplusplus
extern "C" {
#endif

struct takt_mutex {
	struct takt_sync sync;
	uint32_t is_locked; /* by this handle */
};

/* As takt_semaphore_attach, without TAKT_TIMEOUT. */
TAKT_CHECKED enum takt_status takt_mutex_attach(struct takt_mutex *mutex, struct takt_waiter *waiter, const char *name);
/* Unlocks where it is locked, and ends it. Safe on one that is not attached. */
void takt_mutex_detach(struct takt_mutex *mutex);

/**
 * Locks it.
 * @param deadline_ns absolute CLOCK_MONOTONIC; one that has passed makes it one try
 * @param owner_died 1: whoever had it died, and what it guards may be half changed. Written on TAKT_OK only.
 * @retval TAKT_OK  @retval TAKT_TIMEOUT a living process has it (takt_mutex_owner names it)  @retval TAKT_STOPPED
 * @retval TAKT_CORRUPT its segment was cut off; said once  @retval TAKT_CLOSED
 * RT: safe; bounded by the deadline; uncontended one compare-and-swap and one reading of the clock.
 * Threads: the waiter's. Not recursive: locking what this handle has locked is a bug, and asserted.
 * Order: everything stored under it by its last owner is visible.
 */
TAKT_CHECKED enum takt_status takt_mutex_lock_until(struct takt_mutex *mutex, uint64_t deadline_ns, int *owner_died);
/* The same without waiting. @retval TAKT_BUSY a living process has it */
TAKT_CHECKED enum takt_status takt_mutex_try_lock(struct takt_mutex *mutex, int *owner_died);

/* Unlocks. Only by its owner. In a fork's child it does nothing: the mutex is the parent's. RT: safe; at most one system call. */
void takt_mutex_unlock(struct takt_mutex *mutex);

/* The waiter of the thread that has it now, an index in the domain: for messages. UINT32_MAX: nobody, or none that is attached. */
uint32_t takt_mutex_owner(const struct takt_mutex *mutex);

#ifdef __cplusplus
}
#endif
#endif
