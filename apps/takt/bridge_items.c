/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue as the inside of a bridge. As a node of the config where there is one to be, otherwise, to the outside only, as takt's other
 * tools take from a queue. An item is acknowledged when the outside has it: until then it is kept, and given back when the bridge ends.
 */
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bridge.h"
#include "apps/takt/queue.h"
#include "core/queue_view.h"
#include "core/takt.h"
#include "platform/clock.h"
#include "platform/thread.h"

#define ROOM_NS (100 * TAKT_NS_PER_MS) /* so long a wait for room before a look whether this is the end */

struct bridged_queue {
	struct bridge_inside inside;
	struct takt_node node; /* node.config NULL: not a member */
	struct takt_domain domain;
	struct takt_producer producer;
	struct takt_consumer consumer;
	struct takt_waiter waiter;
	struct takt_item item;
	int has_item;  /* taken, and not acknowledged */
	uint32_t band; /* to take from, or to push to; TAKT_BAND_ANY: as it comes */
};

static struct bridged_queue *queue_of(const struct bridge_inside *inside)
{
	return (struct bridged_queue *)(uintptr_t)inside;
}

static int should_end(const struct bridge_inside *inside)
{
	const struct bridged_queue *queue = queue_of(inside);

	return queue->node.config ? takt_node_should_quit(&queue->node) : takt_os_stop_requested();
}

/* ---------------------------------------------------------------------------------------------------------- open */

static enum takt_status set_ready(struct bridge_inside *inside)
{
	struct bridged_queue *queue = queue_of(inside);

	return queue->node.config ? takt_node_set_ready(&queue->node) : TAKT_OK;
}

/* As it stands in the queue. @retval TAKT_NOT_READY nobody has described it yet, or the queue is not made */
static enum takt_status look_at_type(struct bridge_inside *inside, const char *name)
{
	struct bridged_queue *queue = queue_of(inside);
	struct takt_queue_mapping mapping = {0};
	enum takt_status status = takt_queue_segment_open(&mapping, queue->inside.view.domain, NULL, name,
							  TAKT_OS_READ_ONLY, TAKT_OS_READ_ONLY);

	if (status != TAKT_OK)
		return status == TAKT_ABSENT ? TAKT_NOT_READY : status;
	const struct takt_description_view view = takt_queue_segment_description(&mapping);
	status = takt_description_read(&view, &queue->inside.type);
	takt_os_shm_close(&mapping.items);
	takt_os_shm_close(&mapping.state);
	return status;
}

static enum takt_status open_consumer(struct bridged_queue *queue, const struct bridge_options *options)
{
	enum takt_status status = bridge_wait_for_type(&queue->inside, look_at_type, options->topic);

	if (status != TAKT_OK)
		return status;
	if (queue->node.config == NULL)
		return takt_queue_attach_tool(&queue->consumer.queue, &queue->domain, options->topic,
					      &queue->inside.type, TAKT_QUEUE_CONSUMER);
	status = takt_consumer_attach_flat(&queue->consumer, &queue->node, options->topic, &queue->inside.type);
	if (status == TAKT_OK && queue->node.waiter_count > 0) {
		status = takt_waiter_init(&queue->waiter, &queue->node, 0);
		takt_consumer_waiter_set(&queue->consumer, &queue->waiter);
	}
	return status;
}

static enum takt_status open_producer(struct bridged_queue *queue, const struct bridge_options *options)
{
	const struct takt_config *config = queue->node.config;
	const struct takt_config_queue *declared = &config->queues[takt_config_queue_find(config, options->topic)];
	enum takt_status status = TAKT_OK;

	if (options->fields) {
		(void)snprintf(queue->inside.type.name, sizeof(queue->inside.type.name), "%s", declared->type);
		queue->inside.type.bytes = declared->bytes;
		status = bridge_fields_read(options->fields, &queue->inside.type);
	} else {
		status = look_at_type(&queue->inside, options->topic);
	}
	if (status == TAKT_NOT_READY)
		takt_message(
			TAKT_ERROR,
			"queue '%s': nobody has described it yet, so its fields are not known; give them, such as --fields "
			"\"count u32, value f64 m\", or start another producer of it first",
			options->topic);
	if (status == TAKT_OK)
		status = takt_producer_attach_flat(&queue->producer, &queue->node, options->topic, &queue->inside.type);
	if (status == TAKT_OK && queue->node.waiter_count > 0) {
		status = takt_waiter_init(&queue->waiter, &queue->node, 0);
		takt_producer_waiter_set(&queue->producer, &queue->waiter);
	}
	return status;
}

/* A member to the outside is ready at once: it may wait for a producer that is started behind it, and that one waits for it. */
static enum takt_status enter(struct bridged_queue *queue, const struct bridge_options *options)
{
	enum takt_status status;

