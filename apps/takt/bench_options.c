/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bench_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "apps/takt/bench.h"
#include "apps/takt/options.h"
#include "apps/takt/options_walk.h"
#include "core/limits.h"

#define PATH	    "takt bench"
#define LOAD_MAX    64
#define SECONDS_MAX 600.0
#define BYTES_MIN   16 /* a message carries its number at both ends */

enum {
	OPTION_QUICK = 1000,
	OPTION_FORMAT,
	OPTION_CPUS,
	OPTION_PRIORITY,
	OPTION_SIZES,
	OPTION_LOAD,
	OPTION_PLOT,
	OPTION_CONFIG,
	OPTION_SECONDS
};

static const struct option_text own[] = {
	{"quick", NULL, "all tests in less than 20 s; figures are rougher", 0, OPTION_QUICK},
	{"format", "table|json|csv", "how to print (default: table)", 0, OPTION_FORMAT},
	{"cpus", "A,B", "the two CPUs (default: the first two of different cores)", 0, OPTION_CPUS},
	{"priority", "N", "real-time priority 1 to 99 (default: ordinary scheduling)", 0, OPTION_PRIORITY},
	{"sizes", "N,...", "bytes of a message instead of each test's own: multiples of 8, 16 to 67108864", 0,
	 OPTION_SIZES},
	{"load", "N", "N busy processes in the background", 0, OPTION_LOAD},
	{"seconds", "S", "for one row, both sides together (default: 2; with --quick 0.1)", 0, OPTION_SECONDS},
	{"plot", "FOLDER", "a picture for each test, SVG and PNG, with its data", 0, OPTION_PLOT},
	{"config", "CONFIG",
	 "ends with a verdict against this config's own deadlines and periods (default: TAKT_CONFIG)", 0,
	 OPTION_CONFIG},
};

const char *const bench_test_names[BENCH_TEST_COUNT + 1] = {
	[BENCH_TEST_POLL] = "poll",	  [BENCH_TEST_WAKE] = "wake",	[BENCH_TEST_STREAM] = "stream",
	[BENCH_TEST_PUBLISH] = "publish", [BENCH_TEST_TRACE] = "trace", [BENCH_TEST_PERIODIC] = "periodic",
	[BENCH_TEST_COMMAND] = "command", [BENCH_TEST_SCALE] = "scale", [BENCH_TEST_TRANSPORTS] = "transports",
};

const struct command bench_command_entry = {
	.name = "bench",
	.path = PATH,
	.usage = "[TEST...] [options]",
	.summary = "measures takt beside this machine's raw mechanisms, in the same run",
	.details =
		"Each side has its turn, again and again, and the report says what is left between them.\n"
		"Each row: the floor's figure, takt's, the median of the ratios of neighbours, and takt's distribution.\n"
		"\n"
		"  poll        one-way latency, reader polls     against one sequence word beside the payload\n"
		"  wake        one-way latency, reader sleeps    against bare semaphores\n"
		"  stream      samples per second                against a bare ring; in place: against touching the same bytes\n"
		"  publish     cost for the publisher            against a seqlock store, a clock reading and a fence\n"
		"  trace       the same publish with tracepoints  against the same, in each state that this takt can be in\n"
		"  periodic    lateness at 1 kHz and 10 kHz      against a bare sleeping loop\n"
		"  command     a control command and its answer  against two bare pipes\n"
		"  scale       large domains against small ones; start-up, memory\n"
		"  transports  pipes, queues, sockets, shared memory of the system beside takt\n"
		"\n"
		"What it measures is in no recording, unless the environment has TAKT_TRACE: `trace` records with a session of its own.\n"
		"Exit code 1: something failed, or a deadline of the config is not kept.",
	.arguments_max = BENCH_TESTS_MAX,
	.run = takt_bench,
	.own = own,
	.own_count = sizeof(own) / sizeof(own[0]),
	.choices = bench_test_names,
};

static int take_number(const char *option, const char *text, long max, uint32_t *number)
{
	if (options_read_numbers(text, 1, max, number, 1) == 1)
		return OPTIONS_GO_ON;
	return usage_error(PATH, "%s %.40s: expected a whole number from 1 to %ld", option, text, max);
}

static int take_cpus(struct bench_options *options, const char *value)
{
	if (options_read_numbers(value, 0, 63, options->cpus, 2) != 2)
		return usage_error(PATH, "--cpus %.40s: expected two CPU numbers, for instance 2,3", value);
	options->has_cpus = 1;
	return OPTIONS_GO_ON;
}

static int take_sizes(struct bench_options *options, const char *value)
{
	options->size_count =
		options_read_numbers(value, BYTES_MIN, TAKT_PAYLOAD_BYTES_MAX, options->sizes, BENCH_SIZES_MAX);
	for (uint32_t i = 0; i < options->size_count; i++)
		if (options->sizes[i] % 8 != 0)
			options->size_count = 0;
	if (options->size_count)
		return OPTIONS_GO_ON;
	return usage_error(PATH, "--sizes %.40s: expected up to %d multiples of 8 from %d to %u, for instance 64,4096",
			   value, BENCH_SIZES_MAX, BYTES_MIN, TAKT_PAYLOAD_BYTES_MAX);
}

static int take_seconds(struct bench_options *options, const char *value)
{
	if (options_read_seconds(value, SECONDS_MAX, &options->seconds))
		return OPTIONS_GO_ON;
	return usage_error(PATH, "--seconds %.40s: expected a number above 0, up to %.0f", value, SECONDS_MAX);
}

static int take(void *context, int option, const char *value)
{
	struct bench_options *options = context;

	switch (option) {
	case OPTION_QUICK:
		options->is_quick = 1;
		return OPTIONS_GO_ON;
	case OPTION_FORMAT:
		if (output_format_find(value, &options->format))
			return OPTIONS_GO_ON;
		return usage_error(PATH, "--format %.40s: expected table, json or csv", value);
	case OPTION_CPUS:
		return take_cpus(options, value);
	case OPTION_PRIORITY:
		return take_number("--priority", value, 99, &options->priority);
	case OPTION_SIZES:
		return take_sizes(options, value);
	case OPTION_LOAD:
		return take_number("--load", value, LOAD_MAX, &options->load_count);
	case OPTION_PLOT:
		options->plot = value;
		return OPTIONS_GO_ON;
	case OPTION_CONFIG:
		options->config = value;
		return OPTIONS_GO_ON;
	default:
		return take_seconds(options, value);
	}
}

int bench_options_parse(struct bench_options *options, int argc, char **argv)
{
	const struct options_walk walk = {.command = &bench_command_entry, .take = take, .context = options};

	*options = (struct bench_options){0};
	int result = options_walk(&walk, argc, argv);
	if (result != OPTIONS_GO_ON)
		return result;
	while (optind < argc)
		options->tests[options->test_count++] = argv[optind++];
	if (options->seconds <= 0.0)
		options->seconds = options->is_quick ? BENCH_SECONDS_QUICK : BENCH_SECONDS;
	return OPTIONS_GO_ON;
}
