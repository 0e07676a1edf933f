/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apps/sensor/robot_model.h"

static const double no_voltage[2] = {0.0, 0.0};

/* Every machine the same, sensors perfect. */
static struct robot_parameters make_exact(void)
{
	struct robot_parameters parameters = robot_parameters_default();

	parameters.spread = 0.0;
	parameters.gyro_noise_rad_s = 0.0;
	parameters.accel_noise_m_s2 = 0.0;
	parameters.magnetic_noise_ut = 0.0;
	parameters.wheel_rate_noise_rad_s = 0.0;
	parameters.gyro_bias_rad_s_max = 0.0;
	parameters.accel_bias_m_s2_max = 0.0;
	return parameters;
}

/* Nothing that takes energy: motors without a coupling, gears without friction. */
static struct robot_parameters make_lossless(void)
{
	struct robot_parameters parameters = make_exact();

	parameters.motor_v_s = 0.0;
	parameters.friction_nm = 0.0;
	parameters.friction_nm_s = 0.0;
	return parameters;
}

static struct robot_model make_free(const struct robot_parameters *parameters, uint64_t seed)
{
	struct robot_model model;

	robot_model_init(&model, parameters, seed);
	robot_model_release(&model);
	return model;
}

static void without_losses_energy_stays(void **unused)
{
	const struct robot_parameters parameters = make_lossless();
	struct robot_model model = make_free(&parameters, 1);

	(void)unused;
	model.state[ROBOT_TILT] = 0.05;
	model.state[ROBOT_SPEED] = 0.4;
	model.state[ROBOT_YAW_RATE] = 2.0;
	const double start_j = robot_model_energy_j(&model);
	const double start_yaw_rate = model.state[ROBOT_YAW_RATE];

	for (int ms = 0; ms < 1000 && model.pose == ROBOT_FREE; ms++) {
		assert_true(fabs(robot_model_energy_j(&model) - start_j) < 1e-6 * fabs(start_j));
		robot_model_step(&model, no_voltage, 0.001);
	}
	/* It went through all tilts and exchanged energy between the axes, so the terms were really there. */
	assert_int_equal(model.pose, ROBOT_LYING);
	assert_true(start_yaw_rate > 0.0);
}

static void with_friction_energy_never_rises(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < 20; seed++) {
		const struct robot_parameters parameters = robot_parameters_default();
		struct robot_model model = make_free(&parameters, seed);
		double last_j;

		model.state[ROBOT_YAW_RATE] = 3.0;
		model.state[ROBOT_SPEED] = -0.5;
		last_j = robot_model_energy_j(&model);
		while (model.pose == ROBOT_FREE) {
			robot_model_step(&model, no_voltage, 0.001);
			assert_true(robot_model_energy_j(&model) <= last_j + 1e-9);
			last_j = robot_model_energy_j(&model);
		}
	}
}

static void same_seed_gives_the_same_bits_and_another_seed_another_machine(void **unused)
{
	const struct robot_parameters parameters = robot_parameters_default();
	struct robot_model model[3];

	(void)unused;
	for (int i = 0; i < 3; i++)
		robot_model_init(&model[i], &parameters, i == 2 ? 43 : 42);
	for (int ms = 0; ms < 500; ms++) {
		const double voltage_v[2] = {sin(0.01 * ms), cos(0.01 * ms)};
		struct imu imu[3];
		struct wheels wheels[3];

		for (int i = 0; i < 3; i++) {
			robot_model_step(&model[i], voltage_v, 0.001);
			robot_model_read_imu(&model[i], &imu[i]);
			robot_model_read_wheels(&model[i], &wheels[i]);
		}
		assert_memory_equal(&imu[0], &imu[1], sizeof(imu[0]));
		assert_memory_equal(&wheels[0], &wheels[1], sizeof(wheels[0]));
		assert_memory_not_equal(&imu[0], &imu[2], sizeof(imu[0]));
	}
	assert_memory_equal(model[0].state, model[1].state, sizeof(model[0].state));
	assert_true(model[0].parameters.body_kg != model[2].parameters.body_kg);
}

static void jitter_of_the_caller_does_not_change_the_physics(void **unused)
{
	const struct robot_parameters parameters = make_exact();
	struct robot_model even = make_free(&parameters, 1);
	struct robot_model uneven = make_free(&parameters, 1);
	const double voltage_v[2] = {1.0, 1.5};

	(void)unused;
	for (int cycle = 0; cycle < 100; cycle++) {
		robot_model_step(&even, voltage_v, 0.001);
		robot_model_step(&even, voltage_v, 0.001);
		robot_model_step(&uneven, voltage_v, 0.0013);
		robot_model_step(&uneven, voltage_v, 0.0007);
	}
	assert_memory_equal(even.state, uneven.state, sizeof(even.state));
}

