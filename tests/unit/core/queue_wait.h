/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_queue.c: sleeping until there is an item or room, alone and together with topics. */
#ifndef TAKT_TEST_CORE_QUEUE_WAIT_H
#define TAKT_TEST_CORE_QUEUE_WAIT_H

#include <pthread.h>

#include "tests/unit/core/queue_support.h"

static struct {
	struct takt_producer producer;
	struct takt_consumer consumer;
	struct takt_waiter pushes;
	struct takt_waiter takes;
	_Atomic int thread;
	enum takt_status status;
	struct job job;
	struct takt_item item;
	uint32_t band;
} pair;

static void pair_up(void)
{
	memset(&pair, 0, sizeof(pair));
	attach_producer(&pair.producer, "jobs");
	attach_consumer(&pair.consumer, worker, "jobs");
	assert_int_equal(takt_waiter_init(&pair.pushes, boss, 0), TAKT_OK);
	assert_int_equal(takt_waiter_init(&pair.takes, worker, 0), TAKT_OK);
	/* Longer than the test: what ends the sleep is a post, and no slice. */
	pair.pushes.slice_ns = pair.takes.slice_ns = 4 * LONG_NS;
	takt_producer_waiter_set(&pair.producer, &pair.pushes);
	takt_consumer_waiter_set(&pair.consumer, &pair.takes);
}

static void part(void)
{
	takt_producer_detach(&pair.producer);
	takt_consumer_detach(&pair.consumer);
}

static void *take_in_thread(void *argument)
{
	atomic_store(&pair.thread, (int)syscall(SYS_gettid));
	pair.status = takt_queue_take_until(&pair.consumer, pair.band, &pair.job, &pair.item, soon());
	return argument;
}

static void *push_in_thread(void *argument)
{
	struct job job = job_of(5);

	atomic_store(&pair.thread, (int)syscall(SYS_gettid));
	pair.status = takt_queue_push_until(&pair.producer, &job, 0, NULL, soon());
	return argument;
}

static pthread_t start_and_let_sleep(void *(*body)(void *))
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, body, NULL), 0);
	assert_true(wait_for_flag(&pair.thread, 1));
	assert_true(wait_until_asleep(atomic_load(&pair.thread)));
	return thread;
}

static void an_item_wakes_who_waits_for_its_band(void **state)
{
	(void)state;
	pair_up();
	for (pair.band = 0; pair.band < 4; pair.band++) {
		uint32_t band = pair.band == 3 ? 2 : pair.band;
		pair.band = pair.band == 3 ? TAKT_BAND_ANY : pair.band;
		atomic_store(&pair.thread, 0);
		pthread_t thread = start_and_let_sleep(take_in_thread);
		push_jobs(&pair.producer, 7, 7, band);
		assert_int_equal(pthread_join(thread, NULL), 0);
		assert_int_equal(pair.status, TAKT_OK);
		assert_true(is_job(&pair.job, 7) && pair.item.band == band);
		assert_int_equal(takt_queue_acknowledge(&pair.consumer, &pair.item), TAKT_OK);
		if (pair.band == TAKT_BAND_ANY)
			break;
	}
	assert_int_equal(pair.takes.slice_count, 0);
	assert_true(pair.takes.wake_count >= 4);
	part();
}

