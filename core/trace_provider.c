/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libtakt-lttng: the events' probes, linked with LTTng. A library of its own, which core/trace_state.c takes in at start-up, so that
 * takt runs where LTTng is not installed.
 */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#include "core/trace_lttng.h"

#include <lttng/ust-thread.h>
#include <stddef.h>

#include "core/trace_state.h"

struct lttng_ust_session;

int takt_trace_provider_init(void (*session_began)(void));
void takt_trace_provider_thread_touched(void);

static void (*tell)(void);

/* A probe on LTTng's own event that opens the state dump of a session. */
static void see_session(void *data, struct lttng_ust_session *session)
{
	(void)data;
	(void)session;
	tell();
}

/* @retval 1 from now on `session_began` is called whenever a session starts or is told to dump state: lttng regenerate statedump */
int takt_trace_provider_init(void (*session_began)(void))
{
	/* The tracepoint's arguments as LTTng declares them; it connects no probe that says others. */
	static const char arguments[] = "struct lttng_ust_session *, session";
	tell = session_began;
	return lttng_ust_tracepoint_provider_register("lttng_ust_statedump", "start", (void (*)(void))see_session, NULL,
						      arguments) == 0;
}

/* What LTTng would allocate at this thread's first event. */
void takt_trace_provider_thread_touched(void)
{
	lttng_ust_init_thread();
}
