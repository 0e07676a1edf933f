/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_queue.c: producers and consumers that die, leave, fork or hold a lock. */
#ifndef TAKT_TEST_CORE_QUEUE_DEATH_H
#define TAKT_TEST_CORE_QUEUE_DEATH_H

#include "tests/unit/core/queue_support.h"

static struct takt_producer child_producer;
static struct takt_consumer child_consumer;

static int child_joins(int pushes, const char *name, const char *queue)
{
	struct takt_node *node;

	fixture_child_speaks();
	node = fixture_child_join(name);
	if (node == NULL)
		return 0;
	return (pushes ? takt_producer_attach(&child_producer, node, queue, &takt_type_job)
		       : takt_consumer_attach(&child_consumer, node, queue, &takt_type_job)) == TAKT_OK;
}

static int take_two_and_die(void *argument)
{
	struct job job;
	struct takt_item item;

	if (!child_joins(0, "mate", argument))
		return 1;
	for (int i = 0; i < 2; i++)
		if (takt_queue_take(&child_consumer, TAKT_BAND_ANY, &job, &item) != TAKT_OK)
			return 2;
	return raise(SIGKILL);
}

static void what_a_dead_consumer_had_comes_again_marked_and_first(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	static struct takt_waiter waiter;
	struct job job;
	struct takt_item item;

	(void)state;
	attach_producer(&producer, "jobs");
	push_jobs(&producer, 1, 3, 0);
	push_jobs(&producer, 11, 11, 1);
	assert_int_equal(in_child(take_two_and_die, (void *)"jobs"), KILLED_BY(SIGKILL));
	attach_consumer(&consumer, worker, "jobs");
	/* The first take looks for the dead at once. */
	item = take_job(&consumer, TAKT_BAND_ANY, 11);
	assert_int_equal(item.is_redelivered, 1);
	assert_int_equal(item.delivery_count, 2);
	assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_OK);
	item = take_job(&consumer, TAKT_BAND_ANY, 1);
	assert_int_equal(item.is_redelivered, 1);
	assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_OK);
	item = take_job(&consumer, TAKT_BAND_ANY, 2);
	assert_int_equal(item.is_redelivered, 0);
	assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_OK);
	do_job(&consumer, TAKT_BAND_ANY, 3);
	assert_int_equal(counted(&producer.queue.state->redelivered_count), 2);

	/* Nothing else waits: who sleeps for an item is told by the end of a slice. */
	push_jobs(&producer, 4, 5, 0);
	assert_int_equal(in_child(take_two_and_die, (void *)"jobs"), KILLED_BY(SIGKILL));
	assert_int_equal(takt_waiter_init(&waiter, worker, 0), TAKT_OK);
	assert_int_equal(takt_waiter_add_consumer(&waiter, &consumer, TAKT_BAND_ANY), TAKT_OK);
	assert_int_equal(takt_wait_until(&waiter, soon()), TAKT_OK);
	take_job(&consumer, TAKT_BAND_ANY, 4);
	takt_waiter_remove_consumer(&waiter, &consumer);
	assert_int_equal(takt_queue_take_until(&consumer, TAKT_BAND_ANY, &job, &item, soon()), TAKT_OK);
	assert_true(is_job(&job, 5) && item.is_redelivered);
	assert_int_equal(counted(&producer.queue.state->redelivered_count), 4);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumer);
}

static void the_item_that_kills_its_consumers_is_given_up(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;

	(void)state;
	attach_producer(&producer, "limited");
	push_jobs(&producer, 1, 4, 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(in_child(take_two_and_die, (void *)"limited"), KILLED_BY(SIGKILL));
	assert_int_equal(push_job(&producer, 5, 0), TAKT_FULL);
	attach_consumer(&consumer, worker, "limited");
	do_job(&consumer, 0, 3);
	assert_int_equal(counted(&producer.queue.state->exhausted_count), 2);
	assert_int_equal(counted(&producer.queue.state->redelivered_count), 4);
	push_jobs(&producer, 5, 7, 0);
	assert_int_equal(push_job(&producer, 8, 0), TAKT_FULL);
	for (uint64_t number = 4; number <= 7; number++)
		do_job(&consumer, TAKT_BAND_ANY, number);
	nothing_waits(&consumer, 0);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumer);
}

