/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/queue.h"

#include "platform/message.h"

static const struct output_column columns[] = {
	{"queue", "", OUTPUT_TEXT},	     {"type", "", OUTPUT_TEXT},		 {"bytes", "", OUTPUT_NUMBER},
	{"depth", "", OUTPUT_NUMBER},	     {"bands", "", OUTPUT_NUMBER},	 {"when full", "", OUTPUT_TEXT},
	{"waiting", "", OUTPUT_NUMBER},	     {"in work", "", OUTPUT_NUMBER},	 {"pushed", "", OUTPUT_NUMBER},
	{"acknowledged", "", OUTPUT_NUMBER}, {"redelivered", "", OUTPUT_NUMBER}, {"dropped", "", OUTPUT_NUMBER},
	{"producers", "", OUTPUT_NUMBER},    {"consumers", "", OUTPUT_NUMBER},
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

/* Living nodes that the config lets push, or take. */
static uint32_t living_count(const struct node_views *views, const char *queue, uint32_t is_producer)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < views->count; i++)
		count += views->all[i].life == TAKT_OS_ALIVE && queue_use(&views->all[i], queue, is_producer) != NULL;
	return count;
}

static void put_segments(struct output_table *table, const struct takt_queue_mapping *mapping)
{
	const struct takt_queue_constants *constants = &mapping->constants;
	const struct takt_queue_state_shm *state = queue_state(mapping);
	struct queue_fill fill = queue_fill(mapping);
	uint64_t dropped = node_view_read(&state->dropped_newest_count) + node_view_read(&state->dropped_oldest_count) +
			   node_view_read(&state->exhausted_count);

	output_cell_text(table, constants->type_name);
	output_cell_count(table, constants->payload_bytes);
	output_cell_count(table, constants->depth);
	output_cell_count(table, constants->band_count);
	output_cell_text(table, takt_when_full_name(constants->when_full));
	output_cell_count(table, fill.waiting_count);
	output_cell_count(table, fill.in_work_count);
	output_cell_count(table, node_view_read(&state->pushed_count));
	output_cell_count(table, node_view_read(&state->acknowledged_count));
	output_cell_count(table, node_view_read(&state->redelivered_count));
	if (node_view_read(&state->redelivered_count))
		output_cell_accent(table, OUTPUT_WARN);
	output_cell_count(table, dropped);
	if (dropped)
		output_cell_accent(table, OUTPUT_WARN);
}

/* @retval 1 the queue's segments are there and cannot be read */
static int put_queue(struct output_table *table, const struct takt_domain *domain, const struct node_views *views,
		     uint32_t queue_index)
{
	struct domain_name name = domain_queue_name(domain, queue_index);
	struct takt_queue_mapping mapping = {0};
	enum takt_status status = TAKT_CORRUPT;

	if (takt_name_is_valid(name.text))
		status = takt_queue_segment_open(&mapping, domain, NULL, name.text, TAKT_OS_READ_ONLY,
						 TAKT_OS_READ_ONLY);
	output_cell_text(table, name.text);
	if (status == TAKT_OK) {
		put_segments(table, &mapping);
	} else {
		output_cell_text(table, status == TAKT_ABSENT ? "not made yet" : takt_status_name(status));
		output_cell_accent(table, OUTPUT_WARN);
		for (uint32_t i = 0; i < 10; i++)
			output_cell_none(table);
	}
	output_cell_count(table, living_count(views, name.text, 1));
	output_cell_count(table, living_count(views, name.text, 0));
	takt_queue_segment_close(&mapping);
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
	int code = options_parse(&options, &queue_list_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(options.domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	node_views_open(&views, &domain);
	output_begin(&output, options.format);
	output_table_begin(&table, &output, NULL, columns, COLUMN_COUNT);
	for (uint32_t i = 0; i < domain.queue_count; i++)
		failed |= put_queue(&table, &domain, &views, i);
	output_table_end(&table);
	code = output_end(&output);
	node_views_close(&views);
	takt_domain_close(&domain);
	return failed ? EXIT_FAILED : code;
}

const struct command queue_list_command = {
	.name = "list",
	.path = "takt queue list",
	.usage = "[options]",
	.summary = "every queue of a domain: what waits, what is in work, what was done, redelivered and dropped",
	.details = "producers, consumers: nodes that live and may push, or take.\n"
		   "redelivered: items whose consumer died before it acknowledged them.",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT,
	.run = run,
};
