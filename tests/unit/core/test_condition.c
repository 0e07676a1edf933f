/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/sync_fixture.h"

#include "core/condition.h"

struct reading {
	double level;
	float pair[2];
	int16_t small;
	uint64_t large;
	uint8_t is_on;
	char text[7];
};
TAKT_TYPE(reading, struct reading, TAKT_FIELD(struct reading, level, TAKT_F64, 1, "m"),
	  TAKT_FIELD(struct reading, pair, TAKT_F32, 2, ""), TAKT_FIELD(struct reading, small, TAKT_I16, 1, ""),
	  TAKT_FIELD(struct reading, large, TAKT_U64, 1, ""), TAKT_FIELD(struct reading, is_on, TAKT_BOOL, 1, ""),
	  TAKT_FIELD(struct reading, text, TAKT_CHAR, 7, ""));

static const char config[] = "domain: test\n"
			     "topics:\n"
			     "  - {name: reading, type: reading, bytes: 40, depth: 4}\n"
			     "nodes:\n"
			     "  - {name: writer, program: x, publishes: [reading], waiters: 0}\n"
			     "  - {name: watcher, program: x, subscribes: [reading], waiters: 1}\n";

static struct takt_publisher publisher;
static struct takt_subscriber subscriber;
static struct takt_waiter waiter;
static struct takt_condition condition;

static int set_up(void **state)
{
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(config);
	struct takt_node *watcher = fixture_join("watcher");
	assert_int_equal(takt_publisher_attach(&publisher, fixture_join("writer"), "reading", &takt_type_reading),
			 TAKT_OK);
	assert_int_equal(takt_subscriber_attach(&subscriber, watcher, "reading", &takt_type_reading, NULL), TAKT_OK);
	assert_int_equal(takt_waiter_init(&waiter, watcher, 0), TAKT_OK);
	memset(&condition, 0, sizeof(condition));
	return 0;
}

static int tear_down(void **state)
{
	takt_publisher_detach(&publisher);
	takt_subscriber_detach(&subscriber);
	return fixture_tear_down(state);
}

static void publish(const struct reading *reading)
{
	assert_int_equal(takt_publish(&publisher, reading, NULL), TAKT_OK);
}

static enum takt_status choose(const char *field, enum takt_comparison comparison, double value)
{
	return takt_condition_init(&condition, &waiter, &subscriber, &takt_type_reading, field, comparison, value);
}

static void fields_of_every_kind_are_found_and_compared(void **state)
{
	static const struct {
		const char *field;
		enum takt_comparison comparison;
		double value;
		enum takt_status expected;
	} cases[] = {
		{"level", TAKT_AT_LEAST, 2.5, TAKT_OK},	   {"level", TAKT_ABOVE, 2.5, TAKT_BUSY},
		{"level", TAKT_AT_MOST, 2.5, TAKT_OK},	   {"level", TAKT_BELOW, 2.5, TAKT_BUSY},
		{"level", TAKT_EQUAL_TO, 2.5, TAKT_OK},	   {"level", TAKT_OTHER_THAN, 2.5, TAKT_BUSY},
		{"level", TAKT_OTHER_THAN, 2.4, TAKT_OK},  {"level", TAKT_EQUAL_TO, 2.4, TAKT_BUSY},
		{"pair[0]", TAKT_EQUAL_TO, -1.5, TAKT_OK}, {"pair[1]", TAKT_EQUAL_TO, 4, TAKT_OK},
		{"small", TAKT_BELOW, -299, TAKT_OK},	   {"small", TAKT_BELOW, -300, TAKT_BUSY},
		{"large", TAKT_AT_LEAST, 1e12, TAKT_OK},   {"is_on", TAKT_EQUAL_TO, 1, TAKT_OK},
	};
	const struct reading reading = {2.5, {-1.5f, 4}, -300, UINT64_C(1000000000000), 1, "word"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading got = {.level = 0};

		assert_int_equal(choose(cases[i].field, cases[i].comparison, cases[i].value), TAKT_OK);
		publish(&reading);
		if (takt_condition_try_wait(&condition, &got, NULL) != cases[i].expected)
			fail_msg("case %zu", i);
		if (cases[i].expected == TAKT_OK)
			assert_memory_equal(&got, &reading, sizeof(got));
	}
	assert_nothing_said();
}

