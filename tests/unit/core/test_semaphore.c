/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/sync_fixture.h"

#include "core/semaphore.h"

static struct takt_semaphore units; /* two, held */
static struct takt_semaphore bell;  /* counts up to three */
static struct takt_semaphore other; /* units, by the second waiter */

static int set_up(void **state)
{
	if (sync_set_up(state) != 0)
		return -1;
	assert_int_equal(takt_semaphore_attach(&units, &sync_waiters[0], "units"), TAKT_OK);
	assert_int_equal(takt_semaphore_attach(&bell, &sync_waiters[0], "bell"), TAKT_OK);
	assert_int_equal(takt_semaphore_attach(&other, &sync_waiters[1], "units"), TAKT_OK);
	return 0;
}

static int tear_down(void **state)
{
	takt_semaphore_detach(&units);
	takt_semaphore_detach(&bell);
	takt_semaphore_detach(&other);
	return fixture_tear_down(state);
}

static void no_more_units_are_out_than_there_are(void **state)
{
	(void)state;
	assert_int_equal(takt_semaphore_count(&units), 2);
	assert_int_equal(takt_semaphore_try_wait(&units), TAKT_OK);
	assert_int_equal(takt_semaphore_try_wait(&other), TAKT_OK);
	assert_int_equal(takt_semaphore_count(&other), 0);
	assert_int_equal(takt_semaphore_try_wait(&units), TAKT_BUSY);
	assert_int_equal(takt_semaphore_try_wait(&other), TAKT_BUSY);
	assert_int_equal(takt_semaphore_post(&units), TAKT_OK);
	assert_int_equal(takt_semaphore_try_wait(&other), TAKT_OK);
	assert_int_equal(takt_semaphore_try_wait(&units), TAKT_BUSY);
	assert_int_equal(takt_semaphore_post(&other), TAKT_OK);
	assert_int_equal(takt_semaphore_post(&other), TAKT_OK);
	assert_int_equal(takt_semaphore_count(&units), 2);
}

static void held_units_are_posted_by_their_holder_only(void **state)
{
	(void)state;
	assert_int_equal(takt_semaphore_try_wait(&other), TAKT_OK);
	assert_int_equal(takt_semaphore_post(&units), TAKT_INVALID);
	assert_int_equal(takt_semaphore_count(&units), 1);
	takt_semaphore_detach(&other);
	assert_int_equal(takt_semaphore_count(&units), 2);
}

static void counted_units_come_from_anybody_up_to_the_maximum(void **state)
{
	(void)state;
	assert_int_equal(takt_semaphore_count(&bell), 0);
	assert_int_equal(takt_semaphore_try_wait(&bell), TAKT_BUSY);
	for (int i = 0; i < 3; i++)
		assert_int_equal(takt_semaphore_post(&bell), TAKT_OK);
	assert_int_equal(takt_semaphore_post(&bell), TAKT_FULL);
	for (int i = 0; i < 3; i++)
		assert_int_equal(takt_semaphore_wait_until(&bell, 1), TAKT_OK);
	assert_int_equal(takt_semaphore_try_wait(&bell), TAKT_BUSY);
	/* What counts stays when its poster goes. */
	assert_int_equal(takt_semaphore_post(&bell), TAKT_OK);
	takt_semaphore_detach(&bell);
	assert_int_equal(takt_semaphore_attach(&bell, &sync_waiters[0], "bell"), TAKT_OK);
	assert_int_equal(takt_semaphore_count(&bell), 1);
}

static void a_deadline_that_passes_changes_nothing_and_is_counted(void **state)
{
	uint64_t deadline_ns = sync_soon();

	(void)state;
	assert_int_equal(takt_semaphore_wait_until(&bell, deadline_ns), TAKT_TIMEOUT);
	assert_true(takt_os_clock_now_ns() >= deadline_ns);
	assert_int_equal(atomic_load(&bell.sync.shared->mask.waiting), 0);
	assert_int_equal(atomic_load(&bell.sync.shared->timeout_count), 1);
	assert_int_equal(atomic_load(&bell.sync.shared->taken_count), 0);
}

static void post_when_armed(void *argument)
{
	struct takt_semaphore *semaphore = argument;

	if (!sync_wait_until_armed(&semaphore->sync) || takt_semaphore_post(semaphore) != TAKT_OK)
		abort();
}

