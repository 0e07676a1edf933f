/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_topic.c: handles of a program that has a description and no struct. */
#ifndef TAKT_TEST_CORE_TOPIC_FLAT_H
#define TAKT_TEST_CORE_TOPIC_FLAT_H

static void flat_handles_meet_those_of_a_struct(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	static struct takt_flat_type read, made;

	(void)state;
	assert_int_equal(takt_type_flatten(&made, &takt_type_number), TAKT_OK);
	assert_int_equal(takt_publisher_attach_flat(&publisher, pub, "number", &made), TAKT_OK);
	assert_int_equal(takt_subscriber_attach(&subscriber, sub, "number", &takt_type_number, NULL), TAKT_OK);
	assert_int_equal(publish_number(&publisher, 7), TAKT_OK);
	next_is(&subscriber, 1, 7);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);

	/* And by what stands in the topic. */
	assert_int_equal(takt_publisher_attach(&publisher, pub, "number", &takt_type_number), TAKT_OK);
	struct takt_topic_constants constants = {.fields_offset = 0};
	struct takt_os_shm shm = {0};
	assert_int_equal(takt_topic_segment_open(&shm, &constants, &sub->domain, NULL, "number", TAKT_OS_READ_ONLY),
			 TAKT_OK);
	assert_int_equal(takt_topic_segment_description(shm.address, &constants, &read), TAKT_OK);
	takt_os_shm_close(&shm);
	assert_int_equal(takt_subscriber_attach_flat(&subscriber, sub, "number", &read, NULL), TAKT_OK);
	next_is(&subscriber, 1, 7);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
	assert_nothing_said();
}

static void a_flat_handle_is_refused_as_any_other(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	static struct takt_flat_type type;

	(void)state;
	assert_int_equal(takt_type_flatten(&type, &takt_type_number), TAKT_OK);
	assert_int_equal(takt_publisher_attach_flat(&publisher, sub, "number", &type), TAKT_INVALID);
	assert_int_equal(takt_subscriber_attach_flat(&subscriber, pub, "number", &type, NULL), TAKT_INVALID);
	assert_said("does not list it");

	/* A description that is none is found before anything is made of it. */
	type.fields[1].offset = type.bytes;
	assert_int_equal(takt_publisher_attach_flat(&publisher, pub, "number", &type), TAKT_CORRUPT);
	assert_int_equal(takt_subscriber_attach_flat(&subscriber, sub, "number", &type, NULL), TAKT_CORRUPT);
	assert_said("it ends outside the message");

	/* One whose hash is another's would be stored beside fields that it does not fit. */
	assert_int_equal(takt_type_flatten(&type, &takt_type_number), TAKT_OK);
	type.hash ^= 1;
	assert_int_equal(takt_publisher_attach_flat(&publisher, pub, "number", &type), TAKT_CORRUPT);
	assert_null(publisher.node);
	assert_null(subscriber.node);
}

#define TOPIC_FLAT_TESTS                                                                                               \
	TOPIC_TEST(flat_handles_meet_those_of_a_struct), TOPIC_TEST(a_flat_handle_is_refused_as_any_other)

#endif
