/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/sync_fixture.h"

#include "core/rwlock.h"

static struct takt_rwlock locks[2];

static int set_up(void **state)
{
	if (sync_set_up(state) != 0)
		return -1;
	for (uint32_t i = 0; i < 2; i++)
		assert_int_equal(takt_rwlock_attach(&locks[i], &sync_waiters[i], "map"), TAKT_OK);
	return 0;
}

static int tear_down(void **state)
{
	for (uint32_t i = 0; i < 2; i++)
		takt_rwlock_detach(&locks[i]);
	return fixture_tear_down(state);
}

static void many_read_or_one_writes(void **state)
{
	int needs_repair = 5;

	(void)state;
	assert_int_equal(takt_rwlock_try_read(&locks[0], &needs_repair), TAKT_OK);
	assert_int_equal(needs_repair, 0);
	assert_int_equal(takt_rwlock_try_read(&locks[1], &needs_repair), TAKT_OK);
	assert_int_equal(takt_rwlock_unlock(&locks[1]), TAKT_OK);
	assert_int_equal(takt_rwlock_try_write(&locks[1], &needs_repair), TAKT_BUSY);
	assert_int_equal(takt_rwlock_write_until(&locks[1], sync_soon(), &needs_repair), TAKT_TIMEOUT);
	assert_int_equal(takt_rwlock_unlock(&locks[0]), TAKT_OK);
	assert_int_equal(takt_rwlock_try_write(&locks[1], &needs_repair), TAKT_OK);
	assert_int_equal(takt_rwlock_try_read(&locks[0], &needs_repair), TAKT_BUSY);
	assert_int_equal(takt_rwlock_try_write(&locks[0], &needs_repair), TAKT_BUSY);
	assert_int_equal(takt_rwlock_read_until(&locks[0], sync_soon(), &needs_repair), TAKT_TIMEOUT);
	takt_rwlock_detach(&locks[1]);
	assert_int_equal(takt_rwlock_try_read(&locks[0], &needs_repair), TAKT_OK);
}

/* Who gave up waiting to write keeps nobody out. */
static void a_wish_to_write_ends_with_its_wait(void **state)
{
	int needs_repair;

	(void)state;
	assert_int_equal(takt_rwlock_try_read(&locks[0], &needs_repair), TAKT_OK);
	assert_int_equal(takt_rwlock_write_until(&locks[1], sync_soon(), &needs_repair), TAKT_TIMEOUT);
	assert_int_equal(atomic_load(&locks[1].sync.shared->holders[1].state), TAKT_RWLOCK_NONE);
	assert_int_equal(takt_rwlock_unlock(&locks[0]), TAKT_OK);
	assert_int_equal(takt_rwlock_try_read(&locks[0], &needs_repair), TAKT_OK);
}

static void who_waits_to_write_goes_before_new_readers_for_one_slice(void **state)
{
	struct takt_sync_shm *shared = locks[0].sync.shared;
	int needs_repair;

	(void)state;
	/* As of a thread that waits: the second handle's. */
	atomic_store(&shared->holders[1].state, TAKT_RWLOCK_WANTS_TO_WRITE);
	assert_int_equal(takt_rwlock_try_read(&locks[0], &needs_repair), TAKT_BUSY);
	uint64_t began_ns = takt_os_clock_now_ns();
	assert_int_equal(takt_rwlock_read_until(&locks[0], sync_much_later(), &needs_repair), TAKT_OK);
	assert_true(takt_os_clock_now_ns() - began_ns >= SYNC_SLICE_NS);
	atomic_store(&shared->holders[1].state, TAKT_RWLOCK_NONE);
}

static void read_when_armed(void *argument)
{
	struct takt_rwlock *lock = argument;

	if (!sync_wait_until_armed(&lock->sync) || takt_rwlock_unlock(lock) != TAKT_OK)
		abort();
}

