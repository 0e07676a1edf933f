/* SPDX-License-Identifier: Apache-2.0 */
#include "core/topic.h"

#include <stdio.h>
#include <string.h>

#include "core/layout.h"
#include "core/node_presence.h"
#include "core/pool.h"
#include "core/protocol/ring.h"
#include "core/publish_right.h"
#include "core/segment.h"
#include "core/topic_segment.h"
#include "core/trace.h"
#include "platform/clock.h"
#include "platform/message.h"

static struct takt_topic_shm *topic_of(const struct takt_publisher *publisher)
{
	return publisher->segment.address;
}

/* ------------------------------------------------------------------------------------------------------ attach */

static enum takt_status check_config(const struct takt_node *node, const char *topic)
{
	/* Relaxed: set before fork returns in the child. */
	if (node->config == NULL || atomic_load_explicit(&node->lost, memory_order_relaxed))
		return TAKT_CLOSED;
	if (takt_config_publishes(node->own, topic))
		return TAKT_OK;
	if (takt_config_queue_find(node->config, topic) != UINT32_MAX) {
		takt_message(TAKT_ERROR,
			     "node '%s' may not publish '%.40s': that is a queue and no topic; push to it "
			     "(takt_producer_attach), or make it a topic in the config",
			     node->name, topic);
		return TAKT_INVALID;
	}
	takt_message(
		TAKT_ERROR,
		"node '%s' may not publish '%.40s': the config does not list it; add it to `publishes` of the node in %s",
		node->name, topic, node->config->path[0] ? node->config->path : "the config");
	return TAKT_INVALID;
}

/* The statistics that this node keeps of one topic that it writes. */
static struct takt_publication_shm *statistics_of(struct takt_node *node, const char *topic)
{
	/* Where they are the config says, as when the segment was made: what stands in it now may be anything. */
	struct takt_node_layout layout;
	takt_node_layout(node->own, &layout);
	struct takt_publication_shm *all =
		(void *)((unsigned char *)node->segment.address + layout.publications_offset);
	for (uint32_t i = 0; i < node->own->publishes_count; i++)
		if (strcmp(node->own->publishes[i], topic) == 0)
			return &all[i];
	return NULL;
}

static enum takt_status open_presence(struct takt_publisher *publisher, struct takt_node *node)
{
	struct takt_os_rights rights;
	struct takt_object_name live = takt_object_name("live", publisher->topic);
	enum takt_status status =
		takt_config_rights_resolve(&node->config->topics[publisher->topic_index].rights, &rights);
	if (status != TAKT_OK)
		return status;
	rights = takt_topic_live_rights(&rights);
	status = takt_os_presence_open(&publisher->presence, node->domain.folder, live.text, 1, &rights);
	if (status == TAKT_ABSENT)
		takt_topic_segment_say_gone(live.text, &node->domain);
	return status == TAKT_OK ? takt_node_presence_keep(node, &publisher->presence) : status;
}

void takt_publisher_claim(struct takt_publisher *publisher, uint32_t first)
{
	struct takt_ring *ring = &publisher->ring;
	publisher->spare_index = takt_ring_choose(ring, first < ring->spare_count ? first : 0);
	if (publisher->spare_index == UINT32_MAX)
		return;
	takt_pool_claim(ring, publisher->spare_index, publisher->token, TAKT_CLAIM_PUBLISH);
	/* Relaxed: the spare is ours. Copied once, so that what is filled and what is published are the same slot. */
	const struct takt_spare_shm *spare = takt_ring_spare(ring, publisher->spare_index);
	publisher->slot_index = atomic_load_explicit(&spare->slot_index, memory_order_relaxed) & TAKT_CELL_SLOT_MASK;
	publisher->slot = takt_ring_slot(ring, publisher->slot_index);
}

/* The only publisher: byte 0 of the presence file is the right to publish. */
static enum takt_status take_over_alone(struct takt_publisher *publisher, const struct takt_topic_constants *constants,
					const struct takt_flat_type *type)
{
	struct takt_topic_shm *topic = topic_of(publisher);
	enum takt_status status = takt_os_presence_hold(&publisher->presence, 0);
	if (status == TAKT_BUSY)
		takt_message(
			TAKT_ERROR,
			"topic '%s' has a publisher already and allows one; stop that one, or write `publishers: 2` in the "
			"config of the domain",
			publisher->topic);
	if (status != TAKT_OK)
		return status;
	/* Relaxed: for tools; and only the one publisher writes them. */
	uint64_t dead = atomic_load_explicit(&topic->publisher_token, memory_order_relaxed);
	if (dead != 0) {
		atomic_fetch_add_explicit(&topic->takeover_count, 1, memory_order_relaxed);
		takt_trace_publisher_found_dead(publisher, dead);
	}
	atomic_store_explicit(&topic->publisher_token, publisher->token, memory_order_relaxed);
	takt_pool_rebuild(&publisher->ring, NULL);
	(void)takt_ring_roll_forward(&publisher->ring);
	takt_publisher_claim(publisher, 0);
	takt_topic_segment_describe(topic, constants, type);
	return TAKT_OK;
}

