/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_plot.h"

#include <stdio.h>
#include <string.h>

#include "apps/takt/options.h"
#include "apps/takt/picture.h"
#include "apps/takt/trace.h"
#include "apps/takt/trace_command_line.h"
#include "apps/takt/trace_pass.h"
#include "platform/file.h"
#include "platform/message.h"

#define PATH	   "takt trace plot"
#define WORST_KEPT TRACE_WORST_MAX /* of each loop */

static const struct option_text own[] = {
	{"output", "FOLDER", "where the pictures go (default: pictures, in the trace's folder)", 'o', 0},
	TRACE_CHOICE_TEXTS,
};

static int plot_run(int argc, char **argv);

const struct command trace_plot_command = {
	.name = "plot",
	.path = PATH,
	.usage = "FOLDER [options]",
	.summary = "pictures of a recorded trace: latencies, jitter over time, the worst cycle",
	.details =
		"FOLDER holds a trace (CTF), of this machine or another. Written are, as SVG and PNG:\n"
		"\n"
		"  latency-histogram   how long samples took, for each chain and each hop\n"
		"  latency-cumulative  which share took no longer than that\n"
		"  jitter              how far from the period cycles began, over time; smallest and largest of each moment\n"
		"  worst-cycle         the cycle that took longest beside what is usual for its node, step by step\n"
		"\n"
		"gnuplot draws them; without it only its scripts are written, which have the data in them.\n"
		"Exit code 1: not all was drawn; 3: parts of the trace are damaged or missing, and left out.",
	.arguments_min = 1,
	.arguments_max = 1,
	.run = plot_run,
	.own = own,
	.own_count = sizeof(own) / sizeof(own[0]),
};

static int take(void *context, int option, const char *value)
{
	struct trace_plot *plot = context;
	if (option != 'o')
		return trace_choice_take(&plot->choice, PATH, option, value);
	plot->output = value;
	return OPTIONS_GO_ON;
}

static void draw_all(struct trace_plot *plot)
{
	double length_s = plot->summary->last_ns > plot->summary->first_ns
				  ? (double)(plot->summary->last_ns - plot->summary->first_ns) / 1e9
				  : 0.0;
	(void)snprintf(plot->about, sizeof(plot->about), "%s%s%.3g s, %llu events%s", plot->summary->host,
		       plot->summary->host[0] ? ", " : "", length_s, (unsigned long long)plot->summary->event_count,
		       plot->summary->left_out_count ? "; parts of the trace are damaged and left out" : "");
	trace_plot_histograms(plot);
	trace_plot_cumulative(plot);
	trace_plot_jitter(plot);
	trace_plot_worst(plot);
}

static int plot_run(int argc, char **argv)
{
	const struct trace_analysis_options wanted = {.worst_count = WORST_KEPT, .has_series = 1};
	struct trace_plot plot = {0};
	struct trace_command_line line = {.command = &trace_plot_command,
					  .take = take,
					  .context = &plot,
					  .output_name = "pictures"};
	struct trace_pass pass;
	int result = trace_command_line_read(&line, argc, argv);
	if (result != OPTIONS_GO_ON)
		return result;
	plot.folder = line.folder;
	if (plot.output == NULL)
		plot.output = line.output;
	int code = trace_pass_begin(&pass, plot.folder, &wanted);
	if (code == EXIT_FAILED || !trace_choice_is_known(&plot.choice, pass.analysis)) {
		code = EXIT_FAILED;
	} else if (takt_os_file_make_folder(plot.output) != TAKT_OK) {
		takt_message(TAKT_ERROR,
			     "trace plot: the pictures have no folder; --output FOLDER puts them elsewhere");
		code = EXIT_FAILED;
	} else {
		plot.analysis = pass.analysis;
		plot.summary = pass.summary;
		plot.can_draw = (uint32_t)picture_can_be_drawn("trace plot");
		plot.is_failed = !plot.can_draw;
		draw_all(&plot);
		if (plot.count == 0 && !plot.is_failed)
			takt_message(
				TAKT_ERROR,
				"trace plot: there is nothing to draw: of what was chosen no sample was read and no "
				"loop had a cycle");
		if (plot.is_failed || plot.count == 0)
			code = EXIT_FAILED;
	}
	trace_pass_end(&pass);
	return code;
}
