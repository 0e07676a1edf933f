/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apps/takt/run_child.h"

#define MS TAKT_NS_PER_MS
#define S  TAKT_NS_PER_S

static struct run_child child_of(enum takt_restart restart)
{
	struct run_child child;

	run_child_init(&child, restart);
	return child;
}

/* One life: started when due, ready at once, up for a while, then its end. */
static enum run_verdict live(struct run_child *child, uint64_t *now_ns, uint64_t up_ns, int failed)
{
	*now_ns = *now_ns > child->start_due_ns ? *now_ns : child->start_due_ns;
	assert_true(run_child_is_due(child, *now_ns));
	run_child_started(child, *now_ns);
	run_child_ready(child, *now_ns);
	*now_ns += up_ns;
	return run_child_ended(child, failed, *now_ns);
}

static void a_new_child_is_due_at_once_and_only_once(void **state)
{
	struct run_child child = child_of(TAKT_RESTART_NEVER);

	(void)state;
	assert_true(run_child_is_due(&child, 5));
	run_child_started(&child, 5);
	assert_int_equal(child.phase, RUN_STARTING);
	assert_false(run_child_is_due(&child, 6));
	run_child_ready(&child, 7);
	assert_int_equal(child.phase, RUN_UP);
	assert_int_equal(child.was_ready, 1);
}

