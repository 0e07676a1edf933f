/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An abandoned loan is given back without the right to publish, and another publisher, who has it, takes its slot: C1, C2. Both store
 * into that slot, one after the other.
 */
#include "tests/model/ring_fixture.h"

static uint32_t lent;
static _Atomic uint32_t publisher_count;

static void begin(void)
{
	make_topic();
	struct publisher lender;
	claim(&lender, 0);
	lent = lender.spare_index;
	/* The only other spare is somebody's. */
	atomic_store_explicit(&topic.spares[1 - lent].owner, 2, memory_order_relaxed);
	atomic_store_explicit(&publisher_count, 0, memory_order_relaxed);
}

static struct slot *slot_of(uint32_t spare_index)
{
	return slot_at(atomic_load_explicit(&topic.spares[spare_index].slot_index, memory_order_relaxed));
}

/* Has a loan, fills half of it, and abandons it. */
static void lender(void)
{
	struct slot *slot = slot_of(lent);
	MODEL_PUT(slot->payload[0], 1);
	MODEL_PUT(slot->payload[1], 1);
	takt_ring_unclaim(&ring, lent);
}

static void publisher(void)
{
	for (unsigned attempt = 0; attempt < 3; attempt++) {
		uint32_t spare_index = takt_ring_choose(&ring, 0);
		if (spare_index == UINT32_MAX)
			continue;
		MODEL_ASSERT(spare_index == lent);
		struct slot *slot = slot_of(spare_index);
		MODEL_PUT(slot->payload[0], 2);
		MODEL_PUT(slot->payload[1], 2);
		atomic_store_explicit(&publisher_count, 1, memory_order_relaxed);
		return;
	}
}

static void end(void)
{
	takt_word expected = atomic_load_explicit(&publisher_count, memory_order_relaxed) ? 2 : 1;
	const struct slot *slot = slot_of(lent);
	MODEL_ASSERT(slot->payload[0] == expected && slot->payload[1] == expected);
}

MODEL_PROGRAM("pool_claims", begin, end, {lender, publisher})
