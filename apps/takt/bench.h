/* SPDX-License-Identifier: Apache-2.0 */
/* `takt bench`: takt beside the raw mechanisms of this machine, in the same run, and what is left between them. */
#ifndef APPS_TAKT_BENCH_H
#define APPS_TAKT_BENCH_H

#include "apps/takt/options.h"

extern const struct command bench_command_entry;

/* @param argv argv[0] is "bench" @retval the exit code: 0 measured, 1 something failed or a deadline is not kept, 2 usage */
int takt_bench(int argc, char **argv);

#endif
