/* SPDX-License-Identifier: Apache-2.0 */
/* Which deaths a flight recorder saves: none is passed over, and one node alone cannot make it save without end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "apps/takt/trace_deaths.h"

#define SECOND UINT64_C(1000000000)

static struct trace_deaths deaths;

static int clear(void **state)
{
	(void)state;
	deaths = (struct trace_deaths){.count = 0};
	return 0;
}

static uint64_t waiting(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < deaths.count; i++)
		sum += deaths.all[i].count;
	return sum;
}

static void nothing_is_due_where_nobody_died(void **state)
{
	(void)state;
	assert_false(trace_deaths_are_due(&deaths, UINT64_MAX));
	trace_deaths_saved(&deaths, 5, SECOND);
	assert_false(trace_deaths_are_due(&deaths, UINT64_MAX));
}

static void two_nodes_that_die_one_after_the_other_are_both_saved_at_once(void **state)
{
	(void)state;
	assert_true(trace_deaths_add(&deaths, "robot", "sensor"));
	assert_true(trace_deaths_are_due(&deaths, 100));
	trace_deaths_saved(&deaths, 100, SECOND);
	assert_false(trace_deaths_are_due(&deaths, 100));
	/* A millisecond later, well within the pause of the first. */
	assert_true(trace_deaths_add(&deaths, "robot", "controller"));
	assert_true(trace_deaths_are_due(&deaths, 100 + SECOND / 1000));
	trace_deaths_saved(&deaths, 100 + SECOND / 1000, SECOND);
	/* And one of the same name in another domain is another one. */
	assert_true(trace_deaths_add(&deaths, "other", "controller"));
	assert_true(trace_deaths_are_due(&deaths, 100 + SECOND / 500));
}

static void a_node_that_dies_again_and_again_is_saved_once_a_pause_and_each_death_counted(void **state)
{
	uint64_t snapshots = 0;
	uint64_t saved = 0;
	(void)state;

	for (uint64_t now = 0; now <= 10 * SECOND; now += SECOND / 100) {
		assert_true(trace_deaths_add(&deaths, "robot", "controller"));
		if (!trace_deaths_are_due(&deaths, now))
			continue;
		saved += waiting();
		trace_deaths_saved(&deaths, now, SECOND);
		snapshots++;
	}
	assert_int_equal(snapshots, 11);
	assert_int_equal(saved, 1001);
	assert_int_equal(waiting(), 0);
	assert_int_equal(deaths.count, 1);
}

static void its_last_death_is_saved_when_the_pause_is_over(void **state)
{
	(void)state;
	assert_true(trace_deaths_add(&deaths, "robot", "controller"));
	trace_deaths_saved(&deaths, 100, SECOND);
	assert_true(trace_deaths_add(&deaths, "robot", "controller"));
	assert_false(trace_deaths_are_due(&deaths, 99 + SECOND));
	assert_true(trace_deaths_are_due(&deaths, 100 + SECOND));
	/* Another node's, saved meanwhile, takes it along: the snapshot holds both. */
	assert_true(trace_deaths_add(&deaths, "robot", "sensor"));
	assert_true(trace_deaths_are_due(&deaths, 200));
	assert_int_equal(waiting(), 2);
	assert_int_equal(trace_deaths_waiting(&deaths), 2);
	trace_deaths_saved(&deaths, 200, SECOND);
	assert_int_equal(waiting(), 0);
	assert_int_equal(trace_deaths_waiting(&deaths), 0);
	assert_false(trace_deaths_are_due(&deaths, 100 + SECOND));
	/* Three deaths of one node are one node's. */
	for (uint32_t i = 0; i < 3; i++)
		assert_true(trace_deaths_add(&deaths, "robot", "sensor"));
	assert_int_equal(trace_deaths_waiting(&deaths), 1);
}

static void more_nodes_than_there_is_room_for(void **state)
{
	char name[TAKT_NAME_BYTES];
	(void)state;

	for (uint32_t i = 0; i < TRACE_DEATHS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "node%u", i);
		assert_true(trace_deaths_add(&deaths, "robot", name));
	}
	/* All of them wait: none is forgotten for another one. */
	assert_false(trace_deaths_add(&deaths, "robot", "late"));
	assert_true(trace_deaths_add(&deaths, "robot", "node0"));
	assert_int_equal(waiting(), TRACE_DEATHS_MAX + 1);
	trace_deaths_saved(&deaths, 100, SECOND);
	assert_true(trace_deaths_add(&deaths, "robot", "node5"));
	trace_deaths_saved(&deaths, 200, SECOND);
	/* The place is that of one saved longest ago. */
	assert_true(trace_deaths_add(&deaths, "robot", "late"));
	assert_true(trace_deaths_are_due(&deaths, 300));
	trace_deaths_saved(&deaths, 300, SECOND);
	assert_true(trace_deaths_add(&deaths, "robot", "node5"));
	assert_false(trace_deaths_are_due(&deaths, 199 + SECOND));
	assert_int_equal(deaths.count, TRACE_DEATHS_MAX);
}

#define CLEARED(test) cmocka_unit_test_setup(test, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLEARED(nothing_is_due_where_nobody_died),
		CLEARED(two_nodes_that_die_one_after_the_other_are_both_saved_at_once),
		CLEARED(a_node_that_dies_again_and_again_is_saved_once_a_pause_and_each_death_counted),
		CLEARED(its_last_death_is_saved_when_the_pause_is_over),
		CLEARED(more_nodes_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
