/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking, acknowledging and giving back. Attaching is in core/consumer.c.
 *
 * What a take touches where something waits: the consumers' lock, the band's head and tail, the entry, the slot, a line of counters and
 * the histogram; two locked instructions for the lock; two readings of the clock, for the lock's statistics, the first of which is the
 * item's time. An acknowledgement: the entry, two counters, the waiting mask; two locked instructions and a fence, no lock.
 */
#include "core/protocol/description.h"
#include "core/protocol/queue.h"
#include "core/queue_view.h"
#include "platform/clock.h"
#include "platform/message.h"

/* What one take finds under the lock. */
struct found {
	uint32_t band;
	uint64_t position;
	uint64_t given_up[TAKT_BAND_COUNT_MAX]; /* number of the last item that was handed out too often; 0: none */
	struct takt_queue_redelivered redelivered;
	int must_tell;
};

/* Handed out as often as the config allows, and never acknowledged: it goes. Under the consumers' lock. */
static int give_up_exhausted(struct takt_queue *queue, struct found *found)
{
	const struct takt_band *band = &queue->bands[found->band];
	uint32_t delivery_count =
		takt_entry_delivery_count(takt_band_entry(band, found->position), found->position + 1);
	if (queue->delivery_count_max == 0 || delivery_count < queue->delivery_count_max)
		return 0;
	takt_queue_count(&queue->state->exhausted_count);
	takt_band_free(band, found->position);
	found->given_up[found->band] = found->position + 1;
	found->must_tell = 1;
	return 1;
}

/* Under the consumers' lock. @retval 1 *found waits to be taken */
static int find(struct takt_queue *queue, uint32_t band, struct found *found)
{
	uint32_t first = band == TAKT_BAND_ANY ? queue->band_count - 1 : band;
	uint32_t last = band == TAKT_BAND_ANY ? 0 : band;
	for (found->band = first; found->band != last - 1; found->band--) {
		const struct takt_band *view = &queue->bands[found->band];
		for (uint32_t tries = 0; tries <= view->depth_mask; tries++) {
			found->position = takt_band_find_item(view);
			if (found->position == TAKT_QUEUE_NONE)
				break;
			if (!give_up_exhausted(queue, found))
				return 1;
		}
	}
	return 0;
}

static void look_for_dead_ones(struct takt_queue *queue, struct found *found)
{
	if (queue->consumers.taken_ns < queue->look_ns)
		return;
	queue->look_ns = queue->consumers.taken_ns + queue->slice_ns;
	found->redelivered = takt_queue_redeliver(queue);
	found->must_tell = found->redelivered.count != 0;
}

/* Behind the lock: what was noted under it. */
static __attribute__((noinline)) void tell(const struct takt_queue *queue, const struct found *found)
{
	if (found->redelivered.count)
		takt_trace_items_redelivered(queue, found->redelivered.count, found->redelivered.token);
	takt_queue_fence();
	for (uint32_t b = 0; b < queue->band_count; b++) {
		if (found->given_up[b] == 0)
			continue;
		takt_queue_wake(queue, b, TAKT_QUEUE_PRODUCER, 0);
		takt_trace_item_dropped(queue, b, found->given_up[b], TAKT_TRACE_EXHAUSTED);
	}
}

/* The found item becomes ours. Under the consumers' lock. */
static void lease(struct takt_queue *queue, const struct found *found, struct takt_item *item)
{
	const struct takt_band *band = &queue->bands[found->band];
	item->take_ns = queue->consumers.taken_ns;
	item->is_redelivered =
		takt_entry_state(takt_band_entry(band, found->position), found->position + 1) == TAKT_ITEM_GIVEN_BACK;
	item->delivery_count = takt_band_lease(band, found->position, queue->token);
	takt_queue_count(&queue->state->taken_count);
	if (!item->is_redelivered) {
		const struct takt_item_shm *shared = (const void *)takt_band_slot(band, found->position);
		uint64_t push_ns = atomic_load_explicit(&shared->push_ns, memory_order_relaxed);
		takt_histogram_add(&queue->state->waiting_ns, item->take_ns > push_ns ? item->take_ns - push_ns : 0);
	}
}

static enum takt_status say_unwritten(struct takt_queue *queue, uint64_t number)
{
	if (!queue->has_complained)
		takt_message(
			TAKT_ERROR,
			"queue '%s': its state tells of item %llu, which no producer wrote: somebody who may take from "
			"it has scribbled over state.%s; the item is dropped: stop the domain and run: takt clean",
			queue->name, (unsigned long long)number, queue->name);
	queue->has_complained = 1;
	return TAKT_CORRUPT;
}

/* Behind the lock: what it says. */
static enum takt_status copy(struct takt_queue *queue, const struct found *found, void *payload, struct takt_item *item)
{
	const struct takt_band *band = &queue->bands[found->band];
	struct takt_item_header header;
	enum takt_item_outcome outcome = takt_item_copy(band, found->position, &header, payload);
	enum takt_status status = takt_queue_check(queue);
	if (status != TAKT_OK)
		return status;
	if (!takt_band_is_leased(band, found->position, queue->token))
		return TAKT_OVERTAKEN;
	if (outcome != TAKT_ITEM_WHOLE) {
		takt_band_free(band, found->position);
		return say_unwritten(queue, found->position + 1);
	}
	item->number = found->position + 1;
	item->push_ns = header.push_ns;
	item->origin.topic_index = (uint32_t)header.origin_topic_index;
	item->origin.number = header.origin_number;
	item->origin.time_ns = header.origin_ns;
	item->payload = takt_band_slot(band, found->position) + sizeof(struct takt_item_shm);
	item->band = found->band;
	return TAKT_OK;
}

