/* SPDX-License-Identifier: Apache-2.0 */
/* A worst cycle in plain words. Pure. */
#ifndef APPS_TAKT_TRACE_STORY_H
#define APPS_TAKT_TRACE_STORY_H

#include <stdint.h>

#include "apps/takt/trace_analysis.h"

#define TRACE_CAUSE_BYTES 512
#define TRACE_STEP_BYTES  160

/* "1.80 ms", "12.3 us", "740 ns", "5.00 s". */
const char *trace_span_text(uint64_t span_ns, char text[24]);

/* "relay", "relay, loop 1", "relay, no loop". */
void trace_loop_name(const struct trace_analysis *analysis, const struct trace_loop *loop, char name[64]);

/* Due to end, and what is usual for this loop: the median. */
uint64_t trace_worst_took_ns(const struct trace_worst *cycle);
uint64_t trace_worst_usual_ns(const struct trace_loop *loop);

/* Where the time went: "ran 5.06 ms, usually 12.1 us: 5.04 ms of it between its begin and publishing motor #100; ..." */
void trace_story_cause(const struct trace_analysis *analysis, const struct trace_worst *cycle,
		       char text[TRACE_CAUSE_BYTES]);

/* What one point of the story says. */
void trace_story_step(const struct trace_analysis *analysis, const struct trace_worst *cycle,
		      const struct trace_point *point, char text[TRACE_STEP_BYTES]);

/* The worst cycles of all loops, worst first: by how much longer than usual for its loop. @retval how many; *cycles is freed by the
 * caller */
uint32_t trace_worst_gather(const struct trace_analysis *analysis, uint32_t count, const struct trace_worst ***cycles);

#endif
