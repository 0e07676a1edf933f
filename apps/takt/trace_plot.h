/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of `takt trace plot`. Each picture is a script with its data, which gnuplot draws as SVG and PNG. */
#ifndef APPS_TAKT_TRACE_PLOT_H
#define APPS_TAKT_TRACE_PLOT_H

#include <stdint.h>

#include "apps/takt/trace_analysis.h"
#include "apps/takt/trace_filter.h"
#include "apps/takt/trace_read.h"

#define TRACE_PLOT_PANELS_MAX 8

struct trace_plot {
	struct trace_choice choice;
	const char *folder; /* the trace */
	const char *output; /* where the pictures go */
	const struct trace_analysis *analysis;
	const struct trace_summary *summary;
	uint32_t can_draw;  /* gnuplot is there */
	uint32_t count;	    /* pictures */
	uint32_t is_failed; /* something could not be written or drawn, and was said */
	char about[160];    /* below every title: where and how long */
};

/* Each of them writes one picture, or none where the trace has nothing for it. */
void trace_plot_histograms(struct trace_plot *plot);
void trace_plot_cumulative(struct trace_plot *plot);
void trace_plot_jitter(struct trace_plot *plot);
void trace_plot_worst(struct trace_plot *plot);

#endif
