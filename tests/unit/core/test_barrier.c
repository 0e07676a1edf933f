/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/sync_fixture.h"

#include "core/barrier.h"

static struct takt_barrier barriers[2];

static int set_up(void **state)
{
	if (sync_set_up(state) != 0)
		return -1;
	assert_int_equal(takt_barrier_attach(&barriers[0], &sync_waiters[0], "start"), TAKT_OK);
	return 0;
}

static int tear_down(void **state)
{
	for (uint32_t i = 0; i < 2; i++)
		takt_barrier_detach(&barriers[i]);
	return fixture_tear_down(state);
}

static void who_is_alone_is_taken_back(void **state)
{
	(void)state;
	assert_int_equal(takt_barrier_try_wait(&barriers[0]), TAKT_BUSY);
	assert_int_equal(takt_barrier_wait_until(&barriers[0], sync_soon()), TAKT_TIMEOUT);
	assert_int_equal(takt_barrier_wait_until(&barriers[0], 1), TAKT_TIMEOUT);
	/* The second does not find the first there. */
	assert_int_equal(takt_barrier_attach(&barriers[1], &sync_waiters[1], "start"), TAKT_OK);
	assert_int_equal(takt_barrier_try_wait(&barriers[1]), TAKT_BUSY);
	assert_int_equal(atomic_load(&barriers[0].sync.shared->timeout_count), 2);
}

static void too_many_members_are_refused_by_name(void **state)
{
	static struct takt_waiter third;
	static struct takt_barrier barrier;

	(void)state;
	assert_int_equal(takt_barrier_attach(&barriers[1], &sync_waiters[1], "start"), TAKT_OK);
	assert_int_equal(takt_waiter_init(&third, fixture_join("two"), 0), TAKT_OK);
	assert_int_equal(takt_barrier_attach(&barrier, &third, "start"), TAKT_LIMIT);
	assert_said("barrier 'start': 2 threads are attached already");
	takt_barrier_detach(&barriers[1]);
	assert_int_equal(takt_barrier_attach(&barrier, &third, "start"), TAKT_OK);
	takt_barrier_detach(&barrier);
}

#define ROUNDS 3000

struct meeting {
	_Atomic int is_here;
	_Atomic uint32_t rounds[2]; /* that each of the two has begun */
};

static struct meeting *meeting;

/* Nobody is ever two rounds ahead of the other. @retval 0 */
static int meet_often(struct takt_barrier *barrier, int mine)
{
	for (uint32_t i = 1; i <= ROUNDS; i++) {
		atomic_store(&meeting->rounds[mine], i);
		if (takt_barrier_wait_until(barrier, sync_much_later()) != TAKT_OK)
			return 1;
		if (atomic_load(&meeting->rounds[!mine]) < i || atomic_load(&meeting->rounds[!mine]) > i + 1)
			return 2;
	}
	return 0;
}

static int meet_in_child(void *argument)
{
	static struct takt_barrier barrier;

	(void)argument;
	if (takt_barrier_attach(&barrier, sync_child_waiter(), "start") != TAKT_OK)
		return 100;
	int result = meet_often(&barrier, 1);
	takt_barrier_detach(&barrier);
	return result;
}

static void members_go_round_for_round_together(void **state)
{
	(void)state;
	meeting = shared_memory(sizeof(*meeting));
	pid_t child = start_child(meet_in_child, NULL);
	assert_int_equal(meet_often(&barriers[0], 0), 0);
	assert_int_equal(result_of_child(child), 0);
	assert_int_equal((uint32_t)atomic_load(&barriers[0].sync.shared->word), ROUNDS);
	(void)munmap(meeting, sizeof(*meeting));
}

static int attach_and_be_killed(void *argument)
{
	static struct takt_barrier barrier;

	(void)argument;
	if (takt_barrier_attach(&barrier, sync_child_waiter(), "start") != TAKT_OK)
		return 100;
	atomic_store(&meeting->is_here, 1);
	(void)pause();
	return 1;
}

