/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of `takt bench`. */
#ifndef APPS_TAKT_BENCH_OPTIONS_H
#define APPS_TAKT_BENCH_OPTIONS_H

#include "apps/takt/bench_run.h"

#define BENCH_SECONDS	    2.0 /* for one row */
#define BENCH_SECONDS_QUICK 0.12

/**
 * Reads the command line. CPUs that are not given are left to the machine's own.
 * @retval OPTIONS_GO_ON, or the exit code with which the command ends
 */
int bench_options_parse(struct bench_options *options, int argc, char **argv);

#endif
