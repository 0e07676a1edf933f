/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One band of a queue: how an item is pushed, taken, acknowledged, given back and taken from the dead.
 *
 * An entry's sequence is the only truth about its slot: p says "free for position p", p + 1 "item p is in it", and p is the entry's index
 * modulo the depth. Each step is one store:
 *	push		sequence = p + 1	by a producer, under the producers' lock
 *	take		leased = 2p + 3		by a consumer, under the consumers' lock, behind its token
 *	acknowledge	sequence = p + depth	by whose lease it is, without a lock
 *	give back	leased = 2p + 2		by whose lease it is, or by whoever found that one dead, under the consumers' lock
 * A lease names its item, so that an old look at a sequence and a young one at the lease do not make an item of the one and the other
 * that waits: an item is acknowledged and its slot filled again without the consumers' lock.
 * A process that dies between any two instructions has done a step or has not. Tail and head only say where to look first, and are
 * stored so that a death leaves them usable: tail before the push that it counts (a death wastes a number, no slot), head before the
 * item that it must not pass is given back, and behind the take that it passes.
 *
 * A slot whose item somebody works on does not hold up the others: the next push takes the next free slot, and the numbers go on.
 *
 * No system call and no hook is in this file: a model checker takes it as it stands.
 */
#ifndef TAKT_CORE_PROTOCOL_QUEUE_H
#define TAKT_CORE_PROTOCOL_QUEUE_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/band.h"
#include "core/layout.h"
#include "core/protocol/words.h"

#define TAKT_QUEUE_NONE UINT64_MAX /* no position */

static inline struct takt_band_shm *takt_band_shared(const struct takt_band *band)
{
	return band->shared;
}

static inline struct takt_entry_shm *takt_band_entry(const struct takt_band *band, uint64_t position)
{
	return (struct takt_entry_shm *)band->entries + (position & band->depth_mask);
}

static inline unsigned char *takt_band_slot(const struct takt_band *band, uint64_t position)
{
	return band->slots + (size_t)(position & band->depth_mask) * band->slot_bytes;
}

/* Whether a sequence seen in the entry of `position` says that an item is in it. Its number is the sequence. */
static inline int takt_sequence_is_full(const struct takt_band *band, uint64_t sequence, uint64_t position)
{
	return ((sequence - 1 - position) & band->depth_mask) == 0;
}

/* Relaxed everywhere: one who writes, who holds a lock, and for all others a hint. */
static inline uint64_t takt_band_tail(const struct takt_band *band)
{
	return atomic_load_explicit(&takt_band_shared(band)->tail, memory_order_relaxed);
}

static inline uint64_t takt_band_head(const struct takt_band *band)
{
	return atomic_load_explicit(&takt_band_shared(band)->head, memory_order_relaxed);
}

/* ---------------------------------------------------------------------------------------------------- push */

/* The first position from tail on whose slot is free. @retval TAKT_QUEUE_NONE the band is full. Under the producers' lock, or as a hint. */
static inline uint64_t takt_band_find_room(const struct takt_band *band)
{
	uint64_t tail = takt_band_tail(band);
	for (uint64_t i = 0; i <= band->depth_mask; i++) {
		/* U1 acquire: a consumer's reads of the item before our stores into the slot that it freed. Pairs with U6. Without
		 * it a consumer could read the next item's words as its own. */
		uint64_t sequence =
			atomic_load_explicit(&takt_band_entry(band, tail + i)->sequence, memory_order_acquire);
		/* A sequence ahead of its position: somebody has scribbled over tail; that position was used. */
		if (!takt_sequence_is_full(band, sequence, tail + i) && sequence <= tail + i)
			return tail + i;
	}
	return TAKT_QUEUE_NONE;
}

/* What stands before the payload. */
struct takt_item_header {
	uint64_t push_ns;
	uint64_t origin_number;
	uint64_t origin_ns;
	uint64_t origin_topic_index;
};

