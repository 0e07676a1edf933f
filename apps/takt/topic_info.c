/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/topic.h"

#include <stdio.h>

#include "core/layout.h"
#include "core/type.h"
#include "platform/clock.h"
#include "platform/message.h"

static const struct output_column constant_columns[] = {
	{"name", "", OUTPUT_TEXT},	   {"type", "", OUTPUT_TEXT},
	{"payload", "B", OUTPUT_NUMBER},   {"depth", "", OUTPUT_NUMBER},
	{"deadline", "ms", OUTPUT_NUMBER}, {"publishers allowed", "", OUTPUT_NUMBER},
	{"borrows", "", OUTPUT_NUMBER},	   {"loans", "", OUTPUT_NUMBER},
	{"slots", "", OUTPUT_NUMBER},	   {"slot", "B", OUTPUT_NUMBER},
	{"segment", "B", OUTPUT_NUMBER},   {"count", "", OUTPUT_NUMBER},
	{"rate", "Hz", OUTPUT_NUMBER},	   {"age", "ms", OUTPUT_NUMBER},
	{"data", "", OUTPUT_TEXT},	   {"publisher takeovers", "", OUTPUT_NUMBER},
};

static const struct output_column lock_columns[] = {
	{"owner", "", OUTPUT_TEXT},
	{"taken", "", OUTPUT_NUMBER},
	{"takeovers", "", OUTPUT_NUMBER},
	{"longest wait", "us", OUTPUT_NUMBER},
	{"longest hold", "us", OUTPUT_NUMBER},
};

static const struct output_column field_columns[] = {
	{"field", "", OUTPUT_TEXT}, {"kind", "", OUTPUT_TEXT},	    {"count", "", OUTPUT_NUMBER},
	{"unit", "", OUTPUT_TEXT},  {"offset", "B", OUTPUT_NUMBER},
};

static const struct output_column publisher_columns[] = {
	{"node", "", OUTPUT_TEXT},	  {"state", "", OUTPUT_TEXT},	{"writes now", "", OUTPUT_TEXT},
	{"published", "", OUTPUT_NUMBER}, {"posts", "", OUTPUT_NUMBER}, {"timeouts", "", OUTPUT_NUMBER},
	{"abandoned", "", OUTPUT_NUMBER},
};

static const struct output_column subscriber_columns[] = {
	{"node", "", OUTPUT_TEXT},	  {"state", "", OUTPUT_TEXT},	  {"got", "", OUTPUT_NUMBER},
	{"lost", "", OUTPUT_NUMBER},	  {"skipped", "", OUTPUT_NUMBER}, {"stale", "", OUTPUT_NUMBER},
	{"overtaken", "", OUTPUT_NUMBER}, {"behind", "", OUTPUT_NUMBER},
};

#define COUNT_OF(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

static void put_constants(struct output *output, const struct reader *reader)
{
	const struct takt_topic_constants *constants = &reader->constants;
	struct topic_currency currency = topic_currency(reader, takt_os_clock_now_ns());
	struct output_table table;

	output_table_begin(&table, output, "topic", constant_columns, COUNT_OF(constant_columns));
	output_cell_text(&table, reader->topic);
	output_cell_text(&table, constants->type_name);
	output_cell_count(&table, constants->payload_bytes);
	output_cell_count(&table, constants->depth);
	if (constants->deadline_ns)
		output_cell_real(&table, (double)constants->deadline_ns / 1e6, 3);
	else
		output_cell_none(&table);
	output_cell_count(&table, constants->publisher_count_max);
	output_cell_count(&table, constants->borrow_count);
	output_cell_count(&table, constants->loan_count);
	output_cell_count(&table, constants->slot_count);
	output_cell_count(&table, constants->slot_bytes);
	output_cell_count(&table, reader->shm.bytes);
	output_cell_count(&table, reader_newest(reader));
	output_cell_real(&table, reader_rate_hz(reader), 1);
	if (currency.has_age)
		output_cell_real(&table, currency.age_ms, 3);
	else
		output_cell_none(&table);
	output_cell_text(&table, currency.text);
	output_cell_accent(&table, currency.accent);
	output_cell_count(&table, node_view_read(&reader_topic(reader)->takeover_count));
	output_record_end(&table);
}

/* The node whose token this is; "" for nobody, "?" for one that has left no name. */
static const char *name_of(const struct node_views *views, uint64_t token)
{
	if (token == 0)
		return "";
	for (uint32_t i = 0; i < views->count; i++)
		if (views->all[i].token == token)
			return views->all[i].name;
	return "?";
}

static void put_lock(struct output *output, const struct reader *reader, const struct node_views *views)
{
	const struct takt_lock_shm *lock = &reader_topic(reader)->lock;
	uint64_t owner = node_view_read(&lock->owner) & TAKT_OS_TOKEN_MAX;
	struct output_table table;

	if (reader->constants.publisher_count_max < 2)
		return;
	output_table_begin(&table, output, "lock", lock_columns, COUNT_OF(lock_columns));
	if (owner)
		output_cell_text(&table, name_of(views, owner));
	else
		output_cell_text(&table, "free");
	output_cell_count(&table, node_view_read(&lock->turn));
	output_cell_count(&table, node_view_read(&lock->takeover_count));
	output_cell_real(&table, (double)node_view_read(&lock->wait_ns_max) / 1e3, 1);
	output_cell_real(&table, (double)node_view_read(&lock->hold_ns_max) / 1e3, 1);
	output_record_end(&table);
}

