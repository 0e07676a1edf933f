/* SPDX-License-Identifier: Apache-2.0 */
/* What one topic or one node must be in itself. That every key arrives, and the defaults, are tested in test_config.c. */
#include "tests/unit/core/config_fixture.h"

static void bytes_have_a_range(void **state)
{
	(void)state;
	refused("domain: r\ntopics:\n  - {name: a, type: a, bytes: 0}\n", "3:24: ", "topic 'a'", "bytes is '0'",
		"from 1 to 67108864");
	refused("domain: r\ntopics:\n  - {name: a, type: a, bytes: 67108865}\n", "3:24: ", "bytes is '67108865'");
	takt_config_free(accept("domain: r\ntopics:\n  - {name: a, type: a, bytes: 67108864}\n"));
}

static void a_depth_that_is_no_power_of_two_gets_the_next(void **state)
{
	(void)state;
	refused(TOPIC("depth: 100"), "3:5: ", "topic 'imu'", "depth 100 is not a power of two", "write 128");
	refused(TOPIC("depth: 3"), "3:5: ", "write 4");
	refused(TOPIC("depth: 4095"), "3:5: ", "write 4096");
}

#define QUEUE(line) "domain: robot\nqueues:\n  - " line "\n    name: jobs\n    type: job\n    bytes: 24\n"

static void a_queue_has_its_limits_and_defaults(void **state)
{
	const struct takt_config *config = accept(QUEUE("mode: 0640"));
	const struct takt_config_queue *queue = &config->queues[0];

	(void)state;
	assert_int_equal(config->queues_count, 1);
	assert_true(queue->bytes == 24 && queue->depth == 16 && queue->bands == 1 && queue->deliveries == 0);
	assert_int_equal(queue->when_full, TAKT_WHEN_FULL_BLOCK);
	assert_true(queue->rights.mode == 0640 && queue->take_rights.mode == 0660);
	takt_config_free(config);
	config = accept(QUEUE("when_full: drop_oldest\n    bands: 8\n    deliveries: 3\n    depth: 4\n    owner: root\n"
			      "    take_group: video\n    take_mode: 0664"));
	queue = &config->queues[0];
	assert_true(queue->bands == 8 && queue->deliveries == 3 && queue->depth == 4);
	assert_int_equal(queue->when_full, TAKT_WHEN_FULL_DROP_OLDEST);
	assert_string_equal(queue->take_rights.owner, "root");
	assert_string_equal(queue->take_rights.group, "video");
	assert_true(queue->rights.group == NULL && queue->rights.mode == 0600 && queue->take_rights.mode == 0664);
	takt_config_free(config);
	refused(QUEUE("bands: 9"), "3:5: ", "queue 'jobs'", "bands is '9'", "from 1 to 8");
	refused(QUEUE("depth: 5"), "3:5: ", "queue 'jobs'", "depth 5 is not a power of two", "write 8");
	refused(QUEUE("when_full: drop"), "3:5: ", "queue 'jobs'", "when_full", "drop_newest");
	refused(QUEUE("deliveries: -1"), "3:5: ", "queue 'jobs'", "deliveries is '-1'");
	refused(QUEUE("take_mode: 0666"), "3:5: ", "queue 'jobs'", "take_mode 0666 lets every user write");
	refused(QUEUE("take_mode: 0640\n    mode: 0660"), "3:5: ", "queue 'jobs'", "take_mode 0640 keeps those out",
		"write 0660");
	refused(QUEUE("policy: block"), "3:5: ", "queue 'jobs'", "no key 'policy'");
	refused(QUEUE("band: 3"), "3:5: ", "queue 'jobs'", "did you mean 'bands'?");
}

#define SYNC(rest) "domain: r\nsyncs:\n  - {name: s, " rest "}\n"

static void a_sync_has_the_keys_of_its_kind_and_no_others(void **state)
{
	(void)state;
	refused(SYNC("kind: mutex, colour: red"), "3:28: ", "sync 's'", "no key 'colour'");
	refused(SYNC("kind: lock"), "3:15: ", "sync 's'", "kind is 'lock'", "write one of:");
	refused(SYNC("kind: mutex, initial: 1"), "3:28: ", "`initial` means nothing to kind mutex",
		"write `kind: semaphore`");
	refused(SYNC("kind: events, maximum: 1"), "3:29: ", "`maximum` means nothing to kind events");
	refused(SYNC("kind: rwlock, undo: true"), "3:29: ", "`undo` means nothing to kind rwlock");
	refused(SYNC("kind: semaphore, members: 3"), "3:32: ", "`members` means nothing to kind semaphore",
		"write `kind: barrier`");
	refused(SYNC("kind: barrier"), "3:5: ", "sync 's'", "a barrier needs `members:`");
	refused(SYNC("kind: barrier, members: 1"), "3:30: ", "members is '1'", "from 2 to 64");
	refused(SYNC("kind: barrier, members: 65"), "3:30: ", "members is '65'");
}

