/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_topic.c: one publisher, copies, and the account of what was read. */
#ifndef TAKT_TEST_CORE_TOPIC_READ_H
#define TAKT_TEST_CORE_TOPIC_READ_H

static void samples_arrive_in_order_and_once(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;

	(void)state;
	attach_both(&publisher, &subscriber, "number", NULL);
	nothing_is_next(&subscriber);
	for (uint64_t i = 1; i <= 100; i++) {
		assert_int_equal(publish_number(&publisher, i * 7), TAKT_OK);
		assert_int_equal(takt_subscriber_has_news(&subscriber), 1);
		next_is(&subscriber, i, i * 7);
		nothing_is_next(&subscriber);
	}
	assert_int_equal(subscriber.got, 100);
	assert_int_equal(atomic_load(&publisher.statistics->published_count), 100);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
	takt_publisher_detach(&publisher);
	assert_nothing_said();
}

static void latest_skips_counts_and_repeats(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	struct takt_sample_info info;
	struct number payload;

	(void)state;
	attach_both(&publisher, &subscriber, "number", NULL);
	assert_int_equal(takt_read_latest(&subscriber, &payload, &info), TAKT_EMPTY);
	publish_numbers(&publisher, 1, 5);
	assert_int_equal(takt_read_latest(&subscriber, &payload, &info), TAKT_OK);
	account_is_exact(&subscriber);
	assert_number(&payload, 5);
	assert_int_equal(info.number, 5);
	assert_int_equal(info.skipped, 4);
	assert_int_equal(info.is_repeated, 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(takt_read_latest(&subscriber, &payload, &info), TAKT_OK);
		account_is_exact(&subscriber);
		assert_int_equal(info.number, 5);
		assert_int_equal(info.skipped, 0);
		assert_int_equal(info.is_repeated, 1);
	}
	nothing_is_next(&subscriber);
	publish_numbers(&publisher, 6, 30);
	assert_int_equal(takt_read_latest(&subscriber, &payload, NULL), TAKT_OK);
	account_is_exact(&subscriber);
	assert_number(&payload, 30);
	assert_int_equal(subscriber.got, 2);
	assert_int_equal(subscriber.skipped, 28);
	assert_int_equal(subscriber.lost, 0);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
}

/* Against a model: a reader that is lapped goes on depth - 2 behind the newest, and misses nothing else. */
static void every_loss_is_counted_whatever_the_order_of_calls(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	uint64_t head = 0;
	uint64_t next = 1;

	(void)state;
	attach_both(&publisher, &subscriber, "number", NULL);
	for (unsigned round = 0; round < 20000; round++) {
		struct takt_sample_info info;
		struct number payload;
		uint64_t count = topic_random() % 4 ? topic_random() % 3 : topic_random() % 25;
		int latest = topic_random() % 8 == 0;
		enum takt_status status;

		publish_numbers(&publisher, head + 1, head + count);
		head += count;
		uint64_t expected = latest ? head : next + 8 <= head ? head - 6 : next;
		status = latest ? takt_read_latest(&subscriber, &payload, &info)
				: takt_read_next(&subscriber, &payload, &info);
		account_is_exact(&subscriber);
		assert_int_equal(status, expected > head || head == 0 ? TAKT_EMPTY : TAKT_OK);
		if (status != TAKT_OK)
			continue;
		assert_int_equal(info.number, expected);
		assert_number(&payload, expected);
		assert_int_equal(info.is_repeated, expected < next);
		assert_int_equal(info.lost, latest ? 0 : expected - next);
		assert_int_equal(info.skipped, latest && expected > next ? expected - next : 0);
		next = expected < next ? next : expected + 1;
	}
	assert_true(subscriber.lost > 100 && subscriber.skipped > 100 && subscriber.got > 1000);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
}

static void a_reader_starts_at_the_newest_or_with_the_history_it_wants(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;

	(void)state;
	attach_both(&publisher, NULL, "number", NULL);
	publish_numbers(&publisher, 1, 3);
	for (uint32_t history = 0; history <= 6; history++) {
		struct takt_subscriber_options options = {.history = history};
		uint64_t first = history < 3 ? 3 - history : 1;

		attach_both(NULL, &subscriber, "number", &options);
		for (uint64_t number = first; number <= 3; number++)
			next_is(&subscriber, number, number);
		nothing_is_next(&subscriber);
		takt_subscriber_detach(&subscriber);
	}
	publish_numbers(&publisher, 4, 20);
	attach_both(NULL, &subscriber, "number", &(struct takt_subscriber_options){.history = 6});
	for (uint64_t number = 14; number <= 20; number++)
		next_is(&subscriber, number, number);
	assert_int_equal(subscriber.lost, 0);
	takt_subscriber_detach(&subscriber);
	assert_int_equal(takt_subscriber_attach(&subscriber, sub, "number", &takt_type_number,
						&(struct takt_subscriber_options){.history = 7}),
			 TAKT_INVALID);
	assert_said("history of 7");
	takt_publisher_detach(&publisher);
}

static void a_ring_of_two_keeps_the_newest(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;

	(void)state;
	attach_both(&publisher, &subscriber, "lasting", NULL);
	publish_numbers(&publisher, 1, 2);
	next_is(&subscriber, 1, 1);
	publish_numbers(&publisher, 3, 9);
	next_is(&subscriber, 9, 9);
	assert_int_equal(subscriber.lost, 7);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
}