/* Fills a free slot: number 0 first, so that whoever still reads the item before, because somebody lied about its slot, finds it out. */
static inline void takt_item_fill(const struct takt_band *band, uint64_t position,
				  const struct takt_item_header *header, const void *payload)
{
	unsigned char *slot = takt_band_slot(band, position);
	struct takt_item_shm *item = (struct takt_item_shm *)(void *)slot;

	atomic_store_explicit(&item->number, 0, memory_order_relaxed);
	/* U2 release fence: the number gone before the words change. Pairs with U5. Without it a consumer whose slot a liar freed
	 * could take half of the next item for its own. */
	atomic_thread_fence(memory_order_release);
	/* Relaxed all: ordered by U2 and U3. */
	takt_payload_store(slot + sizeof(*item), payload, band->payload_bytes);
	atomic_store_explicit(&item->push_ns, header->push_ns, memory_order_relaxed);
	atomic_store_explicit(&item->origin_number, header->origin_number, memory_order_relaxed);
	atomic_store_explicit(&item->origin_ns, header->origin_ns, memory_order_relaxed);
	atomic_store_explicit(&item->origin_topic_index, header->origin_topic_index, memory_order_relaxed);
	atomic_store_explicit(&item->number, position + 1, memory_order_relaxed);
}

/* The filled slot becomes item `position`. Under the producers' lock. */
static inline void takt_band_commit(const struct takt_band *band, uint64_t position)
{
	/* U11 release: the items pushed before, in other processes too (L1), before the tail that is beyond them. Pairs with U12. It
	 * comes before this item: who dies now has wasted a number; the other way round it would be used twice. */
	atomic_store_explicit(&takt_band_shared(band)->tail, position + 1, memory_order_release);
	/* U3 release: the item before the sequence that says it is there. Pairs with U4. Without it a consumer could take an older
	 * item's words. */
	atomic_store_explicit(&takt_band_entry(band, position)->sequence, position + 1, memory_order_release);
}

/* U7: behind a step that somebody may wait for, before the look at the waiting mask. */
static inline void takt_queue_fence(void)
{
	/* U7 seq_cst fence: the sequence or lease before the look at the mask (A5). Pairs with W3. Without it we could see nobody
	 * waiting while a waiter sees no item, or no room, and sleeps through it. */
	atomic_thread_fence(memory_order_seq_cst);
}

/* ---------------------------------------------------------------------------------------------------- take */

/* What has become of the item that a sequence tells of. */
enum takt_item_state { TAKT_ITEM_FRESH, TAKT_ITEM_GIVEN_BACK, TAKT_ITEM_IN_WORK };

static inline uint64_t takt_lease_given_back(uint64_t position)
{
	return (position + 1) * 2;
}

static inline uint64_t takt_lease_in_work(uint64_t position)
{
	return (position + 1) * 2 + 1;
}

static inline enum takt_item_state takt_entry_state(const struct takt_entry_shm *entry, uint64_t sequence)
{
	/* Relaxed: under the consumers' lock its last change is visible; without it this is a hint. A lease of a later item says that
	 * this one is done. */
	uint64_t leased = atomic_load_explicit(&entry->leased, memory_order_relaxed);
	if (leased >= takt_lease_in_work(sequence - 1))
		return TAKT_ITEM_IN_WORK;
	return leased == takt_lease_given_back(sequence - 1) ? TAKT_ITEM_GIVEN_BACK : TAKT_ITEM_FRESH;
}

/* Whether the entry of `position` holds an item that nobody works on. @retval its position or TAKT_QUEUE_NONE */
static inline uint64_t takt_entry_waiting(const struct takt_band *band, uint64_t position)
{
	const struct takt_entry_shm *entry = takt_band_entry(band, position);
	/* U4 acquire: the sequence before the item. Pairs with U3. */
	uint64_t sequence = atomic_load_explicit(&entry->sequence, memory_order_acquire);
	if (!takt_sequence_is_full(band, sequence, position) || takt_entry_state(entry, sequence) == TAKT_ITEM_IN_WORK)
		return TAKT_QUEUE_NONE;
	return sequence - 1;
}

