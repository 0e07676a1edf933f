/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bench_options.h"
#include "apps/takt/bench_plot.h"
#include "apps/takt/bench_report.h"
#include "apps/takt/bench_run.h"
#include "apps/takt/bench_store.h"
#include "apps/takt/options.h"
#include "core/config.h"
#include "core/text.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/thread.h"

#define PATH "takt bench"

static const struct {
	void (*run)(struct bench *bench);
	int polls; /* one side spins, so it needs a CPU for each side */
} tests[BENCH_TEST_COUNT] = {
	[BENCH_TEST_POLL] = {bench_poll, 1},
	[BENCH_TEST_WAKE] = {bench_wake, 0},
	[BENCH_TEST_STREAM] = {bench_stream_test, 1},
	[BENCH_TEST_PUBLISH] = {bench_publish, 0},
	[BENCH_TEST_TRACE] = {bench_trace, 0},
	[BENCH_TEST_PERIODIC] = {bench_periodic, 0},
	[BENCH_TEST_COMMAND] = {bench_command, 0},
	[BENCH_TEST_SCALE] = {bench_scale, 0},
	[BENCH_TEST_TRANSPORTS] = {bench_transports, 0},
};

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

static int no_test(const char *word)
{
	struct takt_text_nearest nearest = {.word = word};
	char names[128] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < BENCH_TEST_COUNT && used < sizeof(names); i++) {
		takt_text_nearest_offer(&nearest, bench_test_names[i]);
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
					 bench_test_names[i]);
	}
	if (nearest.found)
		return usage_error(PATH, "'%.40s' is no test; did you mean '%s'? There are: %s", word, nearest.found,
				   names);
	return usage_error(PATH, "'%.40s' is no test; there are: %s", word, names);
}

static int check_names(const struct bench_options *options)
{
	for (uint32_t i = 0; i < options->test_count; i++) {
		int is_known = 0;
		for (uint32_t k = 0; k < BENCH_TEST_COUNT; k++)
			is_known |= strcmp(options->tests[i], bench_test_names[k]) == 0;
		if (!is_known)
			return no_test(options->tests[i]);
	}
	return OPTIONS_GO_ON;
}

/* The config to judge by: the option's, else the one that nodes started by hand would take. It must be readable before minutes are spent. */
static enum takt_status choose_config(struct bench_options *options)
{
	const struct takt_config *config;
	const char *usual = getenv("TAKT_CONFIG");

	if (options->config == NULL && options->test_count == 0 && usual && *usual)
		options->config = usual;
	if (options->config == NULL)
		return TAKT_OK;
	enum takt_status status = takt_config_load(&config, options->config);
	if (status == TAKT_OK)
		takt_config_free(config);
	return status;
}

static enum takt_status set_up(struct bench *bench)
{
	struct bench_options *options = &bench->options;
	enum takt_status status = TAKT_OK;

	takt_os_process_prepare(0);
	status = choose_config(options);
	if (status != TAKT_OK)
		return status;
	takt_os_bench_machine_look(&bench->machine);
	if (!options->has_cpus)
		memcpy(options->cpus, bench->machine.cpus, sizeof(options->cpus));
	if (options->cpus[0] == options->cpus[1])
		bench->machine.cpu_count = 1;
	if (options->priority && !bench->machine.may_be_real_time)
		options->priority = 0;
	bench_report_disturbances(bench);
	/* A million events a second in somebody's recording, and each process of each burst waiting for LTTng's daemon before it begins: for
	 * who asks for it. */
	if (getenv("TAKT_TRACE") == NULL)
		status = takt_os_bench_environment_set("TAKT_TRACE", "off");
	if (status == TAKT_OK && options->plot)
		status = takt_os_file_make_folder(options->plot);
	if (status == TAKT_OK)
		status = takt_os_bench_folder_make(bench->folder);
	if (status == TAKT_OK)
		status = takt_os_bench_load_start(options->load_count);
	return status;
}

static void run_tests(struct bench *bench)
{
	for (uint32_t i = 0; i < BENCH_TEST_COUNT && !takt_os_stop_requested(); i++) {
		if (!is_wanted(&bench->options, bench_test_names[i]))
			continue;
		if (tests[i].polls && bench->machine.cpu_count < 2)
			takt_message(TAKT_WARNING, "bench: %s is left out: it needs two CPUs", bench_test_names[i]);
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
	bench_store_write(&bench);
	if (bench.options.plot)
		bench_plot_all(&bench);
	if (bench.options.config && bench_report_verdict(&bench) != 0)
		result = EXIT_FAILED;
	if (bench.options.config == NULL && bench.options.test_count == 0)
		takt_message(TAKT_INFO,
			     "bench: no verdict on deadlines: name yours with --config CONFIG, or set TAKT_CONFIG");
	return bench.failed_count ? EXIT_FAILED : result;
}
