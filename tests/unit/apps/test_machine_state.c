/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/sensor/machine_state.h"
#include "platform/message.h"

static char root[64];

static void put(const char *path, const char *text)
{
	char command[512], whole[256];
	(void)snprintf(whole, sizeof(whole), "%s%s", root, path);
	(void)snprintf(command, sizeof(command), "mkdir -p \"$(dirname %s)\"", whole);
	assert_int_equal(system(command), 0);
	FILE *file = fopen(whole, "w");
	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
}

static int make_machine(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof(root), "/tmp/takt-machine-XXXXXX");
	assert_non_null(mkdtemp(root));
	return 0;
}

static int remove_machine(void **state)
{
	char command[128];
	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static void load_is_the_share_of_busy_ticks_since_the_last_reading(void **state)
{
	struct machine_state machine_state;
	struct machine machine;
	(void)state;
	put("/proc/stat", "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2\ncpu1 1 2\nintr 5\n");
	assert_int_equal(machine_state_open(&machine_state, root), TAKT_OK);
	put("/proc/stat", "cpu  130 0 145 825 0 0 0 0 0 0\ncpu0 1 2\ncpu1 1 2\nintr 5\n");
	assert_int_equal(machine_state_read(&machine_state, &machine), TAKT_OK);
	assert_float_equal(machine.cpu_load, 0.75f, 1e-6);
	assert_int_equal(machine.core_count, 2);
	assert_int_equal(machine.flags, MACHINE_TEMPERATURE_MISSING);
}

static void the_hottest_plausible_sensor_counts(void **state)
{
	struct machine_state machine_state;
	struct machine machine;
	(void)state;
	put("/proc/stat", "cpu  1 0 1 8 0 0 0 0 0 0\ncpu0 1 2\n");
	put("/sys/class/thermal/thermal_zone0/temp", "41000\n");
	put("/sys/class/thermal/cooling_device0/temp", "99000\n");
	put("/sys/class/hwmon/hwmon0/temp1_input", "52500\n");
	put("/sys/class/hwmon/hwmon0/temp1_max", "95000\n");
	put("/sys/class/hwmon/hwmon1/temp2_input", "nonsense\n");
	put("/sys/class/hwmon/hwmon1/temp3_input", "9999999\n");
	put("/sys/class/hwmon/hwmon1/temp4_input", "nan\n");
	assert_int_equal(machine_state_open(&machine_state, root), TAKT_OK);
	assert_int_equal(machine_state.sensor_count, 5);
	assert_int_equal(machine_state_read(&machine_state, &machine), TAKT_OK);
	assert_float_equal(machine.temperature, 52.5f, 1e-5);
	assert_int_equal(machine.flags, 0);
}

static void a_sensor_that_vanishes_is_flagged_not_zero(void **state)
{
	struct machine_state machine_state;
	struct machine machine;
	char path[128];
	(void)state;
	put("/proc/stat", "cpu  1 0 1 8 0 0 0 0 0 0\ncpu0 1 2\n");
	put("/sys/class/thermal/thermal_zone0/temp", "41000\n");
	assert_int_equal(machine_state_open(&machine_state, root), TAKT_OK);
	(void)snprintf(path, sizeof(path), "%s/sys/class/thermal/thermal_zone0/temp", root);
	assert_int_equal(remove(path), 0);
	assert_int_equal(machine_state_read(&machine_state, &machine), TAKT_OK);
	assert_int_equal(machine.flags, MACHINE_TEMPERATURE_MISSING);
}

static char said[TAKT_MESSAGE_BYTES_MAX];

static void hear(void *context, enum takt_severity severity, const char *text)
{
	(void)context, (void)severity;
	(void)snprintf(said, sizeof(said), "%s", text);
}

static void a_machine_without_proc_is_refused_by_name(void **state)
{
	struct machine_state machine_state;
	(void)state;
	takt_message_handler_set(hear, NULL);
	assert_int_equal(machine_state_open(&machine_state, root), TAKT_ABSENT);
	assert_non_null(strstr(said, "/proc/stat"));
	put("/proc/stat", "something else\n");
	assert_int_equal(machine_state_open(&machine_state, root), TAKT_CORRUPT);
	takt_message_handler_set(NULL, NULL);
}

/* The file is read as far as the buffer goes, and never behind it: under the sanitizer the first byte too many ends the test. */
static void a_stat_larger_than_the_buffer_is_read_from_its_beginning(void **state)
{
	static const char head[] = "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2\n";
	struct machine_state machine_state;
	struct machine machine;
	static char text[80000];
	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, head, sizeof(head) - 1);
	put("/proc/stat", text);
	takt_message_handler_set(hear, NULL);
	assert_int_equal(machine_state_open(&machine_state, root), TAKT_OK);
	assert_int_equal(machine_state_read(&machine_state, &machine), TAKT_OK);
	takt_message_handler_set(NULL, NULL);
	assert_int_equal(machine.core_count, 1);

	/* No newline at all behind the ticks. */
	text[sizeof(head) - 2] = text[strcspn(text, "\n")] = ' ';
	put("/proc/stat", text);
	takt_message_handler_set(hear, NULL);
	assert_int_equal(machine_state_read(&machine_state, &machine), TAKT_OK);
	takt_message_handler_set(NULL, NULL);
	assert_int_equal(machine.core_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(load_is_the_share_of_busy_ticks_since_the_last_reading, make_machine,
						remove_machine),
		cmocka_unit_test_setup_teardown(the_hottest_plausible_sensor_counts, make_machine, remove_machine),
		cmocka_unit_test_setup_teardown(a_sensor_that_vanishes_is_flagged_not_zero, make_machine,
						remove_machine),
		cmocka_unit_test_setup_teardown(a_machine_without_proc_is_refused_by_name, make_machine,
						remove_machine),
		cmocka_unit_test_setup_teardown(a_stat_larger_than_the_buffer_is_read_from_its_beginning, make_machine,
						remove_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
