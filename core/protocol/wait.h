/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The waiting mask: who wants to be woken by the next publish of a topic. One bit a waiter; the publisher takes the whole word.
 * The bits cause wake-ups and nothing else; whether there is news is looked up in the cells.
 */
#ifndef TAKT_CORE_PROTOCOL_WAIT_H
#define TAKT_CORE_PROTOCOL_WAIT_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/layout.h"

/* W2: sets the own bit where it is not set. */
static inline void takt_wait_arm(struct takt_mask_shm *mask, uint64_t bit)
{
	/* Relaxed look: a bit that is still set was never taken by a publisher, so it will be by the next. */
	if (atomic_load_explicit(&mask->waiting, memory_order_relaxed) & bit)
		return;
	/* W2 acquire: pairs with A3: a waiter that sets its bit behind a publisher's exchange sees that publisher's cell
	 * in the look that follows. P4 and W3 alone order it too; this says it where the two meet. */
	atomic_fetch_or_explicit(&mask->waiting, bit, memory_order_acquire);
}

/* W3: between arming all masks and looking at the topics. */
static inline void takt_wait_fence(void)
{
	/* W3 seq_cst fence: our bits before our looks at the cells (W4). Pairs with P4. Without it the publisher could see no
	 * bit while we see no sample, and we would sleep through it. */
	atomic_thread_fence(memory_order_seq_cst);
}

/* W6: takes the own bit back, so that no publisher posts for nothing. */
static inline void takt_wait_disarm(struct takt_mask_shm *mask, uint64_t bit)
{
	/* Relaxed both: a bit too many or too few costs one spurious wake-up or one slice. */
	if (atomic_load_explicit(&mask->waiting, memory_order_relaxed) & bit)
		atomic_fetch_and_explicit(&mask->waiting, ~bit, memory_order_relaxed);
}

/* A2, A3: after P4. @retval the declared waiters that are to be posted */
static inline uint64_t takt_wait_collect(struct takt_mask_shm *mask, uint64_t declared)
{
	/* A2 relaxed: ordered behind the cell by P4. */
	if ((atomic_load_explicit(&mask->waiting, memory_order_relaxed) & declared) == 0)
		return 0;
	/* A3 release: the cell before the mask is empty. Pairs with W2: a waiter that arms behind this exchange must not miss
	 * our sample and sleep until the next. P4 and W3 alone order it too; this says it where the two meet. */
	return atomic_exchange_explicit(&mask->waiting, 0, memory_order_release) & declared;
}

/* A5: behind U7. What one item or one free slot is news for is one waiter: the first declared one from bit `turn` on, so that each has
 * its turn. @retval its bit; 0: nobody waits */
static inline uint64_t takt_wait_collect_one(struct takt_mask_shm *mask, uint64_t declared, uint64_t turn)
{
	/* Relaxed: ordered behind the step by U7. */
	uint64_t waiting = atomic_load_explicit(&mask->waiting, memory_order_relaxed) & declared;
	while (waiting) {
		uint64_t later = waiting & UINT64_MAX << (turn & 63);
		uint64_t bit = later ? later & -later : waiting & -waiting;
		/* A5 release: the step before the bit is gone. Pairs with W2, as A3 does. A bit that is gone already is somebody
		 * else's to post: the next one then; each turn of the loop takes one away. */
		if (atomic_fetch_and_explicit(&mask->waiting, ~bit, memory_order_release) & bit)
			return bit;
		waiting &= ~bit;
	}
	return 0;
}

#endif
