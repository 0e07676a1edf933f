/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/run_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "apps/takt/options.h"

#define PATH "takt run"

enum { OPTION_FOR = 1000, OPTION_KEEP, OPTION_STATUS, OPTION_REPORT, OPTION_FORMAT, OPTION_LOG, OPTION_ONLY };

static const char help[] =
	"usage: takt run CONFIG [options]\n"
	"\n"
	"Starts the config's nodes in order, each when the one before is ready, restarts those that die as their\n"
	"`restart` says, and stops them in reverse order on Ctrl-C, on SIGTERM or when the time is over.\n"
	"A second Ctrl-C hurries. The nodes' lines go to standard error, live line and report to standard output.\n"
	"\n"
	"  --for TIME              stop after this time from the moment all are ready: 500ms, 10s, 2m\n"
	"  --only NODE,...         run only these of the config's nodes\n"
	"  --status                one live line a second: node, state, cycles/s, p99 of how late cycles began in that\n"
	"                          second, overruns (o) and lost samples (l) since the start\n"
	"  --report FILE           a report at the end; - is standard output\n"
	"  --report-format FORMAT  table (default), json or csv\n"
	"  --log FOLDER            file each node's lines in FOLDER/NODE.log\n"
	"  --keep                  leave the domain's shared memory for a look with: takt topic info\n"
	"  --quiet                 only warnings, errors and what was asked for\n"
	"  --help                  this text\n"
	"\n"
	"exit: 0 ended as wanted, 1 a node failed or could not start, 2 wrong command line\n";

static const struct option known[] = {
	{"for", required_argument, NULL, OPTION_FOR},
	{"keep", no_argument, NULL, OPTION_KEEP},
	{"status", no_argument, NULL, OPTION_STATUS},
	{"report", required_argument, NULL, OPTION_REPORT},
	{"report-format", required_argument, NULL, OPTION_FORMAT},
	{"log", required_argument, NULL, OPTION_LOG},
	{"only", required_argument, NULL, OPTION_ONLY},
	{"quiet", no_argument, NULL, 'q'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
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

static int take(struct run_options *options, int option, char **argv)
{
	switch (option) {
	case OPTION_FOR:
		if (options_read_duration(optarg, &options->for_ns))
			return OPTIONS_GO_ON;
		return usage_error(PATH, "--for %.40s is no time: expected for instance 500ms, 10s or 2m", optarg);
	case OPTION_KEEP:
		options->keeps = 1;
		return OPTIONS_GO_ON;
	case OPTION_STATUS:
		options->shows_status = 1;
		return OPTIONS_GO_ON;
	case OPTION_REPORT:
		options->report = optarg;
		return OPTIONS_GO_ON;
	case OPTION_FORMAT:
		if (output_format_find(optarg, &options->report_format))
			return OPTIONS_GO_ON;
		return usage_error(PATH, "--report-format %.40s: expected table, json or csv", optarg);
	case OPTION_LOG:
		options->log = optarg;
		return OPTIONS_GO_ON;
	case OPTION_ONLY:
		options->only = optarg;
		return OPTIONS_GO_ON;
	case 'q':
		options->is_quiet = 1;
		return OPTIONS_GO_ON;
	case 'h':
		(void)fputs(help, stdout);
		return EXIT_OK;
	case ':':
		return usage_error(PATH, "option %.60s needs a value", argv[optind - 1]);
	default:
		return usage_error(PATH, "unknown option %.60s", argv[optind - 1]);
	}
}

int run_options_parse(struct run_options *options, int argc, char **argv)
{
	int option;

	*options = (struct run_options){0};
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":qh", known, NULL)) != -1) {
		int result = take(options, option, argv);

		if (result != OPTIONS_GO_ON)
			return result;
	}
	if (optind >= argc)
		return usage_error(PATH, "a config file is missing");
	if (optind + 1 < argc)
		return usage_error(PATH, "one config file is expected, and '%.60s' is a second one", argv[optind + 1]);
	options->config = argv[optind];
	if (options->report_format != OUTPUT_TABLE && options->report == NULL)
		options->report = "-";
	return OPTIONS_GO_ON;
}