/* The queue was not described when we attached: the first item has a producer behind it, and so a description. */
static enum takt_status check_type(struct takt_queue *queue)
{
	const struct takt_queue_shm *shared = queue->items_segment.address;
	uint64_t hash = takt_description_hash(&shared->description);
	if (hash == queue->type_hash)
		return TAKT_OK;
	if (!queue->has_complained)
		takt_message(
			TAKT_ERROR,
			"queue '%s': a producer described its type otherwise than this program; build both from the same "
			"description",
			queue->name);
	queue->has_complained = 1;
	return TAKT_MISMATCH;
}

static enum takt_status take_once(struct takt_queue *queue, uint32_t band, void *payload, struct takt_item *item,
				  uint64_t deadline_ns)
{
	struct takt_item taken = {0};
	struct found found = {.band = band};
	enum takt_status status = takt_queue_check(queue);
	if (status != TAKT_OK)
		return status;
	if (band >= queue->band_count && band != TAKT_BAND_ANY)
		return takt_queue_refuse_band(queue, band);
	status = takt_queue_lock(queue, &queue->consumers, deadline_ns);
	if (status != TAKT_OK)
		return status;
	look_for_dead_ones(queue, &found);
	int is_found = find(queue, band, &found);
	if (is_found)
		status = check_type(queue);
	if (is_found && status == TAKT_OK)
		lease(queue, &found, &taken);
	takt_lock_give(&queue->consumers);
	if (found.must_tell)
		tell(queue, &found);
	if (queue->must_pass_on) {
		takt_queue_fence();
		takt_queue_pass_on(queue, TAKT_QUEUE_CONSUMER);
	}
	if (status != TAKT_OK || !is_found)
		return is_found ? status : TAKT_EMPTY;
	status = copy(queue, &found, payload, &taken);
	if (status != TAKT_OK)
		return status;
	*item = taken;
	takt_queue_count_use(queue, moved_count);
	takt_trace_item_taken(queue, item);
	return TAKT_OK;
}

enum takt_status takt_queue_take(struct takt_consumer *consumer, uint32_t band, void *payload, struct takt_item *item)
{
	return take_once(&consumer->queue, band, payload, item, UINT64_MAX);
}

enum takt_status takt_queue_take_until(struct takt_consumer *consumer, uint32_t band, void *payload,
				       struct takt_item *item, uint64_t deadline_ns)
{
	struct takt_queue *queue = &consumer->queue;
	enum takt_status status = take_once(queue, band, payload, item, deadline_ns);
	while (status == TAKT_EMPTY) {
		status = takt_queue_wait(queue, band, TAKT_QUEUE_CONSUMER, deadline_ns);
		if (status == TAKT_OK)
			status = take_once(queue, band, payload, item, deadline_ns);
	}
	return status;
}

/* Whether the item can be this handle's. */
static enum takt_status check_item(struct takt_queue *queue, const struct takt_item *item)
{
	enum takt_status status = takt_queue_check(queue);
	if (status != TAKT_OK)
		return status;
	if (item->band >= queue->band_count || item->number == 0)
		return TAKT_INVALID;
	return takt_band_is_leased(&queue->bands[item->band], item->number - 1, queue->token) ? TAKT_OK
											      : TAKT_OVERTAKEN;
}

enum takt_status takt_queue_acknowledge(struct takt_consumer *consumer, const struct takt_item *item)
{
	struct takt_queue *queue = &consumer->queue;
	enum takt_status status = check_item(queue, item);
	if (status != TAKT_OK)
		return status;
	takt_queue_count_shared(&queue->state->acknowledged_count);
	takt_queue_count_use(queue, finished_count);
	takt_band_free(&queue->bands[item->band], item->number - 1);
	takt_queue_fence();
	takt_queue_wake(queue, item->band, TAKT_QUEUE_PRODUCER, item->number);
	takt_trace_item_acknowledged(queue, item);
	return TAKT_OK;
}

enum takt_status takt_queue_return(struct takt_consumer *consumer, const struct takt_item *item)
{
	struct takt_queue *queue = &consumer->queue;
	enum takt_status status = check_item(queue, item);
	if (status == TAKT_OK)
		status = takt_queue_lock(queue, &queue->consumers, UINT64_MAX);
	if (status != TAKT_OK)
		return status;
	/* Nobody takes it from one who lives; who lies may, and then it is not ours to give. */
	status = check_item(queue, item);
	if (status == TAKT_OK) {
		takt_band_give_back(&queue->bands[item->band], item->number - 1);
		takt_queue_count(&queue->state->returned_count);
	}
	takt_lock_give(&queue->consumers);
	if (status != TAKT_OK)
		return status;
	takt_queue_fence();
	takt_queue_wake(queue, item->band, TAKT_QUEUE_CONSUMER, item->number);
	takt_queue_count_use(queue, refused_count);
	takt_trace_item_returned(queue, item);
	return TAKT_OK;
}
