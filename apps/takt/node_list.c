/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/node.h"

#include "apps/takt/domain_choice.h"
#include "apps/takt/node_view.h"
#include "core/histogram.h"
#include "core/node.h"
#include "platform/clock.h"
#include "platform/message.h"

static const struct output_column columns[] = {
	{"node", "", OUTPUT_TEXT},	 {"state", "", OUTPUT_TEXT},	      {"pid", "", OUTPUT_NUMBER},
	{"up", "s", OUTPUT_NUMBER},	 {"starts", "", OUTPUT_NUMBER},	      {"cycles", "", OUTPUT_NUMBER},
	{"period", "us", OUTPUT_NUMBER}, {"jitter p99", "us", OUTPUT_NUMBER}, {"overruns", "", OUTPUT_NUMBER},
	{"faults", "", OUTPUT_NUMBER},	 {"commands", "", OUTPUT_NUMBER},     {"refused", "", OUTPUT_NUMBER},
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

/* Cycles to faults, of the node's first loop; `takt node info` has all. */
static void put_loop(struct output_table *table, const struct takt_loop_shm *loop)
{
	struct takt_histogram jitter;
	uint64_t period_ns = node_view_read(&loop->period_ns);

	takt_histogram_copy(&jitter, &loop->jitter_ns);
	output_cell_count(table, node_view_read(&loop->cycle_count));
	if (period_ns)
		output_cell_real(table, (double)period_ns / 1e3, 1);
	else
		output_cell_none(table);
	if (jitter.count)
		output_cell_real(table, (double)takt_histogram_quantile(&jitter, 990000) / 1e3, 1);
	else
		output_cell_none(table);
	output_cell_count(table, node_view_read(&loop->overrun_count));
	output_cell_count(table, node_view_read(&loop->fault_count));
}

static void put_node(struct output_table *table, const struct node_view *view)
{
	struct node_view_state state = node_view_state(view);
	uint64_t now_ns = takt_os_clock_now_ns();

	output_cell_text(table, view->name);
	output_cell_text(table, state.text);
	output_cell_accent(table, state.accent);
	if (view->shm.address)
		output_cell_count(table, view->process_id);
	else
		output_cell_none(table);
	if (view->shm.address && view->life == TAKT_OS_ALIVE)
		output_cell_real(table, now_ns > view->joined_ns ? (double)(now_ns - view->joined_ns) / 1e9 : 0.0, 1);
	else
		output_cell_none(table);
	output_cell_count(table, view->joined_count);
	if (view->shm.address && view->loop_count) {
		put_loop(table, &view->loops[0]);
	} else {
		for (uint32_t i = 0; i < 5; i++)
			output_cell_none(table);
	}
	output_cell_count(table, view->command_count);
	output_cell_count(table, view->refused_count);
}

static int run(int argc, char **argv)
{
	struct options options;
	struct takt_domain domain;
	struct node_views views;
	struct output output;
	struct output_table table;
	int code = options_parse(&options, &node_list_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(options.domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	node_views_open(&views, &domain);
	output_begin(&output, options.format);
	output_table_begin(&table, &output, NULL, columns, COLUMN_COUNT);
	for (uint32_t i = 0; i < views.count; i++)
		put_node(&table, &views.all[i]);
	output_table_end(&table);
	code = output_end(&output);
	if (domain_living_count(&domain) == 0)
		takt_message(
			TAKT_WARNING,
			"domain '%s' is dead: none of its nodes lives; start it: takt run CONFIG, or remove it: takt clean %s",
			domain.name, domain.name);
	node_views_close(&views);
	takt_domain_close(&domain);
	return code;
}

const struct command node_list_command = {
	.name = "list",
	.path = "takt node list",
	.usage = "[options]",
	.summary = "every node of a domain: state, cycles, jitter, overruns, page faults",
	.details = "A node is dead when the kernel says that nobody holds its place, whatever its segment says.",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT,
	.run = run,
};