static void kill_when_armed(void *argument)
{
	if (!sync_wait_until_armed(&barriers[0].sync) || kill(*(pid_t *)argument, SIGKILL) != 0)
		abort();
}

static void a_member_that_dies_is_told_to_who_waits_and_the_next_round_is_whole(void **state)
{
	struct takt_os_thread thread = {.run = NULL};

	(void)state;
	meeting = shared_memory(sizeof(*meeting));
	pid_t child = start_child(attach_and_be_killed, NULL);
	assert_true(wait_for_flag(&meeting->is_here, 1));
	assert_int_equal(takt_os_thread_start(&thread, "killer", kill_when_armed, &child), TAKT_OK);
	assert_int_equal(takt_barrier_wait_until(&barriers[0], sync_much_later()), TAKT_ABSENT);
	takt_os_thread_join(&thread);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	assert_int_equal(atomic_load(&barriers[0].sync.shared->recovered_count), 1);
	/* Told once. */
	assert_int_equal(takt_barrier_wait_until(&barriers[0], sync_soon()), TAKT_TIMEOUT);
	/* Its place is taken, and all is as before. */
	child = start_child(meet_in_child, NULL);
	assert_int_equal(meet_often(&barriers[0], 0), 0);
	assert_int_equal(result_of_child(child), 0);
	(void)munmap(meeting, sizeof(*meeting));
}

static void a_member_that_died_before_is_told_to_who_comes(void **state)
{
	(void)state;
	meeting = shared_memory(sizeof(*meeting));
	pid_t child = start_child(attach_and_be_killed, NULL);
	assert_true(wait_for_flag(&meeting->is_here, 1));
	/* Stopped is not dead. */
	assert_int_equal(kill(child, SIGSTOP), 0);
	assert_int_equal(takt_barrier_wait_until(&barriers[0], sync_soon()), TAKT_TIMEOUT);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	assert_int_equal(takt_barrier_try_wait(&barriers[0]), TAKT_ABSENT);
	assert_int_equal(takt_barrier_try_wait(&barriers[0]), TAKT_BUSY);
	(void)munmap(meeting, sizeof(*meeting));
}

/* As a liar may have it: more rounds passed without this thread than can. */
static void rounds_that_ended_without_a_member_are_told_as_broken(void **state)
{
	struct takt_sync_shm *shared = barriers[0].sync.shared;

	(void)state;
	assert_int_equal(takt_barrier_try_wait(&barriers[0]), TAKT_BUSY);
	atomic_store(&shared->word, 40);
	assert_int_equal(takt_barrier_wait_until(&barriers[0], sync_soon()), TAKT_ABSENT);
	assert_int_equal(takt_barrier_wait_until(&barriers[0], sync_soon()), TAKT_TIMEOUT);
	assert_int_equal((uint32_t)atomic_load(&shared->word), 40);
}

static int attach_and_leave(void *argument)
{
	static struct takt_barrier barrier;

	(void)argument;
	if (takt_barrier_attach(&barrier, sync_child_waiter(), "start") != TAKT_OK)
		return 100;
	takt_barrier_detach(&barrier);
	return 0;
}

/* The next life of its node is faster than everybody else. */
static void a_member_whose_place_was_taken_at_once_is_told_all_the_same(void **state)
{
	(void)state;
	meeting = shared_memory(sizeof(*meeting));
	pid_t child = start_child(attach_and_be_killed, NULL);
	assert_true(wait_for_flag(&meeting->is_here, 1));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	assert_int_equal(in_child(attach_and_leave, NULL), 0);
	assert_int_equal(takt_barrier_try_wait(&barriers[0]), TAKT_ABSENT);
	assert_int_equal(takt_barrier_try_wait(&barriers[0]), TAKT_BUSY);
	(void)munmap(meeting, sizeof(*meeting));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_is_alone_is_taken_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_many_members_are_refused_by_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(members_go_round_for_round_together, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_member_that_dies_is_told_to_who_waits_and_the_next_round_is_whole,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_member_that_died_before_is_told_to_who_comes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_member_whose_place_was_taken_at_once_is_told_all_the_same, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(rounds_that_ended_without_a_member_are_told_as_broken, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
