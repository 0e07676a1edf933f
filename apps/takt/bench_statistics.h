/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of `takt bench`: fine histograms, medians, and ratios of neighbours. Pure; nothing here measures. */
#ifndef APPS_TAKT_BENCH_STATISTICS_H
#define APPS_TAKT_BENCH_STATISTICS_H

#include <stdint.h>

#define BENCH_SUB_BITS	   7u  /* 128 buckets for each power of two: a value is known to 0.8 % */
#define BENCH_VALUE_BITS   40u /* up to 2^40 tenths of a ns, 110 s; larger ones count as that */
#define BENCH_BUCKET_COUNT ((BENCH_VALUE_BITS - BENCH_SUB_BITS + 1u) << BENCH_SUB_BITS)
#define BENCH_PAIRS_MAX	   64u

/* Spans of time in tenths of a nanosecond. May lie in shared memory: one process writes, another reads when it has ended. */
struct bench_histogram {
	uint64_t count;
	uint64_t max;
	uint32_t buckets[BENCH_BUCKET_COUNT];
};

/* In ns. */
struct bench_quantiles {
	uint64_t count;
	double p50;
	double p99;
	double p999;
	double max;
};

void bench_histogram_add(struct bench_histogram *histogram, uint64_t tenths_ns);
void bench_histogram_merge(struct bench_histogram *to, const struct bench_histogram *from);

/* The value, in ns, that a share of all do not pass: the middle of its bucket, at most the exact maximum; 0 when nothing was counted. */
double bench_histogram_quantile(const struct bench_histogram *histogram, double share);
struct bench_quantiles bench_histogram_quantiles(const struct bench_histogram *histogram);

/* Index of the bucket for a value, and the smallest value that falls into a bucket. */
uint32_t bench_bucket(uint64_t tenths_ns);
uint64_t bench_bucket_min(uint32_t bucket_index);

/* The middle one; the mean of the middle two of an even number; 0 of none. Sorts a copy. @param count at most BENCH_PAIRS_MAX + 1 */
double bench_median(const double *values, uint32_t count);

/**
 * The median of ratios of neighbours. Measured were floor, takt, floor, takt, ..., floor: each takt stands between two floors, and its
 * ratio is to their mean, so a machine that slows down or speeds up steadily changes no ratio.
 * @param floors count + 1 of them  @param takts count  @retval 0 where nothing can be said
 */
double bench_ratio(const double *floors, const double *takts, uint32_t count);

/* How far the ratios lie apart: the distance between their quartiles, as a share of the median; 0 of fewer than 4. */
double bench_ratio_spread(const double *floors, const double *takts, uint32_t count);

#endif
