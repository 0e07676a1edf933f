/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "core/histogram.h"
#include "core/layout.h"
#include "core/protocol/ring.h"
#include "core/segment.h"
#include "core/topic.h"
#include "core/topic_segment.h"
#include "platform/clock.h"
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
	struct takt_node_shm *shared = node->segment.address;
	struct takt_subscription_shm *all =
		(void *)((unsigned char *)node->segment.address + shared->subscriptions_offset);
	for (uint32_t i = 0; i < node->own->subscribes_count; i++)
		if (strcmp(node->own->subscribes[i], topic) == 0)
			return &all[i];
	return NULL;
}

static void give_pins(struct takt_subscriber *subscriber)
{
	for (uint32_t i = 0; i < subscriber->pin_count; i++) {
		struct takt_pin_shm *pin = takt_ring_pin(&subscriber->ring, subscriber->pin_index[i]);
		takt_ring_unpin(pin);
		/* Relaxed: who takes the pin next stores into it only behind its own B2. */
		atomic_store_explicit(&pin->owner, 0, memory_order_relaxed);
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
		/* Relaxed: the word decides only who may use the pin; its use is ordered by B2, B3, B6. */
		if (!atomic_compare_exchange_strong_explicit(&pin->owner, &owner, node->token, memory_order_relaxed,
							     memory_order_relaxed))
			continue;
		takt_ring_unpin(pin);
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

static void report(const struct takt_subscriber *subscriber)
{
	/* Relaxed: one writer; each counter is whole, all of one moment is not promised. */
	struct takt_subscription_shm *statistics = subscriber->statistics;
	atomic_store_explicit(&statistics->next_number, subscriber->next, memory_order_relaxed);
	atomic_store_explicit(&statistics->got_count, subscriber->got, memory_order_relaxed);
	atomic_store_explicit(&statistics->lost_count, subscriber->lost, memory_order_relaxed);
	atomic_store_explicit(&statistics->skipped_count, subscriber->skipped, memory_order_relaxed);
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

enum takt_status takt_subscriber_attach(struct takt_subscriber *subscriber, struct takt_node *node, const char *topic,
					const struct takt_type *type, const struct takt_subscriber_options *options)
{
	static const struct takt_subscriber_options none;
	struct takt_flat_type flat;
	TAKT_ASSERT(subscriber->node == NULL);
	if (options == NULL)
		options = &none;
	enum takt_status status = check_arguments(node, topic, options);
	if (status == TAKT_OK)
		status = takt_type_flatten(&flat, type);
	if (status != TAKT_OK)
		return status;

	*subscriber = (struct takt_subscriber){0};
	(void)snprintf(subscriber->topic, sizeof(subscriber->topic), "%s", topic);
	subscriber->topic_index = takt_config_topic_find(node->config, topic);
	subscriber->mask = takt_domain_mask(&node->domain, subscriber->topic_index);
	subscriber->statistics = statistics_of(node, topic);
	status = attach_topic(subscriber, node, &flat, options);
	if (status != TAKT_OK) {
		takt_os_shm_close(&subscriber->segment);
		*subscriber = (struct takt_subscriber){0};
		return status;
	}
	atomic_store_explicit(&subscriber->statistics->start_number, subscriber->start, memory_order_relaxed);
	report(subscriber);
	subscriber->node = node;
	return TAKT_OK;
}

void takt_subscriber_detach(struct takt_subscriber *subscriber)
{
	if (subscriber->node == NULL)
		return;
	if (atomic_load_explicit(&subscriber->node->lost, memory_order_relaxed) == 0)
		give_pins(subscriber);
	takt_os_shm_close(&subscriber->segment);
	*subscriber = (struct takt_subscriber){0};
}

/* -------------------------------------------------------------------------------------------------------- read */

/* How a sample is fetched: copied to `payload`, or pinned in place with pin `pin`. One of the two. */
struct fetch {
	void *payload;
	uint32_t pin;
	const unsigned char *slot;
	struct takt_sample_header header;
};

static int is_closed(const struct takt_subscriber *subscriber)
{
	return subscriber->node == NULL || atomic_load_explicit(&subscriber->node->lost, memory_order_relaxed) != 0;
}

static enum takt_ring_outcome fetch_one(const struct takt_subscriber *subscriber, uint64_t number, struct fetch *fetch)
{
	if (fetch->payload)
		return takt_ring_copy(&subscriber->ring, number, &fetch->header, fetch->payload);
	struct takt_pin_shm *pin = takt_ring_pin(&subscriber->ring, subscriber->pin_index[fetch->pin]);
	enum takt_ring_outcome outcome = takt_ring_borrow(&subscriber->ring, number, pin, &fetch->slot);
	if (outcome == TAKT_RING_GOT)
		takt_ring_load_header(&fetch->header, fetch->slot);
	return outcome;
}

static void drop(const struct takt_subscriber *subscriber, const struct fetch *fetch)
{
	if (!fetch->payload)
		takt_ring_unpin(takt_ring_pin(&subscriber->ring, subscriber->pin_index[fetch->pin]));
}

/* Said once: a loop that goes on reading must not flood its own log. */
static enum takt_status refuse(struct takt_subscriber *subscriber, const char *what)
{
	if (subscriber->has_complained)
		return TAKT_CORRUPT;
	subscriber->has_complained = 1;
	takt_message(TAKT_ERROR,
		     "topic '%s': %s; a publisher of it writes wrongly: stop the domain and run: takt clean %s",
		     subscriber->topic, what, subscriber->node->domain.name);
	return TAKT_CORRUPT;
}

/* The topic was not described when we attached: the first sample has a publisher behind it, and so a description. */
static enum takt_status check_type(struct takt_subscriber *subscriber)
{
	/* D2 acquire, though the hash alone is compared: one kind of reading for one word. */
	uint64_t hash = atomic_load_explicit(&topic_of(subscriber)->type_hash, memory_order_acquire);
	if (hash == 0)
		return TAKT_OK;
	if (hash != subscriber->type_hash) {
		if (!subscriber->has_complained)
			takt_message(
				TAKT_ERROR,
				"topic '%s': its publisher has another layout of the type than this program; build both "
				"from the same description",
				subscriber->topic);
		subscriber->has_complained = 1;
		return TAKT_MISMATCH;
	}
	subscriber->type_is_checked = 1;
	return TAKT_OK;
}

/* Statistics and info of a sample that was got. */
static void deliver(struct takt_subscriber *subscriber, const struct takt_sample_header *header,
		    struct takt_sample_info *found)
{
	struct takt_subscription_shm *statistics = subscriber->statistics;
	found->number = header->number;
	found->publish_ns = header->publish_ns;
	found->origin = header->origin;
	found->lost = subscriber->lost - subscriber->lost_told;
	subscriber->lost_told = subscriber->lost;
	if (subscriber->reads_clock) {
		uint64_t now_ns = takt_os_clock_now_ns();
		uint64_t age_ns = now_ns > header->publish_ns ? now_ns - header->publish_ns : 0;
		found->read_ns = now_ns;
		found->is_stale = subscriber->deadline_ns != 0 && age_ns > subscriber->deadline_ns;
		if (found->is_stale) {
			uint64_t stale = atomic_load_explicit(&statistics->stale_count, memory_order_relaxed);
			atomic_store_explicit(&statistics->stale_count, stale + 1, memory_order_relaxed);
		}
		if (!found->is_repeated) {
			takt_histogram_add(&statistics->age_ns, age_ns);
			if (header->origin.topic_index != subscriber->topic_index && now_ns >= header->origin.time_ns)
				takt_histogram_add(&statistics->chain_ns, now_ns - header->origin.time_ns);
		}
	}
	report(subscriber);
}

/* Where a reader that was overtaken goes on: near the oldest, then the middle, then the newest. */
static uint64_t resume_number(const struct takt_subscriber *subscriber, uint32_t attempt)
{
	/* R3 acquire fence: the cell that was seen changed before head. Pairs with P2. Without it head could look older than the
	 * cell, and a reader that is merely late would call the topic corrupt. */
	atomic_thread_fence(memory_order_acquire);
	uint64_t newest = takt_ring_newest(&subscriber->ring);
	uint64_t depth = (uint64_t)subscriber->ring.depth_mask + 1;
	uint64_t back = attempt == 0 ? depth - 2 : attempt == 1 ? depth / 2 : 0;
	return newest > back ? newest - back : 1;
}

static enum takt_status overtaken(struct takt_subscriber *subscriber)
{
	struct takt_subscription_shm *statistics = subscriber->statistics;
	uint64_t count = atomic_load_explicit(&statistics->overtaken_count, memory_order_relaxed);
	atomic_store_explicit(&statistics->overtaken_count, count + 1, memory_order_relaxed);
	return TAKT_OVERTAKEN;
}

static enum takt_status accept(struct takt_subscriber *subscriber, uint64_t number, const struct fetch *fetch)
{
	if (fetch->header.number != number) {
		drop(subscriber, fetch);
		return refuse(subscriber, "a cell names a slot that holds another sample");
	}
	enum takt_status status = subscriber->type_is_checked ? TAKT_OK : check_type(subscriber);
	if (status != TAKT_OK)
		drop(subscriber, fetch);
	return status;
}

static enum takt_status get_next(struct takt_subscriber *subscriber, struct fetch *fetch, struct takt_sample_info *info)
{
	struct takt_sample_info found = {0};
	for (uint32_t attempt = 0; attempt < TAKT_READ_TRIES_MAX; attempt++) {
		enum takt_ring_outcome outcome = fetch_one(subscriber, subscriber->next, fetch);
		if (outcome == TAKT_RING_NOT_YET)
			return TAKT_EMPTY;
		if (outcome == TAKT_RING_GOT) {
			enum takt_status status = accept(subscriber, subscriber->next, fetch);
			if (status != TAKT_OK)
				return status;
			subscriber->next++;
			subscriber->got++;
			deliver(subscriber, &fetch->header, &found);
			if (info)
				*info = found;
			return TAKT_OK;
		}
		uint64_t resume = resume_number(subscriber, attempt);
		if (resume <= subscriber->next)
			return refuse(subscriber, "a cell holds a number that its head does not know");
		subscriber->lost += resume - subscriber->next;
		subscriber->next = resume;
		report(subscriber);
	}
	return overtaken(subscriber);
}

static enum takt_status get_latest(struct takt_subscriber *subscriber, struct fetch *fetch,
				   struct takt_sample_info *info)
{
	for (uint32_t attempt = 0; attempt < TAKT_READ_TRIES_MAX; attempt++) {
		uint64_t newest = takt_ring_newest(&subscriber->ring);
		if (newest == 0)
			return TAKT_EMPTY;
		if (newest + 1 < subscriber->next)
			return refuse(subscriber, "its newest number went back");
		enum takt_ring_outcome outcome = fetch_one(subscriber, newest, fetch);
		if (outcome != TAKT_RING_GOT)
			continue;
		enum takt_status status = accept(subscriber, newest, fetch);
		if (status != TAKT_OK)
			return status;
		struct takt_sample_info found = {.is_repeated = newest < subscriber->next};
		if (!found.is_repeated) {
			found.skipped = newest - subscriber->next;
			subscriber->skipped += found.skipped;
			subscriber->got++;
			subscriber->next = newest + 1;
		}
		deliver(subscriber, &fetch->header, &found);
		if (info)
			*info = found;
		return TAKT_OK;
	}
	return overtaken(subscriber);
}

enum takt_status takt_read_next(struct takt_subscriber *subscriber, void *payload, struct takt_sample_info *info)
{
	struct fetch fetch = {.payload = payload};
	TAKT_ASSERT(payload != NULL);
	return is_closed(subscriber) ? TAKT_CLOSED : get_next(subscriber, &fetch, info);
}

enum takt_status takt_read_latest(struct takt_subscriber *subscriber, void *payload, struct takt_sample_info *info)
{
	struct fetch fetch = {.payload = payload};
	TAKT_ASSERT(payload != NULL);
	return is_closed(subscriber) ? TAKT_CLOSED : get_latest(subscriber, &fetch, info);
}

/* ------------------------------------------------------------------------------------------------------ borrow */

static enum takt_status free_pin(const struct takt_subscriber *subscriber, uint32_t *pin)
{
	for (uint32_t i = 0; i < subscriber->pin_count; i++) {
		if (!subscriber->pin_used[i]) {
			*pin = i;
			return TAKT_OK;
		}
	}
	return TAKT_FULL;
}

static enum takt_status
borrow_with(struct takt_subscriber *subscriber, struct takt_borrow *borrow, struct takt_sample_info *info,
	    enum takt_status (*get)(struct takt_subscriber *, struct fetch *, struct takt_sample_info *))
{
	struct fetch fetch = {0};
	if (is_closed(subscriber))
		return TAKT_CLOSED;
	enum takt_status status = free_pin(subscriber, &fetch.pin);
	if (status == TAKT_OK)
		status = get(subscriber, &fetch, info);
	if (status != TAKT_OK)
		return status;
	subscriber->pin_used[fetch.pin] = 1;
	borrow->payload = fetch.slot + sizeof(struct takt_slot_shm);
	borrow->pin = fetch.pin;
	return TAKT_OK;
}

enum takt_status takt_borrow_next(struct takt_subscriber *subscriber, struct takt_borrow *borrow,
				  struct takt_sample_info *info)
{
	return borrow_with(subscriber, borrow, info, get_next);
}

enum takt_status takt_borrow_latest(struct takt_subscriber *subscriber, struct takt_borrow *borrow,
				    struct takt_sample_info *info)
{
	return borrow_with(subscriber, borrow, info, get_latest);
}

void takt_return(struct takt_subscriber *subscriber, struct takt_borrow *borrow)
{
	if (is_closed(subscriber))
		return;
	TAKT_ASSERT(borrow->payload != NULL && borrow->pin < subscriber->pin_count &&
		    subscriber->pin_used[borrow->pin]);
	takt_ring_unpin(takt_ring_pin(&subscriber->ring, subscriber->pin_index[borrow->pin]));
	subscriber->pin_used[borrow->pin] = 0;
	*borrow = (struct takt_borrow){0};
}

int takt_subscriber_has_news(const struct takt_subscriber *subscriber)
{
	return subscriber->node != NULL && takt_ring_has(&subscriber->ring, subscriber->next);
}

uint64_t takt_subscriber_news_ns(const struct takt_subscriber *subscriber)
{
	struct takt_sample_header header;
	if (subscriber->node == NULL ||
	    takt_ring_copy(&subscriber->ring, subscriber->next, &header, NULL) != TAKT_RING_GOT)
		return 0;
	return header.publish_ns;
}
