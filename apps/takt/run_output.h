/* SPDX-License-Identifier: Apache-2.0 */
/* What a node prints becomes lines that a terminal can take: split, escaped, and not too many. Pure but for the caller's `emit`. */
#ifndef TAKT_APPS_TAKT_RUN_OUTPUT_H
#define TAKT_APPS_TAKT_RUN_OUTPUT_H

#include <stdint.h>

#include "apps/takt/escape.h"
#include "platform/clock.h"

#define RUN_LINE_BYTES	    512u			 /* longer lines are shown in pieces */
#define RUN_TEXT_BYTES	    ESCAPE_BYTES(RUN_LINE_BYTES) /* one of them escaped */
#define RUN_LINE_RATE	    100u			 /* lines shown in each window */
#define RUN_RATE_WINDOW_NS  TAKT_NS_PER_S
#define RUN_PARTIAL_HOLD_NS (500 * TAKT_NS_PER_MS) /* a line without its end is shown after this */

/* One node's stream. Zero-initialise. */
struct run_output {
	char bytes[RUN_LINE_BYTES];
	uint32_t count;
	uint32_t was_cut;	/* 1: the present line's first part is shown already */
	uint32_t shown_count;	/* in this window */
	uint64_t dropped_count; /* in this window */
	uint64_t window_ns;	/* when it began */
	uint64_t partial_ns;	/* when the unfinished line got its first byte */
};

/* Takes one line, escaped, without a newline. */
typedef void (*run_output_emit)(void *context, const char *text);

/* Takes bytes as they come and emits the lines that they complete. */
void run_output_take(struct run_output *output, const char *bytes, uint32_t count, uint64_t now_ns,
		     run_output_emit emit, void *context);

/* Time has passed: an unfinished line that waits too long, and how many lines were dropped. Call it at least every second. */
void run_output_tick(struct run_output *output, uint64_t now_ns, run_output_emit emit, void *context);

/* The stream has ended: what is left of it. */
void run_output_end(struct run_output *output, uint64_t now_ns, run_output_emit emit, void *context);

/* Text for a terminal: as escape.h has it, and zeroes become \x00. */
void run_output_escape(char text[RUN_TEXT_BYTES], const char *bytes, uint32_t count);

#endif
