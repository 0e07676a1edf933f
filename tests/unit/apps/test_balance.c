/* SPDX-License-Identifier: Apache-2.0 */
/* The controller against the world, in simulated time: 1 kHz, one sample of delay, 200 different machines. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apps/controller/balance.h"
#include "apps/sensor/robot_model.h"

#define SEED_COUNT 200
#define PERIOD_S   0.001
#define MS	   1 /* in cycles */
#define S	   1000

/* A robot, its controller, and the delay between them. */
struct bench {
	struct robot_model model;
	struct balance balance;
	struct balance_parameters parameters;
	struct robot_state state;
	struct motor motor;
	double in_force_v[2];
	double decided_v[2]; /* in force from the next cycle on */
	double sample_age_s; /* since the controller's last sample */
	double tilt_rad_max; /* greatest seen */
	double voltage_v_max;
};

static void bench_start(struct bench *bench, uint64_t seed)
{
	const struct robot_parameters parameters = robot_parameters_default();

	memset(bench, 0, sizeof(*bench));
	robot_model_init(&bench->model, &parameters, seed);
	bench->parameters = balance_parameters_default();
	balance_init(&bench->balance);
}

static bool is_standing(const struct bench *bench)
{
	return bench->model.pose != ROBOT_LYING;
}

static double tilt_error_rad(const struct bench *bench)
{
	return fabs((double)bench->state.tilt - bench->model.state[ROBOT_TILT]);
}

static double position_m(const struct bench *bench)
{
	return bench->model.state[ROBOT_POSITION];
}

/* The world goes on for one period; the controller gets a sample or not. */
static void bench_cycle(struct bench *bench, bool with_sample)
{
	struct imu imu;
	struct wheels wheels;

	robot_model_step(&bench->model, bench->in_force_v, PERIOD_S);
	robot_model_read_imu(&bench->model, &imu);
	robot_model_read_wheels(&bench->model, &wheels);
	bench->sample_age_s += PERIOD_S;
	bench->tilt_rad_max = fmax(bench->tilt_rad_max, fabs(bench->model.state[ROBOT_TILT]));
	memcpy(bench->in_force_v, bench->decided_v, sizeof(bench->in_force_v));
	if (!with_sample)
		return;
	balance_step(&bench->balance, &bench->parameters, &imu, &wheels, bench->sample_age_s, &bench->motor,
		     &bench->state);
	bench->sample_age_s = 0.0;
	for (int side = 0; side < 2; side++) {
		bench->decided_v[side] = (double)bench->motor.voltage[side];
		bench->voltage_v_max = fmax(bench->voltage_v_max, fabs(bench->decided_v[side]));
	}
}

static void bench_run(struct bench *bench, int cycle_count)
{
	for (int cycle = 0; cycle < cycle_count; cycle++)
		bench_cycle(bench, true);
}

/* The controller stops: the sensor side drives the motors with the safe value. */
static void bench_stop(struct bench *bench, int cycle_count)
{
	for (int cycle = 0; cycle < cycle_count; cycle++) {
		bench->decided_v[0] = bench->decided_v[1] = 0.0;
		bench->in_force_v[0] = bench->in_force_v[1] = 0.0;
		bench_cycle(bench, false);
	}
}

/* It dies, and a fresh one comes. */
static void bench_outage(struct bench *bench, int cycle_count)
{
	bench_stop(bench, cycle_count);
	balance_init(&bench->balance);
	bench->sample_age_s = 0.0;
}

/* ---- The gains: derived again from the model ---- */

#define STATE_COUNT 5

/* The robot without what is random or not smooth. */
static void make_nominal(struct robot_model *model)
{
	struct robot_parameters parameters = robot_parameters_default();

	parameters.spread = 0.0;
	parameters.friction_nm = 0.0;
	robot_model_init(model, &parameters, 1);
	robot_model_release(model);
}

