/* SPDX-License-Identifier: Apache-2.0 */
/*
 * THE MODEL. Near upright, with x position, t tilt, T the sum of both gearbox torques, r the wheels' radius, the
 * equations of apps/sensor/robot_model.c become
 *
 *   M11 x" + M12 t" = T / r             M11 = m + 2 m_w + 2 (I_w + J)/r^2     all that must be pushed, as a mass
 *   M12 x" + M22 t" = m g l t - T       M12 = m l - 2 J/r,   M22 = m l^2 + I_pitch + 2 J
 *   T = 2 K/R (V - K (x'/r - t')) - 2 f (x'/r - t')        K back-EMF constant, R resistance, f viscous friction
 *
 * THE TILT. The accelerometer sits at height h on the body and measures, along the body,  a = x" + h t" - g t.
 * Dividing the first equation by M11 gives  x" + (M12/M11) t" = T/(r M11).  So at h = M12/M11, where this robot's IMU
 * sits, a = T/(r M11) - g t: whether the body stands still, falls freely or rolls makes no difference, only the
 * motors' torque does, and that is known from the voltage and the wheels' rate. (The same as on a rail: what is left
 * free moves about its centre of mass.) With it removed the sample reads as if the robot stood still, and goes to the
 * attitude filter. That is why a controller that is restarted during a fall knows the tilt at once.
 *
 * It must know the voltage in force for that, and after a start or a gap it does not: the one before it may have left
 * any voltage. So it first gives out 0 V and listens, LISTEN_COUNT samples long, until these have come into force.
 *
 * THE LAW. The state s = (t, t', x - x_ref, x' - x'_ref, integral of x - x_ref) is fed back by
 *
 *   V = V_ref + k_tilt (t - t_ref) + k_tilt_rate t' + k_position (x - x_ref) + k_speed (x' - x'_ref)
 *       + k_integral (integral)
 *
 * All gains are positive: to lean back, a robot that is too far forward must first drive further forward. t_ref and
 * V_ref are what the model needs to follow a reference with the acceleration a: with x" = a and t" = 0 its equations
 * give T = r M11 a, t_ref = (M12 + r M11) a / (m g l) and V_ref = R/(2 K) T + K x'_ref/r; the robot leans into the
 * ramp. The gains minimise, for the model above sampled at 1 kHz, the sum over time of
 *
 *   (t/0.2 rad)^2 + (t'/1 rad/s)^2 + ((x - x_ref)/0.05 m)^2 + ((x' - x'_ref)/0.3 m/s)^2 + (integral/0.06 m s)^2
 *   + (V/3 V)^2
 *
 * (a linear quadratic regulator with integral action; each divisor is the deviation that shall cost as much as the
 * others). They were computed by iterating the discrete Riccati equation from the robot model's own linearisation by
 * difference quotients: tests/unit/apps/test_balance.c does it again and compares, so gains and model cannot drift
 * apart. The integral removes what constant errors leave: an accelerometer that is mounted askew, a gyroscope's bias,
 * a centre of mass beside the axle.
 *
 * YAW. The difference of the voltages turns: I(0) w' = (d/r) 2 K/R (V_yaw - K w d/r). With k_yaw this is a second-order
 * system, and k_yaw = 4 V/rad puts both its poles near -8/s, k_yaw_rate may stay small as the back-EMF damps enough.
 */
#include "apps/controller/balance.h"

#include <math.h>
#include <string.h>

#include "apps/sensor/robot_model.h"

#define GAIN_MAX	     1e4
#define TILT_RAD_LIMIT	     1.5
#define GAP_S_MAX	     0.02 /* longer without a sample, and the gyroscope's integral is not worth keeping */
#define DT_S_MAX	     1.0
#define GYRO_RAD_S_MAX	     100.0 /* more than these no such sensor measures: the sample is broken */
#define ACCEL_M_S2_MAX	     1000.0
#define WHEEL_RAD_MAX	     1e7
#define WHEEL_RAD_S_MAX	     1e4
#define FRESH_DT_S	     0.001 /* assumed for a sample that has no predecessor */
#define LISTEN_COUNT	     3	   /* samples until a voltage given out is surely in force when the next is measured */
#define UPRIGHT_RAD	     0.2   /* a fallen robot that was put up leans less than this */
#define UPRIGHT_S	     0.1
#define STANDING_RAD	     0.05 /* has stood up: leans less than this ... */
#define STANDING_S	     0.3  /* ... for this long */
#define ARRIVED_M	     0.01
#define INTEGRAL_V_MAX	     3.0
#define BRAKE_SHARE	     0.8 /* of the acceleration is planned with; the rest keeps the ramp on its plan */
#define SMOOTH_S	     0.2
#define YAW_SHARE_MAX	     0.3 /* of voltage_v_max: balance comes first */
#define YAW_ERROR_RAD_MAX    0.5
#define YAW_RAMP_RAD_S	     1.0
#define FRICTION_ROUND_RAD_S 0.2 /* rates below this are too noisy to tell friction's direction */

