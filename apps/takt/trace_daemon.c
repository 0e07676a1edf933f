/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/program.h"
#include "apps/takt/trace_program.h"
#include "apps/takt/trace_session.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/folder.h"
#include "platform/message.h"

#define PROGRAM	       "lttng-sessiond"
#define START_BOUND_NS (20 * TAKT_NS_PER_S)
#define LOOK_NS	       (10 * TAKT_NS_PER_MS)

/* LTTNG_SESSIOND_PATH is what LTTng's own command line obeys as well. */
static int find(char path[PROGRAM_PATH_BYTES])
{
	const char *given = getenv("LTTNG_SESSIOND_PATH");

	if (given && *given) {
		(void)snprintf(path, PROGRAM_PATH_BYTES, "%s", given);
		return takt_os_file_is_program(path);
	}
	return program_is_in_path(path, PROGRAM);
}

static const char *home(void)
{
	const char *own = getenv("LTTNG_HOME");

	if (own == NULL || *own == '\0')
		own = getenv("HOME");
	return own && *own ? own : "(neither LTTNG_HOME nor HOME is set)";
}

static enum takt_status not_started(const char *path, const char *why)
{
	if (takt_os_user_id() == 0)
		takt_message(TAKT_ERROR, "%s could not be started: %s", path, why);
	else
		takt_message(
			TAKT_ERROR,
			"%s could not be started: %s; it keeps its sockets in %s/.lttng, which must be this user's",
			path, why, home());
	return TAKT_SYSTEM;
}

static void cut_at_line(char *text)
{
	text[strcspn(text, "\n")] = '\0';
}

enum takt_status trace_daemon_start(int wants_kernel)
{
	char path[PROGRAM_PATH_BYTES];
	static struct trace_program_end end;
	uint64_t deadline_ns = takt_os_clock_now_ns() + START_BOUND_NS;

	if (trace_session_has_daemon())
		return TAKT_OK;
	if (!find(path)) {
		takt_message(
			TAKT_ERROR,
			"no session daemon of LTTng runs, and %s is not there to start one; install it with: apt-get install "
			"lttng-tools, or name it in LTTNG_SESSIOND_PATH",
			getenv("LTTNG_SESSIOND_PATH") ? path : PROGRAM);
		return TAKT_ABSENT;
	}
	const char *const arguments[] = {path, "--daemonize", wants_kernel ? NULL : "--no-kernel", NULL};
	enum takt_status status = trace_program_run(arguments, deadline_ns, &end);
	if (status == TAKT_TIMEOUT)
		return not_started(path, "it was not ready after 20 s");
	if (status != TAKT_OK)
		return status;
	cut_at_line(end.text);
	if (end.code != 0)
		return not_started(path, end.text[0] ? end.text : "it ended without a word");
	while (!trace_session_has_daemon() && takt_os_clock_now_ns() < deadline_ns)
		(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + LOOK_NS);
	if (!trace_session_has_daemon())
		return not_started(path, "it does not answer");
	(void)printf("started LTTng's session daemon (%s)\n", path);
	return TAKT_OK;
}
