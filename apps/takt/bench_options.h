/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of `takt bench`. */
#ifndef APPS_TAKT_BENCH_OPTIONS_H
#define APPS_TAKT_BENCH_OPTIONS_H

#include "apps/takt/bench_run.h"

#define BENCH_SECONDS	    2.0 /* for one row */
#define BENCH_SECONDS_QUICK 0.1

enum bench_test {
	BENCH_TEST_POLL,
	BENCH_TEST_WAKE,
	BENCH_TEST_STREAM,
	BENCH_TEST_PUBLISH,
	BENCH_TEST_TRACE,
	BENCH_TEST_PERIODIC,
	BENCH_TEST_COMMAND,
	BENCH_TEST_SCALE,
	BENCH_TEST_TRANSPORTS,
	BENCH_TEST_COUNT
};

extern const char *const bench_test_names[BENCH_TEST_COUNT + 1]; /* NULL at the end */

/**
 * Reads the command line. CPUs that are not given are left to the machine's own.
 * @retval OPTIONS_GO_ON, or the exit code with which the command ends
 */
int bench_options_parse(struct bench_options *options, int argc, char **argv);

#endif
