/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_series.h"

#include <stddef.h>
#include <string.h>

#define WIDTH_NS_FIRST 1024u

static void merge(struct trace_bin *to, const struct trace_bin *from)
{
	if (from->count == 0)
		return;
	if (to->count == 0 || from->min < to->min)
		to->min = from->min;
	if (to->count == 0 || from->max > to->max) {
		to->max = from->max;
		to->max_at_ns = from->max_at_ns;
	}
	to->count += from->count;
}

/* Each two neighbours become one. */
static void widen(struct trace_series *series)
{
	for (size_t i = 0; i < TRACE_SERIES_BINS / 2; i++) {
		struct trace_bin both = series->bins[2 * i];
		merge(&both, &series->bins[2 * i + 1]);
		series->bins[i] = both;
	}
	memset(&series->bins[TRACE_SERIES_BINS / 2], 0, sizeof(series->bins) / 2);
	series->width_ns *= 2;
}

void trace_series_add(struct trace_series *series, uint64_t time_ns, uint64_t value)
{
	if (series->width_ns == 0) {
		series->first_ns = time_ns;
		series->width_ns = WIDTH_NS_FIRST;
	}
	uint64_t since_ns = time_ns > series->first_ns ? time_ns - series->first_ns : 0;
	while (since_ns / series->width_ns >= TRACE_SERIES_BINS)
		widen(series);
	merge(&series->bins[since_ns / series->width_ns],
	      &(struct trace_bin){.count = 1, .min = value, .max = value, .max_at_ns = time_ns});
	series->count++;
}
