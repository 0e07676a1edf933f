/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attitude from a gyroscope and an accelerometer, and heading from a magnetometer when there is one.
 *
 * A complementary filter on the unit quaternion: the gyroscope turns the estimate, the accelerometer's "up" and the
 * magnetometer's "north" pull it back slowly, and what they pull in the long run is the gyroscope's bias.
 *
 * Source: R. Mahony, T. Hamel, J.-M. Pflimlin, "Nonlinear complementary filters on the special orthogonal group", IEEE
 * TAC 53(5), 2008, the explicit filter; start-up gain, magnetometer and rejection are this file's own.
 */
#ifndef APPS_CONTROLLER_ATTITUDE_H
#define APPS_CONTROLLER_ATTITUDE_H

#include "apps/robot/messages.h"

#define ATTITUDE_STEP_S_MAX 0.1

struct attitude_parameters {
	double up_gain_s;	/* 1/s: how fast the accelerometer is believed, once settled */
	double north_gain_s;	/* 1/s: the same of the magnetometer */
	double bias_gain_s2;	/* 1/s^2: how fast the pull is taken for the gyroscope's bias */
	double bias_rad_s_max;	/* the largest bias that is believed, per axis */
	double up_tolerance;	/* accelerometer: from this relative deviation from 1 g it is ignored */
	double north_tolerance; /* magnetometer: from this relative deviation from its usual strength it is ignored */
};

struct attitude {
	struct attitude_parameters parameters;
	double quaternion[4]; /* w x y z, turns body axes into world axes: x north, y west, z up */
	double bias_rad_s[3];
	double rate_rad_s[3]; /* latest angular rate, bias removed */
	double age_s;	      /* since the first usable sample; negative: there was none yet */
	double rejected_s;    /* for how long the accelerometer has been ignored */
	double field_ut;      /* usual strength of the magnetic field; 0: not seen yet */
};

/**
 * Values for a hand-held or vehicle-mounted sensor at 50 Hz and more.
 *
 * **RT**: safe.
 */
struct attitude_parameters attitude_parameters_default(void);

/**
 * Starts anew: the next usable sample sets roll, pitch and, with a magnetometer, yaw.
 *
 * @param parameters  all positive; copied.
 *
 * **RT**: safe.
 */
void attitude_init(struct attitude *attitude, const struct attitude_parameters *parameters);

/**
 * After a gap in the samples: the next usable one sets the angles anew. What is known of bias and field stays.
 *
 * **RT**: safe.
 */
void attitude_restart(struct attitude *attitude);

/**
 * Takes one sample.
 *
 * During the first 1/up_gain_s seconds the accelerometer's weight falls from all to up_gain_s like that of a running
 * mean, so that the estimate is good from the first sample on and noise does not stay in it.
 *
 * @param imu   a sample with a number that is not finite is ignored as a whole.
 * @param dt_s  s since the sample before, (0, ATTITUDE_STEP_S_MAX]; more is cut, all else ignores the sample.
 *
 * **Shape**: the quaternion's length is 1 and every number finite after any input.
 * **RT**: safe; no loop over anything but the axes.
 */
void attitude_step(struct attitude *attitude, const struct imu *imu, double dt_s);

/**
 * @param angle_rad  out: roll and yaw in [-pi, pi], pitch in [-pi/2, pi/2], applied in the order yaw, pitch, roll.
 *
 * **RT**: safe.
 */
void attitude_angles(const struct attitude *attitude, double angle_rad[3]);

#endif
