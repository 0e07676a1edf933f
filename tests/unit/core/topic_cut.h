/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_topic.c: segments that somebody shrinks or wipes while they are in use, and borrows whose pin is taken away. */
#ifndef TAKT_TEST_CORE_TOPIC_CUT_H
#define TAKT_TEST_CORE_TOPIC_CUT_H

#define CUT_PAGE_BYTES 4096u

/* Of a mapped segment's file, by somebody else's descriptor. */
static void cut_to(const char *object, off_t bytes)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/takt.test/%s", scratch, object);
	assert_int_equal(truncate(path, bytes), 0);
}

static void wipe(const char *object)
{
	char path[160];
	struct stat found;

	(void)snprintf(path, sizeof(path), "%s/takt.test/%s", scratch, object);
	const int file = open(path, O_RDWR | O_CLOEXEC);
	assert_true(file >= 0 && fstat(file, &found) == 0);
	assert_int_equal(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, found.st_size), 0);
	(void)close(file);
}

static void remove_topics(void)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/takt.test/topic.number", scratch);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/takt.test/topic.shared", scratch);
	(void)unlink(path);
}

static enum takt_status read_one_way(struct takt_subscriber *subscriber, unsigned way)
{
	struct number payload;
	struct takt_borrow borrow;
	enum takt_status status;

	switch (way) {
	case 0:
		return takt_read_next(subscriber, &payload, NULL);
	case 1:
		return takt_read_latest(subscriber, &payload, NULL);
	case 2:
		status = takt_borrow_next(subscriber, &borrow, NULL);
		break;
	default:
		status = takt_borrow_latest(subscriber, &borrow, NULL);
	}
	if (status == TAKT_OK)
		status = takt_return(subscriber, &borrow);
	return status;
}

/* Every way of reading, every size that is left, with samples waiting and without. */
static void a_reader_of_a_topic_that_was_cut_off_is_told(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;

	(void)state;
	need_a_working_mremap();
	for (unsigned i = 0; i < 4 * 2 * 3; i++) {
		const unsigned way = i % 4;
		const int is_behind = i / 4 % 2;

		attach_both(&publisher, &subscriber, "number", &(struct takt_subscriber_options){.borrows = 2});
		const uint64_t pages = publisher.segment.bytes / CUT_PAGE_BYTES;
		publish_numbers(&publisher, 1, 5);
		for (unsigned n = 0; n < 5 && !is_behind; n++)
			assert_int_equal(read_one_way(&subscriber, 0), TAKT_OK);
		forget_said();
		/* To nothing; to less than the slots; to all but the last page, which holds slots only. */
		cut_to("topic.number", (off_t)(i / 8 == 0   ? 0
					       : i / 8 == 1 ? pages / 2 * CUT_PAGE_BYTES
							    : pages * CUT_PAGE_BYTES));
		enum takt_status status = TAKT_OK;
		/* A sample that lies before the cut is still one: the next that is met is not. */
		for (unsigned n = 0; n < 6 && status == TAKT_OK; n++)
			status = read_one_way(&subscriber, way);
		account_is_exact(&subscriber);
		if (i / 8 == 0) {
			assert_int_equal(status, TAKT_CORRUPT);
			assert_int_equal(messages.count, 1);
			assert_said("topic 'number': its segment was cut off while it was in use");
			assert_int_equal(takt_subscriber_has_news(&subscriber), 1);
			assert_int_equal(read_one_way(&subscriber, way), TAKT_CORRUPT);
			assert_int_equal(messages.count, 1);
		}
		takt_subscriber_detach(&subscriber);
		takt_publisher_detach(&publisher);
		remove_topics();
	}
}

/* The cells are there still, and the slots are not. */
static void a_sample_that_lies_behind_the_cut_is_never_delivered(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	struct takt_sample_info info;
	struct number payload;
	unsigned told = 0;

	(void)state;
	need_a_working_mremap();
	for (unsigned i = 0; i < 16; i++) {
		attach_both(&publisher, &subscriber, "number", NULL);
		publish_numbers(&publisher, 1, 5);
		const uint64_t slots = (uint64_t)(publisher.ring.slots - (unsigned char *)publisher.segment.address);
		/* Pages before the slots stay: what is left ends before the first of them, or within them. */
		cut_to("topic.number", (off_t)((slots / CUT_PAGE_BYTES + i % 2) * CUT_PAGE_BYTES));
		enum takt_status status = TAKT_OK;
		for (uint64_t number = 1; number <= 6 && status == TAKT_OK; number++) {
			status = takt_read_next(&subscriber, &payload, &info);
			if (status == TAKT_OK)
				assert_number(&payload, info.number);
		}
		told += status == TAKT_CORRUPT;
		account_is_exact(&subscriber);
		takt_subscriber_detach(&subscriber);
		takt_publisher_detach(&publisher);
		remove_topics();
	}
	assert_true(told >= 8);
}