static void unlocking_wakes_who_waits(void **state)
{
	struct takt_os_thread thread = {.run = NULL};
	int needs_repair;

	(void)state;
	for (int writes = 0; writes < 2; writes++) {
		assert_int_equal(writes ? takt_rwlock_try_write(&locks[0], &needs_repair)
					: takt_rwlock_try_read(&locks[0], &needs_repair),
				 TAKT_OK);
		sync_waiters[1].slice_ns = LONG_NS;
		assert_int_equal(takt_os_thread_start(&thread, "owner", read_when_armed, &locks[0]), TAKT_OK);
		assert_int_equal(takt_rwlock_write_until(&locks[1], sync_much_later(), &needs_repair), TAKT_OK);
		takt_os_thread_join(&thread);
		assert_int_equal(sync_waiters[1].slice_count, 0);
		assert_int_equal(takt_rwlock_unlock(&locks[1]), TAKT_OK);
	}
}

static _Atomic int *is_inside;

static int lock_and_be_killed(void *argument)
{
	static struct takt_rwlock lock;
	int writes = *(int *)argument;
	int needs_repair;

	if (takt_rwlock_attach(&lock, sync_child_waiter(), "map") != TAKT_OK ||
	    (writes ? takt_rwlock_try_write(&lock, &needs_repair) : takt_rwlock_try_read(&lock, &needs_repair)) !=
		    TAKT_OK)
		return 1;
	atomic_store(is_inside, 1);
	(void)pause();
	return 2;
}

static pid_t child_inside(int writes)
{
	atomic_store(is_inside, 0);
	pid_t child = start_child(lock_and_be_killed, &writes);
	assert_true(wait_for_flag(is_inside, 1));
	return child;
}

static void a_dead_reader_hinders_nobody_and_a_dead_writer_is_told_until_somebody_has_written(void **state)
{
	int needs_repair = 5;

	(void)state;
	is_inside = shared_memory(sizeof(*is_inside));
	pid_t child = child_inside(0);
	assert_int_equal(takt_rwlock_try_write(&locks[0], &needs_repair), TAKT_BUSY);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(takt_rwlock_write_until(&locks[0], sync_much_later(), &needs_repair), TAKT_OK);
	assert_int_equal(needs_repair, 0);
	assert_int_equal(takt_rwlock_unlock(&locks[0]), TAKT_OK);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));

	child = child_inside(1);
	assert_int_equal(takt_rwlock_try_read(&locks[0], &needs_repair), TAKT_BUSY);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(takt_rwlock_read_until(&locks[0], sync_much_later(), &needs_repair), TAKT_OK);
	assert_int_equal(needs_repair, 1);
	assert_int_equal(takt_rwlock_try_read(&locks[1], &needs_repair), TAKT_OK);
	assert_int_equal(needs_repair, 1);
	assert_int_equal(takt_rwlock_unlock(&locks[0]), TAKT_OK);
	assert_int_equal(takt_rwlock_unlock(&locks[1]), TAKT_OK);
	assert_int_equal(takt_rwlock_try_write(&locks[0], &needs_repair), TAKT_OK);
	assert_int_equal(needs_repair, 1);
	assert_int_equal(takt_rwlock_unlock(&locks[0]), TAKT_OK);
	assert_int_equal(takt_rwlock_try_read(&locks[0], &needs_repair), TAKT_OK);
	assert_int_equal(needs_repair, 0);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	assert_int_equal(atomic_load(&locks[0].sync.shared->recovered_count), 2);
	(void)munmap(is_inside, sizeof(*is_inside));
}

/* A dead writer's place is taken by the next life of its node before anybody else looked: it is told all the same. */
static void the_next_life_of_a_dead_writer_does_not_hide_it(void **state)
{
	int needs_repair = 5;

	(void)state;
	is_inside = shared_memory(sizeof(*is_inside));
	pid_t child = child_inside(1);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	child = child_inside(0);
	assert_int_equal(takt_rwlock_try_read(&locks[0], &needs_repair), TAKT_OK);
	assert_int_equal(needs_repair, 1);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	(void)munmap(is_inside, sizeof(*is_inside));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many_read_or_one_writes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_wish_to_write_ends_with_its_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_waits_to_write_goes_before_new_readers_for_one_slice, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(unlocking_wakes_who_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_dead_reader_hinders_nobody_and_a_dead_writer_is_told_until_somebody_has_written, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(the_next_life_of_a_dead_writer_does_not_hide_it, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
