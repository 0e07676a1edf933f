/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bench_statistics.h"

#include <stdlib.h>
#include <string.h>

#define SUB_COUNT (1u << BENCH_SUB_BITS)

uint32_t bench_bucket(uint64_t tenths_ns)
{
	if (tenths_ns >> BENCH_VALUE_BITS)
		return BENCH_BUCKET_COUNT - 1;
	if (tenths_ns < SUB_COUNT)
		return (uint32_t)tenths_ns;
	uint32_t top_bit = 63u - (uint32_t)__builtin_clzll(tenths_ns);
	uint32_t shift = top_bit - BENCH_SUB_BITS;
	return ((shift + 1) << BENCH_SUB_BITS) + (uint32_t)(tenths_ns >> shift) - SUB_COUNT;
}

uint64_t bench_bucket_min(uint32_t bucket_index)
{
	if (bucket_index < SUB_COUNT)
		return bucket_index;
	uint32_t shift = (bucket_index >> BENCH_SUB_BITS) - 1;
	return (uint64_t)(SUB_COUNT + (bucket_index & (SUB_COUNT - 1))) << shift;
}

void bench_histogram_add(struct bench_histogram *histogram, uint64_t tenths_ns)
{
	histogram->buckets[bench_bucket(tenths_ns)]++;
	histogram->count++;
	if (tenths_ns > histogram->max)
		histogram->max = tenths_ns;
}

void bench_histogram_merge(struct bench_histogram *to, const struct bench_histogram *from)
{
	for (uint32_t i = 0; i < BENCH_BUCKET_COUNT; i++)
		to->buckets[i] += from->buckets[i];
	to->count += from->count;
	if (from->max > to->max)
		to->max = from->max;
}

double bench_histogram_quantile(const struct bench_histogram *histogram, double share)
{
	uint64_t rank = (uint64_t)(share * (double)histogram->count);
	uint64_t seen = 0;

	if (histogram->count == 0)
		return 0.0;
	/* Rounded up, as everywhere in takt: p99 of ten values is the tenth. */
	if ((double)rank < share * (double)histogram->count || rank == 0)
		rank++;
	for (uint32_t i = 0; i < BENCH_BUCKET_COUNT; i++) {
		seen += histogram->buckets[i];
		if (seen < rank)
			continue;
		double middle = (double)(bench_bucket_min(i) + bench_bucket_min(i + 1) - 1) / 2.0;
		int is_last = i == BENCH_BUCKET_COUNT - 1;
		return (is_last || middle > (double)histogram->max ? (double)histogram->max : middle) / 10.0;
	}
	return (double)histogram->max / 10.0;
}

struct bench_quantiles bench_histogram_quantiles(const struct bench_histogram *histogram)
{
	return (struct bench_quantiles){
		.count = histogram->count,
		.p50 = bench_histogram_quantile(histogram, 0.5),
		.p99 = bench_histogram_quantile(histogram, 0.99),
		.p999 = bench_histogram_quantile(histogram, 0.999),
		.max = (double)histogram->max / 10.0,
	};
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

static void sort(double *sorted, const double *values, uint32_t count)
{
	memcpy(sorted, values, count * sizeof(*values));
	qsort(sorted, count, sizeof(*sorted), compare);
}

double bench_median(const double *values, uint32_t count)
{
	double sorted[BENCH_PAIRS_MAX + 1];

	if (count == 0 || count > BENCH_PAIRS_MAX + 1)
		return 0.0;
	sort(sorted, values, count);
	return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2.0;
}

static uint32_t collect_ratios(double *ratios, const double *floors, const double *takts, uint32_t count)
{
	uint32_t ratio_count = 0;

	for (uint32_t i = 0; i < count && i < BENCH_PAIRS_MAX; i++) {
		double floor = (floors[i] + floors[i + 1]) / 2.0;

		if (floor > 0.0)
			ratios[ratio_count++] = takts[i] / floor;
	}
	return ratio_count;
}

double bench_ratio(const double *floors, const double *takts, uint32_t count)
{
	double ratios[BENCH_PAIRS_MAX];

	return bench_median(ratios, collect_ratios(ratios, floors, takts, count));
}

double bench_ratio_spread(const double *floors, const double *takts, uint32_t count)
{
	double ratios[BENCH_PAIRS_MAX];
	double sorted[BENCH_PAIRS_MAX];
	uint32_t ratio_count = collect_ratios(ratios, floors, takts, count);

	if (ratio_count < 4)
		return 0.0;
	sort(sorted, ratios, ratio_count);
	double median = bench_median(ratios, ratio_count);
	return median > 0.0 ? (sorted[ratio_count * 3 / 4] - sorted[ratio_count / 4]) / median : 0.0;
}