/* One column of the linearisation: the change of the state after 1 ms per change of axis (or, -1, of the voltage). */
static void difference(int axis, double column[4])
{
	static const int order[4] = {ROBOT_TILT, ROBOT_TILT_RATE, ROBOT_POSITION, ROBOT_SPEED};
	const double small = 1e-5;
	double end[2][4];

	for (int sign = 0; sign < 2; sign++) {
		const double change = sign ? small : -small;
		const double voltage_v[2] = {axis < 0 ? change : 0.0, axis < 0 ? change : 0.0};
		struct robot_model model;

		make_nominal(&model);
		model.state[ROBOT_TILT] = 0.0;
		if (axis >= 0)
			model.state[order[axis]] += change;
		robot_model_step(&model, voltage_v, 0.001);
		for (int i = 0; i < 4; i++)
			end[sign][i] = model.state[order[i]];
	}
	for (int i = 0; i < 4; i++)
		column[i] = (end[1][i] - end[0][i]) / (2.0 * small);
}

static void linearise(double a[STATE_COUNT][STATE_COUNT], double b[STATE_COUNT])
{
	double column[4];

	memset(a, 0, sizeof(double[STATE_COUNT][STATE_COUNT]));
	for (int j = 0; j < 4; j++) {
		difference(j, column);
		for (int i = 0; i < 4; i++)
			a[i][j] = column[i];
	}
	difference(-1, b);
	b[4] = 0.0;
	a[4][2] = 0.001; /* the integral of the position */
	a[4][4] = 1.0;
}

/* One step of the Riccati equation: P <- Q + A'PA - A'PB (R + B'PB)^-1 B'PA, gain = (R + B'PB)^-1 B'PA. */
static void riccati_step(double p[STATE_COUNT][STATE_COUNT], double a[STATE_COUNT][STATE_COUNT],
			 const double b[STATE_COUNT], const double q[STATE_COUNT], double r, double gain[STATE_COUNT])
{
	double pa[STATE_COUNT][STATE_COUNT] = {{0.0}};
	double bpa[STATE_COUNT] = {0.0};
	double rbpb = r;

	for (int i = 0; i < STATE_COUNT; i++) {
		for (int j = 0; j < STATE_COUNT; j++) {
			for (int k = 0; k < STATE_COUNT; k++)
				pa[i][j] += p[i][k] * a[k][j];
			rbpb += b[i] * p[i][j] * b[j];
		}
	}
	for (int j = 0; j < STATE_COUNT; j++)
		for (int i = 0; i < STATE_COUNT; i++)
			bpa[j] += b[i] * pa[i][j];
	for (int i = 0; i < STATE_COUNT; i++) {
		gain[i] = bpa[i] / rbpb;
		for (int j = 0; j <= i; j++) {
			p[i][j] = i == j ? q[i] : 0.0;
			for (int k = 0; k < STATE_COUNT; k++)
				p[i][j] += a[k][i] * pa[k][j];
			p[i][j] -= bpa[i] * bpa[j] / rbpb;
			p[j][i] = p[i][j]; /* rounding must not make it asymmetric: that grows */
		}
	}
}

static void gains_are_the_optimum_of_the_linearised_model(void **unused)
{
	/* The divisors in balance.c's head: tilt, its rate, position, speed, integral; voltage. */
	static const double deviation[STATE_COUNT] = {0.2, 1.0, 0.05, 0.3, 0.06};
	const double voltage_v = 3.0;
	const struct balance_parameters parameters = balance_parameters_default();
	const double chosen[STATE_COUNT] = {parameters.k_tilt, parameters.k_tilt_rate, parameters.k_position,
					    parameters.k_speed, parameters.k_integral};
	double a[STATE_COUNT][STATE_COUNT], b[STATE_COUNT], p[STATE_COUNT][STATE_COUNT] = {{0.0}};
	double gain[STATE_COUNT], q[STATE_COUNT];

	(void)unused;
	linearise(a, b);
	for (int i = 0; i < STATE_COUNT; i++)
		q[i] = 1.0 / (deviation[i] * deviation[i]);
	for (int step = 0; step < 20 * S; step++)
		riccati_step(p, a, b, q, 1.0 / (voltage_v * voltage_v), gain);
	for (int i = 0; i < STATE_COUNT; i++)
		assert_true(fabs(-gain[i] / chosen[i] - 1.0) < 0.01);
}

/* ---- The closed loop ---- */

