/* SPDX-License-Identifier: Apache-2.0 */
/* One suite for both semaphores. */
#include "tests/unit/platform/support.h"

#include <sys/time.h>

#include "platform/sem.h"
#include "platform/thread.h"

#define ROUND_COUNT 2000

struct shared {
	struct takt_os_sem sem;
	struct takt_os_sem back;
	_Atomic int truth;
	_Atomic int ready;
	_Atomic int echo;
};

static int start(void **state)
{
	struct shared *shared = shared_memory(sizeof(*shared));

	/* What stood in the memory before does not matter. */
	memset(shared, 0x5a, sizeof(*shared));
	takt_os_sem_init(&shared->sem);
	takt_os_sem_init(&shared->back);
	atomic_store(&shared->truth, 0);
	atomic_store(&shared->ready, 0);
	atomic_store(&shared->echo, 0);
	*state = shared;
	return 0;
}

static int stop(void **state)
{
	return munmap(*state, sizeof(struct shared));
}

static uint64_t in_ns(uint64_t span_ns)
{
	return takt_os_clock_now_ns() + span_ns;
}

static void the_storage_has_its_size_and_the_kind_its_number(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct takt_os_sem), 32);
	assert_int_equal(_Alignof(struct takt_os_sem), 32);
	assert_in_range(takt_os_sem_kind(), TAKT_OS_SEM_FUTEX, TAKT_OS_SEM_POSIX);
}

static void nobody_has_posted_a_new_one(void **state)
{
	struct shared *shared = *state;
	const uint64_t deadline_ns = in_ns(SHORT_NS);

	assert_int_equal(takt_os_sem_wait_until(&shared->sem, takt_os_sem_prepare(&shared->sem), deadline_ns),
			 TAKT_TIMEOUT);
	assert_true(takt_os_clock_now_ns() >= deadline_ns);
}

static void post_between_prepare_and_wait_is_not_lost(void **state)
{
	struct shared *shared = *state;
	const uint32_t prepared = takt_os_sem_prepare(&shared->sem);

	takt_os_sem_post(&shared->sem);
	assert_int_equal(takt_os_sem_wait_until(&shared->sem, prepared, in_ns(LONG_NS)), TAKT_OK);
}

static void post_before_prepare_ends_no_sleep(void **state)
{
	struct shared *shared = *state;
	uint32_t prepared;

	for (int i = 0; i < 10; i++)
		takt_os_sem_post(&shared->sem);
	prepared = takt_os_sem_prepare(&shared->sem);
	assert_int_equal(takt_os_sem_wait_until(&shared->sem, prepared, in_ns(SHORT_NS)), TAKT_TIMEOUT);
}

static void a_deadline_that_has_passed_times_out(void **state)
{
	struct shared *shared = *state;

	assert_int_equal(takt_os_sem_wait_until(&shared->sem, takt_os_sem_prepare(&shared->sem), 0), TAKT_TIMEOUT);
	assert_int_equal(takt_os_sem_wait_until(&shared->sem, takt_os_sem_prepare(&shared->sem),
						takt_os_clock_now_ns() - 1),
			 TAKT_TIMEOUT);
}

static void a_very_far_deadline_is_no_passed_one(void **state)
{
	struct shared *shared = *state;
	const uint32_t prepared = takt_os_sem_prepare(&shared->sem);

	takt_os_sem_post(&shared->sem);
	assert_int_equal(takt_os_sem_wait_until(&shared->sem, prepared, TAKT_FOREVER - 1), TAKT_OK);
}

static int sleep_for_the_truth(void *argument)
{
	struct shared *shared = argument;
	const uint32_t prepared = takt_os_sem_prepare(&shared->sem);

	atomic_fetch_add(&shared->ready, 1);
	if (takt_os_sem_wait_until(&shared->sem, prepared, in_ns(LONG_NS)) != TAKT_OK)
		return 1;
	return atomic_load_explicit(&shared->truth, memory_order_relaxed) == 7 ? 0 : 2;
}

static void a_post_wakes_another_process_which_sees_what_was_stored(void **state)
{
	struct shared *shared = *state;
	const pid_t child = start_child(sleep_for_the_truth, shared);

	assert_true(wait_for_flag(&shared->ready, 1));
	atomic_store_explicit(&shared->truth, 7, memory_order_relaxed);
	takt_os_sem_post(&shared->sem);
	assert_int_equal(result_of_child(child), 0);
}

static void as_many_posts_as_sleepers_wake_them_all(void **state)
{
	struct shared *shared = *state;
	const pid_t first = start_child(sleep_for_the_truth, shared);
	const pid_t second = start_child(sleep_for_the_truth, shared);

	assert_true(wait_for_flag(&shared->ready, 2));
	atomic_store_explicit(&shared->truth, 7, memory_order_relaxed);
	takt_os_sem_post(&shared->sem);
	takt_os_sem_post(&shared->sem);
	assert_int_equal(result_of_child(first), 0);
	assert_int_equal(result_of_child(second), 0);
}

