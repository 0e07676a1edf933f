/* SPDX-License-Identifier: Apache-2.0 */
/* The words of Chrome's JSON trace format: slices, instants, counters, with names that cannot break out of it. */
#ifndef APPS_TAKT_TRACE_TIMELINE_H
#define APPS_TAKT_TRACE_TIMELINE_H

#include <stdint.h>
#include <stdio.h>

#include "apps/takt/trace_analysis.h"
#include "apps/takt/trace_event.h"
#include "apps/takt/trace_tracks.h"

#define TIMELINE_NAME_BYTES 160u

struct trace_timeline {
	FILE *file;
	uint64_t origin_ns; /* time 0 of the file */
	uint64_t written_count;
	uint64_t refused_count; /* slices that contradict others in time */
	struct trace_tracks tracks;
};

/* Which process a track belongs to. */
uint32_t timeline_pid(const struct trace_track *track);

/* Text from elsewhere as the inside of a JSON string. */
void timeline_put_text(FILE *file, const char *text);

/* An event of any phase on a track; it is left open for its own keys. `format` makes its name. */
void timeline_begin(struct trace_timeline *timeline, const char *phase, uint32_t place, uint64_t at_ns,
		    const char *category, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* @retval 1 its arguments follow, and timeline_end_slice(); 0 it contradicts another one, and is not written */
int timeline_begin_slice(struct trace_timeline *timeline, uint32_t place, uint64_t begin_ns, uint64_t end_ns,
			 const char *category, const char *format, ...) __attribute__((format(printf, 6, 7)));
void timeline_put_argument(struct trace_timeline *timeline, const char *key, uint64_t value);
void timeline_put_word(struct trace_timeline *timeline, const char *key, const char *text);
void timeline_end_slice(struct trace_timeline *timeline);

/* @param scope "t": of its thread, "p": of its process */
void timeline_put_instant(struct trace_timeline *timeline, uint32_t place, const struct trace_event *event,
			  const char *scope, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A span of time, shown in microseconds. Its name is `what` and `of` in one. */
void timeline_put_counter(struct trace_timeline *timeline, uint32_t place, uint64_t at_ns, uint64_t span_ns,
			  const char *what, const char *of);

#endif
