/* SPDX-License-Identifier: Apache-2.0 */
/* Single values: every number at both ends of its range and one beyond, every word, name and mode. */
#include "tests/unit/core/config_fixture.h"

enum owner { OF_DOMAIN, OF_TOPIC, OF_NODE };

struct range {
	enum owner owner;
	const char *key;
	uint64_t min;
	uint64_t max;
};

static const struct range ranges[] = {
	{OF_DOMAIN, "wait_slice_us", 100, 1000000},
	{OF_DOMAIN, "lock_bound_us", 10, 1000000},
	{OF_TOPIC, "depth", TAKT_DEPTH_MIN, TAKT_DEPTH_MAX},
	{OF_TOPIC, "publishers", 1, TAKT_PUBLISHER_COUNT_MAX},
	{OF_TOPIC, "borrows", 0, TAKT_BORROW_COUNT_MAX},
	{OF_TOPIC, "loans", 0, TAKT_LOAN_COUNT_MAX},
	{OF_TOPIC, "deadline_us", 0, TAKT_CONFIG_SPAN_US_MAX},
	{OF_NODE, "waiters", 0, TAKT_WAITERS_PER_NODE_MAX},
	{OF_NODE, "period_us", 0, TAKT_CONFIG_SPAN_US_MAX},
	{OF_NODE, "spin_us", 0, TAKT_SPIN_US_MAX},
	{OF_NODE, "scheduler: {policy: fifo, priority", 1, 99},
};

static void write_config(char text[512], enum owner owner, const char *key, const char *value)
{
	const char *end = strchr(key, '{') != NULL ? "}" : "";

	if (owner == OF_DOMAIN)
		snprintf(text, 512, DOMAIN("%s: %s%s"), key, value, end);
	else if (owner == OF_TOPIC)
		snprintf(text, 512, TOPIC("%s: %s%s"), key, value, end);
	else
		snprintf(text, 512, NODE("%s: %s%s"), key, value, end);
}

static void is_taken(const struct range *range, uint64_t value)
{
	char text[512];
	char number[24];

	snprintf(number, sizeof(number), "%llu", (unsigned long long)value);
	write_config(text, range->owner, range->key, number);
	takt_config_free(accept(text));
}

/* The message names the object, the key, what was found and the range. */
static void is_refused(const struct range *range, const char *value)
{
	static const char *const lines[] = {"2:1: ", "3:5: ", "7:"};
	static const char *const objects[] = {"the config: ", "topic 'imu': ", "node 'sensor': "};
	char text[512];
	char found[64];
	char remedy[64];

	write_config(text, range->owner, range->key, value);
	snprintf(found, sizeof(found), "%s is '%s'",
		 strchr(range->key, '{') != NULL ? "scheduler.priority" : range->key,
		 strcmp(value, "''") == 0 ? "" : value);
	snprintf(remedy, sizeof(remedy), "write a whole number from %llu to %llu", (unsigned long long)range->min,
		 (unsigned long long)range->max);
	refused(text, lines[range->owner], objects[range->owner], found, remedy);
}

static void every_number_is_taken_at_both_ends_of_its_range(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		is_taken(&ranges[i], ranges[i].min);
		is_taken(&ranges[i], ranges[i].max);
	}
}

static void every_number_is_refused_beyond_its_range(void **state)
{
	char number[24];

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)ranges[i].max + 1);
		is_refused(&ranges[i], number);
		snprintf(number, sizeof(number), "%lld", (long long)ranges[i].min - 1);
		is_refused(&ranges[i], number);
	}
}

/* libcyaml alone would read these as -1 = 2^64 - 1, 16, 8, 16 and 2^64 - 1. */
static void what_is_no_plain_number_is_refused(void **state)
{
	static const char *const words[] = {"-1",   "16k", "010",   "0x10", "99999999999999999999", "1.5", "1e3",
					    "many", "''",  "1_000", "+5",   "18446744073709551616"};

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++)
			is_refused(&ranges[i], words[j]);
}

