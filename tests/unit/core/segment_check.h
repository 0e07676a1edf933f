/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_segment.c: the head of a segment that somebody else made. */
#ifndef TAKT_TEST_CORE_SEGMENT_CHECK_H
#define TAKT_TEST_CORE_SEGMENT_CHECK_H

#define CHECK_BYTES 4096u

static union {
	struct takt_segment_shm head;
	unsigned char bytes[CHECK_BYTES];
} checked;

static int check_set_up(void **state)
{
	(void)state;
	memset(&checked, 0, sizeof(checked));
	takt_segment_fill(&checked.head, TAKT_SEGMENT_TOPIC, "robot", "imu", CHECK_BYTES, 11, 22);
	takt_segment_set_ready(&checked.head);
	forget_said();
	takt_message_handler_set(fixture_keep_message, NULL);
	return 0;
}

static int check_tear_down(void **state)
{
	(void)state;
	takt_message_handler_set(NULL, NULL);
	return 0;
}

static enum takt_status check(void)
{
	const struct takt_os_shm shm = {checked.bytes, CHECK_BYTES, -1, 0};

	return takt_segment_check(&shm, "topic.imu", TAKT_SEGMENT_TOPIC, "robot", 22);
}

static void a_segment_as_it_was_filled_is_accepted(void **state)
{
	const struct takt_os_shm shm = {checked.bytes, CHECK_BYTES, -1, 0};

	(void)state;
	assert_int_equal(check(), TAKT_OK);
	assert_int_equal(takt_segment_check(&shm, "topic.imu", TAKT_SEGMENT_TOPIC, NULL, 0), TAKT_OK);
	assert_nothing_said();
	assert_int_equal(checked.head.layout_hash, 11);
	assert_string_equal(checked.head.name, "imu");
}

/* Each refusal names the object and every text of `parts`. */
static void refused(enum takt_status expected, const char *const *parts)
{
	assert_int_equal(check(), expected);
	assert_said("topic.imu: ");
	for (; *parts; parts++)
		assert_said(*parts);
}

#define REFUSED(expected, ...) refused(expected, (const char *const[]){__VA_ARGS__, NULL})

static void what_is_not_takts_is_refused(void **state)
{
	(void)state;
	checked.head.magic[0] = 'T';
	REFUSED(TAKT_CORRUPT, "not a segment of takt", "remove it or rename");
	checked.head.ready = 0;
	assert_int_equal(check(), TAKT_CORRUPT);
}

static void a_segment_that_is_not_ready_is_told_apart(void **state)
{
	(void)state;
	checked.head.ready = 0;
	REFUSED(TAKT_NOT_READY, "not complete", "takt clean robot");
}

static void another_version_is_refused(void **state)
{
	(void)state;
	checked.head.abi_version = 77;
	REFUSED(TAKT_MISMATCH, "layout version is 77 there and 3 in this program", "same takt");
}

static void another_pointer_size_is_refused(void **state)
{
	(void)state;
	checked.head.pointer_bytes = (uint32_t)(12 - sizeof(void *));
	REFUSED(TAKT_MISMATCH, "pointer in bytes is ", " there and ", "32-bit and 64-bit");
}

static void another_byte_order_is_refused(void **state)
{
	(void)state;
	checked.head.endian_mark = 0x04030201u;
	REFUSED(TAKT_MISMATCH, "other byte order", "share one machine");
}

static void a_scribbled_byte_order_mark_is_refused(void **state)
{
	(void)state;
	checked.head.endian_mark = 0x55555555u;
	REFUSED(TAKT_CORRUPT, "damaged", "takt clean");
}

static void another_semaphore_is_refused(void **state)
{
	(void)state;
	checked.head.sem_kind = 3u - (uint32_t)takt_os_sem_kind();
	REFUSED(TAKT_MISMATCH, "kind of semaphore (1 futex, 2 POSIX) is ", " there and ", "TAKT_SEM");
}

static void another_domain_is_refused(void **state)
{
	(void)state;
	(void)snprintf(checked.head.domain, sizeof(checked.head.domain), "crane");
	REFUSED(TAKT_MISMATCH, "'crane'", "'robot'", "takt clean robot");
}

static void a_domain_name_without_an_end_is_refused_and_not_read_past(void **state)
{
	(void)state;
	memset(checked.head.domain, 'x', sizeof(checked.head.domain));
	REFUSED(TAKT_MISMATCH, "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'", "'robot'");
}

static void an_earlier_life_of_the_domain_is_refused(void **state)
{
	(void)state;
	checked.head.instance = 23;
	REFUSED(TAKT_MISMATCH, "another life", "takt clean robot");
}

