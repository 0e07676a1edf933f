/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/controller/attitude.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define GRAVITY_M_S2	9.80665
#define FORCE_M_S2_MIN	2.0  /* less than this is free fall: the direction says nothing */
#define FIELD_UT_MIN	5.0  /* far below the earth's field anywhere (25 to 65) */
#define FIELD_SETTLE_S	10.0 /* a changed surrounding becomes the usual one */
#define REJECTED_S_MAX	10.0 /* a deviation this long is the sensor's scale, not a movement */
#define REJECTED_WEIGHT 0.1  /* so it is believed again, carefully */
#define PULL_RAD_MAX	1.0  /* a larger miss of north is corrected as if it were this */
#define LEARN_RAD_MAX	0.05 /* a larger pull is a disturbance or a wrong start: the bias learns no more from it */

struct attitude_parameters attitude_parameters_default(void)
{
	const struct attitude_parameters parameters = {
		.up_gain_s = 0.5,
		.north_gain_s = 0.3,
		.bias_gain_s2 = 0.01,
		.bias_rad_s_max = 0.1,
		.up_tolerance = 0.1,
		.north_tolerance = 0.15,
	};
	return parameters;
}

void attitude_restart(struct attitude *attitude)
{
	attitude->age_s = -1.0;
	attitude->rejected_s = 0.0;
}

void attitude_init(struct attitude *attitude, const struct attitude_parameters *parameters)
{
	memset(attitude, 0, sizeof(*attitude));
	attitude->parameters = *parameters;
	attitude->quaternion[0] = 1.0;
	attitude_restart(attitude);
}

static double length_of(const double vector[3])
{
	return sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2]);
}

static void cross(const double a[3], const double b[3], double product[3])
{
	product[0] = a[1] * b[2] - a[2] * b[1];
	product[1] = a[2] * b[0] - a[0] * b[2];
	product[2] = a[0] * b[1] - a[1] * b[0];
}

/* The rows of the rotation matrix: the world's x, y and z axis seen from the body. */
static void world_axes(const double q[4], double axis[3][3])
{
	axis[0][0] = 1.0 - 2.0 * (q[2] * q[2] + q[3] * q[3]);
	axis[0][1] = 2.0 * (q[1] * q[2] - q[0] * q[3]);
	axis[0][2] = 2.0 * (q[1] * q[3] + q[0] * q[2]);
	axis[1][0] = 2.0 * (q[1] * q[2] + q[0] * q[3]);
	axis[1][1] = 1.0 - 2.0 * (q[1] * q[1] + q[3] * q[3]);
	axis[1][2] = 2.0 * (q[2] * q[3] - q[0] * q[1]);
	axis[2][0] = 2.0 * (q[1] * q[3] - q[0] * q[2]);
	axis[2][1] = 2.0 * (q[2] * q[3] + q[0] * q[1]);
	axis[2][2] = 1.0 - 2.0 * (q[1] * q[1] + q[2] * q[2]);
}

/* The half angles' products of a rotation by yaw, then pitch, then roll. */
static void set_angles(double q[4], double roll_rad, double pitch_rad, double yaw_rad)
{
	const double cr = cos(0.5 * roll_rad), sr = sin(0.5 * roll_rad);
	const double cp = cos(0.5 * pitch_rad), sp = sin(0.5 * pitch_rad);
	const double cy = cos(0.5 * yaw_rad), sy = sin(0.5 * yaw_rad);

	q[0] = cr * cp * cy + sr * sp * sy;
	q[1] = sr * cp * cy - cr * sp * sy;
	q[2] = cr * sp * cy + sr * cp * sy;
	q[3] = cr * cp * sy - sr * sp * cy;
}

/* By how much the field's horizontal part misses north: what the yaw has too little. */
static double yaw_error(double axis[3][3], const double field[3])
{
	const double north = axis[0][0] * field[0] + axis[0][1] * field[1] + axis[0][2] * field[2];
	const double west = axis[1][0] * field[0] + axis[1][1] * field[1] + axis[1][2] * field[2];

	return -atan2(west, north);
}

static bool is_field_usable(const struct imu *imu, const double field[3])
{
	return (imu->flags & IMU_MAGNETIC_VALID) && length_of(field) >= FIELD_UT_MIN;
}

static void start(struct attitude *attitude, const double force[3], const double field[3], bool with_field)
{
	const double roll_rad = atan2(force[1], force[2]);
	const double pitch_rad = atan2(-force[0], hypot(force[1], force[2]));
	double axis[3][3];

	if (length_of(force) < FORCE_M_S2_MIN)
		return;
	set_angles(attitude->quaternion, roll_rad, pitch_rad, 0.0);
	if (with_field) {
		world_axes(attitude->quaternion, axis);
		set_angles(attitude->quaternion, roll_rad, pitch_rad, yaw_error(axis, field));
		attitude->field_ut = length_of(field);
	}
	attitude->age_s = 0.0;
}

/* 1 at a deviation of 0, falling to 0 at the tolerance. */
static double weigh(double value, double usual, double tolerance)
{
	return fmax(0.0, 1.0 - fabs(value / usual - 1.0) / tolerance);
}