static void units_are_one_number_or_count_up_to_a_maximum(void **state)
{
	static const struct {
		const char *text;
		uint32_t initial;
		uint32_t maximum;
		uint32_t is_undone;
	} cases[] = {
		{SYNC("kind: semaphore"), 1, 1, 1},
		{SYNC("kind: semaphore, initial: 4"), 4, 4, 1},
		{SYNC("kind: semaphore, maximum: 4"), 4, 4, 1},
		{SYNC("kind: semaphore, undo: false"), 0, INT32_MAX, 0},
		{SYNC("kind: semaphore, undo: false, maximum: 3"), 0, 3, 0},
		{SYNC("kind: semaphore, undo: false, maximum: 3, initial: 2"), 2, 3, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct takt_config *config = accept(cases[i].text);

		assert_int_equal(config->syncs_count, 1);
		assert_int_equal(config->syncs[0].kind, TAKT_SYNC_SEMAPHORE);
		assert_int_equal(config->syncs[0].initial, cases[i].initial);
		assert_int_equal(config->syncs[0].maximum, cases[i].maximum);
		assert_int_equal(config->syncs[0].is_undone, cases[i].is_undone);
		takt_config_free(config);
	}
	refused(SYNC("kind: semaphore, initial: 2, maximum: 3"), "3:32: ", "held units never become more",
		"`undo: false`");
	refused(SYNC("kind: semaphore, undo: false, initial: 4, maximum: 3"),
		"3:45: ", "initial 4 is more than maximum 3");
	refused(SYNC("kind: semaphore, maximum: 0"), "3:32: ", "maximum is '0'");
}

static void a_period_is_long_enough_or_none(void **state)
{
	(void)state;
	refused(NODE("period_us: 9"), "7:5: ", "node 'sensor'", "period_us is 9", "write 10 or more, or 0");
	takt_config_free(accept(NODE("period_us: 10")));
}

static void a_priority_goes_with_fifo_only(void **state)
{
	(void)state;
	refused(NODE("scheduler: {policy: fifo}"), "7:5: ", "node 'sensor'", "needs a priority", "1 to 99");
	refused(NODE("scheduler: {priority: 5}"), "7:17: ", "priority 5 has no effect", "write `policy: fifo`");
	refused(NODE("scheduler: {policy: other, priority: 5}"), "7:32: ", "no effect");
	takt_config_free(accept(NODE("scheduler: {cpus: [0]}")));
}

static void cpu_numbers_have_a_range(void **state)
{
	(void)state;
	takt_config_free(accept(NODE("scheduler: {cpus: [0, 63]}")));
	refused(NODE("scheduler: {cpus: [0, 64]}"), "7:27: ", "node 'sensor'", "scheduler.cpus[1] is '64'",
		"from 0 to 63");
	refused(NODE("scheduler: {cpus: [all]}"), "7:24: ", "scheduler.cpus[0] is 'all'");
}

static void parameters_are_names_with_values(void **state)
{
	static const char *const wrong[] = {
		"kp", "=1", "kp=", "Kp=1", "'k p=1'", "\"kp=1\\n\"", "a123456789012345678901234567890123456789=1"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), NODE("parameters: [ok=1, %s]"), wrong[i]);
		refused(text, "7:24: ", "node 'sensor'", "not of the form name=value", "kp=1.5");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		caught(bytes_have_a_range),
		caught(a_depth_that_is_no_power_of_two_gets_the_next),
		caught(a_queue_has_its_limits_and_defaults),
		caught(a_sync_has_the_keys_of_its_kind_and_no_others),
		caught(units_are_one_number_or_count_up_to_a_maximum),
		caught(a_period_is_long_enough_or_none),
		caught(a_priority_goes_with_fifo_only),
		caught(cpu_numbers_have_a_range),
		caught(parameters_are_names_with_values),
	};

	return cmocka_run_group_tests_name("config_complete", tests, NULL, NULL);
}
