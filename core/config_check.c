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

	(void)snprintf(place, sizeof(place), "%ss[%u].name", kind, (unsigned)index);
	return takt_config_refuse(check->source, TAKT_INVALID, place,
				  "%s '%s' stands twice, as entry %u and as entry %u; give one of them another name",
				  kind, name, (unsigned)first + 1, (unsigned)index + 1);
}

/* Or nobody would know what `takt topic info NAME` is to show. */
static enum takt_status refuse_namesake(const struct check *check, uint32_t index)
{
	char place[TAKT_CONFIG_PLACE_BYTES];

	(void)snprintf(place, sizeof(place), "queues[%u].name", (unsigned)index);
	return takt_config_refuse(check->source, TAKT_INVALID, place,
				  "queue '%s' has the name of a topic; give one of them another name",
				  check->config->queues[index].name);
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
	for (uint32_t i = 0; i < config->queues_count; i++) {
		const uint32_t first = takt_config_queue_find(config, config->queues[i].name);

		if (first != i)
			return refuse_twin(check, "queue", i, first, config->queues[i].name);
		if (takt_config_topic_find(config, config->queues[i].name) != NONE)
			return refuse_namesake(check, i);
	}
	for (uint32_t i = 0; i < config->syncs_count; i++) {
		const uint32_t first = takt_config_sync_find(config, config->syncs[i].name);

		if (first != i)
			return refuse_twin(check, "sync", i, first, config->syncs[i].name);
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
		(void)snprintf(place, sizeof(place), "nodes[%u]", (unsigned)i);
		return takt_config_refuse(
			check->source, TAKT_LIMIT, place,
			"node '%s': with its waiters the domain has %u, and %u are possible; write `waiters: 0` "
			"for nodes that never wait for topics (periodic ones need none)",
			config->nodes[i].name, (unsigned)waiter_count, TAKT_WAITER_COUNT_MAX);
	}
	return TAKT_OK;
}

/* ------------------------------------------------------------------------------------ objects that nodes name */

static const char *topic_name(const struct takt_config *config, uint32_t index)
{
	return index < config->topics_count ? config->topics[index].name : NULL;
}

static const char *queue_name(const struct takt_config *config, uint32_t index)
{
	return index < config->queues_count ? config->queues[index].name : NULL;
}

static const char *sync_name(const struct takt_config *config, uint32_t index)
{
	return index < config->syncs_count ? config->syncs[index].name : NULL;
}

/* What a node's list may name. */
struct kind {
	const char *noun; /* also the key of the domain's list, without its s */
	const char *keys; /* of a node's lists that name it */
	uint32_t (*find)(const struct takt_config *config, const char *name);
	const char *(*name_of)(const struct takt_config *config, uint32_t index); /* NULL behind the last */
};

static const struct kind topic_kind = {"topic", "publishes` or `subscribes", takt_config_topic_find, topic_name};
static const struct kind queue_kind = {"queue", "pushes` or `takes", takt_config_queue_find, queue_name};
static const struct kind sync_kind = {"sync", "uses", takt_config_sync_find, sync_name};
static const struct kind *const kinds[] = {&topic_kind, &queue_kind, &sync_kind};

/* One of a node's lists. */
struct use {
	uint32_t node_index;
	const char *verb; /* also the list's key */
	char *const *names;
	uint32_t count;
	const struct kind *kind;
};

static void place_use(const struct use *use, uint32_t entry, char place[TAKT_CONFIG_PLACE_BYTES])
{
	(void)snprintf(place, TAKT_CONFIG_PLACE_BYTES, "nodes[%u].%s[%u]", (unsigned)use->node_index, use->verb,
		       (unsigned)entry);
}

/* A name of another kind: the verb is wrong, not the name. NULL: it is nothing's. */
static const struct kind *kind_of(const struct takt_config *config, const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i]->find(config, name) != NONE)
			return kinds[i];
	return NULL;
}

static enum takt_status refuse_unknown(const struct check *check, const struct use *use, uint32_t entry)
{
	const struct takt_config *config = check->config;
	const char *node = config->nodes[use->node_index].name;
	const char *noun = use->kind->noun;
	const struct kind *other = kind_of(config, use->names[entry]);
	struct takt_text_nearest nearest = {.word = use->names[entry]};
	char place[TAKT_CONFIG_PLACE_BYTES];