static void a_wrong_name_gets_a_right_one(void **state)
{
	char text[512];

	(void)state;
	refused("domain: my/robot\n", "1:1: ", "domain is 'my/robot'", "1 to 31 of a-z", "for instance 'my_robot'");
	refused("domain: ../../etc\n", "1:1: ", "for instance 'etc'");
	refused("domain: Robot 7\n", "1:1: ", "for instance 'robot_7'");
	refused("domain: 7\n", "1:1: ", "for instance 'robot'");
	refused("domain:\n", "1:1: ", "domain is ''");
	snprintf(text, sizeof(text), "domain: %0300d\n", 0);
	refused(text, "1:1: ", "(300 characters)", "1 to 31");
	snprintf(text, sizeof(text), "domain: a%031d\n", 0);
	refused(text, "1:1: ", "(32 characters)");
	snprintf(text, sizeof(text), "domain: a%030d\n", 0);
	takt_config_free(accept(text));
	refused("domain: r\ntopics:\n  - {name: a.b, type: a, bytes: 1}\n", "3:6: ", "topic 1 of the list",
		"name is 'a.b'");
	refused("domain: r\ntopics:\n  - {name: a, type: A, bytes: 1}\n", "3:15: ", "topic 'a'", "type is 'A'",
		"for instance 'a'");
	refused("domain: r\nnodes:\n  - {name: -, program: a}\n", "3:6: ", "node 1 of the list");
}

static void a_mode_is_octal(void **state)
{
	static const struct {
		const char *line;
		uint32_t mode;
	} good[] = {{"mode: 0640", 0640}, {"mode: '0640'", 0640}, {"mode: \"0660\"", 0660}, {"mode: 0o640", 0640},
		    {"mode: 640", 0640},  {"mode: 0600", 0600},	  {"mode: 0o0664", 0664}};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char text[64];
		const struct takt_config *config;

		snprintf(text, sizeof(text), DOMAIN("%s"), good[i].line);
		config = accept(text);
		assert_int_equal(config->rights.mode, good[i].mode);
		takt_config_free(config);
	}
}

static void a_mode_never_lets_everybody_write(void **state)
{
	(void)state;
	refused(DOMAIN("mode: 0666"), "2:1: ", "mode 0666 lets every user write", "write 0664");
	refused(TOPIC("mode: 0602"), "3:5: ", "topic 'imu'", "write 0600");
}

static void a_mode_is_made_of_reading_and_writing_bits(void **state)
{
	static const char *const lines[] = {"mode: 0755", "mode: 0000",	 "mode: 0",    "mode: 0680", "mode: rw-r-----",
					    "mode: ''",	  "mode: 06400", "mode: 4640", "mode: -0640"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[64];

		snprintf(text, sizeof(text), DOMAIN("%s"), lines[i]);
		refused(text, "2:1: ", "mode is '", "such as 0600, 0640 or 0660");
	}
}

static void words_are_checked_against_their_choices(void **state)
{
	(void)state;
	refused(NODE("overrun: drop"), "7:5: ", "node 'sensor'", "overrun is 'drop'", "skip, catch_up");
	refused(NODE("overrun: catchup"), "7:5: ", "write one of: catch_up");
	refused(NODE("restart: on-failure"), "7:5: ", "restart is 'on-failure'", "on_failure");
	refused(NODE("restart: 1"), "7:5: ", "never, on_failure, always");
	refused(NODE("scheduler: {policy: rr}"), "7:17: ", "scheduler.policy is 'rr'", "other, fifo");
	refused(NODE("core_dumps: maybe"), "7:5: ", "core_dumps is 'maybe'", "true, false");
	refused(NODE("core_dumps:"), "7:5: ", "core_dumps is ''", "true, false");
}

static void texts_that_are_there_say_something(void **state)
{
	(void)state;
	refused(DOMAIN("owner:"), "2:1: ", "owner is ''", "or remove the key");
	refused(DOMAIN("group: \"a\\tb\""), "2:1: ", "group is 'a?b'", "printable");
	refused(TOPIC("owner: ''"), "3:5: ", "topic 'imu'", "owner is ''");
	refused(NODE("parameter_file:"), "7:5: ", "parameter_file is ''");
	refused("domain: r\nnodes:\n  - {name: a, program: ''}\n", "3:15: ", "node 'a'", "program is ''");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		caught(every_number_is_taken_at_both_ends_of_its_range),
		caught(every_number_is_refused_beyond_its_range),
		caught(what_is_no_plain_number_is_refused),
		caught(a_wrong_name_gets_a_right_one),
		caught(a_mode_is_octal),
		caught(a_mode_never_lets_everybody_write),
		caught(a_mode_is_made_of_reading_and_writing_bits),
		caught(words_are_checked_against_their_choices),
		caught(texts_that_are_there_say_something),
	};

	return cmocka_run_group_tests_name("config_value", tests, NULL, NULL);
}
