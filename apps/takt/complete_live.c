/* SPDX-License-Identifier: Apache-2.0 */
/* Completion by what lives: domains and what they hold, and what nodes answer. */
#include <stdio.h>
#include <string.h>

#include "apps/takt/complete.h"
#include "apps/takt/domain_choice.h"
#include "apps/takt/param.h"
#include "apps/takt/reader.h"
#include "apps/takt/sync.h"
#include "core/queue_segment.h"
#include "core/commander.h"
#include "core/config.h"
#include "core/type.h"
#include "platform/clock.h"

#define ANSWER_NS (500 * TAKT_NS_PER_MS) /* a person waits for it with a finger on the key */

void complete_domains(const struct complete *complete)
{
	static struct domain_list list;

	if (domain_list_read(&list) != EXIT_OK)
		return;
	for (uint32_t i = 0; i < list.count; i++)
		if (!complete_has_argument(complete, list.names[i]))
			complete_offer(complete, list.names[i], "domain");
}

void complete_topics(const struct complete *complete)
{
	struct takt_domain domain;

	if (domain_attach(complete->domain, &domain) != EXIT_OK)
		return;
	for (uint32_t i = 0; i < domain.topic_count; i++) {
		struct domain_name name = domain_topic_name(&domain, i);

		/* Members write the roster: what is no name is none of a topic. */
		if (takt_name_is_valid(name.text))
			complete_offer(complete, name.text, "topic");
	}
	takt_domain_close(&domain);
}

void complete_syncs(const struct complete *complete)
{
	static struct sync_list list;
	struct takt_domain domain;

	if (domain_attach(complete->domain, &domain) != EXIT_OK)
		return;
	if (sync_list_read(&list, &domain) == EXIT_OK)
		for (uint32_t i = 0; i < list.count; i++)
			complete_offer(complete, list.names[i], "sync");
	takt_domain_close(&domain);
}

void complete_nodes(const struct complete *complete)
{
	struct takt_domain domain;

	if (domain_attach(complete->domain, &domain) != EXIT_OK)
		return;
	for (uint32_t i = 0; i < domain.node_count; i++) {
		struct domain_name name = domain_node_name(&domain, i);

		if (takt_name_is_valid(name.text))
			complete_offer(complete, name.text, "node");
	}
	takt_domain_close(&domain);
}

void complete_queues(const struct complete *complete)
{
	struct takt_domain domain;

	if (domain_attach(complete->domain, &domain) != EXIT_OK)
		return;
	for (uint32_t i = 0; i < domain.queue_count; i++) {
		struct domain_name name = domain_queue_name(&domain, i);

		if (takt_name_is_valid(name.text))
			complete_offer(complete, name.text, "queue");
	}
	takt_domain_close(&domain);
}

/* The type of a topic or a queue, as far as it is described. */
static enum takt_status read_type(const struct takt_domain *domain, const char *name, struct takt_flat_type *type)
{
	struct takt_queue_mapping mapping = {0};
	struct reader reader = {0};
	enum takt_status status = TAKT_ABSENT;

	if (takt_domain_topic_find(domain, name) != UINT32_MAX) {
		status = reader_open(&reader, domain, name);
		if (status == TAKT_OK)
			status = takt_topic_segment_description(reader_topic(&reader), &reader.constants, type);
		reader_close(&reader);
	} else if (takt_domain_queue_find(domain, name) != UINT32_MAX) {
		status = takt_queue_segment_open(&mapping, domain, NULL, name, TAKT_OS_READ_ONLY, TAKT_OS_READ_ONLY);
		struct takt_description_view view = takt_queue_segment_description(&mapping);
		if (status == TAKT_OK)
			status = takt_description_read(&view, type);
		takt_queue_segment_close(&mapping);
	}
	return status;
}

/* @param end what stands behind a field's name */
static void offer_fields(const struct complete *complete, const char *end)
{
	static struct takt_flat_type type;
	struct takt_domain domain;
	char word[TAKT_FIELD_NAME_BYTES + 2];

	if (complete->argument_count == 0 || domain_attach(complete->domain, &domain) != EXIT_OK)
		return;
	if (read_type(&domain, complete->arguments[0], &type) == TAKT_OK)
		for (uint32_t i = 0; i < type.field_count; i++) {
			(void)snprintf(word, sizeof(word), "%s%s", type.fields[i].name, end);
			if (!complete_has_argument(complete, type.fields[i].name))
				complete_offer(complete, word, type.fields[i].unit);
		}
	takt_domain_close(&domain);
}