static void what_is_no_number_of_the_type_is_refused_by_name(void **state)
{
	(void)state;
	assert_int_equal(choose("leval", TAKT_ABOVE, 0), TAKT_ABSENT);
	assert_said("type 'reading' has no field 'leval'; did you mean 'level'?");
	assert_int_equal(choose("nothing_like_it", TAKT_ABOVE, 0), TAKT_ABSENT);
	assert_said("its fields are shown by: takt topic info");
	assert_int_equal(choose("text", TAKT_ABOVE, 0), TAKT_INVALID);
	assert_said("field 'text' of type 'reading' is text");
	assert_int_equal(choose("pair", TAKT_ABOVE, 0), TAKT_INVALID);
	assert_said("field 'pair' of type 'reading' is an array of 2; write one of 'pair[0]' to 'pair[1]'");
	assert_int_equal(choose("pair[2]", TAKT_ABOVE, 0), TAKT_INVALID);
	assert_int_equal(choose("pair[18446744073709551616]", TAKT_ABOVE, 0), TAKT_INVALID);
	assert_int_equal(choose("pair[-1]", TAKT_ABOVE, 0), TAKT_ABSENT);
	assert_int_equal(choose("pair[0", TAKT_ABOVE, 0), TAKT_ABSENT);
	assert_int_equal(choose("pair[0]x", TAKT_ABOVE, 0), TAKT_ABSENT);
	assert_int_equal(choose("level", (enum takt_comparison)7, 0), TAKT_INVALID);
	assert_said("7 is none of the comparisons 1 to 6");
	assert_null(condition.waiter);
	assert_int_equal(takt_condition_init(&condition, &(struct takt_waiter){.node = NULL}, &subscriber,
					     &takt_type_reading, "level", TAKT_ABOVE, 0),
			 TAKT_CLOSED);
	assert_int_equal(takt_condition_try_wait(&condition, NULL, NULL), TAKT_CLOSED);
	assert_int_equal(takt_condition_wait_until(&condition, sync_soon(), NULL, NULL), TAKT_CLOSED);
}

static void a_short_peak_is_not_missed_and_what_follows_stays(void **state)
{
	struct takt_sample_info info;
	struct reading got;

	(void)state;
	assert_int_equal(choose("level", TAKT_ABOVE, 10), TAKT_OK);
	publish(&(struct reading){.level = 1});
	publish(&(struct reading){.level = 11});
	publish(&(struct reading){.level = 2});
	assert_int_equal(takt_condition_wait_until(&condition, 1, &got, &info), TAKT_OK);
	assert_true(got.level > 10.5 && got.level < 11.5);
	assert_int_equal(info.number, 2);
	assert_int_equal(takt_condition_wait_until(&condition, sync_soon(), &got, &info), TAKT_TIMEOUT);
	assert_int_equal(subscriber.got, 3);
	assert_int_equal(atomic_load(&subscriber.mask->waiting), 0);
	takt_subscriber_detach(&subscriber);
	assert_int_equal(takt_condition_try_wait(&condition, &got, &info), TAKT_CLOSED);
}

static void publish_until_it_is_true(void *argument)
{
	const uint64_t end_ns = sync_much_later();

	(void)argument;
	while (atomic_load(&subscriber.mask->waiting) == 0 && takt_os_clock_now_ns() < end_ns)
		(void)sched_yield();
	for (int i = 0; i < 1000; i++)
		if (takt_publish(&publisher, &(struct reading){.level = i}, NULL) != TAKT_OK)
			abort();
}

/* A publisher that is faster than the ring is deep: the condition becomes true all the same, and the losses are counted. */
static void it_wakes_when_it_becomes_true(void **state)
{
	struct takt_os_thread thread = {.run = NULL};
	struct reading got;

	(void)state;
	assert_int_equal(choose("level", TAKT_AT_LEAST, 999), TAKT_OK);
	assert_int_equal(takt_os_thread_start(&thread, "writer", publish_until_it_is_true, NULL), TAKT_OK);
	assert_int_equal(takt_condition_wait_until(&condition, sync_much_later(), &got, NULL), TAKT_OK);
	takt_os_thread_join(&thread);
	assert_true(got.level > 998.5);
	assert_int_equal(subscriber.got + subscriber.lost, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(fields_of_every_kind_are_found_and_compared, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_number_of_the_type_is_refused_by_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_short_peak_is_not_missed_and_what_follows_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_wakes_when_it_becomes_true, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
