/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing. Attaching is in core/publisher.c.
 *
 * What a publish of 64 bytes by the only publisher touches when nobody sleeps (x86-64; tests/golden/instructions.txt has the
 * instructions), the same for any number of subscribers, topics and any depth:
 *	written		five lines: two of the slot, the cell, head, the node's own statistics
 *	read		one line that others write, the waiting mask; and one more for each of the topic's `borrows`, its pin
 *	fences		one, P4; no other locked instruction
 *	branches	18 conditional ones taken or passed (callgrind --branch-sim); 31 with several publishers, 29 for a loan and its publish
 *	clock		one reading
 *	system calls	none; one for each subscriber that sleeps
 * Several publishers: two locked instructions more, the lock taken and given, its line, and two readings of the clock for the
 * statistics of the lock. A loan and its publish: as a publish, and the spare's line.
 */
#include "core/topic.h"

#include "core/layout.h"
#include "core/pool.h"
#include "core/protocol/ring.h"
#include "core/protocol/wait.h"
#include "core/publish_right.h"
#include "core/trace.h"
#include "platform/clock.h"
#include "platform/message.h"

/* ----------------------------------------------------------------------------------------------------- publish */

static inline int is_closed(const struct takt_publisher *publisher)
{
	/* Relaxed: set before fork returns in the child, whose only thread we are. */
	return publisher->node == NULL || atomic_load_explicit(&publisher->node->lost, memory_order_relaxed) != 0;
}

static inline void store_header(const struct takt_publisher *publisher, unsigned char *slot, uint64_t number,
				const struct takt_origin *origin)
{
	struct takt_sample_header header = {.number = number, .publish_ns = takt_os_clock_now_ns()};
	if (origin)
		header.origin = *origin;
	if (header.origin.number == 0) {
		header.origin.topic_index = publisher->topic_index;
		header.origin.number = number;
		if (header.origin.time_ns == 0)
			header.origin.time_ns = header.publish_ns;
	}
	takt_ring_store_header(slot, &header);
}

/* A4: posts each of them. Not inlined: whoever publishes to pollers does not carry it along. */
static __attribute__((noinline)) void post(struct takt_publisher *publisher, uint64_t waiters)
{
	while (waiters) {
		uint32_t index = (uint32_t)__builtin_ctzll(waiters);
		waiters &= waiters - 1;
		if (index < publisher->node->domain.waiter_count) {
			takt_os_sem_post(&takt_domain_waiter(&publisher->node->domain, index)->wake);
			publisher->woken_count++;
		}
	}
	/* Relaxed: one writer; statistics order nothing. */
	atomic_store_explicit(&publisher->statistics->woken_count, publisher->woken_count, memory_order_relaxed);
}

/* A1 to A4: wakes those who wait. @retval who they were */
static inline uint64_t wake(struct takt_publisher *publisher)
{
	uint64_t waiters = takt_wait_collect(publisher->mask, publisher->subscriber_mask);
	if (waiters)
		post(publisher, waiters);
	return waiters;
}

static inline void count(struct takt_publisher *publisher)
{
	/* Relaxed: one writer; statistics order nothing. */
	atomic_store_explicit(&publisher->statistics->published_count, ++publisher->published_count,
			      memory_order_relaxed);
}

static enum takt_status time_out(struct takt_publisher *publisher, enum takt_status status)
{
	atomic_fetch_add_explicit(&publisher->statistics->timeout_count, 1, memory_order_relaxed);
	return status;
}

/* P1's header, P2 to P4. By whoever has the right to publish. @retval the slot that the cell named before; its spare is to name it */
static inline __attribute__((always_inline)) uint32_t commit(struct takt_publisher *publisher, uint32_t slot_index,
							     unsigned char *slot, const struct takt_origin *origin)
{
	const struct takt_ring *ring = &publisher->ring;
	/* Relaxed: head is written only with the right to publish. */
	uint64_t number = atomic_load_explicit(takt_ring_head(ring), memory_order_relaxed) + 1;

	store_header(publisher, slot, number, origin);
	return takt_ring_commit(ring, number, slot_index);
}

