/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handover of a news helper's looks: between a node's event loop, which says from where on a sample is news, and the helper thread,
 * which waits for one. One word says whose those positions are, and each hands them to the other.
 *
 * Sleeping and waking is the callers'. No system call and no hook is in this file.
 */
#ifndef TAKT_CORE_PROTOCOL_HANDOVER_H
#define TAKT_CORE_PROTOCOL_HANDOVER_H

#include <stdatomic.h>
#include <stdint.h>

enum takt_handover { TAKT_HANDOVER_LOOP = 0, TAKT_HANDOVER_HELPER = 1 };

/* The loop's. @retval 1 the positions are its own, to be written */
static inline int takt_handover_is_loops(const _Atomic uint32_t *word)
{
	/* H1 acquire: the word before the positions are written anew. Pairs with H4. Without it the helper's last look could meet half
	 * of a new position. */
	return atomic_load_explicit(word, memory_order_acquire) == TAKT_HANDOVER_LOOP;
}

/* The loop's: hands them over. */
static inline void takt_handover_arm(_Atomic uint32_t *word)
{
	/* H2 release: the positions before the word. Pairs with H3. Without it the helper looks from where the loop had been before, and
	 * calls it for what it has read. */
	atomic_store_explicit(word, TAKT_HANDOVER_HELPER, memory_order_release);
}

/* The helper's. @retval 1 the positions are its own, to be looked at */
static inline int takt_handover_is_helpers(const _Atomic uint32_t *word)
{
	/* H3 acquire: the word before the positions. Pairs with H2. */
	return atomic_load_explicit(word, memory_order_acquire) == TAKT_HANDOVER_HELPER;
}

/* The helper's: hands them back, before it calls the loop. */
static inline void takt_handover_return(_Atomic uint32_t *word)
{
	/* H4 release: the helper's looks before the word. Pairs with H1. */
	atomic_store_explicit(word, TAKT_HANDOVER_LOOP, memory_order_release);
}

#endif
