/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/sync_fixture.h"

#include "core/events.h"

static struct takt_events flags[2];

static int set_up(void **state)
{
	if (sync_set_up(state) != 0)
		return -1;
	for (uint32_t i = 0; i < 2; i++)
		assert_int_equal(takt_events_attach(&flags[i], &sync_waiters[i], "flags"), TAKT_OK);
	return 0;
}

static int tear_down(void **state)
{
	for (uint32_t i = 0; i < 2; i++)
		takt_events_detach(&flags[i]);
	return fixture_tear_down(state);
}

static void any_or_all_of_the_bits_are_waited_for(void **state)
{
	uint32_t seen = 5;

	(void)state;
	assert_int_equal(takt_events_try_wait(&flags[0], 3, TAKT_EVENTS_ANY, &seen), TAKT_BUSY);
	assert_int_equal(seen, 5);
	assert_int_equal(takt_events_set(&flags[1], 0x80000002), TAKT_OK);
	assert_int_equal(takt_events_get(&flags[0]), 0x80000002);
	assert_int_equal(takt_events_try_wait(&flags[0], 3, TAKT_EVENTS_ANY, &seen), TAKT_OK);
	assert_int_equal(seen, 0x80000002);
	assert_int_equal(takt_events_try_wait(&flags[0], 3, TAKT_EVENTS_ALL, NULL), TAKT_BUSY);
	assert_int_equal(takt_events_wait_until(&flags[0], 3, TAKT_EVENTS_ALL, sync_soon(), NULL), TAKT_TIMEOUT);
	assert_int_equal(takt_events_set(&flags[1], 1), TAKT_OK);
	assert_int_equal(takt_events_wait_until(&flags[0], 3, TAKT_EVENTS_ALL, 0, &seen), TAKT_OK);
	assert_int_equal(seen, 0x80000003);
	assert_int_equal(takt_events_clear(&flags[1], 2), TAKT_OK);
	assert_int_equal(takt_events_get(&flags[0]), 0x80000001);
}

static void taking_clears_what_it_waited_for_and_no_more(void **state)
{
	uint32_t seen = 0;

	(void)state;
	assert_int_equal(takt_events_set(&flags[1], 7), TAKT_OK);
	assert_int_equal(takt_events_try_take(&flags[0], 9, TAKT_EVENTS_ALL, NULL), TAKT_BUSY);
	assert_int_equal(takt_events_get(&flags[0]), 7);
	assert_int_equal(takt_events_try_take(&flags[0], 9, TAKT_EVENTS_ANY, &seen), TAKT_OK);
	assert_int_equal(seen, 7);
	assert_int_equal(takt_events_get(&flags[0]), 6);
	assert_int_equal(takt_events_take_until(&flags[0], 6, TAKT_EVENTS_ALL, sync_soon(), NULL), TAKT_OK);
	assert_int_equal(takt_events_get(&flags[0]), 0);
	assert_int_equal(takt_events_take_until(&flags[0], 6, TAKT_EVENTS_ANY, sync_soon(), NULL), TAKT_TIMEOUT);
}

static void no_bit_and_a_bit_that_is_none_are_refused(void **state)
{
	uint32_t bits = 5;

	(void)state;
	assert_int_equal(takt_event_bit(31, &bits), TAKT_OK);
	assert_int_equal(bits, 0x80000000);
	assert_int_equal(takt_event_bit(32, &bits), TAKT_INVALID);
	assert_said("event 32: there are 0 to 31");
	assert_int_equal(bits, 0x80000000);
	assert_int_equal(takt_events_set(&flags[0], 0), TAKT_INVALID);
	assert_int_equal(takt_events_clear(&flags[0], 0), TAKT_INVALID);
	assert_int_equal(takt_events_wait_until(&flags[0], 0, TAKT_EVENTS_ANY, sync_soon(), NULL), TAKT_INVALID);
	assert_int_equal(takt_events_try_take(&flags[0], 0, TAKT_EVENTS_ALL, NULL), TAKT_INVALID);
}

static void set_when_armed(void *argument)
{
	struct takt_events *events = argument;

	if (!sync_wait_until_armed(&events->sync) || takt_events_set(events, 4) != TAKT_OK)
		abort();
}

static void setting_wakes_who_sleeps(void **state)
{
	struct takt_os_thread thread = {.run = NULL};

	(void)state;
	sync_waiters[0].slice_ns = LONG_NS;
	assert_int_equal(takt_os_thread_start(&thread, "setter", set_when_armed, &flags[1]), TAKT_OK);
	assert_int_equal(takt_events_take_until(&flags[0], 4, TAKT_EVENTS_ANY, sync_much_later(), NULL), TAKT_OK);
	takt_os_thread_join(&thread);
	assert_int_equal(sync_waiters[0].slice_count, 0);
	assert_int_equal(atomic_load(&flags[0].sync.shared->mask.waiting), 0);
}

#define BELLS 20000u

static void take_bells(void *argument)
{
	struct takt_events *events = argument;

	uint32_t seen = 0;

	while (takt_events_take_until(events, 1, TAKT_EVENTS_ANY, sync_much_later(), &seen) == TAKT_OK) {
		if (takt_events_set(events, 2) != TAKT_OK)
			abort();
		/* Of this one: the next may be there by now. */
		if (seen & 8)
			return;
	}
	abort();
}

static int ring_bells(void *argument)
{
	static struct takt_events bells;

	(void)argument;
	if (takt_events_attach(&bells, sync_child_waiter(), "flags") != TAKT_OK)
		return 1;
	/* Each is answered before the next: none may be lost, and none answered twice. */
	for (uint32_t i = 0; i < BELLS; i++) {
		/* The last one says so, in the same step. */
		if (takt_events_set(&bells, i + 1 == BELLS ? 9 : 1) != TAKT_OK ||
		    takt_events_take_until(&bells, 2, TAKT_EVENTS_ANY, sync_much_later(), NULL) != TAKT_OK)
			return 2;
		if (takt_events_try_take(&bells, 3, TAKT_EVENTS_ANY, NULL) != TAKT_BUSY)
			return 3;
	}
	return 0;
}

static void of_many_events_none_is_lost_and_none_taken_twice(void **state)
{
	struct takt_os_thread thread = {.run = NULL};

	(void)state;
	assert_int_equal(takt_os_thread_start(&thread, "taker", take_bells, &flags[0]), TAKT_OK);
	assert_int_equal(in_child(ring_bells, NULL), 0);
	takt_os_thread_join(&thread);
	assert_int_equal(takt_events_get(&flags[1]), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(any_or_all_of_the_bits_are_waited_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(taking_clears_what_it_waited_for_and_no_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_bit_and_a_bit_that_is_none_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(setting_wakes_who_sleeps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(of_many_events_none_is_lost_and_none_taken_twice, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
