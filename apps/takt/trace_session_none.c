/* SPDX-License-Identifier: Apache-2.0 */
/* A build without TAKT_TRACING: there is nothing to record. */
#include "apps/takt/trace_session.h"
#include "platform/message.h"

enum takt_status trace_session_open(void)
{
	takt_message(
		TAKT_ERROR,
		"this build of takt has no tracepoints: nothing can be recorded; build it with tracing (it needs liblttng-ust-dev and "
		"liblttng-ctl-dev): cmake --preset trace && cmake --build --preset trace, and run nodes and takt from there");
	return TAKT_UNSUPPORTED;
}

int trace_session_has_daemon(void)
{
	return 0;
}

enum takt_status trace_session_start(const struct trace_session_plan *plan)
{
	(void)plan;
	return TAKT_UNSUPPORTED;
}

enum takt_status trace_session_stop(const char *name, struct trace_session *last)
{
	(void)name;
	(void)last;
	return TAKT_UNSUPPORTED;
}

enum takt_status trace_session_list(struct trace_session *sessions, uint32_t *count)
{
	(void)sessions;
	(void)count;
	return TAKT_UNSUPPORTED;
}

enum takt_status trace_session_renew(struct trace_session *session)
{
	(void)session;
	return TAKT_UNSUPPORTED;
}

enum takt_status trace_session_save(const char *name, const char *folder, const char *label)
{
	(void)name;
	(void)folder;
	(void)label;
	return TAKT_UNSUPPORTED;
}

void trace_session_describe_again(const char *name)
{
	(void)name;
}

uint32_t trace_session_processes(uint32_t *processes)
{
	(void)processes;
	return 0;
}
