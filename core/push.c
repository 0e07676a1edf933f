/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pushing. Attaching is in core/producer.c.
 *
 * What a push touches where nobody sleeps: the producers' lock, the band's tail, the entry, the slot, a line of counters, the waiting
 * mask; two locked instructions for the lock, one fence; two readings of the clock, for the lock's statistics, the first of which is the
 * item's time.
 */
#include "core/protocol/queue.h"
#include "core/queue_view.h"

struct push {
	const void *payload;
	const struct takt_origin *origin;
	uint32_t band;
	uint64_t deadline_ns;
	uint64_t dropped; /* number of the item that made room; 0: none did */
};

/* The high-water mark, from counters that a death can leave one too high or too low: counted out before it rises. Under the lock. */
static void note_fill(const struct takt_band *band)
{
	struct takt_band_shm *shared = takt_band_shared(band);
	/* Relaxed all: statistics. */
	uint64_t filled = atomic_load_explicit(&shared->filled_count, memory_order_relaxed) + 1;
	uint64_t freed = atomic_load_explicit(&shared->freed_count, memory_order_relaxed);
	uint64_t fill_max = atomic_load_explicit(&shared->fill_max, memory_order_relaxed);
	uint64_t fill = 0;
	if (filled - freed > fill_max) {
		for (uint64_t i = 0; i <= band->depth_mask; i++)
			fill += takt_sequence_is_full(band,
						      atomic_load_explicit(&takt_band_entry(band, i)->sequence,
									   memory_order_relaxed),
						      i) != 0;
		filled = freed + fill;
		if (fill > fill_max)
			atomic_store_explicit(&shared->fill_max, fill, memory_order_relaxed);
	}
	atomic_store_explicit(&shared->filled_count, filled, memory_order_relaxed);
}

/* Takes the oldest item that nobody works on out of a full band. Under the producers' lock; takes the consumers' in it, and nobody takes
 * them the other way round. @retval TAKT_OK there is room  @retval TAKT_FULL all are in work  @retval TAKT_TIMEOUT */
static __attribute__((noinline)) enum takt_status drop_oldest(struct takt_queue *queue, struct push *push)
{
	const struct takt_band *band = &queue->bands[push->band];
	enum takt_status status = takt_queue_lock(queue, &queue->consumers, push->deadline_ns);
	if (status != TAKT_OK)
		return status;
	uint64_t position = takt_band_find_item(band);
	if (position != TAKT_QUEUE_NONE) {
		takt_queue_count(&queue->state->dropped_oldest_count);
		takt_band_free(band, position);
		takt_band_pass(band, position);
	}
	takt_lock_give(&queue->consumers);
	if (position == TAKT_QUEUE_NONE)
		return TAKT_FULL;
	push->dropped = position + 1;
	return TAKT_OK;
}

/* Under the producers' lock. @retval TAKT_OK *position is free */
static enum takt_status make_room(struct takt_queue *queue, struct push *push, uint64_t *position)
{
	enum takt_status status = TAKT_FULL;
	*position = takt_band_find_room(&queue->bands[push->band]);
	if (*position != TAKT_QUEUE_NONE)
		return TAKT_OK;
	if (queue->when_full == TAKT_WHEN_FULL_DROP_OLDEST)
		status = drop_oldest(queue, push);
	if (status == TAKT_OK)
		*position = takt_band_find_room(&queue->bands[push->band]);
	if (status == TAKT_OK && *position == TAKT_QUEUE_NONE)
		status = TAKT_FULL;
	if (status == TAKT_FULL && queue->when_full != TAKT_WHEN_FULL_BLOCK)
		takt_queue_count(&queue->state->dropped_newest_count);
	return status;
}

static void fill(struct takt_queue *queue, const struct push *push, uint64_t position)
{
	struct takt_item_header header = {.push_ns = queue->producers.taken_ns};
	if (push->origin) {
		header.origin_number = push->origin->number;
		header.origin_ns = push->origin->time_ns;
		header.origin_topic_index = push->origin->topic_index;
	}
	if (header.origin_ns == 0)
		header.origin_ns = header.push_ns;
	takt_item_fill(&queue->bands[push->band], position, &header, push->payload);
	takt_band_commit(&queue->bands[push->band], position);
	note_fill(&queue->bands[push->band]);
	takt_queue_count(&queue->state->pushed_count);
}

static enum takt_status push_once(struct takt_queue *queue, struct push *push)
{
	uint64_t position;
	enum takt_status status = takt_queue_check(queue);
	if (status != TAKT_OK)
		return status;
	if (push->band >= queue->band_count)
		return takt_queue_refuse_band(queue, push->band);
	status = takt_queue_lock(queue, &queue->producers, push->deadline_ns);
	if (status != TAKT_OK)
		return status;
	status = make_room(queue, push, &position);
	if (status == TAKT_OK)
		fill(queue, push, position);
	takt_lock_give(&queue->producers);
	if (push->dropped)
		takt_trace_item_dropped(queue, push->band, push->dropped, TAKT_TRACE_OLDEST);
	if (status == TAKT_FULL && queue->when_full != TAKT_WHEN_FULL_BLOCK)
		takt_trace_item_dropped(queue, push->band, 0, TAKT_TRACE_NEWEST);
	if (status != TAKT_OK)
		return status;
	takt_queue_fence();
	takt_queue_wake(queue, push->band, TAKT_QUEUE_CONSUMER, position);
	if (queue->must_pass_on)
		takt_queue_pass_on(queue, TAKT_QUEUE_PRODUCER);
	takt_queue_count_use(queue, moved_count);
	takt_trace_item_pushed(queue, push->band, position + 1, push->origin);
	return TAKT_OK;
}

/* What the node's figures say of a push that did not push. */
static inline enum takt_status conclude(struct takt_queue *queue, enum takt_status status)
{
	/* A handle that is closed has none. */
	if (status != TAKT_OK && status != TAKT_CLOSED)
		takt_queue_count_use(queue, refused_count);
	return status;
}

enum takt_status takt_queue_push(struct takt_producer *producer, const void *payload, uint32_t band,
				 const struct takt_origin *origin)
{
	struct push push = {.payload = payload, .origin = origin, .band = band, .deadline_ns = UINT64_MAX};
	return conclude(&producer->queue, push_once(&producer->queue, &push));
}

enum takt_status takt_queue_push_until(struct takt_producer *producer, const void *payload, uint32_t band,
				       const struct takt_origin *origin, uint64_t deadline_ns)
{
	struct push push = {.payload = payload, .origin = origin, .band = band, .deadline_ns = deadline_ns};
	struct takt_queue *queue = &producer->queue;
	enum takt_status status = push_once(queue, &push);
	if (status != TAKT_FULL || queue->when_full != TAKT_WHEN_FULL_BLOCK)
		return conclude(queue, status);
	takt_queue_count_shared(&queue->state->blocked_count);
	while (status == TAKT_FULL) {
		status = takt_queue_wait(queue, band, TAKT_QUEUE_PRODUCER, deadline_ns);
		if (status == TAKT_TIMEOUT)
			takt_queue_count_shared(&queue->state->timeout_count);
		else if (status == TAKT_OK)
			status = push_once(queue, &push);
	}
	return conclude(queue, status);
}
