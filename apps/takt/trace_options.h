/* SPDX-License-Identifier: Apache-2.0 */
/* The command lines of `takt trace start|stop|status|snapshot|watch`. The commands themselves stand here too: help, completion and parser are
 * made of one table. */
#ifndef APPS_TAKT_TRACE_OPTIONS_H
#define APPS_TAKT_TRACE_OPTIONS_H

#include <stdint.h>

#include "apps/takt/options.h"
#include "apps/takt/output.h"
#include "apps/takt/trace_session.h"

struct trace_options {
	char session[TRACE_SESSION_NAME_BYTES]; /* "takt", "takt-NAME" */
	int has_session;			/* 1: --session was given */
	const char *argument;			/* start: the folder; snapshot: the reason; NULL: none */
	const char *config;			/* NULL: none */
	const char *domain;			/* NULL: all */
	int has_kernel;
	int is_flight;
	int is_unwatched;
	int is_overrun_ignored;
	int is_stale_ignored;
	uint64_t span_ns;      /* that the buffers hold; 0: not given */
	uint64_t buffer_bytes; /* 0: not given */
	uint64_t for_ns;       /* 0: until it is stopped */
	uint64_t late_ns;      /* 0: no such threshold */
	uint64_t interval_ns;  /* between two snapshots for one cause */
	uint32_t keep;	       /* snapshots kept of each cause */
	const char *log;       /* NULL: standard error */
	enum output_format format;
};

/* @param command one of trace.h @retval OPTIONS_GO_ON, or the exit code; help or a message has been given */
int trace_options_parse(struct trace_options *options, const struct command *command, int argc, char **argv);

/* What they do. argv[0] is the command's name. @retval the exit code */
int trace_start(int argc, char **argv);
int trace_stop(int argc, char **argv);
int trace_status(int argc, char **argv);
int trace_snapshot(int argc, char **argv);
int trace_watch(int argc, char **argv);

/* "64K", "8M", "1G", "65536". @retval 1 it is one, from 64 KiB to TRACE_BUFFER_BYTES_MAX */
int trace_options_read_bytes(const char *text, uint64_t *bytes);

#endif
