/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "apps/takt/domain_choice.h"
#include "apps/takt/sync.h"
#include "core/config.h"
#include "core/text.h"
#include "core/type.h"
#include "platform/message.h"

#define COUNT_OF(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))
#define NAMES_BYTES	512

static const struct output_column sync_columns[] = {
	{"name", "", OUTPUT_TEXT},
	{"kind", "", OUTPUT_TEXT},
	{"state", "", OUTPUT_TEXT},
	{"taken", "", OUTPUT_NUMBER},
	{"timeouts", "", OUTPUT_NUMBER},
	{"recovered", "", OUTPUT_NUMBER},
	{"lock takeovers", "", OUTPUT_NUMBER},
	{"lock wait max", "us", OUTPUT_NUMBER},
	{"lock hold max", "us", OUTPUT_NUMBER},
	{"segment", "B", OUTPUT_NUMBER},
};

static const struct output_column thread_columns[] = {
	{"thread", "", OUTPUT_TEXT},
	{"has", "", OUTPUT_TEXT},
	{"lives", "", OUTPUT_TEXT},
	{"waits", "", OUTPUT_TEXT},
};

static void put_sync(struct output *output, const struct sync_view *view)
{
	struct sync_state state = sync_view_state(view);
	struct output_table table;

	output_table_begin(&table, output, "sync", sync_columns, COUNT_OF(sync_columns));
	output_cell_text(&table, view->name);
	output_cell_text(&table, takt_sync_kind_name(view->copy.kind));
	output_cell_text(&table, state.text);
	output_cell_accent(&table, state.accent);
	output_cell_count(&table, node_view_read(&view->copy.taken_count));
	output_cell_count(&table, node_view_read(&view->copy.timeout_count));
	output_cell_count(&table, node_view_read(&view->copy.recovered_count));
	output_cell_count(&table, node_view_read(&view->copy.lock.takeover_count));
	output_cell_real(&table, (double)node_view_read(&view->copy.lock.wait_ns_max) / 1e3, 1);
	output_cell_real(&table, (double)node_view_read(&view->copy.lock.hold_ns_max) / 1e3, 1);
	output_cell_count(&table, sizeof(view->copy));
	output_record_end(&table);
}

static void put_threads(struct output *output, const struct sync_view *view)
{
	static const char *const lives[] = {"no", "yes", "not known"};
	struct output_table table;

	output_table_begin(&table, output, "threads", thread_columns, COUNT_OF(thread_columns));
	for (uint32_t i = 0; i < TAKT_WAITER_COUNT_MAX; i++) {
		struct sync_state holding = sync_view_holding(view, i);
		enum takt_os_life life = sync_view_life(view, i);

		if (holding.text[0] == '\0')
			continue;
		output_cell_text(&table, sync_view_thread(view, i).text);
		output_cell_text(&table, holding.text);
		output_cell_text(&table, lives[life]);
		if (life == TAKT_OS_DEAD)
			output_cell_accent(&table, OUTPUT_BAD);
		output_cell_text(&table, sync_view_waits(view, i) ? "yes" : "no");
	}
	output_table_end(&table);
}

static int say_missing(const struct takt_domain *domain, const char *name)
{
	static struct sync_list list;
	struct takt_text_nearest nearest = {.word = name};
	char names[NAMES_BYTES] = "";
	size_t used = 0;

	if (sync_list_read(&list, domain) != EXIT_OK)
		return EXIT_FAILED;
	for (uint32_t i = 0; i < list.count; i++) {
		takt_text_nearest_offer(&nearest, list.names[i]);
		if (used < sizeof(names))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
						 list.names[i]);
	}
	takt_message(TAKT_ERROR, "domain '%s' has no sync '%.40s'%s%s%s; there are: %s", domain->name, name,
		     nearest.found ? "; did you mean '" : "", nearest.found ? nearest.found : "",
		     nearest.found ? "'?" : "", list.count ? names : "none; the first user makes one, or takt create");
	return EXIT_FAILED;
}

static int run(int argc, char **argv)
{
	static struct sync_view view;
	struct options options;
	struct takt_domain domain;
	struct output output;
	int code = options_parse(&options, &sync_info_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(options.domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	enum takt_status status = TAKT_ABSENT;
	if (takt_name_is_valid(options.arguments[0]))
		status = sync_view_open(&view, &domain, options.arguments[0]);
	if (status == TAKT_OK) {
		output_begin(&output, options.format);
		put_sync(&output, &view);
		put_threads(&output, &view);
		code = output_end(&output);
		sync_view_close(&view);
	} else {
		code = status == TAKT_ABSENT ? say_missing(&domain, options.arguments[0]) : EXIT_FAILED;
	}
	takt_domain_close(&domain);
	return code;
}

const struct command sync_info_command = {
	.name = "info",
	.path = "takt sync info",
	.usage = "SYNC [options]",
	.summary = "one synchronisation object: its state, and each thread that has it attached",
	.details = "has: what the thread holds of it now. lives: by the kernel's word, not by the object's.\n"
		   "waits: it sleeps until the object changes.",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
