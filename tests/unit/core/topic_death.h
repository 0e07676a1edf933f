/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_topic.c: publishers that die anywhere, and forks. */
#ifndef TAKT_TEST_CORE_TOPIC_DEATH_H
#define TAKT_TEST_CORE_TOPIC_DEATH_H

static struct takt_publisher child_publisher;

/* A child's publisher of the topic, by the node. */
static int child_attach(const char *node_name, const char *topic)
{
	struct takt_node *node;

	fixture_child_speaks();
	node = fixture_child_join(node_name);
	return node != NULL && takt_publisher_attach(&child_publisher, node, topic, &takt_type_number) == TAKT_OK;
}

/* P1 and, where wanted, P2 of the sample after `head`; then the end. */
static void die_in_publish(uint64_t value, int with_cell)
{
	struct takt_ring *ring = &child_publisher.ring;
	uint64_t number = atomic_load(takt_ring_head(ring)) + 1;
	struct takt_sample_header header = {.number = number, .publish_ns = 1, .origin = {.number = number}};
	struct number payload = number_of(value);

	takt_payload_store(takt_ring_slot(ring, child_publisher.slot_index) + sizeof(struct takt_slot_shm), &payload,
			   sizeof(payload));
	takt_ring_store_header(child_publisher.slot, &header);
	if (with_cell)
		atomic_store(takt_ring_cell(ring, number), takt_cell_pack(number, child_publisher.slot_index));
	(void)raise(SIGKILL);
}

static int publish_five_and_die(void *argument)
{
	int with_cell = *(int *)argument;

	if (!child_attach("pub", "number"))
		return 1;
	for (uint64_t i = 0; i < 5; i++)
		if (publish_number(&child_publisher, 5) != TAKT_OK)
			return 2;
	die_in_publish(5, with_cell);
	return 3;
}

/* Without cleaning in between: what a dead publisher completed stays, what it had not is as if it never was. */
static void no_number_is_used_twice_after_a_publisher_died_in_publish(void **state)
{
	static struct takt_subscriber subscriber;
	uint64_t number = 0;

	(void)state;
	attach_both(NULL, &subscriber, "number", NULL);
	for (int round = 0; round < 20; round++) {
		int with_cell = round & 1;

		assert_int_equal(in_child(publish_five_and_die, &with_cell), KILLED_BY(SIGKILL));
		for (int i = 0; i < 5 + with_cell; i++)
			next_is(&subscriber, ++number, 5);
		nothing_is_next(&subscriber);
	}
	assert_int_equal(subscriber.lost, 0);
	pub = fixture_join("pub");
	static struct takt_publisher publisher;
	attach_both(&publisher, NULL, "number", NULL);
	struct takt_topic_shm *topic = publisher.segment.address;
	assert_int_equal(atomic_load(&topic->head), number);
	assert_int_equal(atomic_load(&topic->takeover_count), 20);
	publish_numbers(&publisher, 77, 77);
	next_is(&subscriber, number + 1, 77);
	takt_publisher_detach(&publisher);
	takt_subscriber_detach(&subscriber);
}

static int lend_and_die(void *argument)
{
	struct takt_loan loan;

	if (!child_attach((const char *)argument, strcmp(argument, "pub") == 0 ? "number" : "shared"))
		return 1;
	for (unsigned i = 0; i < 2; i++) {
		if (takt_publisher_loan(&child_publisher, &loan) != TAKT_OK)
			return 2;
		memset(loan.payload, 0xee, sizeof(struct number));
	}
	(void)raise(SIGKILL);
	return 3;
}

static void loans_that_died_with_their_publisher_cost_nothing(void **state)
{
	static struct takt_publisher publisher;
	char name[] = "pub";

	(void)state;
	for (unsigned round = 0; round < 10; round++)
		assert_int_equal(in_child(lend_and_die, name), KILLED_BY(SIGKILL));
	pub = fixture_join("pub");
	attach_both(&publisher, NULL, "number", NULL);
	struct takt_loan loans[2];
	fill_loan(&publisher, &loans[0], 1);
	fill_loan(&publisher, &loans[1], 2);
	publish_numbers(&publisher, 1, 30);
	takt_publisher_detach(&publisher);
}

static void loans_of_a_dead_publisher_among_several_are_had_again(void **state)
{
	static struct takt_publisher publisher;
	struct takt_loan loans[2];
	char name[] = "other";

	(void)state;
	attach_both(&publisher, NULL, "shared", NULL);
	for (unsigned round = 0; round < 10; round++)
		assert_int_equal(in_child(lend_and_die, name), KILLED_BY(SIGKILL));
	fill_loan(&publisher, &loans[0], 1);
	fill_loan(&publisher, &loans[1], 2);
	assert_int_equal(takt_publish_loan(&publisher, &loans[1], NULL), TAKT_OK);
	takt_publisher_abandon(&publisher, &loans[0]);
	takt_publisher_detach(&publisher);
}

