/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_topic.c: the config, the types and the account that its suites share. */
#ifndef TAKT_TEST_CORE_TOPIC_SUPPORT_H
#define TAKT_TEST_CORE_TOPIC_SUPPORT_H

#include "core/layout.h"
#include "core/protocol/lock.h"
#include "core/protocol/ring.h"
#include "core/topic.h"

/* Four words that agree, so that a mixture of two samples shows. */
struct number {
	uint64_t value[4];
	uint64_t check;
};
TAKT_TYPE(number, struct number, TAKT_FIELD(struct number, value, TAKT_U64, 4, ""),
	  TAKT_FIELD(struct number, check, TAKT_U64, 1, ""));

static const char topic_config[] =
	"domain: test\n"
	"topics:\n"
	"  - {name: number, type: number, bytes: 40, depth: 8, borrows: 3, loans: 2}\n"
	"  - {name: shared, type: number, bytes: 40, depth: 8, borrows: 1, loans: 2, publishers: 3}\n"
	"  - {name: brief, type: number, bytes: 40, depth: 8, deadline_us: 1}\n"
	"  - {name: lasting, type: number, bytes: 40, depth: 2, deadline_us: 60000000}\n"
	"nodes:\n"
	"  - {name: pub, program: x, publishes: [number, shared, brief, lasting]}\n"
	"  - {name: sub, program: x, subscribes: [number, shared, brief, lasting]}\n"
	"  - {name: other, program: x, publishes: [shared], subscribes: [number]}\n"
	"  - {name: third, program: x, publishes: [shared], subscribes: [number]}\n";

static struct takt_node *pub;
static struct takt_node *sub;

static int topic_set_up(void **state)
{
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(topic_config);
	pub = fixture_join("pub");
	sub = fixture_join("sub");
	return 0;
}

/* Only the reader: the publisher is a child's. */
static int topic_set_up_reader(void **state)
{
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(topic_config);
	sub = fixture_join("sub");
	pub = NULL;
	return 0;
}

static struct number number_of(uint64_t value)
{
	return (struct number){{value, value * 3, ~value, value << 7}, value ^ 0x5a5a5a5a};
}

static int is_number(const struct number *number, uint64_t value)
{
	struct number expected = number_of(value);

	return memcmp(number, &expected, sizeof(expected)) == 0;
}

static void assert_number(const struct number *number, uint64_t value)
{
	if (!is_number(number, value))
		fail_msg("a sample of %lu, expected %lu (or it is torn)", (unsigned long)number->value[0],
			 (unsigned long)value);
}

static enum takt_status publish_number(struct takt_publisher *publisher, uint64_t value)
{
	struct number number = number_of(value);

	return takt_publish(publisher, &number, NULL);
}

static void publish_numbers(struct takt_publisher *publisher, uint64_t first, uint64_t last)
{
	for (uint64_t value = first; value <= last; value++)
		assert_int_equal(publish_number(publisher, value), TAKT_OK);
}

static void attach_both(struct takt_publisher *publisher, struct takt_subscriber *subscriber, const char *topic,
			const struct takt_subscriber_options *options)
{
	if (publisher)
		assert_int_equal(takt_publisher_attach(publisher, pub, topic, &takt_type_number), TAKT_OK);
	if (subscriber)
		assert_int_equal(takt_subscriber_attach(subscriber, sub, topic, &takt_type_number, options), TAKT_OK);
}

/* The invariant of every return, in the handle and in what tools see. */
static void account_is_exact(const struct takt_subscriber *subscriber)
{
	const struct takt_subscription_shm *told = subscriber->statistics;

	if (subscriber->got + subscriber->lost + subscriber->skipped != subscriber->next - subscriber->start)
		fail_msg("got %lu + lost %lu + skipped %lu is not next %lu - start %lu", (unsigned long)subscriber->got,
			 (unsigned long)subscriber->lost, (unsigned long)subscriber->skipped,
			 (unsigned long)subscriber->next, (unsigned long)subscriber->start);
	assert_true(atomic_load(&told->got_count) == subscriber->got &&
		    atomic_load(&told->lost_count) == subscriber->lost);
	assert_true(atomic_load(&told->skipped_count) == subscriber->skipped);
	assert_true(atomic_load(&told->next_number) == subscriber->next &&
		    atomic_load(&told->start_number) == subscriber->start);
}

/* Reads the next sample and expects it to be this one. */
static void next_is(struct takt_subscriber *subscriber, uint64_t number, uint64_t value)
{
	struct number payload;
	struct takt_sample_info info;
	enum takt_status status = takt_read_next(subscriber, &payload, &info);

	account_is_exact(subscriber);
	if (status != TAKT_OK)
		fail_msg("sample %lu: %s: %s", (unsigned long)number, takt_status_name(status), fixture.said);
	assert_int_equal(info.number, number);
	assert_number(&payload, value);
}

static void nothing_is_next(struct takt_subscriber *subscriber)
{
	struct number payload;

	assert_int_equal(takt_subscriber_has_news(subscriber), 0);
	assert_int_equal(takt_read_next(subscriber, &payload, NULL), TAKT_EMPTY);
	account_is_exact(subscriber);
}

static uint64_t topic_seed = 0x2545f4914f6cdd1d;

static uint64_t topic_random(void)
{
	topic_seed ^= topic_seed << 13;
	topic_seed ^= topic_seed >> 7;
	topic_seed ^= topic_seed << 17;
	return topic_seed;
}

#define TOPIC_TEST(test)	cmocka_unit_test_setup_teardown(test, topic_set_up, fixture_tear_down)
#define TOPIC_READER_TEST(test) cmocka_unit_test_setup_teardown(test, topic_set_up_reader, fixture_tear_down)

#endif
