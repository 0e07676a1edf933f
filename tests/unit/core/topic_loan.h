/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_topic.c: samples filled in place, samples read in place, and payloads of every size. */
#ifndef TAKT_TEST_CORE_TOPIC_LOAN_H
#define TAKT_TEST_CORE_TOPIC_LOAN_H

static void fill_loan(struct takt_publisher *publisher, struct takt_loan *loan, uint64_t value)
{
	assert_int_equal(takt_publisher_loan(publisher, loan), TAKT_OK);
	assert_int_equal((uintptr_t)loan->payload % 16, 0);
	*(struct number *)loan->payload = number_of(value);
}

static void loans_are_published_in_any_order_between_copies(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	uint64_t number = 0;

	(void)state;
	attach_both(&publisher, &subscriber, "number", NULL);
	for (unsigned round = 0; round < 50; round++) {
		struct takt_loan loans[2];
		struct takt_loan third = {0};
		unsigned first = round & 1;

		fill_loan(&publisher, &loans[0], 1000 + round);
		fill_loan(&publisher, &loans[1], 2000 + round);
		assert_ptr_not_equal(loans[0].payload, loans[1].payload);
		assert_int_equal(takt_publisher_loan(&publisher, &third), TAKT_FULL);
		assert_null(third.payload);
		publish_numbers(&publisher, 1, 3);
		for (uint64_t value = 1; value <= 3; value++)
			next_is(&subscriber, ++number, value);
		assert_int_equal(takt_publish_loan(&publisher, &loans[first], NULL), TAKT_OK);
		next_is(&subscriber, ++number, (first ? 2000 : 1000) + round);
		assert_null(loans[first].payload);
		if (round % 3) {
			assert_int_equal(takt_publish_loan(&publisher, &loans[!first], NULL), TAKT_OK);
			next_is(&subscriber, ++number, (first ? 1000 : 2000) + round);
		} else {
			takt_publisher_abandon(&publisher, &loans[!first]);
			assert_null(loans[!first].payload);
		}
		nothing_is_next(&subscriber);
	}
	assert_int_equal(atomic_load(&publisher.statistics->abandoned_count), 17);
	assert_int_equal(takt_pool_claim_count(&publisher.ring, TAKT_CLAIM_LOAN), 0);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
}

static void a_loan_destroys_no_history(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	struct takt_loan loan;

	(void)state;
	attach_both(&publisher, NULL, "number", NULL);
	publish_numbers(&publisher, 1, 20);
	fill_loan(&publisher, &loan, 99);
	attach_both(NULL, &subscriber, "number", &(struct takt_subscriber_options){.history = 6});
	for (uint64_t number = 14; number <= 20; number++)
		next_is(&subscriber, number, number);
	nothing_is_next(&subscriber);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher); /* with the loan out */
	assert_int_equal(takt_publisher_attach(&publisher, pub, "number", &takt_type_number), TAKT_OK);
	assert_int_equal(takt_pool_claim_count(&publisher.ring, TAKT_CLAIM_LOAN), 0);
	takt_publisher_detach(&publisher);
}

/* Alone, a publisher keeps to itself which slot its spare has, until somebody else may take that spare. */
static void a_loan_given_back_takes_no_sample_with_it(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	struct takt_loan loan, others[2];

	(void)state;
	attach_both(&publisher, NULL, "number", NULL);
	for (uint64_t round = 0; round < 12; round++) {
		publish_numbers(&publisher, 1, 20);
		fill_loan(&publisher, &loan, 99);
		publish_numbers(&publisher, 21, 20 + round % 3);
		takt_publisher_abandon(&publisher, &loan);
		fill_loan(&publisher, &others[0], 98);
		fill_loan(&publisher, &others[1], 97);
		attach_both(NULL, &subscriber, "number", &(struct takt_subscriber_options){.history = 6});
		uint64_t number = subscriber.next, value = 20 + round % 3 - 6;
		for (uint32_t i = 0; i <= 6; i++)
			next_is(&subscriber, number++, value++);
		nothing_is_next(&subscriber);
		takt_subscriber_detach(&subscriber);
		takt_publisher_abandon(&publisher, &others[0]);
		takt_publisher_abandon(&publisher, &others[1]);
	}
	takt_publisher_detach(&publisher);
}

static int publish_a_loan_twice(void *argument)
{
	struct takt_publisher *publisher = argument;
	struct takt_loan loan = {0};

	if (freopen("/dev/null", "w", stderr) == NULL)
		return 1;
	/* The handle's process is the parent: pretend to be it. */
	atomic_store(&publisher->node->lost, 0);
	(void)signal(SIGABRT, SIG_DFL);
	return takt_publish_loan(publisher, &loan, NULL) == TAKT_OK;
}

