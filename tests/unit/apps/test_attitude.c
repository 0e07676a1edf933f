/* SPDX-License-Identifier: Apache-2.0 */
/* Against made-up motions, of which the truth is known, and against a recording of a real sensor. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "apps/controller/attitude.h"

#ifndef TAKT_SOURCE_DIR
#define TAKT_SOURCE_DIR "."
#endif

#define GRAVITY_M_S2	9.80665
#define RAD_PER_DEG	(3.14159265358979 / 180.0)
#define QUIET_S		1.0 /* so long it must have been quiet to be compared ... */
#define QUIET_RAD_S	(15.0 * RAD_PER_DEG)
#define QUIET_G		0.05
#define SMOOTH_S	0.3
#define RECORDING_COUNT 13514

static struct attitude make_attitude(void)
{
	const struct attitude_parameters parameters = attitude_parameters_default();
	struct attitude attitude;

	attitude_init(&attitude, &parameters);
	return attitude;
}

/* A sensor at rest in the given attitude (roll, pitch, yaw), its gyroscope reading `gyro_rad_s` about every axis. */
static struct imu make_rest(double roll, double pitch, double yaw, double gyro_rad_s)
{
	const double north = 20.0 * cos(yaw), west = -20.0 * sin(yaw), up = -40.0;
	const double pitched_x = cos(pitch) * north - sin(pitch) * up;
	const double pitched_z = sin(pitch) * north + cos(pitch) * up;
	const struct imu imu = {
		.gyro = {(float)gyro_rad_s, (float)gyro_rad_s, (float)gyro_rad_s},
		.accel = {(float)(-GRAVITY_M_S2 * sin(pitch)), (float)(GRAVITY_M_S2 * cos(pitch) * sin(roll)),
			  (float)(GRAVITY_M_S2 * cos(pitch) * cos(roll))},
		.magnetic = {(float)pitched_x, (float)(cos(roll) * west + sin(roll) * pitched_z),
			     (float)(cos(roll) * pitched_z - sin(roll) * west)},
		.flags = IMU_MAGNETIC_VALID,
	};

	return imu;
}

static void expect_angles(const struct attitude *attitude, double roll, double pitch, double yaw, double tolerance_rad)
{
	double angle_rad[3];

	attitude_angles(attitude, angle_rad);
	assert_true(fabs(angle_rad[0] - roll) < tolerance_rad);
	assert_true(fabs(angle_rad[1] - pitch) < tolerance_rad);
	assert_true(fabs(angle_rad[2] - yaw) < tolerance_rad);
}

static void first_sample_gives_the_attitude(void **unused)
{
	(void)unused;
	for (double roll = -2.5; roll <= 2.6; roll += 0.5) {
		for (double pitch = -1.4; pitch <= 1.45; pitch += 0.4) {
			for (double yaw = -3.0; yaw <= 3.1; yaw += 0.75) {
				const struct imu imu = make_rest(roll, pitch, yaw, 0.0);
				struct attitude attitude = make_attitude();

				attitude_step(&attitude, &imu, 0.01);
				expect_angles(&attitude, roll, pitch, yaw, 1e-4);
				attitude_step(&attitude, &imu, 0.01);
				expect_angles(&attitude, roll, pitch, yaw, 1e-4);
			}
		}
	}
}

static void gyroscope_alone_turns_the_estimate(void **unused)
{
	struct attitude_parameters parameters = attitude_parameters_default();
	struct imu imu = make_rest(0.0, 0.0, 0.0, 0.0);
	struct attitude attitude;

	(void)unused;
	parameters.up_gain_s = parameters.north_gain_s = parameters.bias_gain_s2 = 1e-9;
	attitude_init(&attitude, &parameters);
	for (int i = 0; i < 3; i++)
		attitude_step(&attitude, &imu, 0.1);
	imu.accel[2] = 0.0f; /* free fall: nothing but the gyroscope */
	imu.flags = 0;
	imu.gyro[1] = 0.5f;
	for (int i = 0; i < 1000; i++)
		attitude_step(&attitude, &imu, 0.001);
	expect_angles(&attitude, 0.0, 0.5, 0.0, 1e-3);
	imu.gyro[1] = 0.0f;
	imu.gyro[0] = -1.0f;
	for (int i = 0; i < 1000; i++)
		attitude_step(&attitude, &imu, 0.001);
	expect_angles(&attitude, -1.0, 0.5, 0.0, 1e-3);
}

/* What it took for bias meanwhile goes last. */
static void a_wrong_start_is_forgotten(void **unused)
{
	const struct imu wrong = make_rest(0.6, -0.5, 1.0, 0.0);
	const struct imu right = make_rest(-0.2, 0.3, -0.5, 0.0);
	struct attitude attitude = make_attitude();

	(void)unused;
	for (int i = 0; i < 500; i++)
		attitude_step(&attitude, &wrong, 0.01);
	for (int i = 0; i < 6000; i++)
		attitude_step(&attitude, &right, 0.01);
	expect_angles(&attitude, -0.2, 0.3, -0.5, 0.02);
}