static void a_publisher_whose_topic_was_cut_off_is_told(void **state)
{
	static struct takt_publisher publisher;
	static const char *const topics[] = {"number", "shared"};
	struct takt_loan loan, second;

	(void)state;
	need_a_working_mremap();
	/* A sem_t that was cut off ends its users inside libc, like a scribbled one: the words of a lock are in the topic. */
	if (takt_os_sem_kind() == TAKT_OS_SEM_POSIX)
		skip();
	for (unsigned i = 0; i < 4; i++) {
		const char *topic = topics[i % 2];

		attach_both(&publisher, NULL, topic, NULL);
		publish_numbers(&publisher, 1, 20);
		fill_loan(&publisher, &loan, 1);
		forget_said();
		cut_to(i % 2 ? "topic.shared" : "topic.number", 0);
		if (i < 2)
			assert_int_equal(publish_number(&publisher, 21), TAKT_CORRUPT);
		else
			assert_int_equal(takt_publish_loan(&publisher, &loan, NULL), TAKT_CORRUPT);
		takt_publisher_abandon(&publisher, &loan);
		assert_int_equal(messages.count, 1);
		assert_said(i % 2 ? "topic 'shared': its segment was cut off"
				  : "topic 'number': its segment was cut off");
		assert_int_equal(publish_number(&publisher, 22), TAKT_CORRUPT);
		assert_int_equal(takt_publisher_loan(&publisher, &second), TAKT_CORRUPT);
		assert_int_equal(messages.count, 1);
		takt_publisher_detach(&publisher);
		remove_topics();
	}
}

static void a_reader_of_a_topic_that_was_wiped_is_told(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;

	(void)state;
	for (unsigned way = 0; way < 4; way++) {
		attach_both(&publisher, &subscriber, "number", &(struct takt_subscriber_options){.borrows = 2});
		publish_numbers(&publisher, 1, 20); /* more than the depth: a cell that says nothing is damage */
		for (unsigned i = 0; i < 20; i++)
			(void)read_one_way(&subscriber, 0);
		assert_int_equal(read_one_way(&subscriber, 0), TAKT_EMPTY);
		forget_said();
		wipe("topic.number");
		assert_int_equal(takt_subscriber_has_news(&subscriber), 1);
		assert_int_equal(read_one_way(&subscriber, way), TAKT_CORRUPT);
		assert_int_equal(read_one_way(&subscriber, way), TAKT_CORRUPT);
		account_is_exact(&subscriber);
		assert_int_equal(messages.count, 1);
		assert_said("topic 'number': its ");
		takt_subscriber_detach(&subscriber);
		takt_publisher_detach(&publisher);
		remove_topics();
	}
}

static void a_segment_that_is_cut_off_while_it_is_opened_is_corrupt(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;

	(void)state;
	need_a_working_mremap();
	attach_both(&publisher, NULL, "number", NULL);
	forget_said();
	cut_to("topic.number", CUT_PAGE_BYTES);
	assert_int_equal(takt_subscriber_attach(&subscriber, sub, "number", &takt_type_number, NULL), TAKT_CORRUPT);
	assert_true(messages.count >= 1);
	assert_said("topic.number");
	takt_publisher_detach(&publisher);
}

