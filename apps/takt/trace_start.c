/* SPDX-License-Identifier: Apache-2.0 */
/* `takt trace start` */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "apps/takt/trace.h"
#include "apps/takt/trace_buffers.h"
#include "apps/takt/trace_daemon.h"
#include "apps/takt/trace_end.h"
#include "apps/takt/trace_look.h"
#include "apps/takt/trace_options.h"
#include "apps/takt/trace_save.h"
#include "apps/takt/trace_session.h"
#include "core/config.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/process.h"
#include "platform/thread.h"
#include "platform/tree.h"

/* Where LTTng has its buffers, whatever takt's own folder is. */
#define BUFFER_FOLDER "/dev/shm"

#define LIVING_MAX	  512
#define REGISTER_BOUND_NS (2 * TAKT_NS_PER_S) /* nodes that run find a daemon that has just started */
#define REGISTER_LOOK_NS  (20 * TAKT_NS_PER_MS)
#define WATCHER_BOUND_NS  (5 * TAKT_NS_PER_S)
#define WATCHER_LOOK_NS	  (5 * TAKT_NS_PER_MS)
#define WORD_BYTES	  32

struct start {
	struct trace_options options;
	struct trace_session_plan plan;
	char folder[TAKT_OS_PATH_MAX];
	int is_folder_ours; /* 1: made by us: nothing is left of it on failure */
	struct trace_rates rates;
	double events_per_s; /* of one ring */
	const char *rate_source;
	struct trace_living living[LIVING_MAX];
	uint32_t living_count;
	struct takt_os_process watcher;
};

static struct start start;

/* ------------------------------------------------------------------------------------------------------- folder */

static void default_folder(char name[TAKT_OS_PATH_MAX])
{
	time_t now = (time_t)(takt_os_clock_wall_ns() / TAKT_NS_PER_S);
	const struct tm *local = localtime(&now);

	if (local == NULL || strftime(name, TAKT_OS_PATH_MAX, "takt-trace-%Y%m%d-%H%M%S", local) == 0)
		(void)snprintf(name, TAKT_OS_PATH_MAX, "takt-trace");
}

static void count_entry(void *context, const char *name)
{
	uint32_t *count = context;

	if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		(*count)++;
}

static int check_folder(const char *given, uint32_t entry_count)
{
	const int is_flight = start.options.is_flight;

	if (strlen(start.folder) + TRACE_LABEL_BYTES > TAKT_OS_PATH_MAX)
		takt_message(TAKT_ERROR, "folder %s: its path is too long for a trace; give a shorter one",
			     start.folder);
	else if (strstr(start.folder, "://"))
		takt_message(TAKT_ERROR,
			     "folder %s: LTTng takes it for an address because of the \"://\" in it; give another",
			     start.folder);
	else if (!takt_os_tree_is_writable(start.folder))
		takt_message(
			TAKT_ERROR,
			"folder %s: this user (uid %u) may not write into it; give another: takt trace start FOLDER",
			start.folder, takt_os_user_id());
	else if (entry_count && (!is_flight || trace_save_count(start.folder) < 0))
		takt_message(
			TAKT_ERROR,
			"folder %s is not empty%s: two traces in one folder cannot be told apart; give another, or "
			"remove it first: rm -r %s",
			start.folder, is_flight ? ", and has more in it than saved recordings" : "", given);
	else
		return EXIT_OK;
	return EXIT_FAILED;
}

static int make_folder(void)
{
	char name[TAKT_OS_PATH_MAX];
	uint32_t entry_count = 0;

	default_folder(name);
	const char *given = start.options.argument ? start.options.argument : name;
	start.is_folder_ours = takt_os_file_list(given, count_entry, &entry_count) == TAKT_ABSENT;
	if (takt_os_file_make_folder(given) != TAKT_OK)
		return EXIT_FAILED;
	if (takt_os_file_absolute(given, start.folder, sizeof(start.folder)) != TAKT_OK) {
		takt_message(TAKT_ERROR, "folder %s: its path cannot be used; give a shorter one", given);
		return EXIT_FAILED;
	}
	return check_folder(given, entry_count);
}

/* ------------------------------------------------------------------------------------------------------ buffers */

static int find_rate(void)
{
	const struct takt_config *config;

	if (start.options.config) {
		if (takt_config_load(&config, start.options.config) != TAKT_OK)
			return EXIT_FAILED;
		start.rates = trace_rates_of_config(config);
		start.rate_source = "as the config has it";
		takt_config_free(config);
	} else if (start.rates.sum > 0.0) {
		start.rate_source = "as the nodes run now, and half as much again";
	} else {
		start.rates = trace_rates_guessed();
		start.rate_source = "a guess: no node lives; --config CONFIG knows better";
	}
	start.events_per_s = start.options.is_flight ? start.rates.sum : start.rates.fastest;
	return EXIT_OK;
}

static uint64_t memory_bytes(void)
{
	return trace_memory_bytes(&start.plan.buffers, takt_os_cpu_possible_count(), start.rates.node_count,
				  start.options.is_flight);
}

