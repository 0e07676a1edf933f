/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of `takt bench --plot FOLDER`: data and scripts always, SVG and PNG where gnuplot is installed. */
#ifndef APPS_TAKT_BENCH_PLOT_H
#define APPS_TAKT_BENCH_PLOT_H

#include "apps/takt/bench_run.h"

/* Writes one row's distributions, TEST-N.cdf, while they are there. @param floor_ns may be NULL */
void bench_plot_distribution(const struct bench *bench, const struct bench_row *row,
			     const struct bench_histogram *floor_ns, const struct bench_histogram *takt_ns);

/* Writes each test's data and script and runs gnuplot. Failures are said. */
void bench_plot_all(const struct bench *bench);

#endif
