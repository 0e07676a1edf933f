/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/sync_fixture.h"

#include "core/mutex.h"

static struct takt_mutex mutexes[2];

static int set_up(void **state)
{
	if (sync_set_up(state) != 0)
		return -1;
	for (uint32_t i = 0; i < 2; i++)
		assert_int_equal(takt_mutex_attach(&mutexes[i], &sync_waiters[i], "door"), TAKT_OK);
	return 0;
}

static int tear_down(void **state)
{
	for (uint32_t i = 0; i < 2; i++)
		takt_mutex_detach(&mutexes[i]);
	return fixture_tear_down(state);
}

static void one_has_it_at_a_time(void **state)
{
	int owner_died = 5;

	(void)state;
	assert_int_equal(takt_mutex_owner(&mutexes[0]), UINT32_MAX);
	assert_int_equal(takt_mutex_try_lock(&mutexes[0], &owner_died), TAKT_OK);
	assert_int_equal(owner_died, 0);
	assert_int_equal(takt_mutex_owner(&mutexes[1]), 0);
	owner_died = 5;
	assert_int_equal(takt_mutex_try_lock(&mutexes[1], &owner_died), TAKT_BUSY);
	uint64_t deadline_ns = sync_soon();
	assert_int_equal(takt_mutex_lock_until(&mutexes[1], deadline_ns, &owner_died), TAKT_TIMEOUT);
	assert_true(takt_os_clock_now_ns() >= deadline_ns);
	assert_int_equal(owner_died, 5);
	takt_mutex_unlock(&mutexes[0]);
	assert_int_equal(takt_mutex_lock_until(&mutexes[1], deadline_ns, &owner_died), TAKT_OK);
	assert_int_equal(owner_died, 0);
	assert_int_equal(takt_mutex_owner(&mutexes[0]), 1);
	takt_mutex_detach(&mutexes[1]);
	assert_int_equal(takt_mutex_owner(&mutexes[0]), UINT32_MAX);
}

struct guarded {
	_Atomic int children_ready;
	_Atomic uint64_t sum;
	uint64_t pair[2]; /* equal whenever nobody has the mutex */
};

static struct guarded *guarded;

#define ROUNDS 2000

/* @retval 0 nobody was met inside */
static int add_often(struct takt_mutex *mutex)
{
	for (int i = 0; i < ROUNDS; i++) {
		int owner_died;

		if (takt_mutex_lock_until(mutex, sync_much_later(), &owner_died) != TAKT_OK || owner_died)
			return 1;
		if (guarded->pair[0] != guarded->pair[1])
			return 2;
		guarded->pair[0]++;
		guarded->pair[1]++;
		takt_mutex_unlock(mutex);
	}
	return 0;
}

static int add_in_child(void *argument)
{
	static struct takt_mutex mutex;

	(void)argument;
	if (takt_mutex_attach(&mutex, sync_child_waiter(), "door") != TAKT_OK)
		return 100;
	return add_often(&mutex);
}

static void add_in_thread(void *argument)
{
	if (add_often(argument) != 0)
		abort();
}

static void threads_and_processes_exclude_each_other(void **state)
{
	struct takt_os_thread thread = {.run = NULL};

	(void)state;
	guarded = shared_memory(sizeof(*guarded));
	pid_t child = start_child(add_in_child, NULL);
	assert_int_equal(takt_os_thread_start(&thread, "adder", add_in_thread, &mutexes[1]), TAKT_OK);
	assert_int_equal(add_often(&mutexes[0]), 0);
	takt_os_thread_join(&thread);
	assert_int_equal(result_of_child(child), 0);
	assert_int_equal(guarded->pair[0], 3 * ROUNDS);
	assert_int_equal(guarded->pair[1], 3 * ROUNDS);
	(void)munmap(guarded, sizeof(*guarded));
}

static int lock_and_be_killed(void *argument)
{
	static struct takt_mutex mutex;
	int owner_died;

	(void)argument;
	if (takt_mutex_attach(&mutex, sync_child_waiter(), "door") != TAKT_OK ||
	    takt_mutex_try_lock(&mutex, &owner_died) != TAKT_OK)
		return 1;
	guarded->pair[0]++;
	atomic_store(&guarded->children_ready, 1);
	(void)pause();
	return 2;
}

static void the_next_is_told_that_its_owner_died(void **state)
{
	int owner_died = 5;

	(void)state;
	guarded = shared_memory(sizeof(*guarded));
	pid_t child = start_child(lock_and_be_killed, NULL);
	assert_true(wait_for_flag(&guarded->children_ready, 1));
	assert_int_equal(takt_mutex_try_lock(&mutexes[0], &owner_died), TAKT_BUSY);
	assert_int_equal(kill(child, SIGSTOP), 0);
	assert_int_equal(takt_mutex_lock_until(&mutexes[0], sync_soon(), &owner_died), TAKT_TIMEOUT);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(takt_mutex_lock_until(&mutexes[0], sync_much_later(), &owner_died), TAKT_OK);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	assert_int_equal(owner_died, 1);
	assert_int_equal(guarded->pair[0], guarded->pair[1] + 1);
	takt_mutex_unlock(&mutexes[0]);
	/* Unlocking says that it is repaired. */
	assert_int_equal(takt_mutex_try_lock(&mutexes[1], &owner_died), TAKT_OK);
	assert_int_equal(owner_died, 0);
	(void)munmap(guarded, sizeof(*guarded));
}

static int lock_twice(void *argument)
{
	static struct takt_mutex mutex;
	int owner_died;

	(void)argument;
	if (takt_mutex_attach(&mutex, sync_child_waiter(), "door") != TAKT_OK ||
	    takt_mutex_try_lock(&mutex, &owner_died) != TAKT_OK)
		return 1;
	(void)!freopen("/dev/null", "w", stderr);
	(void)!takt_mutex_try_lock(&mutex, &owner_died);
	return 2;
}

static void locking_twice_is_a_bug_and_ends_the_program(void **state)
{
	(void)state;
	assert_int_equal(in_child(lock_twice, NULL), KILLED_BY(SIGABRT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_has_it_at_a_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(threads_and_processes_exclude_each_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_next_is_told_that_its_owner_died, set_up, tear_down),
		cmocka_unit_test_setup_teardown(locking_twice_is_a_bug_and_ends_the_program, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