static void every_machine_stands_moves_and_survives_an_outage_and_new_gains(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < SEED_COUNT; seed++) {
		struct bench bench;

		bench_start(&bench, seed);
		bench_run(&bench, 3 * S);
		assert_true(fabs(position_m(&bench)) < 0.05);
		assert_string_equal(bench.state.phase, "balance");
		bench.parameters.set_point_m = 0.5;
		bench_run(&bench, 3 * S);
		assert_true(fabs(position_m(&bench) - 0.5) < 0.05);
		bench_outage(&bench, 50 * MS);
		bench_run(&bench, 3 * S - 50 * MS);
		bench.parameters.k_tilt *= 1.3;
		bench.parameters.k_tilt_rate *= 1.2;
		bench_run(&bench, 3 * S);
		assert_true(is_standing(&bench));
		assert_true(fabs(position_m(&bench) - 0.5) < 0.015);
		assert_true(fabs((double)bench.state.position - position_m(&bench)) < 0.01);
		assert_true(fabs(bench.model.state[ROBOT_YAW]) < 0.05);
		assert_true(bench.tilt_rad_max < 0.25);
		assert_int_equal(bench.model.rejected_count, 0);
	}
}

static void estimate_follows_the_truth_and_the_ramp_has_little_overshoot(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct bench bench;

		bench_start(&bench, seed);
		bench_run(&bench, 3 * MS + 5 * MS);
		for (int cycle = 0; cycle < 6 * S; cycle++) {
			bench.parameters.set_point_m = cycle < 3 * S ? 0.0 : 0.5;
			bench_cycle(&bench, true);
			/* At full voltage on the stand 3 % of unknown motor constants are 0.6 m/s^2 of acceleration. */
			assert_true(tilt_error_rad(&bench) < (cycle < 500 * MS ? 0.07 : 0.035));
			assert_true(fabs((double)bench.state.position - position_m(&bench)) < 0.006);
			assert_true(fabs((double)bench.state.speed - bench.model.state[ROBOT_SPEED]) < 0.05);
			assert_true(position_m(&bench) < 0.52);
		}
	}
}

/* The worst moment, found by search: 0.8 s into the move, at full speed. There all machines survive up to 210 ms. */
static void every_machine_survives_150_ms_without_controller_at_full_speed(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < SEED_COUNT; seed++) {
		struct bench bench;

		bench_start(&bench, seed);
		bench_run(&bench, 1500 * MS);
		bench.parameters.set_point_m = 0.5;
		bench_run(&bench, 800 * MS);
		bench_outage(&bench, 150 * MS);
		bench_run(&bench, 1500 * MS);
		assert_true(is_standing(&bench));
		assert_true(fabs(bench.model.state[ROBOT_TILT]) < 0.2);
	}
}

/* The old controller's voltage is still in force when the new one takes its first samples. */
static void a_controller_can_be_replaced_every_half_second(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct bench bench;

		bench_start(&bench, seed);
		for (int turn = 0; turn < 10; turn++) {
			bench_run(&bench, 500 * MS);
			bench.parameters.set_point_m = turn < 5 ? 0.5 : 0.0;
			balance_init(&bench.balance);
		}
		bench_run(&bench, 2 * S);
		assert_true(is_standing(&bench));
		assert_true(bench.tilt_rad_max < 0.4);
	}
}

/* One sample in five is lost, and now and then two or three in a row: the controller runs up to 3 ms late. */
static void lost_and_late_samples_do_no_harm(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct bench bench;
		uint32_t chance = (uint32_t)seed;
		int lost = 0;

		bench_start(&bench, seed);
		for (int cycle = 0; cycle < 7 * S; cycle++) {
			chance = chance * 1664525u + 1013904223u;
			lost = lost < 3 && (chance >> 24) < 51u + 100u * (lost > 0) ? lost + 1 : 0;
			bench.parameters.set_point_m = cycle < 3 * S ? 0.0 : 0.5;
			bench_cycle(&bench, lost == 0);
		}
		assert_true(is_standing(&bench));
		assert_true(fabs(position_m(&bench) - 0.5) < 0.05);
		assert_true(bench.tilt_rad_max < 0.25);
	}
}

/* A controller that is stopped and goes on, as under a debugger: its estimate is old, and the motors had no voltage. */
static void a_stalled_controller_catches_the_robot(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct bench bench;

		bench_start(&bench, seed);
		bench_run(&bench, 1500 * MS);
		bench.parameters.set_point_m = 0.5;
		bench_run(&bench, 800 * MS);
		bench_stop(&bench, 150 * MS);
		bench_run(&bench, 5 * MS);
		assert_true(tilt_error_rad(&bench) < 0.05);
		bench_run(&bench, 3 * S);
		assert_true(is_standing(&bench));
		assert_true(fabs(bench.model.state[ROBOT_TILT]) < 0.1);
	}
}

