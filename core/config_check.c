/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config_check.h"

#include <stdio.h>
#include <string.h>

#include "core/limits.h"
#include "core/text.h"

#define NONE UINT32_MAX

struct check {
	const struct takt_config *config;
	const struct takt_config_source *source;
	uint32_t publisher_counts[TAKT_TOPIC_COUNT_MAX]; /* nodes so far that publish a topic */
	uint32_t publisher_first[TAKT_TOPIC_COUNT_MAX];	 /* the first of them */
};

static enum takt_status refuse_twin(const struct check *check, const char *kind, uint32_t index, uint32_t first,
				    const char *name)
{
	char place[TAKT_CONFIG_PLACE_BYTES];

	snprintf(place, sizeof(place), "%ss[%u].name", kind, (unsigned)index);
	return takt_config_refuse(check->source, TAKT_INVALID, place,
				  "%s '%s' stands twice, as entry %u and as entry %u; give one of them another name",
				  kind, name, (unsigned)first + 1, (unsigned)index + 1);
}

/* The first of a name is the one that a search finds. */
static enum takt_status check_names(const struct check *check)
{
	const struct takt_config *config = check->config;

	for (uint32_t i = 0; i < config->topics_count; i++) {
		const uint32_t first = takt_config_topic_find(config, config->topics[i].name);

		if (first != i)
			return refuse_twin(check, "topic", i, first, config->topics[i].name);
	}
	for (uint32_t i = 0; i < config->nodes_count; i++) {
		const uint32_t first = takt_config_node_find(config, config->nodes[i].name);

		if (first != i)
			return refuse_twin(check, "node", i, first, config->nodes[i].name);
	}
	return TAKT_OK;
}

static enum takt_status check_waiters(const struct check *check)
{
	const struct takt_config *config = check->config;
	uint32_t waiter_count = 0;
	char place[TAKT_CONFIG_PLACE_BYTES];

	for (uint32_t i = 0; i < config->nodes_count; i++) {
		waiter_count += config->nodes[i].waiters;
		if (waiter_count <= TAKT_WAITER_COUNT_MAX)
			continue;
		snprintf(place, sizeof(place), "nodes[%u]", (unsigned)i);
		return takt_config_refuse(
			check->source, TAKT_LIMIT, place,
			"node '%s': with its waiters the domain has %u, and %u are possible; write `waiters: 0` "
			"for nodes that never wait for topics (periodic ones need none)",
			config->nodes[i].name, (unsigned)waiter_count, TAKT_WAITER_COUNT_MAX);
	}
	return TAKT_OK;
}

/* ------------------------------------------------------------------------------------- topics that nodes name */

/* One of a node's two lists. */
struct use {
	uint32_t node_index;
	const char *verb; /* also the list's key */
	char *const *topics;
	uint32_t count;
};

static void place_use(const struct use *use, uint32_t entry, char place[TAKT_CONFIG_PLACE_BYTES])
{
	snprintf(place, TAKT_CONFIG_PLACE_BYTES, "nodes[%u].%s[%u]", (unsigned)use->node_index, use->verb,
		 (unsigned)entry);
}

static enum takt_status refuse_unknown_topic(const struct check *check, const struct use *use, uint32_t entry)
{
	const struct takt_config *config = check->config;
	struct takt_text_nearest nearest = {.word = use->topics[entry]};
	char place[TAKT_CONFIG_PLACE_BYTES];

	place_use(use, entry, place);
	for (uint32_t i = 0; i < config->topics_count; i++)
		takt_text_nearest_offer(&nearest, config->topics[i].name);
	if (nearest.found != NULL)
		return takt_config_refuse(check->source, TAKT_INVALID, place,
					  "node '%s' %s '%.40s', which no topic is called; did you mean '%s'?",
					  config->nodes[use->node_index].name, use->verb, use->topics[entry],
					  nearest.found);
	return takt_config_refuse(
		check->source, TAKT_INVALID, place,
		"node '%s' %s '%.40s', which no topic is called; add it under `topics:`, or remove it here",
		config->nodes[use->node_index].name, use->verb, use->topics[entry]);
}