static void room_wakes_who_waits_for_it(void **state)
{
	(void)state;
	pair_up();
	push_jobs(&pair.producer, 1, 4, 0);
	pthread_t thread = start_and_let_sleep(push_in_thread);
	do_job(&pair.consumer, 0, 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(pair.status, TAKT_OK);
	assert_int_equal(pair.pushes.slice_count, 0);
	for (uint64_t number = 2; number <= 5; number++)
		do_job(&pair.consumer, 0, number);
	part();
}

static void an_item_given_back_wakes_too(void **state)
{
	static struct takt_consumer other;

	(void)state;
	pair_up();
	pair.band = TAKT_BAND_ANY;
	attach_consumer(&other, worker, "jobs");
	push_jobs(&pair.producer, 1, 2, 1);
	struct takt_item item = take_job(&other, 1, 1);
	take_job(&other, 1, 2);
	pthread_t thread = start_and_let_sleep(take_in_thread);
	assert_int_equal(takt_queue_return(&other, &item), TAKT_OK);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(pair.status == TAKT_OK && is_job(&pair.job, 1));
	/* And what is given back by leaving. */
	atomic_store(&pair.thread, 0);
	thread = start_and_let_sleep(take_in_thread);
	takt_consumer_detach(&other);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(pair.status == TAKT_OK && is_job(&pair.job, 2));
	assert_int_equal(pair.takes.slice_count, 0);
	part();
}

static void *wait_in_thread(void *argument)
{
	atomic_store(&pair.thread, (int)syscall(SYS_gettid));
	pair.status = takt_wait_until(&pair.takes, soon());
	return argument;
}

static void one_wait_is_for_topics_and_queues_together(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	struct job job = job_of(3);

	(void)state;
	pair_up();
	assert_int_equal(takt_publisher_attach(&publisher, boss, "number", &takt_type_job), TAKT_OK);
	assert_int_equal(takt_subscriber_attach(&subscriber, worker, "number", &takt_type_job, NULL), TAKT_OK);
	assert_int_equal(takt_waiter_add(&pair.takes, &subscriber), TAKT_OK);
	assert_int_equal(takt_waiter_add_consumer(&pair.takes, &pair.consumer, 3), TAKT_INVALID);
	assert_int_equal(takt_waiter_add_consumer(&pair.takes, &pair.consumer, 1), TAKT_OK);
	assert_int_equal(takt_wait_until(&pair.takes, 0), TAKT_TIMEOUT);
	/* Another band is no news. */
	push_jobs(&pair.producer, 1, 1, 0);
	assert_int_equal(takt_wait_until(&pair.takes, 0), TAKT_TIMEOUT);
	pthread_t thread = start_and_let_sleep(wait_in_thread);
	assert_int_equal(takt_publish(&publisher, &job, NULL), TAKT_OK);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(pair.status == TAKT_OK && takt_subscriber_has_news(&subscriber));
	assert_int_equal(takt_read_next(&subscriber, &job, NULL), TAKT_OK);
	atomic_store(&pair.thread, 0);
	thread = start_and_let_sleep(wait_in_thread);
	push_jobs(&pair.producer, 2, 2, 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(pair.status == TAKT_OK && !takt_subscriber_has_news(&subscriber));
	do_job(&pair.consumer, 1, 2);
	assert_int_equal(takt_wait_until(&pair.takes, 0), TAKT_TIMEOUT);
	/* A take that waits does so for its queue alone. */
	assert_int_equal(takt_publish(&publisher, &job, NULL), TAKT_OK);
	assert_int_equal(takt_queue_take_until(&pair.consumer, 1, &job, &pair.item, takt_os_clock_now_ns() + SHORT_NS),
			 TAKT_TIMEOUT);
	takt_waiter_remove_consumer(&pair.takes, &pair.consumer);
	takt_waiter_remove(&pair.takes, &subscriber);
	assert_int_equal(pair.takes.queue_count + pair.takes.subscriber_count, 0);
	/* Room is news for who pushes. */
	assert_int_equal(takt_waiter_add_producer(&pair.pushes, &pair.producer, TAKT_BAND_ANY), TAKT_INVALID);
	assert_int_equal(takt_waiter_add_producer(&pair.pushes, &pair.producer, 0), TAKT_OK);
	assert_int_equal(takt_wait_until(&pair.pushes, 0), TAKT_OK);
	push_jobs(&pair.producer, 3, 5, 0);
	assert_int_equal(takt_wait_until(&pair.pushes, 0), TAKT_TIMEOUT);
	for (uint32_t i = 1; i < TAKT_WAITER_QUEUES_MAX; i++)
		assert_int_equal(takt_waiter_add_producer(&pair.pushes, &pair.producer, 0), TAKT_OK);
	assert_int_equal(takt_waiter_add_producer(&pair.pushes, &pair.producer, 0), TAKT_LIMIT);
	takt_waiter_remove_producer(&pair.pushes, &pair.producer);
	assert_int_equal(pair.pushes.queue_count, 0);
	takt_publisher_detach(&publisher);
	takt_subscriber_detach(&subscriber);
	part();
}

/* An item wakes one of several, each in its turn; no bit is left behind. */
static void an_item_wakes_one_waiter(void **state)
{
	(void)state;
	pair_up();
	struct takt_mask_shm *mask = &pair.producer.queue.masks[0];
	pair.producer.queue.consumer_mask = 0xff;
	for (uint64_t turn = 0; turn < 8; turn++) {
		atomic_store(&mask->waiting, 0xf0f);
		push_jobs(&pair.producer, turn, turn, 0);
		/* Bits that the config does not declare are nobody's. */
		assert_int_equal(atomic_load(&mask->waiting), 0xf0f & ~(1u << (turn < 4 ? turn : 0)));
		do_job(&pair.consumer, 0, turn);
	}
	atomic_store(&mask->waiting, 0);
	part();
}

/* Two items came while one slept, and both wake-ups went to it: it takes one and passes the other on. */
static void a_wake_up_too_many_is_passed_on(void **state)
{
	struct takt_item item;
	struct job job;

	(void)state;
	pair_up();
	struct takt_mask_shm *items = &pair.consumer.queue.masks[1], *room = &pair.consumer.queue.masks[3];
	pair.consumer.queue.consumer_mask = pair.producer.queue.producer_mask = 0xff;
	pair.consumer.queue.producer_mask = 0xff;
	push_jobs(&pair.producer, 1, 2, 1);
	atomic_store(&items->waiting, 0x80);
	pair.consumer.queue.must_pass_on = 1;
	do_job(&pair.consumer, 1, 1);
	assert_int_equal(atomic_load(&items->waiting), 0);
	/* Nothing is left: nobody is woken for it. */
	atomic_store(&items->waiting, 0x80);
	pair.consumer.queue.must_pass_on = 1;
	do_job(&pair.consumer, 1, 2);
	assert_int_equal(atomic_load(&items->waiting), 0x80);
	assert_int_equal(pair.consumer.queue.must_pass_on, 0);
	/* The same with room. */
	push_jobs(&pair.producer, 1, 3, 0);
	atomic_store(&room->waiting, 0x80);
	pair.producer.queue.must_pass_on = 1;
	push_jobs(&pair.producer, 4, 4, 0);
	assert_int_equal(atomic_load(&room->waiting), 0x80);
	do_job(&pair.consumer, 0, 1);
	assert_int_equal(atomic_load(&room->waiting), 0);
	take_job(&pair.consumer, 0, 2);
	take_job(&pair.consumer, 0, 3);
	atomic_store(&room->waiting, 0x80);
	pair.producer.queue.must_pass_on = 1;
	/* There is room in band 0, whatever band it pushes to. */
	push_jobs(&pair.producer, 5, 5, 1);
	assert_int_equal(atomic_load(&room->waiting), 0);
	/* Who slept, for whatever came, takes that into account; who leaves without an item passes on at once. */
	atomic_store(&items->waiting, 0);
	do_job(&pair.consumer, 1, 5);
	pair.takes.slice_ns = SHORT_NS;
	assert_int_equal(takt_queue_take_until(&pair.consumer, 2, &job, &item, takt_os_clock_now_ns() + SHORT_NS),
			 TAKT_TIMEOUT);
	assert_int_equal(pair.consumer.queue.must_pass_on, 0);
	atomic_store(&room->waiting, 0);
	part();
}

/* Without a waiter it polls. */
static void a_thread_without_a_waiter_may_wait_too(void **state)
{
	struct job job = job_of(5);

	(void)state;
	pair_up();
	takt_consumer_waiter_set(&pair.consumer, NULL);
	takt_producer_waiter_set(&pair.producer, NULL);
	pair.band = 0;
	assert_int_equal(takt_queue_take_until(&pair.consumer, 0, &job, &pair.item, takt_os_clock_now_ns() + SHORT_NS),
			 TAKT_TIMEOUT);
	pthread_t thread = start_and_let_sleep(take_in_thread);
	push_jobs(&pair.producer, 7, 7, 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(pair.status == TAKT_OK && is_job(&pair.job, 7));
	assert_int_equal(takt_queue_acknowledge(&pair.consumer, &pair.item), TAKT_OK);
	push_jobs(&pair.producer, 1, 4, 0);
	atomic_store(&pair.thread, 0);
	thread = start_and_let_sleep(push_in_thread);
	do_job(&pair.consumer, 0, 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(pair.status, TAKT_OK);
	atomic_store(&worker->quit_wanted, 1);
	assert_int_equal(takt_queue_take_until(&pair.consumer, 2, &job, &pair.item, soon()), TAKT_STOPPED);
	part();
}

#define QUEUE_WAIT_TESTS                                                                                               \
	QUEUE_TEST(an_item_wakes_who_waits_for_its_band), QUEUE_TEST(room_wakes_who_waits_for_it),                     \
		QUEUE_TEST(an_item_given_back_wakes_too), QUEUE_TEST(one_wait_is_for_topics_and_queues_together),      \
		QUEUE_TEST(an_item_wakes_one_waiter), QUEUE_TEST(a_wake_up_too_many_is_passed_on),                     \
		QUEUE_TEST(a_thread_without_a_waiter_may_wait_too)

#endif
