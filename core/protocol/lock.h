/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lock that survives its owner. One 64-bit word: bit 63 contended, the low 62 bits the owner's token, 0 free. Taken by one
 * compare-and-swap, so the lock and its owner are the same store, and there is no instruction at which a death leaves it without
 * a known owner. Whoever finds a dead owner swaps it for itself, repairs what the lock guards and counts it.
 *
 * Hooks, defined by core/lock.c in the product and by the program in a model: takt_lock_hook_owner, takt_lock_hook_now,
 * takt_lock_hook_pause,
 * takt_lock_hook_prepare, takt_lock_hook_sleep, takt_lock_hook_post.
 */
#ifndef TAKT_CORE_PROTOCOL_LOCK_H
#define TAKT_CORE_PROTOCOL_LOCK_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/layout.h"
#include "core/lock.h"

#define TAKT_LOCK_CONTENDED  (UINT64_C(1) << 63)
#define TAKT_LOCK_OWNER_MASK ((UINT64_C(1) << 62) - 1)

enum takt_lock_owner_life { TAKT_LOCK_OWNER_DEAD, TAKT_LOCK_OWNER_ALIVE };

/* Does the process with this token live? A verdict "dead" has a full fence behind it (L4). */
enum takt_lock_owner_life takt_lock_hook_owner(const struct takt_lock *lock, uint64_t token);
uint64_t takt_lock_hook_now(void);
void takt_lock_hook_pause(uint64_t deadline_ns);
uint32_t takt_lock_hook_prepare(struct takt_lock_shm *shared);
void takt_lock_hook_sleep(struct takt_lock_shm *shared, uint32_t prepared, uint64_t deadline_ns);
void takt_lock_hook_post(struct takt_lock_shm *shared);

/* One attempt at a word that was seen as `*seen`. @retval 1 it is ours, *seen says what was there before */
static inline int takt_lock_swap(struct takt_lock_shm *shared, uint64_t *seen, uint64_t mine)
{
	/* L1 acquire: the lock before what it guards. Pairs with L2. Without it the new owner could work on what the last one
	 * had not stored yet. Relaxed on failure: the word is looked at again. */
	return atomic_compare_exchange_strong_explicit(&shared->owner, seen, mine, memory_order_acquire,
						       memory_order_relaxed);
}

/* Frees it and wakes one waiter where there may be any. @retval 1 when it was contended */
static inline int takt_lock_release(struct takt_lock *lock)
{
	struct takt_lock_shm *shared = lock->shared;
	/* L2 release: what was guarded before the lock is free. Pairs with L1. */
	uint64_t before = atomic_exchange_explicit(&shared->owner, 0, memory_order_release);
	int contended = (before & TAKT_LOCK_CONTENDED) != 0;
	if (contended)
		takt_lock_hook_post(shared);
	return contended;
}

/* After a contended release: lets somebody else have it first, for at most one slice. */
static inline void takt_lock_hand_over(struct takt_lock *lock, uint64_t now_ns, uint64_t deadline_ns)
{
	struct takt_lock_shm *shared = lock->shared;
	uint64_t end_ns = now_ns + TAKT_LOCK_SLICE_NS;
	if (end_ns > deadline_ns)
		end_ns = deadline_ns;
	/* Relaxed: `turn` only says whether somebody had the lock since; nothing hangs on when we see it. */
	while (atomic_load_explicit(&shared->turn, memory_order_relaxed) == lock->turn_released && now_ns < end_ns) {
		uint64_t pause_ns = now_ns + TAKT_LOCK_PAUSE_NS;
		/* Not on the semaphore: that would take the wake-up of the one who is to have the lock. */
		takt_lock_hook_pause(pause_ns < end_ns ? pause_ns : end_ns);
		now_ns = takt_lock_hook_now();
	}
}

enum takt_lock_result { TAKT_LOCK_TAKEN, TAKT_LOCK_TAKEN_OVER, TAKT_LOCK_TIMED_OUT };

/* Takes it until the deadline. TAKT_LOCK_TAKEN_OVER: the owner died holding it, and the caller repairs what it guards first. */
static inline enum takt_lock_result takt_lock_acquire(struct takt_lock *lock, uint64_t deadline_ns)
{
	struct takt_lock_shm *shared = lock->shared;
	uint64_t mine = lock->token;
	/* The bound: a slice costs TAKT_LOCK_SLICE_NS, a lost race nothing, so races between two looks at the clock are bounded. */
	for (uint32_t races = 0;;) {
		uint64_t seen = 0;
		if (takt_lock_swap(shared, &seen, mine))
			return TAKT_LOCK_TAKEN;
		if (takt_lock_hook_owner(lock, seen & TAKT_LOCK_OWNER_MASK) == TAKT_LOCK_OWNER_DEAD) {
			/* Sleepers that the dead one would have woken are ours to wake: contended. */
			if (takt_lock_swap(shared, &seen, lock->token | TAKT_LOCK_CONTENDED))
				return TAKT_LOCK_TAKEN_OVER;
			if (++races < TAKT_LOCK_TRIES_MAX)
				continue;
		}
		uint64_t now_ns = takt_lock_hook_now();
		if (now_ns >= deadline_ns)
			return TAKT_LOCK_TIMED_OUT;
		uint32_t prepared = takt_lock_hook_prepare(shared);
		/* L3 relaxed: the bit changes nothing but whether the owner posts; prepared before it, so that the post that
		 * it causes ends the sleep below. A lost race means that the word moved: look again. A word that is contended
		 * already is swapped for itself: its owner may have released it, and posted, before we prepared. */
		if (!atomic_compare_exchange_strong_explicit(&shared->owner, &seen, seen | TAKT_LOCK_CONTENDED,
							     memory_order_relaxed, memory_order_relaxed)) {
			if (++races < TAKT_LOCK_TRIES_MAX)
				continue;
		}
		races = 0;
		/* Having slept we cannot know whether others sleep too, so the lock is taken contended. */
		mine = lock->token | TAKT_LOCK_CONTENDED;
		uint64_t slice_ns = now_ns + TAKT_LOCK_SLICE_NS;
		takt_lock_hook_sleep(shared, prepared, slice_ns < deadline_ns ? slice_ns : deadline_ns);
	}
}

#endif