/* Whole pushed mass, M11 above. */
#define PUSHED_KG                                                                                                      \
	(ROBOT_BODY_KG + 2.0 * ROBOT_WHEEL_KG +                                                                        \
	 2.0 * (ROBOT_WHEEL_SPIN_KG_M2 + ROBOT_ROTOR_KG_M2) / (ROBOT_WHEEL_RADIUS_M * ROBOT_WHEEL_RADIUS_M))

/* M12, and what the acceleration of the reference needs: tilt and voltage per m/s^2. */
#define LEVER_KG_M (ROBOT_BODY_KG * ROBOT_BODY_COM_M - 2.0 * ROBOT_ROTOR_KG_M2 / ROBOT_WHEEL_RADIUS_M)
#define LEAN_RAD_PER_M_S2                                                                                              \
	((LEVER_KG_M + ROBOT_WHEEL_RADIUS_M * PUSHED_KG) / (ROBOT_BODY_KG * ROBOT_GRAVITY_M_S2 * ROBOT_BODY_COM_M))
#define VOLTAGE_V_PER_M_S2 (ROBOT_WHEEL_RADIUS_M * PUSHED_KG * ROBOT_MOTOR_OHM / (2.0 * ROBOT_MOTOR_V_S))

enum phase { PHASE_OFF, PHASE_STAND_UP, PHASE_BALANCE, PHASE_MOVE, PHASE_FALLEN };

static const char phase_text[][ROBOT_PHASE_BYTES] = {
	[PHASE_OFF] = "off",   [PHASE_STAND_UP] = "stand-up", [PHASE_BALANCE] = "balance",
	[PHASE_MOVE] = "move", [PHASE_FALLEN] = "fallen",
};

/* What one sample says, in double. */
struct estimate {
	double tilt_rad, tilt_rad_s;
	double position_m, speed_m_s;
	double yaw_rad, yaw_rad_s;
};

struct balance_parameters balance_parameters_default(void)
{
	const struct balance_parameters parameters = {
		.set_point_m = 0.0,
		.yaw_set_point_rad = 0.0,
		.k_tilt = BALANCE_K_TILT,
		.k_tilt_rate = BALANCE_K_TILT_RATE,
		.k_position = BALANCE_K_POSITION,
		.k_speed = BALANCE_K_SPEED,
		.k_integral = BALANCE_K_INTEGRAL,
		.k_yaw = BALANCE_K_YAW,
		.k_yaw_rate = BALANCE_K_YAW_RATE,
		.speed_m_s_max = BALANCE_SPEED_M_S_MAX,
		.acceleration_m_s2_max = BALANCE_ACCELERATION_M_S2_MAX,
		.voltage_v_max = ROBOT_VOLTAGE_V_MAX,
		.tilt_rad_max = BALANCE_TILT_RAD_MAX,
	};
	return parameters;
}

static bool is_within(double value, double limit)
{
	return fabs(value) <= limit; /* false for NaN */
}

bool balance_parameters_valid(const struct balance_parameters *parameters)
{
	const struct balance_parameters *p = parameters;

	return is_within(p->set_point_m, GAIN_MAX) && is_within(p->yaw_set_point_rad, GAIN_MAX) &&
	       is_within(p->k_tilt, GAIN_MAX) && is_within(p->k_tilt_rate, GAIN_MAX) &&
	       is_within(p->k_position, GAIN_MAX) && is_within(p->k_speed, GAIN_MAX) &&
	       is_within(p->k_integral, GAIN_MAX) && is_within(p->k_yaw, GAIN_MAX) &&
	       is_within(p->k_yaw_rate, GAIN_MAX) && is_within(p->speed_m_s_max, GAIN_MAX) && p->speed_m_s_max > 0.0 &&
	       is_within(p->acceleration_m_s2_max, GAIN_MAX) && p->acceleration_m_s2_max > 0.0 &&
	       is_within(p->voltage_v_max, ROBOT_VOLTAGE_V_MAX) && p->voltage_v_max > 0.0 &&
	       is_within(p->tilt_rad_max, TILT_RAD_LIMIT) && p->tilt_rad_max > 0.0;
}