static enum takt_status check_use(const struct check *check, const struct use *use)
{
	for (uint32_t i = 0; i < use->count; i++) {
		char place[TAKT_CONFIG_PLACE_BYTES];

		if (takt_config_topic_find(check->config, use->topics[i]) == NONE)
			return refuse_unknown_topic(check, use, i);
		for (uint32_t earlier = 0; earlier < i; earlier++) {
			if (strcmp(use->topics[earlier], use->topics[i]) != 0)
				continue;
			place_use(use, i, place);
			return takt_config_refuse(check->source, TAKT_INVALID, place,
						  "node '%s' %s '%s' twice; remove one of them",
						  check->config->nodes[use->node_index].name, use->verb,
						  use->topics[i]);
		}
	}
	return TAKT_OK;
}

static enum takt_status refuse_publisher(const struct check *check, const struct use *use, uint32_t entry,
					 uint32_t topic_index)
{
	const struct takt_config *config = check->config;
	const struct takt_config_topic *topic = &config->topics[topic_index];
	char place[TAKT_CONFIG_PLACE_BYTES];

	place_use(use, entry, place);
	return takt_config_refuse(
		check->source, TAKT_INVALID, place,
		"node '%s' publishes '%s', which '%s' publishes too, and the topic has publishers: %u; write "
		"`publishers: %u` in the topic, or let one of them not publish it",
		config->nodes[use->node_index].name, topic->name,
		config->nodes[check->publisher_first[topic_index]].name, (unsigned)topic->publishers,
		(unsigned)topic->publishers + 1);
}

/* Every name is one of a topic's by now. */
static enum takt_status count_publishers(struct check *check, const struct use *use)
{
	for (uint32_t i = 0; i < use->count; i++) {
		const uint32_t topic_index = takt_config_topic_find(check->config, use->topics[i]);

		if (check->publisher_counts[topic_index] == check->config->topics[topic_index].publishers)
			return refuse_publisher(check, use, i, topic_index);
		if (check->publisher_counts[topic_index]++ == 0)
			check->publisher_first[topic_index] = use->node_index;
	}
	return TAKT_OK;
}

static enum takt_status check_node(struct check *check, uint32_t node_index)
{
	const struct takt_config_node *node = &check->config->nodes[node_index];
	const struct use published = {node_index, "publishes", node->publishes, node->publishes_count};
	const struct use subscribed = {node_index, "subscribes", node->subscribes, node->subscribes_count};
	enum takt_status status = check_use(check, &published);

	if (status == TAKT_OK)
		status = check_use(check, &subscribed);
	if (status == TAKT_OK)
		status = count_publishers(check, &published);
	return status;
}

/* -------------------------------------------------------------------------------------------- parameters */

static size_t name_bytes(const char *parameter)
{
	return strcspn(parameter, "=");
}

static enum takt_status check_parameters(const struct check *check, uint32_t node_index)
{
	const struct takt_config_node *node = &check->config->nodes[node_index];
	char place[TAKT_CONFIG_PLACE_BYTES];

	for (uint32_t i = 0; i < node->parameters_count; i++) {
		const size_t bytes = name_bytes(node->parameters[i]);

		for (uint32_t earlier = 0; earlier < i; earlier++) {
			if (name_bytes(node->parameters[earlier]) != bytes ||
			    memcmp(node->parameters[earlier], node->parameters[i], bytes) != 0)
				continue;
			snprintf(place, sizeof(place), "nodes[%u].parameters[%u]", (unsigned)node_index, (unsigned)i);
			return takt_config_refuse(check->source, TAKT_INVALID, place,
						  "node '%s': parameter '%.*s' is set twice; keep one of them",
						  node->name, (int)bytes, node->parameters[i]);
		}
	}
	return TAKT_OK;
}

enum takt_status takt_config_check(const struct takt_config *config, const struct takt_config_source *source)
{
	struct check check = {.config = config, .source = source};
	enum takt_status status = check_names(&check);

	if (status == TAKT_OK)
		status = check_waiters(&check);
	for (uint32_t i = 0; i < config->nodes_count && status == TAKT_OK; i++) {
		status = check_node(&check, i);
		if (status == TAKT_OK)
			status = check_parameters(&check, i);
	}
	return status;
}
