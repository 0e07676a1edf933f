/* SPDX-License-Identifier: Apache-2.0 */
#include "core/queue_view.h"

#include <stdio.h>
#include <string.h>

#include "core/node_presence.h"
#include "core/protocol/lock.h"
#include "core/protocol/queue.h"
#include "core/protocol/wait.h"
#include "core/queue_segment.h"
#include "core/segment.h"
#include "core/topic_segment.h"
#include "core/waiter.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/thread.h"

#define POLL_NS TAKT_NS_PER_MS /* between two looks of a wait without a waiter */

/* ------------------------------------------------------------------------------------------------------ attach */

static enum takt_status check_config(const struct takt_node *node, const char *name, enum takt_queue_side side)
{
	const char *path;
	const int is_producer = side == TAKT_QUEUE_PRODUCER;
	/* Relaxed: set before fork returns in the child. */
	if (node->config == NULL || atomic_load_explicit(&node->lost, memory_order_relaxed))
		return TAKT_CLOSED;
	if (is_producer ? takt_config_pushes(node->own, name) : takt_config_takes(node->own, name))
		return TAKT_OK;
	path = node->config->path[0] ? node->config->path : "the config";
	if (takt_config_topic_find(node->config, name) != UINT32_MAX)
		takt_message(
			TAKT_ERROR,
			"node '%s' may not %s '%.40s': that is a topic and no queue; %s it, or make it a queue in %s",
			node->name, is_producer ? "push to" : "take from", name,
			is_producer ? "publish" : "subscribe to", path);
	else
		takt_message(
			TAKT_ERROR,
			"node '%s' may not %s '%.40s': the config does not list it; add it to `%s` of the node in %s",
			node->name, is_producer ? "push to" : "take from", name, is_producer ? "pushes" : "takes",
			path);
	return TAKT_INVALID;
}

/* Where the node's figures are the config says, as when the segment was made: what stands in it now may be anything. */
static struct takt_queue_use_shm *use_of(const struct takt_node *node, const char *name, enum takt_queue_side side)
{
	const int is_producer = side == TAKT_QUEUE_PRODUCER;
	char *const *names = is_producer ? node->own->pushes : node->own->takes;
	struct takt_node_layout layout;
	uint32_t index = 0;
	takt_node_layout(node->own, &layout);
	while (strcmp(names[index], name) != 0)
		index++;
	if (!is_producer)
		index += node->own->pushes_count;
	return (struct takt_queue_use_shm *)(void *)((unsigned char *)node->segment.address + layout.uses_offset) +
	       index;
}

static void adopt(struct takt_queue *queue, const struct takt_queue_mapping *mapping)
{
	const struct takt_queue_constants *constants = &mapping->constants;
	queue->items_segment = mapping->items;
	queue->state_segment = mapping->state;
	queue->state = mapping->state.address;
	queue->queue_index = constants->queue_index;
	queue->band_count = constants->band_count;
	queue->when_full = constants->when_full;
	queue->delivery_count_max = constants->delivery_count_max;
	for (uint32_t i = 0; i < constants->band_count; i++)
		queue->bands[i] = takt_queue_segment_band(mapping, i);
}

/* The token in the presence file is the right to take the locks, and the name of the leases. */
static enum takt_status enter(struct takt_queue *queue, const struct takt_os_rights *rights)
{
	struct takt_object_name live = takt_object_name("live", queue->name);
	enum takt_status status = takt_os_presence_open(&queue->presence, queue->domain->folder, live.text, 1, rights);
	if (status == TAKT_ABSENT)
		takt_topic_segment_say_gone(live.text, queue->domain);
	if (status == TAKT_OK && queue->node)
		status = takt_node_presence_keep(queue->node, &queue->presence);
	if (status == TAKT_OK)
		status = takt_presence_hold_token(&queue->presence, &queue->token, "queue", queue->name);
	if (status != TAKT_OK)
		return status;
	takt_lock_init(&queue->producers, &queue->state->producers, &queue->presence, queue->token);
	takt_lock_init(&queue->consumers, &queue->state->consumers, &queue->presence, queue->token);
	return TAKT_OK;
}

static enum takt_status describe(struct takt_queue *queue, const struct takt_queue_mapping *mapping,
				 const struct takt_flat_type *type)
{
	enum takt_status status = takt_queue_lock(queue, &queue->producers, UINT64_MAX);
	if (status != TAKT_OK)
		return status;
	takt_queue_segment_describe(mapping, type);
	takt_lock_give(&queue->producers);
	return TAKT_OK;
}

