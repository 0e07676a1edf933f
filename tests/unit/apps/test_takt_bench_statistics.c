/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/takt/bench_statistics.h"

static struct bench_histogram histogram;
static struct bench_histogram other;

static int set_up(void **state)
{
	(void)state;
	memset(&histogram, 0, sizeof(histogram));
	memset(&other, 0, sizeof(other));
	return 0;
}

static void assert_close(double value, double wanted, double share)
{
	assert_true(value >= wanted * (1.0 - share));
	assert_true(value <= wanted * (1.0 + share));
}

static void every_value_falls_into_the_bucket_that_begins_at_or_below_it(void **state)
{
	(void)state;
	for (uint32_t i = 0; i + 1 < BENCH_BUCKET_COUNT; i++) {
		assert_true(bench_bucket_min(i) < bench_bucket_min(i + 1));
		assert_int_equal(bench_bucket(bench_bucket_min(i)), i);
		assert_int_equal(bench_bucket(bench_bucket_min(i + 1) - 1), i);
	}
}

static void a_bucket_is_narrower_than_a_hundredth_of_its_value(void **state)
{
	(void)state;
	for (uint32_t i = 1u << BENCH_SUB_BITS; i + 1 < BENCH_BUCKET_COUNT; i++)
		assert_true((bench_bucket_min(i + 1) - bench_bucket_min(i)) * 100 < bench_bucket_min(i) + 100);
}

static void what_is_longer_than_the_histogram_counts_in_its_last_bucket(void **state)
{
	(void)state;
	bench_histogram_add(&histogram, UINT64_MAX);
	bench_histogram_add(&histogram, UINT64_C(1) << BENCH_VALUE_BITS);
	assert_int_equal(histogram.buckets[BENCH_BUCKET_COUNT - 1], 2);
	assert_int_equal(histogram.max, UINT64_MAX);
}

static void an_empty_histogram_has_no_quantiles(void **state)
{
	(void)state;
	struct bench_quantiles quantiles = bench_histogram_quantiles(&histogram);
	assert_int_equal(quantiles.count, 0);
	assert_true(quantiles.p50 == 0.0 && quantiles.p99 == 0.0 && quantiles.p999 == 0.0 && quantiles.max == 0.0);
}

static void quantiles_are_in_ns_and_within_a_hundredth(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 10000; i++)
		bench_histogram_add(&histogram, i * 10);
	struct bench_quantiles quantiles = bench_histogram_quantiles(&histogram);
	assert_int_equal(quantiles.count, 10000);
	assert_close(quantiles.p50, 5000.0, 0.01);
	assert_close(quantiles.p99, 9900.0, 0.01);
	assert_close(quantiles.p999, 9990.0, 0.01);
	assert_true(quantiles.max == 10000.0);
}

static void ranks_are_rounded_up(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 10; i++)
		bench_histogram_add(&histogram, i);
	/* p99 of ten values is the tenth; the half of ten the fifth. */
	assert_true(bench_histogram_quantile(&histogram, 0.99) == 1.0);
	assert_true(bench_histogram_quantile(&histogram, 0.5) == 0.5);
	assert_true(bench_histogram_quantile(&histogram, 0.0) == 0.1);
}

static void no_quantile_passes_the_maximum(void **state)
{
	(void)state;
	bench_histogram_add(&histogram, 1000001);
	assert_true(bench_histogram_quantile(&histogram, 0.5) <= 100000.1);
}

static void merging_adds_counts_and_keeps_the_larger_maximum(void **state)
{
	(void)state;
	bench_histogram_add(&histogram, 10);
	bench_histogram_add(&other, 30);
	bench_histogram_add(&other, 20);
	bench_histogram_merge(&histogram, &other);
	assert_int_equal(histogram.count, 3);
	assert_int_equal(histogram.max, 30);
	assert_true(bench_histogram_quantile(&histogram, 0.5) == 2.0);
}

static void the_median_is_the_middle_and_leaves_the_values_alone(void **state)
{
	(void)state;
	double odd[] = {9.0, 1.0, 5.0}, even[] = {4.0, 1.0, 3.0, 2.0};
	assert_true(bench_median(odd, 3) == 5.0);
	assert_true(bench_median(even, 4) == 2.5);
	assert_true(odd[0] == 9.0 && odd[1] == 1.0);
	assert_true(bench_median(odd, 0) == 0.0);
}

static void a_steady_drift_changes_no_ratio(void **state)
{
	(void)state;
	double floors[9], takts[8];
	/* The machine becomes slower by a tenth of the first burst at each step; takt costs 1.5 floors all the time. */
	for (uint32_t i = 0; i < 9; i++)
		floors[i] = 100.0 + 20.0 * i;
	for (uint32_t i = 0; i < 8; i++)
		takts[i] = 1.5 * (110.0 + 20.0 * i);
	assert_close(bench_ratio(floors, takts, 8), 1.5, 1e-9);
	assert_true(bench_ratio_spread(floors, takts, 8) < 1e-9);
}

static void one_disturbed_burst_does_not_decide(void **state)
{
	(void)state;
	double floors[] = {10, 10, 10, 10, 10, 10}, takts[] = {12, 12, 5000, 12, 12};
	assert_close(bench_ratio(floors, takts, 5), 1.2, 1e-9);
	floors[2] = 4000;
	assert_close(bench_ratio(floors, takts, 5), 1.2, 1e-9);
}

static void a_floor_of_nothing_gives_no_ratio(void **state)
{
	(void)state;
	double floors[] = {0, 0, 0}, takts[] = {1, 1};
	assert_true(bench_ratio(floors, takts, 2) == 0.0);
	assert_true(bench_ratio_spread(floors, takts, 2) == 0.0);
}

static void the_spread_is_the_distance_of_the_quartiles(void **state)
{
	(void)state;
	double floors[] = {1, 1, 1, 1, 1, 1, 1, 1, 1}, takts[] = {8, 9, 10, 10, 10, 10, 11, 12};
	assert_close(bench_ratio_spread(floors, takts, 8), 0.1, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_falls_into_the_bucket_that_begins_at_or_below_it),
		cmocka_unit_test(a_bucket_is_narrower_than_a_hundredth_of_its_value),
		cmocka_unit_test_setup(what_is_longer_than_the_histogram_counts_in_its_last_bucket, set_up),
		cmocka_unit_test_setup(an_empty_histogram_has_no_quantiles, set_up),
		cmocka_unit_test_setup(quantiles_are_in_ns_and_within_a_hundredth, set_up),
		cmocka_unit_test_setup(ranks_are_rounded_up, set_up),
		cmocka_unit_test_setup(no_quantile_passes_the_maximum, set_up),
		cmocka_unit_test_setup(merging_adds_counts_and_keeps_the_larger_maximum, set_up),
		cmocka_unit_test(the_median_is_the_middle_and_leaves_the_values_alone),
		cmocka_unit_test(a_steady_drift_changes_no_ratio),
		cmocka_unit_test(one_disturbed_burst_does_not_decide),
		cmocka_unit_test(a_floor_of_nothing_gives_no_ratio),
		cmocka_unit_test(the_spread_is_the_distance_of_the_quartiles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
