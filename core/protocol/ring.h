/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells and pool: how a sample is published, copied and borrowed.
 *
 * A cell is one 64-bit word: the low 48 bits of a sample's number and the index of the slot that holds it. It never names a
 * half-written slot, so a loan, a slow or a dead publisher destroys nothing. All slots are named either by a cell or by one spare;
 * publishing swaps the spare's slot with the one that the cell named before. Tags: core/README.md.
 *
 * No system call and no hook is in this file: a model checker takes it as it stands.
 */
#ifndef TAKT_CORE_PROTOCOL_RING_H
#define TAKT_CORE_PROTOCOL_RING_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/layout.h"
#include "core/protocol/words.h"
#include "core/ring.h"

#define TAKT_CELL_SLOT_BITS 16u
#define TAKT_CELL_SLOT_MASK 0xffffu

enum takt_ring_outcome { TAKT_RING_GOT, TAKT_RING_NOT_YET, TAKT_RING_OVERWRITTEN };

_Static_assert(sizeof(struct takt_sample_header) <= sizeof(struct takt_slot_shm), "the header fits into its slot");
_Static_assert(offsetof(struct takt_slot_shm, origin_ns) == 24,
	       "order of the header's words in takt_ring_store_header");

static inline uint64_t takt_cell_pack(uint64_t number, uint32_t slot_index)
{
	return number << TAKT_CELL_SLOT_BITS | slot_index;
}

/* How far the cell's number is ahead of `number`: negative not yet there, 0 it is, positive overwritten. Modulo 2^48. */
static inline int64_t takt_cell_distance(uint64_t cell, uint64_t number)
{
	return (int64_t)((cell & ~(uint64_t)TAKT_CELL_SLOT_MASK) - (number << TAKT_CELL_SLOT_BITS));
}

static inline _Atomic uint64_t *takt_ring_cell(const struct takt_ring *ring, uint64_t number)
{
	return (_Atomic uint64_t *)ring->cells + (number & ring->depth_mask);
}

static inline _Atomic uint64_t *takt_ring_head(const struct takt_ring *ring)
{
	return ring->head;
}

static inline struct takt_spare_shm *takt_ring_spare(const struct takt_ring *ring, uint32_t index)
{
	return (struct takt_spare_shm *)ring->spares + index;
}

static inline struct takt_pin_shm *takt_ring_pin(const struct takt_ring *ring, uint32_t index)
{
	return (struct takt_pin_shm *)ring->pins + index;
}

/* The slot that a cell or a spare names. What comes from shared memory is clamped: a wrong index reads a wrong slot, never outside. */
static inline unsigned char *takt_ring_slot(const struct takt_ring *ring, uint64_t slot_index)
{
	uint32_t index = (uint32_t)(slot_index & TAKT_CELL_SLOT_MASK);
	if (index >= ring->slot_count)
		index = 0;
	return ring->slots + (size_t)index * ring->slot_bytes;
}

/* ------------------------------------------------------------------------------------------------ publish */

/* P0, first half: a predecessor that died between P2 and P3 has used the number head + 1; without this it would be used twice. */
static inline uint64_t takt_ring_roll_forward(const struct takt_ring *ring)
{
	/* Relaxed: only publishers write it, and the right to publish was handed over through the kernel or the lock. */
	uint64_t head = atomic_load_explicit(takt_ring_head(ring), memory_order_relaxed);
	uint64_t cell = atomic_load_explicit(takt_ring_cell(ring, head + 1), memory_order_relaxed);

	if (takt_cell_distance(cell, head + 1) == 0) {
		head++;
		/* P0 release: as P3, on behalf of the dead publisher. Pairs with R0. Without it a reader could see the
		 * number before the sample. */
		atomic_store_explicit(takt_ring_head(ring), head, memory_order_release);
	}
	/* P0 seq_cst fence: the dead publisher may not have reached P4: its cell stores before our look at the pins (P5). Pairs
	 * with B3. Without it a slot that a borrower has just pinned could be taken for free. */
	atomic_thread_fence(memory_order_seq_cst);
	return head;
}

