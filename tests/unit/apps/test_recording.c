/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/sensor/recording.h"
#include "platform/message.h"

#define TITLES                                                                                                          \
	"Time (s),Gyroscope X (deg/s),Gyroscope Y (deg/s),Gyroscope Z (deg/s),Accelerometer X (g),Accelerometer Y (g)," \
	"Accelerometer Z (g)"

static char said[TAKT_MESSAGE_BYTES_MAX];

static void hear(void *context, enum takt_severity severity, const char *text)
{
	(void)context, (void)severity;
	(void)snprintf(said, sizeof(said), "%s", text);
}

/* Writes a file, reads it as a recording and removes it. */
static enum takt_status read_text(struct recording *recording, const char *text)
{
	char path[] = "/tmp/takt-recording-XXXXXX";
	int descriptor = mkstemp(path);
	FILE *file = fdopen(descriptor, "w");
	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
	said[0] = '\0';
	takt_message_handler_set(hear, NULL);
	enum takt_status status = recording_read(recording, path);
	takt_message_handler_set(NULL, NULL);
	assert_int_equal(remove(path), 0);
	return status;
}

static void values_become_si_units(void **state)
{
	struct recording recording;
	(void)state;
	assert_int_equal(read_text(&recording, TITLES "\n10.5,180,0,-90,0,0,1\n10.6,1,2,3,4,5,6\n"), TAKT_OK);
	assert_int_equal(recording.sample_count, 2);
	assert_float_equal(recording.samples[0].time_s, 0.0, 1e-12);
	assert_float_equal(recording.samples[1].time_s, 0.1, 1e-9);
	assert_float_equal(recording.samples[0].imu.gyro[0], 3.14159265f, 1e-5);
	assert_float_equal(recording.samples[0].imu.gyro[2], -1.5707963f, 1e-5);
	assert_float_equal(recording.samples[0].imu.accel[2], 9.80665f, 1e-5);
	assert_int_equal(recording.samples[0].imu.flags, 0);
	recording_free(&recording);
}

static void columns_may_stand_in_any_order_with_others_between(void **state)
{
	struct recording recording;
	(void)state;
	assert_int_equal(read_text(&recording,
				   "Note,Accelerometer Z (m/s^2),Accelerometer Y (m/s^2),Accelerometer X (m/s^2),"
				   "Gyroscope Z (rad/s),Gyroscope Y (rad/s),Gyroscope X (rad/s),Time (s)\n"
				   "\"a, b\",3,2,1,6,5,4,0\n"),
			 TAKT_OK);
	assert_int_equal(recording.sample_count, 1);
	assert_float_equal(recording.samples[0].imu.accel[0], 1.0f, 1e-6);
	assert_float_equal(recording.samples[0].imu.gyro[2], 6.0f, 1e-6);
	recording_free(&recording);
}

/* Every refusal names the line and says what was expected. */
static void wrong_files_are_refused_with_their_line(void **state)
{
	static const struct {
		const char *text;
		enum takt_status status;
		const char *words[2];
	} cases[] = {
		{"", TAKT_INVALID, {"at least one sample", "none"}},
		{"Time (s),Speed\n0,1\n", TAKT_INVALID, {"line 1", "Gyroscope X Y Z"}},
		{TITLES "\n", TAKT_INVALID, {"at least one sample", "none"}},
		{TITLES "\n0,1,2,3,4,5,6\n0.1,1,two,3,4,5,6\n", TAKT_INVALID, {"line 3, column 3", "'two'"}},
		{TITLES "\n0,1,2,3,4,5,6\n0.1,1,nan,3,4,5,6\n", TAKT_INVALID, {"line 3, column 3", "a number"}},
		/* Numbers of a double that no float holds; as g they come out larger still. */
		{TITLES "\n0,1,2,3,1e39,5,6\n", TAKT_INVALID, {"line 2, column 5", "'1e39'"}},
		{TITLES "\n0,1,2,3,4,5,1e38\n", TAKT_INVALID, {"line 2, column 7", "'1e38'"}},
		{TITLES "\n-1e308,1,2,3,4,5,6\n1e308,1,2,3,4,5,6\n", TAKT_INVALID, {"line 2, column 1", "a number"}},
		{TITLES "\n0,1,2,3\n", TAKT_INVALID, {"line 2", "as many values"}},
		{TITLES "\n1,1,2,3,4,5,6\n0.5,1,2,3,4,5,6\n", TAKT_INVALID, {"line 3", "later"}},
		{TITLES "\n0,1,2,3,4,5,\"6\n", TAKT_INVALID, {"line 2", ""}},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct recording recording = {0};
		assert_int_equal(read_text(&recording, cases[i].text), cases[i].status);
		assert_null(recording.samples);
		assert_non_null(strstr(said, cases[i].words[0]));
		assert_non_null(strstr(said, cases[i].words[1]));
	}
}

static void absent_file_is_named(void **state)
{
	struct recording recording = {0};
	(void)state;
	takt_message_handler_set(hear, NULL);
	assert_int_equal(recording_read(&recording, "/nowhere/at/all.csv"), TAKT_ABSENT);
	takt_message_handler_set(NULL, NULL);
	assert_non_null(strstr(said, "/nowhere/at/all.csv"));
}

static void a_real_recording_is_read_whole(void **state)
{
	struct recording recording;
	const char *folder = getenv("TAKT_SHARED_DATA");
	char path[512];
	(void)state;
	(void)snprintf(path, sizeof(path), "%s/imu_recording.csv", folder ? folder : TAKT_SOURCE_DIR "/../shared/data");
	FILE *file = fopen(path, "r");
	if (file == NULL) {
		print_message("[  SKIPPED ] a_real_recording_is_read_whole: there is no %s\n", path);
		skip();
	}
	assert_int_equal(fclose(file), 0);
	assert_int_equal(recording_read(&recording, path), TAKT_OK);
	assert_int_equal(recording.sample_count, 13514);
	assert_int_equal(recording.samples[0].imu.flags, IMU_MAGNETIC_VALID);
	assert_float_equal(recording.samples[0].imu.accel[2], 9.778021f, 1e-3f);
	recording_free(&recording);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_become_si_units),
		cmocka_unit_test(columns_may_stand_in_any_order_with_others_between),
		cmocka_unit_test(wrong_files_are_refused_with_their_line),
		cmocka_unit_test(absent_file_is_named),
		cmocka_unit_test(a_real_recording_is_read_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
