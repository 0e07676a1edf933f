/* SPDX-License-Identifier: Apache-2.0 */
/* The shape of a config: what libcyaml refuses, said so that a person can mend it. */
#include "tests/unit/core/config_fixture.h"

static void an_unknown_key_is_named_with_its_line_and_the_nearest_key(void **state)
{
	(void)state;
	refused("domain: robot\ntopics:\n  - name: imu\n    type: imu\n    bytes: 40\n    dpeth: 16\n",
		"6:5: ", "topic 'imu'", "no key 'dpeth'", "did you mean 'depth'?");
	refused("domain: robot\ntopcis: []\n", "2:1: ", "the config", "'topcis'", "did you mean 'topics'?");
	refused(NODE("scheduler: {policy: fifo, prority: 5}"), "7:31: ", "node 'sensor'", "'prority' in scheduler",
		"did you mean 'priority'?");
	refused(NODE("restarts: always"), "7:5: ", "node 'sensor'", "'restarts'", "did you mean 'restart'?");
}

static void an_unknown_key_that_resembles_none_gets_the_list(void **state)
{
	(void)state;
	refused(NODE("colour: red"), "7:5: ", "node 'sensor'", "'colour'", "use one of: name program arguments");
	refused(TOPIC("colour: red"), "3:5: ", "topic 'imu'", "'colour'", "use one of: name type bytes");
	refused(NODE("scheduler: {niceness: 5}"), "7:17: ", "'niceness' in scheduler", "policy priority cpus");
	refused("domain: robot\nframework: ros\n", "2:1: ", "'framework'", "domain owner group mode");
}

static void a_key_belongs_to_its_own_place(void **state)
{
	(void)state;
	refused("domain: robot\ndepth: 16\n", "2:1: ", "the config", "'depth'");
	refused(TOPIC("priority: 16"), "3:5: ", "topic 'imu'", "'priority'");
}

static void a_missing_key_is_named(void **state)
{
	(void)state;
	refused("topics: []\n", "1:1: ", "the config", "'domain' is missing", "add a line `domain: ...`");
	refused("domain: robot\ntopics:\n  - {name: a, type: a, bytes: 1}\n  - name: imu\n    type: imu\n",
		"4:5: ", "topic 'imu'", "'bytes' is missing");
	refused("domain: robot\ntopics:\n  - bytes: 4\n", "3:5: ", "topic 1 of the list", "'name' is missing");
	refused("domain: robot\nnodes:\n  - name: a\n", "3:5: ", "node 'a'", "'program' is missing");
}

static void a_key_that_stands_twice_is_named_at_the_second(void **state)
{
	(void)state;
	refused("domain: robot\nmode: 0640\ndomain: robot\n", "3:1: ", "'domain'", "second time", "keep one");
	refused("domain: robot\ntopics:\n  - name: imu\n    depth: 4\n    type: a\n    depth: 8\n",
		"6:5: ", "topic 'imu'", "'depth'");
}

/* Without the list everybody, or everything, is meant: an empty one looks like nobody. */
static void an_empty_list_of_access_is_refused(void **state)
{
	(void)state;
	refused("domain: robot\naccess: []\n", "2:1: ", "the config: access is an empty list");
	refused("domain: robot\naccess: [{users: []}]\n", "2:11: ", "access rule 1: access[0].users is an empty list",
		"remove the key");
	refused("domain: robot\naccess: [{users: [a], commands: []}]\n",
		"2:23: ", "access[0].commands is an empty list");
	refused("domain: robot\naccess: [{users: [a], comands: [stop]}]\n", "2:23: ", "access rule 1",
		"did you mean 'commands'?");
	refused("domain: robot\naccess:\n", "2:1: ", "access must be a list");
}

static void a_value_of_the_wrong_shape_is_named(void **state)
{
	(void)state;
	refused("domain: [robot]\n", "1:1: ", "domain must be a single value", "is a list");
	refused("domain: robot\ntopics: 5\n", "2:1: ", "topics must be a list", "is a single value");
	refused("domain: robot\ntopics:\nnodes: []\n", "2:1: ", "topics must be a list");
	refused("domain: robot\ntopics:\n  - imu\n", "3:5: ", "topics[0] must be keys with values");
	refused(TOPIC("depth: {a: 1}"), "3:5: ", "topic 'imu'", "depth must be a single value", "is keys with values");
	refused(NODE("publishes: imu"), "7:5: ", "node 'sensor'", "publishes must be a list");
	refused(NODE("scheduler: fifo"), "7:5: ", "node 'sensor'", "scheduler must be keys with values");
	refused(NODE("arguments: [[a]]"), "7:17: ", "node 'sensor'", "arguments[0] must be a single value");
	refused("- domain\n- robot\n", "1:1: ", "it must be keys with values", "is a list");
	refused("robot\n", "1:1: ", "it must be keys with values", "is a single value");
	refused("domain: robot\n? [a, b]\n: c\n", "", "a key is a single word");
}

static void truncated_yaml_names_the_line_where_it_breaks(void **state)
{
	(void)state;
	refused("domain: robot\nnodes:\n  - name: a\n    publishes: [imu, motor\n", "5:1: ", "not valid YAML",
		"begins in line 4", "bracket");
	refused("domain: 'robot\n", "2:1: ", "not valid YAML", "end of stream", "begins in line 1");
	refused("domain: robot\n  owner: me\n", "2:8: ", "not valid YAML", "indentation");
	refused("domain: robot\nnodes: [{name: a, program: b", "3:1: ", "not valid YAML", "begins in line 2");
}