static void who_leaves_gives_its_items_back(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer leaver, stayer;

	(void)state;
	attach_producer(&producer, "jobs");
	attach_consumer(&leaver, worker, "jobs");
	attach_consumer(&stayer, worker, "jobs");
	push_jobs(&producer, 1, 2, 0);
	struct takt_item kept = take_job(&leaver, 0, 1);
	struct takt_item other = take_job(&stayer, 0, 2);
	takt_consumer_detach(&leaver);
	struct takt_item again = take_job(&stayer, 0, 1);
	assert_int_equal(again.is_redelivered, 1);
	assert_int_equal(counted(&producer.queue.state->returned_count), 1);
	assert_int_equal(counted(&producer.queue.state->redelivered_count), 0);
	/* Back again it is told that another has it, whatever it does, and that one is not disturbed. */
	attach_consumer(&leaver, worker, "jobs");
	assert_int_equal(takt_queue_acknowledge(&leaver, &kept), TAKT_OVERTAKEN);
	assert_int_equal(takt_queue_return(&leaver, &kept), TAKT_OVERTAKEN);
	assert_int_equal(takt_queue_acknowledge(&leaver, &other), TAKT_OVERTAKEN);
	assert_int_equal(takt_queue_acknowledge(&stayer, &again), TAKT_OK);
	assert_int_equal(takt_queue_acknowledge(&stayer, &again), TAKT_OVERTAKEN);
	assert_int_equal(takt_queue_acknowledge(&stayer, &other), TAKT_OK);
	nothing_waits(&leaver, 0);
	takt_producer_detach(&producer);
	takt_consumer_detach(&leaver);
	takt_consumer_detach(&stayer);
}

/* --------------------------------------------------------------------------------------- deaths inside of a call */

enum moment { LOCKED, FILLED, TAIL_STORED, COMMITTED, LOCKED_BOTH, MOMENTS };

/* The steps of a push, up to a moment. */
static int die_in_push(void *argument)
{
	const int moment = *(const int *)argument;
	struct takt_item_header header = {.push_ns = 1};
	/* Larger than any payload that the compiler thinks of. */
	static union {
		struct job job;
		unsigned char bytes[2 * TAKT_COPY_WORDS_BYTES_MAX];
	} payload;
	int taken_over;

	payload.job = job_of(77);
	if (!child_joins(1, "both", "jobs"))
		return 1;
	struct takt_queue *queue = &child_producer.queue;
	const struct takt_band *band = &queue->bands[0];
	if (takt_lock_take_until(&queue->producers, soon(), &taken_over) != TAKT_OK)
		return 2;
	if (moment == LOCKED_BOTH && takt_lock_take_until(&queue->consumers, soon(), &taken_over) != TAKT_OK)
		return 2;
	uint64_t position = takt_band_find_room(band);
	if (moment >= FILLED)
		takt_item_fill(band, position, &header, &payload);
	if (moment == TAIL_STORED)
		atomic_store(&takt_band_shared(band)->tail, position + 1);
	if (moment == COMMITTED)
		takt_band_commit(band, position);
	return raise(SIGKILL);
}

/* No number is used twice, no slot is lost, nothing half written is seen, however often it happens. */
static void a_death_in_a_push_costs_nothing_but_itself(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	uint64_t last_number = 0;

	(void)state;
	attach_producer(&producer, "jobs");
	attach_consumer(&consumer, worker, "jobs");
	for (uint64_t round = 0; round < 3 * MOMENTS; round++) {
		int moment = (int)(round % MOMENTS);
		push_jobs(&producer, round, round, 0);
		assert_int_equal(in_child(die_in_push, &moment), KILLED_BY(SIGKILL));
		if (moment != COMMITTED)
			push_jobs(&producer, 77, 77, 0);
		push_jobs(&producer, 1000, 1001, 0);
		assert_int_equal(push_job(&producer, 1002, 0), TAKT_FULL);
		const uint64_t expected[] = {round, 77, 1000, 1001};
		for (int i = 0; i < 4; i++) {
			struct takt_item item = take_job(&consumer, 0, expected[i]);
			assert_true(item.number > last_number);
			last_number = item.number;
			assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_OK);
		}
		nothing_waits(&consumer, TAKT_BAND_ANY);
	}
	assert_int_equal(counted(&producer.queue.state->producers.takeover_count), 3 * MOMENTS);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumer);
}

enum take_moment { TAKE_LOCKED, TAKE_LEASED, TAKE_GIVEN_BACK_HALF, TAKE_GIVEN_BACK, TAKE_MOMENTS };

static int die_in_take(void *argument)
{
	const int moment = *(const int *)argument;
	int taken_over;

	if (!child_joins(0, "mate", "jobs"))
		return 1;
	struct takt_queue *queue = &child_consumer.queue;
	const struct takt_band *band = &queue->bands[0];
	if (takt_lock_take_until(&queue->consumers, soon(), &taken_over) != TAKT_OK)
		return 2;
	uint64_t position = takt_band_find_item(band);
	if (moment >= TAKE_LEASED)
		(void)takt_band_lease(band, position, queue->token);
	if (moment == TAKE_GIVEN_BACK_HALF)
		atomic_store(&takt_band_shared(band)->head, position);
	if (moment == TAKE_GIVEN_BACK)
		takt_band_give_back(band, position);
	return raise(SIGKILL);
}