/* The spare names the freed slot. Relaxed: whoever reads it has the right to publish. */
static inline void name_spare(const struct takt_publisher *publisher, uint32_t spare_index, uint32_t freed)
{
	atomic_store_explicit(&takt_ring_spare(&publisher->ring, spare_index)->slot_index, freed, memory_order_relaxed);
}

/* Locks the topic where it is shared. */
static inline enum takt_status begin(struct takt_publisher *publisher)
{
	if (!publisher->is_shared)
		return TAKT_OK;
	enum takt_status status = takt_publisher_lock(publisher);
	return status == TAKT_OK ? TAKT_OK : time_out(publisher, status);
}

/* The same, and makes sure of a slot. */
static enum takt_status begin_with_slot(struct takt_publisher *publisher)
{
	enum takt_status status = begin(publisher);
	if (status != TAKT_OK || publisher->spare_index != UINT32_MAX)
		return status;
	status = takt_publisher_check_cut(publisher);
	if (status == TAKT_OK)
		takt_publisher_claim(publisher, 0);
	/* Somebody has scribbled over the spares: claims of nobody are freed. */
	if (status == TAKT_OK && publisher->spare_index == UINT32_MAX && publisher->is_shared) {
		takt_pool_rebuild(&publisher->ring, &publisher->lock);
		takt_publisher_claim(publisher, 0);
	}
	if (publisher->spare_index != UINT32_MAX)
		return TAKT_OK;
	if (publisher->is_shared)
		takt_publisher_unlock(publisher);
	/* The spares may be the first that was met of what is cut off. */
	return takt_publisher_check_cut(publisher) == TAKT_OK ? TAKT_FULL : TAKT_CORRUPT;
}

/* Behind commit: everybody else's turn. `slot` is what was published. */
static inline void finish(struct takt_publisher *publisher, const unsigned char *slot, uint32_t slot_index,
			  uint32_t is_loan)
{
	if (publisher->is_shared) {
		takt_trace_sample_committed(slot);
		takt_publisher_unlock(publisher);
	}
	uint64_t woken_mask = wake(publisher);
	count(publisher);
	takt_trace_sample_published(publisher, slot, slot_index, is_loan, woken_mask);
}

_Static_assert((TAKT_OS_SHM_CUT_WORD & TAKT_CELL_SLOT_MASK) >=
		       TAKT_DEPTH_MAX + TAKT_BORROW_COUNT_MAX + TAKT_LOAN_COUNT_MAX + TAKT_PUBLISHER_COUNT_MAX,
	       "a cell that was cut off names no slot");

/* The cell named no slot: cut off, or scribbled over, and then the clamped one must do. */
static __attribute__((noinline, cold)) enum takt_status keep_clamped(struct takt_publisher *publisher, uint32_t freed)
{
	enum takt_status status = takt_publisher_check_cut(publisher);
	if (status != TAKT_OK)
		return status;
	publisher->slot_index = freed;
	publisher->slot = takt_ring_slot(&publisher->ring, freed);
	return TAKT_OK;
}

/* P5: the freed slot serves the next publish too, unless it is pinned: then the claim moves on to another spare.
 * @retval TAKT_CORRUPT the cell named no slot, because the segment was cut off: what was published went nowhere */
static inline enum takt_status prepare_next(struct takt_publisher *publisher, uint32_t freed)
{
	if (freed >= publisher->ring.slot_count)
		return keep_clamped(publisher, freed);
	uint32_t pinned[TAKT_BORROW_COUNT_MAX];
	uint32_t pinned_count = takt_ring_look_at_pins(&publisher->ring, pinned);
	if (takt_ring_is_pinned(freed, pinned, pinned_count)) {
		uint32_t spare_index = publisher->spare_index;
		name_spare(publisher, spare_index, freed);
		takt_pool_unclaim(&publisher->ring, spare_index);
		takt_publisher_claim(publisher, spare_index + 1);
		return TAKT_OK;
	}
	publisher->slot_index = freed;
	publisher->slot = publisher->ring.slots + (size_t)freed * publisher->ring.slot_bytes;
	return TAKT_OK;
}

