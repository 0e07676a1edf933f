/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "apps/takt/trace_tracks.h"

static struct trace_tracks tracks;

static int tear_down(void **state)
{
	(void)state;
	trace_tracks_free(&tracks);
	memset(&tracks, 0, sizeof(tracks));
	return 0;
}

static struct trace_track *track(uint32_t node, uint32_t loop, uint64_t thread)
{
	const struct trace_track wanted = {.node = node, .loop = loop, .thread = thread};
	uint32_t place = 0;
	return trace_track_of(&tracks, &wanted, &place);
}

static void slices_lie_beside_around_or_inside(void **state)
{
	(void)state;
	struct trace_track *one = track(0, 0, 0);
	assert_true(trace_track_fits(one, 100, 200));
	assert_true(trace_track_fits(one, 200, 300));
	assert_true(trace_track_fits(one, 120, 150));
	assert_true(trace_track_fits(one, 150, 200));
	assert_true(trace_track_fits(one, 100, 300));
	assert_true(trace_track_fits(one, 50, 400));
	assert_true(trace_track_fits(one, 400, 400));
}

static void slices_that_overlap_otherwise_are_refused(void **state)
{
	(void)state;
	struct trace_track *one = track(0, 0, 0);
	assert_true(trace_track_fits(one, 100, 200));
	assert_false(trace_track_fits(one, 150, 250));
	assert_false(trace_track_fits(one, 50, 101));
	assert_false(trace_track_fits(one, 199, 201));
	assert_false(trace_track_fits(one, 300, 299));
	/* What was refused is no obstacle. */
	assert_true(trace_track_fits(one, 200, 260));
	assert_true(trace_track_fits(track(0, 1, 0), 150, 250));
}

static void a_cycle_of_many_slices_fits_around_them(void **state)
{
	(void)state;
	struct trace_track *one = track(0, 0, 0);
	assert_true(trace_track_fits(one, 0, 1000));
	for (uint64_t i = 0; i < 5 * TRACE_TRACK_RECENT; i++)
		assert_true(trace_track_fits(one, 1000 + 10 * i, 1005 + 10 * i));
	assert_true(trace_track_fits(one, 1000, 1010 + 10 * 5 * TRACE_TRACK_RECENT));
}

static void each_thread_has_one_place_until_there_is_no_room(void **state)
{
	(void)state;
	uint32_t place = 0;
	for (uint32_t i = 0; i < TRACE_TRACKS_MAX; i++)
		assert_non_null(track(i % 256, i / 256, i * UINT64_C(4294967297)));
	assert_null(track(0, 0, 12345));
	assert_int_equal(tracks.count, TRACE_TRACKS_MAX);
	for (uint32_t i = 0; i < TRACE_TRACKS_MAX; i++) {
		const struct trace_track wanted = {.node = i % 256,
						   .loop = i / 256,
						   .thread = i * UINT64_C(4294967297)};
		assert_ptr_equal(trace_track_of(&tracks, &wanted, &place), tracks.all[i]);
		assert_int_equal(place, i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(slices_lie_beside_around_or_inside, tear_down),
		cmocka_unit_test_teardown(slices_that_overlap_otherwise_are_refused, tear_down),
		cmocka_unit_test_teardown(a_cycle_of_many_slices_fits_around_them, tear_down),
		cmocka_unit_test_teardown(each_thread_has_one_place_until_there_is_no_room, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
