/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A quantity over time in bounded memory, however long it lasts: bins of time that become twice as wide whenever the last one is passed.
 * A bin keeps its smallest and its largest value, so that nothing that stands out is averaged away. Pure.
 */
#ifndef APPS_TAKT_TRACE_SERIES_H
#define APPS_TAKT_TRACE_SERIES_H

#include <stdint.h>

#define TRACE_SERIES_BINS 512u

struct trace_bin {
	uint64_t count; /* 0: nothing was in that time */
	uint64_t min;
	uint64_t max;
	uint64_t max_at_ns; /* when that was */
};

/* Zero-initialise. Bin i is from first_ns + i * width_ns on. */
struct trace_series {
	uint64_t first_ns; /* of the first value; earlier ones count as of then */
	uint64_t width_ns; /* 0: no value yet */
	uint64_t count;
	struct trace_bin bins[TRACE_SERIES_BINS];
};

void trace_series_add(struct trace_series *series, uint64_t time_ns, uint64_t value);

#endif
