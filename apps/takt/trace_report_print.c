/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/options.h"
#include "apps/takt/trace_report.h"
#include "apps/takt/trace_story.h"

#define CHAIN_BYTES 1200

#define SPANS                                                                                                          \
	{"p50", "us", OUTPUT_NUMBER}, {"p90", "us", OUTPUT_NUMBER}, {"p99", "us", OUTPUT_NUMBER},                      \
		{"p99.9", "us", OUTPUT_NUMBER},                                                                        \
	{                                                                                                              \
		"max", "us", OUTPUT_NUMBER                                                                             \
	}

static const struct output_column chain_columns[] = {{"chain", "", OUTPUT_TEXT},
						     {"count", "", OUTPUT_NUMBER},
						     {"lost", "", OUTPUT_NUMBER},
						     SPANS};
static const struct output_column hop_columns[] = {{"topic", "", OUTPUT_TEXT},	{"reader", "", OUTPUT_TEXT},
						   {"span", "", OUTPUT_TEXT},	{"count", "", OUTPUT_NUMBER},
						   {"lost", "", OUTPUT_NUMBER}, SPANS};
static const struct output_column node_columns[] = {{"node", "", OUTPUT_TEXT},
						    {"span", "", OUTPUT_TEXT},
						    {"count", "", OUTPUT_NUMBER},
						    SPANS};
static const struct output_column loop_columns[] = {{"node", "", OUTPUT_TEXT},	     {"cycles", "", OUTPUT_NUMBER},
						    {"overruns", "", OUTPUT_NUMBER}, {"page faults", "", OUTPUT_NUMBER},
						    {"switches", "", OUTPUT_NUMBER}, {"lock waits", "", OUTPUT_NUMBER},
						    {"waited", "us", OUTPUT_NUMBER}};
static const struct output_column account_columns[] = {{"topic", "", OUTPUT_TEXT},     {"node", "", OUTPUT_TEXT},
						       {"what", "", OUTPUT_TEXT},      {"traced", "", OUTPUT_NUMBER},
						       {"counted", "", OUTPUT_NUMBER}, {"missing", "", OUTPUT_NUMBER},
						       {"is", "", OUTPUT_TEXT}};
static const struct output_column trace_columns[] = {{"folder", "", OUTPUT_TEXT},
						     {"recorded on", "", OUTPUT_TEXT},
						     {"domain", "", OUTPUT_TEXT},
						     {"length", "s", OUTPUT_NUMBER},
						     {"events", "", OUTPUT_NUMBER},
						     {"kernel events", "", OUTPUT_NUMBER},
						     {"discarded events", "", OUTPUT_NUMBER},
						     {"lost packets", "", OUTPUT_NUMBER},
						     {"left out", "", OUTPUT_NUMBER},
						     {"unlinked reads", "", OUTPUT_NUMBER},
						     {"counters", "", OUTPUT_TEXT}};

#define COUNT_OF(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))

/* ------------------------------------------------------------------------------------------------------- cells */

static void cell_us(struct output_table *table, uint64_t ns)
{
	output_cell_real(table, (double)ns / 1e3, 1);
}

static void cell_spans(struct output_table *table, const struct takt_histogram *histogram)
{
	static const uint32_t per_million[] = {500000, 900000, 990000, 999000};
	for (uint32_t i = 0; i < 4; i++) {
		if (histogram->count)
			cell_us(table, takt_histogram_quantile(histogram, per_million[i]));
		else
			output_cell_none(table);
	}
	if (histogram->count)
		cell_us(table, histogram->max);
	else
		output_cell_none(table);
}

/* A count that should be 0. */
static void cell_fault(struct output_table *table, uint64_t count)
{
	output_cell_count(table, count);
	if (count)
		output_cell_accent(table, OUTPUT_WARN);
}

/* ------------------------------------------------------------------------------------------------------- chains */

static void put_chains(struct output *output, const struct trace_report_options *options,
		       const struct trace_analysis *analysis)
{
	char text[CHAIN_BYTES];
	struct output_table table;
	output_table_begin(&table, output, "chains", chain_columns, COUNT_OF(chain_columns));
	for (uint32_t i = 0; i < analysis->chain_count; i++) {
		const struct trace_chain *chain = analysis->chains[i];
		trace_chain_text(analysis, chain, text, sizeof(text));
		if (!trace_choice_has_chain(&options->choice, analysis, chain, text))
			continue;
		output_cell_text(&table, text);
		output_cell_count(&table, chain->total_ns.count);
		cell_fault(&table, trace_chain_lost(analysis, chain));
		cell_spans(&table, &chain->total_ns);
	}
	output_table_end(&table);
}

/* ------------------------------------------------------------------------------------------------------- hops */

