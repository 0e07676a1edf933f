/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_queue.c: what is taken when, what a full band does, and what is counted. */
#ifndef TAKT_TEST_CORE_QUEUE_ORDER_H
#define TAKT_TEST_CORE_QUEUE_ORDER_H

#include "tests/unit/core/queue_support.h"

static void every_item_is_taken_once_and_in_order(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumers[2];

	(void)state;
	attach_producer(&producer, "jobs");
	attach_consumer(&consumers[0], worker, "jobs");
	attach_consumer(&consumers[1], worker, "jobs");
	nothing_waits(&consumers[0], TAKT_BAND_ANY);
	for (uint64_t number = 1; number < 40; number++) {
		assert_int_equal(push_job(&producer, number, 0), TAKT_OK);
		assert_int_equal(takt_consumer_has_items(&consumers[1], 0), 1);
		assert_int_equal(takt_consumer_has_items(&consumers[1], TAKT_BAND_ANY), 1);
		do_job(&consumers[number & 1], TAKT_BAND_ANY, number);
		nothing_waits(&consumers[0], TAKT_BAND_ANY);
	}
	struct takt_queue_state_shm *counts = producer.queue.state;
	assert_int_equal(counted(&counts->pushed_count), 39);
	assert_int_equal(counted(&counts->taken_count), 39);
	assert_int_equal(counted(&counts->acknowledged_count), 39);
	assert_int_equal(counted(&counts->waiting_ns.count), 39);
	assert_int_equal(counted(&producer.queue.use->moved_count), 39);
	assert_true(producer.queue.use->is_producer && consumers[0].queue.use == consumers[1].queue.use);
	assert_int_equal(counted(&consumers[0].queue.use->moved_count), 39);
	assert_int_equal(counted(&consumers[0].queue.use->finished_count), 39);
	assert_string_equal(consumers[0].queue.use->queue, "jobs");
	assert_int_equal(counted(&takt_band_shared(&producer.queue.bands[0])->fill_max), 1);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumers[0]);
	takt_consumer_detach(&consumers[1]);
}

static void the_highest_band_goes_first_and_a_consumer_may_ask_for_one(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;

	(void)state;
	attach_producer(&producer, "jobs");
	attach_consumer(&consumer, worker, "jobs");
	push_jobs(&producer, 1, 3, 0);
	push_jobs(&producer, 11, 13, 1);
	push_jobs(&producer, 21, 22, 2);
	do_job(&consumer, TAKT_BAND_ANY, 21);
	do_job(&consumer, 0, 1);
	do_job(&consumer, 1, 11);
	do_job(&consumer, TAKT_BAND_ANY, 22);
	nothing_waits(&consumer, 2);
	struct takt_item item = take_job(&consumer, TAKT_BAND_ANY, 12);
	assert_int_equal(item.band, 1);
	assert_int_equal(item.delivery_count, 1);
	assert_int_equal(item.is_redelivered, 0);
	assert_true(item.push_ns <= item.take_ns && item.origin.time_ns == item.push_ns && item.origin.number == 0);
	assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_OK);
	push_jobs(&producer, 23, 23, 2);
	do_job(&consumer, TAKT_BAND_ANY, 23);
	do_job(&consumer, TAKT_BAND_ANY, 13);
	do_job(&consumer, TAKT_BAND_ANY, 2);
	do_job(&consumer, TAKT_BAND_ANY, 3);
	nothing_waits(&consumer, TAKT_BAND_ANY);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumer);
}

static void an_origin_goes_with_its_item(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	struct takt_origin origin = {.topic_index = 0, .number = 17, .time_ns = 4711};
	struct job job = job_of(1);

	(void)state;
	attach_producer(&producer, "jobs");
	attach_consumer(&consumer, worker, "jobs");
	assert_int_equal(takt_queue_push(&producer, &job, 2, &origin), TAKT_OK);
	struct takt_item item = take_job(&consumer, TAKT_BAND_ANY, 1);
	assert_int_equal(item.origin.number, 17);
	assert_int_equal(item.origin.time_ns, 4711);
	/* It may be read in place only. */
	assert_int_equal(takt_queue_return(&consumer, &item), TAKT_OK);
	assert_int_equal(takt_queue_take(&consumer, 2, NULL, &item), TAKT_OK);
	assert_true(is_job(item.payload, 1));
	assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_OK);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumer);
}