static void bias_is_found_and_removed(void **unused)
{
	const struct imu imu = make_rest(0.1, 0.2, 0.3, 0.02);
	struct attitude attitude = make_attitude();

	(void)unused;
	for (int i = 0; i < 200 * 100; i++)
		attitude_step(&attitude, &imu, 0.01);
	for (int axis = 0; axis < 3; axis++) {
		assert_true(fabs(attitude.bias_rad_s[axis] - 0.02) < 0.001);
		assert_true(fabs(attitude.rate_rad_s[axis]) < 0.001);
	}
	expect_angles(&attitude, 0.1, 0.2, 0.3, 0.005);
	attitude_restart(&attitude);
	attitude_step(&attitude, &imu, 0.01);
	assert_true(fabs(attitude.bias_rad_s[1] - 0.02) < 0.001);
}

static void iron_nearby_does_not_tilt_it(void **unused)
{
	struct imu imu = make_rest(0.1, 0.2, 0.0, 0.0);
	struct attitude attitude = make_attitude();
	double angle_rad[3];

	(void)unused;
	for (int i = 0; i < 500; i++)
		attitude_step(&attitude, &imu, 0.01);
	imu.magnetic[0] = -30.0f;
	imu.magnetic[1] = 25.0f;
	for (int i = 0; i < 3000; i++)
		attitude_step(&attitude, &imu, 0.01);
	attitude_angles(&attitude, angle_rad);
	assert_true(fabs(angle_rad[0] - 0.1) < 0.05 && fabs(angle_rad[1] - 0.2) < 0.05);
}

static void a_short_shove_is_not_a_tilt(void **unused)
{
	const struct imu rest = make_rest(0.0, 0.0, 0.0, 0.0);
	struct imu shoved = rest;
	struct attitude attitude = make_attitude();

	(void)unused;
	for (int i = 0; i < 500; i++)
		attitude_step(&attitude, &rest, 0.01);
	shoved.accel[0] = 8.0f; /* by itself it would be 39 degrees */
	for (int i = 0; i < 100; i++)
		attitude_step(&attitude, &shoved, 0.01);
	expect_angles(&attitude, 0.0, 0.0, 0.0, 0.01);
}

static void rubbish_is_ignored(void **unused)
{
	const struct imu good = make_rest(0.1, 0.2, 0.3, 0.0);
	const float rubbish[] = {NAN, INFINITY, -INFINITY, 1e30f};
	struct attitude attitude = make_attitude();

	(void)unused;
	attitude_step(&attitude, &good, 0.01);
	for (size_t i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++) {
		struct imu bad = good;

		bad.gyro[0] = rubbish[i];
		attitude_step(&attitude, &bad, 0.01);
		bad = good;
		bad.accel[2] = rubbish[i];
		attitude_step(&attitude, &bad, 0.01);
		bad = good;
		bad.magnetic[1] = rubbish[i];
		attitude_step(&attitude, &bad, 0.01);
	}
	attitude_step(&attitude, &good, (double)NAN);
	attitude_step(&attitude, &good, -1.0);
	attitude_step(&attitude, &good, 0.0);
	attitude_step(&attitude, &good, 1e9);
	expect_angles(&attitude, 0.1, 0.2, 0.3, 0.001);
}

static void extreme_but_finite_samples_leave_a_unit_quaternion(void **unused)
{
	struct attitude attitude = make_attitude();
	uint32_t chance = 1;

	(void)unused;
	for (int i = 0; i < 10000; i++) {
		struct imu imu = {.flags = IMU_MAGNETIC_VALID};
		float *const group[3] = {imu.gyro, imu.accel, imu.magnetic};
		double length = 0.0;

		for (int n = 0; n < 9; n++) {
			chance = chance * 1664525u + 1013904223u;
			group[n / 3][n % 3] = ((float)(chance >> 16) - 32768.0f) * (chance & 256u ? 30.0f : 0.0001f);
		}
		attitude_step(&attitude, &imu, 0.001 * (double)(chance >> 24));
		for (int n = 0; n < 4; n++)
			length += attitude.quaternion[n] * attitude.quaternion[n];
		assert_true(fabs(length - 1.0) < 1e-9);
	}
}

/* ---- The recording ---- */

static FILE *open_recording(void)
{
	const char *folder = getenv("TAKT_SHARED_DATA");
	char path[1024];

	snprintf(path, sizeof(path), "%s/imu_recording.csv", folder ? folder : TAKT_SOURCE_DIR "/../shared/data");
	FILE *file = fopen(path, "r");

	if (!file)
		print_message("skipped: %s is absent; set TAKT_SHARED_DATA to its folder\n", path);
	return file;
}

/* deg/s, g and uT to the units of struct imu. */
static bool read_sample(FILE *file, double *time_s, struct imu *imu)
{
	char line[256];
	double v[9];

	if (!fgets(line, sizeof(line), file) || sscanf(line, "%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf", time_s, &v[0],
						       &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &v[8]) != 10)
		return false;
	for (int axis = 0; axis < 3; axis++) {
		imu->gyro[axis] = (float)(v[axis] * RAD_PER_DEG);
		imu->accel[axis] = (float)(v[3 + axis] * GRAVITY_M_S2);
		imu->magnetic[axis] = (float)v[6 + axis];
	}
	imu->flags = IMU_MAGNETIC_VALID;
	return true;
}