/* Waits as the protocols do: prepare, look, sleep, look. */
static int wait_for_truth(struct takt_os_sem *sem, _Atomic int *truth, int value)
{
	const uint64_t deadline_ns = in_ns(LONG_NS);

	for (;;) {
		const uint32_t prepared = takt_os_sem_prepare(sem);

		if (atomic_load(truth) >= value)
			return 1;
		if (takt_os_sem_wait_until(sem, prepared, deadline_ns) != TAKT_OK)
			return atomic_load(truth) >= value;
	}
}

static int answer_each_round(void *argument)
{
	struct shared *shared = argument;

	for (int round = 1; round <= ROUND_COUNT; round++) {
		if (!wait_for_truth(&shared->sem, &shared->truth, round))
			return 1;
		atomic_store(&shared->echo, round);
		takt_os_sem_post(&shared->back);
	}
	return 0;
}

static void two_processes_wake_each_other_without_losing_a_turn(void **state)
{
	struct shared *shared = *state;
	const pid_t child = start_child(answer_each_round, shared);

	for (int round = 1; round <= ROUND_COUNT; round++) {
		atomic_store(&shared->truth, round);
		takt_os_sem_post(&shared->sem);
		assert_true(wait_for_truth(&shared->back, &shared->echo, round));
	}
	assert_int_equal(result_of_child(child), 0);
}

static int die_before_the_post(void *argument)
{
	struct shared *shared = argument;

	atomic_store(&shared->truth, 1);
	return raise(SIGKILL);
}

static void a_poster_that_dies_before_its_post_costs_one_slice(void **state)
{
	struct shared *shared = *state;
	const uint32_t prepared = takt_os_sem_prepare(&shared->sem);

	assert_int_equal(in_child(die_before_the_post, shared), KILLED_BY(SIGKILL));
	assert_int_equal(takt_os_sem_wait_until(&shared->sem, prepared, in_ns(SHORT_NS)), TAKT_TIMEOUT);
	assert_int_equal(atomic_load(&shared->truth), 1);
}

static int sleep_until_killed(void *argument)
{
	struct shared *shared = argument;
	const uint32_t prepared = takt_os_sem_prepare(&shared->sem);

	atomic_store(&shared->ready, 1);
	return takt_os_sem_wait_until(&shared->sem, prepared, in_ns(LONG_NS)) == TAKT_OK;
}

static void a_sleeper_that_dies_leaves_a_semaphore_that_works(void **state)
{
	struct shared *shared = *state;
	const pid_t child = start_child(sleep_until_killed, shared);
	uint32_t prepared;

	assert_true(wait_for_flag(&shared->ready, 1));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	prepared = takt_os_sem_prepare(&shared->sem);
	takt_os_sem_post(&shared->sem);
	assert_int_equal(takt_os_sem_wait_until(&shared->sem, prepared, in_ns(LONG_NS)), TAKT_OK);
}

static volatile sig_atomic_t signal_count;

static void count_signal(int number)
{
	(void)number;
	signal_count++;
}

static int wait_under_signals(void *argument)
{
	struct shared *shared = argument;
	const struct sigaction action = {.sa_handler = count_signal};
	const struct itimerval often = {{0, 2000}, {0, 2000}};
	const uint64_t deadline_ns = in_ns(3 * SHORT_NS);
	enum takt_status status;

	if (sigaction(SIGALRM, &action, NULL) != 0 || setitimer(ITIMER_REAL, &often, NULL) != 0)
		return 1;
	status = takt_os_sem_wait_until(&shared->sem, takt_os_sem_prepare(&shared->sem), deadline_ns);
	return status == TAKT_TIMEOUT && takt_os_clock_now_ns() >= deadline_ns && signal_count > 0 ? 0 : 2;
}

static void a_signal_does_not_end_a_wait(void **state)
{
	assert_int_equal(in_child(wait_under_signals, *state), 0);
}

static struct shared *counted;

static void count_for_all(int number)
{
	(void)number;
	atomic_fetch_add(&counted->ready, 1);
}

static int sleep_under_signals(void *argument)
{
	const struct sigaction action = {.sa_handler = count_for_all};
	const struct itimerval often = {{0, 2000}, {0, 2000}};
	uint32_t prepared;

	counted = argument;
	prepared = takt_os_sem_prepare(&counted->sem);
	if (sigaction(SIGALRM, &action, NULL) != 0 || setitimer(ITIMER_REAL, &often, NULL) != 0)
		return 1;
	return takt_os_sem_wait_until(&counted->sem, prepared, in_ns(LONG_NS)) == TAKT_OK ? 0 : 2;
}

static void a_post_wakes_a_sleeper_that_signals_have_interrupted(void **state)
{
	struct shared *shared = *state;
	const pid_t child = start_child(sleep_under_signals, shared);

	assert_true(wait_for_flag(&shared->ready, 3));
	takt_os_sem_post(&shared->sem);
	assert_int_equal(result_of_child(child), 0);
}

