/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages that the demo's processes exchange. Plain C structs: fixed width, no holes, SI units unless the member
 * says otherwise.
 *
 * Axes of the robot: x forward, y to the left, z up. Angles follow the right hand: roll about x, pitch (tilt) about y,
 * yaw about z. So a positive tilt leans forward, and a positive yaw turns left. Index 0 is the left wheel or motor.
 */
#ifndef APPS_ROBOT_MESSAGES_H
#define APPS_ROBOT_MESSAGES_H

#include <assert.h>
#include <stdint.h>

#define ROBOT_PHASE_BYTES 12

/* flags of struct imu */
enum imu_flag {
	IMU_MAGNETIC_VALID = 1u << 0, /* magnetic[] was measured; without it the members mean nothing */
};

/* flags of struct machine */
enum machine_flag {
	MACHINE_TEMPERATURE_MISSING = 1u << 0, /* this machine has no thermometer, or it could not be read */
};

/* What the motors were told to do: members `mode` of struct motor and struct robot_state. */
enum motor_mode {
	MOTOR_OFF = 0,	   /* no valid measurement or parameter: no voltage */
	MOTOR_BALANCE = 1, /* the balance law drives the motors */
	MOTOR_FALLEN = 2,  /* the robot lies or falls beyond rescue: no voltage until somebody stands it up */
};

struct imu {
	float gyro[3];	   /* rad/s, about x y z */
	float accel[3];	   /* m/s^2, specific force: +9.81 on the axis that points up, at rest */
	float magnetic[3]; /* uT */
	uint32_t flags;	   /* enum imu_flag */
};

/* Encoders sit between body and wheel: they measure the wheel's angle relative to the body. */
struct wheels {
	float angle[2]; /* rad, absolute: counted since the sensor was started, never reset by a controller */
	float rate[2];	/* rad/s */
};

struct motor {
	float voltage[2]; /* V, positive drives forward */
	uint32_t mode;	  /* enum motor_mode */
	uint32_t reserved;
};

struct robot_state {
	float tilt;		       /* rad */
	float tilt_rate;	       /* rad/s */
	float position;		       /* m, of the axle along its path, from the encoders' zero */
	float speed;		       /* m/s */
	float yaw;		       /* rad, from the encoders' zero */
	float yaw_rate;		       /* rad/s */
	float set_point;	       /* m, the position asked for at this moment (on its ramp) */
	float attitude[3];	       /* rad: roll, pitch, yaw; this yaw is from magnetic north when that is known */
	uint32_t mode;		       /* enum motor_mode */
	char phase[ROBOT_PHASE_BYTES]; /* text, always terminated: off, stand-up, balance, move, fallen */
};

struct machine {
	float cpu_load;	   /* 0..1 of all cores */
	float temperature; /* degC */
	uint32_t core_count;
	uint32_t flags; /* enum machine_flag */
};

struct fan {
	float duty;  /* 0..1 */
	uint32_t on; /* 0 or 1 */
};

static_assert(sizeof(struct imu) == 40, "struct imu has a hole");
static_assert(sizeof(struct wheels) == 16, "struct wheels has a hole");
static_assert(sizeof(struct motor) == 16, "struct motor has a hole");
static_assert(sizeof(struct robot_state) == 56, "struct robot_state has a hole");
static_assert(sizeof(struct machine) == 16, "struct machine has a hole");
static_assert(sizeof(struct fan) == 8, "struct fan has a hole");

#endif
