/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_topic.c: several publishers of one topic. */
#ifndef TAKT_TEST_CORE_TOPIC_SHARED_H
#define TAKT_TEST_CORE_TOPIC_SHARED_H

static void handles_of_one_node_publish_dense_numbers(void **state)
{
	static struct takt_publisher publishers[3];
	static struct takt_publisher fourth;
	static struct takt_subscriber subscriber;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		attach_both(&publishers[i], NULL, "shared", NULL);
	assert_true(publishers[0].token != publishers[1].token && publishers[1].token != publishers[2].token);
	assert_int_equal(takt_publisher_attach(&fourth, pub, "shared", &takt_type_number), TAKT_LIMIT);
	assert_said("has 3 publishers, as many as its config allows");
	attach_both(NULL, &subscriber, "shared", NULL);
	for (uint64_t number = 1; number <= 200; number++) {
		assert_int_equal(publish_number(&publishers[topic_random() % 3], number), TAKT_OK);
		next_is(&subscriber, number, number);
	}
	takt_publisher_detach(&publishers[1]);
	attach_both(&fourth, NULL, "shared", NULL);
	publish_numbers(&fourth, 201, 201);
	next_is(&subscriber, 201, 201);
	takt_publisher_detach(&fourth);
	takt_publisher_detach(&publishers[0]);
	takt_publisher_detach(&publishers[2]);
	takt_subscriber_detach(&subscriber);
}

static void loans_of_several_publishers_are_counted_together(void **state)
{
	static struct takt_publisher publishers[2];
	static struct takt_subscriber subscriber;
	struct takt_loan loans[2];
	struct takt_loan third;

	(void)state;
	attach_both(&publishers[0], &subscriber, "shared", NULL);
	attach_both(&publishers[1], NULL, "shared", NULL);
	fill_loan(&publishers[0], &loans[0], 10);
	fill_loan(&publishers[1], &loans[1], 20);
	assert_int_equal(takt_publisher_loan(&publishers[0], &third), TAKT_FULL);
	publish_numbers(&publishers[0], 1, 1);
	publish_numbers(&publishers[1], 2, 2);
	assert_int_equal(takt_publish_loan(&publishers[1], &loans[1], NULL), TAKT_OK);
	assert_int_equal(takt_publish_loan(&publishers[0], &loans[0], NULL), TAKT_OK);
	next_is(&subscriber, 1, 1);
	next_is(&subscriber, 2, 2);
	next_is(&subscriber, 3, 20);
	next_is(&subscriber, 4, 10);
	fill_loan(&publishers[0], &loans[0], 30);
	takt_publisher_detach(&publishers[0]); /* with a loan out */
	fill_loan(&publishers[1], &loans[0], 40);
	fill_loan(&publishers[1], &loans[1], 50);
	takt_publisher_detach(&publishers[1]);
	takt_subscriber_detach(&subscriber);
}

#define EACH_PUBLISHES 5000

struct crowd {
	_Atomic int joined;
	_Atomic int ready;
	_Atomic int go;
};

/* The value says who published what: publisher * 2^32 + count. */
static int publish_in_a_crowd(void *argument)
{
	struct crowd *crowd = argument;
	int index = atomic_fetch_add(&crowd->joined, 1);

	if (!child_attach(index ? "third" : "other", "shared"))
		return 1;
	atomic_fetch_add(&crowd->ready, 1);
	if (!wait_for_flag(&crowd->go, 1))
		return 2;
	for (uint64_t count = 1; count <= EACH_PUBLISHES;) {
		enum takt_status status = publish_number(&child_publisher, (uint64_t)(index + 1) << 32 | count);

		if (status == TAKT_OK)
			count++;
		else if (status != TAKT_TIMEOUT)
			return 3;
	}
	takt_publisher_detach(&child_publisher);
	return 0;
}

/* Reads all there is; each publisher's samples come in its order, and none is torn. */
static void read_crowd(struct takt_subscriber *subscriber, uint64_t last[3])
{
	struct number payload;
	struct takt_sample_info info;

	while (takt_read_next(subscriber, &payload, &info) == TAKT_OK) {
		uint64_t who = payload.value[0] >> 32;
		uint64_t count = payload.value[0] & UINT32_MAX;

		account_is_exact(subscriber);
		assert_number(&payload, payload.value[0]);
		assert_true(who < 3);
		assert_true(count > last[who]);
		last[who] = count;
	}
}