/* ----------------------------------------------------------------------------------------------------------- forks */

static struct takt_publisher forked_publisher;
static struct takt_subscriber forked_subscriber;

static int try_everything(void *argument)
{
	static struct takt_publisher new_publisher;
	static struct takt_subscriber new_subscriber;
	struct number payload = number_of(1);
	struct takt_loan loan;
	struct takt_borrow borrow;

	(void)argument;
	if (publish_number(&forked_publisher, 9) != TAKT_CLOSED ||
	    takt_publisher_loan(&forked_publisher, &loan) != TAKT_CLOSED)
		return 1;
	if (takt_read_next(&forked_subscriber, &payload, NULL) != TAKT_CLOSED ||
	    takt_read_latest(&forked_subscriber, &payload, NULL) != TAKT_CLOSED)
		return 2;
	if (takt_borrow_next(&forked_subscriber, &borrow, NULL) != TAKT_CLOSED ||
	    takt_borrow_latest(&forked_subscriber, &borrow, NULL) != TAKT_CLOSED)
		return 3;
	if (takt_publisher_attach(&new_publisher, pub, "shared", &takt_type_number) != TAKT_CLOSED)
		return 4;
	if (takt_subscriber_attach(&new_subscriber, sub, "shared", &takt_type_number, NULL) != TAKT_CLOSED)
		return 5;
	takt_publisher_detach(&forked_publisher);
	takt_subscriber_detach(&forked_subscriber);
	takt_node_leave(pub);
	takt_node_leave(sub);
	return publish_number(&forked_publisher, 9) == TAKT_CLOSED ? 0 : 6;
}

static void a_forks_child_has_no_handles_and_takes_none_from_its_parent(void **state)
{
	static struct takt_publisher rival;
	struct takt_borrow borrow;

	(void)state;
	attach_both(&forked_publisher, &forked_subscriber, "number", &(struct takt_subscriber_options){.borrows = 1});
	publish_numbers(&forked_publisher, 1, 1);
	assert_int_equal(takt_borrow_next(&forked_subscriber, &borrow, NULL), TAKT_OK);
	assert_int_equal(in_child(try_everything, NULL), 0);
	/* The parent's right, presence and pins are as they were. */
	assert_int_equal(takt_publisher_attach(&rival, pub, "number", &takt_type_number), TAKT_BUSY);
	assert_true(atomic_load(&takt_ring_pin(&forked_subscriber.ring, 0)->slot_plus_one) != 0);
	publish_numbers(&forked_publisher, 2, 2);
	next_is(&forked_subscriber, 2, 2);
	assert_int_equal(takt_return(&forked_subscriber, &borrow), TAKT_OK);
	takt_publisher_detach(&forked_publisher);
	takt_subscriber_detach(&forked_subscriber);
}

struct orphan {
	_Atomic int lives;
	_Atomic int ends;
	_Atomic int ended;
};

/* Becomes a publisher, leaves a child that lives on, and dies. */
static int leave_a_child_and_die(void *argument)
{
	struct orphan *orphan = argument;

	if (!child_attach("pub", "number") || publish_number(&child_publisher, 1) != TAKT_OK)
		return 1;
	if (fork() == 0) {
		atomic_store(&orphan->lives, 1);
		(void)wait_for_flag(&orphan->ends, 1);
		atomic_store(&orphan->ended, 1);
		_exit(0);
	}
	if (!wait_for_flag(&orphan->lives, 1))
		return 2;
	(void)raise(SIGKILL);
	return 3;
}

static void a_dead_publishers_living_child_does_not_keep_its_topic(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	struct orphan *orphan = shared_memory(sizeof(*orphan));

	(void)state;
	assert_int_equal(in_child(leave_a_child_and_die, orphan), KILLED_BY(SIGKILL));
	pub = fixture_join("pub");
	attach_both(&publisher, &subscriber, "number", NULL);
	publish_numbers(&publisher, 2, 2);
	next_is(&subscriber, 1, 1);
	next_is(&subscriber, 2, 2);
	atomic_store(&orphan->ends, 1);
	assert_true(wait_for_flag(&orphan->ended, 1));
	takt_publisher_detach(&publisher);
	takt_subscriber_detach(&subscriber);
	(void)munmap(orphan, sizeof(*orphan));
}

#define TOPIC_DEATH_TESTS                                                                                              \
	TOPIC_READER_TEST(no_number_is_used_twice_after_a_publisher_died_in_publish),                                  \
		TOPIC_READER_TEST(loans_that_died_with_their_publisher_cost_nothing),                                  \
		TOPIC_TEST(loans_of_a_dead_publisher_among_several_are_had_again),                                     \
		TOPIC_TEST(a_forks_child_has_no_handles_and_takes_none_from_its_parent),                               \
		TOPIC_READER_TEST(a_dead_publishers_living_child_does_not_keep_its_topic)

#endif
