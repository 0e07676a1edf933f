/* SPDX-License-Identifier: Apache-2.0 */
/* `takt trace stop|status|snapshot` */
#include "apps/takt/trace_end.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "apps/takt/messages.h"
#include "apps/takt/trace.h"
#include "apps/takt/trace_save.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/tree.h"

#define WATCHER_BOUND_NS (2 * TAKT_NS_PER_S)
#define RENEWAL_BOUND_NS (500 * TAKT_NS_PER_MS)
#define WATCHER_LOOK_NS	 (10 * TAKT_NS_PER_MS)

static struct trace_session sessions[TRACE_SESSION_COUNT_MAX];

/* ------------------------------------------------------------------------------------------------------- choice */

/* Takt's sessions, none where no daemon runs. @retval EXIT_OK, or EXIT_FAILED with a message */
static int read_sessions(uint32_t *count)
{
	*count = 0;
	if (trace_session_open() != TAKT_OK)
		return EXIT_FAILED;
	if (!trace_session_has_daemon())
		return EXIT_OK;
	return trace_session_list(sessions, count) == TAKT_OK ? EXIT_OK : EXIT_FAILED;
}

static void list_names(char *names, size_t names_bytes, uint32_t count)
{
	size_t used = 0;

	names[0] = '\0';
	for (uint32_t i = 0; i < count && used < names_bytes; i++)
		used += (size_t)snprintf(names + used, names_bytes - used, "%s%s", i ? ", " : "", sessions[i].name);
}

int trace_choose(const struct trace_options *options, const char *path, struct trace_session *session)
{
	char names[512];
	uint32_t count = 0;

	/* After a node's death its recorder is made anew, and is not there for an instant. */
	uint64_t deadline_ns = takt_os_clock_now_ns() + RENEWAL_BOUND_NS;
	int code = read_sessions(&count);
	while (code == EXIT_OK && count == 0 && trace_session_has_daemon() && takt_os_clock_now_ns() < deadline_ns) {
		(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + WATCHER_LOOK_NS);
		code = read_sessions(&count);
	}
	if (code != EXIT_OK)
		return EXIT_FAILED;
	list_names(names, sizeof(names), count);
	if (count == 0) {
		takt_message(TAKT_ERROR, "nothing is being recorded%s; begin with: takt trace start",
			     trace_session_has_daemon() ? "" : ": no session daemon of LTTng runs for this user");
		return EXIT_FAILED;
	}
	if (count > 1 && !options->has_session) {
		takt_message(TAKT_ERROR, "several recordings run: %s; say which: %s --session SESSION", names, path);
		return EXIT_FAILED;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (options->has_session && strcmp(sessions[i].name, options->session) != 0)
			continue;
		*session = sessions[i];
		return EXIT_OK;
	}
	takt_message(TAKT_ERROR, "there is no recording '%s'; there are: %s", options->session, names);
	return EXIT_FAILED;
}

/* --------------------------------------------------------------------------------------------------------- stop */

/* The daemon's own figures lack what processes discarded that are gone; what is on the disk has it, up to the last second. */
static void count_missing(struct trace_session *session)
{
	struct trace_missing missing = {0};

	if (!session->is_flight)
		missing = trace_missing_of(session->folder);
	if (missing.event_count > session->discarded_count)
		session->discarded_count = missing.event_count;
	if (missing.packet_count > session->lost_count)
		session->lost_count = missing.packet_count;
}

static void say_missing(const struct trace_session *last)
{
	if (last->discarded_count == 0 && (last->is_flight || last->lost_count == 0))
		return;
	takt_message(
		TAKT_WARNING,
		"%llu events and %llu packets are missing: the buffers (%s for each CPU) were full before they could be written; "
		"make them larger next time: takt trace start --bytes SIZE, or --config CONFIG, which knows the rates",
		(unsigned long long)last->discarded_count, (unsigned long long)(last->is_flight ? 0 : last->lost_count),
		trace_size_of(last->buffer_bytes).text);
}