static void a_death_in_a_take_loses_no_item(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;

	(void)state;
	attach_producer(&producer, "jobs");
	for (uint64_t round = 0; round < 3 * TAKE_MOMENTS; round++) {
		int moment = (int)(round % TAKE_MOMENTS);
		push_jobs(&producer, round, round + 3, 0);
		assert_int_equal(in_child(die_in_take, &moment), KILLED_BY(SIGKILL));
		attach_consumer(&consumer, worker, "jobs");
		struct takt_item item = take_job(&consumer, 0, round);
		assert_int_equal(item.is_redelivered, moment >= TAKE_LEASED);
		assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_OK);
		for (uint64_t i = 1; i < 4; i++)
			do_job(&consumer, 0, round + i);
		nothing_waits(&consumer, 0);
		takt_consumer_detach(&consumer);
	}
	takt_producer_detach(&producer);
}

/* ------------------------------------------------------------------------------------------------- living owners */

static _Atomic int *flags;

static int hold_both_locks(void *argument)
{
	int taken_over;

	(void)argument;
	if (!child_joins(1, "both", "jobs") ||
	    takt_lock_take_until(&child_producer.queue.producers, soon(), &taken_over) != TAKT_OK ||
	    takt_lock_take_until(&child_producer.queue.consumers, soon(), &taken_over) != TAKT_OK)
		return 1;
	atomic_store(&flags[0], 1);
	return wait_for_flag(&flags[1], 1) ? 0 : 2;
}

static void who_holds_a_lock_too_long_is_named_and_nothing_is_done(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	struct job job = job_of(2);
	struct takt_item item;

	(void)state;
	flags = shared_memory(2 * sizeof(int));
	attach_producer(&producer, "jobs");
	attach_consumer(&consumer, worker, "jobs");
	push_jobs(&producer, 1, 1, 0);
	struct takt_item mine = take_job(&consumer, 0, 1);
	pid_t child = start_child(hold_both_locks, NULL);
	assert_true(wait_for_flag(&flags[0], 1));
	forget_said();
	assert_int_equal(push_job(&producer, 2, 0), TAKT_TIMEOUT);
	assert_said("queue 'jobs': the lock of its producers was held for more than 20000 us by: both");
	/* A deadline nearer than the bound is nobody's fault. */
	forget_said();
	assert_int_equal(takt_queue_take_until(&consumer, 0, &job, &item, 0), TAKT_TIMEOUT);
	assert_nothing_said();
	assert_int_equal(takt_queue_take(&consumer, 0, &job, &item), TAKT_TIMEOUT);
	assert_said("the lock of its consumers was held for more than 20000 us by: both");
	assert_int_equal(takt_queue_push_until(&producer, &job, 0, NULL, 0), TAKT_TIMEOUT);
	assert_int_equal(takt_queue_return(&consumer, &mine), TAKT_TIMEOUT);
	assert_int_equal(counted(&producer.queue.state->timeout_count), 5);
	atomic_store(&flags[1], 1);
	assert_int_equal(result_of_child(child), 0);
	/* It died with both: they are taken over, and the item is still ours. */
	assert_int_equal(takt_queue_return(&consumer, &mine), TAKT_OK);
	do_job(&consumer, 0, 1);
	push_jobs(&producer, 2, 2, 0);
	do_job(&consumer, 0, 2);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumer);
	(void)munmap((void *)flags, 2 * sizeof(int));
}

static struct takt_producer parents_producer;
static struct takt_consumer parents_consumer;
static struct takt_item parents_item;

static int use_the_parents(void *argument)
{
	struct job job = job_of(2);
	struct takt_item item;

	(void)argument;
	if (takt_queue_push(&parents_producer, &job, 0, NULL) != TAKT_CLOSED)
		return 1;
	if (takt_queue_take(&parents_consumer, 0, &job, &item) != TAKT_CLOSED)
		return 2;
	if (takt_queue_acknowledge(&parents_consumer, &parents_item) != TAKT_CLOSED)
		return 3;
	takt_consumer_detach(&parents_consumer);
	takt_producer_detach(&parents_producer);
	return 0;
}

static void a_forks_child_has_nothing_of_its_parents(void **state)
{
	(void)state;
	attach_producer(&parents_producer, "jobs");
	attach_consumer(&parents_consumer, worker, "jobs");
	push_jobs(&parents_producer, 1, 1, 0);
	parents_item = take_job(&parents_consumer, 0, 1);
	assert_int_equal(in_child(use_the_parents, NULL), 0);
	assert_int_equal(takt_queue_acknowledge(&parents_consumer, &parents_item), TAKT_OK);
	takt_producer_detach(&parents_producer);
	takt_consumer_detach(&parents_consumer);
}

#define QUEUE_DEATH_TESTS                                                                                              \
	QUEUE_TEST(what_a_dead_consumer_had_comes_again_marked_and_first),                                             \
		QUEUE_TEST(the_item_that_kills_its_consumers_is_given_up),                                             \
		QUEUE_TEST(who_leaves_gives_its_items_back), QUEUE_TEST(a_death_in_a_push_costs_nothing_but_itself),   \
		QUEUE_TEST(a_death_in_a_take_loses_no_item),                                                           \
		QUEUE_TEST(who_holds_a_lock_too_long_is_named_and_nothing_is_done),                                    \
		QUEUE_TEST(a_forks_child_has_nothing_of_its_parents)

#endif
