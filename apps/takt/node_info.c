/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/node.h"

#include "apps/takt/domain_choice.h"
#include "apps/takt/node_view.h"
#include "core/histogram.h"
#include "platform/clock.h"
#include "platform/message.h"

/* refused: pushes without room; items given back. */
static const struct output_column use_columns[] = {
	{"queue", "", OUTPUT_TEXT},	     {"side", "", OUTPUT_TEXT},	     {"items", "", OUTPUT_NUMBER},
	{"acknowledged", "", OUTPUT_NUMBER}, {"refused", "", OUTPUT_NUMBER},
};

#define COUNT_OF(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

static const struct output_column node_columns[] = {
	{"name", "", OUTPUT_TEXT},	 {"state", "", OUTPUT_TEXT},	 {"pid", "", OUTPUT_NUMBER},
	{"up", "s", OUTPUT_NUMBER},	 {"starts", "", OUTPUT_NUMBER},	 {"lacks rights", "", OUTPUT_TEXT},
	{"commands", "", OUTPUT_NUMBER}, {"refused", "", OUTPUT_NUMBER}, {"segment", "B", OUTPUT_NUMBER},
};

static const struct output_column loop_columns[] = {
	{"loop", "", OUTPUT_NUMBER},	       {"period", "us", OUTPUT_NUMBER},
	{"cycles", "", OUTPUT_NUMBER},	       {"jitter p50", "us", OUTPUT_NUMBER},
	{"jitter p99", "us", OUTPUT_NUMBER},   {"jitter max", "us", OUTPUT_NUMBER},
	{"duration p50", "us", OUTPUT_NUMBER}, {"duration p99", "us", OUTPUT_NUMBER},
	{"duration max", "us", OUTPUT_NUMBER}, {"overruns", "", OUTPUT_NUMBER},
	{"faults", "", OUTPUT_NUMBER},	       {"preempted", "", OUTPUT_NUMBER},
	{"wakes", "", OUTPUT_NUMBER},	       {"spurious", "", OUTPUT_NUMBER},
};

static const struct output_column publication_columns[] = {
	{"topic", "", OUTPUT_TEXT},	 {"published", "", OUTPUT_NUMBER}, {"posts", "", OUTPUT_NUMBER},
	{"timeouts", "", OUTPUT_NUMBER}, {"abandoned", "", OUTPUT_NUMBER},
};

static const struct output_column subscription_columns[] = {
	{"topic", "", OUTPUT_TEXT},	    {"start", "", OUTPUT_NUMBER},	{"next", "", OUTPUT_NUMBER},
	{"got", "", OUTPUT_NUMBER},	    {"lost", "", OUTPUT_NUMBER},	{"skipped", "", OUTPUT_NUMBER},
	{"stale", "", OUTPUT_NUMBER},	    {"overtaken", "", OUTPUT_NUMBER},	{"age p50", "us", OUTPUT_NUMBER},
	{"age p99", "us", OUTPUT_NUMBER},   {"age max", "us", OUTPUT_NUMBER},	{"chain p50", "us", OUTPUT_NUMBER},
	{"chain p99", "us", OUTPUT_NUMBER}, {"chain max", "us", OUTPUT_NUMBER},
};

/* p50, p99, max. */
static void put_histogram(struct output_table *table, const struct takt_histogram_shm *shared)
{
	struct takt_histogram histogram;

	takt_histogram_copy(&histogram, shared);
	if (histogram.count == 0) {
		for (uint32_t i = 0; i < 3; i++)
			output_cell_none(table);
		return;
	}
	output_cell_real(table, (double)takt_histogram_quantile(&histogram, 500000) / 1e3, 1);
	output_cell_real(table, (double)takt_histogram_quantile(&histogram, 990000) / 1e3, 1);
	output_cell_real(table, (double)histogram.max / 1e3, 1);
}

static void put_node(struct output *output, const struct node_view *view)
{
	struct node_view_state state = node_view_state(view);
	uint64_t now_ns = takt_os_clock_now_ns();
	struct output_table table;

	output_table_begin(&table, output, "node", node_columns, COUNT_OF(node_columns));
	output_cell_text(&table, view->name);
	output_cell_text(&table, state.text);
	output_cell_accent(&table, state.accent);
	output_cell_count(&table, view->process_id);
	if (view->life == TAKT_OS_ALIVE && now_ns > view->joined_ns)
		output_cell_real(&table, (double)(now_ns - view->joined_ns) / 1e9, 1);
	else
		output_cell_none(&table);
	output_cell_count(&table, view->joined_count);
	output_cell_text(&table,
			 view->lacks_rights ? "yes: runs without the scheduling or memory lock it asked for" : "no");
	output_cell_accent(&table, view->lacks_rights ? OUTPUT_WARN : OUTPUT_PLAIN);
	output_cell_count(&table, view->command_count);
	output_cell_count(&table, view->refused_count);
	output_cell_count(&table, view->shm.bytes);
	output_record_end(&table);
}