	place_use(use, entry, place);
	if (other != NULL)
		return takt_config_refuse(check->source, TAKT_INVALID, place,
					  "node '%s' %s '%s', which is a %s; write it under `%s`", node, use->verb,
					  use->names[entry], other->noun, other->keys);
	for (uint32_t i = 0; use->kind->name_of(config, i) != NULL; i++)
		takt_text_nearest_offer(&nearest, use->kind->name_of(config, i));
	if (nearest.found != NULL)
		return takt_config_refuse(check->source, TAKT_INVALID, place,
					  "node '%s' %s '%.40s', which no %s is called; did you mean '%s'?", node,
					  use->verb, use->names[entry], noun, nearest.found);
	return takt_config_refuse(check->source, TAKT_INVALID, place,
				  "node '%s' %s '%.40s', which no %s is called; add it under `%ss:`, or remove it here",
				  node, use->verb, use->names[entry], noun, noun);
}

static enum takt_status check_use(const struct check *check, const struct use *use)
{
	for (uint32_t i = 0; i < use->count; i++) {
		char place[TAKT_CONFIG_PLACE_BYTES];

		if (use->kind->find(check->config, use->names[i]) == NONE)
			return refuse_unknown(check, use, i);
		for (uint32_t earlier = 0; earlier < i; earlier++) {
			if (strcmp(use->names[earlier], use->names[i]) != 0)
				continue;
			place_use(use, i, place);
			return takt_config_refuse(check->source, TAKT_INVALID, place,
						  "node '%s' %s '%s' twice; remove one of them",
						  check->config->nodes[use->node_index].name, use->verb, use->names[i]);
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
		const uint32_t topic_index = takt_config_topic_find(check->config, use->names[i]);

		if (check->publisher_counts[topic_index] == check->config->topics[topic_index].publishers)
			return refuse_publisher(check, use, i, topic_index);
		if (check->publisher_counts[topic_index]++ == 0)
			check->publisher_first[topic_index] = use->node_index;
	}
	return TAKT_OK;
}

/* A thread has its place in a synchronisation object by its waiter. */
static enum takt_status check_sleepers(const struct check *check, uint32_t node_index)
{
	const struct takt_config_node *node = &check->config->nodes[node_index];
	char place[TAKT_CONFIG_PLACE_BYTES];

	if (node->uses_count == 0 || node->waiters > 0)
		return TAKT_OK;
	(void)snprintf(place, sizeof(place), "nodes[%u].uses", (unsigned)node_index);
	return takt_config_refuse(
		check->source, TAKT_INVALID, place,
		"node '%s' uses '%s' and has `waiters: 0`; each thread that uses such an object needs "
		"a waiter: write `waiters: 1` or more",
		node->name, node->uses[0]);
}

static enum takt_status check_node(struct check *check, uint32_t node_index)
{
	const struct takt_config_node *node = &check->config->nodes[node_index];
	const struct use uses[] = {{node_index, "publishes", node->publishes, node->publishes_count, &topic_kind},
				   {node_index, "subscribes", node->subscribes, node->subscribes_count, &topic_kind},
				   {node_index, "pushes", node->pushes, node->pushes_count, &queue_kind},
				   {node_index, "takes", node->takes, node->takes_count, &queue_kind},
				   {node_index, "uses", node->uses, node->uses_count, &sync_kind}};
	enum takt_status status = TAKT_OK;

	for (uint32_t i = 0; i < sizeof(uses) / sizeof(uses[0]) && status == TAKT_OK; i++)
		status = check_use(check, &uses[i]);
	if (status == TAKT_OK)
		status = check_sleepers(check, node_index);
	if (status == TAKT_OK)
		status = count_publishers(check, &uses[0]);
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
			(void)snprintf(place, sizeof(place), "nodes[%u].parameters[%u]", (unsigned)node_index,
				       (unsigned)i);
			return takt_config_refuse(check->source, TAKT_INVALID, place,
						  "node '%s': parameter '%.*s' is set twice; keep one of them",
						  node->name, (int)bytes, node->parameters[i]);
		}
	}
	return TAKT_OK;
}

/* ------------------------------------------------------------------------------------------------ access */

