/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_topic.c: types that do not fit, readers that want to write, and memory that somebody scribbled over. */
#ifndef TAKT_TEST_CORE_TOPIC_HOSTILE_H
#define TAKT_TEST_CORE_TOPIC_HOSTILE_H

/* The same name and size, described otherwise. */
static const struct takt_type_field renamed_fields[] = {
	{"values", "", NULL, TAKT_U64, 4, 0},
	{"check", "", NULL, TAKT_U64, 1, 32},
};
static const struct takt_type_field united_fields[] = {
	{"value", "m", NULL, TAKT_U64, 4, 0},
	{"check", "", NULL, TAKT_U64, 1, 32},
};
static const struct takt_type_field floating_fields[] = {
	{"value", "", NULL, TAKT_F64, 4, 0},
	{"check", "", NULL, TAKT_U64, 1, 32},
};
static const struct takt_type_field fewer_fields[] = {
	{"value", "", NULL, TAKT_U64, 4, 0},
};
static const struct takt_type type_other_name = {"other", renamed_fields, 2, 40, 8};
static const struct takt_type type_other_size = {"number", renamed_fields, 2, 48, 8};
static const struct takt_type type_renamed = {"number", renamed_fields, 2, 40, 8};
static const struct takt_type type_united = {"number", united_fields, 2, 40, 8};
static const struct takt_type type_floating = {"number", floating_fields, 2, 40, 8};
static const struct takt_type type_fewer = {"number", fewer_fields, 1, 40, 8};

static const struct {
	const struct takt_type *type;
	const char *said;
} other_types[] = {
	{&type_other_name, "carries type 'number', but this program has type 'other'"},
	{&type_other_size, "40 bytes in the config and 48 in this program"},
	{&type_renamed, "field 1 is 'values' u64[4] here and 'value' u64[4] there"},
	{&type_united, "field 1 is 'value' u64[4] m here and 'value' u64[4] there"},
	{&type_floating, "field 1 is 'value' f64[4] here and 'value' u64[4] there"},
	{&type_fewer, "field 2 is absent here and 'check' u64 there"},
};

static void another_type_is_refused_with_the_first_difference(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_publisher wrong_publisher;
	static struct takt_subscriber subscriber;

	(void)state;
	attach_both(&publisher, NULL, "shared", NULL);
	for (size_t i = 0; i < sizeof(other_types) / sizeof(other_types[0]); i++) {
		forget_said();
		assert_int_equal(takt_subscriber_attach(&subscriber, sub, "shared", other_types[i].type, NULL),
				 TAKT_MISMATCH);
		assert_said(other_types[i].said);
		assert_int_equal(messages.count, 1);
		assert_null(subscriber.node);
		assert_int_equal(takt_publisher_attach(&wrong_publisher, pub, "shared", other_types[i].type),
				 TAKT_MISMATCH);
		assert_int_equal(messages.count, 2);
	}
	assert_int_equal(takt_pool_claim_count(&publisher.ring, TAKT_CLAIM_PUBLISH), 1);
	takt_publisher_detach(&publisher);
}

/* The topic was made by `takt create`, which knows no types; the first publisher describes it. */
static void a_reader_that_came_before_the_description_is_told_at_its_first_sample(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber right;
	static struct takt_subscriber wrong;
	struct number payload;
	uint32_t created = 0;

	(void)state;
	assert_int_equal(takt_domain_create(pub->config, &created), TAKT_OK);
	assert_int_equal(takt_subscriber_attach(&wrong, sub, "number", &type_floating, NULL), TAKT_OK);
	attach_both(NULL, &right, "number", NULL);
	assert_int_equal(takt_read_next(&wrong, &payload, NULL), TAKT_EMPTY);
	attach_both(&publisher, NULL, "number", NULL);
	publish_numbers(&publisher, 1, 1);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(takt_read_next(&wrong, &payload, NULL), TAKT_MISMATCH);
		assert_int_equal(takt_read_latest(&wrong, &payload, NULL), TAKT_MISMATCH);
		account_is_exact(&wrong);
	}
	assert_int_equal(messages.count, 1);
	assert_said("another layout");
	next_is(&right, 1, 1);
	takt_subscriber_detach(&wrong);
	takt_subscriber_detach(&right);
	takt_publisher_detach(&publisher);
}