static void stays_on_its_stand_until_driven(void **unused)
{
	const struct robot_parameters parameters = robot_parameters_default();
	const double voltage_v[2] = {3.0, 3.0};
	struct robot_model model;

	(void)unused;
	robot_model_init(&model, &parameters, 1);
	for (int ms = 0; ms < 1000; ms++)
		robot_model_step(&model, no_voltage, 0.001);
	assert_int_equal(model.pose, ROBOT_HELD);
	assert_true(model.state[ROBOT_TILT] == parameters.start_tilt_rad);
	for (int ms = 0; ms < 50; ms++)
		robot_model_step(&model, voltage_v, 0.001);
	assert_int_equal(model.pose, ROBOT_FREE);
	/* Driving forward, under the body, raises it. */
	assert_true(model.state[ROBOT_TILT] < parameters.start_tilt_rad);
	assert_true(model.state[ROBOT_POSITION] > 0.0);
}

static void falls_and_lies_until_stood_up(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < 50; seed++) {
		const struct robot_parameters parameters = robot_parameters_default();
		const double voltage_v[2] = {5.0, 5.0};
		struct robot_model model = make_free(&parameters, seed);

		for (int ms = 0; ms < 3000; ms++)
			robot_model_step(&model, no_voltage, 0.001);
		assert_int_equal(model.pose, ROBOT_LYING);
		assert_true(model.state[ROBOT_TILT] == parameters.fall_tilt_rad);
		const double position_m = model.state[ROBOT_POSITION];

		for (int ms = 0; ms < 100; ms++)
			robot_model_step(&model, voltage_v, 0.001);
		assert_true(model.state[ROBOT_POSITION] == position_m);
		robot_model_stand_up(&model, (double)NAN);
		assert_int_equal(model.pose, ROBOT_HELD);
		assert_true(model.state[ROBOT_TILT] == parameters.start_tilt_rad);
		assert_true(model.state[ROBOT_POSITION] == position_m);
	}
}

/* The time that a controller may be away depends on it. */
static void falls_slowly_with_its_motors_at_rest(void **unused)
{
	const struct robot_parameters parameters = make_exact();
	struct robot_model model = make_free(&parameters, 1);

	(void)unused;
	model.state[ROBOT_TILT] = 0.02;
	for (int ms = 0; ms < 100; ms++)
		robot_model_step(&model, no_voltage, 0.001);
	assert_true(model.state[ROBOT_TILT] > 0.02);
	assert_true(model.state[ROBOT_TILT] < 0.025);
	while (model.state[ROBOT_TILT] < 0.3)
		robot_model_step(&model, no_voltage, 0.001);
	const double growth_s = model.state[ROBOT_TILT] / model.state[ROBOT_TILT_RATE];

	assert_true(growth_s > 0.2 && growth_s < 0.35);
}

static void impossible_voltages_are_none(void **unused)
{
	const struct robot_parameters parameters = make_exact();
	const double bad_v[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 12.1, -1000.0};

	(void)unused;
	for (size_t i = 0; i < sizeof(bad_v) / sizeof(bad_v[0]); i++) {
		struct robot_model expected = make_free(&parameters, 1);
		struct robot_model model = make_free(&parameters, 1);
		const double voltage_v[2] = {bad_v[i], bad_v[i]};

		for (int ms = 0; ms < 100; ms++) {
			robot_model_step(&expected, no_voltage, 0.001);
			robot_model_step(&model, voltage_v, 0.001);
		}
		assert_memory_equal(model.state, expected.state, sizeof(model.state));
		assert_int_equal(model.rejected_count, 200);
		assert_int_equal(expected.rejected_count, 0);
	}
}

static void impossible_times_are_none_and_long_ones_are_cut(void **unused)
{
	const struct robot_parameters parameters = make_exact();
	const double bad_s[] = {(double)NAN, -1.0, 0.0, -(double)INFINITY};
	struct robot_model model = make_free(&parameters, 1);
	struct robot_model expected = make_free(&parameters, 1);

	(void)unused;
	for (size_t i = 0; i < sizeof(bad_s) / sizeof(bad_s[0]); i++)
		robot_model_step(&model, no_voltage, bad_s[i]);
	assert_memory_equal(model.state, expected.state, sizeof(model.state));
	robot_model_step(&model, no_voltage, (double)INFINITY);
	robot_model_step(&expected, no_voltage, ROBOT_STEP_S_MAX);
	assert_memory_equal(model.state, expected.state, sizeof(model.state));
	assert_true(model.state[ROBOT_TILT] > parameters.start_tilt_rad);
}

static void imu_at_rest_measures_gravity_and_north(void **unused)
{
	const struct robot_parameters parameters = make_exact();
	struct robot_model model;
	struct imu imu;

	(void)unused;
	robot_model_init(&model, &parameters, 1);
	robot_model_read_imu(&model, &imu);
	assert_true(fabs((double)imu.accel[0] + ROBOT_GRAVITY_M_S2 * sin(0.14)) < 1e-5);
	assert_true(fabs((double)imu.accel[2] - ROBOT_GRAVITY_M_S2 * cos(0.14)) < 1e-5);
	assert_true(imu.accel[1] == 0.0f && imu.gyro[0] == 0.0f && imu.gyro[1] == 0.0f && imu.gyro[2] == 0.0f);
	assert_true(imu.flags & IMU_MAGNETIC_VALID);
	robot_model_stand_up(&model, 0.0);
	robot_model_read_imu(&model, &imu);
	assert_true(imu.magnetic[0] > 10.0f && imu.magnetic[1] == 0.0f && imu.magnetic[2] < -10.0f);
}

