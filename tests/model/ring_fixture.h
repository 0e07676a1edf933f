/* SPDX-License-Identifier: Apache-2.0 */
/* A small topic for the models, and a publisher as core/publish.c has it: the order of the protocol's calls is what counts. */
#ifndef TAKT_TESTS_MODEL_RING_FIXTURE_H
#define TAKT_TESTS_MODEL_RING_FIXTURE_H

#include <stdatomic.h>
#include <string.h>

#include "core/protocol/ring.h"
#include "tests/model/model.h"

#define DEPTH	    2u
#define PIN_COUNT   1u
#define SPARE_COUNT 2u /* one publisher, one borrow */
#define SLOT_COUNT  (DEPTH + SPARE_COUNT)

struct slot {
	struct takt_slot_shm header;
	takt_word payload[2];
};

static struct {
	_Atomic uint64_t head;
	_Atomic uint64_t cells[DEPTH];
	struct takt_spare_shm spares[SPARE_COUNT];
	struct takt_pin_shm pins[PIN_COUNT];
	struct slot slots[SLOT_COUNT];
} topic;

static const struct takt_ring ring = {
	.head = &topic.head,
	.cells = topic.cells,
	.slots = (unsigned char *)topic.slots,
	.spares = topic.spares,
	.pins = topic.pins,
	.depth_mask = DEPTH - 1,
	.slot_count = SLOT_COUNT,
	.slot_bytes = sizeof(struct slot),
	.payload_bytes = sizeof(topic.slots[0].payload),
	.spare_count = SPARE_COUNT,
	.pin_count = PIN_COUNT,
};

/* What a publisher keeps to itself. */
struct publisher {
	uint32_t spare_index;
	uint32_t slot_index;
};

static inline struct slot *slot_at(uint32_t slot_index)
{
	return (struct slot *)(void *)takt_ring_slot(&ring, slot_index);
}

static inline void claim(struct publisher *publisher, uint32_t first)
{
	publisher->spare_index = takt_ring_choose(&ring, first % SPARE_COUNT);
	/* There is one for each pin and each publisher. */
	MODEL_ASSERT(publisher->spare_index != UINT32_MAX);
	struct takt_spare_shm *spare = takt_ring_spare(&ring, publisher->spare_index);
	atomic_store_explicit(&spare->owner, 1, memory_order_relaxed);
	publisher->slot_index = atomic_load_explicit(&spare->slot_index, memory_order_relaxed);
}

/* P2 to P4, then the choice of the next slot. */
static inline void commit(struct publisher *publisher, uint64_t number)
{
	uint32_t pinned[TAKT_BORROW_COUNT_MAX];
	uint32_t freed = takt_ring_commit(&ring, number, publisher->slot_index);
	uint32_t pinned_count = takt_ring_look_at_pins(&ring, pinned);
	if (!takt_ring_is_pinned(freed, pinned, pinned_count)) {
		publisher->slot_index = freed;
		return;
	}
	uint32_t spare_index = publisher->spare_index;
	atomic_store_explicit(&takt_ring_spare(&ring, spare_index)->slot_index, freed, memory_order_relaxed);
	takt_ring_unclaim(&ring, spare_index);
	claim(publisher, spare_index + 1);
}

/* An empty topic: all cells and spares name a slot of their own. */
static inline void make_topic(void)
{
	memset(&topic, 0, sizeof(topic));
	for (uint32_t i = 0; i < DEPTH; i++)
		atomic_store_explicit(&topic.cells[i], takt_cell_pack(i == 0 ? 0 : (uint64_t)i - DEPTH, i),
				      memory_order_relaxed);
	for (uint32_t i = 0; i < SPARE_COUNT; i++)
		atomic_store_explicit(&topic.spares[i].slot_index, DEPTH + i, memory_order_relaxed);
}

#endif
