/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_report.h"

#include <stdlib.h>

#include "apps/takt/options.h"
#include "apps/takt/trace_pass.h"
#include "platform/clock.h"
#include "platform/message.h"

#define SPEED_TURNS 5u

/* ------------------------------------------------------------------------------------------------------- speed */

/* @retval events a second; 0: it failed */
static double measure_report(const struct trace_report_options *options)
{
	const struct trace_analysis_options wanted = {.worst_count = options->worst_count};
	uint64_t begin_ns = takt_os_clock_now_ns();
	struct trace_reader *reader = trace_reader_open(options->folder);
	struct trace_analysis *analysis = reader ? trace_analysis_new(&wanted) : NULL;
	struct trace_event event;
	double rate = 0.0;
	if (analysis) {
		while (trace_reader_next(reader, &event))
			trace_analysis_add(analysis, &event);
		trace_analysis_finish(analysis);
		const struct trace_summary *summary = trace_reader_summary(reader);
		rate = (double)(summary->event_count + summary->other_count) * 1e9 /
		       (double)(takt_os_clock_now_ns() - begin_ns);
	}
	trace_analysis_free(analysis);
	trace_reader_close(reader);
	return rate;
}

static double measure_bare(const struct trace_report_options *options)
{
	uint64_t begin_ns = takt_os_clock_now_ns();
	uint64_t count = trace_reader_bare(options->folder);
	return (double)count * 1e9 / (double)(takt_os_clock_now_ns() - begin_ns);
}

static int compare(const void *a, const void *b)
{
	return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static int report_speed(const struct trace_report_options *options)
{
	static const struct output_column columns[] = {{"babeltrace2 alone", "events/s", OUTPUT_NUMBER},
						       {"takt", "events/s", OUTPUT_NUMBER},
						       {"ratio", "", OUTPUT_NUMBER}};
	double bare[SPEED_TURNS];
	double ours[SPEED_TURNS];
	double ratios[SPEED_TURNS];
	struct output output;
	struct output_table table;
	for (uint32_t i = 0; i < SPEED_TURNS; i++) {
		bare[i] = measure_bare(options);
		ours[i] = bare[i] > 0.0 ? measure_report(options) : 0.0;
		if (bare[i] <= 0.0 || ours[i] <= 0.0) {
			takt_message(TAKT_ERROR, "trace %.200s: cannot be read whole, so there is no speed to compare",
				     options->folder);
			return EXIT_FAILED;
		}
		ratios[i] = ours[i] / bare[i];
	}
	qsort(bare, SPEED_TURNS, sizeof(double), compare);
	qsort(ours, SPEED_TURNS, sizeof(double), compare);
	qsort(ratios, SPEED_TURNS, sizeof(double), compare);
	output_begin(&output, options->format);
	output_table_begin(&table, &output, NULL, columns, 3);
	output_cell_real(&table, bare[SPEED_TURNS / 2], 0);
	output_cell_real(&table, ours[SPEED_TURNS / 2], 0);
	output_cell_real(&table, ratios[SPEED_TURNS / 2], 2);
	output_table_end(&table);
	return output_end(&output);
}

/* ------------------------------------------------------------------------------------------------------- command */

static int report(const struct trace_report_options *options)
{
	const struct trace_analysis_options wanted = {.worst_count = options->worst_count};
	struct trace_pass pass;
	int code = trace_pass_begin(&pass, options->folder, &wanted);
	if (code != EXIT_FAILED && (!trace_choice_is_known(&options->choice, pass.analysis) ||
				    trace_report_print(options, pass.analysis, pass.summary) != EXIT_OK))
		code = EXIT_FAILED;
	trace_pass_end(&pass);
	return code;
}

int trace_report_run(int argc, char **argv)
{
	struct trace_report_options options;
	int code = trace_report_options_parse(&options, argc, argv);
	if (code != OPTIONS_GO_ON)
		return code;
	return options.is_speed ? report_speed(&options) : report(&options);
}