static void turns_to_its_heading_while_it_balances(void **unused)
{
	struct bench bench;

	(void)unused;
	bench_start(&bench, 7);
	bench_run(&bench, 2 * S);
	bench.parameters.yaw_set_point_rad = 1.5;
	bench_run(&bench, 4 * S);
	assert_true(is_standing(&bench));
	assert_true(fabs(bench.model.state[ROBOT_YAW] - 1.5) < 0.05);
	assert_true(fabs((double)bench.state.yaw - 1.5) < 0.05);
	assert_true(fabs((double)bench.state.attitude[2] - 1.5) < 0.1);
}

static void withstands_a_push(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct bench bench;

		bench_start(&bench, seed);
		bench_run(&bench, 3 * S);
		robot_model_push(&bench.model, seed % 2 ? 2.0 : -2.0);
		bench_run(&bench, 4 * S);
		assert_true(is_standing(&bench));
		assert_true(bench.tilt_rad_max > 0.05);
		assert_true(fabs(position_m(&bench)) < 0.1);
	}
}

/* ---- What must fail, does ---- */

static void without_a_controller_it_falls(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct bench bench;

		bench_start(&bench, seed);
		bench_run(&bench, 3 * S);
		bench_outage(&bench, 3 * S);
		assert_false(is_standing(&bench));
	}
}

static void with_any_upright_gain_reversed_it_falls(void **unused)
{
	(void)unused;
	for (int gain = 0; gain < 4; gain++) {
		struct bench bench;

		bench_start(&bench, 3);
		bench_run(&bench, 2 * S);
		double *const gains[4] = {&bench.parameters.k_tilt, &bench.parameters.k_tilt_rate,
					  &bench.parameters.k_position, &bench.parameters.k_speed};

		*gains[gain] = -*gains[gain];
		bench_run(&bench, 6 * S);
		assert_false(is_standing(&bench));
	}
}

static void a_fallen_robot_is_left_alone_until_it_is_stood_up(void **unused)
{
	struct bench bench;

	(void)unused;
	bench_start(&bench, 5);
	bench_run(&bench, 2 * S);
	bench_outage(&bench, 3 * S);
	bench_run(&bench, 1 * S);
	assert_int_equal(bench.motor.mode, MOTOR_FALLEN);
	assert_string_equal(bench.state.phase, "fallen");
	assert_true(bench.decided_v[0] == 0.0 && bench.decided_v[1] == 0.0);
	robot_model_stand_up(&bench.model, 0.1);
	bench_run(&bench, 6 * S);
	assert_true(is_standing(&bench));
	assert_int_equal(bench.motor.mode, MOTOR_BALANCE);
	assert_string_equal(bench.state.phase, "balance");
	assert_true(fabs(position_m(&bench)) < 0.1);
}

static void voltage_keeps_its_limit(void **unused)
{
	struct bench bench;

	(void)unused;
	bench_start(&bench, 9);
	bench.parameters.voltage_v_max = 6.0;
	bench.parameters.yaw_set_point_rad = 3.0;
	bench_run(&bench, 3 * S);
	assert_true(is_standing(&bench));
	assert_true(bench.voltage_v_max <= 6.0 && bench.voltage_v_max > 5.0);
}

static void bad_samples_are_bridged_and_then_switch_off(void **unused)
{
	const struct imu bad_imu = {.gyro = {0.0f, NAN, 0.0f}, .accel = {0.0f, 0.0f, 9.81f}};
	const struct wheels wheels = {{0.0f, 0.0f}, {0.0f, 0.0f}};
	struct bench bench;

	(void)unused;
	bench_start(&bench, 11);
	bench_run(&bench, 50 * MS); /* still standing up: the voltage is not zero */
	const float before_v = bench.motor.voltage[0];

	assert_true(before_v != 0.0f);
	for (int cycle = 1; cycle <= 30; cycle++) {
		balance_step(&bench.balance, &bench.parameters, &bad_imu, &wheels, PERIOD_S, &bench.motor,
			     &bench.state);
		if (cycle <= 19) {
			assert_true(bench.motor.voltage[0] == before_v);
			assert_int_equal(bench.motor.mode, MOTOR_BALANCE);
		}
	}
	assert_true(bench.motor.voltage[0] == 0.0f && bench.motor.voltage[1] == 0.0f);
	assert_int_equal(bench.motor.mode, MOTOR_OFF);
	assert_string_equal(bench.state.phase, "off");
	bench_run(&bench, 3 * S);
	assert_true(is_standing(&bench));
	assert_int_equal(bench.motor.mode, MOTOR_BALANCE);
}