	if (!bridge_is_member(options)) {
		queue->inside.view.domain = &queue->domain;
		takt_os_process_prepare(1);
		return domain_attach(options->domain, &queue->domain) == EXIT_OK ? TAKT_OK : TAKT_ABSENT;
	}
	queue->inside.view.domain = &queue->node.domain;
	status = takt_node_join(&queue->node, options->config, options->node);
	return status == TAKT_OK && !options->is_from ? set_ready(&queue->inside) : status;
}

static enum takt_status open_queue(struct bridge_inside *inside, const struct bridge_options *options)
{
	struct bridged_queue *queue = queue_of(inside);
	enum takt_status status = enter(queue, options);

	queue->band = options->queue_band;
	if (status == TAKT_OK)
		status = options->is_from ? open_producer(queue, options) : open_consumer(queue, options);
	if (status != TAKT_OK)
		return status;
	inside->payload = calloc(1, inside->type.bytes + 16u);
	if (inside->payload == NULL) {
		takt_message(TAKT_ERROR, "queue '%s': no memory for one of its items", options->topic);
		return TAKT_NO_SPACE;
	}
	decode_select_all(&inside->all, &inside->type);
	inside->view.topic = options->topic;
	inside->view.selection = &inside->all;
	return TAKT_OK;
}

/* ---------------------------------------------------------------------------------------------------------- take */

static enum takt_status next(struct bridge_inside *inside, struct takt_sample_header *header,
			     struct bridge_counts *counts)
{
	struct bridged_queue *queue = queue_of(inside);
	enum takt_status status = TAKT_OK;

	(void)counts;
	if (!queue->has_item)
		status = takt_queue_take(&queue->consumer, queue->band, inside->payload, &queue->item);
	/* Its lock was not free: as if nothing were there yet. */
	if (status != TAKT_OK)
		return status == TAKT_TIMEOUT ? TAKT_EMPTY : status;
	queue->has_item = 1;
	inside->band = queue->item.band;
	*header = (struct takt_sample_header){queue->item.number, queue->item.push_ns, queue->item.origin};
	return TAKT_OK;
}

/* What is too long for the outside will be so for ever; the rest may pass the next time. */
static int settle(struct bridge_inside *inside, enum takt_status status)
{
	struct bridged_queue *queue = queue_of(inside);

	if (status != TAKT_OK && status != TAKT_LIMIT && status != TAKT_INVALID)
		return 0;
	queue->has_item = 0;
	(void)!takt_queue_acknowledge(&queue->consumer, &queue->item);
	return 1;
}

static enum takt_status wait_for_item(struct bridge_inside *inside, uint64_t deadline_ns)
{
	struct bridged_queue *queue = queue_of(inside);

	return takt_queue_wait(&queue->consumer.queue, queue->band, TAKT_QUEUE_CONSUMER, deadline_ns);
}

/* ---------------------------------------------------------------------------------------------------------- push */

/* As long as the queue's policy is to wait for room, the outside waits too. */
static enum takt_status put(struct bridge_inside *inside, const unsigned char *payload)
{
	struct bridged_queue *queue = queue_of(inside);
	const uint32_t band_max = queue->producer.queue.band_count - 1;
	uint32_t band = queue->band == TAKT_BAND_ANY ? inside->band : queue->band;
	enum takt_status status;

	/* The outside may have more priorities. */
	if (queue->band == TAKT_BAND_ANY && band > band_max)
		band = band_max;
	do
		status = takt_queue_push_until(&queue->producer, payload, band, NULL, takt_os_clock_now_ns() + ROOM_NS);
	while (status == TAKT_TIMEOUT && queue->producer.queue.when_full == TAKT_WHEN_FULL_BLOCK &&
	       !should_end(inside));
	/* Told to end while it waits: what it has in its hands is lost, and counted. */
	return status == TAKT_STOPPED || (status == TAKT_TIMEOUT && should_end(inside)) ? TAKT_FULL : status;
}

static void close_queue(struct bridge_inside *inside)
{
	struct bridged_queue *queue = queue_of(inside);

	takt_consumer_detach(&queue->consumer);
	takt_producer_detach(&queue->producer);
	takt_domain_close(&queue->domain);
	takt_node_leave(&queue->node);
	free(inside->payload);
	inside->payload = NULL;
}

struct bridge_inside *bridge_items(void)
{
	static const struct bridge_inside_kind kind = {.open = open_queue,
						       .set_ready = set_ready,
						       .next = next,
						       .wait = wait_for_item,
						       .put = put,
						       .settle = settle,
						       .should_end = should_end,
						       .close = close_queue};
	static struct bridged_queue queue;

	queue = (struct bridged_queue){
		.inside = {.kind = &kind, .meanwhile = "waits in the queue", .noun = "queue", .describer = "producer"}};
	return &queue.inside;
}