static int write_what_is_read(void *argument)
{
	const struct takt_subscriber *subscriber = argument;

	(void)signal(SIGSEGV, SIG_DFL); /* the sanitizer's handler would make an exit of it */
	atomic_store(takt_ring_cell(&subscriber->ring, 1), 0);
	return 0;
}

static void a_reader_cannot_write_a_topic(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;

	(void)state;
	attach_both(&publisher, &subscriber, "number", NULL);
	publish_numbers(&publisher, 1, 1);
	assert_int_equal(in_child(write_what_is_read, &subscriber), KILLED_BY(SIGSEGV));
	next_is(&subscriber, 1, 1);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
}

static int is_expected_of_damage(enum takt_status status)
{
	return status == TAKT_OK || status == TAKT_EMPTY || status == TAKT_OVERTAKEN || status == TAKT_MISMATCH ||
	       status == TAKT_CORRUPT;
}

/* Writes one random word somewhere behind the constants: near-right values as often as wild ones. */
static void scribble_once(const struct takt_publisher *publisher)
{
	_Atomic uint64_t *words = publisher->segment.address;
	uint64_t first = offsetof(struct takt_topic_shm, description.type_hash) / 8;
	uint64_t count = publisher->segment.bytes / 8 - first;
	uint64_t value = topic_random() >> (topic_random() % 64);

	switch (topic_random() % 4) {
	case 0:
		atomic_store(takt_ring_head(&publisher->ring), value);
		break;
	case 1:
		atomic_store(takt_ring_cell(&publisher->ring, topic_random()), value);
		break;
	case 2: /* a plausible cell */
		value = atomic_load(takt_ring_head(&publisher->ring)) + topic_random() % 3;
		atomic_store(takt_ring_cell(&publisher->ring, value),
			     takt_cell_pack(value, (uint32_t)topic_random() & 0xffff));
		break;
	default:
		atomic_store(&words[first + topic_random() % count], value);
	}
}

static void no_scribbling_crashes_or_confuses_a_reader(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	struct takt_sample_info info;
	struct takt_borrow borrow;
	struct number payload;
	unsigned got = 0;

	(void)state;
	attach_both(&publisher, &subscriber, "number", &(struct takt_subscriber_options){.borrows = 2});
	const size_t bytes = (size_t)publisher.segment.bytes;
	unsigned char *whole = malloc(bytes);
	assert_non_null(whole);
	publish_numbers(&publisher, 1, 11);
	memcpy(whole, publisher.segment.address, bytes);
	for (unsigned round = 0; round < 100000; round++) {
		enum takt_status status;

		scribble_once(&publisher);
		if (round % 5 == 0)
			status = takt_read_latest(&subscriber, &payload, &info);
		else if (round % 5 == 1)
			status = takt_borrow_next(&subscriber, &borrow, &info);
		else
			status = takt_read_next(&subscriber, &payload, &info);
		if (status == TAKT_OK && round % 5 == 1) {
			memcpy(&payload, borrow.payload, sizeof(payload));
			status = takt_return(&subscriber, &borrow);
			got -= status == TAKT_OVERTAKEN;
		}
		got += status == TAKT_OK;
		account_is_exact(&subscriber);
		if (!is_expected_of_damage(status))
			fail_msg("status %s", takt_status_name(status));
		(void)takt_subscriber_has_news(&subscriber);
		if (round % 16 == 15) {
			memcpy(publisher.segment.address, whole, bytes);
			subscriber.next = subscriber.start + subscriber.got + subscriber.lost + subscriber.skipped;
			subscriber.start -= subscriber.next - 5;
			subscriber.next = 5;
			atomic_store(&subscriber.statistics->start_number, subscriber.start);
			atomic_store(&subscriber.statistics->next_number, subscriber.next);
		}
	}
	assert_true(got > 1000);
	assert_true(messages.count <= 1); /* said once */
	free(whole);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
}