static int size_buffers(void)
{
	const struct trace_options *options = &start.options;
	uint64_t span_ns = options->is_flight ? TRACE_FLIGHT_SPAN_NS : TRACE_STREAM_SPAN_NS;
	uint64_t free_bytes = 0;

	if (options->span_ns)
		span_ns = options->span_ns;
	if (find_rate() != EXIT_OK)
		return EXIT_FAILED;
	start.plan.buffers = options->buffer_bytes ? trace_buffers_of(options->buffer_bytes, options->is_flight)
						   : trace_buffers_for(start.events_per_s, span_ns, options->is_flight);
	if (takt_os_tree_free_bytes(BUFFER_FOLDER, &free_bytes) == TAKT_OK && memory_bytes() > free_bytes) {
		takt_message(TAKT_ERROR,
			     "the buffers need %s (%s on each of %u CPUs for each %s), and " BUFFER_FOLDER
			     " has %s left; give less: --bytes SIZE, or --seconds TIME",
			     trace_size_of(memory_bytes()).text,
			     trace_size_of(trace_buffers_bytes(&start.plan.buffers)).text, takt_os_cpu_possible_count(),
			     options->is_flight ? "user" : "node", trace_size_of(free_bytes).text);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

/* ------------------------------------------------------------------------------------------- who can be traced */

static int is_among(const uint32_t *processes, uint32_t count, uint32_t process)
{
	for (uint32_t i = 0; i < count; i++)
		if (processes[i] == process)
			return 1;
	return 0;
}

static uint32_t count_untraced(const uint32_t *processes, uint32_t count)
{
	uint32_t untraced = 0;

	for (uint32_t i = 0; i < start.living_count; i++)
		untraced += !is_among(processes, count, start.living[i].process_id);
	return untraced;
}

/* Waits, with a bound, until all nodes that live have found the daemon, and names those that have not. */
static void say_traced(void)
{
	static uint32_t processes[TRACE_SESSION_PROCESS_MAX];
	uint64_t deadline_ns = takt_os_clock_now_ns() + REGISTER_BOUND_NS;
	uint32_t count = trace_session_processes(processes);

	while (count_untraced(processes, count) && takt_os_clock_now_ns() < deadline_ns) {
		(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + REGISTER_LOOK_NS);
		count = trace_session_processes(processes);
	}
	if (count)
		(void)printf("%u process%s recorded now, and every node from its start\n", count,
			     count == 1 ? " is" : "es are");
	else
		(void)printf("no node runs that can be recorded; those that start now are recorded from their start\n");
	for (uint32_t i = 0; i < start.living_count; i++)
		if (!is_among(processes, count, start.living[i].process_id))
			takt_message(
				TAKT_WARNING,
				"node '%s' of domain '%s' (process %u) runs and cannot be recorded: it was built without tracing, "
				"or found no liblttng-ust or TAKT_TRACE=off when it started, or belongs to another user's session "
				"daemon (as root, takt trace start records every user's nodes)",
				start.living[i].node, start.living[i].domain, start.living[i].process_id);
}

/* ------------------------------------------------------------------------------------------------------- watcher */

static int is_watched(void)
{
	char hold[TRACE_PATH_BYTES];

	(void)snprintf(hold, sizeof(hold), "%s/" TRACE_WATCH_HOLD, start.folder);
	return takt_os_file_is_held(hold);
}

/* Waits until it looks at the nodes, or has ended, which it then has said why. */
static int wait_for_watcher(void)
{
	uint64_t deadline_ns = takt_os_clock_now_ns() + WATCHER_BOUND_NS;
	struct takt_os_end end;

	while (!is_watched()) {
		if (takt_os_process_reap(&start.watcher, &end) != TAKT_EMPTY || takt_os_clock_now_ns() >= deadline_ns) {
			takt_message(TAKT_WARNING,
				     "nobody looks at the nodes: what went wrong is in %s/" TRACE_WATCH_LOG
				     "; snapshots are taken by takt trace snapshot only; try: takt trace watch",
				     start.folder);
			return 0;
		}
		(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + WATCHER_LOOK_NS);
	}
	return 1;
}

static int start_watcher(void)
{
	const struct trace_options *options = &start.options;
	char program[TAKT_OS_PATH_MAX + WORD_BYTES];
	char own[TAKT_OS_PATH_MAX];
	char log[TRACE_PATH_BYTES];
	char late[WORD_BYTES];
	char every[WORD_BYTES];
	char keep[WORD_BYTES];
	const char *arguments[24] = {program, "trace", "watch"};
	uint32_t count = 3;

	if (takt_os_program_folder(own, sizeof(own)) != TAKT_OK)
		return 0;
	(void)snprintf(program, sizeof(program), "%s/takt", own);
	(void)snprintf(log, sizeof(log), "%s/" TRACE_WATCH_LOG, start.folder);
	(void)snprintf(late, sizeof(late), "%lluus", (unsigned long long)(options->late_ns / TAKT_NS_PER_US));
	(void)snprintf(every, sizeof(every), "%lluus", (unsigned long long)(options->interval_ns / TAKT_NS_PER_US));
	(void)snprintf(keep, sizeof(keep), "%u", options->keep);
	const char *const always[] = {"--session", options->session, "--every", every, "--keep", keep, "--log", log};
	for (uint32_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		arguments[count++] = always[i];
	if (options->domain) {
		arguments[count++] = "--domain";
		arguments[count++] = options->domain;
	}
	if (options->late_ns) {
		arguments[count++] = "--late";
		arguments[count++] = late;
	}
	if (options->is_overrun_ignored)
		arguments[count++] = "--no-overrun";
	if (options->is_stale_ignored)
		arguments[count++] = "--no-stale";
	return takt_os_process_start(&start.watcher, arguments, NULL) == TAKT_OK && wait_for_watcher();
}

/* --------------------------------------------------------------------------------------------------------- start */

static void say_started(void)
{
	const struct trace_options *options = &start.options;
	const struct trace_buffers *buffers = &start.plan.buffers;

	(void)printf("recording '%s' %s %s\n", options->session,
		     options->is_flight ? "is kept in memory and saved into" : "goes into", start.folder);
	(void)printf("buffers: %u x %llu KiB on each of %u CPUs for each %s, together %s", buffers->piece_count,
		     (unsigned long long)(buffers->piece_bytes >> 10), takt_os_cpu_possible_count(),
		     options->is_flight ? "user of nodes" : "node", trace_size_of(memory_bytes()).text);
	if (options->is_flight)
		(void)printf("\n");
	else
		(void)printf(" with %u node%s\n", start.rates.node_count, start.rates.node_count == 1 ? "" : "s");
	if (options->buffer_bytes == 0)
		(void)printf("they hold %.1f s of %.0f events/s on one CPU (%s)\n",
			     (double)trace_buffers_bytes(buffers) / (start.events_per_s * TRACE_EVENT_BYTES),
			     start.events_per_s, start.rate_source);
}

static void undo_folder(void)
{
	/* Only what we made, and only while nothing was written into it. */
	uint32_t entry_count = 0;

	if (start.is_folder_ours && start.folder[0] &&
	    takt_os_file_list(start.folder, count_entry, &entry_count) == TAKT_OK && entry_count == 0)
		(void)!takt_os_tree_remove(start.folder);
}

static int record(void)
{
	const struct trace_options *options = &start.options;

	start.living_count = trace_look_living(options->domain, start.living, LIVING_MAX, &start.rates);
	if (size_buffers() != EXIT_OK)
		return EXIT_FAILED;
	start.plan.name = options->session;
	start.plan.folder = start.folder;
	start.plan.is_flight = options->is_flight;
	start.plan.has_kernel = options->has_kernel;
	if (trace_daemon_start(options->has_kernel) != TAKT_OK || trace_session_start(&start.plan) != TAKT_OK)
		return EXIT_FAILED;
	say_started();
	say_traced();
	return EXIT_OK;
}

/* A recording of this name: it goes on. */
static int refuse_second(void)
{
	static struct trace_session sessions[TRACE_SESSION_COUNT_MAX];
	uint32_t count = 0;

	if (!trace_session_has_daemon())
		return EXIT_OK;
	if (trace_session_list(sessions, &count) != TAKT_OK)
		return EXIT_FAILED;
	for (uint32_t i = 0; i < count; i++) {
		if (strcmp(sessions[i].name, start.options.session) != 0)
			continue;
		takt_message(
			TAKT_ERROR,
			"recording '%s' runs already, into %s; end it with: takt trace stop, or give the second one a name: "
			"takt trace start --session SESSION",
			sessions[i].name, sessions[i].folder);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int record_for(uint64_t span_ns)
{
	struct trace_session session = {.name = ""};

	(void)fflush(stdout);
	takt_os_process_prepare(1);
	/* Ctrl-C ends it early, and in order. */
	(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + span_ns);
	start.options.has_session = 1;
	int code = trace_choose(&start.options, "takt trace stop", &session);
	return code == EXIT_OK ? trace_end(&session) : code;
}

int trace_start(int argc, char **argv)
{
	struct trace_options *options = &start.options;
	int code = trace_options_parse(options, &trace_start_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (trace_session_open() != TAKT_OK || refuse_second() != EXIT_OK)
		return EXIT_FAILED;
	code = make_folder();
	if (code == EXIT_OK)
		code = record();
	if (code != EXIT_OK) {
		undo_folder();
		return code;
	}
	if (options->is_flight && !options->is_unwatched && start_watcher())
		(void)printf(
			"a process in the background saves it when a node dies%s%s%s; what it did is in %s/" TRACE_WATCH_LOG
			"\n",
			options->is_overrun_ignored ? "" : ", misses a period",
			options->late_ns ? ", begins a cycle late" : "",
			options->is_stale_ignored ? "" : ", reads a stale sample", start.folder);
	if (options->for_ns)
		return record_for(options->for_ns);
	(void)printf("%send it with: takt trace stop%s%s\n",
		     options->is_flight ? "save it with: takt trace snapshot; " : "",
		     options->has_session ? " --session " : "", options->has_session ? options->session : "");
	return EXIT_OK;
}