static enum takt_status attach(struct takt_queue *queue, struct takt_node *node, const struct takt_flat_type *type,
			       enum takt_queue_side side)
{
	const int is_producer = side == TAKT_QUEUE_PRODUCER;
	struct takt_queue_mapping mapping = {0};
	struct takt_os_rights rights;
	enum takt_status status =
		takt_queue_segment_create(&node->domain, node->config, queue->queue_index, type, NULL);
	if (status == TAKT_OK)
		status = takt_queue_segment_open(&mapping, &node->domain, node->config, queue->name,
						 is_producer ? TAKT_OS_READ_WRITE : TAKT_OS_READ_ONLY,
						 TAKT_OS_READ_WRITE);
	if (status != TAKT_OK)
		return status;
	/* From here on detaching closes what is open. */
	adopt(queue, &mapping);
	struct takt_description_view view = takt_queue_segment_description(&mapping);
	status = takt_description_compare(&view, type);
	if (status == TAKT_OK)
		status = takt_os_shm_prefault(&queue->items_segment, queue->name);
	if (status == TAKT_OK)
		status = takt_os_shm_prefault(&queue->state_segment, queue->name);
	if (status == TAKT_OK)
		status = takt_queue_live_rights(&node->config->queues[queue->queue_index], &rights);
	if (status == TAKT_OK)
		status = enter(queue, &rights);
	if (status == TAKT_OK && is_producer)
		status = describe(queue, &mapping, type);
	/* Once more: another producer may have described the queue since we looked. */
	return status == TAKT_OK ? takt_description_compare(&view, type) : status;
}

static void close_all(struct takt_queue *queue, struct takt_node *node)
{
	if (node)
		takt_node_presence_close(node, &queue->presence);
	else
		takt_os_presence_close(&queue->presence);
	takt_os_shm_close(&queue->items_segment);
	takt_os_shm_close(&queue->state_segment);
	*queue = (struct takt_queue){0};
}

static void begin(struct takt_queue *queue, const struct takt_domain *domain, const char *name)
{
	*queue = (struct takt_queue){.domain = domain, .presence = {.descriptor = -1}};
	(void)snprintf(queue->name, sizeof(queue->name), "%s", name);
}

static enum takt_status attach_node(struct takt_queue *queue, struct takt_node *node, const char *name,
				    const struct takt_flat_type *type, enum takt_queue_side side)
{
	enum takt_status status;
	begin(queue, &node->domain, name);
	queue->node = node;
	queue->use = use_of(node, name, side);
	queue->token = node->token;
	queue->queue_index = takt_config_queue_find(node->config, name);
	queue->type_hash = type->hash;
	queue->lock_bound_ns = node->config->lock_bound_us * TAKT_NS_PER_US;
	queue->slice_ns = node->config->wait_slice_us * TAKT_NS_PER_US;
	queue->producer_mask = takt_config_producer_mask(node->config, name);
	queue->consumer_mask = takt_config_consumer_mask(node->config, name);
	queue->masks = takt_domain_mask(&node->domain, takt_config_mask_first(node->config, queue->queue_index));
	status = attach(queue, node, type, side);
	if (status != TAKT_OK) {
		close_all(queue, node);
		return status;
	}
	takt_trace_thread_touched();
	return TAKT_OK;
}

enum takt_status takt_queue_attach(struct takt_queue *queue, struct takt_node *node, const char *name,
				   const struct takt_type *type, enum takt_queue_side side)
{
	struct takt_flat_type flat;
	TAKT_ASSERT(queue->domain == NULL);
	enum takt_status status = check_config(node, name, side);
	if (status == TAKT_OK)
		status = takt_type_flatten(&flat, type);
	return status == TAKT_OK ? attach_node(queue, node, name, &flat, side) : status;
}

enum takt_status takt_queue_attach_flat(struct takt_queue *queue, struct takt_node *node, const char *name,
					const struct takt_flat_type *type, enum takt_queue_side side)
{
	TAKT_ASSERT(queue->domain == NULL);
	enum takt_status status = check_config(node, name, side);
	if (status == TAKT_OK)
		status = takt_flat_type_check_hash(type);
	return status == TAKT_OK ? attach_node(queue, node, name, type, side) : status;
}

