/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "core/layout.h"
#include "core/protocol/ring.h"
#include "core/segment.h"
#include "core/topic.h"
#include "core/topic_segment.h"
#include "core/trace.h"
#include "platform/message.h"

static struct takt_topic_shm *topic_of(const struct takt_subscriber *subscriber)
{
	return subscriber->segment.address;
}

/* ------------------------------------------------------------------------------------------------------ attach */

static enum takt_status check_arguments(const struct takt_node *node, const char *topic,
					const struct takt_subscriber_options *options)
{
	/* Relaxed: set before fork returns in the child. */
	if (node->config == NULL || atomic_load_explicit(&node->lost, memory_order_relaxed))
		return TAKT_CLOSED;
	if (takt_config_queue_find(node->config, topic) != UINT32_MAX) {
		takt_message(TAKT_ERROR,
			     "node '%s' may not read '%.40s': that is a queue and no topic; take from it "
			     "(takt_consumer_attach), or make it a topic in the config",
			     node->name, topic);
		return TAKT_INVALID;
	}
	if (!takt_config_subscribes(node->own, topic)) {
		takt_message(
			TAKT_ERROR,
			"node '%s' may not read '%.40s': the config does not list it; add it to `subscribes` of the node in "
			"%s",
			node->name, topic, node->config->path[0] ? node->config->path : "the config");
		return TAKT_INVALID;
	}
	const struct takt_config_topic *config = &node->config->topics[takt_config_topic_find(node->config, topic)];
	if (options->history > config->depth - 2) {
		takt_message(
			TAKT_ERROR,
			"topic '%s': a history of %u samples was asked for, a depth of %u gives at most %u; raise `depth`",
			topic, options->history, config->depth, config->depth - 2);
		return TAKT_INVALID;
	}
	if (options->borrows > TAKT_BORROWS_PER_SUBSCRIBER_MAX || options->borrows > config->borrows) {
		takt_message(
			TAKT_ERROR,
			"topic '%s': %u borrows were asked for, the config has %u and a subscriber at most %d; raise "
			"`borrows`",
			topic, options->borrows, config->borrows, TAKT_BORROWS_PER_SUBSCRIBER_MAX);
		return TAKT_INVALID;
	}
	return TAKT_OK;
}

static struct takt_subscription_shm *statistics_of(struct takt_node *node, const char *topic)
{
	/* Where they are the config says, as when the segment was made: what stands in it now may be anything. */
	struct takt_node_layout layout;
	takt_node_layout(node->own, &layout);
	struct takt_subscription_shm *all =
		(void *)((unsigned char *)node->segment.address + layout.subscriptions_offset);
	for (uint32_t i = 0; i < node->own->subscribes_count; i++)
		if (strcmp(node->own->subscribes[i], topic) == 0)
			return &all[i];
	return NULL;
}

static void give_pins(struct takt_subscriber *subscriber)
{
	for (uint32_t i = 0; i < subscriber->pin_count; i++) {
		struct takt_pin_shm *pin = takt_ring_pin(&subscriber->ring, subscriber->pin_index[i]);
		takt_ring_give_pin(pin);
	}
	subscriber->pin_count = 0;
}

/* Takes pins that nobody owns or whose owner died; a dead one's pin is empty before it is ours. */
static enum takt_status take_pins(struct takt_subscriber *subscriber, const struct takt_node *node, uint32_t wanted)
{
	for (uint32_t i = 0; i < subscriber->ring.pin_count && subscriber->pin_count < wanted; i++) {
		struct takt_pin_shm *pin = takt_ring_pin(&subscriber->ring, i);
		uint64_t owner = atomic_load_explicit(&pin->owner, memory_order_relaxed);
		if (owner == node->token || (owner && takt_domain_ask(&node->domain, owner) != TAKT_OS_DEAD))
			continue;
		if (!takt_ring_take_pin(pin, owner, node->token))
			continue;
		if (owner)
			takt_trace_node_found_dead(node, owner, TAKT_TRACE_PIN, subscriber->topic_index);
		subscriber->pin_index[subscriber->pin_count++] = i;
	}
	if (subscriber->pin_count == wanted)
		return TAKT_OK;
	takt_message(TAKT_ERROR,
		     "topic '%s': all its %u borrows belong to living subscribers; raise `borrows` in the config",
		     subscriber->topic, subscriber->ring.pin_count);
	give_pins(subscriber);
	return TAKT_FULL;
}

static void choose_start(struct takt_subscriber *subscriber, uint32_t history)
{
	uint64_t newest = takt_ring_newest(&subscriber->ring);
	subscriber->start = newest > history ? newest - history : 1;
	subscriber->next = subscriber->start;
}

