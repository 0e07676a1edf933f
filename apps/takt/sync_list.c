/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "apps/takt/domain_choice.h"
#include "apps/takt/sync.h"
#include "core/config.h"
#include "platform/message.h"

static const struct output_column columns[] = {
	{"sync", "", OUTPUT_TEXT},	  {"kind", "", OUTPUT_TEXT},	{"state", "", OUTPUT_TEXT},
	{"waiting", "", OUTPUT_NUMBER},	  {"taken", "", OUTPUT_NUMBER}, {"timeouts", "", OUTPUT_NUMBER},
	{"recovered", "", OUTPUT_NUMBER},
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static uint32_t waiting_count(const struct sync_view *view)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < TAKT_WAITER_COUNT_MAX; i++)
		count += (uint32_t)sync_view_waits(view, i);
	return count;
}

static void put(struct output_table *table, const struct sync_view *view)
{
	struct sync_state state = sync_view_state(view);
	uint64_t recovered = node_view_read(&view->copy.recovered_count);

	output_cell_text(table, takt_sync_kind_name(view->copy.kind));
	output_cell_text(table, state.text);
	output_cell_accent(table, state.accent);
	output_cell_count(table, waiting_count(view));
	output_cell_count(table, node_view_read(&view->copy.taken_count));
	output_cell_count(table, node_view_read(&view->copy.timeout_count));
	output_cell_count(table, recovered);
	if (recovered)
		output_cell_accent(table, OUTPUT_WARN);
}

/* @retval 1 it is there and cannot be read */
static int put_sync(struct output_table *table, const struct takt_domain *domain, const char *name)
{
	static struct sync_view view;
	enum takt_status status = sync_view_open(&view, domain, name);

	output_cell_text(table, name);
	if (status == TAKT_OK) {
		put(table, &view);
		sync_view_close(&view);
		return 0;
	}
	output_cell_none(table);
	output_cell_text(table, takt_status_name(status));
	output_cell_accent(table, OUTPUT_BAD);
	for (uint32_t i = 3; i < COLUMN_COUNT; i++)
		output_cell_none(table);
	return status != TAKT_ABSENT;
}

static int run(int argc, char **argv)
{
	static struct sync_list list;
	struct options options;
	struct takt_domain domain;
	struct output output;
	struct output_table table;
	int failed = 0;
	int code = options_parse(&options, &sync_list_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(options.domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	code = sync_list_read(&list, &domain);
	if (code == EXIT_OK) {
		output_begin(&output, options.format);
		output_table_begin(&table, &output, NULL, columns, COLUMN_COUNT);
		for (uint32_t i = 0; i < list.count; i++)
			failed |= put_sync(&table, &domain, list.names[i]);
		output_table_end(&table);
		code = output_end(&output);
	}
	takt_domain_close(&domain);
	return failed ? EXIT_FAILED : code;
}

const struct command sync_list_command = {
	.name = "list",
	.path = "takt sync list",
	.usage = "[options]",
	.summary = "every synchronisation object of a domain: kind, state, who waits, what the dead left",
	.details = "Objects appear when their first user attaches, or by takt create.\n"
		   "recovered: threads that died holding it; what they held was given back.",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT,
	.run = run,
};