/* Fills the words before a payload. Relaxed words, ordered like the payload's. */
static inline void takt_ring_store_header(unsigned char *slot, const struct takt_sample_header *header)
{
	struct takt_slot_shm words = {
		.number = header->number,
		.publish_ns = header->publish_ns,
		.origin_number = header->origin.number,
		.origin_ns = header->origin.time_ns,
		.origin_topic_index = header->origin.topic_index,
	};
	takt_words_store(slot, &words, offsetof(struct takt_slot_shm, reserved));
}

/**
 * P2 to P4: the filled slot becomes sample `number`.
 * @retval the index of the slot that the cell named before; it is the publisher's now
 */
static inline uint32_t takt_ring_commit(const struct takt_ring *ring, uint64_t number, uint32_t slot_index)
{
	_Atomic uint64_t *cell = takt_ring_cell(ring, number);
	/* Relaxed: only publishers write cells, one at a time. */
	uint64_t before = atomic_load_explicit(cell, memory_order_relaxed);

	/* P2 release: payload and header before the cell. Pairs with R1 and B1. Without it a reader that sees the number could
	 * copy an older payload. */
	atomic_store_explicit(cell, takt_cell_pack(number, slot_index), memory_order_release);
	/* P3 release: the cell before head. Pairs with R0. Without it a reader could follow head to a cell that still
	 * holds the number before, and would report loss where there is none. */
	atomic_store_explicit(takt_ring_head(ring), number, memory_order_release);
	/* P4 seq_cst fence: the cell before the looks at the waiting mask (A2) and at the pins (P5), and before any store
	 * into the slot that has just become free. Pairs with W3 and B3: of two sides that store and then load, one at
	 * least sees the other. Without it a wake-up is lost, or a borrowed slot is overwritten. */
	atomic_thread_fence(memory_order_seq_cst);
	return (uint32_t)(before & TAKT_CELL_SLOT_MASK);
}

/* P5: one look at every pin of the topic. @retval how many words stand in `pinned` (slot + 1 each) */
static inline uint32_t takt_ring_look_at_pins(const struct takt_ring *ring, uint32_t pinned[TAKT_BORROW_COUNT_MAX])
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < ring->pin_count; i++) {
		/* P5 acquire: the borrower's reads before our stores into the slot it gave back. Pairs with B6. Without it a
		 * borrower could see our next payload before it has unpinned. */
		uint32_t word = atomic_load_explicit(&takt_ring_pin(ring, i)->slot_plus_one, memory_order_acquire);
		if (word)
			pinned[count++] = word;
	}
	return count;
}

static inline int takt_ring_is_pinned(uint32_t slot_index, const uint32_t *pinned, uint32_t pinned_count)
{
	for (uint32_t i = 0; i < pinned_count; i++)
		if (pinned[i] == slot_index + 1)
			return 1;
	return 0;
}

/**
 * P5: a spare that nobody owns and whose slot nobody has pinned. Only by whoever has the right to publish.
 * @retval its index; UINT32_MAX when all are taken
 */
static inline uint32_t takt_ring_choose(const struct takt_ring *ring, uint32_t first)
{
	uint32_t pinned[TAKT_BORROW_COUNT_MAX];
	uint32_t pinned_count = takt_ring_look_at_pins(ring, pinned);

	for (uint32_t i = 0, index = first; i < ring->spare_count; i++, index++) {
		if (index >= ring->spare_count)
			index = 0;
		const struct takt_spare_shm *spare = takt_ring_spare(ring, index);
		/* C2 acquire: whatever the last owner stored into the slot before we do. Pairs with C1. */
		if (atomic_load_explicit(&spare->owner, memory_order_acquire))
			continue;
		/* Relaxed: written only with the right to publish, which we have. */
		if (!takt_ring_is_pinned(atomic_load_explicit(&spare->slot_index, memory_order_relaxed), pinned,
					 pinned_count))
			return index;
	}
	return UINT32_MAX;
}

/* Gives a claimed spare back. Needs no right to publish: whoever chooses meanwhile sees it taken or free, and both are right. */
static inline void takt_ring_unclaim(const struct takt_ring *ring, uint32_t spare_index)
{
	/* C1 release: our stores into an abandoned slot before it is free for another publisher. Pairs with C2. Without it our
	 * words could land in its sample. */
	atomic_store_explicit(&takt_ring_spare(ring, spare_index)->owner, 0, memory_order_release);
}