static void say_events(const struct trace_session *last)
{
	uint64_t count = 0;
	uint64_t bytes = 0;
	char events[64] = "no events: no node that can be recorded ran";

	if (takt_os_tree_bytes(last->folder, &bytes) != TAKT_OK)
		bytes = 0;
	enum takt_status status = bytes ? trace_count_events(last->folder, &count) : TAKT_EMPTY;
	if (status == TAKT_OK)
		(void)snprintf(events, sizeof(events), "%llu events", (unsigned long long)count);
	else if (status == TAKT_ABSENT)
		(void)snprintf(events, sizeof(events), "events not counted (that takes babeltrace2)");
	else if (status == TAKT_TIMEOUT)
		(void)snprintf(events, sizeof(events), "more events than are counted in 10 s");
	else if (status != TAKT_EMPTY)
		(void)snprintf(events, sizeof(events), "events not counted (babeltrace2 cannot read it)");
	(void)printf("%s: %s, %s; %llu events discarded, %llu packets lost\n", last->folder, events,
		     trace_size_of(bytes).text, (unsigned long long)last->discarded_count,
		     (unsigned long long)last->lost_count);
	if (bytes)
		(void)printf("next: takt trace report %s\n", last->folder);
}

static void say_saved(const struct trace_session *last)
{
	int count = trace_save_count(last->folder);

	if (count > 0)
		(void)printf(
			"%s: %d saved recording%s; what was in memory only is gone\nnext: takt trace report %s/...\n",
			last->folder, count, count == 1 ? "" : "s", last->folder);
	else
		(void)printf("%s: nothing was saved, and what was in memory is gone\n", last->folder);
}

/* The watcher ends with the session; whoever starts anew into this folder must not find it. */
static void wait_for_watcher(const struct trace_session *last)
{
	char hold[TRACE_PATH_BYTES];
	uint64_t deadline_ns = takt_os_clock_now_ns() + WATCHER_BOUND_NS;

	(void)snprintf(hold, sizeof(hold), "%s/" TRACE_WATCH_HOLD, last->folder);
	while (takt_os_file_is_held(hold) && takt_os_clock_now_ns() < deadline_ns)
		(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + WATCHER_LOOK_NS);
}

int trace_end(const struct trace_session *session)
{
	struct trace_session last = *session;

	if (trace_session_stop(session->name, &last) != TAKT_OK)
		return EXIT_FAILED;
	count_missing(&last);
	if (last.is_flight) {
		wait_for_watcher(&last);
		say_saved(&last);
	} else {
		say_events(&last);
	}
	say_missing(&last);
	return EXIT_OK;
}