static void a_full_band_blocks_its_producer_and_no_other(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	struct job job = job_of(5);

	(void)state;
	attach_producer(&producer, "jobs");
	attach_consumer(&consumer, worker, "jobs");
	push_jobs(&producer, 1, 4, 0);
	assert_int_equal(takt_producer_has_room(&producer, 0), 0);
	assert_int_equal(takt_producer_has_room(&producer, 1), 1);
	assert_int_equal(takt_producer_has_room(&producer, 3), 0);
	assert_int_equal(push_job(&producer, 5, 0), TAKT_FULL);
	assert_int_equal(takt_queue_push_until(&producer, &job, 0, NULL, 0), TAKT_TIMEOUT);
	assert_int_equal(takt_queue_push_until(&producer, &job, 0, NULL, takt_os_clock_now_ns() + SHORT_NS),
			 TAKT_TIMEOUT);
	push_jobs(&producer, 11, 11, 1);
	/* What is in work needs its slot. */
	struct takt_item item = take_job(&consumer, 0, 1);
	assert_int_equal(push_job(&producer, 5, 0), TAKT_FULL);
	assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_OK);
	assert_int_equal(takt_queue_push_until(&producer, &job, 0, NULL, 0), TAKT_OK);
	struct takt_queue_state_shm *counts = producer.queue.state;
	assert_int_equal(counted(&counts->pushed_count), 6);
	assert_int_equal(counted(&counts->blocked_count), 2);
	assert_int_equal(counted(&producer.queue.use->refused_count), 4);
	assert_int_equal(counted(&counts->timeout_count), 2);
	assert_int_equal(counted(&counts->dropped_newest_count) + counted(&counts->dropped_oldest_count), 0);
	assert_int_equal(counted(&takt_band_shared(&producer.queue.bands[0])->fill_max), 4);
	for (uint64_t number = 2; number <= 5; number++)
		do_job(&consumer, 0, number);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumer);
}

/* Three of four slots serve the others as long as it takes. */
static void a_slow_consumer_holds_up_nobody(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer slow, quick;

	(void)state;
	attach_producer(&producer, "jobs");
	attach_consumer(&slow, worker, "jobs");
	attach_consumer(&quick, worker, "jobs");
	push_jobs(&producer, 1, 1, 0);
	struct takt_item item = take_job(&slow, 0, 1);
	for (uint64_t number = 2; number < 100; number += 3) {
		push_jobs(&producer, number, number + 2, 0);
		assert_int_equal(push_job(&producer, 1000, 0), TAKT_FULL);
		for (uint64_t i = 0; i < 3; i++)
			do_job(&quick, TAKT_BAND_ANY, number + i);
		nothing_waits(&quick, TAKT_BAND_ANY);
	}
	assert_true(is_job(item.payload, 1));
	/* Given back it is older than all that came since. */
	push_jobs(&producer, 101, 102, 0);
	assert_int_equal(takt_queue_return(&slow, &item), TAKT_OK);
	assert_int_equal(takt_consumer_has_items(&quick, 0), 1);
	item = take_job(&quick, TAKT_BAND_ANY, 1);
	assert_int_equal(item.is_redelivered, 1);
	assert_int_equal(item.delivery_count, 2);
	assert_int_equal(takt_queue_acknowledge(&quick, &item), TAKT_OK);
	do_job(&quick, TAKT_BAND_ANY, 101);
	do_job(&slow, TAKT_BAND_ANY, 102);
	nothing_waits(&quick, TAKT_BAND_ANY);
	push_jobs(&producer, 201, 204, 0);
	for (uint64_t number = 201; number <= 204; number++)
		do_job(&quick, 0, number);
	takt_producer_detach(&producer);
	takt_consumer_detach(&slow);
	takt_consumer_detach(&quick);
}

static void what_is_dropped_is_counted_the_newest_as_the_oldest(void **state)
{
	static struct takt_producer newest, oldest;
	static struct takt_consumer consumer;
	struct job job = job_of(9);

	(void)state;
	attach_producer(&newest, "newest");
	attach_consumer(&consumer, worker, "newest");
	push_jobs(&newest, 1, 4, 0);
	assert_int_equal(push_job(&newest, 5, 0), TAKT_FULL);
	/* It does not wait: the policy says what to do. */
	assert_int_equal(takt_queue_push_until(&newest, &job, 0, NULL, soon()), TAKT_FULL);
	assert_int_equal(counted(&newest.queue.state->dropped_newest_count), 2);
	for (uint64_t number = 1; number <= 4; number++)
		do_job(&consumer, 0, number);
	nothing_waits(&consumer, 0);
	takt_consumer_detach(&consumer);
	takt_producer_detach(&newest);

	attach_producer(&oldest, "oldest");
	attach_consumer(&consumer, worker, "oldest");
	push_jobs(&oldest, 1, 4, 0);
	struct takt_item item = take_job(&consumer, 0, 1);
	push_jobs(&oldest, 5, 10, 0);
	/* Three slots beside the one in work: the newest three are there. */
	assert_int_equal(counted(&oldest.queue.state->dropped_oldest_count), 6);
	assert_int_equal(counted(&oldest.queue.state->dropped_newest_count), 0);
	struct takt_item items[3];
	for (uint32_t i = 0; i < 3; i++)
		items[i] = take_job(&consumer, 0, 8 + i);
	/* All are in work: nobody loses what he works on. */
	assert_int_equal(push_job(&oldest, 11, 0), TAKT_FULL);
	assert_int_equal(counted(&oldest.queue.state->dropped_newest_count), 1);
	assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_OK);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(takt_queue_acknowledge(&consumer, &items[i]), TAKT_OK);
	nothing_waits(&consumer, 0);
	takt_consumer_detach(&consumer);
	takt_producer_detach(&oldest);
}

