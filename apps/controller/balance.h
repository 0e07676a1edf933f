/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the robot upright, on its position and on its heading: state estimate and balance law. Pure: samples and
 * parameters in, motor voltages out. balance.c derives estimate and gains.
 */
#ifndef APPS_CONTROLLER_BALANCE_H
#define APPS_CONTROLLER_BALANCE_H

#include <stdbool.h>

#include "apps/controller/attitude.h"
#include "apps/robot/messages.h"

/* The defaults: gains as balance.c derives them for the data sheet's robot. Also what the node's parameters start with. */
#define BALANCE_K_TILT		      130.2
#define BALANCE_K_TILT_RATE	      29.95
#define BALANCE_K_POSITION	      93.2
#define BALANCE_K_SPEED		      58.8
#define BALANCE_K_INTEGRAL	      49.0
#define BALANCE_K_YAW		      4.0
#define BALANCE_K_YAW_RATE	      0.2
#define BALANCE_SPEED_M_S_MAX	      0.5
#define BALANCE_ACCELERATION_M_S2_MAX 0.6
#define BALANCE_TILT_RAD_MAX	      0.7

/* All may change from one step to the next while the robot balances. */
struct balance_parameters {
	double set_point_m; /* where the robot shall stand, on the encoders' axis */
	double yaw_set_point_rad;
	double k_tilt;	      /* V/rad */
	double k_tilt_rate;   /* V s/rad */
	double k_position;    /* V/m */
	double k_speed;	      /* V s/m */
	double k_integral;    /* V/(m s): on the integral of the position error */
	double k_yaw;	      /* V/rad */
	double k_yaw_rate;    /* V s/rad */
	double speed_m_s_max; /* of the ramp to a new set point */
	double acceleration_m_s2_max;
	double voltage_v_max; /* (0, ROBOT_VOLTAGE_V_MAX] */
	double tilt_rad_max;  /* (0, 1.5]: beyond it the motors are switched off */
};

struct balance_reference {
	double position_m;
	double speed_m_s;
	double acceleration_m_s2;
};

struct balance {
	struct attitude attitude;
	struct balance_reference ramp;	    /* the set point on its ramp ... */
	struct balance_reference reference; /* ... and smoothed: what is followed */
	double yaw_reference_rad;
	double integral_m_s; /* of the position error */
	double voltage_v[2]; /* given out last: in force when the next sample is measured */
	double blind_s;	     /* since the last usable sample */
	double upright_s;    /* for how long it has been near upright: after a fall, or since it stood up */
	struct motor motor;  /* what the last step gave out */
	struct robot_state state;
	uint32_t heard_count; /* samples since the start or a gap; counts to one more than it listens to */
	bool is_started;      /* has reference and attitude */
	bool is_up;	      /* has stood up since the start */
	bool is_fallen;
};

/**
 * The data sheet's robot, standing at 0, with the gains that balance.c derives.
 *
 * **RT**: safe.
 */
struct balance_parameters balance_parameters_default(void);

/**
 * Whether balance_step would obey them: every number finite, gains and set points within +-10000, the four limits
 * positive and voltage_v_max and tilt_rad_max within their ranges. The sign of a gain is the operator's business.
 *
 * **RT**: safe.
 */
bool balance_parameters_valid(const struct balance_parameters *parameters);

/**
 * Starts anew, as after the controller's process was replaced: the robot may be tilting and rolling, the encoders may
 * stand anywhere. The first three steps listen, with MOTOR_OFF and 0 V, as the voltage in force is not known; the
 * next sample gives tilt, rate, position and speed, and the ramp starts from there.
 *
 * **RT**: safe.
 */
void balance_init(struct balance *balance);

/**
 * One cycle: takes a sample and gives the voltages to apply until the next. Seven parameters because it has three
 * inputs and two outputs that the caller publishes as they are.
 *
 * @param imu, wheels  of the same moment.
 * @param dt_s         s since the sample before, (0, 1]. After a gap of more than 0.02 s it
 *                     starts anew, but for the gyroscope's bias.
 * @param motor        out. Always finite and within voltage_v_max.
 * @param state        out: the estimate.
 *
 * **Shape**: a sample with a number or dt_s that is not finite or possible is ignored: for 0.02 s the last voltages
 * go on, then mode is MOTOR_OFF with 0 V until a good sample comes. Invalid parameters: MOTOR_OFF at once. A tilt
 * beyond tilt_rad_max: MOTOR_FALLEN until the robot has been held near upright for 0.1 s.
 * **RT**: safe; no loop over anything but sides and axes.
 */
void balance_step(struct balance *balance, const struct balance_parameters *parameters, const struct imu *imu,
		  const struct wheels *wheels, double dt_s, struct motor *motor, struct robot_state *state);

#endif
