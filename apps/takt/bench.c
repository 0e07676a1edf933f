/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bench.h"

#include <stdio.h>
#include <string.h>

#include "apps/takt/bench_options.h"
#include "apps/takt/bench_plot.h"
#include "apps/takt/bench_report.h"
#include "apps/takt/bench_run.h"
#include "apps/takt/options.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/thread.h"

#define PATH "takt bench"

static const struct {
	const char *name;
	void (*run)(struct bench *bench);
	int polls; /* one side spins, so it needs a CPU for each side */
} tests[] = {
	{"poll", bench_poll, 1},	  {"wake", bench_wake, 0},
	{"stream", bench_stream_test, 1}, {"publish", bench_publish, 0},
	{"periodic", bench_periodic, 0},  {"command", bench_command, 0},
	{"scale", bench_scale, 0},	  {"transports", bench_transports, 0},
};

#define TEST_COUNT (sizeof(tests) / sizeof(tests[0]))

static int is_wanted(const struct bench_options *options, const char *name)
{
	for (uint32_t i = 0; i < options->test_count; i++)
		if (strcmp(options->tests[i], name) == 0)
			return 1;
	/* The verdict is made of these two. */
	if (options->config && (strcmp(name, "wake") == 0 || strcmp(name, "periodic") == 0))
		return 1;
	return options->test_count == 0;
}

static int check_names(const struct bench_options *options)
{
	for (uint32_t i = 0; i < options->test_count; i++) {
		int is_known = 0;
		for (uint32_t k = 0; k < TEST_COUNT; k++)
			is_known |= strcmp(options->tests[i], tests[k].name) == 0;
		if (!is_known)
			return usage_error(PATH, "'%.40s' is no test", options->tests[i]);
	}
	return OPTIONS_GO_ON;
}

/* The real config must be readable before minutes are spent. */
static enum takt_status set_up(struct bench *bench)
{
	struct bench_options *options = &bench->options;
	enum takt_status status = TAKT_OK;

	takt_os_process_prepare(0);
	takt_os_bench_machine_look(&bench->machine);
	if (!options->has_cpus)
		memcpy(options->cpus, bench->machine.cpus, sizeof(options->cpus));
	if (options->cpus[0] == options->cpus[1])
		bench->machine.cpu_count = 1;
	if (options->priority && !bench->machine.may_be_real_time)
		options->priority = 0;
	bench_report_disturbances(bench);
	if (options->plot)
		status = takt_os_file_make_folder(options->plot);
	if (status == TAKT_OK)
		status = takt_os_bench_folder_make(bench->folder);
	if (status == TAKT_OK)
		status = takt_os_bench_load_start(options->load_count);
	return status;
}

static void run_tests(struct bench *bench)
{
	for (uint32_t i = 0; i < TEST_COUNT && !takt_os_stop_requested(); i++) {
		if (!is_wanted(&bench->options, tests[i].name))
			continue;
		if (tests[i].polls && bench->machine.cpu_count < 2)
			takt_message(TAKT_WARNING, "bench: %s is left out: it needs two CPUs", tests[i].name);
		else
			tests[i].run(bench);
	}
}

int takt_bench(int argc, char **argv)
{
	static struct bench bench;
	int result = bench_options_parse(&bench.options, argc, argv);

	if (result == OPTIONS_GO_ON)
		result = check_names(&bench.options);
	if (result != OPTIONS_GO_ON)
		return result;
	enum takt_status status = set_up(&bench);
	if (status == TAKT_OK)
		run_tests(&bench);
	takt_os_bench_load_stop();
	takt_os_bench_folder_remove(bench.folder);
	if (status != TAKT_OK || (takt_os_stop_requested() && bench.row_count == 0))
		return EXIT_FAILED;
	result = bench_report_rows(&bench);
	if (bench.options.plot)
		bench_plot_all(&bench);
	if (bench.options.config && bench_report_verdict(&bench) != 0)
		result = EXIT_FAILED;
	return bench.failed_count ? EXIT_FAILED : result;
}