/* --------------------------------------------------------------------------------------------------- copy */

/* The newest number there is; 0 when nothing was ever published. */
static inline uint64_t takt_ring_newest(const struct takt_ring *ring)
{
	/* R0 acquire: head before its cell. Pairs with P3. Without it the cell could look older than head says. */
	uint64_t number = atomic_load_explicit(takt_ring_head(ring), memory_order_acquire);
	/* The publisher may be between P2 and P3, or have died there; or be round the ring since we loaded head: then head + 1
	 * was there long ago, and a caller may have seen it. The answer never goes back. */
	uint64_t cell = atomic_load_explicit(takt_ring_cell(ring, number + 1), memory_order_acquire);
	int64_t distance = takt_cell_distance(cell, number + 1);
	return distance < 0 ? number : number + 1 + ((uint64_t)distance >> TAKT_CELL_SLOT_BITS);
}

/* Where a reader goes on whose cell held a later number than it wanted: `back` samples behind the newest. */
static inline uint64_t takt_ring_resume(const struct takt_ring *ring, uint64_t back)
{
	/* R3 acquire fence: the cell that was seen changed before head. Pairs with P2. Without it head could look older than the
	 * cell, and a reader that is merely late would call the topic corrupt. */
	atomic_thread_fence(memory_order_acquire);
	uint64_t newest = takt_ring_newest(ring);
	return newest > back ? newest - back : 1;
}

/* 1 when sample `number` is there or has been already, or when its cell holds what no publisher leaves there: a cell waits for its next
 * number with the one a lap before it. So damage is news, and the read that follows says what it is. */
static inline int takt_ring_has(const struct takt_ring *ring, uint64_t number)
{
	/* R1 acquire, as in takt_ring_copy: a waiter that finds news here may read it. */
	uint64_t cell = atomic_load_explicit(takt_ring_cell(ring, number), memory_order_acquire);
	uint64_t lap = ((uint64_t)ring->depth_mask + 1) << TAKT_CELL_SLOT_BITS;
	return (uint64_t)takt_cell_distance(cell, number) + lap >= lap;
}

/* 1 when the cell holds what no publisher leaves there: a number more than a lap before `number`, which is the next to come or older. */
static inline int takt_ring_lags(const struct takt_ring *ring, uint64_t number)
{
	/* Relaxed: a cell never goes back, whenever one looks. */
	uint64_t cell = atomic_load_explicit(takt_ring_cell(ring, number), memory_order_relaxed);
	return takt_cell_distance(cell, number) < -(int64_t)(((uint64_t)ring->depth_mask + 1) << TAKT_CELL_SLOT_BITS);
}

static inline void takt_ring_load_header(struct takt_sample_header *header, const unsigned char *slot)
{
	struct takt_slot_shm words;
	takt_words_load(&words, slot, offsetof(struct takt_slot_shm, reserved));
	header->number = words.number;
	header->publish_ns = words.publish_ns;
	header->origin.topic_index = (uint32_t)words.origin_topic_index;
	header->origin.reserved = 0;
	header->origin.number = words.origin_number;
	header->origin.time_ns = words.origin_ns;
}

/* Copies sample `number`, or only its header where `payload` is NULL. On TAKT_RING_OVERWRITTEN header and payload hold a mixture that means nothing. */
static inline enum takt_ring_outcome takt_ring_copy(const struct takt_ring *ring, uint64_t number,
						    struct takt_sample_header *header, void *payload)
{
	const _Atomic uint64_t *cell = takt_ring_cell(ring, number);
	/* R1 acquire: the cell before the words. Pairs with P2. Without it an older payload could be copied. */
	uint64_t before = atomic_load_explicit(cell, memory_order_acquire);
	int64_t distance = takt_cell_distance(before, number);
	if (distance != 0)
		return distance < 0 ? TAKT_RING_NOT_YET : TAKT_RING_OVERWRITTEN;

