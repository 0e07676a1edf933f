/* SPDX-License-Identifier: Apache-2.0 */
#include "core/topic.h"

#include "core/layout.h"
#include "core/pool.h"
#include "core/protocol/ring.h"
#include "core/protocol/wait.h"
#include "core/publish_right.h"
#include "platform/clock.h"
#include "platform/message.h"

/* ----------------------------------------------------------------------------------------------------- publish */

static int is_closed(const struct takt_publisher *publisher)
{
	/* Relaxed: set before fork returns in the child, whose only thread we are. */
	return publisher->node == NULL || atomic_load_explicit(&publisher->node->lost, memory_order_relaxed) != 0;
}

static void store_header(struct takt_publisher *publisher, uint32_t slot_index, uint64_t number,
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
	takt_ring_store_header(&publisher->ring, slot_index, &header);
}

/* A1 to A4: wakes those who wait. */
static void wake(struct takt_publisher *publisher)
{
	uint64_t waiters = takt_wait_collect(publisher->mask, publisher->subscriber_mask);
	while (waiters) {
		uint32_t index = (uint32_t)__builtin_ctzll(waiters);
		waiters &= waiters - 1;
		if (index < publisher->node->domain.waiter_count) {
			takt_os_sem_post(&takt_domain_waiter(&publisher->node->domain, index)->wake);
			publisher->woken_count++;
		}
	}
}

static void count(struct takt_publisher *publisher)
{
	/* Relaxed: one writer; statistics order nothing. */
	publisher->published_count++;
	atomic_store_explicit(&publisher->statistics->published_count, publisher->published_count,
			      memory_order_relaxed);
	atomic_store_explicit(&publisher->statistics->woken_count, publisher->woken_count, memory_order_relaxed);
}

static enum takt_status time_out(struct takt_publisher *publisher, enum takt_status status)
{
	atomic_fetch_add_explicit(&publisher->statistics->timeout_count, 1, memory_order_relaxed);
	return status;
}

/* P1's header, P2 to P4, and the swap: the spare gets the slot that the cell named before. By whoever has the right. */
static void commit(struct takt_publisher *publisher, uint32_t spare_index, uint32_t slot_index,
		   const struct takt_origin *origin)
{
	struct takt_ring *ring = &publisher->ring;
	/* Relaxed: head is written only with the right to publish. */
	uint64_t number = atomic_load_explicit(takt_ring_head(ring), memory_order_relaxed) + 1;

	store_header(publisher, slot_index, number, origin);
	uint32_t freed = takt_ring_commit(ring, number, slot_index);
	atomic_store_explicit(&takt_ring_spare(ring, spare_index)->slot_index, freed, memory_order_relaxed);
}

/* Locks the topic where it is shared, and makes sure of a slot. */
static enum takt_status begin(struct takt_publisher *publisher, int needs_slot)
{
	if (publisher->is_shared) {
		enum takt_status status = takt_publisher_lock(publisher);
		if (status != TAKT_OK)
			return time_out(publisher, status);
	}
	if (needs_slot && publisher->spare_index == UINT32_MAX) {
		takt_publisher_claim(publisher, 0);
		/* Somebody has scribbled over the spares: claims of nobody are freed. */
		if (publisher->spare_index == UINT32_MAX && publisher->is_shared) {
			takt_pool_rebuild(&publisher->ring, &publisher->lock);
			takt_publisher_claim(publisher, 0);
		}
		if (publisher->spare_index == UINT32_MAX) {
			if (publisher->is_shared)
				takt_lock_give(&publisher->lock);
			return TAKT_FULL;
		}
	}
	return TAKT_OK;
}

/* Behind commit: everybody else's turn. */
static void finish(struct takt_publisher *publisher)
{
	if (publisher->is_shared)
		takt_lock_give(&publisher->lock);
	wake(publisher);
	count(publisher);
}

