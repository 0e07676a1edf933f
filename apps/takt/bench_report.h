/* SPDX-License-Identifier: Apache-2.0 */
/* What `takt bench` says: warnings before, the table, the verdict after. */
#ifndef APPS_TAKT_BENCH_REPORT_H
#define APPS_TAKT_BENCH_REPORT_H

#include "apps/takt/bench_run.h"

/* Says on standard error what disturbs the measurement on this machine. */
void bench_report_disturbances(const struct bench *bench);

/* The rows on standard output. @retval 0, or 1 when they could not be written */
int bench_report_rows(const struct bench *bench);

enum bench_judgement { BENCH_NO_GOAL = 0, BENCH_MET = 1, BENCH_MISSED = 2 };
enum bench_judgement bench_judge(const struct bench_row *row);

/**
 * Sets what was measured against a config's own deadlines and periods, one sentence each, on standard output (for JSON and CSV on
 * standard error). @retval 0 all are kept  @retval 1 one is not, or the config cannot be read
 */
int bench_report_verdict(const struct bench *bench);

#endif