/* How often an item was handed out. */
static inline uint32_t takt_entry_delivery_count(const struct takt_entry_shm *entry, uint64_t sequence)
{
	/* Relaxed: as its state. What stands there of a fresh one is the item's before. */
	if (takt_entry_state(entry, sequence) == TAKT_ITEM_FRESH)
		return 0;
	return atomic_load_explicit(&entry->delivery_count, memory_order_relaxed);
}

/**
 * The oldest item that nobody works on. @retval TAKT_QUEUE_NONE there is none
 * Under the consumers' lock; without it a hint. At most depth entries are looked at: where the span from head to tail is no longer than
 * the depth, each waiting item stands at its own position in it, and the first is the oldest; else one was given back that is older.
 */
static inline uint64_t takt_band_find_item(const struct takt_band *band)
{
	uint64_t head = takt_band_head(band);
	/* U12 acquire: tail before the entries. Pairs with U11: of the items below it, all but the newest are there. Without it an item
	 * could be found while an older one is not seen yet, and head would pass that one for ever. */
	uint64_t tail = atomic_load_explicit(&takt_band_shared(band)->tail, memory_order_acquire), span = tail - head;
	uint64_t count = span <= band->depth_mask ? span : (uint64_t)band->depth_mask + 1;
	uint64_t oldest = TAKT_QUEUE_NONE;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t found = takt_entry_waiting(band, head + i);
		if (found == head + i)
			return found;
		/* One from tail on came while we looked, and others before it perhaps to entries that we had looked at. */
		if (found < oldest && found < tail)
			oldest = found;
	}
	return oldest;
}

/* Head passes an item that does not wait any more. Under the consumers' lock. */
static inline void takt_band_pass(const struct takt_band *band, uint64_t position)
{
	/* U9 release: the item's lease, or its end, before head. Pairs with PL1: a process that dies between the two lets others look
	 * once more at an item that is no longer there; the other way round it would hide one that waits, for ever. */
	atomic_store_explicit(&takt_band_shared(band)->head, position + 1, memory_order_release);
}

/* The item becomes the token's. Under the consumers' lock. @retval how often it was handed out, this time included */
static inline uint32_t takt_band_lease(const struct takt_band *band, uint64_t position, uint64_t token)
{
	struct takt_entry_shm *entry = takt_band_entry(band, position);
	/* Relaxed all: the lock orders them; the words of the item were ordered by U4. */
	uint32_t delivery_count = takt_entry_delivery_count(entry, position + 1) + 1;
	atomic_store_explicit(&entry->delivery_count, delivery_count, memory_order_relaxed);
	atomic_store_explicit(&entry->token, token, memory_order_relaxed);
	atomic_store_explicit(&entry->leased, takt_lease_in_work(position), memory_order_relaxed);
	takt_band_pass(band, position);
	return delivery_count;
}

enum takt_item_outcome { TAKT_ITEM_WHOLE, TAKT_ITEM_CHANGED };

/* Copies a leased item out. TAKT_ITEM_CHANGED: its slot holds another number before or behind the copy: somebody who may write the
 * state freed it under us. @param payload NULL: only the header */
static inline enum takt_item_outcome takt_item_copy(const struct takt_band *band, uint64_t position,
						    struct takt_item_header *header, void *payload)
{
	const unsigned char *slot = takt_band_slot(band, position);
	const struct takt_item_shm *item = (const struct takt_item_shm *)(const void *)slot;