static void put_hop(struct output_table *table, const struct trace_analysis *analysis, const struct trace_hop *hop)
{
	static const char *const stages[] = {"  publish to wake", "  wake to read", "  read to handled",
					     "  handled to published"};
	char topic_buffer[32];
	char node_buffer[32];
	const char *topic = trace_topic_name(analysis, hop->domain, hop->topic, topic_buffer);
	const char *node = trace_node_name(analysis, hop->domain, hop->reader, node_buffer);
	/* For people the parts stand below the whole; a program finds words without blanks around them. */
	uint32_t indent = table->output->format == OUTPUT_TABLE ? 0 : 2;
	output_cell_text(table, topic);
	output_cell_text(table, node);
	output_cell_text(table, "publish to read");
	output_cell_count(table, hop->read_count);
	cell_fault(table, hop->lost_count);
	cell_spans(table, &hop->age_ns);
	for (uint32_t i = 0; i < TRACE_STAGE_COUNT; i++) {
		if (hop->stages_ns[i].count == 0)
			continue;
		output_cell_text(table, topic);
		output_cell_text(table, node);
		output_cell_text(table, stages[i] + indent);
		output_cell_count(table, hop->stages_ns[i].count);
		output_cell_none(table);
		cell_spans(table, &hop->stages_ns[i]);
	}
}

static int compare_hops(const void *a, const void *b)
{
	const struct trace_hop *left = *(const struct trace_hop *const *)a;
	const struct trace_hop *right = *(const struct trace_hop *const *)b;
	if (left->domain != right->domain)
		return left->domain < right->domain ? -1 : 1;
	if (left->topic != right->topic)
		return left->topic < right->topic ? -1 : 1;
	return (left->reader > right->reader) - (left->reader < right->reader);
}

static void put_hops(struct output *output, const struct trace_report_options *options,
		     const struct trace_analysis *analysis)
{
	struct output_table table;
	const struct trace_hop **hops = calloc(analysis->hop_count + 1, sizeof(const struct trace_hop *));
	output_table_begin(&table, output, "hops", hop_columns, COUNT_OF(hop_columns));
	for (uint32_t i = 0; hops && i < analysis->hop_count; i++)
		hops[i] = analysis->hops[i];
	if (hops)
		qsort(hops, analysis->hop_count, sizeof(const struct trace_hop *), compare_hops);
	for (uint32_t i = 0; hops && i < analysis->hop_count; i++)
		if (trace_choice_has_hop(&options->choice, analysis, hops[i]))
			put_hop(&table, analysis, hops[i]);
	output_table_end(&table);
	free(hops);
}

/* ------------------------------------------------------------------------------------------------------- nodes */

static void put_node_span(struct output_table *table, const char *name, const char *what,
			  const struct takt_histogram *histogram)
{
	if (histogram->count == 0)
		return;
	output_cell_text(table, name);
	output_cell_text(table, what);
	output_cell_count(table, histogram->count);
	cell_spans(table, histogram);
}

static void put_nodes(struct output *output, const struct trace_report_options *options,
		      const struct trace_analysis *analysis)
{
	char name[64];
	struct output_table table;
	output_table_begin(&table, output, "nodes", node_columns, COUNT_OF(node_columns));
	for (uint32_t i = 0; i < analysis->loop_count; i++) {
		const struct trace_loop *loop = analysis->loops[i];
		if (!trace_choice_has_loop(&options->choice, analysis, loop))
			continue;
		trace_loop_name(analysis, loop, name);
		put_node_span(&table, name, "begin late", &loop->late_ns);
		put_node_span(&table, name, "period jitter", &loop->jitter_ns);
		put_node_span(&table, name, "run time", &loop->run_ns);
		put_node_span(&table, name, "lock wait", &loop->lock_wait_ns);
	}
	output_table_end(&table);
	output_table_begin(&table, output, "cycles", loop_columns, COUNT_OF(loop_columns));
	for (uint32_t i = 0; i < analysis->loop_count; i++) {
		const struct trace_loop *loop = analysis->loops[i];
		if (!trace_choice_has_loop(&options->choice, analysis, loop))
			continue;
		trace_loop_name(analysis, loop, name);
		output_cell_text(&table, name);
		output_cell_count(&table, loop->cycle_count);
		cell_fault(&table, loop->overrun_count);
		output_cell_count(&table, loop->fault_count);
		output_cell_count(&table, loop->switch_count);
		output_cell_count(&table, loop->lock_wait_ns.count);
		cell_us(&table, loop->lock_wait_ns.sum);
	}
	output_table_end(&table);
}

/* ------------------------------------------------------------------------------------------------------- accounts */

static const char *const account_words[] = {"published", "read", "lost", "skipped"};

static int64_t missing_of(const struct trace_account *account, uint32_t what)
{
	return (int64_t)(account->counted[what] - account->traced_at_dump[what]);
}