enum takt_status takt_queue_attach_tool(struct takt_queue *queue, const struct takt_domain *domain, const char *name,
					struct takt_flat_type *type, enum takt_queue_side side)
{
	const struct takt_os_rights any = {.owner = TAKT_OS_ID_ANY, .group = TAKT_OS_ID_ANY, .mode = 0};
	struct takt_queue_mapping mapping = {0};
	enum takt_status status =
		takt_queue_segment_open(&mapping, domain, NULL, name,
					side == TAKT_QUEUE_PRODUCER ? TAKT_OS_READ_WRITE : TAKT_OS_READ_ONLY,
					TAKT_OS_READ_WRITE);
	if (status != TAKT_OK)
		return status;
	begin(queue, domain, name);
	adopt(queue, &mapping);
	queue->lock_bound_ns = TAKT_LOCK_BOUND_NS_DEFAULT;
	queue->slice_ns = TAKT_WAIT_SLICE_NS_DEFAULT;
	struct takt_description_view view = takt_queue_segment_description(&mapping);
	status = takt_description_read(&view, type);
	if (status == TAKT_OK)
		queue->type_hash = type->hash;
	if (status == TAKT_OK)
		status = takt_os_token_draw(&queue->token);
	if (status == TAKT_OK)
		status = enter(queue, &any);
	if (status != TAKT_OK)
		close_all(queue, NULL);
	return status;
}

void takt_queue_detach(struct takt_queue *queue)
{
	if (queue->domain)
		close_all(queue, queue->node);
}

/* ------------------------------------------------------------------------------------------------ every call */

static enum takt_status say_cut(struct takt_queue *queue)
{
	if (!queue->has_complained)
		takt_message(TAKT_ERROR,
			     "queue '%s': a segment of it was cut off while it was in use; somebody who may write it "
			     "shrank the file: stop the domain and run: takt clean",
			     queue->name);
	queue->has_complained = 1;
	return TAKT_CORRUPT;
}

enum takt_status takt_queue_check(struct takt_queue *queue)
{
	/* Relaxed: set before fork returns in the child, whose only thread we are. */
	if (queue->domain == NULL ||
	    (queue->node && atomic_load_explicit(&queue->node->lost, memory_order_relaxed) != 0))
		return TAKT_CLOSED;
	if (takt_os_shm_is_cut(&queue->state_segment) || takt_os_shm_is_cut(&queue->items_segment))
		return say_cut(queue);
	return TAKT_OK;
}

enum takt_status takt_queue_refuse_band(struct takt_queue *queue, uint32_t band)
{
	if (!queue->has_complained)
		takt_message(TAKT_ERROR,
			     "queue '%s' has %u bands, 0 to %u, and no band %u; raise `bands` in the config",
			     queue->name, queue->band_count, queue->band_count - 1, band);
	queue->has_complained = 1;
	return TAKT_INVALID;
}

/* A living owner held the lock as long as anybody waits: a stopped process, or one that lies. Said once, with its name. */
static void name_owner(struct takt_queue *queue, const struct takt_lock *lock)
{
	char name[TAKT_NAME_BYTES];
	if (queue->has_named_owner)
		return;
	queue->has_named_owner = 1;
	takt_message(
		TAKT_WARNING,
		"queue '%s': the lock of its %s was held for more than %llu us by: %s; look whether that is stopped "
		"(takt node list), or raise `lock_bound_us`; said once",
		queue->name, lock == &queue->producers ? "producers" : "consumers",
		(unsigned long long)(queue->lock_bound_ns / TAKT_NS_PER_US),
		takt_node_of_token(queue->domain, takt_lock_owner(lock), name));
}

enum takt_status takt_queue_lock(struct takt_queue *queue, struct takt_lock *lock, uint64_t deadline_ns)
{
	int taken_over;
	/* Free, as nearly always: no look at the clock for a deadline that nobody waits for. */
	if (takt_lock_try_take(lock))
		return TAKT_OK;
	uint64_t bound_ns = takt_os_clock_now_ns() + queue->lock_bound_ns;
	enum takt_status status =
		takt_lock_take_until(lock, bound_ns < deadline_ns ? bound_ns : deadline_ns, &taken_over);
	if (status == TAKT_TIMEOUT) {
		takt_queue_count_shared(&queue->state->timeout_count);
		if (bound_ns <= deadline_ns)
			name_owner(queue, lock);
	}
	/* Taken over: nothing to repair, whatever its owner was in the middle of (core/protocol/queue.h). */
	return status;
}

/* --------------------------------------------------------------------------------------------- dead consumers */