#define SET "set"

static void place_in_rule(uint32_t rule_index, const char *key, uint32_t entry, char place[TAKT_CONFIG_PLACE_BYTES])
{
	(void)snprintf(place, TAKT_CONFIG_PLACE_BYTES, "access[%u].%s[%u]", (unsigned)rule_index, key, (unsigned)entry);
}

static enum takt_status check_rule_names(const struct check *check, uint32_t rule_index, const char *key,
					 char *const *names, uint32_t count)
{
	char place[TAKT_CONFIG_PLACE_BYTES];

	for (uint32_t i = 0; i < count; i++) {
		if (takt_text_is_printable(names[i]) && names[i][0] != '\0' && strpbrk(names[i], " =") == NULL)
			continue;
		place_in_rule(rule_index, key, i, place);
		return takt_config_refuse(check->source, TAKT_INVALID, place,
					  "access rule %u: '%.40s' under `%s` is no name; write one name in each entry",
					  (unsigned)rule_index + 1, names[i], key);
	}
	return TAKT_OK;
}

static enum takt_status check_rule_nodes(const struct check *check, uint32_t rule_index,
					 const struct takt_config_access *rule)
{
	const struct takt_config *config = check->config;
	char place[TAKT_CONFIG_PLACE_BYTES];

	for (uint32_t i = 0; i < rule->nodes_count; i++) {
		struct takt_text_nearest nearest = {.word = rule->nodes[i]};

		if (takt_config_node_find(config, rule->nodes[i]) != NONE)
			continue;
		for (uint32_t k = 0; k < config->nodes_count; k++)
			takt_text_nearest_offer(&nearest, config->nodes[k].name);
		place_in_rule(rule_index, "nodes", i, place);
		return takt_config_refuse(check->source, TAKT_INVALID, place,
					  "access rule %u: no node is called '%.40s'%s%s%s", (unsigned)rule_index + 1,
					  rule->nodes[i], nearest.found ? "; did you mean '" : "; name one of `nodes:`",
					  nearest.found ? nearest.found : "", nearest.found ? "'?" : "");
	}
	return TAKT_OK;
}

/* Parameters are what `set` is about: without it they would be believed and mean nothing. */
static enum takt_status check_rule_keys(const struct check *check, uint32_t rule_index,
					const struct takt_config_access *rule)
{
	char place[TAKT_CONFIG_PLACE_BYTES];
	uint32_t set_count = rule->commands_count == 0;

	for (uint32_t i = 0; i < rule->commands_count; i++)
		set_count += strcmp(rule->commands[i], SET) == 0;
	(void)snprintf(place, sizeof(place), "access[%u]", (unsigned)rule_index);
	if (rule->users_count + rule->groups_count == 0)
		return takt_config_refuse(
			check->source, TAKT_INVALID, place,
			"access rule %u: it says for nobody what they may; write `users:` or `groups:`",
			(unsigned)rule_index + 1);
	if (rule->parameters_count == 0 || set_count > 0)
		return TAKT_OK;
	return takt_config_refuse(
		check->source, TAKT_INVALID, place,
		"access rule %u: `parameters` says what `set` may change, and `commands` has no set; add it, "
		"or remove `parameters`",
		(unsigned)rule_index + 1);
}

static enum takt_status check_rule(const struct check *check, uint32_t rule_index)
{
	const struct takt_config_access *rule = &check->config->access[rule_index];
	enum takt_status status = check_rule_keys(check, rule_index, rule);

	if (status == TAKT_OK)
		status = check_rule_nodes(check, rule_index, rule);
	if (status == TAKT_OK)
		status = check_rule_names(check, rule_index, "users", rule->users, rule->users_count);
	if (status == TAKT_OK)
		status = check_rule_names(check, rule_index, "groups", rule->groups, rule->groups_count);
	if (status == TAKT_OK)
		status = check_rule_names(check, rule_index, "commands", rule->commands, rule->commands_count);
	if (status == TAKT_OK)
		status = check_rule_names(check, rule_index, "parameters", rule->parameters, rule->parameters_count);
	return status;
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
	for (uint32_t i = 0; i < config->access_count && status == TAKT_OK; i++)
		status = check_rule(&check, i);
	return status;
}
