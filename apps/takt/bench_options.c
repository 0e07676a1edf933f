/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bench_options.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/options.h"
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

static const char help[] =
	"usage: takt bench [TEST...] [options]\n"
	"\n"
	"Measures takt beside the raw mechanism of this machine, in turns, and says what is left between them.\n"
	"Each row: the floor's figure, takt's, the median of the ratios of neighbours, and takt's distribution.\n"
	"\n"
	"  poll        one-way latency, reader polls     against one sequence word beside the payload\n"
	"  wake        one-way latency, reader sleeps    against bare semaphores\n"
	"  stream      samples per second                against a bare ring; in place: against touching the same bytes\n"
	"  publish     cost for the publisher            against a seqlock store, a clock reading and a fence\n"
	"  periodic    lateness at 1 kHz and 10 kHz      against a bare sleeping loop\n"
	"  command     a control command and its answer  against two bare pipes\n"
	"  scale       large domains against small ones; start-up, memory\n"
	"  transports  pipes, queues, sockets, shared memory of the system beside takt\n"
	"\n"
	"  --quick             all tests in less than 20 s; figures are rougher\n"
	"  --format FORMAT     table (default), json or csv\n"
	"  --cpus A,B          the two CPUs; default: the first two of different cores\n"
	"  --priority N        real-time priority 1 to 99; default: ordinary scheduling\n"
	"  --sizes N,...       bytes of a message instead of each test's own, 16 to 67108864\n"
	"  --load N            N busy processes in the background\n"
	"  --seconds S         for one row, both sides together; default 2\n"
	"  --plot FOLDER       a picture for each test, SVG and PNG, with its data\n"
	"  --config CONFIG     ends with a verdict against this config's own deadlines and periods\n"
	"  --help              this text\n"
	"\n"
	"exit: 0 measured, 1 something failed or a deadline of the config is not kept, 2 wrong command line\n";

static const struct option known[] = {
	{"quick", no_argument, NULL, OPTION_QUICK},
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"cpus", required_argument, NULL, OPTION_CPUS},
	{"priority", required_argument, NULL, OPTION_PRIORITY},
	{"sizes", required_argument, NULL, OPTION_SIZES},
	{"load", required_argument, NULL, OPTION_LOAD},
	{"plot", required_argument, NULL, OPTION_PLOT},
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"seconds", required_argument, NULL, OPTION_SECONDS},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

/* "A,B,...": whole numbers from `min` to `max`. @retval how many; 0 where one is none or there are more than `room` */
static uint32_t read_numbers(const char *text, long min, long max, uint32_t *numbers, uint32_t room)
{
	uint32_t count = 0;

	for (;;) {
		char *end;
		long number = strtol(text, &end, 10);
		if (end == text || number < min || number > max || count == room)
			return 0;
		numbers[count++] = (uint32_t)number;
		if (*end == '\0')
			return count;
		if (*end != ',')
			return 0;
		text = end + 1;
	}
}

static int take_number(const char *option, const char *text, long max, uint32_t *number)
{
	if (read_numbers(text, 1, max, number, 1) == 1)
		return OPTIONS_GO_ON;
	return usage_error(PATH, "%s %.40s: expected a whole number from 1 to %ld", option, text, max);
}

static int take_cpus(struct bench_options *options)
{
	if (read_numbers(optarg, 0, 63, options->cpus, 2) != 2)
		return usage_error(PATH, "--cpus %.40s: expected two CPU numbers, for instance 2,3", optarg);
	options->has_cpus = 1;
	return OPTIONS_GO_ON;
}

static int take_sizes(struct bench_options *options)
{
	options->size_count = read_numbers(optarg, BYTES_MIN, TAKT_PAYLOAD_BYTES_MAX, options->sizes, BENCH_SIZES_MAX);
	for (uint32_t i = 0; i < options->size_count; i++)
		if (options->sizes[i] % 8 != 0)
			options->size_count = 0;
	if (options->size_count)
		return OPTIONS_GO_ON;
	return usage_error(PATH, "--sizes %.40s: expected up to %d multiples of 8 from %d to %u, for instance 64,4096",
			   optarg, BENCH_SIZES_MAX, BYTES_MIN, TAKT_PAYLOAD_BYTES_MAX);
}

static int take_seconds(struct bench_options *options)
{
	char *end;

	options->seconds = strtod(optarg, &end);
	if (end != optarg && *end == '\0' && isfinite(options->seconds) && options->seconds > 0.0 &&
	    options->seconds <= SECONDS_MAX)
		return OPTIONS_GO_ON;
	return usage_error(PATH, "--seconds %.40s: expected a number above 0, up to %.0f", optarg, SECONDS_MAX);
}

static int take(struct bench_options *options, int option, char **argv)
{
	switch (option) {
	case OPTION_QUICK:
		options->is_quick = 1;
		return OPTIONS_GO_ON;
	case OPTION_FORMAT:
		if (output_format_find(optarg, &options->format))
			return OPTIONS_GO_ON;
		return usage_error(PATH, "--format %.40s: expected table, json or csv", optarg);
	case OPTION_CPUS:
		return take_cpus(options);
	case OPTION_PRIORITY:
		return take_number("--priority", optarg, 99, &options->priority);
	case OPTION_SIZES:
		return take_sizes(options);
	case OPTION_LOAD:
		return take_number("--load", optarg, LOAD_MAX, &options->load_count);
	case OPTION_PLOT:
		options->plot = optarg;
		return OPTIONS_GO_ON;
	case OPTION_CONFIG:
		options->config = optarg;
		return OPTIONS_GO_ON;
	case OPTION_SECONDS:
		return take_seconds(options);
	case 'h':
		(void)fputs(help, stdout);
		return EXIT_OK;
	case ':':
		return usage_error(PATH, "option %.60s needs a value", argv[optind - 1]);
	default:
		return usage_error(PATH, "unknown option %.60s", argv[optind - 1]);
	}
}

int bench_options_parse(struct bench_options *options, int argc, char **argv)
{
	int option;

	*options = (struct bench_options){0};
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
		int result = take(options, option, argv);
		if (result != OPTIONS_GO_ON)
			return result;
	}
	if (argc - optind > BENCH_TESTS_MAX)
		return usage_error(PATH, "%d tests are named, and there are 8", argc - optind);
	while (optind < argc)
		options->tests[options->test_count++] = argv[optind++];
	if (options->seconds <= 0.0)
		options->seconds = options->is_quick ? BENCH_SECONDS_QUICK : BENCH_SECONDS;
	return OPTIONS_GO_ON;
}
