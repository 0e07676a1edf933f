/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/histogram.h"
#include "core/layout.h"
#include "tests/unit/core/random.h"

#define VALUE_COUNT 20000u
#define LAST_BUCKET (TAKT_HISTOGRAM_BUCKET_COUNT - 1)
#define VALUE_END   (UINT64_C(1) << TAKT_HISTOGRAM_VALUE_BITS)

static struct takt_histogram_shm filled;
static struct takt_histogram copy;
static uint64_t values[VALUE_COUNT];

static int set_up(void **state)
{
	(void)state;
	random_state = 1;
	takt_histogram_clear(&filled);
	memset(&copy, 0, sizeof(copy));
	return 0;
}

static int by_size(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a;
	uint64_t right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static void buckets_follow_each_other_without_a_gap(void **state)
{
	uint64_t low = 0;

	(void)state;
	for (uint32_t i = 0; i < TAKT_HISTOGRAM_BUCKET_COUNT; i++) {
		uint64_t high = takt_histogram_bucket_max(i);

		assert_true(high >= low);
		assert_int_equal(takt_histogram_bucket(low), i);
		assert_int_equal(takt_histogram_bucket(high), i);
		assert_int_equal(takt_histogram_bucket(low + (high - low) / 2), i);
		low = high + 1;
	}
	assert_true(low == VALUE_END);
}

static void larger_values_never_fall_into_smaller_buckets(void **state)
{
	uint32_t before = 0;

	(void)state;
	for (uint64_t value = 0; value < 100000; value++) {
		uint32_t bucket = takt_histogram_bucket(value);

		assert_true(bucket == before || bucket == before + 1);
		before = bucket;
	}
	for (uint32_t i = 0; i < 100000; i++) {
		uint64_t a = next_random() >> (next_random() % 64);
		uint64_t b = next_random() >> (next_random() % 64);

		assert_true((a <= b) ? takt_histogram_bucket(a) <= takt_histogram_bucket(b)
				     : takt_histogram_bucket(a) >= takt_histogram_bucket(b));
		assert_true(takt_histogram_bucket(a) <= LAST_BUCKET);
	}
}

static void a_value_is_known_to_a_sixteenth(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		uint64_t value = next_random() >> (64 - TAKT_HISTOGRAM_VALUE_BITS + next_random() % 36);
		uint64_t edge = takt_histogram_bucket_max(takt_histogram_bucket(value));

		assert_true(edge >= value);
		assert_true((edge - value) * 16 <= value);
	}
}

static void values_too_large_share_the_last_bucket_and_the_largest_is_exact(void **state)
{
	(void)state;
	assert_int_equal(takt_histogram_bucket(VALUE_END), LAST_BUCKET);
	assert_int_equal(takt_histogram_bucket(UINT64_MAX), LAST_BUCKET);
	takt_histogram_add(&filled, VALUE_END + 12345);
	takt_histogram_add(&filled, 7);
	takt_histogram_copy(&copy, &filled);
	assert_int_equal(copy.count, 2);
	assert_int_equal(copy.buckets[LAST_BUCKET], 1);
	assert_true(copy.max == VALUE_END + 12345);
	assert_int_equal(copy.min, 7);
	assert_true(takt_histogram_quantile(&copy, 1000000) == VALUE_END + 12345);
	assert_true(copy.sum == VALUE_END + 12352);
}

static void fill_randomly(uint32_t count)
{
	takt_histogram_clear(&filled);
	for (uint32_t i = 0; i < count; i++) {
		values[i] = next_random() >> (next_random() % 36 + 64 - TAKT_HISTOGRAM_VALUE_BITS);
		takt_histogram_add(&filled, values[i]);
	}
	qsort(values, count, sizeof(values[0]), by_size);
	takt_histogram_copy(&copy, &filled);
}

/* The smallest rank of which the share is not less than asked for, from 1. */
static uint64_t rank_of(uint32_t count, uint32_t per_million)
{
	uint64_t rank = ((uint64_t)count * per_million + 999999) / 1000000;

	return rank ? rank : 1;
}