static void policy_decides_who_is_restarted(void **state)
{
	static const struct {
		enum takt_restart restart;
		int failed;
		enum run_verdict verdict;
		enum run_phase phase;
	} cases[] = {
		{TAKT_RESTART_NEVER, 0, RUN_STAYS_DOWN, RUN_DOWN},
		{TAKT_RESTART_NEVER, 1, RUN_STAYS_DOWN, RUN_DOWN},
		{TAKT_RESTART_ON_FAILURE, 0, RUN_STAYS_DOWN, RUN_DOWN},
		{TAKT_RESTART_ON_FAILURE, 1, RUN_RESTARTS, RUN_WAITING},
		{TAKT_RESTART_ALWAYS, 0, RUN_RESTARTS, RUN_WAITING},
		{TAKT_RESTART_ALWAYS, 1, RUN_RESTARTS, RUN_WAITING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run_child child = child_of(cases[i].restart);
		uint64_t now_ns = 1 * S;

		assert_int_equal(live(&child, &now_ns, S, cases[i].failed), cases[i].verdict);
		assert_int_equal(child.phase, cases[i].phase);
		assert_int_equal(child.has_failed, cases[i].failed);
		assert_int_equal(child.restart_count, cases[i].verdict == RUN_RESTARTS);
	}
}

static void first_restart_is_immediate_and_then_they_back_off_to_five_seconds(void **state)
{
	static const uint64_t pauses_ns[] = {0,		100 * MS,  200 * MS,  400 * MS,	 800 * MS,
					     1600 * MS, 3200 * MS, 5000 * MS, 5000 * MS, 5000 * MS};
	struct run_child child = child_of(TAKT_RESTART_ALWAYS);
	uint64_t now_ns = 1 * S;

	(void)state;
	for (size_t i = 0; i < sizeof(pauses_ns) / sizeof(pauses_ns[0]); i++) {
		/* Long enough for no crash loop, too short for health. */
		assert_int_equal(live(&child, &now_ns, 9 * S, 1), RUN_RESTARTS);
		assert_int_equal(child.start_due_ns - now_ns, pauses_ns[i]);
		assert_int_equal(child.restart_count, i + 1);
	}
}

static void ten_seconds_of_health_forget_the_back_off(void **state)
{
	struct run_child child = child_of(TAKT_RESTART_ON_FAILURE);
	uint64_t now_ns = 1 * S;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(live(&child, &now_ns, 9 * S, 1), RUN_RESTARTS);
	assert_int_equal(live(&child, &now_ns, RUN_HEALTH_NS, 1), RUN_RESTARTS);
	assert_int_equal(child.start_due_ns, now_ns);
}

static void time_spent_starting_is_not_health(void **state)
{
	struct run_child child = child_of(TAKT_RESTART_ON_FAILURE);
	uint64_t now_ns = 1 * S;

	(void)state;
	assert_int_equal(live(&child, &now_ns, S, 1), RUN_RESTARTS);
	run_child_started(&child, now_ns);
	now_ns += RUN_HEALTH_NS;
	assert_int_equal(run_child_ended(&child, 1, now_ns), RUN_RESTARTS);
	assert_int_equal(child.start_due_ns - now_ns, 100 * MS);
}

static void five_ends_within_ten_seconds_are_given_up(void **state)
{
	struct run_child child = child_of(TAKT_RESTART_ALWAYS);
	uint64_t now_ns = 1 * S;

	(void)state;
	for (int i = 0; i < RUN_CRASH_COUNT - 1; i++)
		assert_int_equal(live(&child, &now_ns, S, 1), RUN_RESTARTS);
	assert_int_equal(live(&child, &now_ns, S, 1), RUN_GIVES_UP);
	assert_int_equal(child.phase, RUN_DOWN);
}

static void five_ends_in_more_than_ten_seconds_are_not(void **state)
{
	struct run_child child = child_of(TAKT_RESTART_ALWAYS);

	(void)state;
	for (uint64_t i = 0; i < 50; i++) {
		/* Four spans between five ends: together just over the window. */
		uint64_t now_ns = S + i * (RUN_CRASH_WINDOW_NS / 4 + 1);

		run_child_started(&child, now_ns);
		assert_int_equal(run_child_ended(&child, 1, now_ns), RUN_RESTARTS);
	}
}

static void not_ready_within_the_bound_is_late(void **state)
{
	struct run_child child = child_of(TAKT_RESTART_NEVER);

	(void)state;
	assert_false(run_child_is_late(&child, 100 * S));
	run_child_started(&child, 2 * S);
	assert_false(run_child_is_late(&child, S));
	assert_false(run_child_is_late(&child, 2 * S + RUN_READY_BOUND_NS - 1));
	assert_true(run_child_is_late(&child, 2 * S + RUN_READY_BOUND_NS));
	run_child_ready(&child, 2 * S + RUN_READY_BOUND_NS);
	assert_false(run_child_is_late(&child, 100 * S));
}

static void stopping_asks_ever_more_clearly(void **state)
{
	struct run_stop stop = {.step = RUN_STOP_NONE};
	uint64_t now_ns = 7 * S;

	(void)state;
	assert_int_equal(run_stop_next(&stop, 1, 0, now_ns), RUN_STOP_QUIT);
	assert_int_equal(run_stop_next(&stop, 1, 0, now_ns + RUN_STOP_BOUND_NS - 1), RUN_STOP_NONE);
	assert_int_equal(run_stop_next(&stop, 1, 0, now_ns += RUN_STOP_BOUND_NS), RUN_STOP_TERMINATE);
	assert_int_equal(run_stop_next(&stop, 1, 0, now_ns + 1), RUN_STOP_NONE);
	assert_int_equal(run_stop_next(&stop, 1, 0, now_ns += RUN_STOP_BOUND_NS), RUN_STOP_KILL);
	assert_int_equal(run_stop_next(&stop, 1, 0, now_ns += RUN_STOP_BOUND_NS), RUN_STOP_LOST);
	assert_int_equal(run_stop_next(&stop, 1, 0, now_ns + 100 * S), RUN_STOP_NONE);
}

static void a_node_that_does_not_hear_yet_is_signalled(void **state)
{
	struct run_stop stop = {.step = RUN_STOP_NONE};

	(void)state;
	assert_int_equal(run_stop_next(&stop, 0, 0, S), RUN_STOP_TERMINATE);
}

static void asking_again_hurries_and_a_third_time_kills(void **state)
{
	struct run_stop stop = {.step = RUN_STOP_NONE};
	uint64_t now_ns = 7 * S;

	(void)state;
	assert_int_equal(run_stop_next(&stop, 1, 0, now_ns), RUN_STOP_QUIT);
	assert_int_equal(run_stop_next(&stop, 1, 1, now_ns + 1), RUN_STOP_TERMINATE);
	assert_int_equal(run_stop_next(&stop, 1, 1, now_ns + 2), RUN_STOP_NONE);
	assert_int_equal(run_stop_next(&stop, 1, 1, now_ns + 1 + RUN_HURRY_BOUND_NS), RUN_STOP_KILL);

	stop = (struct run_stop){.step = RUN_STOP_QUIT, .since_ns = now_ns};
	assert_int_equal(run_stop_next(&stop, 1, 2, now_ns + 1), RUN_STOP_KILL);
	assert_int_equal(run_stop_next(&stop, 1, 2, now_ns + 2), RUN_STOP_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_child_is_due_at_once_and_only_once),
		cmocka_unit_test(policy_decides_who_is_restarted),
		cmocka_unit_test(first_restart_is_immediate_and_then_they_back_off_to_five_seconds),
		cmocka_unit_test(ten_seconds_of_health_forget_the_back_off),
		cmocka_unit_test(time_spent_starting_is_not_health),
		cmocka_unit_test(five_ends_within_ten_seconds_are_given_up),
		cmocka_unit_test(five_ends_in_more_than_ten_seconds_are_not),
		cmocka_unit_test(not_ready_within_the_bound_is_late),
		cmocka_unit_test(stopping_asks_ever_more_clearly),
		cmocka_unit_test(a_node_that_does_not_hear_yet_is_signalled),
		cmocka_unit_test(asking_again_hurries_and_a_third_time_kills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
