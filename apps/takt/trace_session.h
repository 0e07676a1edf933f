/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions of LTTng that are takt's: made, ended, looked at, saved. The only place that knows LTTng's session control.
 *
 * LTTng's own library is asked (liblttng-ctl), not its command line: counts come as numbers and errors as codes, and nothing has to be
 * read out of text. It is taken in when a command needs it, so that the takt command starts where LTTng is not installed.
 * A build without TAKT_TRACING has trace_session_none.c in its place.
 *
 * All but trace_session_open need trace_session_open before them.
 */
#ifndef APPS_TAKT_TRACE_SESSION_H
#define APPS_TAKT_TRACE_SESSION_H

#include <stdint.h>

#include "apps/takt/trace_buffers.h"
#include "platform/folder.h"
#include "platform/status.h"

#define TRACE_SESSION_NAME_BYTES  64
#define TRACE_SESSION_PREFIX	  "takt" /* "takt", or "takt-NAME" */
#define TRACE_SESSION_COUNT_MAX	  32
#define TRACE_SESSION_PROCESS_MAX 512

struct trace_session_plan {
	const char *name;
	const char *folder; /* absolute */
	int is_flight;	    /* 1: kept in memory, saved by trace_session_save */
	int has_kernel;	    /* 1: with the kernel's scheduling and interrupts */
	struct trace_buffers buffers;
};

struct trace_session {
	char name[TRACE_SESSION_NAME_BYTES];
	char folder[TAKT_OS_PATH_MAX]; /* "" where it cannot be told */
	uint64_t since_s;	       /* wall clock, seconds since 1970; 0: not known */
	int is_flight;
	int is_active;
	uint64_t discarded_count; /* events for which there was no room */
	uint64_t lost_count;	  /* packets that were overwritten before they were read */
	uint64_t buffer_bytes;	  /* of one CPU, and of one process or user */
	struct trace_buffers buffers;
	int has_kernel;
};

/* Takes in LTTng's library. @retval TAKT_OK @retval TAKT_UNSUPPORTED it is not there, or this build has no tracing; with a message that
 * says what to do */
TAKT_CHECKED enum takt_status trace_session_open(void);

/* 1 when a session daemon answers to this user. */
int trace_session_has_daemon(void);

/* Makes a session and starts it; nothing is left of it on failure. @retval TAKT_OK @retval TAKT_EXISTS one of that name is there
 * @retval TAKT_UNSUPPORTED no kernel tracer @retval TAKT_SYSTEM. Messages for all. */
TAKT_CHECKED enum takt_status trace_session_start(const struct trace_session_plan *plan);

/* Ends the recording, waits until all is on the disk, and removes the session. @param last what it had counted
 * @retval TAKT_OK @retval TAKT_ABSENT @retval TAKT_TIMEOUT not all is written yet @retval TAKT_SYSTEM. Messages for all. */
TAKT_CHECKED enum takt_status trace_session_stop(const char *name, struct trace_session *last);

/**
 * Empties a flight recorder by making it anew: a process that was killed while it wrote an event leaves a piece of its user's buffers that
 * is never complete, and LTTng throws away what comes to it on that CPU from then on. Nothing is recorded for about 0.1 s.
 * @param session `since_s` becomes the new one's @retval TAKT_OK @retval TAKT_SYSTEM it is gone, with a message
 */
TAKT_CHECKED enum takt_status trace_session_renew(struct trace_session *session);

/* Takt's sessions. @param sessions room for TRACE_SESSION_COUNT_MAX @retval TAKT_OK @retval TAKT_SYSTEM with a message */
TAKT_CHECKED enum takt_status trace_session_list(struct trace_session *sessions, uint32_t *count);

/* Writes what a flight recorder holds into FOLDER/LABEL-DATE-TIME-NUMBER. @retval TAKT_OK @retval TAKT_EMPTY it holds nothing, without a
 * message @retval TAKT_SYSTEM with one */
TAKT_CHECKED enum takt_status trace_session_save(const char *name, const char *folder, const char *label);

/* Tells all traced processes to write names and types once more: what stood in memory may have been overwritten. Failing is no harm. */
void trace_session_describe_again(const char *name);

/* Numbers of the processes that can be traced now: those that have takt's events. @param processes room for TRACE_SESSION_PROCESS_MAX
 * @retval how many; 0 also where it cannot be told */
uint32_t trace_session_processes(uint32_t *processes);

#endif
