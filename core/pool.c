/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pool.h"

#include <string.h>

#include "core/protocol/lock.h"
#include "core/protocol/ring.h"
#include "platform/message.h"

#define SLOT_COUNT_MAX (TAKT_DEPTH_MAX + TAKT_BORROW_COUNT_MAX + TAKT_LOAN_COUNT_MAX + TAKT_PUBLISHER_COUNT_MAX)

/* Everything here is relaxed: spares are written only with the right to publish, and who gets that right next sees them through
 * the lock (L1, L2) or through the kernel's lock on the presence file. An abandoned loan is given back without it: C1, C2. */

struct slot_set {
	unsigned char has[(SLOT_COUNT_MAX + 7) / 8];
};

static int set_add(struct slot_set *set, uint32_t slot_index)
{
	unsigned char bit = (unsigned char)(1u << (slot_index & 7u));
	int was_there = set->has[slot_index / 8] & bit;
	set->has[slot_index / 8] |= bit;
	return !was_there;
}

static uint32_t next_unnamed(struct slot_set *set, uint32_t slot_count, uint32_t *from)
{
	while (*from < slot_count) {
		uint32_t slot_index = (*from)++;
		if (set_add(set, slot_index))
			return slot_index;
	}
	return UINT32_MAX;
}

static void add_cells(const struct takt_ring *ring, struct slot_set *named)
{
	for (uint32_t i = 0; i <= ring->depth_mask; i++) {
		uint64_t cell = atomic_load_explicit(takt_ring_cell(ring, i), memory_order_relaxed);
		uint32_t slot_index = (uint32_t)(cell & TAKT_CELL_SLOT_MASK);
		if (slot_index < ring->slot_count)
			(void)set_add(named, slot_index);
	}
}

static int owner_is_dead(const struct takt_lock *lock, uint64_t owner)
{
	return lock == NULL || takt_lock_hook_owner(lock, owner) == TAKT_LOCK_OWNER_DEAD;
}

void takt_pool_reclaim(const struct takt_ring *ring, const struct takt_lock *lock)
{
	for (uint32_t i = 0; i < ring->spare_count; i++) {
		uint64_t owner = atomic_load_explicit(&takt_ring_spare(ring, i)->owner, memory_order_relaxed);
		if (owner && owner_is_dead(lock, owner))
			atomic_store_explicit(&takt_ring_spare(ring, i)->owner, 0, memory_order_relaxed);
	}
}

void takt_pool_rebuild(const struct takt_ring *ring, const struct takt_lock *lock)
{
	struct slot_set named;
	uint32_t from = 0;

	/* An initializer would be half a KiB of zeros in the library, to be copied from there. */
	memset(&named, 0, sizeof(named));
	takt_pool_reclaim(ring, lock);
	add_cells(ring, &named);
	/* First those whose slot is right, then those that need one: a living owner fills its slot and must keep it. */
	uint32_t wrong[TAKT_BORROW_COUNT_MAX + TAKT_LOAN_COUNT_MAX + TAKT_PUBLISHER_COUNT_MAX];
	uint32_t wrong_count = 0;
	for (uint32_t i = 0; i < ring->spare_count; i++) {
		uint32_t slot_index = atomic_load_explicit(&takt_ring_spare(ring, i)->slot_index, memory_order_relaxed);
		if (slot_index >= ring->slot_count || !set_add(&named, slot_index))
			wrong[wrong_count++] = i;
	}
	for (uint32_t i = 0; i < wrong_count; i++) {
		uint32_t slot_index = next_unnamed(&named, ring->slot_count, &from);
		TAKT_ASSERT(slot_index != UINT32_MAX);
		atomic_store_explicit(&takt_ring_spare(ring, wrong[i])->slot_index, slot_index, memory_order_relaxed);
	}
}

void takt_pool_claim(const struct takt_ring *ring, uint32_t spare_index, uint64_t token, enum takt_claim purpose)
{
	struct takt_spare_shm *spare = takt_ring_spare(ring, spare_index);
	atomic_store_explicit(&spare->purpose, (uint32_t)purpose, memory_order_relaxed);
	atomic_store_explicit(&spare->owner, token, memory_order_relaxed);
}

void takt_pool_unclaim(const struct takt_ring *ring, uint32_t spare_index)
{
	takt_ring_unclaim(ring, spare_index);
}

void takt_pool_release_all(const struct takt_ring *ring, uint64_t token)
{
	for (uint32_t i = 0; i < ring->spare_count; i++)
		if (atomic_load_explicit(&takt_ring_spare(ring, i)->owner, memory_order_relaxed) == token)
			takt_pool_unclaim(ring, i);
}

uint32_t takt_pool_claim_count(const struct takt_ring *ring, enum takt_claim purpose)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < ring->spare_count; i++) {
		const struct takt_spare_shm *spare = takt_ring_spare(ring, i);
		if (atomic_load_explicit(&spare->owner, memory_order_relaxed) &&
		    atomic_load_explicit(&spare->purpose, memory_order_relaxed) == (uint32_t)purpose)
			count++;
	}
	return count;
}