/* Of several publishers one scribbles: the others go on, or say that they cannot, and never crash. */
static void no_scribbling_crashes_another_publisher(void **state)
{
	static struct takt_publisher liar;
	static struct takt_publisher publisher;
	unsigned published = 0;

	(void)state;
	attach_both(&liar, NULL, "shared", NULL);
	attach_both(&publisher, NULL, "shared", NULL);
	for (unsigned round = 0; round < 5000; round++) {
		struct takt_loan loan;

		scribble_once(&liar);
		atomic_store(&takt_ring_spare(&liar.ring, (uint32_t)(topic_random() % liar.ring.spare_count))->owner,
			     topic_random() >> (topic_random() % 64));
		atomic_store(
			&takt_ring_spare(&liar.ring, (uint32_t)(topic_random() % liar.ring.spare_count))->slot_index,
			(uint32_t)topic_random());
		enum takt_status status = publish_number(&publisher, round);
		assert_true(status == TAKT_OK || status == TAKT_FULL || status == TAKT_TIMEOUT);
		published += status == TAKT_OK;
		if (round % 4 == 0 && takt_publisher_loan(&publisher, &loan) == TAKT_OK) {
			memset(loan.payload, 1, sizeof(struct number));
			status = takt_publish_loan(&publisher, &loan, NULL);
			if (status != TAKT_OK)
				takt_publisher_abandon(&publisher, &loan);
		}
	}
	assert_true(published > 2500);
	takt_publisher_detach(&publisher);
	takt_publisher_detach(&liar);
}

static void a_topic_with_damaged_constants_is_refused_or_fits(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	struct takt_topic_shm *topic;
	struct takt_topic_shm whole;
	unsigned refused = 0;

	(void)state;
	attach_both(&publisher, NULL, "number", NULL);
	publish_numbers(&publisher, 1, 3);
	topic = publisher.segment.address;
	whole = *topic;
	for (unsigned round = 0; round < 3000; round++) {
		uint32_t *words = publisher.segment.address;
		struct number payload;

		for (unsigned i = 0; i <= round % 3; i++)
			words[topic_random() % (offsetof(struct takt_topic_shm, head) / 4)] =
				(uint32_t)(topic_random() >> (32 + topic_random() % 32));
		forget_said();
		enum takt_status status = takt_subscriber_attach(&subscriber, sub, "number", &takt_type_number, NULL);
		if (status == TAKT_OK) {
			assert_true(is_expected_of_damage(takt_read_next(&subscriber, &payload, NULL)));
			takt_subscriber_detach(&subscriber);
		} else {
			refused++;
			assert_true(status == TAKT_CORRUPT || status == TAKT_MISMATCH || status == TAKT_NOT_READY);
			assert_true(messages.count >= 1);
		}
		memcpy(topic, &whole, sizeof(whole));
	}
	assert_true(refused > 1000);
	takt_publisher_detach(&publisher);
}

#define TOPIC_HOSTILE_TESTS                                                                                            \
	TOPIC_TEST(another_type_is_refused_with_the_first_difference),                                                 \
		TOPIC_TEST(a_reader_that_came_before_the_description_is_told_at_its_first_sample),                     \
		TOPIC_TEST(a_reader_cannot_write_a_topic), TOPIC_TEST(no_scribbling_crashes_or_confuses_a_reader),     \
		TOPIC_TEST(no_scribbling_crashes_another_publisher),                                                   \
		TOPIC_TEST(a_topic_with_damaged_constants_is_refused_or_fits)

#endif
