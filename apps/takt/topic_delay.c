/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/topic.h"

#include "core/histogram.h"

static const struct output_column columns[] = {
	{"topic", "", OUTPUT_TEXT},   {"reader", "", OUTPUT_TEXT},  {"state", "", OUTPUT_TEXT},
	{"span", "", OUTPUT_TEXT},    {"count", "", OUTPUT_NUMBER}, {"p50", "us", OUTPUT_NUMBER},
	{"p90", "us", OUTPUT_NUMBER}, {"p99", "us", OUTPUT_NUMBER}, {"p99.9", "us", OUTPUT_NUMBER},
	{"max", "us", OUTPUT_NUMBER},
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static void put_histogram(struct output_table *table, const struct node_view *view, const char *topic, const char *span,
			  const struct takt_histogram_shm *shared)
{
	static const uint32_t per_million[] = {500000, 900000, 990000, 999000};
	struct node_view_state state = node_view_state(view);
	struct takt_histogram histogram;

	takt_histogram_copy(&histogram, shared);
	output_cell_text(table, topic);
	output_cell_text(table, view->name);
	output_cell_text(table, state.text);
	output_cell_accent(table, state.accent);
	output_cell_text(table, span);
	output_cell_count(table, histogram.count);
	for (uint32_t i = 0; i < 4; i++) {
		if (histogram.count)
			output_cell_real(table, (double)takt_histogram_quantile(&histogram, per_million[i]) / 1e3, 1);
		else
			output_cell_none(table);
	}
	if (histogram.count)
		output_cell_real(table, (double)histogram.max / 1e3, 1);
	else
		output_cell_none(table);
}

static void put_topic(struct output_table *table, const struct node_views *views, const char *topic)
{
	for (uint32_t i = 0; i < views->count; i++) {
		const struct takt_subscription_shm *subscription = node_view_subscription(&views->all[i], topic);

		if (subscription == NULL)
			continue;
		put_histogram(table, &views->all[i], topic, "publish to read", &subscription->age_ns);
		/* Only chains: a sample that is its own origin has none. */
		if (node_view_read(&subscription->chain_ns.count) != 0)
			put_histogram(table, &views->all[i], topic, "origin to read", &subscription->chain_ns);
	}
}

static int report(const struct options *options, const struct takt_domain *domain)
{
	struct node_views views;
	struct output output;
	struct output_table table;

	node_views_open(&views, domain);
	output_begin(&output, options->format);
	output_table_begin(&table, &output, NULL, columns, COLUMN_COUNT);
	for (uint32_t i = 0; i < domain->topic_count; i++)
		if (options->argument_count == 0 || takt_domain_topic_find(domain, options->arguments[0]) == i)
			put_topic(&table, &views, domain_topic_name(domain, i).text);
	output_table_end(&table);
	node_views_close(&views);
	return output_end(&output);
}

static int run(int argc, char **argv)
{
	struct options options;
	struct takt_domain domain;
	int code = options_parse(&options, &topic_delay_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(options.domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	if (options.argument_count && takt_domain_topic_find(&domain, options.arguments[0]) == UINT32_MAX)
		code = domain_no_topic(&domain, options.arguments[0]);
	else
		code = report(&options, &domain);
	takt_domain_close(&domain);
	return code;
}

const struct command topic_delay_command = {
	.name = "delay",
	.path = "takt topic delay",
	.usage = "[TOPIC] [options]",
	.summary = "how old a topic's samples are when they are read, by reader",
	.details =
		"From the histograms that each reader keeps while it lives. \"publish to read\" is one hop; \"origin to read\" is the\n"
		"whole chain, from the first sample's time to this read.",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT,
	.arguments_max = 1,
	.run = run,
};
