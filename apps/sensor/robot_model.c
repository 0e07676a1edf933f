/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The equations of motion, with v forward speed, t tilt, w yaw rate, s = sin t, c = cos t, m body mass, l height of the
 * centre of mass, r wheel radius, d half the track, J rotor inertia at the wheel, T_l and T_r the gearbox torques:
 *
 *   (m + 2 m_w + 2 (I_w + J)/r^2) v' + (m l c - 2 J/r) t"     = (T_l + T_r)/r + m l s (t'^2 + w^2)
 *   (m l c - 2 J/r) v' + (m l^2 + I_pitch + 2 J) t"           = m g l s + D s c w^2 - (T_l + T_r)
 *   I(t) w' = (T_r - T_l) d/r - 2 D s c t' w - m l s v w            D = m l^2 + I_roll - I_yaw
 *   I(t) = I_yaw c^2 + (I_roll + m l^2) s^2 + 2 (m_w d^2 + I_w/2 + (I_w + J) d^2/r^2)
 *
 * They follow from the kinetic energy with rolling wheels; the terms s w^2 and s v w are the centrifugal force on a
 * leaning body and its reaction, and do no work together. The gear's torque acts between wheel and body, so its
 * reaction tilts the body back. Source: the form is that of S. Kim and S. Kwon, "Dynamic modeling of a two-wheeled
 * inverted pendulum balancing mobile robot", IJCAS 13(4), 2015; the rotor's inertia is added here. Checked by a test: a
 * robot without friction keeps its energy.
 */
#include "apps/sensor/robot_model.h"

#include <math.h>
#include <string.h>

#define FRICTION_ROUND_RAD_S 0.2  /* below this wheel rate Coulomb friction fades out, so that it can be integrated */
#define HELD_V_MAX	     0.05 /* more than this on a motor pulls the robot off its stand */
#define PUSH_N_S_MAX	     5.0
#define EARTH_NORTH_UT	     20.0 /* the magnetic field of central Europe */
#define EARTH_UP_UT	     (-44.0)
#define SUBSTEP_ROUND_S	     1e-9 /* so that 0.001 s is two substeps whatever the rounding of the sum */
#define TWO_PI		     6.283185307179586

struct robot_parameters robot_parameters_default(void)
{
	const struct robot_parameters parameters = {
		.body_kg = ROBOT_BODY_KG,
		.body_com_m = ROBOT_BODY_COM_M,
		.body_pitch_kg_m2 = ROBOT_BODY_PITCH_KG_M2,
		.body_roll_kg_m2 = ROBOT_BODY_ROLL_KG_M2,
		.body_yaw_kg_m2 = ROBOT_BODY_YAW_KG_M2,
		.wheel_kg = ROBOT_WHEEL_KG,
		.wheel_radius_m = ROBOT_WHEEL_RADIUS_M,
		.wheel_spin_kg_m2 = ROBOT_WHEEL_SPIN_KG_M2,
		.rotor_kg_m2 = ROBOT_ROTOR_KG_M2,
		.track_m = ROBOT_TRACK_M,
		.motor_ohm = ROBOT_MOTOR_OHM,
		.motor_v_s = ROBOT_MOTOR_V_S,
		.friction_nm = ROBOT_FRICTION_NM,
		.friction_nm_s = ROBOT_FRICTION_NM_S,
		.voltage_v_max = ROBOT_VOLTAGE_V_MAX,
		.imu_height_m = ROBOT_IMU_HEIGHT_M,
		.encoder_count = 4096.0,
		.wheel_rate_noise_rad_s = 0.03,
		.gyro_noise_rad_s = 0.004,
		.accel_noise_m_s2 = 0.08,
		.magnetic_noise_ut = 0.5,
		.gyro_bias_rad_s_max = 0.01,
		.accel_bias_m_s2_max = 0.08,
		.spread = 0.03,
		.start_tilt_rad = 0.14,
		.fall_tilt_rad = 1.05,
	};
	return parameters;
}

