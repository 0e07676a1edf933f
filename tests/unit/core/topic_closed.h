/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_topic.c: handles that are attached to nothing, and configs that differ from the running domain in one number. */
#ifndef TAKT_TEST_CORE_TOPIC_CLOSED_H
#define TAKT_TEST_CORE_TOPIC_CLOSED_H

#include "tests/unit/core/topic_support.h"

static void a_handle_that_is_not_attached_answers_closed(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;
	static struct takt_node nobody;
	struct number payload = number_of(1);
	struct takt_loan loan = {0};
	struct takt_borrow borrow = {0};

	(void)state;
	assert_int_equal(takt_publish(&publisher, &payload, NULL), TAKT_CLOSED);
	assert_int_equal(takt_publisher_loan(&publisher, &loan), TAKT_CLOSED);
	assert_int_equal(takt_publish_loan(&publisher, &loan, NULL), TAKT_CLOSED);
	takt_publisher_abandon(&publisher, &loan);
	assert_int_equal(takt_read_next(&subscriber, &payload, NULL), TAKT_CLOSED);
	assert_int_equal(takt_read_latest(&subscriber, &payload, NULL), TAKT_CLOSED);
	assert_int_equal(takt_borrow_next(&subscriber, &borrow, NULL), TAKT_CLOSED);
	assert_int_equal(takt_borrow_latest(&subscriber, &borrow, NULL), TAKT_CLOSED);
	assert_int_equal(takt_return(&subscriber, &borrow), TAKT_CLOSED);
	assert_int_equal(takt_subscriber_has_news(&subscriber), 0);
	assert_int_equal(takt_subscriber_news_ns(&subscriber), 0);
	/* Nor can they be attached by a node that has not joined. */
	assert_int_equal(takt_publisher_attach(&publisher, &nobody, "number", &takt_type_number), TAKT_CLOSED);
	assert_int_equal(takt_subscriber_attach(&subscriber, &nobody, "number", &takt_type_number, NULL), TAKT_CLOSED);
	assert_true(is_number(&payload, 1) && loan.payload == NULL && borrow.payload == NULL);
}

static void a_topic_that_the_config_does_not_give_a_node_is_refused(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;

	(void)state;
	forget_said();
	assert_int_equal(takt_publisher_attach(&publisher, sub, "number", &takt_type_number), TAKT_INVALID);
	assert_said("node 'sub' may not publish 'number'");
	assert_int_equal(takt_subscriber_attach(&subscriber, pub, "number", &takt_type_number, NULL), TAKT_INVALID);
	assert_said("node 'pub' may not read 'number'");
	assert_null(publisher.node);
	assert_null(subscriber.node);
}

struct figure {
	uint64_t value[5];
};
TAKT_TYPE(figure, struct figure, TAKT_FIELD(struct figure, value, TAKT_U64, 5, ""));

static void who_comes_first_with_another_type_leaves_no_description_behind(void **state)
{
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;

	(void)state;
	assert_int_equal(takt_publisher_attach(&publisher, pub, "number", &takt_type_figure), TAKT_MISMATCH);
	assert_int_equal(takt_subscriber_attach(&subscriber, sub, "shared", &takt_type_figure, NULL), TAKT_MISMATCH);
	attach_both(&publisher, &subscriber, "number", NULL);
	publish_numbers(&publisher, 1, 1);
	next_is(&subscriber, 1, 1);
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
	attach_both(&publisher, NULL, "shared", NULL);
	takt_publisher_detach(&publisher);
}

/* Opens the running topic `number` with a config that has one value changed. */
static void differs_by(const char *key, const char *was, const char *is, const char *said)
{
	static char text[sizeof(topic_config) + 64];
	const char *at = strstr(topic_config, was);
	struct takt_os_shm shm = {0};
	struct takt_topic_constants constants;

	assert_non_null(at);
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - topic_config), topic_config, is, at + strlen(was));
	const struct takt_config *config = fixture_parse(text);
	forget_said();
	assert_int_equal(takt_topic_segment_open(&shm, &constants, &sub->domain, config, "number", TAKT_OS_READ_ONLY),
			 TAKT_MISMATCH);
	assert_null(shm.address);
	assert_said(key);
	assert_said(said);
	takt_config_free(config);
}

static void a_config_that_differs_in_one_number_is_told_which(void **state)
{
	static struct takt_publisher publisher;

	(void)state;
	attach_both(&publisher, NULL, "number", NULL);
	differs_by("`bytes`", "bytes: 40", "bytes: 48", "40 in the running domain and 48 in this config");
	differs_by("`depth`", "depth: 8", "depth: 4", "8 in the running domain and 4 in this config");
	differs_by("`borrows`", "borrows: 3", "borrows: 2", "3 in the running domain and 2 in this config");
	differs_by("`loans`", "loans: 2", "loans: 1", "2 in the running domain and 1 in this config");
	differs_by("`publishers`", "loans: 2}", "loans: 2, publishers: 2}",
		   "1 in the running domain and 2 in this config");
	takt_publisher_detach(&publisher);
}

#define TOPIC_CLOSED_TESTS                                                                                             \
	TOPIC_TEST(a_handle_that_is_not_attached_answers_closed),                                                      \
		TOPIC_TEST(a_topic_that_the_config_does_not_give_a_node_is_refused),                                   \
		TOPIC_TEST(who_comes_first_with_another_type_leaves_no_description_behind),                            \
		TOPIC_TEST(a_config_that_differs_in_one_number_is_told_which)

#endif