/* What balance.c builds on: without torque the IMU reads the tilt as if the robot stood still. */
static void imu_does_not_feel_the_start_of_a_free_fall(void **unused)
{
	const struct robot_parameters parameters = make_lossless();
	struct robot_model model = make_free(&parameters, 1);
	struct imu imu;

	(void)unused;
	for (double tilt_rad = -0.3; tilt_rad < 0.31; tilt_rad += 0.1) {
		model.state[ROBOT_TILT] = tilt_rad;
		robot_model_read_imu(&model, &imu);
		assert_true(fabs((double)imu.accel[0] + ROBOT_GRAVITY_M_S2 * sin(tilt_rad)) <
			    0.09 * ROBOT_GRAVITY_M_S2 * fabs(sin(tilt_rad)) + 1e-6);
	}
	model.state[ROBOT_TILT] = 0.02;
	robot_model_read_imu(&model, &imu);
	assert_true(fabs((double)imu.accel[0] / (-ROBOT_GRAVITY_M_S2 * sin(0.02)) - 1.0) < 0.005);
}

static void encoders_measure_the_wheels_relative_to_the_body(void **unused)
{
	const struct robot_parameters parameters = make_exact();
	struct robot_model model = make_free(&parameters, 1);
	struct wheels wheels;

	(void)unused;
	model.state[ROBOT_POSITION] = 1.0;
	model.state[ROBOT_TILT] = 0.1;
	model.state[ROBOT_YAW] = 0.5;
	model.state[ROBOT_SPEED] = 0.8;
	robot_model_read_wheels(&model, &wheels);
	const double count_rad = 2.0 * 3.14159265358979 / parameters.encoder_count;

	assert_true(fabs((double)wheels.angle[0] - ((1.0 - 0.5 * 0.18) / 0.08 - 0.1)) < 1.1 * count_rad);
	assert_true(fabs((double)wheels.angle[1] - ((1.0 + 0.5 * 0.18) / 0.08 - 0.1)) < 1.1 * count_rad);
	assert_true(fabs((double)wheels.rate[0] - 10.0) < 1e-5);
	const double count = (double)wheels.angle[0] / count_rad;

	assert_true(fabs(count - round(count)) < 0.01);
}

static void sensor_noise_is_as_declared(void **unused)
{
	struct robot_parameters parameters = make_exact();
	struct robot_model model;
	double sum = 0.0;
	double square_sum = 0.0;
	const int count = 100000;

	(void)unused;
	parameters.gyro_noise_rad_s = 0.01;
	robot_model_init(&model, &parameters, 5);
	for (int i = 0; i < count; i++) {
		struct imu imu;

		robot_model_read_imu(&model, &imu);
		sum += (double)imu.gyro[0];
		square_sum += (double)imu.gyro[0] * (double)imu.gyro[0];
	}
	assert_true(fabs(sum / count) < 0.0002);
	assert_true(fabs(sqrt(square_sum / count) / 0.01 - 1.0) < 0.02);
}

static void a_push_adds_its_momentum(void **unused)
{
	const struct robot_parameters parameters = make_exact();
	struct robot_model model = make_free(&parameters, 1);
	struct robot_model held;

	(void)unused;
	model.state[ROBOT_TILT] = 0.0;
	robot_model_push(&model, (double)NAN);
	robot_model_push(&model, 1000.0);
	assert_true(model.state[ROBOT_TILT_RATE] == 0.0);
	robot_model_push(&model, 1.0);
	assert_true(model.state[ROBOT_TILT_RATE] > 0.1);
	robot_model_init(&held, &parameters, 1);
	robot_model_push(&held, 1.0);
	assert_true(held.state[ROBOT_TILT_RATE] == 0.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_losses_energy_stays),
		cmocka_unit_test(with_friction_energy_never_rises),
		cmocka_unit_test(same_seed_gives_the_same_bits_and_another_seed_another_machine),
		cmocka_unit_test(jitter_of_the_caller_does_not_change_the_physics),
		cmocka_unit_test(stays_on_its_stand_until_driven),
		cmocka_unit_test(falls_and_lies_until_stood_up),
		cmocka_unit_test(falls_slowly_with_its_motors_at_rest),
		cmocka_unit_test(impossible_voltages_are_none),
		cmocka_unit_test(impossible_times_are_none_and_long_ones_are_cut),
		cmocka_unit_test(imu_at_rest_measures_gravity_and_north),
		cmocka_unit_test(imu_does_not_feel_the_start_of_a_free_fall),
		cmocka_unit_test(encoders_measure_the_wheels_relative_to_the_body),
		cmocka_unit_test(sensor_noise_is_as_declared),
		cmocka_unit_test(a_push_adds_its_momentum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