	const unsigned char *slot = takt_ring_slot(ring, before);
	takt_ring_load_header(header, slot);
	if (payload)
		takt_payload_load(payload, slot + sizeof(struct takt_slot_shm), ring->payload_bytes);
	/* R2 acquire fence: the words before the second look. Pairs with P4: a publisher that stored a word which we
	 * copied had changed the cell before. Without it half of a newer payload could be accepted. */
	atomic_thread_fence(memory_order_acquire);
	/* Relaxed: ordered by R2. */
	uint64_t after = atomic_load_explicit(cell, memory_order_relaxed);
	return after == before ? TAKT_RING_GOT : TAKT_RING_OVERWRITTEN;
}

/* ------------------------------------------------------------------------------------------------- borrow */

static inline void takt_ring_unpin(struct takt_pin_shm *pin)
{
	/* B6 release: our reads before the slot is free. Pairs with P5. Without it the publisher's next payload could be
	 * seen by reads that stand before this line. */
	atomic_store_explicit(&pin->slot_plus_one, 0, memory_order_release);
}

/* Makes a pin one's own that was seen to be `owner`'s, who is gone, and empties it. @retval 1 it is ours */
static inline int takt_ring_take_pin(struct takt_pin_shm *pin, uint64_t owner, uint64_t token)
{
	/* B8 acquire: the last owner's stores into the pin before ours. Pairs with B7. Without it its last 0 could land on top of
	 * our first slot, and the slot would be overwritten while we read it. */
	if (!atomic_compare_exchange_strong_explicit(&pin->owner, &owner, token, memory_order_acquire,
						     memory_order_relaxed))
		return 0;
	takt_ring_unpin(pin);
	return 1;
}

static inline void takt_ring_give_pin(struct takt_pin_shm *pin)
{
	takt_ring_unpin(pin);
	/* B7 release: our stores into the pin before it is another's. Pairs with B8. */
	atomic_store_explicit(&pin->owner, 0, memory_order_release);
}

/* 1 when the pin still names the slot and the slot still holds sample `number`: nobody took the pin away while it was read. */
static inline int takt_ring_kept(const struct takt_ring *ring, const struct takt_pin_shm *pin,
				 const unsigned char *slot, uint64_t number)
{
	const _Atomic takt_word *first = (const void *)slot;
	/* B5 acquire fence: our reads of the payload before both looks. Pairs with P2 and P4, as R2 does. Without it a look could
	 * be older than a read, and the sample that a liar let change under us would be called whole. */
	atomic_thread_fence(memory_order_acquire);
	/* Relaxed: ordered by B5. The number's first word is its low one, all of it where words have 64 bits. */
	uint32_t word = atomic_load_explicit(&pin->slot_plus_one, memory_order_relaxed);
	return word != 0 && takt_ring_slot(ring, word - 1) == slot &&
	       atomic_load_explicit(first, memory_order_relaxed) == (takt_word)number;
}

/* Pins sample `number`, so that it can be read in place until takt_ring_unpin. */
static inline enum takt_ring_outcome takt_ring_borrow(const struct takt_ring *ring, uint64_t number,
						      struct takt_pin_shm *pin, const unsigned char **slot)
{
	const _Atomic uint64_t *cell = takt_ring_cell(ring, number);
	/* B1 acquire: the cell before the payload. Pairs with P2. */
	uint64_t before = atomic_load_explicit(cell, memory_order_acquire);
	int64_t distance = takt_cell_distance(before, number);
	if (distance != 0)
		return distance < 0 ? TAKT_RING_NOT_YET : TAKT_RING_OVERWRITTEN;

	/* B2 release: our reads of the sample that this pin named before come before it names another. Pairs with P5.
	 * Without it a re-used pin would give the old slot back too early. */
	atomic_store_explicit(&pin->slot_plus_one, (uint32_t)(before & TAKT_CELL_SLOT_MASK) + 1, memory_order_release);
	/* B3 seq_cst fence: the pin before the second look at the cell. Pairs with P4 (and P0). Without it both sides
	 * could miss each other: we see the cell unchanged, the publisher sees no pin. */
	atomic_thread_fence(memory_order_seq_cst);
	/* B4 relaxed: ordered by B3. */
	if (atomic_load_explicit(cell, memory_order_relaxed) != before) {
		takt_ring_unpin(pin);
		return TAKT_RING_OVERWRITTEN;
	}
	*slot = takt_ring_slot(ring, before);
	return TAKT_RING_GOT;
}

#endif