	/* Relaxed: behind U4; and checked again below. */
	if (atomic_load_explicit(&item->number, memory_order_relaxed) != position + 1)
		return TAKT_ITEM_CHANGED;
	header->push_ns = atomic_load_explicit(&item->push_ns, memory_order_relaxed);
	header->origin_number = atomic_load_explicit(&item->origin_number, memory_order_relaxed);
	header->origin_ns = atomic_load_explicit(&item->origin_ns, memory_order_relaxed);
	header->origin_topic_index = atomic_load_explicit(&item->origin_topic_index, memory_order_relaxed);
	if (payload)
		takt_payload_load(payload, slot + sizeof(*item), band->payload_bytes);
	/* U5 acquire fence: the words before the second look at the number. Pairs with U2. */
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&item->number, memory_order_relaxed) == position + 1 ? TAKT_ITEM_WHOLE
											 : TAKT_ITEM_CHANGED;
}

/* --------------------------------------------------------------------------------- acknowledge and give back */

/* Whether the item is there and the token's. By the token's own thread: nobody takes a living one's lease. */
static inline int takt_band_is_leased(const struct takt_band *band, uint64_t position, uint64_t token)
{
	const struct takt_entry_shm *entry = takt_band_entry(band, position);
	/* Relaxed all: stored by this thread, or by somebody who took the item away, whom we only tell apart. */
	return atomic_load_explicit(&entry->sequence, memory_order_relaxed) == position + 1 &&
	       atomic_load_explicit(&entry->leased, memory_order_relaxed) == takt_lease_in_work(position) &&
	       atomic_load_explicit(&entry->token, memory_order_relaxed) == token;
}

/* The item is gone and its slot free. By whose lease it is; under the consumers' lock by anybody where it is nobody's. */
static inline void takt_band_free(const struct takt_band *band, uint64_t position)
{
	/* Relaxed: a count for people. */
	atomic_fetch_add_explicit(&takt_band_shared(band)->freed_count, 1, memory_order_relaxed);
	/* U6 release: our reads of the item before its slot is free. Pairs with U1. Without it we could have read the next one. */
	atomic_store_explicit(&takt_band_entry(band, position)->sequence, position + band->depth_mask + 1,
			      memory_order_release);
}

/* The item waits again, marked. Under the consumers' lock. */
static inline void takt_band_give_back(const struct takt_band *band, uint64_t position)
{
	struct takt_band_shm *shared = takt_band_shared(band);
	/* Relaxed: the lock orders it. */
	if (takt_band_head(band) > position)
		atomic_store_explicit(&shared->head, position, memory_order_relaxed);
	/* U10 release: head before the item waits. Pairs with PL1: a process that dies between the two lets others look too far back;
	 * the other way round the item would be lost. */
	atomic_store_explicit(&takt_band_entry(band, position)->leased, takt_lease_given_back(position),
			      memory_order_release);
}

/* An entry as somebody saw it who wants to know whether its owner lives. */
struct takt_lease_seen {
	uint64_t position;
	uint64_t token; /* 0: nobody's */
};

static inline struct takt_lease_seen takt_band_look_at_lease(const struct takt_band *band, uint32_t index)
{
	const struct takt_entry_shm *entry = takt_band_entry(band, index);
	/* Relaxed all: looked at again behind the verdict (U8). */
	uint64_t sequence = atomic_load_explicit(&entry->sequence, memory_order_relaxed);
	if (!takt_sequence_is_full(band, sequence, index) ||
	    atomic_load_explicit(&entry->leased, memory_order_relaxed) != takt_lease_in_work(sequence - 1))
		return (struct takt_lease_seen){0, 0};
	return (struct takt_lease_seen){sequence - 1, atomic_load_explicit(&entry->token, memory_order_relaxed)};
}

/* Behind the verdict that the token's process is dead, under the consumers' lock: whether the item is still its. */
static inline int takt_lease_is_dead_ones(const struct takt_band *band, const struct takt_lease_seen *seen)
{
	/* U8 relaxed, behind the fence of the verdict (PL1): it may have acknowledged the item before it ended, after our first look.
	 * Without this second one an item that is done would be given back: it is not there any more, but counted as redelivered. */
	return takt_band_is_leased(band, seen->position, seen->token);
}

#endif