int trace_stop(int argc, char **argv)
{
	struct trace_options options;
	struct trace_session session;
	int code = trace_options_parse(&options, &trace_stop_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	code = trace_choose(&options, "takt trace stop", &session);
	return code == EXIT_OK ? trace_end(&session) : code;
}

/* ------------------------------------------------------------------------------------------------------- status */

static const struct output_column columns[] = {
	{"session", "", OUTPUT_TEXT},	  {"mode", "", OUTPUT_TEXT},	      {"since", "", OUTPUT_TEXT},
	{"for", "s", OUTPUT_NUMBER},	  {"discarded", "", OUTPUT_NUMBER},   {"lost", "", OUTPUT_NUMBER},
	{"disk", "bytes", OUTPUT_NUMBER}, {"buffer", "bytes", OUTPUT_NUMBER}, {"saved", "", OUTPUT_NUMBER},
	{"watched", "", OUTPUT_TEXT},	  {"folder", "", OUTPUT_TEXT},
};

static void show_time(struct output_table *table, uint64_t since_s)
{
	time_t since = (time_t)since_s;
	const struct tm *local = since_s ? localtime(&since) : NULL;
	uint64_t now_s = takt_os_clock_wall_ns() / TAKT_NS_PER_S;
	char text[32];

	if (local && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", local)) {
		output_cell_text(table, text);
		output_cell_count(table, now_s > since_s ? now_s - since_s : 0);
	} else {
		output_cell_none(table);
		output_cell_none(table);
	}
}

static void show_flight(struct output_table *table, const struct trace_session *session)
{
	char hold[TRACE_PATH_BYTES];
	int saved = trace_save_count(session->folder);

	if (!session->is_flight) {
		output_cell_none(table);
		output_cell_none(table);
		return;
	}
	if (saved >= 0)
		output_cell_count(table, (uint64_t)saved);
	else
		output_cell_none(table);
	(void)snprintf(hold, sizeof(hold), "%s/" TRACE_WATCH_HOLD, session->folder);
	output_cell_text(table, takt_os_file_is_held(hold) ? "yes" : "no");
}

static void show(struct output_table *table, const struct trace_session *session)
{
	uint64_t bytes = 0;

	output_cell_text(table, session->name);
	output_cell_text(table, !session->is_active ? "stopped" : session->is_flight ? "flight" : "record");
	show_time(table, session->since_s);
	output_cell_count(table, session->discarded_count);
	if (session->discarded_count)
		output_cell_accent(table, OUTPUT_BAD);
	output_cell_count(table, session->lost_count);
	if (takt_os_tree_bytes(session->folder, &bytes) == TAKT_OK)
		output_cell_count(table, bytes);
	else
		output_cell_none(table);
	output_cell_count(table, session->buffer_bytes);
	show_flight(table, session);
	output_cell_text(table, session->folder);
}

int trace_status(int argc, char **argv)
{
	struct trace_options options;
	struct output output;
	struct output_table table;
	uint32_t count = 0;
	uint32_t shown = 0;
	int code = trace_options_parse(&options, &trace_status_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (read_sessions(&count) != EXIT_OK)
		return EXIT_FAILED;
	if (count == 0 && options.format == OUTPUT_TABLE) {
		(void)printf("nothing is being recorded\n");
		return EXIT_OK;
	}
	output_begin(&output, options.format);
	output_table_begin(&table, &output, NULL, columns, sizeof(columns) / sizeof(columns[0]));
	for (uint32_t i = 0; i < count; i++) {
		if (options.has_session && strcmp(sessions[i].name, options.session) != 0)
			continue;
		count_missing(&sessions[i]);
		show(&table, &sessions[i]);
		shown++;
	}
	output_table_end(&table);
	code = output_end(&output);
	if (options.has_session && shown == 0) {
		takt_message(TAKT_ERROR, "there is no recording '%s'", options.session);
		return EXIT_FAILED;
	}
	return code;
}

/* ----------------------------------------------------------------------------------------------------- snapshot */

/* @retval the exit code; TAKT_EMPTY in *result where it holds nothing */
static int choose_and_save(const struct trace_options *options, struct trace_session *session,
			   char path[TRACE_PATH_BYTES], enum takt_status *result)
{
	char label[TRACE_LABEL_BYTES];

	*result = TAKT_OK;
	if (trace_choose(options, "takt trace snapshot", session) != EXIT_OK)
		return EXIT_FAILED;
	if (!session->is_flight) {
		takt_message(
			TAKT_ERROR,
			"recording '%s' writes everything to %s already; a snapshot is for: takt trace start --flight",
			session->name, session->folder);
		return EXIT_FAILED;
	}
	trace_label(label, "asked", options->argument ? options->argument : "");
	*result = trace_save(session, label, path);
	if (*result == TAKT_EMPTY)
		takt_message(TAKT_ERROR,
			     "recording '%s' holds no event yet: no node that can be traced has run since it began",
			     session->name);
	return *result == TAKT_OK ? EXIT_OK : EXIT_FAILED;
}

int trace_snapshot(int argc, char **argv)
{
	struct trace_options options;
	struct trace_session session;
	enum takt_status result;
	char path[TRACE_PATH_BYTES];
	uint64_t bytes = 0;
	int code = trace_options_parse(&options, &trace_snapshot_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	/* After a node's death the recorder is being made anew for an instant, and cannot be saved. */
	messages_silence();
	uint64_t deadline_ns = takt_os_clock_now_ns() + RENEWAL_BOUND_NS;
	while ((code = choose_and_save(&options, &session, path, &result)) != EXIT_OK && result == TAKT_SYSTEM &&
	       takt_os_clock_now_ns() < deadline_ns)
		(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + WATCHER_LOOK_NS);
	messages_escape();
	/* It says why it fails. */
	if (code != EXIT_OK && choose_and_save(&options, &session, path, &result) != EXIT_OK)
		return EXIT_FAILED;
	trace_session_describe_again(session.name);
	if (takt_os_tree_bytes(path, &bytes) != TAKT_OK)
		bytes = 0;
	(void)printf("saved %s (%s)\nnext: takt trace report %s\n", path, trace_size_of(bytes).text, path);
	return EXIT_OK;
}
