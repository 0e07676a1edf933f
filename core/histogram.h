/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Histograms of spans of time that one thread fills and anybody may read while it does. Fixed size, no allocation: 16 linear
 * buckets for each power of two, so a value is known to 1/16 (6 %), from 0 to 2^36 ns (68 s); larger ones go into the last bucket,
 * and the largest is kept exactly.
 */
#ifndef TAKT_CORE_HISTOGRAM_H
#define TAKT_CORE_HISTOGRAM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_HISTOGRAM_SUB_BITS	  4u
#define TAKT_HISTOGRAM_VALUE_BITS 36u
#define TAKT_HISTOGRAM_BUCKET_COUNT                                                                                    \
	((TAKT_HISTOGRAM_VALUE_BITS - TAKT_HISTOGRAM_SUB_BITS + 1u) << TAKT_HISTOGRAM_SUB_BITS)

struct takt_histogram_shm;

/* A private copy, for reading figures from. */
struct takt_histogram {
	uint64_t count;
	uint64_t sum;
	uint64_t max;
	uint64_t min;
	uint64_t buckets[TAKT_HISTOGRAM_BUCKET_COUNT];
};

/**
 * Counts one value. RT: safe; no system call, no lock. Threads: one writer at a time.
 * Order: relaxed stores; a reader sees each counter whole, not all of them from one moment.
 */
void takt_histogram_add(struct takt_histogram_shm *histogram, uint64_t value);

/* Copies a histogram that somebody else may be filling. `count` becomes the sum of the copied buckets. Threads: any. */
void takt_histogram_copy(struct takt_histogram *copy, const struct takt_histogram_shm *histogram);

/* Empties one. Threads: the writer. */
void takt_histogram_clear(struct takt_histogram_shm *histogram);

/* Adds `from` to `to`. */
void takt_histogram_merge(struct takt_histogram *to, const struct takt_histogram *from);

/**
 * The value that a share of all values do not pass.
 * @param per_million 0 to 1000000; 990000 is p99
 * @retval upper edge of the bucket in which that value lies, at most the exact maximum; 0 when nothing was counted
 */
uint64_t takt_histogram_quantile(const struct takt_histogram *histogram, uint32_t per_million);

/* Index of the bucket for a value, and the largest value that falls into a bucket. */
uint32_t takt_histogram_bucket(uint64_t value);
uint64_t takt_histogram_bucket_max(uint32_t bucket_index);

#ifdef __cplusplus
}
#endif
#endif