static double length_of(const float v[3])
{
	return sqrt((double)v[0] * (double)v[0] + (double)v[1] * (double)v[1] + (double)v[2] * (double)v[2]);
}

/* Angle between the estimated and the given "up". */
static double up_error_rad(const struct attitude *attitude, const float force[3])
{
	double a[3];

	attitude_angles(attitude, a);
	const double up[3] = {-sin(a[1]), cos(a[1]) * sin(a[0]), cos(a[1]) * cos(a[0])};
	const double product = up[0] * (double)force[0] + up[1] * (double)force[1] + up[2] * (double)force[2];

	return acos(fmin(1.0, fmax(-1.0, product / length_of(force))));
}

struct replay {
	struct attitude attitude;
	float force[3]; /* the accelerometer's mean of about SMOOTH_S, as a hand holding it is never quite still */
	double quiet_s, quiet_error_rad_max, error_rad_max, tilt_rad_max, bias_rad_s_max;
	int sample_count, quiet_count;
};

static void replay_sample(struct replay *replay, const struct imu *imu, double dt_s)
{
	double angle_rad[3];

	for (int axis = 0; axis < 3; axis++) {
		const float share = replay->sample_count == 0 ? 1.0f : (float)(dt_s / SMOOTH_S);

		replay->force[axis] += share * (imu->accel[axis] - replay->force[axis]);
	}
	attitude_step(&replay->attitude, imu, dt_s);
	attitude_angles(&replay->attitude, angle_rad);
	replay->sample_count++;
	const bool is_quiet =
		length_of(imu->gyro) < QUIET_RAD_S && fabs(length_of(imu->accel) / GRAVITY_M_S2 - 1.0) < QUIET_G;
	const double error_rad = up_error_rad(&replay->attitude, replay->force);

	replay->quiet_s = is_quiet ? replay->quiet_s + dt_s : 0.0;
	replay->error_rad_max = fmax(replay->error_rad_max, error_rad);
	replay->tilt_rad_max = fmax(replay->tilt_rad_max, fmax(fabs(angle_rad[0]), fabs(angle_rad[1])));
	for (int axis = 0; axis < 3; axis++)
		replay->bias_rad_s_max = fmax(replay->bias_rad_s_max, fabs(replay->attitude.bias_rad_s[axis]));
	if (replay->quiet_s > QUIET_S) {
		replay->quiet_error_rad_max = fmax(replay->quiet_error_rad_max, error_rad);
		replay->quiet_count++;
	}
}

static void follows_a_real_recording(void **unused)
{
	FILE *file = open_recording();
	struct replay replay = {.attitude = make_attitude()};
	double last_s = -0.01;
	double time_s;
	double angle_rad[3];
	struct imu imu;
	char header[256];

	(void)unused;
	if (!file)
		skip();
	assert_non_null(fgets(header, sizeof(header), file));
	while (read_sample(file, &time_s, &imu)) {
		replay_sample(&replay, &imu, time_s - last_s);
		last_s = time_s;
	}
	fclose(file);
	attitude_angles(&replay.attitude, angle_rad);
	print_message(
		"quiet %d of %d samples, error at most %.2f deg; always at most %.1f deg; tilt up to %.1f deg; bias up to %.3f rad/s\n",
		replay.quiet_count, replay.sample_count, replay.quiet_error_rad_max / RAD_PER_DEG,
		replay.error_rad_max / RAD_PER_DEG, replay.tilt_rad_max / RAD_PER_DEG, replay.bias_rad_s_max);
	assert_int_equal(replay.sample_count, RECORDING_COUNT);
	assert_true(replay.quiet_count > RECORDING_COUNT / 2);
	assert_true(replay.quiet_error_rad_max < 3.0 * RAD_PER_DEG);
	/* While it is swung round, 1.5 g point elsewhere for five seconds. */
	assert_true(replay.error_rad_max < 60.0 * RAD_PER_DEG);
	assert_true(replay.tilt_rad_max > 50.0 * RAD_PER_DEG && replay.tilt_rad_max < 100.0 * RAD_PER_DEG);
	assert_true(replay.bias_rad_s_max < 0.015); /* it has next to none: a disturbance must not look like one */
	assert_true(fabs(angle_rad[0]) < 3.0 * RAD_PER_DEG && fabs(angle_rad[1]) < 3.0 * RAD_PER_DEG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_sample_gives_the_attitude),
		cmocka_unit_test(gyroscope_alone_turns_the_estimate),
		cmocka_unit_test(a_wrong_start_is_forgotten),
		cmocka_unit_test(bias_is_found_and_removed),
		cmocka_unit_test(iron_nearby_does_not_tilt_it),
		cmocka_unit_test(a_short_shove_is_not_a_tilt),
		cmocka_unit_test(rubbish_is_ignored),
		cmocka_unit_test(extreme_but_finite_samples_leave_a_unit_quaternion),
		cmocka_unit_test(follows_a_real_recording),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
