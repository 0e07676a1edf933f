/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A topic as the inside of a bridge. As a node of the config where there is one to be (TAKT_NODE, or --node): it sleeps until there is
 * news, and takt's tools show it. Otherwise, to the outside only, as takt's other tools look at a topic: read-only, without joining.
 */
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bridge.h"
#include "apps/takt/topic.h"
#include "core/takt.h"
#include "platform/clock.h"
#include "platform/thread.h"

#define PAUSE_NS_MIN   (1 * TAKT_NS_PER_MS)
#define PAUSE_NS_MAX   (10 * TAKT_NS_PER_MS)
#define IDLE_POLLS_MAX 100u /* so many looks without news before one whether the topic is still there */

struct bridged_topic {
	struct bridge_inside inside;
	struct takt_node node; /* node.config NULL: not a member */
	struct takt_domain domain;
	struct reader reader; /* of who is not */
	struct takt_publisher publisher;
	struct takt_subscriber subscriber;
	struct takt_waiter waiter;
	uint64_t pause_ns;
	uint32_t idle_count;
};

static struct bridged_topic *topic_of(const struct bridge_inside *inside)
{
	return (struct bridged_topic *)(uintptr_t)inside;
}

/* ---------------------------------------------------------------------------------------------------------- open */

static enum takt_status set_ready(struct bridge_inside *inside)
{
	struct bridged_topic *topic = topic_of(inside);

	return topic->node.config ? takt_node_set_ready(&topic->node) : TAKT_OK;
}

/* To the outside it is ready at once: it may wait for a publisher that is started behind it, and that one waits for it. */
static enum takt_status join(struct bridged_topic *topic, const struct bridge_options *options)
{
	enum takt_status status = takt_node_join(&topic->node, options->config, options->node);

	return status == TAKT_OK && !options->is_from ? set_ready(&topic->inside) : status;
}

/* @retval TAKT_OK it stands in the topic @retval TAKT_NOT_READY nobody has described it yet */
static enum takt_status look_at_type(struct bridge_inside *inside, const char *name)
{
	struct bridged_topic *topic = topic_of(inside);
	static struct reader reader;
	enum takt_status status = reader_open(&reader, &topic->node.domain, name);

	if (status != TAKT_OK)
		return status == TAKT_ABSENT ? TAKT_NOT_READY : status;
	status = takt_topic_segment_description(reader_topic(&reader), &reader.constants, &topic->inside.type);
	reader_close(&reader);
	return status;
}

static enum takt_status open_subscriber(struct bridged_topic *topic, const struct bridge_options *options)
{
	const struct takt_config *config = topic->node.config;
	const uint32_t index = takt_config_topic_find(config, options->topic);
	struct takt_subscriber_options wanted = {.history = 0};

	if (index == UINT32_MAX) {
		(void)domain_no_topic(&topic->node.domain, options->topic);
		return TAKT_ABSENT;
	}
	/* Before it is waited for: what the node may not read, it may wait for in vain. */
	if (!takt_config_subscribes(topic->node.own, options->topic)) {
		takt_message(
			TAKT_ERROR,
			"node '%s' may not read '%s': the config does not list it; add it to `subscribes` of the node in %s",
			topic->node.name, options->topic, config->path);
		return TAKT_INVALID;
	}
	wanted.history = options->has_history ? config->topics[index].depth - 2 : 0;
	enum takt_status status = bridge_wait_for_type(&topic->inside, look_at_type, options->topic);
	if (status == TAKT_OK)
		status = takt_subscriber_attach_flat(&topic->subscriber, &topic->node, options->topic,
						     &topic->inside.type, &wanted);
	if (status == TAKT_OK)
		status = takt_waiter_init(&topic->waiter, &topic->node, 0);
	if (status == TAKT_OK)
		status = takt_waiter_add(&topic->waiter, &topic->subscriber);
	return status;
}