static void a_chain_keeps_where_it_began(void **state)
{
	static struct takt_publisher first;
	static struct takt_publisher second;
	static struct takt_subscriber reader;
	static struct takt_subscriber end;
	struct takt_sample_info info;
	struct number payload = number_of(1);
	struct takt_origin measured = takt_origin_measured(4711);

	(void)state;
	attach_both(&first, &reader, "number", NULL);
	attach_both(&second, &end, "lasting", NULL);
	publish_numbers(&first, 1, 2);
	assert_int_equal(takt_publish(&first, &payload, &measured), TAKT_OK);
	assert_int_equal(takt_read_next(&reader, &payload, &info), TAKT_OK);
	assert_int_equal(info.origin.topic_index, 0);
	assert_int_equal(info.origin.number, 1);
	assert_int_equal(info.origin.time_ns, info.publish_ns);
	assert_int_equal(takt_read_latest(&reader, &payload, &info), TAKT_OK);
	assert_int_equal(info.origin.topic_index, 0);
	assert_int_equal(info.origin.number, 3);
	assert_int_equal(info.origin.time_ns, 4711);
	assert_true(info.publish_ns > 4711 && info.read_ns >= info.publish_ns);
	assert_int_equal(takt_publish(&second, &payload, &info.origin), TAKT_OK);
	assert_int_equal(takt_read_next(&end, &payload, &info), TAKT_OK);
	assert_int_equal(info.number, 1);
	assert_int_equal(info.origin.topic_index, 0);
	assert_int_equal(info.origin.number, 3);
	assert_int_equal(info.origin.time_ns, 4711);
	assert_int_equal(atomic_load(&end.statistics->chain_ns.count), 1);
	assert_int_equal(atomic_load(&reader.statistics->chain_ns.count), 0);
	assert_int_equal(atomic_load(&reader.statistics->age_ns.count), 2);
	takt_subscriber_detach(&reader);
	takt_subscriber_detach(&end);
	takt_publisher_detach(&first);
	takt_publisher_detach(&second);
}

static void a_sample_past_its_deadline_is_stale_never_fresh(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_publisher lasting;
	static struct takt_subscriber subscriber;
	static struct takt_subscriber patient;
	struct takt_sample_info info;
	struct number payload;

	(void)state;
	attach_both(&publisher, &subscriber, "brief", &(struct takt_subscriber_options){.unmeasured = 1});
	attach_both(&lasting, &patient, "lasting", NULL);
	publish_numbers(&publisher, 1, 1);
	publish_numbers(&lasting, 1, 1);
	uint64_t began_ns = takt_os_clock_now_ns();
	while (takt_os_clock_now_ns() <= began_ns + 1000)
		;
	assert_int_equal(takt_read_next(&subscriber, &payload, &info), TAKT_OK);
	assert_int_equal(info.is_stale, 1);
	assert_true(info.read_ns > info.publish_ns + 1000);
	assert_int_equal(takt_read_latest(&subscriber, &payload, &info), TAKT_OK);
	assert_int_equal(info.is_stale, 1);
	assert_int_equal(atomic_load(&subscriber.statistics->stale_count), 2);
	assert_int_equal(takt_read_next(&patient, &payload, &info), TAKT_OK);
	assert_int_equal(info.is_stale, 0);
	assert_int_equal(atomic_load(&patient.statistics->stale_count), 0);
	takt_subscriber_detach(&subscriber);
	takt_subscriber_detach(&patient);
	takt_publisher_detach(&publisher);
	takt_publisher_detach(&lasting);
}

static void a_second_publisher_is_refused(void **state)
{
	static struct takt_publisher first;
	static struct takt_publisher second;

	(void)state;
	attach_both(&first, NULL, "number", NULL);
	assert_int_equal(takt_publisher_attach(&second, pub, "number", &takt_type_number), TAKT_BUSY);
	assert_said("has a publisher already");
	assert_null(second.node);
	assert_int_equal(publish_number(&second, 1), TAKT_CLOSED);
	takt_publisher_detach(&first);
	assert_int_equal(takt_publisher_attach(&second, pub, "number", &takt_type_number), TAKT_OK);
	assert_int_equal(atomic_load(&((struct takt_topic_shm *)second.segment.address)->takeover_count), 0);
	takt_publisher_detach(&second);
}

static void what_the_config_does_not_list_is_refused(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;

	(void)state;
	assert_int_equal(takt_publisher_attach(&publisher, sub, "number", &takt_type_number), TAKT_INVALID);
	assert_said("`publishes`");
	assert_int_equal(takt_publisher_attach(&publisher, pub, "absent", &takt_type_number), TAKT_INVALID);
	assert_int_equal(takt_subscriber_attach(&subscriber, pub, "number", &takt_type_number, NULL), TAKT_INVALID);
	assert_said("`subscribes`");
	assert_int_equal(takt_subscriber_attach(&subscriber, sub, "number", &takt_type_number,
						&(struct takt_subscriber_options){.borrows = 4}),
			 TAKT_INVALID);
	assert_said("4 borrows");
	assert_null(publisher.node);
	assert_null(subscriber.node);
}

#define TOPIC_READ_TESTS                                                                                               \
	TOPIC_TEST(samples_arrive_in_order_and_once), TOPIC_TEST(latest_skips_counts_and_repeats),                     \
		TOPIC_TEST(every_loss_is_counted_whatever_the_order_of_calls),                                         \
		TOPIC_TEST(a_reader_starts_at_the_newest_or_with_the_history_it_wants),                                \
		TOPIC_TEST(a_ring_of_two_keeps_the_newest), TOPIC_TEST(a_chain_keeps_where_it_began),                  \
		TOPIC_TEST(a_sample_past_its_deadline_is_stale_never_fresh),                                           \
		TOPIC_TEST(a_second_publisher_is_refused), TOPIC_TEST(what_the_config_does_not_list_is_refused)

#endif
