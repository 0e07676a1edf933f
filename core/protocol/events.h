/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event flags: 32 bits in one word, without a lock. The word is the truth; who is to be woken stands in the waiting mask, as for a topic.
 */
#ifndef TAKT_CORE_PROTOCOL_EVENTS_H
#define TAKT_CORE_PROTOCOL_EVENTS_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/layout.h"

/* Sets bits. takt_wait_collect follows. */
static inline void takt_events_raise(struct takt_sync_shm *shared, uint32_t bits)
{
	/* E1 release: what we did before the bits that tell of it. Pairs with E2. Without it a waiter goes on before what it waited for
	 * is there. */
	atomic_fetch_or_explicit(&shared->word, bits, memory_order_release);
	/* E3 seq_cst fence: the bits before our look at the mask (A2). Pairs with W3. Without it we could see nobody waiting while the
	 * waiter sees no bit, and it would sleep through them. */
	atomic_thread_fence(memory_order_seq_cst);
}

static inline uint32_t takt_events_seen(struct takt_sync_shm *shared)
{
	/* E2 acquire: the bits before what they tell of. Pairs with E1. */
	return (uint32_t)atomic_load_explicit(&shared->word, memory_order_acquire);
}

/* Takes bits away that were seen. @retval 1 they were there until now, and are ours alone */
static inline int takt_events_take(struct takt_sync_shm *shared, uint32_t seen, uint32_t bits)
{
	uint64_t expected = seen;
	/* E2 again: bits that were set once more since we looked tell of more. Relaxed on failure: looked at again. */
	return atomic_compare_exchange_strong_explicit(&shared->word, &expected, seen & ~bits, memory_order_acquire,
						       memory_order_relaxed);
}

static inline void takt_events_lower(struct takt_sync_shm *shared, uint32_t bits)
{
	/* Relaxed: tells of nothing. */
	atomic_fetch_and_explicit(&shared->word, ~(uint64_t)bits, memory_order_relaxed);
}

#endif
