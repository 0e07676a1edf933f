/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/run_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "apps/takt/options.h"
#include "apps/takt/options_walk.h"
#include "apps/takt/run.h"

#define PATH "takt run"

enum { OPTION_FOR = 1000, OPTION_KEEP, OPTION_STATUS, OPTION_REPORT, OPTION_FORMAT, OPTION_LOG, OPTION_ONLY };

static const struct option_text own[] = {
	{"for", "TIME", "stop after this time from the moment all are ready: 500ms, 10s, 2m", 0, OPTION_FOR},
	{"only", "NODE,...", "run only these of the config's nodes", 0, OPTION_ONLY},
	{"status", NULL,
	 "one live line a second: node, state, cycles/s, p99 of how late cycles began in that\n"
	 "second, overruns (o) and lost samples (l) since the start",
	 0, OPTION_STATUS},
	{"report", "FILE", "a report at the end; - is standard output", 0, OPTION_REPORT},
	{"report-format", "table|json|csv", "how to write it (default: table)", 0, OPTION_FORMAT},
	{"log", "FOLDER", "file each node's lines in FOLDER/NODE.log", 0, OPTION_LOG},
	{"keep", NULL, "leave the domain's shared memory for a look with: takt topic info", 0, OPTION_KEEP},
	{"quiet", NULL, "only warnings, errors and what was asked for", 'q', 0},
};

const struct command run_command = {
	.name = "run",
	.path = PATH,
	.usage = "CONFIG [options]",
	.summary = "starts a config's nodes, watches them, restarts them, stops them in order",
	.details =
		"Starts the config's nodes in order, each when the one before is ready, restarts those that die as their\n"
		"`restart` says, and stops them in reverse order on Ctrl-C, on SIGTERM or when the time is over.\n"
		"A second Ctrl-C hurries. The nodes' lines go to standard error, live line and report to standard output.\n"
		"Exit code 1: a node failed or could not start.",
	.arguments_min = 1,
	.arguments_max = 1,
	.run = takt_run,
	.own = own,
	.own_count = sizeof(own) / sizeof(own[0]),
};

int run_list_has(const char *list, const char *name)
{
	const size_t length = strlen(name);

	while (*list) {
		const size_t word = strcspn(list, ",");

		if (word == length && strncmp(list, name, length) == 0)
			return 1;
		list += word;
		list += *list == ',';
	}
	return 0;
}

static int take(void *context, int option, const char *value)
{
	struct run_options *options = context;

	switch (option) {
	case OPTION_FOR:
		if (options_read_duration(value, &options->for_ns))
			return OPTIONS_GO_ON;
		return usage_error(PATH, "--for %.40s is no time: expected for instance 500ms, 10s or 2m", value);
	case OPTION_KEEP:
		options->keeps = 1;
		return OPTIONS_GO_ON;
	case OPTION_STATUS:
		options->shows_status = 1;
		return OPTIONS_GO_ON;
	case OPTION_REPORT:
		options->report = value;
		return OPTIONS_GO_ON;
	case OPTION_FORMAT:
		if (output_format_find(value, &options->report_format))
			return OPTIONS_GO_ON;
		return usage_error(PATH, "--report-format %.40s: expected table, json or csv", value);
	case OPTION_LOG:
		options->log = value;
		return OPTIONS_GO_ON;
	case OPTION_ONLY:
		options->only = value;
		return OPTIONS_GO_ON;
	default: /* q */
		options->is_quiet = 1;
		return OPTIONS_GO_ON;
	}
}

int run_options_parse(struct run_options *options, int argc, char **argv)
{
	const struct options_walk walk = {.command = &run_command, .take = take, .context = options};

	*options = (struct run_options){0};
	int result = options_walk(&walk, argc, argv);
	if (result != OPTIONS_GO_ON)
		return result;
	options->config = argv[optind];
	if (options->report_format != OUTPUT_TABLE && options->report == NULL)
		options->report = "-";
	return OPTIONS_GO_ON;
}
