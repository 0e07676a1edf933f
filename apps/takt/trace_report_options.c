/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "apps/takt/options.h"
#include "apps/takt/options_walk.h"
#include "apps/takt/trace.h"
#include "apps/takt/trace_command_line.h"
#include "apps/takt/trace_report.h"

#define PATH "takt trace report"

enum { OPTION_WORST = 1000, OPTION_SPEED };

static const struct option_text own[] = {
	{"format", "table|json|csv", "how to print (default: table)", 'f', 0},
	TRACE_CHOICE_TEXTS,
	{"worst", "N", "so many worst cycles, 0 to 100 (default: 10)", 0, OPTION_WORST},
	{"speed", NULL, "no report: events a second of reading and analysing, beside babeltrace2 alone, in turns", 0,
	 OPTION_SPEED},
};

const struct command trace_report_command = {
	.name = "report",
	.path = PATH,
	.usage = "FOLDER [options]",
	.summary = "where the time went in a recorded trace: chains, hops, nodes, the worst cycles",
	.details =
		"FOLDER holds a trace (CTF), of this machine or another. What is damaged is left out, and said.\n"
		"\n"
		"  chains  from the first sample's time to the last read, by the origin that each sample carries\n"
		"  hops    a topic and one of its readers: publish to read, and its parts:\n"
		"            publish to wake       the reader slept: until it was awake\n"
		"            wake to read          until it had read the sample\n"
		"            read to handled       until it published what came of it, or ended its cycle\n"
		"            handled to published  until whoever waited for that had been woken\n"
		"  nodes   how late cycles began, how far from the period apart, how long they ran and waited for locks\n"
		"  worst   the cycles that took longest beside what is usual for their node, each with its story\n"
		"\n"
		"Exit code 1: there is nothing to report; 3: parts of the trace are damaged or missing, and left out.",
	.arguments_min = 1,
	.arguments_max = 1,
	.run = trace_report_run,
	.own = own,
	.own_count = sizeof(own) / sizeof(own[0]),
};

static int take(void *context, int option, const char *value)
{
	struct trace_report_options *options = context;
	switch (option) {
	case 'f':
		if (output_format_find(value, &options->format))
			return OPTIONS_GO_ON;
		return usage_error(PATH, "--format %.40s: expected table, json or csv", value);
	case OPTION_WORST:
		if (options_read_numbers(value, 0, TRACE_WORST_MAX, &options->worst_count, 1) == 1)
			return OPTIONS_GO_ON;
		return usage_error(PATH, "--worst %.40s: expected a whole number from 0 to %d", value, TRACE_WORST_MAX);
	case OPTION_SPEED:
		options->is_speed = 1;
		return OPTIONS_GO_ON;
	default:
		return trace_choice_take(&options->choice, PATH, option, value);
	}
}

int trace_report_options_parse(struct trace_report_options *options, int argc, char **argv)
{
	struct trace_command_line line = {.command = &trace_report_command, .take = take, .context = options};
	*options = (struct trace_report_options){.worst_count = TRACE_WORST_DEFAULT};
	int result = trace_command_line_read(&line, argc, argv);
	if (result != OPTIONS_GO_ON)
		return result;
	options->folder = line.folder;
	return OPTIONS_GO_ON;
}
