/* SPDX-License-Identifier: Apache-2.0 */
#include "core/histogram.h"

#include <stdatomic.h>

#include "core/layout.h"

#define SUB_COUNT (1u << TAKT_HISTOGRAM_SUB_BITS)

static inline uint32_t bucket_of(uint64_t value)
{
	if (value >> TAKT_HISTOGRAM_VALUE_BITS)
		return TAKT_HISTOGRAM_BUCKET_COUNT - 1;
	if (value < SUB_COUNT)
		return (uint32_t)value;
	uint32_t top_bit = 63u - (uint32_t)__builtin_clzll(value);
	uint32_t shift = top_bit - TAKT_HISTOGRAM_SUB_BITS;
	return ((shift + 1) << TAKT_HISTOGRAM_SUB_BITS) + (uint32_t)(value >> shift) - SUB_COUNT;
}

uint32_t takt_histogram_bucket(uint64_t value)
{
	return bucket_of(value);
}

uint64_t takt_histogram_bucket_max(uint32_t bucket_index)
{
	if (bucket_index < SUB_COUNT)
		return bucket_index;
	uint32_t shift = (bucket_index >> TAKT_HISTOGRAM_SUB_BITS) - 1;
	uint64_t top = SUB_COUNT + (bucket_index & (SUB_COUNT - 1));
	return ((top + 1) << shift) - 1;
}

/* There is one writer, so a load and a store make an addition; relaxed, because nothing is ordered by a statistic. */
static void add(_Atomic uint64_t *counter, uint64_t amount)
{
	uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
	atomic_store_explicit(counter, before + amount, memory_order_relaxed);
}

void takt_histogram_add(struct takt_histogram_shm *histogram, uint64_t value)
{
	add(&histogram->buckets[bucket_of(value)], 1);
	add(&histogram->sum, value);
	if (value > atomic_load_explicit(&histogram->max, memory_order_relaxed))
		atomic_store_explicit(&histogram->max, value, memory_order_relaxed);
	uint64_t count = atomic_load_explicit(&histogram->count, memory_order_relaxed);
	if (count == 0 || value < atomic_load_explicit(&histogram->min, memory_order_relaxed))
		atomic_store_explicit(&histogram->min, value, memory_order_relaxed);
	atomic_store_explicit(&histogram->count, count + 1, memory_order_relaxed);
}

void takt_histogram_copy(struct takt_histogram *copy, const struct takt_histogram_shm *histogram)
{
	copy->sum = atomic_load_explicit(&histogram->sum, memory_order_relaxed);
	copy->max = atomic_load_explicit(&histogram->max, memory_order_relaxed);
	copy->min = atomic_load_explicit(&histogram->min, memory_order_relaxed);
	copy->count = 0;
	for (uint32_t i = 0; i < TAKT_HISTOGRAM_BUCKET_COUNT; i++) {
		copy->buckets[i] = atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
		copy->count += copy->buckets[i];
	}
}

void takt_histogram_clear(struct takt_histogram_shm *histogram)
{
	atomic_store_explicit(&histogram->count, 0, memory_order_relaxed);
	atomic_store_explicit(&histogram->sum, 0, memory_order_relaxed);
	atomic_store_explicit(&histogram->max, 0, memory_order_relaxed);
	atomic_store_explicit(&histogram->min, 0, memory_order_relaxed);
	for (uint32_t i = 0; i < TAKT_HISTOGRAM_BUCKET_COUNT; i++)
		atomic_store_explicit(&histogram->buckets[i], 0, memory_order_relaxed);
}

void takt_histogram_merge(struct takt_histogram *to, const struct takt_histogram *from)
{
	if (from->count && (!to->count || from->min < to->min))
		to->min = from->min;
	if (from->max > to->max)
		to->max = from->max;
	to->count += from->count;
	to->sum += from->sum;
	for (uint32_t i = 0; i < TAKT_HISTOGRAM_BUCKET_COUNT; i++)
		to->buckets[i] += from->buckets[i];
}

uint64_t takt_histogram_quantile(const struct takt_histogram *histogram, uint32_t per_million)
{
	if (histogram->count == 0)
		return 0;
	/* The rank is rounded up: p99 of 10 values is the tenth. Split so that a large count does not overflow. */
	uint64_t whole = histogram->count / 1000000u;
	uint64_t rest = histogram->count % 1000000u;
	uint64_t rank = whole * per_million + (rest * per_million + 999999u) / 1000000u;
	if (rank == 0)
		rank = 1;
	uint64_t seen = 0;
	for (uint32_t i = 0; i < TAKT_HISTOGRAM_BUCKET_COUNT; i++) {
		seen += histogram->buckets[i];
		if (seen >= rank) {
			uint64_t edge = takt_histogram_bucket_max(i);
			int last = i == TAKT_HISTOGRAM_BUCKET_COUNT - 1;
			return last || edge > histogram->max ? histogram->max : edge;
		}
	}
	return histogram->max;
}