/* By looking only. */
static enum takt_status open_reader(struct bridged_topic *topic, const struct bridge_options *options)
{
	if (domain_attach(options->domain, &topic->domain) != EXIT_OK)
		return TAKT_ABSENT;
	takt_os_process_prepare(1);
	topic->pause_ns = PAUSE_NS_MIN;
	if (topic_wait(&topic->reader, &topic->domain, options->topic, &topic->inside.type, TAKT_FOREVER) != EXIT_OK)
		return TAKT_ABSENT;
	const uint64_t newest = reader_newest(&topic->reader);
	reader_seek(&topic->reader, options->has_history ? reader_oldest(&topic->reader) : newest ? newest : 1);
	return TAKT_OK;
}

/* The type: as it was given, else as the topic describes itself. */
static enum takt_status find_type(struct bridged_topic *topic, const struct bridge_options *options)
{
	const struct takt_config *config = topic->node.config;
	const uint32_t index = takt_config_topic_find(config, options->topic);

	if (index == UINT32_MAX) {
		(void)domain_no_topic(&topic->node.domain, options->topic);
		return TAKT_ABSENT;
	}
	if (options->fields) {
		(void)snprintf(topic->inside.type.name, sizeof(topic->inside.type.name), "%s",
			       config->topics[index].type);
		topic->inside.type.bytes = config->topics[index].bytes;
		return bridge_fields_read(options->fields, &topic->inside.type);
	}
	const enum takt_status status = look_at_type(&topic->inside, options->topic);
	if (status == TAKT_NOT_READY)
		takt_message(
			TAKT_ERROR,
			"topic '%s': nobody has published it yet, so its fields are not known; give them, such as --fields "
			"\"count u32, value f64 m\", or start another publisher of it first",
			options->topic);
	return status;
}

static enum takt_status open_publisher(struct bridged_topic *topic, const struct bridge_options *options)
{
	enum takt_status status = find_type(topic, options);

	if (status == TAKT_OK)
		status = takt_publisher_attach_flat(&topic->publisher, &topic->node, options->topic,
						    &topic->inside.type);
	return status;
}

static enum takt_status open_topic(struct bridge_inside *inside, const struct bridge_options *options)
{
	struct bridged_topic *topic = topic_of(inside);
	enum takt_status status = TAKT_OK;

	inside->wants_newest = options->rate_hz > 0;
	if (bridge_is_member(options))
		status = join(topic, options);
	if (status == TAKT_OK && options->is_from)
		status = open_publisher(topic, options);
	else if (status == TAKT_OK)
		status = topic->node.config ? open_subscriber(topic, options) : open_reader(topic, options);
	if (status != TAKT_OK)
		return status;
	inside->payload = calloc(1, inside->type.bytes + 16u);
	if (inside->payload == NULL) {
		takt_message(TAKT_ERROR, "topic '%s': no memory for one of its samples", options->topic);
		return TAKT_NO_SPACE;
	}
	decode_select_all(&inside->all, &inside->type);
	inside->view = (struct sample_view){options->topic, topic->node.config ? &topic->node.domain : &topic->domain,
					    &inside->all};
	return TAKT_OK;
}

/* ---------------------------------------------------------------------------------------------------------- read */

static enum takt_status next_of_member(struct bridged_topic *topic, struct takt_sample_header *header,
				       struct bridge_counts *counts)
{
	struct bridge_inside *inside = &topic->inside;
	struct takt_sample_info info;
	enum takt_status status;

	do
		status = inside->wants_newest ? takt_read_latest(&topic->subscriber, inside->payload, &info)
					      : takt_read_next(&topic->subscriber, inside->payload, &info);
	while (status == TAKT_OVERTAKEN);
	counts->missed = topic->subscriber.lost;
	counts->skipped = topic->subscriber.skipped;
	if (status != TAKT_OK)
		return status;
	if (info.is_repeated)
		return TAKT_EMPTY;
	*header = (struct takt_sample_header){info.number, info.publish_ns, info.origin};
	return TAKT_OK;
}