static inline void fill(const struct takt_publisher *publisher, const void *payload)
{
	takt_payload_store(publisher->slot + sizeof(struct takt_slot_shm), payload, publisher->ring.payload_bytes);
}

/* A slot had to be found first: rare, so the payload may be copied under the lock. */
static __attribute__((noinline, cold)) enum takt_status
publish_without_slot(struct takt_publisher *publisher, const void *payload, const struct takt_origin *origin)
{
	enum takt_status status = begin_with_slot(publisher);
	if (status != TAKT_OK)
		return status;
	fill(publisher, payload);
	unsigned char *slot = publisher->slot;
	uint32_t slot_index = publisher->slot_index;
	uint32_t freed = commit(publisher, slot_index, slot, origin);
	name_spare(publisher, publisher->spare_index, freed);
	status = prepare_next(publisher, freed);
	finish(publisher, slot, slot_index, 0);
	return status;
}

/* The payload outside the lock, everything else under it, the choice of the next slot included. */
static __attribute__((noinline)) enum takt_status publish_shared(struct takt_publisher *publisher, const void *payload,
								 const struct takt_origin *origin)
{
	fill(publisher, payload);
	enum takt_status status = begin(publisher);
	if (status != TAKT_OK)
		return status;
	unsigned char *slot = publisher->slot;
	uint32_t slot_index = publisher->slot_index;
	uint32_t freed = commit(publisher, slot_index, slot, origin);
	name_spare(publisher, publisher->spare_index, freed);
	status = prepare_next(publisher, freed);
	finish(publisher, slot, slot_index, 0);
	return status;
}

enum takt_status takt_publish(struct takt_publisher *publisher, const void *payload, const struct takt_origin *origin)
{
	if (is_closed(publisher))
		return TAKT_CLOSED;
	if (publisher->spare_index == UINT32_MAX)
		return publish_without_slot(publisher, payload, origin);
	if (publisher->is_shared)
		return publish_shared(publisher, payload, origin);
	fill(publisher, payload);
	/* The spare goes on naming the slot just published: nobody but us looks at it while we live, and whoever follows us
	 * makes the spares anew from the cells (takt_pool_rebuild). Two stores less. */
	uint32_t freed = commit(publisher, publisher->slot_index, publisher->slot, origin);
	/* Who sleeps is woken first. */
	uint64_t woken_mask = wake(publisher);
	count(publisher);
	takt_trace_sample_published(publisher, publisher->slot, publisher->slot_index, 0, woken_mask);
	return prepare_next(publisher, freed);
}

/* ------------------------------------------------------------------------------------------------------- loans */

/* Alone it knows them; of several publishers each knows only its own. */
static inline uint32_t loans_out(const struct takt_publisher *publisher)
{
	return publisher->is_shared ? takt_pool_claim_count(&publisher->ring, TAKT_CLAIM_LOAN) : publisher->loan_count;
}

/* The slot prepared for the next publish is handed out. Of several publishers each claims another one in its place, since its claim
 * says that it is there (takt_publisher_attach counts them). Alone the next one is found when it is needed: behind publishing
 * this loan, most often, which frees a slot; a look at the pins would stand before the publishing here. */