static void invalid_parameters_switch_off_until_they_are_valid(void **unused)
{
	struct bench bench;

	(void)unused;
	bench_start(&bench, 12);
	bench_run(&bench, 2 * S);
	bench.parameters.k_tilt = (double)NAN;
	assert_false(balance_parameters_valid(&bench.parameters));
	bench_run(&bench, 50 * MS);
	assert_int_equal(bench.motor.mode, MOTOR_OFF);
	assert_true(bench.decided_v[0] == 0.0);
	bench.parameters = balance_parameters_default();
	assert_true(balance_parameters_valid(&bench.parameters));
	bench_run(&bench, 2 * S);
	assert_true(is_standing(&bench));
	bench.parameters.voltage_v_max = 24.0;
	assert_false(balance_parameters_valid(&bench.parameters));
	bench.parameters.voltage_v_max = 0.0;
	assert_false(balance_parameters_valid(&bench.parameters));
}

static float draw_float(uint32_t *chance)
{
	static const float special[] = {NAN, INFINITY, -INFINITY, 0.0f, 3.4e38f, -3.4e38f, 9.81f, 1e-38f};

	*chance = *chance * 1664525u + 1013904223u;
	return *chance >> 29 ? ((float)(*chance >> 8 & 0xffffu) - 32768.0f) * 0.002f : special[*chance >> 26 & 7u];
}

static void any_samples_give_finite_voltages_within_the_limit(void **unused)
{
	struct balance_parameters parameters = balance_parameters_default();
	struct balance balance;
	uint32_t chance = 1;

	(void)unused;
	balance_init(&balance);
	parameters.voltage_v_max = 7.5;
	for (int cycle = 0; cycle < 200000; cycle++) {
		struct imu imu = {.gyro[0] = draw_float(&chance), .gyro[1] = draw_float(&chance)};
		struct wheels wheels = {{draw_float(&chance), 0.0f}, {0.0f, draw_float(&chance)}};
		struct motor motor;
		struct robot_state state;

		imu.accel[0] = draw_float(&chance);
		imu.accel[2] = 9.81f;
		balance_step(&balance, &parameters, &imu, &wheels, 1e-4 * (double)draw_float(&chance), &motor, &state);
		assert_true(fabsf(motor.voltage[0]) <= 7.5f && fabsf(motor.voltage[1]) <= 7.5f);
		assert_true(isfinite(state.tilt) && isfinite(state.position) && isfinite(state.set_point));
		assert_int_equal(state.phase[ROBOT_PHASE_BYTES - 1], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gains_are_the_optimum_of_the_linearised_model),
		cmocka_unit_test(every_machine_stands_moves_and_survives_an_outage_and_new_gains),
		cmocka_unit_test(estimate_follows_the_truth_and_the_ramp_has_little_overshoot),
		cmocka_unit_test(every_machine_survives_150_ms_without_controller_at_full_speed),
		cmocka_unit_test(a_controller_can_be_replaced_every_half_second),
		cmocka_unit_test(lost_and_late_samples_do_no_harm),
		cmocka_unit_test(a_stalled_controller_catches_the_robot),
		cmocka_unit_test(turns_to_its_heading_while_it_balances),
		cmocka_unit_test(withstands_a_push),
		cmocka_unit_test(without_a_controller_it_falls),
		cmocka_unit_test(with_any_upright_gain_reversed_it_falls),
		cmocka_unit_test(a_fallen_robot_is_left_alone_until_it_is_stood_up),
		cmocka_unit_test(voltage_keeps_its_limit),
		cmocka_unit_test(bad_samples_are_bridged_and_then_switch_off),
		cmocka_unit_test(invalid_parameters_switch_off_until_they_are_valid),
		cmocka_unit_test(any_samples_give_finite_voltages_within_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
