/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of `takt trace report`: its command line, and what it prints. */
#ifndef APPS_TAKT_TRACE_REPORT_H
#define APPS_TAKT_TRACE_REPORT_H

#include <stdint.h>

#include "apps/takt/output.h"
#include "apps/takt/trace_analysis.h"
#include "apps/takt/trace_filter.h"
#include "apps/takt/trace_read.h"

#define TRACE_WORST_DEFAULT 10

struct trace_report_options {
	const char *folder;
	enum output_format format;
	struct trace_choice choice;
	uint32_t worst_count;
	uint32_t is_speed;
};

/* @retval OPTIONS_GO_ON or an exit code */
int trace_report_options_parse(struct trace_report_options *options, int argc, char **argv);

/* The command. */
int trace_report_run(int argc, char **argv);

/* Everything that is printed. @retval 0, or 1 when it could not be written */
int trace_report_print(const struct trace_report_options *options, const struct trace_analysis *analysis,
		       const struct trace_summary *summary);

/* The worst cycles with their stories: as text for people, or as two sections. */
void trace_report_stories(struct output *output, const struct trace_report_options *options,
			  const struct trace_analysis *analysis, const struct trace_summary *summary);

#endif
