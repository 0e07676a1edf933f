/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_queue.c: handles of a program that has a description and no struct. */
#ifndef TAKT_TEST_CORE_QUEUE_FLAT_H
#define TAKT_TEST_CORE_QUEUE_FLAT_H

#include "tests/unit/core/queue_support.h"

static void flat_queue_handles_meet_those_of_a_struct(void **state)
{
	static struct takt_producer producer, flat_producer;
	static struct takt_consumer consumer, flat_consumer;
	static struct takt_flat_type type;

	(void)state;
	assert_int_equal(takt_type_flatten(&type, &takt_type_job), TAKT_OK);
	assert_int_equal(takt_producer_attach_flat(&flat_producer, boss, "jobs", &type), TAKT_OK);
	attach_consumer(&consumer, worker, "jobs");
	push_jobs(&flat_producer, 1, 3, 1);
	do_job(&consumer, TAKT_BAND_ANY, 1);
	assert_int_equal(takt_consumer_attach_flat(&flat_consumer, worker, "jobs", &type), TAKT_OK);
	do_job(&flat_consumer, 1, 2);
	takt_producer_detach(&flat_producer);
	attach_producer(&producer, "jobs");
	push_jobs(&producer, 4, 4, 1);
	do_job(&flat_consumer, 1, 3);
	do_job(&flat_consumer, 1, 4);
	assert_nothing_said();
	takt_consumer_detach(&flat_consumer);
	takt_consumer_detach(&consumer);
	takt_producer_detach(&producer);
}

static void a_flat_queue_handle_is_refused_as_any_other(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	static struct takt_flat_type type;

	(void)state;
	assert_int_equal(takt_type_flatten(&type, &takt_type_job), TAKT_OK);
	assert_int_equal(takt_producer_attach_flat(&producer, worker, "jobs", &type), TAKT_INVALID);
	assert_int_equal(takt_consumer_attach_flat(&consumer, boss, "jobs", &type), TAKT_INVALID);
	assert_said("does not list it");

	/* A description that is none is found before anything is made of it, and one whose hash is another's. */
	type.fields[1].offset = type.bytes;
	assert_int_equal(takt_producer_attach_flat(&producer, boss, "jobs", &type), TAKT_CORRUPT);
	assert_int_equal(takt_consumer_attach_flat(&consumer, worker, "jobs", &type), TAKT_CORRUPT);
	assert_int_equal(takt_type_flatten(&type, &takt_type_job), TAKT_OK);
	type.hash ^= 1;
	assert_int_equal(takt_producer_attach_flat(&producer, boss, "jobs", &type), TAKT_CORRUPT);
	assert_true(producer.queue.domain == NULL && consumer.queue.domain == NULL);
}

#define QUEUE_FLAT_TESTS                                                                                               \
	QUEUE_TEST(flat_queue_handles_meet_those_of_a_struct), QUEUE_TEST(a_flat_queue_handle_is_refused_as_any_other)

#endif
