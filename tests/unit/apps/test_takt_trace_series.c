/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "apps/takt/trace_series.h"

static struct trace_series series;

static int set_up(void **state)
{
	(void)state;
	memset(&series, 0, sizeof(series));
	return 0;
}

static uint64_t count_all(void)
{
	uint64_t count = 0;
	for (uint32_t i = 0; i < TRACE_SERIES_BINS; i++)
		count += series.bins[i].count;
	return count;
}

static void what_lies_close_shares_a_bin_that_keeps_both_ends(void **state)
{
	(void)state;
	trace_series_add(&series, 5000, 7);
	trace_series_add(&series, 5001, 3);
	trace_series_add(&series, 5002, 9);
	trace_series_add(&series, 5003, 9);
	assert_int_equal(series.first_ns, 5000);
	assert_int_equal(series.bins[0].count, 4);
	assert_int_equal(series.bins[0].min, 3);
	assert_int_equal(series.bins[0].max, 9);
	assert_int_equal(series.bins[0].max_at_ns, 5002);
}

/* One value in a million that stands out, wherever it is, is there with its time. */
static void nothing_that_stands_out_is_lost_however_long_it_lasts(void **state)
{
	(void)state;
	const uint64_t odd[] = {0, 1, 77777, 524288, 999999};
	for (uint64_t i = 0; i < 1000000; i++) {
		uint64_t value = 100 + i % 7;
		for (uint32_t k = 0; k < 5; k++)
			value = i == odd[k] ? 1000000 + k : value;
		trace_series_add(&series, i * 1000000, value);
	}
	uint32_t found = 0;
	uint32_t used = 0;
	for (uint32_t i = 0; i < TRACE_SERIES_BINS; i++) {
		const struct trace_bin *bin = &series.bins[i];
		used += bin->count != 0;
		if (bin->count == 0)
			continue;
		assert_in_range(bin->max_at_ns, i * series.width_ns, (i + 1) * series.width_ns - 1);
		assert_in_range(bin->min, 100, 1000004);
		for (uint32_t k = 0; k < 5; k++)
			found += bin->max == 1000000 + k && bin->max_at_ns == odd[k] * 1000000;
	}
	/* 0 and 1 share a bin by now, and the larger of them is seen. */
	assert_int_equal(found, 4);
	assert_int_equal(count_all(), 1000000);
	assert_int_equal(series.count, 1000000);
	assert_in_range(used, TRACE_SERIES_BINS / 2, TRACE_SERIES_BINS);
}

static void times_that_go_back_or_far_ahead_are_counted(void **state)
{
	(void)state;
	trace_series_add(&series, 1000, 1);
	trace_series_add(&series, 10, 2);
	trace_series_add(&series, UINT64_MAX, 3);
	assert_int_equal(count_all(), 3);
	assert_int_equal(series.bins[0].count, 2);
	assert_int_equal(series.bins[0].max, 2);
	assert_int_equal(series.bins[TRACE_SERIES_BINS - 1].count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_lies_close_shares_a_bin_that_keeps_both_ends, set_up),
		cmocka_unit_test_setup(nothing_that_stands_out_is_lost_however_long_it_lasts, set_up),
		cmocka_unit_test_setup(times_that_go_back_or_far_ahead_are_counted, set_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