static void a_truncated_segment_is_refused(void **state)
{
	(void)state;
	checked.head.total_bytes = CHECK_BYTES + 1;
	REFUSED(TAKT_CORRUPT, "of 4097 bytes", "has 4096 bytes", "takt clean");
}

static void another_kind_of_segment_is_refused(void **state)
{
	(void)state;
	checked.head.kind = TAKT_SEGMENT_NODE;
	REFUSED(TAKT_CORRUPT, "kind 3", "kind 2 was expected");
}

static void parts_outside_a_segment_are_seen_without_overflow(void **state)
{
	(void)state;
	assert_true(takt_segment_holds(100, 0, 10, 10));
	assert_true(takt_segment_holds(100, 96, 4, 1));
	assert_true(takt_segment_holds(100, 64, 0, UINT64_MAX));
	assert_false(takt_segment_holds(100, 0, 11, 10));
	assert_false(takt_segment_holds(100, 104, 0, 1));
	assert_false(takt_segment_holds(100, 4, 1, 1)); /* not aligned */
	assert_false(takt_segment_holds(100, 8, UINT64_MAX, 2));
	assert_false(takt_segment_holds(100, 8, UINT64_MAX / 2 + 1, 2));
	assert_false(takt_segment_holds(100, UINT64_MAX - 7, 1, 8));
	assert_false(takt_segment_holds(UINT64_MAX, 8, UINT64_MAX, 1));
}

static void object_names_are_bounded(void **state)
{
	char name[400];
	struct takt_object_name object = takt_object_name("topic", "imu");

	(void)state;
	assert_string_equal(object.text, "topic.imu");
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	object = takt_object_name("topic", name);
	assert_int_equal(strlen(object.text), sizeof(object.text) - 1);
}

static void rights_are_resolved_by_name_and_number(void **state)
{
	char root[] = "root";
	char number[] = "4711";
	char nobody[] = "no_such_user_here";
	struct takt_config_rights rights = {.owner = root, .group = number, .mode = 0640};
	struct takt_os_rights numbers = {1, 2, 3};

	(void)state;
	assert_int_equal(takt_config_rights_resolve(&rights, &numbers), TAKT_OK);
	assert_int_equal(numbers.owner, 0);
	assert_int_equal(numbers.group, 4711);
	assert_int_equal(numbers.mode, 0640);
	rights.owner = NULL;
	rights.group = NULL;
	assert_int_equal(takt_config_rights_resolve(&rights, &numbers), TAKT_OK);
	assert_int_equal(numbers.owner, TAKT_OS_ID_ANY);
	assert_int_equal(numbers.group, TAKT_OS_ID_ANY);
	rights.owner = nobody;
	numbers.mode = 1;
	assert_int_equal(takt_config_rights_resolve(&rights, &numbers), TAKT_ABSENT);
	assert_int_equal(numbers.mode, 1);
	assert_said("owner 'no_such_user_here'");
	rights.owner = NULL;
	rights.group = nobody;
	assert_int_equal(takt_config_rights_resolve(&rights, &numbers), TAKT_ABSENT);
	assert_said("group 'no_such_user_here'");
}

#define CHECK_TEST(test) cmocka_unit_test_setup_teardown(test, check_set_up, check_tear_down)
#define SEGMENT_CHECK_TESTS                                                                                            \
	CHECK_TEST(a_segment_as_it_was_filled_is_accepted), CHECK_TEST(what_is_not_takts_is_refused),                  \
		CHECK_TEST(a_segment_that_is_not_ready_is_told_apart), CHECK_TEST(another_version_is_refused),         \
		CHECK_TEST(another_pointer_size_is_refused), CHECK_TEST(another_byte_order_is_refused),                \
		CHECK_TEST(a_scribbled_byte_order_mark_is_refused), CHECK_TEST(another_semaphore_is_refused),          \
		CHECK_TEST(another_domain_is_refused),                                                                 \
		CHECK_TEST(a_domain_name_without_an_end_is_refused_and_not_read_past),                                 \
		CHECK_TEST(an_earlier_life_of_the_domain_is_refused), CHECK_TEST(a_truncated_segment_is_refused),      \
		CHECK_TEST(another_kind_of_segment_is_refused),                                                        \
		CHECK_TEST(parts_outside_a_segment_are_seen_without_overflow), CHECK_TEST(object_names_are_bounded),   \
		CHECK_TEST(rights_are_resolved_by_name_and_number)

#endif