/* How many counts there are, and how many the trace has not. */
static void count_accounts(const struct trace_analysis *analysis, uint32_t *known_count, uint32_t *wrong_count,
			   uint32_t *open_count)
{
	*known_count = *wrong_count = *open_count = 0;
	for (uint32_t i = 0; i < analysis->account_count; i++) {
		const struct trace_account *account = &analysis->accounts[i];
		for (uint32_t what = 0; what < 4; what++) {
			if (!(account->is_known & 1u << what))
				continue;
			++*known_count;
			*open_count += !(account->is_final && account->is_whole);
			*wrong_count += account->is_final && account->is_whole && missing_of(account, what) != 0;
		}
	}
}

static void put_account(struct output_table *table, const struct trace_analysis *analysis,
			const struct trace_account *account, uint32_t what)
{
	char buffer[32];
	char missing[24];
	output_cell_text(table, trace_topic_name(analysis, account->domain, account->topic, buffer));
	output_cell_text(table, trace_node_name(analysis, account->domain, account->node, buffer));
	output_cell_text(table, account_words[what]);
	output_cell_count(table, account->traced_at_dump[what]);
	output_cell_count(table, account->counted[what]);
	(void)snprintf(missing, sizeof(missing), "%lld", (long long)missing_of(account, what));
	output_cell_number(table, missing);
	output_cell_text(table, account->is_final && account->is_whole ? "exact" : "about");
}

/* For people only what is wrong. */
static void put_accounts(struct output *output, const struct trace_report_options *options,
			 const struct trace_analysis *analysis)
{
	char topic[32];
	char node[32];
	struct output_table table;
	uint32_t known_count, wrong_count, open_count;
	int is_short = output->format == OUTPUT_TABLE;
	count_accounts(analysis, &known_count, &wrong_count, &open_count);
	if (is_short && wrong_count == 0)
		return;
	output_table_begin(&table, output, "accounts", account_columns, COUNT_OF(account_columns));
	for (uint32_t i = 0; i < analysis->account_count; i++) {
		const struct trace_account *account = &analysis->accounts[i];
		if (!trace_filter_has(&options->choice.topics,
				      trace_topic_name(analysis, account->domain, account->topic, topic)) ||
		    !trace_filter_has(&options->choice.nodes,
				      trace_node_name(analysis, account->domain, account->node, node)))
			continue;
		for (uint32_t what = 0; what < 4; what++)
			if (account->is_known & 1u << what && (!is_short || missing_of(account, what)))
				put_account(&table, analysis, account, what);
	}
	output_table_end(&table);
}

static void counters_text(const struct trace_analysis *analysis, char text[160])
{
	uint32_t known_count, wrong_count, open_count;
	count_accounts(analysis, &known_count, &wrong_count, &open_count);
	if (known_count == 0)
		(void)snprintf(text, 160, "not known: no state dump is in the trace");
	else if (wrong_count)
		(void)snprintf(text, 160, "%u of %u differ from the events: see accounts", wrong_count, known_count);
	else if (open_count == known_count)
		(void)snprintf(text, 160, "not comparable: no node was traced from its beginning to its end");
	else
		(void)snprintf(text, 160, "all %u that can be compared equal the events", known_count - open_count);
}

/* ------------------------------------------------------------------------------------------------------- all */

static void put_trace(struct output *output, const struct trace_report_options *options,
		      const struct trace_analysis *analysis, const struct trace_summary *summary)
{
	char counters[160];
	char domains[8 * 36] = "";
	struct output_table table;
	counters_text(analysis, counters);
	for (uint32_t i = 0; i < analysis->domain_count; i++) {
		size_t used = strlen(domains);
		const char *name = analysis->domains[i]->name;
		(void)snprintf(domains + used, sizeof(domains) - used, "%s%s", used ? ", " : "",
			       name[0] ? name : "(not described)");
	}
	output_table_begin(&table, output, "trace", trace_columns, COUNT_OF(trace_columns));
	output_cell_text(&table, options->folder);
	output_cell_text(&table, summary->host);
	output_cell_text(&table, domains);
	output_cell_real(&table, (double)(summary->last_ns - summary->first_ns) / 1e9, 3);
	output_cell_count(&table, analysis->event_count);
	output_cell_count(&table, analysis->kernel_count);
	cell_fault(&table, summary->discarded_count);
	cell_fault(&table, summary->discarded_packet_count);
	cell_fault(&table, summary->left_out_count);
	cell_fault(&table, analysis->unlinked_count);
	output_cell_text(&table, counters);
	output_record_end(&table);
}

int trace_report_print(const struct trace_report_options *options, const struct trace_analysis *analysis,
		       const struct trace_summary *summary)
{
	struct output output;
	output_begin(&output, options->format);
	put_trace(&output, options, analysis, summary);
	put_chains(&output, options, analysis);
	put_hops(&output, options, analysis);
	put_nodes(&output, options, analysis);
	put_accounts(&output, options, analysis);
	trace_report_stories(&output, options, analysis, summary);
	return output_end(&output);
}
