/* SPDX-License-Identifier: Apache-2.0 */
/* The demo's messages, described for takt. */
#ifndef APPS_ROBOT_TYPES_H
#define APPS_ROBOT_TYPES_H

#include <takt/type.h>

#include "apps/robot/messages.h"

TAKT_TYPE(imu, struct imu, TAKT_FIELD(struct imu, gyro, TAKT_F32, 3, "rad/s"),
	  TAKT_FIELD(struct imu, accel, TAKT_F32, 3, "m/s^2"), TAKT_FIELD(struct imu, magnetic, TAKT_F32, 3, "uT"),
	  TAKT_FIELD(struct imu, flags, TAKT_U32, 1, ""));

TAKT_TYPE(wheels, struct wheels, TAKT_FIELD(struct wheels, angle, TAKT_F32, 2, "rad"),
	  TAKT_FIELD(struct wheels, rate, TAKT_F32, 2, "rad/s"));

TAKT_TYPE(motor, struct motor, TAKT_FIELD(struct motor, voltage, TAKT_F32, 2, "V"),
	  TAKT_FIELD(struct motor, mode, TAKT_U32, 1, ""), TAKT_FIELD(struct motor, reserved, TAKT_U32, 1, ""));

TAKT_TYPE(robot_state, struct robot_state, TAKT_FIELD(struct robot_state, tilt, TAKT_F32, 1, "rad"),
	  TAKT_FIELD(struct robot_state, tilt_rate, TAKT_F32, 1, "rad/s"),
	  TAKT_FIELD(struct robot_state, position, TAKT_F32, 1, "m"),
	  TAKT_FIELD(struct robot_state, speed, TAKT_F32, 1, "m/s"),
	  TAKT_FIELD(struct robot_state, yaw, TAKT_F32, 1, "rad"),
	  TAKT_FIELD(struct robot_state, yaw_rate, TAKT_F32, 1, "rad/s"),
	  TAKT_FIELD(struct robot_state, set_point, TAKT_F32, 1, "m"),
	  TAKT_FIELD(struct robot_state, attitude, TAKT_F32, 3, "rad"),
	  TAKT_FIELD(struct robot_state, mode, TAKT_U32, 1, ""),
	  TAKT_FIELD(struct robot_state, phase, TAKT_CHAR, ROBOT_PHASE_BYTES, ""));

TAKT_TYPE(machine, struct machine, TAKT_FIELD(struct machine, cpu_load, TAKT_F32, 1, ""),
	  TAKT_FIELD(struct machine, temperature, TAKT_F32, 1, "degC"),
	  TAKT_FIELD(struct machine, core_count, TAKT_U32, 1, ""), TAKT_FIELD(struct machine, flags, TAKT_U32, 1, ""));

TAKT_TYPE(fan, struct fan, TAKT_FIELD(struct fan, duty, TAKT_F32, 1, ""), TAKT_FIELD(struct fan, on, TAKT_U32, 1, ""));

#endif