/* The spare just published from holds the slot of an old sample, which may be pinned: the claim moves on. */
static void move_claim(struct takt_publisher *publisher, uint32_t spare_index)
{
	takt_pool_unclaim(&publisher->ring, spare_index);
	takt_publisher_claim(publisher, spare_index + 1);
}

static void fill(const struct takt_publisher *publisher, const void *payload)
{
	unsigned char *slot = takt_ring_slot(&publisher->ring, publisher->slot_index);
	takt_payload_store(slot + sizeof(struct takt_slot_shm), payload, publisher->ring.payload_bytes);
}

/* A slot had to be found first: rare, so the payload may be copied under the lock. */
static enum takt_status publish_without_slot(struct takt_publisher *publisher, const void *payload,
					     const struct takt_origin *origin)
{
	enum takt_status status = begin(publisher, 1);
	if (status != TAKT_OK)
		return status;
	fill(publisher, payload);
	uint32_t spare_index = publisher->spare_index;
	commit(publisher, spare_index, publisher->slot_index, origin);
	move_claim(publisher, spare_index);
	finish(publisher);
	return TAKT_OK;
}

enum takt_status takt_publish(struct takt_publisher *publisher, const void *payload, const struct takt_origin *origin)
{
	if (is_closed(publisher))
		return TAKT_CLOSED;
	uint32_t spare_index = publisher->spare_index;
	if (spare_index == UINT32_MAX)
		return publish_without_slot(publisher, payload, origin);
	fill(publisher, payload);
	enum takt_status status = begin(publisher, 0);
	if (status != TAKT_OK)
		return status;
	commit(publisher, spare_index, publisher->slot_index, origin);
	/* Shared: the next slot is chosen under the lock. Alone: who sleeps is woken first. */
	if (publisher->is_shared)
		move_claim(publisher, spare_index);
	finish(publisher);
	if (!publisher->is_shared)
		move_claim(publisher, spare_index);
	return TAKT_OK;
}

/* ------------------------------------------------------------------------------------------------------- loans */

/* The slot prepared for the next publish is handed out, and another one is claimed in its place. */
static enum takt_status lend(struct takt_publisher *publisher, struct takt_loan *loan)
{
	struct takt_ring *ring = &publisher->ring;
	if (publisher->is_shared && takt_pool_claim_count(ring, TAKT_CLAIM_LOAN) >= publisher->loan_count_max)
		takt_pool_reclaim(ring, &publisher->lock);
	if (takt_pool_claim_count(ring, TAKT_CLAIM_LOAN) >= publisher->loan_count_max)
		return TAKT_FULL;
	uint32_t lent = publisher->spare_index;
	takt_pool_claim(ring, lent, publisher->token, TAKT_CLAIM_LOAN);
	loan->spare_index = lent;
	loan->slot_index = publisher->slot_index;
	loan->payload = takt_ring_slot(ring, loan->slot_index) + sizeof(struct takt_slot_shm);
	takt_publisher_claim(publisher, lent + 1);
	return TAKT_OK;
}

enum takt_status takt_publisher_loan(struct takt_publisher *publisher, struct takt_loan *loan)
{
	if (is_closed(publisher))
		return TAKT_CLOSED;
	enum takt_status status = begin(publisher, 1);
	if (status != TAKT_OK)
		return status;
	status = lend(publisher, loan);
	if (publisher->is_shared)
		takt_lock_give(&publisher->lock);
	return status;
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
	enum takt_status status = begin(publisher, 0);
	if (status != TAKT_OK)
		return status;
	commit(publisher, loan->spare_index, loan->slot_index, origin);
	takt_pool_unclaim(&publisher->ring, loan->spare_index);
	finish(publisher);
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
	atomic_fetch_add_explicit(&publisher->statistics->abandoned_count, 1, memory_order_relaxed);
	*loan = (struct takt_loan){0};
}

struct takt_origin takt_origin_measured(uint64_t time_ns)
{
	return (struct takt_origin){.time_ns = time_ns};
}