/* The turn per second that brings the estimated "up" towards the measured one. */
static void pull_up(struct attitude *attitude, const double up[3], const double force[3], double dt_s, double pull[3])
{
	const double force_m_s2 = length_of(force);
	double weight = weigh(force_m_s2, GRAVITY_M_S2, attitude->parameters.up_tolerance);

	attitude->rejected_s = weight > 0.0 ? 0.0 : attitude->rejected_s + dt_s;
	if (attitude->rejected_s > REJECTED_S_MAX)
		weight = REJECTED_WEIGHT;
	if (force_m_s2 < FORCE_M_S2_MIN)
		return;
	cross(force, up, pull);
	for (int axis = 0; axis < 3; axis++)
		pull[axis] *= weight / force_m_s2;
}

/* Adds the turn about "up" that brings the estimated north towards the measured one. Never tilts the estimate: iron
 * nearby must not be able to make a robot fall. */
static void pull_north(struct attitude *attitude, double axis[3][3], const double field[3], double dt_s, double pull[3])
{
	const double field_ut = length_of(field);

	if (attitude->field_ut <= 0.0)
		attitude->field_ut = field_ut;
	const double weight = weigh(field_ut, attitude->field_ut, attitude->parameters.north_tolerance);
	const double turn_rad = fmin(PULL_RAD_MAX, fmax(-PULL_RAD_MAX, yaw_error(axis, field)));

	attitude->field_ut += (field_ut - attitude->field_ut) * fmin(1.0, dt_s / FIELD_SETTLE_S);
	for (int i = 0; i < 3; i++)
		pull[i] = weight * turn_rad * axis[2][i];
}

/* Turns the quaternion by turn_rad in body axes, exactly, and renews its length. */
static void turn_by(double q[4], const double turn_rad[3])
{
	const double angle_rad = length_of(turn_rad);
	const double share = angle_rad > 1e-9 ? sin(0.5 * angle_rad) / angle_rad : 0.5;
	const double w = cos(0.5 * angle_rad);
	const double x = share * turn_rad[0], y = share * turn_rad[1], z = share * turn_rad[2];
	const double r[4] = {
		q[0] * w - q[1] * x - q[2] * y - q[3] * z,
		q[0] * x + q[1] * w + q[2] * z - q[3] * y,
		q[0] * y - q[1] * z + q[2] * w + q[3] * x,
		q[0] * z + q[1] * y - q[2] * x + q[3] * w,
	};
	const double length = sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2] + r[3] * r[3]);

	for (int i = 0; i < 4; i++)
		q[i] = r[i] / length;
}

/* Copies to double; false if a number is not finite, or larger than any such sensor measures, so that squares of it
 * cannot overflow. */
static bool read_vector(const float from[3], double to[3])
{
	for (int axis = 0; axis < 3; axis++) {
		to[axis] = (double)from[axis];
		if (!(fabs(to[axis]) <= 1e6))
			return false;
	}
	return true;
}

static void correct(struct attitude *attitude, const double force[3], const double field[3], bool with_field,
		    double dt_s)
{
	const struct attitude_parameters *p = &attitude->parameters;
	/* The gain of a running mean at first; a step may correct all of the error but no more. */
	const double up_gain_s = fmin(fmax(p->up_gain_s, 1.0 / (attitude->age_s + dt_s)), 1.0 / dt_s);
	double up_pull[3] = {0.0};
	double north_pull[3] = {0.0};
	double turn_rad[3];
	double world[3][3];

	world_axes(attitude->quaternion, world);
	pull_up(attitude, world[2], force, dt_s, up_pull);
	if (with_field)
		pull_north(attitude, world, field, dt_s, north_pull);
	for (int axis = 0; axis < 3; axis++) {
		double *bias = &attitude->bias_rad_s[axis];
		const double pull = up_pull[axis] + (p->north_gain_s / p->up_gain_s) * north_pull[axis];

		const double lesson = fmin(LEARN_RAD_MAX, fmax(-LEARN_RAD_MAX, pull));

		*bias = fmin(p->bias_rad_s_max, fmax(-p->bias_rad_s_max, *bias - p->bias_gain_s2 * lesson * dt_s));
		turn_rad[axis] = (up_gain_s * up_pull[axis] + p->north_gain_s * north_pull[axis]) * dt_s;
	}
	turn_by(attitude->quaternion, turn_rad);
	attitude->age_s += dt_s;
}

void attitude_step(struct attitude *attitude, const struct imu *imu, double dt_s)
{
	double gyro[3];
	double force[3];
	double turn_rad[3];
	double field[3] = {0.0};

	if (!(dt_s > 0.0) || !read_vector(imu->gyro, gyro) || !read_vector(imu->accel, force))
		return;
	const bool with_field = read_vector(imu->magnetic, field) && is_field_usable(imu, field);
	const double step_s = fmin(dt_s, ATTITUDE_STEP_S_MAX);

	for (int axis = 0; axis < 3; axis++) {
		attitude->rate_rad_s[axis] = gyro[axis] - attitude->bias_rad_s[axis];
		turn_rad[axis] = attitude->rate_rad_s[axis] * step_s;
	}
	if (attitude->age_s < 0.0) {
		start(attitude, force, field, with_field);
		return;
	}
	turn_by(attitude->quaternion, turn_rad);
	correct(attitude, force, field, with_field, step_s);
}

void attitude_angles(const struct attitude *attitude, double angle_rad[3])
{
	double world[3][3];

	world_axes(attitude->quaternion, world);
	angle_rad[0] = atan2(world[2][1], world[2][2]);
	angle_rad[1] = asin(fmin(1.0, fmax(-1.0, -world[2][0])));
	angle_rad[2] = atan2(world[1][0], world[0][0]);
}
