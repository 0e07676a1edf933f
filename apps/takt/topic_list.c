/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/topic.h"

#include <stdio.h>
#include <string.h>

#include "core/type.h"
#include "platform/clock.h"
#include "platform/message.h"

static const struct output_column columns[] = {
	{"topic", "", OUTPUT_TEXT},	{"type", "", OUTPUT_TEXT},    {"bytes", "", OUTPUT_NUMBER},
	{"depth", "", OUTPUT_NUMBER},	{"count", "", OUTPUT_NUMBER}, {"rate", "Hz", OUTPUT_NUMBER},
	{"age", "ms", OUTPUT_NUMBER},	{"data", "", OUTPUT_TEXT},    {"publisher", "", OUTPUT_TEXT},
	{"readers", "", OUTPUT_NUMBER}, {"lost", "", OUTPUT_NUMBER},
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static void put_publisher(struct output_table *table, const struct node_views *views, const char *topic)
{
	struct topic_nodes nodes = topic_publishers(views, topic);

	output_cell_text(table, nodes.text[0] ? nodes.text : "none");
	if (nodes.living_count == 0)
		output_cell_accent(table, OUTPUT_BAD);
}

/* Readers that live, and what all readers that can be seen have lost. */
static void put_readers(struct output_table *table, const struct node_views *views, const char *topic)
{
	uint64_t lost = 0;
	uint32_t living_count = 0;

	for (uint32_t i = 0; i < views->count; i++) {
		const struct takt_subscription_shm *subscription = node_view_subscription(&views->all[i], topic);

		if (subscription == NULL)
			continue;
		living_count += views->all[i].life == TAKT_OS_ALIVE;
		lost += node_view_read(&subscription->lost_count);
	}
	output_cell_count(table, living_count);
	output_cell_count(table, lost);
	if (lost)
		output_cell_accent(table, OUTPUT_WARN);
}

static void put_segment(struct output_table *table, const struct reader *reader)
{
	uint64_t now_ns = takt_os_clock_now_ns();
	struct topic_currency currency = topic_currency(reader, now_ns);
	double rate_hz = reader_rate_hz(reader);

	output_cell_text(table, reader->constants.type_name);
	output_cell_count(table, reader->constants.payload_bytes);
	output_cell_count(table, reader->constants.depth);
	output_cell_count(table, reader_newest(reader));
	if (rate_hz > 0)
		output_cell_real(table, rate_hz, 1);
	else
		output_cell_none(table);
	if (currency.has_age)
		output_cell_real(table, currency.age_ms, 3);
	else
		output_cell_none(table);
	output_cell_text(table, currency.text);
	output_cell_accent(table, currency.accent);
}

/* Type to data, of a topic without a segment that can be read. */
static void put_nothing(struct output_table *table, enum takt_status status)
{
	for (uint32_t i = 0; i < 6; i++)
		output_cell_none(table);
	output_cell_text(table, status == TAKT_ABSENT ? "not made yet" : takt_status_name(status));
	output_cell_accent(table, OUTPUT_WARN);
}

/* @retval 1 the topic's segment is there and cannot be read */
static int put_topic(struct output_table *table, const struct takt_domain *domain, const struct node_views *views,
		     uint32_t topic_index)
{
	struct domain_name name = domain_topic_name(domain, topic_index);
	struct reader reader = {0};
	enum takt_status status = TAKT_CORRUPT;

	if (takt_name_is_valid(name.text))
		status = reader_open(&reader, domain, name.text);
	output_cell_text(table, name.text);
	if (status == TAKT_OK)
		put_segment(table, &reader);
	else
		put_nothing(table, status);
	put_publisher(table, views, name.text);
	put_readers(table, views, name.text);
	reader_close(&reader);
	return status != TAKT_OK && status != TAKT_ABSENT;
}

static int run(int argc, char **argv)
{
	struct options options;
	struct takt_domain domain;
	struct node_views views;
	struct output output;
	struct output_table table;
	int failed = 0;
	int code = options_parse(&options, &topic_list_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(options.domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	node_views_open(&views, &domain);
	output_begin(&output, options.format);
	output_table_begin(&table, &output, NULL, columns, COLUMN_COUNT);
	for (uint32_t i = 0; i < domain.topic_count; i++)
		failed |= put_topic(&table, &domain, &views, i);
	output_table_end(&table);
	code = output_end(&output);
	if (domain_living_count(&domain) == 0)
		takt_message(
			TAKT_WARNING,
			"domain '%s' is dead: none of its nodes lives; start it: takt run CONFIG, or remove it: takt clean %s",
			domain.name, domain.name);
	node_views_close(&views);
	takt_domain_close(&domain);
	return failed ? EXIT_FAILED : code;
}

const struct command topic_list_command = {
	.name = "list",
	.path = "takt topic list",
	.usage = "[options]",
	.summary = "every topic of a domain: type, count, rate, age, publisher, readers",
	.details = "rate: by the publish times of the samples that are in the ring.\n"
		   "data: fresh or STALE by the topic's deadline, silent where nothing was ever published.",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT,
	.run = run,
};