static void processes_publish_dense_numbers_at_the_same_time(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	struct crowd *crowd = shared_memory(sizeof(*crowd));
	uint64_t last[3] = {0};
	pid_t children[2];

	(void)state;
	attach_both(&publisher, &subscriber, "shared", NULL);
	for (unsigned i = 0; i < 2; i++)
		children[i] = start_child(publish_in_a_crowd, crowd);
	assert_true(wait_for_flag(&crowd->ready, 2));
	atomic_store(&crowd->go, 1);
	for (uint64_t count = 1; count <= EACH_PUBLISHES;) {
		enum takt_status status = publish_number(&publisher, count);

		assert_true(status == TAKT_OK || status == TAKT_TIMEOUT);
		count += status == TAKT_OK;
		read_crowd(&subscriber, last);
	}
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(result_of_child(children[i]), 0);
	read_crowd(&subscriber, last);
	assert_int_equal(atomic_load(takt_ring_head(&publisher.ring)), 3 * EACH_PUBLISHES);
	assert_int_equal(subscriber.got + subscriber.lost, 3 * EACH_PUBLISHES);
	assert_int_equal(atomic_load(&publisher.lock.shared->takeover_count), 0);
	takt_publisher_detach(&publisher);
	takt_subscriber_detach(&subscriber);
	(void)munmap(crowd, sizeof(*crowd));
}

/* Takes the topic's lock and stops, or dies having published half of a sample. */
static int hold_the_lock(void *argument)
{
	int dies = *(int *)argument;
	int taken_over;

	if (!child_attach("other", "shared") || publish_number(&child_publisher, 1) != TAKT_OK)
		return 1;
	if (takt_lock_take_until(&child_publisher.lock, takt_os_clock_now_ns() + LONG_NS, &taken_over) != TAKT_OK)
		return 2;
	if (dies)
		die_in_publish(2, 1);
	(void)raise(SIGSTOP);
	takt_lock_give(&child_publisher.lock);
	takt_publisher_detach(&child_publisher);
	return 0;
}

static void a_stopped_publisher_is_never_stolen_from(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_publisher late;
	static struct takt_subscriber subscriber;
	struct takt_loan loan;
	int dies = 0;
	int how;

	(void)state;
	attach_both(&publisher, &subscriber, "shared", NULL);
	fill_loan(&publisher, &loan, 3);
	pid_t child = start_child(hold_the_lock, &dies);
	assert_int_equal(waitpid(child, &how, WUNTRACED), child);
	assert_true(WIFSTOPPED(how));
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(publish_number(&publisher, 2), TAKT_TIMEOUT);
	assert_int_equal(takt_publish_loan(&publisher, &loan, NULL), TAKT_TIMEOUT);
	assert_non_null(loan.payload); /* still ours */
	assert_int_equal(takt_publisher_attach(&late, pub, "shared", &takt_type_number), TAKT_TIMEOUT);
	assert_said("held its lock for more than 5000 us");
	assert_int_equal(atomic_load(&publisher.statistics->timeout_count), 6);
	next_is(&subscriber, 1, 1);
	nothing_is_next(&subscriber);
	assert_int_equal(kill(child, SIGCONT), 0);
	assert_int_equal(result_of_child(child), 0);
	assert_int_equal(takt_publish_loan(&publisher, &loan, NULL), TAKT_OK);
	next_is(&subscriber, 2, 3);
	assert_int_equal(atomic_load(&publisher.lock.shared->takeover_count), 0);
	takt_publisher_detach(&publisher);
	takt_subscriber_detach(&subscriber);
}

static void a_publisher_killed_under_the_lock_is_taken_over_and_repaired(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	uint64_t number = 0;
	int dies = 1;

	(void)state;
	attach_both(&publisher, &subscriber, "shared", &(struct takt_subscriber_options){.borrows = 1});
	for (unsigned round = 1; round <= 20; round++) {
		assert_int_equal(in_child(hold_the_lock, &dies), KILLED_BY(SIGKILL));
		assert_int_equal(publish_number(&publisher, 3), TAKT_OK);
		for (uint64_t value = 1; value <= 3; value++)
			next_is(&subscriber, ++number, value);
		nothing_is_next(&subscriber);
		assert_int_equal(atomic_load(&publisher.lock.shared->takeover_count), round);
	}
	publish_numbers(&publisher, 1, 100);
	assert_int_equal(takt_pool_claim_count(&publisher.ring, TAKT_CLAIM_PUBLISH), 1);
	takt_publisher_detach(&publisher);
	takt_subscriber_detach(&subscriber);
}

#define TOPIC_SHARED_TESTS                                                                                             \
	TOPIC_TEST(handles_of_one_node_publish_dense_numbers),                                                         \
		TOPIC_TEST(loans_of_several_publishers_are_counted_together),                                          \
		TOPIC_TEST(processes_publish_dense_numbers_at_the_same_time),                                          \
		TOPIC_TEST(a_stopped_publisher_is_never_stolen_from),                                                  \
		TOPIC_TEST(a_publisher_killed_under_the_lock_is_taken_over_and_repaired)

#endif