static void a_loan_that_is_none_is_a_bug_that_ends_the_process(void **state)
{
	static struct takt_publisher publisher;

	(void)state;
	attach_both(&publisher, NULL, "number", NULL);
	assert_int_equal(in_child(publish_a_loan_twice, &publisher), KILLED_BY(SIGABRT));
	takt_publisher_detach(&publisher);
}

static void a_borrowed_sample_stays_however_often_the_publisher_laps(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	struct takt_sample_info info;
	struct takt_borrow borrows[3];
	struct takt_borrow none = {0};
	struct number payload;

	(void)state;
	attach_both(&publisher, &subscriber, "number", &(struct takt_subscriber_options){.borrows = 3});
	assert_int_equal(takt_borrow_next(&subscriber, &none, &info), TAKT_EMPTY);
	publish_numbers(&publisher, 1, 3);
	assert_int_equal(takt_borrow_next(&subscriber, &borrows[0], &info), TAKT_OK);
	assert_int_equal(info.number, 1);
	account_is_exact(&subscriber);
	assert_int_equal(takt_borrow_latest(&subscriber, &borrows[1], &info), TAKT_OK);
	assert_int_equal(info.number, 3);
	assert_int_equal(info.skipped, 1);
	assert_int_equal(takt_borrow_latest(&subscriber, &borrows[2], &info), TAKT_OK);
	assert_int_equal(info.is_repeated, 1);
	account_is_exact(&subscriber);
	assert_int_equal(takt_borrow_next(&subscriber, &none, &info), TAKT_FULL);
	assert_int_equal(takt_borrow_latest(&subscriber, &none, &info), TAKT_FULL);
	account_is_exact(&subscriber);
	for (uint64_t number = 4; number < 500; number++) {
		struct takt_loan loan;

		/* With all loans out too, every spare is in use but one. */
		if (number % 3)
			publish_numbers(&publisher, number, number);
		else {
			fill_loan(&publisher, &loan, number);
			assert_int_equal(takt_publish_loan(&publisher, &loan, NULL), TAKT_OK);
		}
		assert_number(borrows[0].payload, 1);
		assert_number(borrows[1].payload, 3);
		assert_number(borrows[2].payload, 3);
	}
	assert_int_equal(takt_read_latest(&subscriber, &payload, NULL), TAKT_OK);
	assert_number(&payload, 499);
	assert_int_equal(takt_return(&subscriber, &borrows[1]), TAKT_OK);
	assert_null(borrows[1].payload);
	assert_int_equal(takt_borrow_latest(&subscriber, &borrows[1], &info), TAKT_OK);
	assert_number(borrows[1].payload, 499);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(takt_return(&subscriber, &borrows[i]), TAKT_OK);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
}

static void borrows_belong_to_one_subscriber_until_it_detaches(void **state)
{
	static struct takt_subscriber first;
	static struct takt_subscriber second;
	struct takt_subscriber_options two = {.borrows = 2};

	(void)state;
	attach_both(NULL, &first, "number", &two);
	assert_int_equal(takt_subscriber_attach(&second, sub, "number", &takt_type_number, &two), TAKT_FULL);
	assert_said("all its 3 borrows");
	two.borrows = 1;
	attach_both(NULL, &second, "number", &two);
	takt_subscriber_detach(&first);
	two.borrows = 2;
	attach_both(NULL, &first, "number", &two);
	takt_subscriber_detach(&first);
	takt_subscriber_detach(&second);
}

static int borrow_and_die(void *argument)
{
	static struct takt_subscriber subscriber;
	struct takt_borrow borrow;
	struct takt_node *node;

	(void)argument;
	fixture_child_speaks();
	node = fixture_child_join("other");
	if (node == NULL || takt_subscriber_attach(&subscriber, node, "number", &takt_type_number,
						   &(struct takt_subscriber_options){.borrows = 3}) != TAKT_OK)
		return 1;
	for (unsigned i = 0; i < 3; i++)
		if (takt_borrow_latest(&subscriber, &borrow, NULL) != TAKT_OK)
			return 2;
	(void)raise(SIGKILL);
	return 3;
}