void complete_fields(const struct complete *complete)
{
	offer_fields(complete, "");
}

void complete_item_fields(const struct complete *complete)
{
	offer_fields(complete, "=");
}

void complete_config_nodes(const struct complete *complete)
{
	const struct takt_config *config;
	struct complete one = *complete;
	const char *comma = strrchr(complete->word, ',');

	if (complete->argument_count == 0 || takt_config_load(&config, complete->arguments[0]) != TAKT_OK)
		return;
	if (comma) {
		/* `before` and `word` are neighbours in one word of the command line. */
		one.before_length += (uint32_t)(comma + 1 - complete->word);
		one.word = comma + 1;
		if (complete->before_length == 0)
			one.before = complete->word;
	}
	for (uint32_t i = 0; i < config->nodes_count; i++)
		complete_offer(&one, config->nodes[i].name, "node");
	takt_config_free(config);
}

/* ------------------------------------------------------------------------------------------------ what nodes answer */

/* Sends one line to the node of this command line, and gives each line of its answer to `take`. */
static void ask(const struct complete *complete, const char *line, takt_reply_line take)
{
	struct takt_domain domain;
	struct complete copy = *complete;

	if (complete->argument_count <= complete->node_index || domain_attach(complete->domain, &domain) != EXIT_OK)
		return;
	const char *node = complete->arguments[complete->node_index];
	if (takt_domain_node_find(&domain, node) != UINT32_MAX)
		(void)!takt_command_send(domain.name, node, line, takt_os_clock_now_ns() + ANSWER_NS, take, &copy);
	takt_domain_close(&domain);
}

/* "150 V/rad, 0 to 1000" */
static void describe(const struct param_line *parts, char *about, size_t about_bytes)
{
	(void)snprintf(about, about_bytes, "%s%s%s, %s to %s", parts->value, parts->unit[0] ? " " : "", parts->unit,
		       parts->min, parts->max);
}

static int read_parameter(const struct complete *complete, const char *line, char copy[TAKT_LINE_BYTES_MAX],
			  struct param_line *parts)
{
	(void)snprintf(copy, TAKT_LINE_BYTES_MAX, "%s", line);
	return param_line_split(copy, parts) && takt_name_is_valid(parts->name) &&
	       !complete_has_argument(complete, parts->name);
}

static void take_parameter(void *context, const char *line)
{
	char copy[TAKT_LINE_BYTES_MAX], about[256];
	struct param_line parts;

	if (!read_parameter(context, line, copy, &parts))
		return;
	describe(&parts, about, sizeof(about));
	complete_offer(context, parts.name, about);
}

/* "k_tilt=", and once that is written, the values that it has and begins with. */
static void take_assignment(void *context, const char *line)
{
	const struct complete *complete = context;
	char copy[TAKT_LINE_BYTES_MAX], about[256], word[TAKT_NAME_BYTES + 64];
	struct param_line parts;

	if (!read_parameter(complete, line, copy, &parts))
		return;
	describe(&parts, about, sizeof(about));
	if (strchr(complete->word, '=') == NULL) {
		(void)snprintf(word, sizeof(word), "%s=", parts.name);
		complete_offer(complete, word, about);
		return;
	}
	(void)snprintf(word, sizeof(word), "%s=%s", parts.name, parts.value);
	complete_offer(complete, word, about);
	if (strcmp(parts.value, parts.standard) == 0)
		return;
	(void)snprintf(word, sizeof(word), "%s=%s", parts.name, parts.standard);
	complete_offer(complete, word, "default");
}

/* "get NAME ...: values of parameters" */
static void take_verb(void *context, const char *line)
{
	char verb[TAKT_NAME_BYTES];
	size_t length = strcspn(line, " :");
	const char *about = strchr(line, ':');

	(void)snprintf(verb, sizeof(verb), "%.*s", (int)length, line);
	if (length < sizeof(verb) && about && takt_name_is_valid(verb))
		complete_offer(context, verb, about + 1 + (about[1] == ' '));
}

void complete_parameters(const struct complete *complete)
{
	ask(complete, "params", take_parameter);
}

void complete_assignments(const struct complete *complete)
{
	ask(complete, "params", take_assignment);
}

void complete_lines(const struct complete *complete)
{
	uint32_t verb_index = complete->node_index + 1;

	if (complete->argument_count == verb_index)
		ask(complete, "help", take_verb);
	else if (strcmp(complete->arguments[verb_index], "get") == 0)
		complete_parameters(complete);
	else if (strcmp(complete->arguments[verb_index], "set") == 0)
		complete_assignments(complete);
}