static void a_tab_is_called_a_tab(void **state)
{
	(void)state;
	refused("domain: robot\ntopics:\n\t- name: imu\n", "3:1: ", "not valid YAML", "does not allow tabs");
	refused("domain: robot\n# \xc3\xa4\xc3\xb6\xc3\xbc\ntopics:\n  \t- name: imu\n", "4:", "does not allow tabs");
}

static void binary_garbage_is_no_text_file(void **state)
{
	static const char elf[] = "\x7f"
				  "ELF\2\1\1";
	char noise[4096];
	uint32_t random = 1;

	(void)state;
	refused(elf, "1: ", "not a text file", "right file?");
	refused("domain: robot\nowner: \xff\xfe\n", "2: ", "not a text file", "byte 21");
	for (int round = 0; round < 200; round++) {
		const struct takt_config *config = NULL;

		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = (char)((random = random * 1664525u + 1013904223u) >> 24);
		message_count = 0;
		assert_int_equal(takt_config_parse(&config, noise, sizeof(noise), "noise"), TAKT_INVALID);
		assert_int_equal(message_count, 1);
	}
}

static void an_empty_file_says_how_a_config_begins(void **state)
{
	(void)state;
	refused("", "", "is empty", "`domain: NAME`");
	refused("# only a comment\n\n", "", "is empty");
}

static void deep_nesting_is_refused_without_following_it(void **state)
{
	static char text[TAKT_CONFIG_BYTES_MAX];
	const struct takt_config *config = NULL;

	(void)state;
	memset(text, '[', sizeof(text));
	assert_int_equal(takt_config_parse(&config, text, sizeof(text), "deep"), TAKT_INVALID);
	assert_int_equal(message_count, 1);
	message_says("it must be keys with values");
	memcpy(text, "domain: robot\nowner: ", 21);
	assert_int_equal(takt_config_parse(&config, text, sizeof(text), "deep"), TAKT_INVALID);
	message_says("deep:2:1: ");
	memset(text, '{', sizeof(text));
	memcpy(text, "domain: robot\nextra: ", 21);
	assert_int_equal(takt_config_parse(&config, text, sizeof(text), "deep"), TAKT_INVALID);
	message_says("'extra'");
}

static void aliases_and_second_documents_are_refused(void **state)
{
	(void)state;
	refused("domain: &name robot\nowner: *name\n", "2:1: ", "alias", "write the value out");
	refused("domain: robot\n---\ndomain: rover\n", "", "second document", "remove the line");
}

static void lists_have_limits(void **state)
{
	static char text[64 * 1024];
	size_t used;

	(void)state;
	used = (size_t)snprintf(text, sizeof(text), "domain: robot\ntopics:\n");
	for (int i = 0; i <= TAKT_TOPIC_COUNT_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "  - {name: t%d, type: t, bytes: 1}\n", i);
	over_limit(text, "2:1: ", "topics has more than 1024 entries", "remove some");
	used = (size_t)snprintf(text, sizeof(text), "domain: robot\nnodes:\n");
	for (int i = 0; i <= TAKT_NODE_COUNT_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "  - {name: n%d, program: n}\n", i);
	over_limit(text, "2:1: ", "nodes has more than 256 entries", "remove some");
	used = (size_t)snprintf(text, sizeof(text),
				"domain: robot\nnodes:\n  - name: a\n    program: b\n    subscribes:\n");
	for (int i = 0; i <= TAKT_TOPICS_PER_NODE_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "      - t%d\n", i);
	over_limit(text, "5:5: ", "node 'a'", "subscribes has more than 64 entries");
}

static void a_value_has_a_longest_length(void **state)
{
	char text[2048];

	(void)state;
	snprintf(text, sizeof(text), "domain: robot\nowner: %01100d\n", 7);
	over_limit(text, "2:1: ", "owner is longer than 1023 bytes", "shorten it");
}

static void foreign_text_does_not_reach_the_terminal_raw(void **state)
{
	(void)state;
	refused("domain: robot\n\"\\e[2Jkey\\nline\": 1\n", "2:1: ", "no key '?[2Jkey?line'");
	assert_null(strchr(last_message, '\x1b'));
	assert_null(strchr(last_message, '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		caught(an_unknown_key_is_named_with_its_line_and_the_nearest_key),
		caught(an_unknown_key_that_resembles_none_gets_the_list),
		caught(a_key_belongs_to_its_own_place),
		caught(a_missing_key_is_named),
		caught(a_key_that_stands_twice_is_named_at_the_second),
		caught(a_value_of_the_wrong_shape_is_named),
		caught(an_empty_list_of_access_is_refused),
		caught(truncated_yaml_names_the_line_where_it_breaks),
		caught(a_tab_is_called_a_tab),
		caught(binary_garbage_is_no_text_file),
		caught(an_empty_file_says_how_a_config_begins),
		caught(deep_nesting_is_refused_without_following_it),
		caught(aliases_and_second_documents_are_refused),
		caught(lists_have_limits),
		caught(a_value_has_a_longest_length),
		caught(foreign_text_does_not_reach_the_terminal_raw),
	};

	return cmocka_run_group_tests_name("config_schema", tests, NULL, NULL);
}
