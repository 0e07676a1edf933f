/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/run_report.h"

#include <stdio.h>
#include <string.h>

#include "apps/takt/options.h"
#include "apps/takt/output.h"
#include "platform/file.h"
#include "platform/message.h"

/* Of one topic, over all its readers that this run had. */
struct readers {
	uint32_t count;
	uint64_t lost_count;
	uint64_t stale_count;
	struct takt_histogram age_ns;
};

static void cell_us(struct output_table *table, uint64_t ns)
{
	output_cell_real(table, (double)ns / 1e3, 1);
}

static void cell_spans(struct output_table *table, const struct takt_histogram *histogram)
{
	if (histogram->count == 0) {
		output_cell_none(table);
		output_cell_none(table);
		output_cell_none(table);
		return;
	}
	cell_us(table, takt_histogram_quantile(histogram, 500000));
	cell_us(table, takt_histogram_quantile(histogram, 990000));
	cell_us(table, histogram->max);
}

/* A count that should be 0. */
static void cell_fault(struct output_table *table, uint64_t count)
{
	output_cell_count(table, count);
	if (count)
		output_cell_accent(table, OUTPUT_WARN);
}

static uint64_t since(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

/* ------------------------------------------------------------------------------------------------------ topics */

static void gather_readers(const struct run *run, const char *topic, struct readers *readers)
{
	memset(readers, 0, sizeof(*readers));
	for (uint32_t i = 0; i < run->node_count; i++) {
		const struct run_figures *figures = &run->nodes[i].figures;

		for (uint32_t k = 0; k < figures->subscription_count; k++) {
			const struct run_subscription *subscription = &figures->subscriptions[k];

			if (strcmp(subscription->topic, topic) != 0)
				continue;
			readers->count++;
			readers->lost_count += subscription->lost_count;
			readers->stale_count += subscription->stale_count;
			takt_histogram_merge(&readers->age_ns, &subscription->age_ns);
		}
	}
}

static void cell_rate(struct output_table *table, const struct run *run, const struct run_topic *topic)
{
	uint64_t ready_ns = run->moments_ns[RUN_AT_READY], stop_ns = run->moments_ns[RUN_AT_STOP];

	if (ready_ns == 0 || stop_ns <= ready_ns)
		output_cell_none(table);
	else
		output_cell_real(table,
				 (double)since(topic->marks[RUN_AT_STOP].head, topic->marks[RUN_AT_READY].head) * 1e9 /
					 (double)(stop_ns - ready_ns),
				 1);
}

static void report_topics(const struct run *run, struct output *output)
{
	static const struct output_column columns[] = {
		{"topic", "", OUTPUT_TEXT},	  {"samples", "", OUTPUT_NUMBER},   {"rate", "Hz", OUTPUT_NUMBER},
		{"readers", "", OUTPUT_NUMBER},	  {"lost", "", OUTPUT_NUMBER},	    {"stale", "", OUTPUT_NUMBER},
		{"age_p50", "us", OUTPUT_NUMBER}, {"age_p99", "us", OUTPUT_NUMBER}, {"age_max", "us", OUTPUT_NUMBER},
		{"takeovers", "", OUTPUT_NUMBER},
	};
	struct output_table table;
	struct readers readers;

	output_table_begin(&table, output, "topics", columns, sizeof(columns) / sizeof(columns[0]));
	for (uint32_t i = 0; i < run->config->topics_count; i++) {
		const struct run_topic *topic = &run->topics[i];
		const struct run_topic_mark *begin = &topic->marks[RUN_AT_BEGIN], *end = &topic->marks[RUN_AT_END];

		gather_readers(run, run->config->topics[i].name, &readers);
		output_cell_text(&table, run->config->topics[i].name);
		output_cell_count(&table, since(end->head, begin->head));
		cell_rate(&table, run, topic);
		output_cell_count(&table, readers.count);
		cell_fault(&table, readers.lost_count);
		output_cell_count(&table, readers.stale_count);
		cell_spans(&table, &readers.age_ns);
		output_cell_count(&table, since(end->takeover_count, begin->takeover_count));
	}
	output_table_end(&table);
}

/* ------------------------------------------------------------------------------------------------------- nodes */

static void report_nodes(const struct run *run, struct output *output)
{
	static const struct output_column columns[] = {
		{"node", "", OUTPUT_TEXT},	     {"cycles", "", OUTPUT_NUMBER},
		{"jitter_p50", "us", OUTPUT_NUMBER}, {"jitter_p99", "us", OUTPUT_NUMBER},
		{"jitter_max", "us", OUTPUT_NUMBER}, {"cycle_p50", "us", OUTPUT_NUMBER},
		{"cycle_p99", "us", OUTPUT_NUMBER},  {"cycle_max", "us", OUTPUT_NUMBER},
		{"overruns", "", OUTPUT_NUMBER},     {"page_faults", "", OUTPUT_NUMBER},
		{"restarts", "", OUTPUT_NUMBER},
	};
	struct output_table table;

	output_table_begin(&table, output, "nodes", columns, sizeof(columns) / sizeof(columns[0]));
	for (uint32_t i = 0; i < run->node_count; i++) {
		const struct run_node *node = &run->nodes[i];

		output_cell_text(&table, node->config->name);
		output_cell_count(&table, node->figures.cycle_count);
		cell_spans(&table, &node->figures.jitter_ns);
		cell_spans(&table, &node->figures.duration_ns);
		cell_fault(&table, node->figures.overrun_count);
		cell_fault(&table, node->figures.fault_count);
		cell_fault(&table, node->child.restart_count);
	}
	output_table_end(&table);
}

/* ------------------------------------------------------------------------------------------------------ chains */

/* Where the samples of a topic come from: the newest one says. "?" when nobody knows any more. */
static const char *origin_of(const struct run *run, const char *topic)
{
	uint32_t index = takt_config_topic_find(run->config, topic);

	if (index == UINT32_MAX)
		return "?";
	uint32_t origin = run->topics[index].marks[RUN_AT_END].origin_topic_plus_one;
	return origin && origin <= run->config->topics_count ? run->config->topics[origin - 1].name : "?";
}

static void report_chain(const struct run *run, struct output_table *table, const struct run_node *reader,
			 const struct run_subscription *subscription)
{
	char chain[4 * TAKT_NAME_BYTES];
	const char *origin = origin_of(run, subscription->topic);

	if (strcmp(origin, subscription->topic) == 0)
		(void)snprintf(chain, sizeof(chain), "%s -> %s", origin, reader->config->name);
	else
		(void)snprintf(chain, sizeof(chain), "%s -> %s -> %s", origin, subscription->topic,
			       reader->config->name);
	output_cell_text(table, chain);
	output_cell_count(table, subscription->chain_ns.count);
	cell_spans(table, &subscription->chain_ns);
}

static void report_chains(const struct run *run, struct output *output)
{
	static const struct output_column columns[] = {
		{"chain", "", OUTPUT_TEXT},	      {"samples", "", OUTPUT_NUMBER},
		{"latency_p50", "us", OUTPUT_NUMBER}, {"latency_p99", "us", OUTPUT_NUMBER},
		{"latency_max", "us", OUTPUT_NUMBER},
	};
	struct output_table table;

	output_table_begin(&table, output, "chains", columns, sizeof(columns) / sizeof(columns[0]));
	for (uint32_t i = 0; i < run->node_count; i++) {
		const struct run_figures *figures = &run->nodes[i].figures;

		for (uint32_t k = 0; k < figures->subscription_count; k++)
			if (figures->subscriptions[k].chain_ns.count)
				report_chain(run, &table, &run->nodes[i], &figures->subscriptions[k]);
	}
	output_table_end(&table);
}

int run_report_open(struct run *run)
{
	if (run->options.report == NULL)
		return EXIT_OK;
	run->report = strcmp(run->options.report, "-") == 0 ? stdout : takt_os_file_write(run->options.report);
	if (run->report)
		return EXIT_OK;
	takt_message(TAKT_ERROR, "report %s: cannot open it; is its folder there and writable?", run->options.report);
	return EXIT_FAILED;
}

int run_report(struct run *run)
{
	struct output output;

	if (run->report == NULL)
		return EXIT_OK;
	output_begin_on(&output, run->options.report_format, run->report,
			run->report == stdout && output_is_coloured());
	report_topics(run, &output);
	report_nodes(run, &output);
	report_chains(run, &output);
	int result = output_end(&output);
	if (run->report != stdout && fclose(run->report) != 0 && result == EXIT_OK) {
		takt_message(TAKT_ERROR, "report %s: could not be written whole; is the disk full?",
			     run->options.report);
		result = EXIT_FAILED;
	}
	run->report = NULL;
	return result;
}
