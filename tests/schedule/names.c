/* SPDX-License-Identifier: Apache-2.0 */
/* Names of shared words, for people who read a schedule. */
#include <stdio.h>

#include "core/protocol/ring.h"
#include "tests/schedule/scenario.h"
#include "tests/schedule/stage.h"

struct range {
	const char *name;
	uint64_t offset; /* in the arena */
	uint32_t bytes;	 /* of one item */
	uint32_t count;
};

static int is_in(const struct range *range, uint64_t offset)
{
	return offset >= range->offset && offset < range->offset + (uint64_t)range->bytes * range->count;
}

void scenario_name_address(const void *address, char *text, uint32_t bytes)
{
	const struct takt_domain *domain = &nodes[0].domain;
	const struct takt_ring *ring = &actors[0].publisher.ring;
	const struct takt_topic_shm *topic = stage_topic();
	const uint64_t base = (uint64_t)((const unsigned char *)topic - machine_arena);
	const uint64_t offset = (uint64_t)((const unsigned char *)address - machine_arena);
	const struct range ranges[] = {
		{"place", domain->nodes_offset, sizeof(struct takt_roster_node_shm), domain->node_count},
		{"wake", domain->waiters_offset, sizeof(struct takt_roster_waiter_shm), domain->waiter_count},
		{"mask", domain->masks_offset, sizeof(struct takt_mask_shm), domain->topic_count},
		{"pin", domain->pins_offset, sizeof(struct takt_pin_shm), domain->pin_count},
		{"head", base + offsetof(struct takt_topic_shm, head), sizeof(uint64_t), 1},
		{"lock", base + offsetof(struct takt_topic_shm, lock), sizeof(struct takt_lock_shm), 1},
		{"topic", base, sizeof(struct takt_topic_shm), 1},
		{"cell", stage_cells_offset(), sizeof(uint64_t), ring->depth_mask + 1},
		{"spare", stage_spares_offset(), sizeof(struct takt_spare_shm), ring->spare_count},
		{"slot", stage_slots_offset(), ring->slot_bytes, ring->slot_count},
	};

	for (uint32_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (!is_in(&ranges[i], offset))
			continue;
		const uint64_t into = offset - ranges[i].offset;
		(void)snprintf(text, bytes, "%s %u + %u", ranges[i].name, (unsigned)(into / ranges[i].bytes),
			       (unsigned)(into % ranges[i].bytes));
		return;
	}
	(void)snprintf(text, bytes, "arena + %u", (unsigned)offset);
}