/* @retval EXIT_FAILED the description is damaged */
static int put_fields(struct output *output, const struct reader *reader)
{
	static struct takt_flat_type type;
	struct output_table table;
	enum takt_status status = takt_topic_segment_description(reader_topic(reader), &reader->constants, &type);

	output_table_begin(&table, output, "fields", field_columns, COUNT_OF(field_columns));
	for (uint32_t i = 0; status == TAKT_OK && i < type.field_count; i++) {
		output_cell_text(&table, type.fields[i].name);
		output_cell_text(&table, takt_kind_name(type.fields[i].kind));
		output_cell_count(&table, type.fields[i].count);
		output_cell_text(&table, type.fields[i].unit);
		output_cell_count(&table, type.fields[i].offset);
	}
	output_table_end(&table);
	if (status == TAKT_NOT_READY)
		takt_message(TAKT_WARNING, "topic '%s' is not described yet: no publisher has attached", reader->topic);
	return status == TAKT_OK || status == TAKT_NOT_READY ? EXIT_OK : EXIT_FAILED;
}

static void put_state(struct output_table *table, const struct node_view *view)
{
	struct node_view_state state = node_view_state(view);

	output_cell_text(table, state.text);
	output_cell_accent(table, state.accent);
}

/* With one publisher the topic says who it is; with several, whoever lists it and lives may write at any time. */
static const char *writes_now(const struct reader *reader, const struct node_view *view)
{
	uint64_t token = node_view_read(&reader_topic(reader)->publisher_token);

	if (view->life != TAKT_OS_ALIVE)
		return "no";
	return reader->constants.publisher_count_max > 1 || token == view->token ? "yes" : "no";
}

static void put_publishers(struct output *output, const struct reader *reader, const struct node_views *views)
{
	struct output_table table;

	output_table_begin(&table, output, "publishers", publisher_columns, COUNT_OF(publisher_columns));
	for (uint32_t i = 0; i < views->count; i++) {
		const struct takt_publication_shm *publication = node_view_publication(&views->all[i], reader->topic);

		if (publication == NULL)
			continue;
		output_cell_text(&table, views->all[i].name);
		put_state(&table, &views->all[i]);
		output_cell_text(&table, writes_now(reader, &views->all[i]));
		output_cell_count(&table, node_view_read(&publication->published_count));
		output_cell_count(&table, node_view_read(&publication->woken_count));
		output_cell_count(&table, node_view_read(&publication->timeout_count));
		output_cell_count(&table, node_view_read(&publication->abandoned_count));
	}
	output_table_end(&table);
}

static void put_subscribers(struct output *output, const struct reader *reader, const struct node_views *views)
{
	struct output_table table;

	output_table_begin(&table, output, "subscribers", subscriber_columns, COUNT_OF(subscriber_columns));
	for (uint32_t i = 0; i < views->count; i++) {
		const struct takt_subscription_shm *subscription =
			node_view_subscription(&views->all[i], reader->topic);
		uint64_t newest = reader_newest(reader);

		if (subscription == NULL)
			continue;
		uint64_t next = node_view_read(&subscription->next_number);
		output_cell_text(&table, views->all[i].name);
		put_state(&table, &views->all[i]);
		output_cell_count(&table, node_view_read(&subscription->got_count));
		output_cell_count(&table, node_view_read(&subscription->lost_count));
		output_cell_count(&table, node_view_read(&subscription->skipped_count));
		output_cell_count(&table, node_view_read(&subscription->stale_count));
		output_cell_count(&table, node_view_read(&subscription->overtaken_count));
		output_cell_count(&table, newest + 1 > next ? newest + 1 - next : 0);
	}
	output_table_end(&table);
}

static int report(const struct takt_domain *domain, const struct reader *reader, enum output_format format)
{
	struct node_views views;
	struct output output;

	node_views_open(&views, domain);
	output_begin(&output, format);
	put_constants(&output, reader);
	put_lock(&output, reader, &views);
	int code = put_fields(&output, reader);
	put_publishers(&output, reader, &views);
	put_subscribers(&output, reader, &views);
	node_views_close(&views);
	return output_end(&output) == EXIT_OK ? code : EXIT_FAILED;
}

static int run(int argc, char **argv)
{
	struct options options;
	struct takt_domain domain;
	struct reader reader = {0};
	int code = options_parse(&options, &topic_info_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(options.domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	const char *topic = options.arguments[0];
	code = EXIT_FAILED;
	if (takt_domain_topic_find(&domain, topic) == UINT32_MAX) {
		(void)domain_no_topic(&domain, topic);
	} else {
		enum takt_status status = reader_open(&reader, &domain, topic);
		if (status == TAKT_ABSENT)
			takt_message(TAKT_ERROR,
				     "topic '%s' is declared and not made yet: no node that uses it has started",
				     topic);
		if (status == TAKT_OK)
			code = report(&domain, &reader, options.format);
	}
	reader_close(&reader);
	takt_domain_close(&domain);
	return code;
}

const struct command topic_info_command = {
	.name = "info",
	.path = "takt topic info",
	.usage = "TOPIC [options]",
	.summary = "one topic: its limits, its type field by field, who writes and reads it",
	.details = "",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
