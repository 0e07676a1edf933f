/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a command line. The first byte chooses the parser (`takt run`, `takt bench`, or that of all other commands), the second and
 * third which options the command takes; then the words, each up to a zero byte.
 */
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bench_options.h"
#include "apps/takt/options.h"
#include "apps/takt/run_options.h"
#include "core/limits.h"
#include "platform/clock.h"
#include "tests/fuzz/fuzz.h"

#define WORDS_MAX  24
#define WORD_BYTES 256

static void check_common(struct fuzz_input *input, int argc, char **argv)
{
	struct command command = {.name = "fuzz",
				  .path = "takt fuzz",
				  .usage = "WORD",
				  .summary = "",
				  .details = "",
				  .options = (uint32_t)fuzz_number(input, 2),
				  .arguments_min = 1,
				  .arguments_max = 3};
	struct options options;
	command.keeps_rest = (int)(command.options >> 15);
	int result = options_parse(&options, &command, argc, argv);

	FUZZ_CHECK(result == OPTIONS_GO_ON || result == EXIT_OK || result == EXIT_USAGE);
	FUZZ_CHECK((result == EXIT_USAGE) == (fuzz_said.error_count == 1));
	if (result != OPTIONS_GO_ON)
		return;
	FUZZ_CHECK(options.argument_count >= 1 && options.argument_count <= 3);
	for (uint32_t i = 0; i < options.argument_count; i++)
		FUZZ_CHECK(options.arguments[i] != NULL);
	FUZZ_CHECK(options.field_count <= OPTIONS_FIELDS_MAX && options.format <= OUTPUT_CSV);
	FUZZ_CHECK(options.for_ns <= 86400 * TAKT_NS_PER_S && options.timeout_ns <= 86400 * TAKT_NS_PER_S);
	FUZZ_CHECK(options.rate_hz == 0.0 || (options.rate_hz >= 0.001 && options.rate_hz <= 1e6));
	FUZZ_CHECK(options.domain == NULL || (command.options & OPTIONS_DOMAIN));
	FUZZ_CHECK(options.count == 0 || (command.options & OPTIONS_COUNT));
}

static void check_run(int argc, char **argv)
{
	struct run_options options;
	int result = run_options_parse(&options, argc, argv);

	FUZZ_CHECK(result == OPTIONS_GO_ON || result == EXIT_OK || result == EXIT_USAGE);
	FUZZ_CHECK((result == EXIT_USAGE) == (fuzz_said.error_count == 1));
	if (result != OPTIONS_GO_ON)
		return;
	FUZZ_CHECK(options.config != NULL && options.for_ns <= 86400 * TAKT_NS_PER_S);
	FUZZ_CHECK(options.report_format <= OUTPUT_CSV);
	if (options.only)
		(void)run_list_has(options.only, "sensor");
}

static void check_bench(int argc, char **argv)
{
	struct bench_options options;
	int result = bench_options_parse(&options, argc, argv);

	FUZZ_CHECK(result == OPTIONS_GO_ON || result == EXIT_OK || result == EXIT_USAGE);
	FUZZ_CHECK((result == EXIT_USAGE) == (fuzz_said.error_count == 1));
	if (result != OPTIONS_GO_ON)
		return;
	FUZZ_CHECK(options.seconds > 0.0 && options.priority <= 99 && options.size_count <= BENCH_SIZES_MAX);
	for (uint32_t i = 0; i < options.size_count; i++)
		FUZZ_CHECK(options.sizes[i] >= 8 && options.sizes[i] <= TAKT_PAYLOAD_BYTES_MAX);
	FUZZ_CHECK(options.cpus[0] < 64 && options.cpus[1] < 64 && options.test_count <= BENCH_TESTS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char words[WORDS_MAX][WORD_BYTES];
	char *argv[WORDS_MAX + 2];
	struct fuzz_input input = {data, size};
	uint32_t parser = (uint32_t)fuzz_number(&input, 1) % 3;
	struct fuzz_input bits = input;
	int argc = 1;

	fuzz_hush();
	fuzz_listen();
	(void)fuzz_number(&input, 2);
	argv[0] = (char[]){"fuzz"};
	while (input.left && argc <= WORDS_MAX) {
		fuzz_text(&input, words[argc - 1], WORD_BYTES);
		argv[argc] = words[argc - 1];
		argc++;
	}
	argv[argc] = NULL;
	if (parser == 0)
		check_common(&bits, argc, argv);
	else if (parser == 1)
		check_run(argc, argv);
	else
		check_bench(argc, argv);
	FUZZ_CHECK(fuzz_said.error_count <= 1);
	return 0;
}
