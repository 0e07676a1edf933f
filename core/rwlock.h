/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader-writer lock of a domain: `kind: rwlock` in the config. Any number of readers, or one writer. Each has a record, so that a dead
 * reader is found and hinders nobody, and a dead writer is found and told to who comes next. Who waits to write keeps new readers out, each
 * for at most one slice (`wait_slice_us`), so that neither starves the other.
 */
#ifndef TAKT_CORE_RWLOCK_H
#define TAKT_CORE_RWLOCK_H

#include "core/sync.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a thread has of it; in shared memory. */
enum takt_rwlock_state {
	TAKT_RWLOCK_NONE = 0,
	TAKT_RWLOCK_READS = 1,
	TAKT_RWLOCK_WRITES = 2,
	TAKT_RWLOCK_WANTS_TO_WRITE = 3
};

struct takt_rwlock {
	struct takt_sync sync;
	enum takt_rwlock_state state; /* what this handle has */
	uint32_t needs_repair;
	uint64_t polite_until_ns; /* lets those go first that wait to write */
};

/* As takt_semaphore_attach. */
TAKT_CHECKED enum takt_status takt_rwlock_attach(struct takt_rwlock *rwlock, struct takt_waiter *waiter,
						 const char *name);
/* Unlocks where it is locked, and ends it. Safe on one that is not attached. */
void takt_rwlock_detach(struct takt_rwlock *rwlock);

/**
 * Locks for reading, or for writing.
 * @param deadline_ns absolute CLOCK_MONOTONIC; one that has passed makes it one try
 * @param needs_repair 1: a writer died while it had it, and nobody has written since: what it guards may be half changed. Unlocking after
 *        writing says that it has been repaired. Written on TAKT_OK only.
 * @retval TAKT_OK  @retval TAKT_TIMEOUT living processes have it  @retval TAKT_STOPPED  @retval TAKT_CORRUPT  @retval TAKT_CLOSED
 * RT: safe; bounded by the deadline, and `lock_bound_us` where a process is stopped inside the object's own lock.
 * Threads: the waiter's. Not recursive, and no upgrade: asserted.
 * Order: everything stored by writers before is visible.
 */
TAKT_CHECKED enum takt_status takt_rwlock_read_until(struct takt_rwlock *rwlock, uint64_t deadline_ns,
						     int *needs_repair);
TAKT_CHECKED enum takt_status takt_rwlock_write_until(struct takt_rwlock *rwlock, uint64_t deadline_ns,
						      int *needs_repair);
/* The same without waiting. @retval TAKT_BUSY others have it, or its lock, just now */
TAKT_CHECKED enum takt_status takt_rwlock_try_read(struct takt_rwlock *rwlock, int *needs_repair);
TAKT_CHECKED enum takt_status takt_rwlock_try_write(struct takt_rwlock *rwlock, int *needs_repair);

/* Unlocks. @retval TAKT_OK  @retval TAKT_TIMEOUT a living process held the object's own lock for `lock_bound_us`: it is still locked, try again
 * @retval TAKT_CORRUPT  @retval TAKT_CLOSED. RT: safe; one system call for each thread that sleeps on it. */
TAKT_CHECKED enum takt_status takt_rwlock_unlock(struct takt_rwlock *rwlock);

#ifdef __cplusplus
}
#endif
#endif
