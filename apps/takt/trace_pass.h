/* SPDX-License-Identifier: Apache-2.0 */
/* One reading of a whole trace, with a bar on a terminal, analysed, and with a word on what was left out. */
#ifndef APPS_TAKT_TRACE_PASS_H
#define APPS_TAKT_TRACE_PASS_H

#include "apps/takt/trace_analysis.h"
#include "apps/takt/trace_read.h"

#define TRACE_EXIT_INCOMPLETE 3 /* it was done, and something of the trace is not in it */

struct trace_pass {
	struct trace_reader *reader;
	struct trace_analysis *analysis;
	const struct trace_summary *summary;
};

/**
 * Reads and analyses all. To be ended in any case.
 * @retval EXIT_OK @retval TRACE_EXIT_INCOMPLETE parts are left out @retval EXIT_FAILED nothing of takt's is in it. Messages for both.
 */
int trace_pass_begin(struct trace_pass *pass, const char *folder, const struct trace_analysis_options *options);
void trace_pass_end(struct trace_pass *pass);

/* Hands every event to `see`. */
void trace_pass_each(struct trace_reader *reader, void (*see)(void *context, const struct trace_event *event),
		     void *context);

#endif
