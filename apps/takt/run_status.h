/* SPDX-License-Identifier: Apache-2.0 */
/* The live line of `takt run --status`, once a second. */
#ifndef TAKT_APPS_TAKT_RUN_STATUS_H
#define TAKT_APPS_TAKT_RUN_STATUS_H

#include <stdint.h>

#include "apps/takt/run_life.h"

#define RUN_STATUS_COLUMNS 100 /* of a line, where standard output is no terminal */

struct run_status {
	struct run_glance *before; /* of each node, a second ago; NULL: no live line is wanted */
	uint32_t line_count;
	uint64_t last_ns;
	uint64_t due_ns;
};

void run_status_init(struct run_status *status, const struct run *run);
void run_status_fini(struct run_status *status);

/* When the next line is due; TAKT_FOREVER without one. */
uint64_t run_status_due_ns(const struct run_status *status);

/* Prints a line if it is time. */
void run_status_tick(struct run_status *status, const struct run *run, uint64_t now_ns);

/* A span in five places: "850ns", "12us", "3.4ms", "120s". */
struct run_span {
	char text[16];
};
struct run_span run_span_text(uint64_t span_ns);

/* What was counted between two copies of one histogram. The maximum is that of the later one. */
void run_histogram_since(struct takt_histogram *now, const struct takt_histogram *before);

#endif