/* Whether the process that has this lease is dead, with one system call for several items of the same. */
static int is_dead(const struct takt_queue *queue, uint64_t token, uint64_t *alive)
{
	if (token == 0 || token == queue->token || token == *alive)
		return 0;
	if (takt_lock_hook_owner(&queue->consumers, token) == TAKT_LOCK_OWNER_DEAD)
		return 1;
	*alive = token;
	return 0;
}

struct takt_queue_redelivered takt_queue_redeliver(struct takt_queue *queue)
{
	struct takt_queue_redelivered redelivered = {0};
	uint64_t alive = 0;
	for (uint32_t b = 0; b < queue->band_count; b++) {
		const struct takt_band *band = &queue->bands[b];
		for (uint32_t i = 0; i <= band->depth_mask; i++) {
			struct takt_lease_seen seen = takt_band_look_at_lease(band, i);
			if (!is_dead(queue, seen.token, &alive) || !takt_lease_is_dead_ones(band, &seen))
				continue;
			takt_band_give_back(band, seen.position);
			takt_queue_count(&queue->state->redelivered_count);
			redelivered.token = seen.token;
			redelivered.count++;
		}
	}
	return redelivered;
}

int takt_queue_has_dead_ones(const struct takt_queue *queue)
{
	uint64_t alive = 0;
	for (uint32_t b = 0; b < queue->band_count; b++) {
		for (uint32_t i = 0; i <= queue->bands[b].depth_mask; i++) {
			struct takt_lease_seen seen = takt_band_look_at_lease(&queue->bands[b], i);
			if (is_dead(queue, seen.token, &alive))
				return 1;
		}
	}
	return 0;
}

/* ------------------------------------------------------------------------------------------- waking and waiting */

void takt_queue_wake(const struct takt_queue *queue, uint32_t band, enum takt_queue_side side, uint64_t turn)
{
	const int is_producer = side == TAKT_QUEUE_PRODUCER;
	if (queue->masks == NULL)
		return;
	uint64_t bit = takt_wait_collect_one(&queue->masks[is_producer ? queue->band_count + band : band],
					     is_producer ? queue->producer_mask : queue->consumer_mask, turn);
	if (bit && (uint32_t)__builtin_ctzll(bit) < queue->domain->waiter_count)
		takt_os_sem_post(&takt_domain_waiter(queue->domain, (uint32_t)__builtin_ctzll(bit))->wake);
}

int takt_queue_has_news(const struct takt_queue *queue, uint32_t band, enum takt_queue_side side)
{
	if (side == TAKT_QUEUE_PRODUCER)
		return takt_band_find_room(&queue->bands[band]) != TAKT_QUEUE_NONE;
	if (band != TAKT_BAND_ANY)
		return takt_band_find_item(&queue->bands[band]) != TAKT_QUEUE_NONE;
	for (uint32_t i = queue->band_count; i-- > 0;)
		if (takt_band_find_item(&queue->bands[i]) != TAKT_QUEUE_NONE)
			return 1;
	return 0;
}

void takt_queue_pass_on(struct takt_queue *queue, enum takt_queue_side side)
{
	queue->must_pass_on = 0;
	for (uint32_t b = 0; b < queue->band_count; b++)
		if (takt_queue_has_news(queue, b, side))
			takt_queue_wake(queue, b, side, queue->token);
}

/* Without a waiter: for tools, and for threads that have none. */
static enum takt_status poll_until(struct takt_queue *queue, uint32_t band, enum takt_queue_side side,
				   uint64_t deadline_ns)
{
	while (!takt_queue_has_news(queue, band, side)) {
		uint64_t now_ns = takt_os_clock_now_ns();
		if (takt_os_stop_requested() || (queue->node && takt_node_should_quit(queue->node)))
			return TAKT_STOPPED;
		if (now_ns >= deadline_ns)
			return TAKT_TIMEOUT;
		if (side == TAKT_QUEUE_CONSUMER && now_ns >= queue->look_ns)
			return TAKT_OK;
		(void)takt_os_clock_sleep_until(deadline_ns - now_ns < POLL_NS ? deadline_ns : now_ns + POLL_NS);
	}
	return TAKT_OK;
}

enum takt_status takt_queue_wait(struct takt_queue *queue, uint32_t band, enum takt_queue_side side,
				 uint64_t deadline_ns)
{
	if (queue->waiter == NULL)
		return poll_until(queue, band, side, deadline_ns);
	const struct takt_waiter_queue only = {.queue = queue,
					       .band = band,
					       .is_producer = side == TAKT_QUEUE_PRODUCER};
	return takt_waiter_wait_for(queue->waiter, &only, deadline_ns);
}
