/* SPDX-License-Identifier: Apache-2.0 */
/* Where a place stands in the text. */
#include "tests/unit/core/config_fixture.h"

#include "core/config_source.h"

static const char text[] = "# a comment\n"
			   "domain: robot\n"
			   "? [1, {2: 3}]\n" /* a key that is a list */
			   ": {domain: other}\n"
			   "topics:\n"
			   "  - name: imu\n"
			   "    depth: 16\n"
			   "  - {name: motor, depth: 4}\n"
			   "nodes:\n"
			   "- name: \"a\n"
			   "    b\"\n"
			   "  scheduler:\n"
			   "    cpus: [1,\n"
			   "           2]\n"
			   "domain: twice\n";

static const struct takt_config_source source = {"test.yaml", text, sizeof(text) - 1};

static void stands_at(const char *place, const char *position)
{
	char expected[64];

	message_count = 0;
	assert_int_equal(takt_config_refuse(&source, TAKT_LIMIT, place, "wrong %d", 7), TAKT_LIMIT);
	assert_int_equal(message_count, 1);
	snprintf(expected, sizeof(expected), "test.yaml:%s: wrong 7", position);
	assert_string_equal(last_message, expected);
}

static void places_are_found(void **state)
{
	(void)state;
	stands_at("topics", "5:1");
	stands_at("topics[0]", "6:5");
	stands_at("topics[0].depth", "7:5");
	stands_at("topics[1].depth", "8:19");
	stands_at("nodes[0].name", "10:3");
	stands_at("nodes[0].scheduler.cpus[1]", "14:12");
}

static void a_place_that_is_not_there_becomes_what_is_around_it(void **state)
{
	(void)state;
	stands_at("topics[0].bytes", "6:5");
	stands_at("topics[0].dept", "6:5");
	stands_at("topics[7].depth", "5:1");
	stands_at("nodes[0].scheduler.priority", "12:3");
	stands_at("", "2:1");
	stands_at("mode", "2:1");
}

static void a_key_that_stands_twice_is_found_the_second_time(void **state)
{
	(void)state;
	stands_at("domain", "15:1");
}

static void values_are_read_at_their_place(void **state)
{
	char value[16];

	(void)state;
	takt_config_value_at(&source, "topics[1].name", value, sizeof(value));
	assert_string_equal(value, "motor");
	takt_config_value_at(&source, "nodes[0].name", value, sizeof(value));
	assert_string_equal(value, "a b");
	takt_config_value_at(&source, "nodes[0].scheduler.cpus[1]", value, sizeof(value));
	assert_string_equal(value, "2");
	takt_config_value_at(&source, "topics", value, sizeof(value));
	assert_string_equal(value, "");
	takt_config_value_at(&source, "topics[1].name", value, 3);
	assert_string_equal(value, "mo");
}

static void objects_are_called_by_their_names(void **state)
{
	char said[TAKT_CONFIG_SAID_BYTES];

	(void)state;
	takt_config_object_at(&source, "topics[1].depth", said);
	assert_string_equal(said, "topic 'motor'");
	takt_config_object_at(&source, "topics[2].depth", said);
	assert_string_equal(said, "topic 3 of the list");
	takt_config_object_at(&source, "nodes[0].scheduler.cpus[1]", said);
	assert_string_equal(said, "node 'a b'");
	takt_config_object_at(&source, "domain", said);
	assert_string_equal(said, "the config");
}

static void a_place_deeper_than_the_walk_is_survived(void **state)
{
	static char deep[4096];
	const struct takt_config_source nested = {"test.yaml", deep, sizeof(deep)};

	(void)state;
	memset(deep, '[', sizeof(deep));
	memcpy(deep, "\nx: ", 4);
	assert_int_equal(takt_config_refuse(&nested, TAKT_INVALID,
					    "x[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]", "deep"),
			 TAKT_INVALID);
	message_says("test.yaml:2:");
}

static void what_is_no_yaml_is_said_where_it_breaks(void **state)
{
	static const char broken[] = "a: 1\nb: [1, 2\nc: 3\n";
	const struct takt_config_source unfinished = {"test.yaml", broken, sizeof(broken) - 1};

	(void)state;
	assert_int_equal(takt_config_refuse_syntax(&unfinished), TAKT_INVALID);
	message_says("test.yaml:3:");
	message_says("begins in line 2");
}

static void a_fault_behind_the_first_document_or_deep_inside_is_found_too(void **state)
{
	static const char behind[] = " domain: d\nt";
	const struct takt_config_source second = {"test.yaml", behind, sizeof(behind) - 1};
	char deep[64] = "a: ";
	const struct takt_config_source nested = {"test.yaml", deep, sizeof(deep)};

	(void)state;
	assert_int_equal(takt_config_refuse_syntax(&second), TAKT_INVALID);
	message_says("test.yaml:2:1: not valid YAML");
	memset(deep + 3, '[', 40);
	memset(deep + 43, ' ', sizeof(deep) - 43);
	deep[50] = '}';
	assert_int_equal(takt_config_refuse_syntax(&nested), TAKT_INVALID);
	message_says("test.yaml:1:51: not valid YAML");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		caught(places_are_found),
		caught(a_place_that_is_not_there_becomes_what_is_around_it),
		caught(a_key_that_stands_twice_is_found_the_second_time),
		caught(values_are_read_at_their_place),
		caught(objects_are_called_by_their_names),
		caught(a_place_deeper_than_the_walk_is_survived),
		caught(what_is_no_yaml_is_said_where_it_breaks),
		caught(a_fault_behind_the_first_document_or_deep_inside_is_found_too),
	};

	return cmocka_run_group_tests_name("config_source", tests, NULL, NULL);
}
