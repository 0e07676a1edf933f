/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "apps/sensor/inertial.h"
#include "platform/message.h"

static char said[TAKT_MESSAGE_BYTES_MAX];

static void hear(void *context, enum takt_severity severity, const char *text)
{
	(void)context, (void)severity;
	(void)snprintf(said, sizeof(said), "%s", text);
}

#define ARGUMENTS_MAX 6

/* Reads words that end with NULL. */
static enum takt_status read_words(struct inertial_options *options, const char *const words[])
{
	static char copies[ARGUMENTS_MAX][64];
	char *arguments[ARGUMENTS_MAX];
	int count = 0;
	for (; words[count] != NULL; count++) {
		(void)snprintf(copies[count], sizeof(copies[count]), "%s", words[count]);
		arguments[count] = copies[count];
	}
	said[0] = '\0';
	takt_message_handler_set(hear, NULL);
	enum takt_status status = inertial_options_read(options, count, arguments);
	takt_message_handler_set(NULL, NULL);
	return status;
}

static void a_device_alone_is_enough(void **state)
{
	struct inertial_options options;
	(void)state;
	assert_int_equal(read_words(&options, (const char *const[]){"accel_3d", NULL}), TAKT_OK);
	assert_string_equal(options.device, "accel_3d");
	assert_null(options.trigger);
	assert_true(options.rate_hz == 0.0);
	assert_int_equal(options.sensors, 0);
	assert_int_equal(options.buffer_samples, 256);
}

static void every_option_is_taken(void **state)
{
	struct inertial_options options;
	(void)state;
	assert_int_equal(read_words(&options, (const char *const[]){"0", "channels=accel,magn", "rate_hz=62.5",
								    "trigger=t0", "buffer=32", NULL}),
			 TAKT_OK);
	assert_string_equal(options.device, "0");
	assert_string_equal(options.trigger, "t0");
	assert_true(options.rate_hz == 62.5);
	assert_int_equal(options.sensors, INERTIAL_ACCEL | INERTIAL_MAGN);
	assert_int_equal(options.buffer_samples, 32);
}

static void what_is_malformed_is_named_and_changes_nothing(void **state)
{
	static const char *const wrong[] = {"rate_hz=0",     "rate_hz=-1", "rate_hz=nan",      "rate_hz=fast",
					    "rate_hz=1e9",   "rate_hz=",   "buffer=1",	       "buffer=5000",
					    "buffer=2.5",    "buffer=x",   "channels=",	       "channels=accel,",
					    "channels=gyro", "channels=,", "channels=accel;x", "trigger=",
					    "rate=5",	     "",	   "channels=accelx"};
	struct inertial_options options;
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memset(&options, 0x5a, sizeof(options));
		struct inertial_options before = options;
		assert_int_equal(read_words(&options, (const char *const[]){"accel_3d", wrong[i], NULL}), TAKT_INVALID);
		assert_memory_equal(&options, &before, sizeof(options));
		char found[80];
		(void)snprintf(found, sizeof(found), "found '%s'", wrong[i]);
		assert_non_null(strstr(said, found));
	}
}

static void without_a_device_the_message_says_so(void **state)
{
	struct inertial_options options;
	(void)state;
	assert_int_equal(read_words(&options, (const char *const[]){NULL}), TAKT_INVALID);
	assert_non_null(strstr(said, "expected DEVICE"));
	assert_non_null(strstr(said, "found nothing"));
	assert_int_equal(read_words(&options, (const char *const[]){"", NULL}), TAKT_INVALID);
	assert_int_equal(read_words(&options, (const char *const[]){"rate_hz=5", NULL}), TAKT_INVALID);
	assert_non_null(strstr(said, "found 'rate_hz=5'"));
}

static void channels_go_where_the_message_has_them(void **state)
{
	struct inertial_axis axis = {.index = 77};
	(void)state;
	assert_int_equal(inertial_axis_of(&axis, "anglvel_x"), 1);
	assert_int_equal(axis.index, 0);
	assert_int_equal(inertial_axis_sensor(&axis), INERTIAL_GYRO);
	assert_int_equal(inertial_axis_of(&axis, "accel_y"), 1);
	assert_int_equal(axis.index, 4);
	assert_int_equal(inertial_axis_sensor(&axis), INERTIAL_ACCEL);
	assert_int_equal(inertial_axis_of(&axis, "magn_z"), 1);
	assert_int_equal(axis.index, 8);
	assert_int_equal(inertial_axis_sensor(&axis), INERTIAL_MAGN);
}

static void other_channels_have_no_place(void **state)
{
	static const char *const others[] = {"timestamp", "temp",     "accel",		"accel_",
					     "accel_w",	  "accel_xy", "accel_x&y&z",	"in_accel_x",
					     "voltage0",  "",	      "anglvelocity_x", "rot_quaternion"};
	struct inertial_axis axis = {.index = 77};
	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(inertial_axis_of(&axis, others[i]), 0);
	assert_int_equal(axis.index, 77);
}