/* SplitMix64 (Steele, Lea, Flood 2014): one word of state, any seed will do. */
static uint64_t draw(struct robot_model *model)
{
	uint64_t z = model->random += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static double draw_uniform(struct robot_model *model)
{
	return (double)(draw(model) >> 11) * (2.0 / 9007199254740992.0) - 1.0;
}

/* Standard deviation 1: the sum of four uniform 16-bit numbers (variance 65536^2/12 each), bounded at 3.5 and free of
 * libm, so that a seed means the same numbers everywhere. */
static double draw_normal(struct robot_model *model)
{
	const uint64_t z = draw(model);
	const uint64_t sum = (z & 0xffffu) + ((z >> 16) & 0xffffu) + ((z >> 32) & 0xffffu) + (z >> 48);

	return ((double)sum - 131070.0) * (1.7320508075688772 / 65536.0);
}

void robot_model_init(struct robot_model *model, const struct robot_parameters *parameters, uint64_t seed)
{
	struct robot_parameters *own = &model->parameters;

	memset(model, 0, sizeof(*model));
	model->parameters = *parameters;
	model->random = seed;
	own->body_kg *= 1.0 + own->spread * draw_uniform(model);
	own->body_com_m *= 1.0 + own->spread * draw_uniform(model);
	own->body_pitch_kg_m2 *= 1.0 + own->spread * draw_uniform(model);
	own->wheel_kg *= 1.0 + own->spread * draw_uniform(model);
	own->motor_ohm *= 1.0 + own->spread * draw_uniform(model);
	own->motor_v_s *= 1.0 + own->spread * draw_uniform(model);
	own->friction_nm *= 1.0 + 10.0 * own->spread * draw_uniform(model); /* friction is known least */
	for (int axis = 0; axis < 3; axis++) {
		model->gyro_bias_rad_s[axis] = own->gyro_bias_rad_s_max * draw_uniform(model);
		model->accel_bias_m_s2[axis] = own->accel_bias_m_s2_max * draw_uniform(model);
	}
	model->state[ROBOT_TILT] = own->start_tilt_rad;
	model->pose = ROBOT_HELD;
}

/* The wheels' rates relative to the body, which motor, gearbox and encoder see. */
static void wheel_rates(const struct robot_parameters *p, const double state[ROBOT_AXIS_COUNT], double rate_rad_s[2])
{
	const double half_track_m = 0.5 * p->track_m;

	rate_rad_s[0] = (state[ROBOT_SPEED] - half_track_m * state[ROBOT_YAW_RATE]) / p->wheel_radius_m -
			state[ROBOT_TILT_RATE];
	rate_rad_s[1] = (state[ROBOT_SPEED] + half_track_m * state[ROBOT_YAW_RATE]) / p->wheel_radius_m -
			state[ROBOT_TILT_RATE];
}

/* Without inductance: its time constant is far below a substep. A voltage of 0 is a short circuit and brakes. */
static double gear_torque_nm(const struct robot_parameters *p, double voltage_v, double rate_rad_s)
{
	const double current_a = (voltage_v - p->motor_v_s * rate_rad_s) / p->motor_ohm;
	const double slip = rate_rad_s / FRICTION_ROUND_RAD_S;

	return p->motor_v_s * current_a - p->friction_nm_s * rate_rad_s -
	       p->friction_nm * slip / sqrt(1.0 + slip * slip);
}

static double yaw_inertia_kg_m2(const struct robot_parameters *p, double sine, double cosine)
{
	const double half_track_m2 = 0.25 * p->track_m * p->track_m;
	const double roll_kg_m2 = p->body_roll_kg_m2 + p->body_kg * p->body_com_m * p->body_com_m;
	const double rolling_kg = (p->wheel_spin_kg_m2 + p->rotor_kg_m2) / (p->wheel_radius_m * p->wheel_radius_m);

	return p->body_yaw_kg_m2 * cosine * cosine + roll_kg_m2 * sine * sine +
	       2.0 * (p->wheel_kg * half_track_m2 + 0.5 * p->wheel_spin_kg_m2 + rolling_kg * half_track_m2);
}

/* The mass matrix of (speed, tilt rate): first diagonal, off diagonal, second diagonal. */
static void mass_matrix(const struct robot_parameters *p, double cosine, double mass[3])
{
	const double r = p->wheel_radius_m;

	mass[0] = p->body_kg + 2.0 * p->wheel_kg + 2.0 * (p->wheel_spin_kg_m2 + p->rotor_kg_m2) / (r * r);
	mass[1] = p->body_kg * p->body_com_m * cosine - 2.0 * p->rotor_kg_m2 / r;
	mass[2] = p->body_kg * p->body_com_m * p->body_com_m + p->body_pitch_kg_m2 + 2.0 * p->rotor_kg_m2;
}

static void solve_mass(const double mass[3], const double right[2], double solution[2])
{
	const double determinant = mass[0] * mass[2] - mass[1] * mass[1];

	solution[0] = (mass[2] * right[0] - mass[1] * right[1]) / determinant;
	solution[1] = (mass[0] * right[1] - mass[1] * right[0]) / determinant;
}

/* The equations at the head of this file: accelerations of position, tilt and yaw. */
static void accelerate(const struct robot_model *model, const double state[ROBOT_AXIS_COUNT], double acceleration[3])
{
	const struct robot_parameters *p = &model->parameters;
	const double sine = sin(state[ROBOT_TILT]);
	const double cosine = cos(state[ROBOT_TILT]);
	const double tilt_rate = state[ROBOT_TILT_RATE];
	const double yaw_rate = state[ROBOT_YAW_RATE];
	const double lever_kg_m = p->body_kg * p->body_com_m;
	const double roll_excess_kg_m2 = lever_kg_m * p->body_com_m + p->body_roll_kg_m2 - p->body_yaw_kg_m2;
	double rate_rad_s[2];
	double mass[3];

	wheel_rates(p, state, rate_rad_s);
	const double left_nm = gear_torque_nm(p, model->voltage_v[0], rate_rad_s[0]);
	const double right_nm = gear_torque_nm(p, model->voltage_v[1], rate_rad_s[1]);
	const double right_side[2] = {
		(left_nm + right_nm) / p->wheel_radius_m +
			lever_kg_m * sine * (tilt_rate * tilt_rate + yaw_rate * yaw_rate),
		ROBOT_GRAVITY_M_S2 * lever_kg_m * sine + roll_excess_kg_m2 * sine * cosine * yaw_rate * yaw_rate -
			(left_nm + right_nm),
	};

	mass_matrix(p, cosine, mass);
	solve_mass(mass, right_side, acceleration);
	acceleration[2] = ((right_nm - left_nm) * 0.5 * p->track_m / p->wheel_radius_m -
			   2.0 * roll_excess_kg_m2 * sine * cosine * tilt_rate * yaw_rate -
			   lever_kg_m * sine * state[ROBOT_SPEED] * yaw_rate) /
			  yaw_inertia_kg_m2(p, sine, cosine);
}

static void differentiate(const struct robot_model *model, const double state[ROBOT_AXIS_COUNT],
			  double slope[ROBOT_AXIS_COUNT])
{
	slope[ROBOT_POSITION] = state[ROBOT_SPEED];
	slope[ROBOT_TILT] = state[ROBOT_TILT_RATE];
	slope[ROBOT_YAW] = state[ROBOT_YAW_RATE];
	accelerate(model, state, &slope[ROBOT_SPEED]);
}

/* One substep of the classical fourth-order Runge-Kutta method. */
static void integrate(struct robot_model *model)
{
	static const double reach[3] = {0.5, 0.5, 1.0};
	static const double weight[4] = {1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0};
	double point[ROBOT_AXIS_COUNT];
	double slope[ROBOT_AXIS_COUNT];
	double sum[ROBOT_AXIS_COUNT] = {0.0};

	memcpy(point, model->state, sizeof(point));
	for (int stage = 0; stage < 4; stage++) {
		differentiate(model, point, slope);
		for (int axis = 0; axis < ROBOT_AXIS_COUNT; axis++) {
			sum[axis] += weight[stage] * slope[axis];
			if (stage < 3)
				point[axis] = model->state[axis] + reach[stage] * ROBOT_SUBSTEP_S * slope[axis];
		}
	}
	for (int axis = 0; axis < ROBOT_AXIS_COUNT; axis++)
		model->state[axis] += ROBOT_SUBSTEP_S * sum[axis];
}

static void stop_moving(struct robot_model *model)
{
	model->state[ROBOT_SPEED] = 0.0;
	model->state[ROBOT_TILT_RATE] = 0.0;
	model->state[ROBOT_YAW_RATE] = 0.0;
}

static void take_voltage(struct robot_model *model, const double voltage_v[2])
{
	for (int side = 0; side < 2; side++) {
		/* Written so that NaN fails it. */
		if (fabs(voltage_v[side]) <= model->parameters.voltage_v_max) {
			model->voltage_v[side] = voltage_v[side];
		} else {
			model->voltage_v[side] = 0.0;
			model->rejected_count++;
		}
		if (fabs(model->voltage_v[side]) > HELD_V_MAX)
			robot_model_release(model);
	}
}

void robot_model_step(struct robot_model *model, const double voltage_v[2], double dt_s)
{
	take_voltage(model, voltage_v);
	if (dt_s > 0.0)
		model->unsimulated_s += fmin(dt_s, ROBOT_STEP_S_MAX);
	while (model->unsimulated_s >= ROBOT_SUBSTEP_S - SUBSTEP_ROUND_S) {
		model->unsimulated_s -= ROBOT_SUBSTEP_S;
		if (model->pose != ROBOT_FREE)
			continue;
		integrate(model);
		if (fabs(model->state[ROBOT_TILT]) >= model->parameters.fall_tilt_rad) {
			model->state[ROBOT_TILT] = copysign(model->parameters.fall_tilt_rad, model->state[ROBOT_TILT]);
			model->pose = ROBOT_LYING;
			stop_moving(model);
		}
	}
}

/* Turns a vector from the robot's upright axes (x along the floor) into the tilted body's. */
static void tilt_vector(double tilt_rad, const double upright[3], double body[3])
{
	const double sine = sin(tilt_rad);
	const double cosine = cos(tilt_rad);

	body[0] = cosine * upright[0] - sine * upright[2];
	body[1] = upright[1];
	body[2] = sine * upright[0] + cosine * upright[2];
}

/* Specific force at the IMU, on the upright axes: the point's acceleration, and gravity as a push upwards. */
static void imu_force(const struct robot_model *model, double force_m_s2[3])
{
	const double *state = model->state;
	const double height_m = model->parameters.imu_height_m;
	const double sine = sin(state[ROBOT_TILT]);
	const double cosine = cos(state[ROBOT_TILT]);
	const double tilt_rate = state[ROBOT_TILT_RATE];
	const double yaw_rate = state[ROBOT_YAW_RATE];
	double acceleration[3] = {0.0, 0.0, 0.0};

	if (model->pose == ROBOT_FREE)
		accelerate(model, state, acceleration);
	force_m_s2[0] = acceleration[0] +
			height_m * (acceleration[1] * cosine - sine * (tilt_rate * tilt_rate + yaw_rate * yaw_rate));
	force_m_s2[1] = yaw_rate * state[ROBOT_SPEED] +
			height_m * (2.0 * yaw_rate * tilt_rate * cosine + acceleration[2] * sine);
	force_m_s2[2] = ROBOT_GRAVITY_M_S2 - height_m * (acceleration[1] * sine + tilt_rate * tilt_rate * cosine);
}

void robot_model_read_imu(struct robot_model *model, struct imu *imu)
{
	const struct robot_parameters *p = &model->parameters;
	const double *state = model->state;
	const double turn[3] = {0.0, state[ROBOT_TILT_RATE], state[ROBOT_YAW_RATE]};
	const double field[3] = {EARTH_NORTH_UT * cos(state[ROBOT_YAW]), -EARTH_NORTH_UT * sin(state[ROBOT_YAW]),
				 EARTH_UP_UT};
	double force[3];
	double gyro[3];
	double accel[3];
	double magnetic[3];

	imu_force(model, force);
	tilt_vector(state[ROBOT_TILT], turn, gyro);
	tilt_vector(state[ROBOT_TILT], force, accel);
	tilt_vector(state[ROBOT_TILT], field, magnetic);
	for (int axis = 0; axis < 3; axis++) {
		imu->gyro[axis] =
			(float)(gyro[axis] + model->gyro_bias_rad_s[axis] + p->gyro_noise_rad_s * draw_normal(model));
		imu->accel[axis] =
			(float)(accel[axis] + model->accel_bias_m_s2[axis] + p->accel_noise_m_s2 * draw_normal(model));
		imu->magnetic[axis] = (float)(magnetic[axis] + p->magnetic_noise_ut * draw_normal(model));
	}
	imu->flags = IMU_MAGNETIC_VALID;
}

void robot_model_read_wheels(struct robot_model *model, struct wheels *wheels)
{
	const struct robot_parameters *p = &model->parameters;
	const double half_track_m = 0.5 * p->track_m;
	const double count_rad = TWO_PI / p->encoder_count;
	double rate_rad_s[2];

	wheel_rates(p, model->state, rate_rad_s);
	for (int side = 0; side < 2; side++) {
		const double path_m = model->state[ROBOT_POSITION] +
				      (side == 0 ? -half_track_m : half_track_m) * model->state[ROBOT_YAW];
		const double angle_rad = path_m / p->wheel_radius_m - model->state[ROBOT_TILT];

		wheels->angle[side] = (float)(floor(angle_rad / count_rad) * count_rad);
		wheels->rate[side] = (float)(rate_rad_s[side] + p->wheel_rate_noise_rad_s * draw_normal(model));
	}
}

void robot_model_release(struct robot_model *model)
{
	if (model->pose == ROBOT_HELD)
		model->pose = ROBOT_FREE;
}

void robot_model_stand_up(struct robot_model *model, double tilt_rad)
{
	const struct robot_parameters *p = &model->parameters;

	stop_moving(model);
	model->state[ROBOT_TILT] = fabs(tilt_rad) < p->fall_tilt_rad ? tilt_rad : p->start_tilt_rad;
	model->voltage_v[0] = 0.0;
	model->voltage_v[1] = 0.0;
	model->pose = ROBOT_HELD;
}

void robot_model_push(struct robot_model *model, double impulse_n_s)
{
	const double cosine = cos(model->state[ROBOT_TILT]);
	const double blow[2] = {impulse_n_s, impulse_n_s * model->parameters.body_com_m * cosine};
	double mass[3];
	double change[2];

	if (model->pose != ROBOT_FREE || !(fabs(impulse_n_s) <= PUSH_N_S_MAX))
		return;
	mass_matrix(&model->parameters, cosine, mass);
	solve_mass(mass, blow, change);
	model->state[ROBOT_SPEED] += change[0];
	model->state[ROBOT_TILT_RATE] += change[1];
}

double robot_model_energy_j(const struct robot_model *model)
{
	const struct robot_parameters *p = &model->parameters;
	const double *state = model->state;
	const double sine = sin(state[ROBOT_TILT]);
	const double cosine = cos(state[ROBOT_TILT]);
	double mass[3];

	mass_matrix(p, cosine, mass);
	return 0.5 * mass[0] * state[ROBOT_SPEED] * state[ROBOT_SPEED] +
	       mass[1] * state[ROBOT_SPEED] * state[ROBOT_TILT_RATE] +
	       0.5 * mass[2] * state[ROBOT_TILT_RATE] * state[ROBOT_TILT_RATE] +
	       0.5 * yaw_inertia_kg_m2(p, sine, cosine) * state[ROBOT_YAW_RATE] * state[ROBOT_YAW_RATE] +
	       p->body_kg * ROBOT_GRAVITY_M_S2 * p->body_com_m * cosine;
}