void balance_init(struct balance *balance)
{
	struct attitude_parameters parameters = attitude_parameters_default();

	memset(balance, 0, sizeof(*balance));
	/* The accelerometer is believed more than a hand-held sensor's, as it is freed of the robot's own motion. Found
	 * by simulation: with higher gains errors of the removed motion get into the tilt, with lower ones the bias
	 * stays in it. */
	parameters.up_gain_s = 1.0;
	parameters.bias_gain_s2 = 0.1;
	parameters.up_tolerance = 0.5;
	attitude_init(&balance->attitude, &parameters);
}

/* The torque of both gearboxes, T above, with the Coulomb friction that the law leaves out. */
static double torque_nm(const double voltage_v[2], const double rate_rad_s[2])
{
	double sum_nm = 0.0;

	for (int side = 0; side < 2; side++) {
		const double rate = rate_rad_s[side];
		const double slip = rate / FRICTION_ROUND_RAD_S;

		sum_nm += ROBOT_MOTOR_V_S / ROBOT_MOTOR_OHM * (voltage_v[side] - ROBOT_MOTOR_V_S * rate) -
			  ROBOT_FRICTION_NM_S * rate - ROBOT_FRICTION_NM * slip / sqrt(1.0 + slip * slip);
	}
	return sum_nm;
}

static void estimate(struct balance *balance, const struct imu *imu, const struct wheels *wheels, double dt_s,
		     struct estimate *now)
{
	const double rate_rad_s[2] = {(double)wheels->rate[0], (double)wheels->rate[1]};
	const double roll_rad = 0.5 * ((double)wheels->angle[0] + (double)wheels->angle[1]);
	const double roll_rad_s = 0.5 * (rate_rad_s[0] + rate_rad_s[1]);
	struct imu still = *imu;
	double angle_rad[3];

	/* Held, lying or switched off there is neither voltage nor rate, and nothing is removed. */
	still.accel[0] -= (float)(torque_nm(balance->voltage_v, rate_rad_s) / (ROBOT_WHEEL_RADIUS_M * PUSHED_KG));
	attitude_step(&balance->attitude, &still, dt_s);
	attitude_angles(&balance->attitude, angle_rad);
	now->tilt_rad = angle_rad[1];
	now->tilt_rad_s = balance->attitude.rate_rad_s[1];
	/* Encoders measure relative to the body, so its tilt is added. */
	now->position_m = ROBOT_WHEEL_RADIUS_M * (roll_rad + now->tilt_rad);
	now->speed_m_s = ROBOT_WHEEL_RADIUS_M * (roll_rad_s + now->tilt_rad_s);
	now->yaw_rad = ROBOT_WHEEL_RADIUS_M / ROBOT_TRACK_M * ((double)wheels->angle[1] - (double)wheels->angle[0]);
	now->yaw_rad_s = balance->attitude.rate_rad_s[2];
}

/* The reference starts where the robot is, at its speed if the ramp may have it. */
static void take_reference(struct balance *balance, const struct balance_parameters *p, const struct estimate *now)
{
	balance->ramp.position_m = now->position_m;
	balance->ramp.speed_m_s = fmin(p->speed_m_s_max, fmax(-p->speed_m_s_max, now->speed_m_s));
	balance->ramp.acceleration_m_s2 = 0.0;
	balance->reference = balance->ramp;
	balance->yaw_reference_rad = now->yaw_rad;
	balance->integral_m_s = 0.0;
}

/* Moves the ramp with limited speed and acceleration, so that it stops on the set point: the speed allowed at a
 * distance is the one from which somewhat less than the acceleration just stops in it. */
static void move_ramp(struct balance_reference *ramp, const struct balance_parameters *p, double dt_s)
{
	const double change_m_s_max = p->acceleration_m_s2_max * dt_s;
	const double distance_m = p->set_point_m - ramp->position_m;
	const double stopping_m_s = sqrt(2.0 * BRAKE_SHARE * p->acceleration_m_s2_max * fabs(distance_m));
	const double wanted_m_s = copysign(fmin(p->speed_m_s_max, stopping_m_s), distance_m);
	const double change_m_s = fmin(change_m_s_max, fmax(-change_m_s_max, wanted_m_s - ramp->speed_m_s));

	/* A few steps of the smallest size from the goal it would go to and fro for ever. */
	if (fabs(distance_m) <= 4.0 * change_m_s_max * dt_s && fabs(ramp->speed_m_s) <= 4.0 * change_m_s_max) {
		ramp->position_m = p->set_point_m;
		ramp->speed_m_s = 0.0;
		ramp->acceleration_m_s2 = 0.0;
		return;
	}
	ramp->acceleration_m_s2 = change_m_s / dt_s;
	ramp->speed_m_s += change_m_s;
	ramp->position_m += ramp->speed_m_s * dt_s;
}