static void raw_values_have_every_width_and_sign(void **state)
{
	double value = 0.0;
	(void)state;
	assert_int_equal(inertial_raw_value(&(int8_t){-2}, 1, 1, &value), 1);
	assert_true(value == -2.0);
	assert_int_equal(inertial_raw_value(&(uint8_t){254}, 1, 0, &value), 1);
	assert_true(value == 254.0);
	assert_int_equal(inertial_raw_value(&(int16_t){INT16_MIN}, 2, 1, &value), 1);
	assert_true(value == -32768.0);
	assert_int_equal(inertial_raw_value(&(uint16_t){UINT16_MAX}, 2, 0, &value), 1);
	assert_true(value == 65535.0);
	assert_int_equal(inertial_raw_value(&(int32_t){INT32_MIN}, 4, 1, &value), 1);
	assert_true(value == -2147483648.0);
	assert_int_equal(inertial_raw_value(&(uint32_t){UINT32_MAX}, 4, 0, &value), 1);
	assert_true(value == 4294967295.0);
	assert_int_equal(inertial_raw_value(&(int64_t){-5000000000}, 8, 1, &value), 1);
	assert_true(value == -5e9);
	assert_int_equal(inertial_raw_value(&(uint64_t){UINT64_C(1) << 63}, 8, 0, &value), 1);
	assert_true(value == 9223372036854775808.0);
	value = 1.0;
	assert_int_equal(inertial_raw_value(&(int32_t){0}, 3, 1, &value), 0);
	assert_int_equal(inertial_raw_value(&(int32_t){0}, 0, 1, &value), 0);
	assert_int_equal(inertial_raw_value(&(int64_t){0}, 16, 1, &value), 0);
	assert_true(value == 1.0);
}

static void values_become_si_units(void **state)
{
	struct imu imu = {.flags = 0};
	struct inertial_axis axis;
	(void)state;
	assert_int_equal(inertial_axis_of(&axis, "accel_z"), 1);
	axis.scale *= 0.001;
	axis.offset = 7.0;
	inertial_imu_set(&imu, &axis, 9799.65);
	assert_float_equal(imu.accel[2], 9.80665f, 1e-5);
	assert_int_equal(imu.flags, 0);
	assert_int_equal(inertial_axis_of(&axis, "anglvel_y"), 1);
	inertial_imu_set(&imu, &axis, -3.0);
	assert_float_equal(imu.gyro[1], -3.0f, 0.0);
	assert_int_equal(inertial_axis_of(&axis, "magn_x"), 1);
	inertial_imu_set(&imu, &axis, 0.5); /* gauss */
	assert_float_equal(imu.magnetic[0], 50.0f, 1e-4);
	assert_int_equal(imu.flags, IMU_MAGNETIC_VALID);
	assert_float_equal(imu.accel[0], 0.0f, 0.0);
}

#define MS INT64_C(1000000)

static void a_devices_time_is_the_time_of_measurement(void **state)
{
	struct inertial_times times = {0};
	(void)state;
	assert_int_equal(inertial_time_of(&times, 10 * MS, 12 * MS), 10 * MS);
	assert_int_equal(inertial_time_of(&times, 20 * MS, 21 * MS), 20 * MS);
	assert_int_equal(times.sample_count, 2);
	assert_int_equal(times.strange_count, 0);
	assert_int_equal(times.gap_count, 0);
}

static void a_time_that_cannot_be_is_replaced_and_counted(void **state)
{
	struct inertial_times times = {0};
	(void)state;
	assert_int_equal(inertial_time_of(&times, 100 * MS, 12 * MS), 12 * MS); /* in the future: another clock */
	assert_int_equal(times.strange_count, 1);
	assert_int_equal(inertial_time_of(&times, 12 * MS, 22 * MS), 22 * MS); /* the same again */
	assert_int_equal(inertial_time_of(&times, 5 * MS, 23 * MS), 23 * MS);  /* backwards */
	assert_int_equal(inertial_time_of(&times, -1, 24 * MS), 24 * MS);
	assert_int_equal(inertial_time_of(&times, INT64_MAX, 25 * MS), 25 * MS);
	assert_int_equal(times.strange_count, 5);
	assert_int_equal(inertial_time_of(&times, 0, 26 * MS), 26 * MS); /* it tells none: nothing strange */
	assert_int_equal(times.strange_count, 5);
	assert_int_equal(inertial_time_of(&times, 28 * MS, 27 * MS + MS / 2),
			 27 * MS + MS / 2); /* slightly ahead: never in the future */
	assert_int_equal(times.strange_count, 5);
}

static void gaps_are_counted_against_the_known_period(void **state)
{
	struct inertial_times times = {.period_ns = 10 * MS};
	(void)state;
	(void)inertial_time_of(&times, 10 * MS, 1000 * MS);
	(void)inertial_time_of(&times, 20 * MS, 1000 * MS);
	(void)inertial_time_of(&times, 34 * MS, 1000 * MS); /* late, none missing */
	assert_int_equal(times.gap_count, 0);
	(void)inertial_time_of(&times, 54 * MS, 1000 * MS);
	assert_int_equal(times.gap_count, 1);
}

static void an_unknown_period_is_learned_from_the_first_samples(void **state)
{
	struct inertial_times times = {0};
	int64_t at = 0;
	(void)state;
	for (uint32_t i = 0; i <= INERTIAL_GUESS_SAMPLES; i++)
		(void)inertial_time_of(&times, at += i == 3 ? 50 * MS : 10 * MS, 1000 * MS);
	assert_int_equal(times.period_ns, 10 * MS);
	assert_int_equal(times.gap_count, 0);
	(void)inertial_time_of(&times, at += 20 * MS, 1000 * MS);
	assert_int_equal(times.gap_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_alone_is_enough),
		cmocka_unit_test(every_option_is_taken),
		cmocka_unit_test(what_is_malformed_is_named_and_changes_nothing),
		cmocka_unit_test(without_a_device_the_message_says_so),
		cmocka_unit_test(channels_go_where_the_message_has_them),
		cmocka_unit_test(other_channels_have_no_place),
		cmocka_unit_test(raw_values_have_every_width_and_sign),
		cmocka_unit_test(values_become_si_units),
		cmocka_unit_test(a_devices_time_is_the_time_of_measurement),
		cmocka_unit_test(a_time_that_cannot_be_is_replaced_and_counted),
		cmocka_unit_test(gaps_are_counted_against_the_known_period),
		cmocka_unit_test(an_unknown_period_is_learned_from_the_first_samples),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