/* What a publisher that died under the lock left: whole again. Nobody else publishes meanwhile. */
static void repair(struct takt_publisher *publisher)
{
	takt_pool_rebuild(&publisher->ring, &publisher->lock);
	(void)takt_ring_roll_forward(&publisher->ring);
	/* Its waiters were perhaps never posted; the slice of each would end that, but we know now. */
}

enum takt_status takt_publisher_check_cut(struct takt_publisher *publisher)
{
	if (!takt_os_shm_is_cut(&publisher->segment))
		return TAKT_OK;
	/* No slot, so that every further call comes here. */
	publisher->spare_index = UINT32_MAX;
	if (!publisher->has_complained)
		takt_message(
			TAKT_ERROR,
			"topic '%s': its segment was cut off while it was in use; somebody who may write it shrank the "
			"file: stop the domain and run: takt clean",
			publisher->topic);
	publisher->has_complained = 1;
	return TAKT_CORRUPT;
}

/* A living owner held the lock as long as anybody waits: a stopped process, or one that lies. Said once, with its name. */
static void name_owner(struct takt_publisher *publisher, const struct takt_node *node)
{
	char name[TAKT_NAME_BYTES];

	if (publisher->has_named_owner || node == NULL)
		return;
	publisher->has_named_owner = 1;
	takt_message(
		TAKT_WARNING,
		"topic '%s': its lock was held for more than %llu us, and nothing was published, by: %s; look whether "
		"that is stopped (takt node list), or raise `lock_bound_us`; said once",
		publisher->topic, (unsigned long long)(publisher->lock_bound_ns / TAKT_NS_PER_US),
		takt_node_of_token(&node->domain, takt_lock_owner(&publisher->lock), name));
}

enum takt_status takt_publisher_lock(struct takt_publisher *publisher)
{
	int taken_over;
	/* Free, as nearly always: no look at the clock for a deadline that nobody waits for. */
	if (takt_lock_try_take(&publisher->lock))
		return TAKT_OK;
	takt_trace_lock_wait_begun();
	uint64_t deadline_ns = takt_os_clock_now_ns() + publisher->lock_bound_ns;
	enum takt_status status = takt_lock_take_until(&publisher->lock, deadline_ns, &taken_over);
	takt_trace_lock_wait_ended(publisher, status, status == TAKT_OK && taken_over);
	if (status == TAKT_TIMEOUT)
		name_owner(publisher, publisher->node);
	if (status == TAKT_OK && taken_over) {
		status = takt_publisher_check_cut(publisher);
		if (status == TAKT_OK)
			repair(publisher);
		else
			takt_publisher_unlock(publisher);
	}
	return status;
}

/* One of several: the token in the presence file is the right to take the lock. */
static enum takt_status join_publishers(struct takt_publisher *publisher, const struct takt_topic_constants *constants,
					const struct takt_flat_type *type)
{
	uint32_t publisher_count_max = constants->publisher_count_max;
	enum takt_status status =
		takt_presence_hold_token(&publisher->presence, &publisher->token, "topic", publisher->topic);
	if (status != TAKT_OK)
		return status;
	takt_lock_init(&publisher->lock, &topic_of(publisher)->lock, &publisher->presence, publisher->token);
	status = takt_publisher_lock(publisher);
	if (status == TAKT_TIMEOUT)
		takt_message(
			TAKT_ERROR,
			"topic '%s': a living publisher has held its lock for more than %llu us; look for one that is stopped "
			"(takt node list), or raise `lock_bound_us`",
			publisher->topic, (unsigned long long)(publisher->lock_bound_ns / TAKT_NS_PER_US));
	if (status != TAKT_OK)
		return status;
	takt_pool_reclaim(&publisher->ring, &publisher->lock);
	if (takt_pool_claim_count(&publisher->ring, TAKT_CLAIM_PUBLISH) >= publisher_count_max) {
		takt_message(
			TAKT_ERROR,
			"topic '%s' has %u publishers, as many as its config allows; stop one, or raise `publishers`",
			publisher->topic, publisher_count_max);
		status = TAKT_LIMIT;
	} else {
		takt_publisher_claim(publisher, 0);
		takt_topic_segment_describe(topic_of(publisher), constants, type);
	}
	takt_publisher_unlock(publisher);
	return status;
}