/* The ramp's acceleration jumps, and no body can start to lean that fast. The same low pass over position, speed and
 * acceleration leaves each the derivative of the one before. */
static void move_reference(struct balance *balance, const struct balance_parameters *p, double dt_s)
{
	const double share = dt_s / (SMOOTH_S + dt_s);
	const double yaw_rad = p->yaw_set_point_rad - balance->yaw_reference_rad;
	struct balance_reference *reference = &balance->reference;
	const struct balance_reference *ramp = &balance->ramp;

	move_ramp(&balance->ramp, p, dt_s);
	reference->position_m += share * (ramp->position_m - reference->position_m);
	reference->speed_m_s += share * (ramp->speed_m_s - reference->speed_m_s);
	reference->acceleration_m_s2 += share * (ramp->acceleration_m_s2 - reference->acceleration_m_s2);
	balance->yaw_reference_rad += fmin(YAW_RAMP_RAD_S * dt_s, fmax(-YAW_RAMP_RAD_S * dt_s, yaw_rad));
}

static void drive(struct balance *balance, const struct balance_parameters *p, const struct estimate *now, double dt_s)
{
	const double error_m = now->position_m - balance->reference.position_m;
	const double yaw_v_max = YAW_SHARE_MAX * p->voltage_v_max;
	const double yaw_error_rad =
		fmin(YAW_ERROR_RAD_MAX, fmax(-YAW_ERROR_RAD_MAX, balance->yaw_reference_rad - now->yaw_rad));
	const double integral_v = fmin(INTEGRAL_V_MAX, fmax(-INTEGRAL_V_MAX, p->k_integral * balance->integral_m_s));
	const double reference_v = VOLTAGE_V_PER_M_S2 * balance->reference.acceleration_m_s2 +
				   ROBOT_MOTOR_V_S / ROBOT_WHEEL_RADIUS_M * balance->reference.speed_m_s;
	const double lean_rad = LEAN_RAD_PER_M_S2 * balance->reference.acceleration_m_s2;
	const double wanted_v = reference_v + p->k_tilt * (now->tilt_rad - lean_rad) +
				p->k_tilt_rate * now->tilt_rad_s + p->k_position * error_m +
				p->k_speed * (now->speed_m_s - balance->reference.speed_m_s) + integral_v;
	const double forward_v = fmin(p->voltage_v_max, fmax(-p->voltage_v_max, wanted_v));
	const double wanted_turn_v = p->k_yaw * yaw_error_rad - p->k_yaw_rate * now->yaw_rad_s;
	const double turn_v = fmin(yaw_v_max, fmax(-yaw_v_max, wanted_turn_v));

	/* An integral that goes on while the motors cannot follow would have to be paid back. */
	if (is_within(wanted_v, p->voltage_v_max) && (fabs(integral_v) < INTEGRAL_V_MAX || integral_v * error_m < 0.0))
		balance->integral_m_s += error_m * dt_s;
	balance->voltage_v[0] = fmin(p->voltage_v_max, fmax(-p->voltage_v_max, forward_v - turn_v));
	balance->voltage_v[1] = fmin(p->voltage_v_max, fmax(-p->voltage_v_max, forward_v + turn_v));
}

/* Fallen, put up again, stood up for the first time. */
static void judge_tilt(struct balance *balance, const struct balance_parameters *p, const struct estimate *now,
		       double dt_s)
{
	const double calm_rad = balance->is_fallen ? UPRIGHT_RAD : STANDING_RAD;

	if (fabs(now->tilt_rad) > p->tilt_rad_max) {
		balance->is_fallen = true;
		balance->is_up = false;
	}
	balance->upright_s = fabs(now->tilt_rad) < calm_rad ? balance->upright_s + dt_s : 0.0;
	if (balance->is_fallen && balance->upright_s > UPRIGHT_S) {
		balance->is_fallen = false;
		balance->upright_s = 0.0;
		take_reference(balance, p, now);
	} else if (!balance->is_fallen && balance->upright_s > STANDING_S) {
		balance->is_up = true;
	}
}