static void a_borrow_whose_pin_was_taken_away_is_told_at_its_return(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;

	(void)state;
	attach_both(&publisher, &subscriber, "number", &(struct takt_subscriber_options){.borrows = 2});
	for (unsigned i = 0; i < 3; i++) {
		struct takt_borrow borrow;
		struct takt_pin_shm *pin = takt_ring_pin(&subscriber.ring, subscriber.pin_index[0]);

		publish_numbers(&publisher, 1, 1);
		assert_int_equal(takt_borrow_latest(&subscriber, &borrow, NULL), TAKT_OK);
		const uint32_t word = atomic_load(&pin->slot_plus_one);
		atomic_store(&pin->slot_plus_one, i == 1 ? word + 1 : 0);
		if (i == 2) {
			/* Given back before anybody looks, but the slot has been used meanwhile. */
			publish_numbers(&publisher, 2, 40);
			atomic_store(&pin->slot_plus_one, word);
		}
		assert_int_equal(takt_return(&subscriber, &borrow), TAKT_OVERTAKEN);
		assert_null(borrow.payload);
		assert_int_equal(messages.count, 1);
		assert_said("topic 'number': a sample may have changed while it was read in place: a member");
		assert_int_equal(atomic_load(&subscriber.statistics->overtaken_count), i + 1);
		/* The next one is whole. */
		assert_int_equal(takt_borrow_latest(&subscriber, &borrow, NULL), TAKT_OK);
		assert_int_equal(takt_return(&subscriber, &borrow), TAKT_OK);
	}
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
}

static void a_roster_that_was_cut_off_ends_borrows_and_no_publishing(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	struct takt_borrow borrow;

	(void)state;
	need_a_working_mremap();
	/* As above: the wake words are in the roster. */
	if (takt_os_sem_kind() == TAKT_OS_SEM_POSIX)
		skip();
	attach_both(&publisher, &subscriber, "number", &(struct takt_subscriber_options){.borrows = 2});
	publish_numbers(&publisher, 1, 1);
	assert_int_equal(takt_borrow_next(&subscriber, &borrow, NULL), TAKT_OK);
	cut_to("roster", 0);
	publish_numbers(&publisher, 2, 3);
	assert_int_equal(takt_return(&subscriber, &borrow), TAKT_OVERTAKEN);
	assert_said("topic 'number': a sample may have changed while it was read in place: the roster was cut off");
	next_is(&subscriber, 2, 2);
	next_is(&subscriber, 3, 3);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
}

/* Another process of the same user can write a node's own segment: its offsets are not believed. */
static void a_nodes_own_offsets_are_not_believed(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	struct takt_node_shm *nodes[] = {pub->segment.address, sub->segment.address};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		nodes[i]->publications_offset = UINT64_MAX / 2;
		nodes[i]->subscriptions_offset = UINT64_MAX / 2;
	}
	attach_both(&publisher, &subscriber, "number", NULL);
	publish_numbers(&publisher, 1, 1);
	next_is(&subscriber, 1, 1);
	assert_in_range((uintptr_t)subscriber.statistics, (uintptr_t)nodes[1],
			(uintptr_t)nodes[1] + sub->segment.bytes);
	assert_in_range((uintptr_t)publisher.statistics, (uintptr_t)nodes[0], (uintptr_t)nodes[0] + pub->segment.bytes);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
}

/* Both handles are of one node, so it is that node's name. */
static void who_holds_a_lock_too_long_is_named_once(void **state)
{
	static struct takt_publisher holder;
	static struct takt_publisher publisher;

	(void)state;
	attach_both(&holder, NULL, "shared", NULL);
	attach_both(&publisher, NULL, "shared", NULL);
	assert_int_equal(takt_publisher_lock(&holder), TAKT_OK);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(publish_number(&publisher, 1), TAKT_TIMEOUT);
	assert_int_equal(messages.count, 1);
	assert_said("topic 'shared': its lock was held for more than 5000 us, and nothing was published, by: pub;");
	takt_lock_give(&holder.lock);
	publish_numbers(&publisher, 1, 1);
	takt_publisher_detach(&publisher);
	takt_publisher_detach(&holder);
}

#define TOPIC_CUT_TESTS                                                                                                \
	TOPIC_TEST(a_reader_of_a_topic_that_was_cut_off_is_told),                                                      \
		TOPIC_TEST(a_sample_that_lies_behind_the_cut_is_never_delivered),                                      \
		TOPIC_TEST(a_publisher_whose_topic_was_cut_off_is_told),                                               \
		TOPIC_TEST(a_reader_of_a_topic_that_was_wiped_is_told),                                                \
		TOPIC_TEST(a_segment_that_is_cut_off_while_it_is_opened_is_corrupt),                                   \
		TOPIC_TEST(a_borrow_whose_pin_was_taken_away_is_told_at_its_return),                                   \
		TOPIC_TEST(a_roster_that_was_cut_off_ends_borrows_and_no_publishing),                                  \
		TOPIC_TEST(a_nodes_own_offsets_are_not_believed), TOPIC_TEST(who_holds_a_lock_too_long_is_named_once)

#endif