static int wait_after_a_stop(void *argument)
{
	struct shared *shared = argument;
	const uint64_t deadline_ns = in_ns(SHORT_NS);

	takt_os_stop_request();
	return takt_os_sem_wait_until(&shared->sem, takt_os_sem_prepare(&shared->sem), deadline_ns) == TAKT_TIMEOUT &&
			       takt_os_clock_now_ns() >= deadline_ns
		       ? 0
		       : 1;
}

static void a_stop_request_is_none_of_its_business(void **state)
{
	assert_int_equal(in_child(wait_after_a_stop, *state), 0);
}

static void a_flood_of_posts_neither_blocks_nor_breaks(void **state)
{
	struct shared *shared = *state;
	const uint32_t prepared = takt_os_sem_prepare(&shared->sem);

	for (int i = 0; i < 100000; i++)
		takt_os_sem_post(&shared->sem);
	assert_int_equal(takt_os_sem_wait_until(&shared->sem, prepared, in_ns(LONG_NS)), TAKT_OK);
}

static void need_futex(void)
{
	if (takt_os_sem_kind() != TAKT_OS_SEM_FUTEX) {
		print_message("skipped: sem_t believes what stands in its storage\n");
		skip();
	}
}

static void hostile_bytes_in_the_storage_cost_time_at_most(void **state)
{
	struct shared *shared = *state;

	need_futex();
	for (unsigned value = 0; value < 256; value++) {
		uint32_t prepared;

		memset(&shared->sem, (int)value, sizeof(shared->sem));
		prepared = takt_os_sem_prepare(&shared->sem);
		assert_int_equal(takt_os_sem_wait_until(&shared->sem, prepared, in_ns(TAKT_NS_PER_US)), TAKT_TIMEOUT);
		takt_os_sem_post(&shared->sem);
		assert_int_equal(takt_os_sem_wait_until(&shared->sem, prepared, in_ns(LONG_NS)), TAKT_OK);
	}
}

static int wait_where_the_kernel_refuses(void *argument)
{
	struct shared *shared = argument;
	const uint64_t deadline_ns = in_ns(SHORT_NS);
	enum takt_status status;

#ifdef SYS_futex_time64
	if (!refuse_call(SYS_futex_time64, WHATEVER_ARGUMENT, 0, with_error(EFAULT)))
		return CANNOT_REFUSE;
#endif
#ifdef SYS_futex
	if (!refuse_call(SYS_futex, WHATEVER_ARGUMENT, 0, with_error(EFAULT)))
		return CANNOT_REFUSE;
#endif
	status = takt_os_sem_wait_until(&shared->sem, takt_os_sem_prepare(&shared->sem), deadline_ns);
	return status == TAKT_TIMEOUT && takt_os_clock_now_ns() >= deadline_ns ? 0 : 1;
}

static void where_the_kernel_refuses_to_sleep_it_polls_and_does_not_spin(void **state)
{
	need_futex();
	assert_int_equal(unless_unable(in_child(wait_where_the_kernel_refuses, *state)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_storage_has_its_size_and_the_kind_its_number, start, stop),
		cmocka_unit_test_setup_teardown(nobody_has_posted_a_new_one, start, stop),
		cmocka_unit_test_setup_teardown(post_between_prepare_and_wait_is_not_lost, start, stop),
		cmocka_unit_test_setup_teardown(post_before_prepare_ends_no_sleep, start, stop),
		cmocka_unit_test_setup_teardown(a_deadline_that_has_passed_times_out, start, stop),
		cmocka_unit_test_setup_teardown(a_very_far_deadline_is_no_passed_one, start, stop),
		cmocka_unit_test_setup_teardown(a_post_wakes_another_process_which_sees_what_was_stored, start, stop),
		cmocka_unit_test_setup_teardown(as_many_posts_as_sleepers_wake_them_all, start, stop),
		cmocka_unit_test_setup_teardown(two_processes_wake_each_other_without_losing_a_turn, start, stop),
		cmocka_unit_test_setup_teardown(a_poster_that_dies_before_its_post_costs_one_slice, start, stop),
		cmocka_unit_test_setup_teardown(a_sleeper_that_dies_leaves_a_semaphore_that_works, start, stop),
		cmocka_unit_test_setup_teardown(a_signal_does_not_end_a_wait, start, stop),
		cmocka_unit_test_setup_teardown(a_post_wakes_a_sleeper_that_signals_have_interrupted, start, stop),
		cmocka_unit_test_setup_teardown(a_stop_request_is_none_of_its_business, start, stop),
		cmocka_unit_test_setup_teardown(a_flood_of_posts_neither_blocks_nor_breaks, start, stop),
		cmocka_unit_test_setup_teardown(hostile_bytes_in_the_storage_cost_time_at_most, start, stop),
		cmocka_unit_test_setup_teardown(where_the_kernel_refuses_to_sleep_it_polls_and_does_not_spin, start,
						stop),
	};

	return cmocka_run_group_tests_name("platform/sem", tests, NULL, NULL);
}