/* ------------------------------------------------------------------------------------- against a model of lists */

#define MODEL_ITEMS 8u

static struct {
	uint64_t seed;
	uint64_t next;			  /* number of the next job */
	uint64_t waiting[3][MODEL_ITEMS]; /* job numbers of each band, oldest first */
	uint32_t waiting_count[3];
	uint32_t used[3]; /* slots: waiting and in work */
	struct takt_item items[2][12];
	uint64_t jobs[2][12];
	uint32_t item_count[2];
} model;

static uint64_t model_random(uint64_t below)
{
	model.seed ^= model.seed << 13;
	model.seed ^= model.seed >> 7;
	model.seed ^= model.seed << 17;
	return model.seed % below;
}

/* Job numbers rise with the pushes of their band, as the items' numbers do: the place to return to is the job's. */
static void model_wait(uint32_t band, uint64_t job)
{
	uint32_t i = model.waiting_count[band]++;

	for (; i > 0 && model.waiting[band][i - 1] > job; i--)
		model.waiting[band][i] = model.waiting[band][i - 1];
	model.waiting[band][i] = job;
}

static uint64_t model_take(uint32_t band)
{
	uint64_t job = model.waiting[band][0];

	model.waiting_count[band]--;
	memmove(model.waiting[band], model.waiting[band] + 1, model.waiting_count[band] * sizeof(uint64_t));
	return job;
}

static void model_push(struct takt_producer *producer)
{
	uint32_t band = (uint32_t)model_random(3);
	enum takt_status status = push_job(producer, model.next, band);

	assert_int_equal(status, model.used[band] == 4 ? TAKT_FULL : TAKT_OK);
	if (status != TAKT_OK)
		return;
	model.used[band]++;
	model_wait(band, model.next++);
}

static void model_take_one(struct takt_consumer *consumer, uint32_t who)
{
	uint32_t asked = (uint32_t)model_random(4), band = asked;
	struct job job;
	struct takt_item item;

	if (asked == 3)
		for (band = 2; band > 0 && model.waiting_count[band] == 0; band--)
			;
	enum takt_status status = takt_queue_take(consumer, asked == 3 ? TAKT_BAND_ANY : asked, &job, &item);
	assert_int_equal(status, model.waiting_count[band] ? TAKT_OK : TAKT_EMPTY);
	if (status != TAKT_OK)
		return;
	uint64_t expected = model_take(band);
	assert_true(is_job(&job, expected));
	assert_int_equal(item.band, band);
	model.items[who][model.item_count[who]] = item;
	model.jobs[who][model.item_count[who]++] = expected;
}

static void model_finish_one(struct takt_consumer *consumer, uint32_t who)
{
	if (model.item_count[who] == 0)
		return;
	uint32_t i = (uint32_t)model_random(model.item_count[who]);
	struct takt_item item = model.items[who][i];
	uint64_t job = model.jobs[who][i];
	assert_true(is_job(item.payload, job));
	model.items[who][i] = model.items[who][--model.item_count[who]];
	model.jobs[who][i] = model.jobs[who][model.item_count[who]];
	if (model_random(4)) {
		assert_int_equal(takt_queue_acknowledge(consumer, &item), TAKT_OK);
		model.used[item.band]--;
	} else {
		assert_int_equal(takt_queue_return(consumer, &item), TAKT_OK);
		model_wait(item.band, job);
	}
	assert_int_equal(takt_queue_acknowledge(consumer, &item), TAKT_OVERTAKEN);
}

static void any_sequence_of_calls_agrees_with_a_model_of_lists(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumers[2];

	(void)state;
	memset(&model, 0, sizeof(model));
	model.seed = 0x2545f4914f6cdd1d;
	model.next = 1;
	attach_producer(&producer, "jobs");
	attach_consumer(&consumers[0], worker, "jobs");
	attach_consumer(&consumers[1], worker, "jobs");
	for (uint32_t step = 0; step < 200000; step++) {
		uint32_t who = (uint32_t)model_random(2), what = (uint32_t)model_random(5);

		if (what < 2)
			model_push(&producer);
		else if (what < 4)
			model_take_one(&consumers[who], who);
		else
			model_finish_one(&consumers[who], who);
	}
	assert_true(model.next > 10000);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumers[0]);
	takt_consumer_detach(&consumers[1]);
}

#define QUEUE_ORDER_TESTS                                                                                              \
	QUEUE_TEST(every_item_is_taken_once_and_in_order),                                                             \
		QUEUE_TEST(the_highest_band_goes_first_and_a_consumer_may_ask_for_one),                                \
		QUEUE_TEST(an_origin_goes_with_its_item), QUEUE_TEST(a_full_band_blocks_its_producer_and_no_other),    \
		QUEUE_TEST(a_slow_consumer_holds_up_nobody),                                                           \
		QUEUE_TEST(what_is_dropped_is_counted_the_newest_as_the_oldest),                                       \
		QUEUE_TEST(any_sequence_of_calls_agrees_with_a_model_of_lists)

#endif
