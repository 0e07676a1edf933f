/* SPDX-License-Identifier: Apache-2.0 */
/* One band of two slots, and what the programs do with it: as core/push.c and core/take.c, one step after the other. */
#ifndef TAKT_TESTS_MODEL_QUEUE_FIXTURE_H
#define TAKT_TESTS_MODEL_QUEUE_FIXTURE_H

#include <string.h>

#include "core/protocol/queue.h"
#include "tests/model/model.h"

#define DEPTH	   2u
#define WORD_COUNT 2u

struct slot {
	struct takt_item_shm item;
	_Atomic takt_word payload[WORD_COUNT];
};

static struct takt_band_shm shared;
static struct takt_entry_shm entries[DEPTH];
static struct slot slots[DEPTH];
static const struct takt_band band = {.shared = &shared,
				      .entries = entries,
				      .slots = (unsigned char *)slots,
				      .depth_mask = DEPTH - 1,
				      .slot_bytes = sizeof(struct slot),
				      .payload_bytes = sizeof(takt_word) * WORD_COUNT};

static inline void make_band(void)
{
	memset(&shared, 0, sizeof(shared));
	memset(entries, 0, sizeof(entries));
	memset(slots, 0, sizeof(slots));
	/* The checker knows an object from its first store on. */
	atomic_store_explicit(&shared.tail, 0, memory_order_relaxed);
	atomic_store_explicit(&shared.head, 0, memory_order_relaxed);
	for (uint32_t i = 0; i < DEPTH; i++) {
		atomic_store_explicit(&entries[i].sequence, i, memory_order_relaxed);
		atomic_store_explicit(&entries[i].leased, 0, memory_order_relaxed);
		atomic_store_explicit(&entries[i].token, 0, memory_order_relaxed);
		atomic_store_explicit(&slots[i].item.number, 0, memory_order_relaxed);
	}
}

static inline void fill(uint64_t position)
{
	const takt_word payload[WORD_COUNT] = {(takt_word)position * 3 + 1, (takt_word)position * 5 + 2};
	const struct takt_item_header header = {.push_ns = position * 7};
	takt_item_fill(&band, position, &header, payload);
}

/* What a copy gave is the item, all of it. @retval 1 it was whole */
static inline int copy(uint64_t position)
{
	struct takt_item_header header;
	takt_word payload[WORD_COUNT];
	if (takt_item_copy(&band, position, &header, payload) != TAKT_ITEM_WHOLE)
		return 0;
	MODEL_ASSERT(header.push_ns == position * 7);
	MODEL_ASSERT(payload[0] == position * 3 + 1 && payload[1] == position * 5 + 2);
	return 1;
}

#endif