static void a_post_wakes_who_sleeps(void **state)
{
	struct takt_os_thread thread = {.run = NULL};

	(void)state;
	assert_int_equal(takt_semaphore_try_wait(&units), TAKT_OK);
	assert_int_equal(takt_semaphore_try_wait(&units), TAKT_OK);
	/* A slice that never ends: what is found was found by a look or by a wake-up. */
	sync_waiters[1].slice_ns = LONG_NS;
	assert_int_equal(takt_os_thread_start(&thread, "poster", post_when_armed, &units), TAKT_OK);
	assert_int_equal(takt_semaphore_wait_until(&other, sync_much_later()), TAKT_OK);
	takt_os_thread_join(&thread);
	assert_int_equal(sync_waiters[1].slice_count, 0);
	assert_int_equal(takt_semaphore_count(&units), 0);
}

static _Atomic int *is_holding;

static int hold_and_be_killed(void *argument)
{
	static struct takt_semaphore held;
	int units_wanted = *(int *)argument;

	if (takt_semaphore_attach(&held, sync_child_waiter(), "units") != TAKT_OK)
		return 1;
	for (int i = 0; i < units_wanted; i++)
		if (takt_semaphore_try_wait(&held) != TAKT_OK)
			return 2;
	atomic_store(is_holding, 1);
	(void)pause();
	return 3;
}

static void what_a_dead_process_held_comes_back(void **state)
{
	int wanted = 2;

	(void)state;
	is_holding = shared_memory(sizeof(*is_holding));
	pid_t child = start_child(hold_and_be_killed, &wanted);
	assert_true(wait_for_flag(is_holding, 1));
	assert_int_equal(takt_semaphore_try_wait(&units), TAKT_BUSY);
	/* Stopped is not dead. */
	assert_int_equal(kill(child, SIGSTOP), 0);
	assert_int_equal(takt_semaphore_wait_until(&units, sync_soon()), TAKT_TIMEOUT);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(takt_semaphore_wait_until(&units, sync_much_later()), TAKT_OK);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	assert_int_equal(takt_semaphore_count(&units), 1);
	assert_int_equal(atomic_load(&units.sync.shared->recovered_count), 1);
	(void)munmap(is_holding, sizeof(*is_holding));
}

static void the_next_life_of_a_node_finds_its_place_empty(void **state)
{
	int wanted = 1;

	(void)state;
	is_holding = shared_memory(sizeof(*is_holding));
	for (int i = 0; i < 5; i++) {
		atomic_store(is_holding, 0);
		pid_t child = start_child(hold_and_be_killed, &wanted);
		assert_true(wait_for_flag(is_holding, 1));
		assert_int_equal(takt_semaphore_count(&units), 1);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	}
	assert_int_equal(atomic_load(&units.sync.shared->recovered_count), 4);
	(void)munmap(is_holding, sizeof(*is_holding));
}

static void nonsense_in_the_words_gives_no_units_away(void **state)
{
	struct takt_sync_shm *shared = units.sync.shared;

	(void)state;
	atomic_store(&shared->holders[1].state, UINT32_MAX);
	atomic_store(&shared->holders[3].state, UINT32_MAX);
	atomic_store(&shared->holders[9].state, UINT32_MAX);
	assert_int_equal(takt_semaphore_count(&units), 0);
	/* The third place is nobody's now: it comes back. Nobody can ever have the ninth. The first one's owner lives. */
	assert_int_equal(takt_semaphore_try_wait(&units), TAKT_BUSY);
	assert_int_equal(atomic_load(&shared->holders[3].state), 0);
	atomic_store(&shared->holders[1].state, 0);
	assert_int_equal(takt_semaphore_try_wait(&units), TAKT_OK);
	atomic_store(&bell.sync.shared->word, UINT64_MAX);
	assert_int_equal(takt_semaphore_count(&bell), 3);
	assert_int_equal(takt_semaphore_post(&bell), TAKT_FULL);
	assert_int_equal(takt_semaphore_try_wait(&bell), TAKT_OK);
	assert_int_equal(takt_semaphore_count(&bell), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_more_units_are_out_than_there_are, set_up, tear_down),
		cmocka_unit_test_setup_teardown(held_units_are_posted_by_their_holder_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(counted_units_come_from_anybody_up_to_the_maximum, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_deadline_that_passes_changes_nothing_and_is_counted, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_post_wakes_who_sleeps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_a_dead_process_held_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_next_life_of_a_node_finds_its_place_empty, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nonsense_in_the_words_gives_no_units_away, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
