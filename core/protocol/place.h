/* SPDX-License-Identifier: Apache-2.0 */
/* A node's place in the roster: the token of the process that is this node, swapped for one's own when it is nobody's. */
#ifndef TAKT_CORE_PROTOCOL_PLACE_H
#define TAKT_CORE_PROTOCOL_PLACE_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/layout.h"

static inline uint64_t takt_place_occupant(const struct takt_roster_node_shm *place)
{
	/* Relaxed: whether that occupant lives is asked of the kernel. */
	return atomic_load_explicit(&place->token, memory_order_relaxed);
}

/* One attempt at a place that was seen to be `seen`'s, who is gone. @retval 1 it is ours */
static inline int takt_place_claim(struct takt_roster_node_shm *place, uint64_t seen, uint64_t token)
{
	/* J1 acquire: what an occupant that left stored before our own work. Pairs with J2. A dead one is ordered by the kernel's
	 * verdict (PL1). */
	return atomic_compare_exchange_strong_explicit(&place->token, &seen, token, memory_order_acquire,
						       memory_order_relaxed);
}

/* Only if it is still ours. */
static inline void takt_place_leave(struct takt_roster_node_shm *place, uint64_t token)
{
	/* J2 release: our stores into what belongs to the place before it is free. Pairs with J1: who finds the place free asks
	 * the kernel nothing. Without it the next occupant's stores and ours could mix. */
	(void)atomic_compare_exchange_strong_explicit(&place->token, &token, 0, memory_order_release,
						      memory_order_relaxed);
}

#endif
