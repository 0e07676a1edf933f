/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `trace`: what tracepoints cost a publish, in each state that this takt can be in. One run cannot show a build with them and one without:
 * the rows that the other build has are named as left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bench_domain.h"
#include "apps/takt/bench_run.h"
#include "apps/takt/messages.h"
#include "apps/takt/program.h"
#include "apps/takt/trace_buffers.h"
#include "apps/takt/trace_save.h"
#include "apps/takt/trace_session.h"
#include "core/node.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/process.h"
#include "platform/scratch.h"
#include "platform/thread.h"
#include "platform/tree.h"

#define TEST	   "trace"
#define NOT_BUILT  "publish, tracepoints not built in"
#define NOT_LOADED "publish, built in, not loaded"
#define IDLE	   "publish, loaded, nothing records"
#define RECORDED   "publish, a session records every event"
#define LIBRARY	   "libtakt-lttng.so.0"
#define DAEMON	   "lttng-sessiond"
#define SESSION	   TRACE_SESSION_PREFIX "-bench"
#define REGISTER_MS                                                                                                    \
	"10000" /* a process that has not found the daemon by then goes on without; less than a burst may take */
#define DAEMON_BOUND_NS (20 * TAKT_NS_PER_S)
#define DAEMON_LOOK_NS	(10 * TAKT_NS_PER_MS)
#define PROBE_BOUND_NS	(30 * TAKT_NS_PER_S)
#define RING_BYTES	(4u << 20)
#define HOME_BYTES	64 /* the daemon's sockets are in it, whose names must be short */

static void leave_out(const char *name, const char *why)
{
	takt_message(TAKT_WARNING, "bench: " TEST ": '%s' is left out: %s", name, why);
}

#ifndef TAKT_TRACING

void bench_trace(struct bench *bench)
{
	static const char why[] = "this takt was built without tracepoints (-D TAKT_TRACING=ON)";

	(void)bench_publish_compare(bench, TEST, NOT_BUILT);
	leave_out(NOT_LOADED, why);
	leave_out(IDLE, why);
	leave_out(RECORDED, why);
}

#else

/* ------------------------------------------------------------------------------------------------------- library */

struct probe {
	const char *folder;
	struct bench_shared *shared;
};

/* In a process of its own: what it takes in stays for good. */
static int join_and_look(void *context, uint32_t index)
{
	static struct takt_node node;
	struct probe *probe = context;

	(void)index;
	if (bench_join(&node, probe->folder, "writer") != TAKT_OK)
		return 1;
	probe->shared->value = takt_os_bench_library_is_loaded(LIBRARY);
	takt_node_leave(&node);
	return 0;
}

static void be_silent(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	(void)severity;
	(void)text;
}

/* @retval 1 a node of this environment takes in the library */
static int is_loadable(struct bench *bench)
{
	struct bench_config config;
	struct probe probe = {.folder = bench->folder, .shared = takt_os_bench_memory_map(sizeof(*probe.shared))};
	int is_loaded = 0;

	if (probe.shared == NULL)
		return 0;
	bench_config_begin(&config);
	bench_config_topic(&config, &(struct bench_topic){.name = "there", .bytes = 8, .depth = 2});
	bench_config_nodes(&config);
	bench_config_node(&config, "writer", "there", "", 0);
	takt_message_handler_set(be_silent, NULL);
	if (bench_config_write(&config, bench->folder) == TAKT_OK &&
	    takt_os_bench_crew_run(join_and_look, &probe, 1, takt_os_clock_now_ns() + PROBE_BOUND_NS) == TAKT_OK)
		is_loaded = probe.shared->value > 0.0;
	messages_escape();
	takt_os_bench_folder_clear(bench->folder);
	takt_os_bench_memory_unmap(probe.shared, sizeof(*probe.shared));
	return is_loaded;
}

/* ------------------------------------------------------------------------------------------------------- session */

/* A daemon of our own: an ordinary user's is met by nobody else, since its home is this folder. Root's is the machine's, and one that runs is
 * used. */
struct recorder {
	char home[HOME_BYTES];
	char folder[TAKT_OS_PATH_MAX];
	struct takt_os_process daemon;
	int has_session;
};

static int start_daemon(struct recorder *recorder)
{
	const char *const arguments[] = {DAEMON, "--no-kernel", NULL};
	const char *const none[] = {NULL};
	uint64_t deadline_ns = takt_os_clock_now_ns() + DAEMON_BOUND_NS;
	struct takt_os_end end;

	if (trace_session_has_daemon())
		return 1;
	if (takt_os_process_start(&recorder->daemon, arguments, none) != TAKT_OK)
		return 0;
	while (!trace_session_has_daemon()) {
		if (takt_os_stop_requested() || takt_os_clock_now_ns() >= deadline_ns ||
		    takt_os_process_reap(&recorder->daemon, &end) != TAKT_EMPTY)
			return 0;
		(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + DAEMON_LOOK_NS);
	}
	return 1;
}