static enum phase phase_of(const struct balance *balance, const struct balance_parameters *p)
{
	if (balance->is_fallen)
		return PHASE_FALLEN;
	if (!balance->is_up)
		return PHASE_STAND_UP;
	return fabs(balance->reference.position_m - p->set_point_m) > ARRIVED_M ? PHASE_MOVE : PHASE_BALANCE;
}

static void set_output(struct balance *balance, enum motor_mode mode, enum phase phase)
{
	for (int side = 0; side < 2; side++) {
		if (mode != MOTOR_BALANCE)
			balance->voltage_v[side] = 0.0;
		balance->motor.voltage[side] = (float)balance->voltage_v[side];
	}
	balance->motor.mode = (uint32_t)mode;
	balance->state.mode = (uint32_t)mode;
	memcpy(balance->state.phase, phase_text[phase], ROBOT_PHASE_BYTES);
}

static void set_state(struct balance *balance, const struct estimate *now)
{
	double angle_rad[3];

	attitude_angles(&balance->attitude, angle_rad);
	balance->state.tilt = (float)now->tilt_rad;
	balance->state.tilt_rate = (float)now->tilt_rad_s;
	balance->state.position = (float)now->position_m;
	balance->state.speed = (float)now->speed_m_s;
	balance->state.yaw = (float)now->yaw_rad;
	balance->state.yaw_rate = (float)now->yaw_rad_s;
	balance->state.set_point = (float)balance->reference.position_m;
	for (int axis = 0; axis < 3; axis++)
		balance->state.attitude[axis] = (float)angle_rad[axis];
}

static bool is_sample_usable(const struct imu *imu, const struct wheels *wheels, double dt_s)
{
	bool usable = dt_s > 0.0 && dt_s <= DT_S_MAX;

	for (int axis = 0; axis < 3; axis++)
		usable = usable && is_within((double)imu->gyro[axis], GYRO_RAD_S_MAX) &&
			 is_within((double)imu->accel[axis], ACCEL_M_S2_MAX);
	for (int side = 0; side < 2; side++)
		usable = usable && is_within((double)wheels->angle[side], WHEEL_RAD_MAX) &&
			 is_within((double)wheels->rate[side], WHEEL_RAD_S_MAX);
	return usable;
}

/* What was estimated is worth nothing when the samples come back: the robot moves on its own now. */
static void switch_off(struct balance *balance)
{
	balance->is_up = false;
	balance->blind_s = DT_S_MAX;
	set_output(balance, MOTOR_OFF, PHASE_OFF);
}

/* No usable sample: the last voltages for a moment, then none. */
static void bridge(struct balance *balance, double dt_s)
{
	balance->blind_s += dt_s > 0.0 ? fmin(dt_s, DT_S_MAX) : FRESH_DT_S;
	if (balance->blind_s > GAP_S_MAX)
		switch_off(balance);
}

static void control(struct balance *balance, const struct balance_parameters *p, const struct imu *imu,
		    const struct wheels *wheels, double dt_s)
{
	double step_s = balance->blind_s + dt_s;
	struct estimate now;

	balance->blind_s = 0.0;
	if (step_s > GAP_S_MAX) {
		balance->heard_count = 0;
		step_s = FRESH_DT_S;
	}
	if (balance->heard_count <= LISTEN_COUNT) {
		attitude_restart(&balance->attitude);
		balance->is_started = false;
	}
	estimate(balance, imu, wheels, step_s, &now);
	if (balance->heard_count < LISTEN_COUNT) {
		balance->heard_count++;
		set_output(balance, MOTOR_OFF, PHASE_OFF);
		set_state(balance, &now);
		return;
	}
	if (!balance->is_started) {
		balance->heard_count++;
		take_reference(balance, p, &now);
	}
	balance->is_started = true;
	judge_tilt(balance, p, &now, step_s);
	if (!balance->is_fallen) {
		move_reference(balance, p, step_s);
		drive(balance, p, &now, step_s);
	}
	set_output(balance, balance->is_fallen ? MOTOR_FALLEN : MOTOR_BALANCE, phase_of(balance, p));
	set_state(balance, &now);
}

void balance_step(struct balance *balance, const struct balance_parameters *parameters, const struct imu *imu,
		  const struct wheels *wheels, double dt_s, struct motor *motor, struct robot_state *state)
{
	if (!balance_parameters_valid(parameters))
		switch_off(balance);
	else if (!is_sample_usable(imu, wheels, dt_s))
		bridge(balance, dt_s);
	else
		control(balance, parameters, imu, wheels, dt_s);
	*motor = balance->motor;
	*state = balance->state;
}
