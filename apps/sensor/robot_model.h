/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A physical model of a two-wheeled balancing robot: "the world" of the demo.
 *
 * The body is a rigid pendulum on the axle of two wheels that roll without slipping, each driven through a gearbox by a
 * DC motor. The state is position, tilt and yaw with their rates. Sensors have noise, bias and quantisation; each seed
 * is a slightly different machine. Nothing here allocates, nothing is global: the caller declares the struct.
 */
#ifndef APPS_SENSOR_ROBOT_MODEL_H
#define APPS_SENSOR_ROBOT_MODEL_H

#include <stdint.h>

#include "apps/robot/messages.h"

/*
 * The data sheet: what the robot's maker would print. The controller designs with the same numbers (it includes this
 * header and links nothing of the model), the machine it meets differs by `spread`.
 */
#define ROBOT_GRAVITY_M_S2     9.80665
#define ROBOT_BODY_KG	       4.0
#define ROBOT_BODY_COM_M       0.35 /* centre of mass above the axle */
#define ROBOT_BODY_PITCH_KG_M2 0.18 /* about the centre of mass */
#define ROBOT_BODY_ROLL_KG_M2  0.20
#define ROBOT_BODY_YAW_KG_M2   0.05
#define ROBOT_WHEEL_KG	       0.4 /* each */
#define ROBOT_WHEEL_RADIUS_M   0.08
#define ROBOT_WHEEL_SPIN_KG_M2 0.00128 /* each, a disc */
#define ROBOT_ROTOR_KG_M2      0.0018  /* each, as seen at the wheel: rotor inertia times gear ratio squared */
#define ROBOT_TRACK_M	       0.36    /* from wheel to wheel */
#define ROBOT_MOTOR_OHM	       1.2
#define ROBOT_MOTOR_V_S	       0.45  /* back-EMF per rad/s at the wheel, equal to the torque per ampere */
#define ROBOT_FRICTION_NM      0.04  /* Coulomb, each gearbox */
#define ROBOT_FRICTION_NM_S    0.002 /* viscous, each gearbox */
#define ROBOT_VOLTAGE_V_MAX    12.0
/*
 * The IMU sits where the body's motion disturbs it least: at the height M12 / M11 of the mass matrix (balance.c derives
 * it) the point of the body has no horizontal acceleration of its own while the motors exert no torque. So a controller
 * that starts during a fall reads the tilt as if the robot stood still. The number is that quotient, rounded; a test
 * holds it to the mass matrix.
 */
#define ROBOT_IMU_HEIGHT_M 0.235

#define ROBOT_SUBSTEP_S	 0.0005 /* of the integration; fixed, so the caller's jitter does not change the physics */
#define ROBOT_STEP_S_MAX 0.1	/* longest time that one robot_model_step simulates */

struct robot_parameters {
	double body_kg;
	double body_com_m;
	double body_pitch_kg_m2;
	double body_roll_kg_m2;
	double body_yaw_kg_m2;
	double wheel_kg;
	double wheel_radius_m;
	double wheel_spin_kg_m2;
	double rotor_kg_m2;
	double track_m;
	double motor_ohm;
	double motor_v_s;
	double friction_nm;
	double friction_nm_s;
	double voltage_v_max;
	double imu_height_m;
	double encoder_count;	       /* counts per turn of the wheel */
	double wheel_rate_noise_rad_s; /* standard deviations from here */
	double gyro_noise_rad_s;
	double accel_noise_m_s2;
	double magnetic_noise_ut;
	double gyro_bias_rad_s_max; /* each seed draws its own, uniform in +- this */
	double accel_bias_m_s2_max;
	double spread;	       /* relative; masses and motor constants differ by up to +- this */
	double start_tilt_rad; /* of the stand that holds the robot at first */
	double fall_tilt_rad;  /* here the body touches the ground */
};

/* Index of the state vector. */
enum robot_axis {
	ROBOT_POSITION,
	ROBOT_TILT,
	ROBOT_YAW,
	ROBOT_SPEED,
	ROBOT_TILT_RATE,
	ROBOT_YAW_RATE,
	ROBOT_AXIS_COUNT,
};

enum robot_pose {
	ROBOT_HELD, /* on the stand, until the motors are driven or robot_model_release */
	ROBOT_FREE,
	ROBOT_LYING, /* fell; until robot_model_stand_up */
};

struct robot_model {
	struct robot_parameters parameters; /* of this very machine: the caller's, changed by `spread` */
	double state[ROBOT_AXIS_COUNT];	    /* m, rad, rad, m/s, rad/s, rad/s */
	double voltage_v[2];		    /* in force */
	double gyro_bias_rad_s[3];
	double accel_bias_m_s2[3];
	double unsimulated_s; /* time given to robot_model_step that is less than a substep */
	uint64_t random;
	uint64_t rejected_count; /* voltages replaced by 0 because they were not finite or out of range */
	enum robot_pose pose;
};

/**
 * The data sheet with ordinary sensors and a spread of 3 %.
 *
 * **RT**: safe; no loop.
 */
struct robot_parameters robot_parameters_default(void);

/**
 * Puts a robot on its stand at the origin, motors off.
 *
 * @param parameters  positive masses, lengths and inertias; noise, bias and spread may be 0. Copied.
 * @param seed        chooses this machine's deviations and its noise. The same seed and the same calls give the same
 *                    numbers, bit by bit.
 *
 * **RT**: safe; bounded by constants.
 */
void robot_model_init(struct robot_model *model, const struct robot_parameters *parameters, uint64_t seed);

/**
 * Lets the time dt_s pass with the given motor voltages.
 *
 * @param voltage_v  V, [-voltage_v_max, voltage_v_max], left and right. A value that is not finite or outside of the
 *                   range comes from a broken controller: it is replaced by 0 and counted.
 * @param dt_s       s, [0, ROBOT_STEP_S_MAX]; more is cut, negative or not finite is 0.
 *
 * **Shape**: integrates in whole substeps; the rest of dt_s is kept for the next call.
 * **RT**: safe; at most ROBOT_STEP_S_MAX / ROBOT_SUBSTEP_S substeps.
 */
void robot_model_step(struct robot_model *model, const double voltage_v[2], double dt_s);

/**
 * Measures with the IMU. Advances the noise, so two calls differ.
 *
 * **RT**: safe; no loop over anything but the axes.
 */
void robot_model_read_imu(struct robot_model *model, struct imu *imu);

/**
 * Measures with the wheel encoders: the wheels' angles relative to the body, in whole counts, and their rates (from the
 * time between counts).
 *
 * **RT**: safe.
 */
void robot_model_read_wheels(struct robot_model *model, struct wheels *wheels);

/** Takes the stand away; no effect unless held. **RT**: safe. */
void robot_model_release(struct robot_model *model);

/**
 * Somebody lifts the robot onto its stand, wherever it is: at rest, position and yaw as they were.
 *
 * @param tilt_rad  rad, (-fall_tilt_rad, fall_tilt_rad); outside or not finite: the stand's own start_tilt_rad.
 *
 * **RT**: safe.
 */
void robot_model_stand_up(struct robot_model *model, double tilt_rad);

/**
 * Somebody pushes the body at its centre of mass, forward if positive; no effect unless free.
 *
 * @param impulse_n_s  N s, [-5, 5]; outside or not finite: no effect.
 *
 * **RT**: safe.
 */
void robot_model_push(struct robot_model *model, double impulse_n_s);

/**
 * Kinetic and potential energy in J; the potential is 0 with the centre of mass at the axle's height.
 *
 * **RT**: safe.
 */
double robot_model_energy_j(const struct robot_model *model);

#endif
