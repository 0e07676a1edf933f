/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/platform/support.h"

#include <pthread.h>
#include <sys/time.h>

#include "platform/thread.h"

static void time_never_goes_back(void **state)
{
	uint64_t before_ns = takt_os_clock_now_ns();

	(void)state;
	for (int i = 0; i < 100000; i++) {
		const uint64_t now_ns = takt_os_clock_now_ns();

		assert_true(now_ns >= before_ns);
		before_ns = now_ns;
	}
}

static void all_processes_have_the_same_time(void **state)
{
	uint64_t *childs_ns = shared_memory(sizeof(*childs_ns));
	const uint64_t before_ns = takt_os_clock_now_ns();
	int how;
	const pid_t child = fork();

	(void)state;
	if (child == 0) {
		*childs_ns = takt_os_clock_now_ns();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_in_range(*childs_ns, before_ns, takt_os_clock_now_ns());
	(void)munmap(childs_ns, sizeof(*childs_ns));
}

static void the_resolution_and_the_wall_clock_are_plausible(void **state)
{
	(void)state;
	assert_in_range(takt_os_clock_resolution_ns(), 1, TAKT_NS_PER_S);
	assert_true(takt_os_clock_wall_ns() > UINT64_C(1577836800) * TAKT_NS_PER_S); /* 2020 */
}

static void a_sleep_never_ends_early(void **state)
{
	(void)state;
	for (uint64_t span_ns = 1; span_ns < SHORT_NS; span_ns *= 10) {
		const uint64_t deadline_ns = takt_os_clock_now_ns() + span_ns;

		assert_int_equal(takt_os_clock_sleep_until(deadline_ns), TAKT_OK);
		assert_true(takt_os_clock_now_ns() >= deadline_ns);
	}
}

static void a_sleep_is_longer_than_one_slice_where_it_should_be(void **state)
{
	const uint64_t deadline_ns = takt_os_clock_now_ns() + 250 * TAKT_NS_PER_MS;

	(void)state;
	assert_int_equal(takt_os_clock_sleep_until(deadline_ns), TAKT_OK);
	assert_true(takt_os_clock_now_ns() >= deadline_ns);
}

static void a_deadline_that_has_passed_returns_at_once(void **state)
{
	(void)state;
	assert_int_equal(takt_os_clock_sleep_until(0), TAKT_OK);
	assert_int_equal(takt_os_clock_sleep_until(takt_os_clock_now_ns() - 1), TAKT_OK);
}

static volatile sig_atomic_t signal_count;

static void count_signal(int number)
{
	(void)number;
	signal_count++;
}

static int sleep_under_signals(void *argument)
{
	const struct sigaction action = {.sa_handler = count_signal};
	const struct itimerval often = {{0, 2000}, {0, 2000}};
	const uint64_t deadline_ns = takt_os_clock_now_ns() + 3 * SHORT_NS;

	(void)argument;
	if (sigaction(SIGALRM, &action, NULL) != 0 || setitimer(ITIMER_REAL, &often, NULL) != 0)
		return 1;
	return takt_os_clock_sleep_until(deadline_ns) == TAKT_OK && takt_os_clock_now_ns() >= deadline_ns &&
			       signal_count > 0
		       ? 0
		       : 2;
}

static void a_signal_does_not_end_a_sleep(void **state)
{
	(void)state;
	assert_int_equal(in_child(sleep_under_signals, NULL), 0);
}

static int sleep_after_a_stop(void *argument)
{
	(void)argument;
	takt_os_stop_request();
	return takt_os_clock_sleep_until(TAKT_FOREVER) == TAKT_STOPPED && takt_os_clock_sleep_until(0) == TAKT_STOPPED
		       ? 0
		       : 1;
}

static void a_stop_before_the_sleep_is_seen(void **state)
{
	(void)state;
	assert_int_equal(in_child(sleep_after_a_stop, NULL), 0);
}

/* The signal may come at any instruction of the sleep, or before it: all must end it. */
static void a_stop_by_signal_ends_a_sleep_wherever_it_hits(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		int ends[2];
		int how = 0;
		char byte;
		pid_t child;

		assert_int_equal(pipe(ends), 0);
		child = fork();
		if (child == 0) {
			takt_os_process_prepare(0);
			if (write(ends[1], "r", 1) != 1)
				_exit(2);
			_exit(takt_os_clock_sleep_until(TAKT_FOREVER) == TAKT_STOPPED ? 0 : 1);
		}
		assert_int_equal(read(ends[0], &byte, 1), 1);
		for (int spin = 0; spin < round * 50; spin++)
			(void)takt_os_clock_now_ns();
		assert_int_equal(kill(child, SIGTERM), 0);
		assert_int_equal(waitpid(child, &how, 0), child);
		assert_true(WIFEXITED(how));
		assert_int_equal(WEXITSTATUS(how), 0);
		(void)close(ends[0]);
		(void)close(ends[1]);
	}
}

static void *request(void *argument)
{
	if (wait_until_asleep(*(pid_t *)argument))
		takt_os_stop_request();
	return NULL;
}

static int sleep_while_another_thread_stops(void *argument)
{
	const uint64_t deadline_ns = takt_os_clock_now_ns() + LONG_NS;
	pid_t self = getpid();
	pthread_t other;

	(void)argument;
	if (pthread_create(&other, NULL, request, &self) != 0)
		return 2;
	return takt_os_clock_sleep_until(deadline_ns) == TAKT_STOPPED && takt_os_clock_now_ns() < deadline_ns ? 0 : 1;
}

static void a_stop_by_another_thread_ends_a_sleep(void **state)
{
	(void)state;
	assert_int_equal(in_child(sleep_while_another_thread_stops, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_never_goes_back),
		cmocka_unit_test(all_processes_have_the_same_time),
		cmocka_unit_test(the_resolution_and_the_wall_clock_are_plausible),
		cmocka_unit_test(a_sleep_never_ends_early),
		cmocka_unit_test(a_sleep_is_longer_than_one_slice_where_it_should_be),
		cmocka_unit_test(a_deadline_that_has_passed_returns_at_once),
		cmocka_unit_test(a_signal_does_not_end_a_sleep),
		cmocka_unit_test(a_stop_before_the_sleep_is_seen),
		cmocka_unit_test(a_stop_by_signal_ends_a_sleep_wherever_it_hits),
		cmocka_unit_test(a_stop_by_another_thread_ends_a_sleep),
	};

	return cmocka_run_group_tests_name("platform/clock", tests, NULL, NULL);
}
