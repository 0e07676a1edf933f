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
		caught(a_period_is_long_enough_or_none),
		caught(a_priority_goes_with_fifo_only),
		caught(cpu_numbers_have_a_range),
		caught(parameters_are_names_with_values),
	};

	return cmocka_run_group_tests_name("config_complete", tests, NULL, NULL);
}