static void put_loops(struct output *output, const struct node_view *view)
{
	struct output_table table;

	output_table_begin(&table, output, "loops", loop_columns, COUNT_OF(loop_columns));
	for (uint32_t i = 0; i < view->loop_count; i++) {
		const struct takt_loop_shm *loop = &view->loops[i];
		uint64_t period_ns = node_view_read(&loop->period_ns);

		output_cell_count(&table, i);
		if (period_ns)
			output_cell_real(&table, (double)period_ns / 1e3, 1);
		else
			output_cell_none(&table);
		output_cell_count(&table, node_view_read(&loop->cycle_count));
		put_histogram(&table, &loop->jitter_ns);
		put_histogram(&table, &loop->duration_ns);
		output_cell_count(&table, node_view_read(&loop->overrun_count));
		output_cell_count(&table, node_view_read(&loop->fault_count));
		output_cell_count(&table, node_view_read(&loop->switch_count));
		output_cell_count(&table, node_view_read(&loop->wake_count));
		output_cell_count(&table, node_view_read(&loop->spurious_count));
	}
	output_table_end(&table);
}

static void put_publications(struct output *output, const struct node_view *view)
{
	struct output_table table;

	output_table_begin(&table, output, "publishes", publication_columns, COUNT_OF(publication_columns));
	for (uint32_t i = 0; i < view->publication_count; i++) {
		const struct takt_publication_shm *publication = &view->publications[i];

		output_cell_text(&table, node_view_topic(publication->topic).text);
		output_cell_count(&table, node_view_read(&publication->published_count));
		output_cell_count(&table, node_view_read(&publication->woken_count));
		output_cell_count(&table, node_view_read(&publication->timeout_count));
		output_cell_count(&table, node_view_read(&publication->abandoned_count));
	}
	output_table_end(&table);
}

static void put_subscriptions(struct output *output, const struct node_view *view)
{
	struct output_table table;

	output_table_begin(&table, output, "subscribes", subscription_columns, COUNT_OF(subscription_columns));
	for (uint32_t i = 0; i < view->subscription_count; i++) {
		const struct takt_subscription_shm *subscription = &view->subscriptions[i];

		output_cell_text(&table, node_view_topic(subscription->topic).text);
		output_cell_count(&table, node_view_read(&subscription->start_number));
		output_cell_count(&table, node_view_read(&subscription->next_number));
		output_cell_count(&table, node_view_read(&subscription->got_count));
		output_cell_count(&table, node_view_read(&subscription->lost_count));
		output_cell_count(&table, node_view_read(&subscription->skipped_count));
		output_cell_count(&table, node_view_read(&subscription->stale_count));
		output_cell_count(&table, node_view_read(&subscription->overtaken_count));
		put_histogram(&table, &subscription->age_ns);
		put_histogram(&table, &subscription->chain_ns);
	}
	output_table_end(&table);
}

static void put_uses(struct output *output, const struct node_view *view)
{
	struct output_table table;

	/* As in configs: nothing is said of queues where there are none. */
	if (view->use_count == 0)
		return;
	output_table_begin(&table, output, "queues", use_columns, COUNT_OF(use_columns));
	for (uint32_t i = 0; i < view->use_count; i++) {
		const struct takt_queue_use_shm *use = &view->uses[i];

		output_cell_text(&table, node_view_topic(use->queue).text);
		output_cell_text(&table, use->is_producer ? "pushes" : "takes");
		output_cell_count(&table, node_view_read(&use->moved_count));
		if (use->is_producer)
			output_cell_none(&table);
		else
			output_cell_count(&table, node_view_read(&use->finished_count));
		output_cell_count(&table, node_view_read(&use->refused_count));
	}
	output_table_end(&table);
}

static int report(const struct takt_domain *domain, uint32_t node_index, enum output_format format)
{
	struct node_view view;
	struct output output;
	int code = EXIT_FAILED;

	node_view_open(&view, domain, node_index);
	if (view.shm.address == NULL) {
		takt_message(TAKT_ERROR, "node '%s' of domain '%s' %s: there is nothing to look at yet", view.name,
			     domain->name,
			     view.life == TAKT_OS_ALIVE ? "is just starting" : "never ran in this life of the domain");
	} else {
		output_begin(&output, format);
		put_node(&output, &view);
		put_loops(&output, &view);
		put_publications(&output, &view);
		put_subscriptions(&output, &view);
		put_uses(&output, &view);
		code = output_end(&output);
	}
	node_view_close(&view);
	return code;
}

static int run(int argc, char **argv)
{
	struct options options;
	struct takt_domain domain;
	int code = options_parse(&options, &node_info_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(options.domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	uint32_t node_index = takt_domain_node_find(&domain, options.arguments[0]);
	if (node_index == UINT32_MAX)
		code = domain_no_node(&domain, options.arguments[0]);
	else
		code = report(&domain, node_index, options.format);
	takt_domain_close(&domain);
	return code;
}

const struct command node_info_command = {
	.name = "info",
	.path = "takt node info",
	.usage = "NODE [options]",
	.summary = "one node: its loops, what it publishes and what it reads",
	.details = "Figures count since the node's own start.",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