static enum takt_status attach_topic(struct takt_publisher *publisher, struct takt_node *node,
				     const struct takt_flat_type *type)
{
	struct takt_topic_constants constants;
	enum takt_status status =
		takt_topic_segment_create(&node->domain, node->config, publisher->topic_index, type, NULL);
	if (status == TAKT_OK)
		status = takt_topic_segment_open(&publisher->segment, &constants, &node->domain, node->config,
						 publisher->topic, TAKT_OS_READ_WRITE);
	if (status == TAKT_OK)
		status = takt_topic_segment_compare(topic_of(publisher), &constants, publisher->topic, type);
	if (status == TAKT_OK)
		status = takt_os_shm_prefault(&publisher->segment, publisher->topic);
	if (status != TAKT_OK)
		return status;
	takt_topic_segment_ring(&publisher->ring, &publisher->segment, &constants, &node->domain, TAKT_OS_READ_WRITE);
	publisher->loan_count_max = constants.loan_count;
	publisher->is_shared = constants.publisher_count_max > 1;
	status = open_presence(publisher, node);
	if (status == TAKT_OK)
		status = publisher->is_shared ? join_publishers(publisher, &constants, type)
					      : take_over_alone(publisher, &constants, type);
	/* Once more: another publisher may have described the topic since we looked. */
	if (status == TAKT_OK)
		status = takt_topic_segment_compare(topic_of(publisher), &constants, publisher->topic, type);
	return status;
}

/* @param type checked */
static enum takt_status attach(struct takt_publisher *publisher, struct takt_node *node, const char *topic,
			       const struct takt_flat_type *type)
{
	*publisher = (struct takt_publisher){.presence = {.descriptor = -1}, .token = node->token};
	(void)snprintf(publisher->topic, sizeof(publisher->topic), "%s", topic);
	publisher->topic_index = takt_config_topic_find(node->config, topic);
	publisher->subscriber_mask = takt_config_subscriber_mask(node->config, topic);
	publisher->lock_bound_ns = node->config->lock_bound_us * TAKT_NS_PER_US;
	publisher->mask = takt_domain_mask(&node->domain, publisher->topic_index);
	publisher->statistics = statistics_of(node, topic);
	takt_trace_attach_begun(node);
	enum takt_status status = attach_topic(publisher, node, type);
	if (status != TAKT_OK) {
		takt_node_presence_close(node, &publisher->presence);
		takt_os_shm_close(&publisher->segment);
		*publisher = (struct takt_publisher){0};
		return status;
	}
	publisher->node = node;
	takt_trace_topic_attached(node, publisher->topic_index, &publisher->segment);
	return TAKT_OK;
}

enum takt_status takt_publisher_attach(struct takt_publisher *publisher, struct takt_node *node, const char *topic,
				       const struct takt_type *type)
{
	struct takt_flat_type flat;
	TAKT_ASSERT(publisher->node == NULL);
	enum takt_status status = check_config(node, topic);
	if (status == TAKT_OK)
		status = takt_type_flatten(&flat, type);
	return status == TAKT_OK ? attach(publisher, node, topic, &flat) : status;
}

enum takt_status takt_publisher_attach_flat(struct takt_publisher *publisher, struct takt_node *node, const char *topic,
					    const struct takt_flat_type *type)
{
	TAKT_ASSERT(publisher->node == NULL);
	enum takt_status status = check_config(node, topic);
	if (status == TAKT_OK)
		status = takt_flat_type_check_hash(type);
	return status == TAKT_OK ? attach(publisher, node, topic, type) : status;
}

void takt_publisher_detach(struct takt_publisher *publisher)
{
	if (publisher->node == NULL)
		return;
	takt_trace_topic_detached(&publisher->segment);
	int is_ours = atomic_load_explicit(&publisher->node->lost, memory_order_relaxed) == 0;
	if (is_ours && publisher->is_shared) {
		/* Not getting the lock is no harm: our claims are a dead process's as soon as the presence is closed. */
		if (takt_publisher_lock(publisher) == TAKT_OK) {
			takt_pool_release_all(&publisher->ring, publisher->token);
			takt_publisher_unlock(publisher);
		}
	} else if (is_ours) {
		/* An orderly end is no takeover. Relaxed: for tools. */
		atomic_store_explicit(&topic_of(publisher)->publisher_token, 0, memory_order_relaxed);
	}
	takt_node_presence_close(publisher->node, &publisher->presence);
	takt_os_shm_close(&publisher->segment);
	*publisher = (struct takt_publisher){0};
}