static enum takt_status next_of_tool(struct bridged_topic *topic, struct takt_sample_header *header,
				     struct bridge_counts *counts)
{
	struct reader *reader = &topic->reader;
	const uint64_t newest = reader_newest(reader);
	enum takt_status status;
	uint64_t lost = 0;

	if (topic->inside.wants_newest && newest > reader->next) {
		counts->skipped += newest - reader->next;
		reader_seek(reader, newest);
	}
	do
		status = reader_next(reader, header, &lost);
	while (status == TAKT_OVERTAKEN);
	counts->missed = reader->lost;
	topic->idle_count = status == TAKT_OK ? 0 : topic->idle_count + 1;
	topic->pause_ns = status == TAKT_OK ? PAUSE_NS_MIN : topic->pause_ns;
	if (status == TAKT_OK)
		memcpy(topic->inside.payload, reader->payload, topic->inside.type.bytes);
	if (status == TAKT_EMPTY && topic->idle_count >= IDLE_POLLS_MAX) {
		topic->idle_count = 0;
		if (topic_is_gone(reader))
			return TAKT_CORRUPT;
	}
	return status;
}

static enum takt_status next(struct bridge_inside *inside, struct takt_sample_header *header,
			     struct bridge_counts *counts)
{
	struct bridged_topic *topic = topic_of(inside);

	return topic->node.config ? next_of_member(topic, header, counts) : next_of_tool(topic, header, counts);
}

static enum takt_status wait_for_news(struct bridge_inside *inside, uint64_t deadline_ns)
{
	struct bridged_topic *topic = topic_of(inside);
	uint64_t end_ns = takt_os_clock_now_ns() + topic->pause_ns;

	if (topic->node.config)
		return takt_wait_until(&topic->waiter, deadline_ns);
	/* Tools poll and are never posted: shortly while samples come, longer while it is silent. */
	topic->pause_ns = topic->pause_ns < PAUSE_NS_MAX / 2 ? topic->pause_ns * 2 : PAUSE_NS_MAX;
	return takt_os_clock_sleep_until(end_ns < deadline_ns ? end_ns : deadline_ns);
}

/* ------------------------------------------------------------------------------------------------------- publish */

static enum takt_status put(struct bridge_inside *inside, const unsigned char *payload)
{
	return takt_publish(&topic_of(inside)->publisher, payload, NULL);
}

/* Whatever became of it, the next one is another. */
static int settle(struct bridge_inside *inside, enum takt_status status)
{
	(void)inside;
	(void)status;
	return 1;
}

static int should_end(const struct bridge_inside *inside)
{
	const struct bridged_topic *topic = topic_of(inside);

	return topic->node.config ? takt_node_should_quit(&topic->node) : takt_os_stop_requested();
}

static void close_topic(struct bridge_inside *inside)
{
	struct bridged_topic *topic = topic_of(inside);

	takt_subscriber_detach(&topic->subscriber);
	takt_publisher_detach(&topic->publisher);
	if (topic->reader.shm.address)
		reader_close(&topic->reader);
	takt_domain_close(&topic->domain);
	takt_node_leave(&topic->node);
	free(inside->payload);
	inside->payload = NULL;
}

struct bridge_inside *bridge_topic(void)
{
	static const struct bridge_inside_kind kind = {.open = open_topic,
						       .set_ready = set_ready,
						       .next = next,
						       .wait = wait_for_news,
						       .put = put,
						       .settle = settle,
						       .should_end = should_end,
						       .close = close_topic};
	static struct bridged_topic topic;

	topic = (struct bridged_topic){.inside = {.kind = &kind,
						  .meanwhile = "is lost and counted",
						  .noun = "topic",
						  .describer = "publisher"}};
	return &topic.inside;
}