static void quantiles_agree_with_a_sorted_list(void **state)
{
	static const uint32_t counts[] = {1, 2, 3, 10, 99, 100, 101, 1000, VALUE_COUNT};
	static const uint32_t shares[] = {0, 1, 1000, 100000, 500000, 900000, 990000, 999000, 999999, 1000000};

	(void)state;
	for (uint32_t round = 0; round < sizeof(counts) / sizeof(counts[0]); round++) {
		uint32_t count = counts[round];

		fill_randomly(count);
		assert_int_equal(copy.count, count);
		assert_true(copy.min == values[0]);
		assert_true(copy.max == values[count - 1]);
		for (uint32_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
			uint64_t exact = values[rank_of(count, shares[i]) - 1];
			uint64_t told = takt_histogram_quantile(&copy, shares[i]);

			assert_true(told >= exact);
			assert_true((told - exact) * 16 <= exact);
			assert_true(told <= copy.max);
		}
		assert_true(takt_histogram_quantile(&copy, 1000000) == values[count - 1]);
	}
}

static void a_huge_count_does_not_overflow_a_quantile(void **state)
{
	(void)state;
	copy.buckets[3] = UINT64_C(1) << 62;
	copy.buckets[9] = UINT64_C(1) << 62;
	copy.count = UINT64_C(1) << 63;
	copy.max = 9;
	assert_int_equal(takt_histogram_quantile(&copy, 499999), 3);
	assert_int_equal(takt_histogram_quantile(&copy, 500000), 3);
	assert_int_equal(takt_histogram_quantile(&copy, 500001), 9);
	assert_int_equal(takt_histogram_quantile(&copy, 1000000), 9);
}

static void merging_equals_counting_together(void **state)
{
	static struct takt_histogram parts[3];
	static struct takt_histogram merged;
	static struct takt_histogram_shm part;

	(void)state;
	memset(&merged, 0, sizeof(merged));
	for (uint32_t i = 0; i < 3; i++) {
		takt_histogram_clear(&part);
		for (uint32_t k = 0; k < 1000; k++) {
			uint64_t value = 5 + i + (next_random() >> (next_random() % 64) >> 3);

			takt_histogram_add(&part, value);
			takt_histogram_add(&filled, value);
		}
		takt_histogram_copy(&parts[i], &part);
		takt_histogram_merge(&merged, &parts[i]);
	}
	takt_histogram_copy(&copy, &filled);
	assert_memory_equal(&merged, &copy, sizeof(copy));
	/* What counted nothing changes nothing, its minimum of 0 least of all; and into nothing everything goes. */
	memset(&parts[0], 0, sizeof(parts[0]));
	takt_histogram_merge(&merged, &parts[0]);
	assert_memory_equal(&merged, &copy, sizeof(copy));
	takt_histogram_merge(&parts[0], &copy);
	assert_memory_equal(&parts[0], &copy, sizeof(copy));
}

static void an_empty_one_answers_zero(void **state)
{
	(void)state;
	takt_histogram_add(&filled, 12);
	takt_histogram_clear(&filled);
	takt_histogram_copy(&copy, &filled);
	assert_int_equal(copy.count, 0);
	assert_int_equal(copy.max, 0);
	assert_int_equal(takt_histogram_quantile(&copy, 990000), 0);
	takt_histogram_add(&filled, 0);
	takt_histogram_copy(&copy, &filled);
	assert_int_equal(copy.count, 1);
	assert_int_equal(copy.min, 0);
	assert_int_equal(takt_histogram_quantile(&copy, 1000000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(buckets_follow_each_other_without_a_gap, set_up),
		cmocka_unit_test_setup(larger_values_never_fall_into_smaller_buckets, set_up),
		cmocka_unit_test_setup(a_value_is_known_to_a_sixteenth, set_up),
		cmocka_unit_test_setup(values_too_large_share_the_last_bucket_and_the_largest_is_exact, set_up),
		cmocka_unit_test_setup(quantiles_agree_with_a_sorted_list, set_up),
		cmocka_unit_test_setup(a_huge_count_does_not_overflow_a_quantile, set_up),
		cmocka_unit_test_setup(merging_equals_counting_together, set_up),
		cmocka_unit_test_setup(an_empty_one_answers_zero, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