/* @retval 1 somebody's recording runs already: it would have our events */
static int is_disturbed(void)
{
	static struct trace_session sessions[TRACE_SESSION_COUNT_MAX];
	uint32_t count = 0;

	if (trace_session_list(sessions, &count) != TAKT_OK)
		return 1;
	for (uint32_t i = 0; i < count; i++)
		if (sessions[i].is_active)
			return 1;
	return 0;
}

/* In memory, the newest kept: every event is written, and no disk is measured. */
static int start_session(struct recorder *recorder)
{
	struct trace_session_plan plan = {.name = SESSION, .is_flight = 1, .buffers = trace_buffers_of(RING_BYTES, 1)};

	(void)snprintf(recorder->folder, sizeof(recorder->folder), "%s/saved", recorder->home);
	plan.folder = recorder->folder;
	recorder->has_session = trace_session_start(&plan) == TAKT_OK;
	return recorder->has_session;
}

static void end_recorder(struct recorder *recorder)
{
	struct trace_session last;
	struct takt_os_end end;
	uint64_t deadline_ns = takt_os_clock_now_ns() + DAEMON_BOUND_NS;

	if (recorder->has_session)
		(void)!trace_session_stop(SESSION, &last);
	if (recorder->daemon.running) {
		(void)!takt_os_process_signal(&recorder->daemon, TAKT_OS_PROCESS_TERMINATE);
		while (takt_os_process_reap(&recorder->daemon, &end) == TAKT_EMPTY) {
			if (takt_os_clock_now_ns() >= deadline_ns)
				(void)!takt_os_process_signal(&recorder->daemon, TAKT_OS_PROCESS_KILL);
			(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + DAEMON_LOOK_NS);
		}
	}
	takt_os_process_close(&recorder->daemon);
	if (recorder->home[0])
		(void)!takt_os_tree_remove(recorder->home);
}

/* A row that nothing was recorded of would be another row's. */
static void compare_recorded(struct bench *bench, struct recorder *recorder)
{
	struct trace_session session = {.name = SESSION, .is_flight = 1};
	char path[TRACE_PATH_BYTES];

	if (bench_publish_compare(bench, TEST, RECORDED) == NULL)
		return;
	(void)snprintf(session.folder, sizeof(session.folder), "%s", recorder->folder);
	if (trace_save(&session, "bench", path) == TAKT_OK)
		return;
	bench->row_count--;
	bench->failed_count++;
	takt_message(TAKT_ERROR, "bench: " TEST ": '" RECORDED
				 "': the session has none of the events: do processes of this user find its "
				 "daemon?");
}

static void compare_loaded(struct bench *bench, struct recorder *recorder)
{
	char path[PROGRAM_PATH_BYTES];
	int has_tools = program_is_in_path(path, DAEMON) && trace_session_open() == TAKT_OK;

	if (has_tools && trace_session_has_daemon() && is_disturbed()) {
		leave_out(IDLE, "a recording runs; end it with: takt trace stop");
		leave_out(RECORDED, "a recording runs; end it with: takt trace stop");
		return;
	}
	(void)bench_publish_compare(bench, TEST, IDLE);
	if (takt_os_stop_requested())
		return;
	if (!has_tools)
		leave_out(RECORDED, "there is no " DAEMON "; install it with: apt-get install lttng-tools");
	else if (!start_daemon(recorder) || !start_session(recorder))
		leave_out(RECORDED, "LTTng's session daemon does not start a session here");
	else
		compare_recorded(bench, recorder);
}

void bench_trace(struct bench *bench)
{
	struct recorder recorder = {.home = ""};
	const char *given = getenv("TAKT_TRACE");
	char before[16];

	(void)snprintf(before, sizeof(before), "%s", given ? given : "off");
	leave_out(NOT_BUILT, "this takt was built with tracepoints");
	if (takt_os_scratch_make(recorder.home, sizeof(recorder.home)) != TAKT_OK ||
	    takt_os_bench_environment_set("LTTNG_HOME", recorder.home) != TAKT_OK ||
	    takt_os_bench_environment_set("LTTNG_UST_REGISTER_TIMEOUT", REGISTER_MS) != TAKT_OK ||
	    takt_os_bench_environment_set("TAKT_TRACE", "off") != TAKT_OK) {
		bench->failed_count++;
		end_recorder(&recorder);
		return;
	}
	(void)bench_publish_compare(bench, TEST, NOT_LOADED);
	if (!takt_os_stop_requested() && takt_os_bench_environment_set("TAKT_TRACE", NULL) == TAKT_OK) {
		if (is_loadable(bench)) {
			compare_loaded(bench, &recorder);
		} else {
			leave_out(IDLE, LIBRARY " or liblttng-ust1 is not installed");
			leave_out(RECORDED, LIBRARY " or liblttng-ust1 is not installed");
		}
	}
	end_recorder(&recorder);
	/* The tests behind this one. */
	(void)!takt_os_bench_environment_set("TAKT_TRACE", before);
}

#endif