static enum takt_status lend(struct takt_publisher *publisher, struct takt_loan *loan)
{
	struct takt_ring *ring = &publisher->ring;
	if (loans_out(publisher) >= publisher->loan_count_max) {
		if (!publisher->is_shared)
			return TAKT_FULL;
		takt_pool_reclaim(ring, &publisher->lock);
		if (loans_out(publisher) >= publisher->loan_count_max)
			return TAKT_FULL;
	}
	publisher->loan_count++;
	uint32_t lent = publisher->spare_index;
	/* From here on the spare may be given back, and chosen again: it names its slot. */
	name_spare(publisher, lent, publisher->slot_index);
	takt_pool_claim(ring, lent, publisher->token, TAKT_CLAIM_LOAN);
	loan->spare_index = lent;
	loan->slot_index = publisher->slot_index;
	loan->payload = publisher->slot + sizeof(struct takt_slot_shm);
	publisher->spare_index = UINT32_MAX;
	if (publisher->is_shared)
		takt_publisher_claim(publisher, lent + 1);
	return TAKT_OK;
}

enum takt_status takt_publisher_loan(struct takt_publisher *publisher, struct takt_loan *loan)
{
	if (is_closed(publisher))
		return TAKT_CLOSED;
	enum takt_status status = begin_with_slot(publisher);
	if (status != TAKT_OK)
		return status;
	status = lend(publisher, loan);
	if (publisher->is_shared)
		takt_publisher_unlock(publisher);
	if (status == TAKT_OK)
		takt_trace_sample_loaned(publisher, loan->slot_index);
	return status;
}

/* The spare of a loan just published serves the next publish. */
static void adopt(struct takt_publisher *publisher, uint32_t spare_index, uint32_t freed)
{
	takt_pool_claim(&publisher->ring, spare_index, publisher->token, TAKT_CLAIM_PUBLISH);
	publisher->spare_index = spare_index;
	(void)prepare_next(publisher, freed);
}

static void check_loan(const struct takt_publisher *publisher, const struct takt_loan *loan)
{
	/* A loan published or abandoned twice, or by another publisher, is a bug of this process. */
	TAKT_ASSERT(loan->payload != NULL && loan->spare_index < publisher->ring.spare_count);
	TAKT_ASSERT(loan->spare_index != publisher->spare_index);
}

enum takt_status takt_publish_loan(struct takt_publisher *publisher, struct takt_loan *loan,
				   const struct takt_origin *origin)
{
	if (is_closed(publisher))
		return TAKT_CLOSED;
	check_loan(publisher, loan);
	enum takt_status status = begin(publisher);
	if (status != TAKT_OK)
		return status;
	unsigned char *slot = (unsigned char *)loan->payload - sizeof(struct takt_slot_shm);
	uint32_t freed = commit(publisher, loan->slot_index, slot, origin);
	int is_adopted = publisher->spare_index == UINT32_MAX && !publisher->is_shared;
	if (!is_adopted) {
		name_spare(publisher, loan->spare_index, freed);
		takt_pool_unclaim(&publisher->ring, loan->spare_index);
	}
	finish(publisher, slot, loan->slot_index, 1);
	if (is_adopted)
		adopt(publisher, loan->spare_index, freed);
	/* A status that is not TAKT_OK leaves the loan to be abandoned. */
	if (freed >= publisher->ring.slot_count && takt_publisher_check_cut(publisher) != TAKT_OK)
		return TAKT_CORRUPT;
	publisher->loan_count--;
	*loan = (struct takt_loan){0};
	return TAKT_OK;
}

void takt_publisher_abandon(struct takt_publisher *publisher, struct takt_loan *loan)
{
	if (is_closed(publisher))
		return;
	check_loan(publisher, loan);
	/* One store: whoever chooses meanwhile sees the spare taken or free, and both are right. */
	takt_pool_unclaim(&publisher->ring, loan->spare_index);
	publisher->loan_count--;
	atomic_fetch_add_explicit(&publisher->statistics->abandoned_count, 1, memory_order_relaxed);
	takt_trace_sample_abandoned(publisher, loan->slot_index);
	*loan = (struct takt_loan){0};
}

struct takt_origin takt_origin_measured(uint64_t time_ns)
{
	return (struct takt_origin){.time_ns = time_ns};
}
