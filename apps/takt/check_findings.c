/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "apps/takt/program.h"
#include "core/segment.h"
#include "platform/folder.h"

struct sink {
	const struct takt_config *config;
	check_report report;
	void *context;
};

static void say(const struct sink *sink, enum check_severity severity, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void say(const struct sink *sink, enum check_severity severity, const char *format, ...)
{
	char text[TAKT_CONFIG_TEXT_BYTES_MAX + PROGRAM_PATH_BYTES];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	sink->report(sink->context, severity, text);
}

/* -------------------------------------------------------------------------------------------------- who and how often */

static void add_name(struct check_names *names, const char *name)
{
	size_t used = strlen(names->text);

	(void)snprintf(names->text + used, sizeof(names->text) - used, "%s%s", used ? ", " : "", name);
	names->count++;
}

/* Whether a node's config names a topic or a queue in one of its lists. */
typedef int names_it(const struct takt_config_node *node, const char *name);

static struct check_names nodes_that(const struct takt_config *config, const char *name, names_it *do_it)
{
	struct check_names names = {.text = ""};

	for (uint32_t i = 0; i < config->nodes_count; i++)
		if (do_it(&config->nodes[i], name))
			add_name(&names, config->nodes[i].name);
	return names;
}

struct check_names check_writers(const struct takt_config *config, const char *topic)
{
	return nodes_that(config, topic, takt_config_publishes);
}

struct check_names check_readers(const struct takt_config *config, const char *topic)
{
	return nodes_that(config, topic, takt_config_subscribes);
}

struct check_names check_producers(const struct takt_config *config, const char *queue)
{
	return nodes_that(config, queue, takt_config_pushes);
}

struct check_names check_consumers(const struct takt_config *config, const char *queue)
{
	return nodes_that(config, queue, takt_config_takes);
}

double check_rate_hz(const struct takt_config *config, const char *topic)
{
	double rate_hz = 0;

	for (uint32_t i = 0; i < config->nodes_count; i++) {
		const struct takt_config_node *node = &config->nodes[i];

		if (!takt_config_publishes(node, topic))
			continue;
		if (node->period_us == 0)
			return 0;
		rate_hz += 1e6 / (double)node->period_us;
	}
	return rate_hz;
}

/* ------------------------------------------------------------------------------------------------------- warnings */

static void warn_topic(const struct sink *sink, const struct takt_config_topic *topic)
{
	const struct takt_config *config = sink->config;
	struct check_names writers = check_writers(config, topic->name);
	struct check_names readers = check_readers(config, topic->name);

	if (writers.count == 0 && readers.count)
		say(sink, CHECK_WARNING,
		    "topic '%s' is read by %s and nobody writes it; list it under `publishes` of a node", topic->name,
		    readers.text);
	else if (writers.count == 0)
		say(sink, CHECK_WARNING, "topic '%s' is neither written nor read; its memory is wasted", topic->name);
	else if (readers.count == 0)
		say(sink, CHECK_WARNING, "topic '%s' of %s is read by nobody but tools", topic->name, writers.text);
	if (topic->borrows && readers.count == 0)
		say(sink, CHECK_WARNING, "topic '%s' reserves %u borrows for subscribers that it does not have",
		    topic->name, topic->borrows);
	for (uint32_t i = 0; i < config->nodes_count; i++) {
		const struct takt_config_node *node = &config->nodes[i];

		if (topic->deadline_us && node->period_us > topic->deadline_us &&
		    takt_config_publishes(node, topic->name))
			say(sink, CHECK_WARNING,
			    "topic '%s' is STALE after %llu us, and its publisher '%s' has a period of %llu us: most "
			    "samples will be read as STALE; raise `deadline_us`",
			    topic->name, (unsigned long long)topic->deadline_us, node->name,
			    (unsigned long long)node->period_us);
	}
}

static void warn_queue(const struct sink *sink, const struct takt_config_queue *queue)
{
	struct check_names producers = check_producers(sink->config, queue->name);
	struct check_names consumers = check_consumers(sink->config, queue->name);

	if (producers.count == 0 && consumers.count)
		say(sink, CHECK_WARNING,
		    "queue '%s' is taken from by %s and nobody pushes to it but tools; list it under `pushes` of a node",
		    queue->name, consumers.text);
	else if (producers.count == 0)
		say(sink, CHECK_WARNING, "queue '%s' is used by no node; its memory is wasted", queue->name);
	else if (consumers.count == 0)
		say(sink, CHECK_WARNING, "queue '%s' of %s is taken from by nobody but tools: it will be full",
		    queue->name, producers.text);
}

static int has_something_to_wait_for(const struct takt_config_node *node)
{
	return node->subscribes_count || node->takes_count;
}

static void warn_schedule(const struct sink *sink, const struct takt_config_node *node)
{
	const struct takt_config_schedule *schedule = &node->schedule;

	if (schedule->policy == TAKT_POLICY_FIFO && schedule->cpus_count == 0)
		say(sink, CHECK_WARNING,
		    "node '%s' has policy fifo and no CPU of its own: it can hold up whatever runs on any CPU; write "
		    "`cpus`",
		    node->name);
	if (schedule->policy == TAKT_POLICY_FIFO && node->period_us == 0 && !has_something_to_wait_for(node))
		say(sink, CHECK_WARNING, "node '%s' has policy fifo, no period and nothing to wait for", node->name);
	for (uint32_t i = 0; i < sink->config->nodes_count; i++) {
		const struct takt_config_node *other = &sink->config->nodes[i];

		if (other <= node || schedule->policy != TAKT_POLICY_FIFO ||
		    other->schedule.policy != TAKT_POLICY_FIFO || schedule->cpus_count != 1 ||
		    other->schedule.cpus_count != 1 || schedule->cpus[0] != other->schedule.cpus[0] ||
		    schedule->priority != other->schedule.priority)
			continue;
		say(sink, CHECK_WARNING,
		    "nodes '%s' and '%s' share CPU %u at the same fifo priority %u: neither interrupts the other; give "
		    "the one with the shorter deadline the higher priority",
		    node->name, other->name, schedule->cpus[0], schedule->priority);
	}
}

static void warn_node(const struct sink *sink, const struct takt_config_node *node)
{
	if (node->publishes_count == 0 && node->pushes_count == 0 && !has_something_to_wait_for(node))
		say(sink, CHECK_WARNING, "node '%s' neither publishes nor subscribes", node->name);
	if (node->period_us == 0 && node->waiters == 0 && has_something_to_wait_for(node))
		say(sink, CHECK_WARNING,
		    "node '%s' has neither a period nor a waiter: it can only poll what it reads; write `waiters: 1` "
		    "or `period_us`",
		    node->name);
	if (node->core_dumps)
		say(sink, CHECK_WARNING,
		    "node '%s' allows core dumps: if it dies, it holds its locks until the file is written",
		    node->name);
	warn_schedule(sink, node);
}

void check_warn(const struct takt_config *config, check_report report, void *context)
{
	const struct sink sink = {.config = config, .report = report, .context = context};

	for (uint32_t i = 0; i < config->topics_count; i++)
		warn_topic(&sink, &config->topics[i]);
	for (uint32_t i = 0; i < config->queues_count; i++)
		warn_queue(&sink, &config->queues[i]);
	for (uint32_t i = 0; i < config->nodes_count; i++)
		warn_node(&sink, &config->nodes[i]);
}

/* --------------------------------------------------------------------------------------------------------- errors */

static void refuse_rights(const struct sink *sink, const char *what, const char *name,
			  const struct takt_config_rights *rights)
{
	uint32_t id;

	if (rights->owner && takt_os_user_find(rights->owner, &id) != TAKT_OK)
		say(sink, CHECK_ERROR, "%s '%s': this machine has no user '%s'; create it or change `owner`", what,
		    name, rights->owner);
	if (rights->group && takt_os_group_find(rights->group, &id) != TAKT_OK)
		say(sink, CHECK_ERROR, "%s '%s': this machine has no group '%s'; create it or change `group`", what,
		    name, rights->group);
}

static int same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* What an object has from another one is said once, for that one. */
static void refuse_other_rights(const struct sink *sink, const char *what, const char *name,
				const struct takt_config_rights *rights, const struct takt_config_rights *others)
{
	if (!same_text(rights->owner, others->owner) || !same_text(rights->group, others->group))
		refuse_rights(sink, what, name, rights);
}

static void refuse_access(const struct sink *sink, uint32_t rule_index)
{
	const struct takt_config_access *rule = &sink->config->access[rule_index];
	uint32_t id;

	for (uint32_t i = 0; i < rule->users_count; i++)
		if (takt_os_user_find(rule->users[i], &id) != TAKT_OK)
			say(sink, CHECK_ERROR,
			    "access rule %u: this machine has no user '%s'; create it or change `users`",
			    rule_index + 1, rule->users[i]);
	for (uint32_t i = 0; i < rule->groups_count; i++)
		if (takt_os_group_find(rule->groups[i], &id) != TAKT_OK)
			say(sink, CHECK_ERROR,
			    "access rule %u: this machine has no group '%s'; create it or change `groups`",
			    rule_index + 1, rule->groups[i]);
}

void check_refuse(const struct takt_config *config, check_report report, void *context)
{
	const struct sink sink = {.config = config, .report = report, .context = context};
	char path[PROGRAM_PATH_BYTES];

	refuse_rights(&sink, "domain", config->domain, &config->rights);
	for (uint32_t i = 0; i < config->topics_count; i++)
		refuse_other_rights(&sink, "topic", config->topics[i].name, &config->topics[i].rights, &config->rights);
	for (uint32_t i = 0; i < config->queues_count; i++) {
		const struct takt_config_queue *queue = &config->queues[i];

		refuse_other_rights(&sink, "queue", queue->name, &queue->rights, &config->rights);
		refuse_other_rights(&sink, "taking from queue", queue->name, &queue->take_rights, &queue->rights);
	}
	for (uint32_t i = 0; i < config->access_count; i++)
		refuse_access(&sink, i);
	for (uint32_t i = 0; i < config->nodes_count; i++) {
		const struct takt_config_node *node = &config->nodes[i];

		if (node->program && !program_find(config, node->program, path))
			say(&sink, CHECK_ERROR,
			    "node '%s': its program '%s' is not there or may not be run; looked in %s", node->name,
			    node->program, path);
	}
}