/* The account begins; core/read.c goes on with it. Relaxed: one writer; each counter is whole, all of one moment is not promised. */
static void open_account(const struct takt_subscriber *subscriber)
{
	struct takt_subscription_shm *statistics = subscriber->statistics;
	atomic_store_explicit(&statistics->start_number, subscriber->start, memory_order_relaxed);
	atomic_store_explicit(&statistics->next_number, subscriber->next, memory_order_relaxed);
	atomic_store_explicit(&statistics->got_count, 0, memory_order_relaxed);
	atomic_store_explicit(&statistics->lost_count, 0, memory_order_relaxed);
	atomic_store_explicit(&statistics->skipped_count, 0, memory_order_relaxed);
}

static enum takt_status attach_topic(struct takt_subscriber *subscriber, const struct takt_node *node,
				     const struct takt_flat_type *type, const struct takt_subscriber_options *options)
{
	struct takt_topic_constants constants;
	enum takt_status status =
		takt_topic_segment_create(&node->domain, node->config, subscriber->topic_index, type, NULL);
	if (status == TAKT_OK)
		status = takt_topic_segment_open(&subscriber->segment, &constants, &node->domain, node->config,
						 subscriber->topic, TAKT_OS_READ_ONLY);
	if (status == TAKT_OK)
		status = takt_topic_segment_compare(topic_of(subscriber), &constants, subscriber->topic, type);
	if (status == TAKT_OK)
		status = takt_os_shm_prefault(&subscriber->segment, subscriber->topic);
	if (status != TAKT_OK)
		return status;
	takt_topic_segment_ring(&subscriber->ring, &subscriber->segment, &constants, &node->domain, TAKT_OS_READ_ONLY);
	subscriber->deadline_ns = constants.deadline_ns;
	subscriber->type_hash = type->hash;
	subscriber->reads_clock = constants.deadline_ns != 0 || !options->unmeasured;
	choose_start(subscriber, options->history);
	return take_pins(subscriber, node, options->borrows);
}

/* @param type checked */
static enum takt_status attach(struct takt_subscriber *subscriber, struct takt_node *node, const char *topic,
			       const struct takt_flat_type *type, const struct takt_subscriber_options *options)
{
	*subscriber = (struct takt_subscriber){0};
	(void)snprintf(subscriber->topic, sizeof(subscriber->topic), "%s", topic);
	subscriber->topic_index = takt_config_topic_find(node->config, topic);
	subscriber->mask = takt_domain_mask(&node->domain, subscriber->topic_index);
	subscriber->statistics = statistics_of(node, topic);
	enum takt_status status = attach_topic(subscriber, node, type, options);
	if (status != TAKT_OK) {
		takt_os_shm_close(&subscriber->segment);
		*subscriber = (struct takt_subscriber){0};
		return status;
	}
	open_account(subscriber);
	subscriber->node = node;
	takt_trace_topic_attached(node, subscriber->topic_index, &subscriber->segment);
	return TAKT_OK;
}

static const struct takt_subscriber_options no_options;

enum takt_status takt_subscriber_attach(struct takt_subscriber *subscriber, struct takt_node *node, const char *topic,
					const struct takt_type *type, const struct takt_subscriber_options *options)
{
	struct takt_flat_type flat;
	TAKT_ASSERT(subscriber->node == NULL);
	if (options == NULL)
		options = &no_options;
	enum takt_status status = check_arguments(node, topic, options);
	if (status == TAKT_OK)
		status = takt_type_flatten(&flat, type);
	return status == TAKT_OK ? attach(subscriber, node, topic, &flat, options) : status;
}

enum takt_status takt_subscriber_attach_flat(struct takt_subscriber *subscriber, struct takt_node *node,
					     const char *topic, const struct takt_flat_type *type,
					     const struct takt_subscriber_options *options)
{
	TAKT_ASSERT(subscriber->node == NULL);
	if (options == NULL)
		options = &no_options;
	enum takt_status status = check_arguments(node, topic, options);
	if (status == TAKT_OK)
		status = takt_flat_type_check_hash(type);
	return status == TAKT_OK ? attach(subscriber, node, topic, type, options) : status;
}

void takt_subscriber_detach(struct takt_subscriber *subscriber)
{
	if (subscriber->node == NULL)
		return;
	takt_trace_topic_detached(&subscriber->segment);
	if (atomic_load_explicit(&subscriber->node->lost, memory_order_relaxed) == 0)
		give_pins(subscriber);
	takt_os_shm_close(&subscriber->segment);
	*subscriber = (struct takt_subscriber){0};
}
