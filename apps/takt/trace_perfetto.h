/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as Chrome's JSON trace format, which Perfetto and chrome://tracing open: nodes are processes, their threads tracks; cycles, waits,
 * locks, publishing, reading and commands are slices, each read is a flow from its publish, the rest instants and counters. Written as
 * the events come, in bounded memory. Times are microseconds with three decimals, so to the nanosecond, from `origin_ns` on.
 * Source: "Trace Event Format", the document of the Chromium project.
 */
#ifndef APPS_TAKT_TRACE_PERFETTO_H
#define APPS_TAKT_TRACE_PERFETTO_H

#include <stdint.h>
#include <stdio.h>

#include "apps/takt/trace_analysis.h"
#include "apps/takt/trace_event.h"

struct trace_perfetto;

struct trace_perfetto_counts {
	uint64_t written_count;	   /* all */
	uint64_t cycle_count;	   /* slices of cycles */
	uint64_t unfinished_count; /* of them: whose end is not in the trace */
	uint64_t beginless_count;  /* of them: whose begin is not in the trace */
	uint64_t flow_count;
	uint64_t unlinked_count; /* reads whose publish is not in the trace */
	uint64_t refused_count;	 /* slices that contradict others in time */
	uint64_t no_room_count;	 /* events of more threads or domains than fit */
};

/* @param analysis of the same trace, for names @param first_ns of the trace @retval NULL no memory */
struct trace_perfetto *trace_perfetto_begin(FILE *file, const struct trace_analysis *analysis, uint64_t first_ns);
void trace_perfetto_add(struct trace_perfetto *perfetto, const struct trace_event *event);
/* Writes what is open and the names; the file is whole then. Frees it. */
void trace_perfetto_end(struct trace_perfetto *perfetto, struct trace_perfetto_counts *counts);

#endif