static void a_dead_subscribers_borrows_cost_nothing_and_are_used_again(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	struct takt_loan loans[2];
	struct takt_borrow borrow;

	(void)state;
	attach_both(&publisher, NULL, "number", NULL);
	publish_numbers(&publisher, 1, 5);
	assert_int_equal(in_child(borrow_and_die, NULL), KILLED_BY(SIGKILL));
	fill_loan(&publisher, &loans[0], 1);
	fill_loan(&publisher, &loans[1], 2);
	publish_numbers(&publisher, 6, 100);
	attach_both(NULL, &subscriber, "number", &(struct takt_subscriber_options){.borrows = 3});
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(atomic_load(&takt_ring_pin(&subscriber.ring, i)->slot_plus_one), 0);
	assert_int_equal(takt_borrow_latest(&subscriber, &borrow, NULL), TAKT_OK);
	assert_number(borrow.payload, 100);
	takt_subscriber_detach(&subscriber); /* with a borrow out */
	takt_publisher_abandon(&publisher, &loans[0]);
	takt_publisher_detach(&publisher);
}

/* ---------------------------------------------------------------------------------------------------------- sizes */

#define SIZED(bytes)                                                                                                   \
	struct sized_##bytes {                                                                                         \
		uint8_t data[bytes];                                                                                   \
	};                                                                                                             \
	TAKT_TYPE(sized_##bytes, struct sized_##bytes, TAKT_FIELD(struct sized_##bytes, data, TAKT_U8, bytes, ""))
SIZED(1);
SIZED(3);
SIZED(40);
SIZED(4096);
SIZED(4097);
SIZED(1048576);

static void exchange_size(const struct takt_type *type)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	/* Exactly as large as the type, so that a sanitizer sees a byte too many. */
	uint8_t *sent = malloc(type->bytes);
	uint8_t *got = malloc(type->bytes);

	assert_true(sent != NULL && got != NULL);
	assert_int_equal(takt_publisher_attach(&publisher, pub, type->name, type), TAKT_OK);
	assert_int_equal(takt_subscriber_attach(&subscriber, sub, type->name, type, NULL), TAKT_OK);
	for (unsigned round = 0; round < 20; round++) {
		struct takt_loan loan;

		for (uint32_t i = 0; i < type->bytes; i++)
			sent[i] = (uint8_t)(i * 31 + round * 7 + 1);
		if (round & 1) {
			assert_int_equal(takt_publisher_loan(&publisher, &loan), TAKT_OK);
			memcpy(loan.payload, sent, type->bytes);
			assert_int_equal(takt_publish_loan(&publisher, &loan, NULL), TAKT_OK);
		} else {
			assert_int_equal(takt_publish(&publisher, sent, NULL), TAKT_OK);
		}
		memset(got, 0, type->bytes);
		assert_int_equal(takt_read_next(&subscriber, got, NULL), TAKT_OK);
		assert_memory_equal(got, sent, type->bytes);
	}
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
	free(sent);
	free(got);
}

static void payloads_of_every_size_arrive_whole(void **state)
{
	static const struct takt_type *const types[] = {&takt_type_sized_1,    &takt_type_sized_3,
							&takt_type_sized_40,   &takt_type_sized_4096,
							&takt_type_sized_4097, &takt_type_sized_1048576};
	char config[2048] = "domain: sizes\ntopics:\n";
	char names[512] = "";

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		size_t used = strlen(config);
		(void)snprintf(config + used, sizeof(config) - used,
			       "  - {name: %s, type: %s, bytes: %u, depth: 4, loans: 1}\n", types[i]->name,
			       types[i]->name, types[i]->bytes);
		used = strlen(names);
		(void)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "", types[i]->name);
	}
	size_t used = strlen(config);
	(void)snprintf(
		config + used, sizeof(config) - used,
		"nodes:\n  - {name: pub, program: x, publishes: [%s]}\n  - {name: sub, program: x, subscribes: [%s]}\n",
		names, names);
	(void)fixture_config(config);
	pub = fixture_join("pub");
	sub = fixture_join("sub");
	for (unsigned i = 0; i < 6; i++)
		exchange_size(types[i]);
}

#define TOPIC_LOAN_TESTS                                                                                               \
	TOPIC_TEST(loans_are_published_in_any_order_between_copies), TOPIC_TEST(a_loan_destroys_no_history),           \
		TOPIC_TEST(a_loan_given_back_takes_no_sample_with_it),                                                 \
		TOPIC_TEST(a_loan_that_is_none_is_a_bug_that_ends_the_process),                                        \
		TOPIC_TEST(a_borrowed_sample_stays_however_often_the_publisher_laps),                                  \
		TOPIC_TEST(borrows_belong_to_one_subscriber_until_it_detaches),                                        \
		TOPIC_TEST(a_dead_subscribers_borrows_cost_nothing_and_are_used_again),                                \
		TOPIC_TEST(payloads_of_every_size_arrive_whole)

#endif
