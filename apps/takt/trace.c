/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace.h"

static const struct command *const commands[] = {
	&trace_start_command, &trace_stop_command,   &trace_status_command, &trace_snapshot_command,
	&trace_watch_command, &trace_report_command, &trace_plot_command,   &trace_export_command,
};

const struct command trace_command = {
	.name = "trace",
	.path = "takt trace",
	.usage = "COMMAND [arguments]",
	.summary = "records what happened when, and says where the time went",
	.children = commands,
	.child_count = sizeof(commands) / sizeof(commands[0]),
};
