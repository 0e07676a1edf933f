/* SPDX-License-Identifier: Apache-2.0 */
/* The balance law as a node. */
#include "apps/controller/balance.h"
#include "apps/controller/law.h"
#include "apps/robot/types.h"
#include "apps/sensor/robot_model.h"

#define SAMPLES_PER_CYCLE_MAX 64u /* after a stall the rest follows in the next cycle */

TAKT_PARAMETERS(
	balance, struct balance_parameters,
	TAKT_PARAMETER(struct balance_parameters, set_point_m, TAKT_F64, 0.0, -100.0, 100.0, "m"),
	TAKT_PARAMETER(struct balance_parameters, yaw_set_point_rad, TAKT_F64, 0.0, -100.0, 100.0, "rad"),
	TAKT_PARAMETER(struct balance_parameters, k_tilt, TAKT_F64, BALANCE_K_TILT, 0.0, 1000.0, "V/rad"),
	TAKT_PARAMETER(struct balance_parameters, k_tilt_rate, TAKT_F64, BALANCE_K_TILT_RATE, 0.0, 1000.0, "V s/rad"),
	TAKT_PARAMETER(struct balance_parameters, k_position, TAKT_F64, BALANCE_K_POSITION, 0.0, 1000.0, "V/m"),
	TAKT_PARAMETER(struct balance_parameters, k_speed, TAKT_F64, BALANCE_K_SPEED, 0.0, 1000.0, "V s/m"),
	TAKT_PARAMETER(struct balance_parameters, k_integral, TAKT_F64, BALANCE_K_INTEGRAL, 0.0, 1000.0, "V/(m s)"),
	TAKT_PARAMETER(struct balance_parameters, k_yaw, TAKT_F64, BALANCE_K_YAW, 0.0, 100.0, "V/rad"),
	TAKT_PARAMETER(struct balance_parameters, k_yaw_rate, TAKT_F64, BALANCE_K_YAW_RATE, 0.0, 100.0, "V s/rad"),
	TAKT_PARAMETER(struct balance_parameters, speed_m_s_max, TAKT_F64, BALANCE_SPEED_M_S_MAX, 0.01, 5.0, "m/s"),
	TAKT_PARAMETER(struct balance_parameters, acceleration_m_s2_max, TAKT_F64, BALANCE_ACCELERATION_M_S2_MAX, 0.01,
		       5.0, "m/s^2"),
	TAKT_PARAMETER(struct balance_parameters, voltage_v_max, TAKT_F64, ROBOT_VOLTAGE_V_MAX, 0.1,
		       ROBOT_VOLTAGE_V_MAX, "V"),
	TAKT_PARAMETER(struct balance_parameters, tilt_rad_max, TAKT_F64, BALANCE_TILT_RAD_MAX, 0.1, 1.5, "rad"));

struct pilot {
	struct balance balance;
	struct takt_subscriber imu;
	struct takt_subscriber wheels;
	struct takt_publisher motor;
	struct takt_publisher state;
	struct takt_loop loop;
	struct takt_parameters parameters;
	struct balance_parameters sets[TAKT_PARAMETER_SET_COUNT];
	uint64_t measured_ns; /* time of the newest sample obeyed */
};

static enum takt_status do_restart(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	struct pilot *pilot = context;
	(void)arguments, (void)reply, (void)reply_bytes;
	balance_init(&pilot->balance);
	return TAKT_OK;
}

/* Every sample of the imu moves the estimate on; only the newest voltages go out. */
static enum takt_status run_cycle(struct pilot *pilot)
{
	const struct balance_parameters *parameters = takt_parameters_read(&pilot->parameters);
	struct takt_sample_info info = {.number = 0};
	struct imu imu;
	struct wheels wheels;
	struct motor motor;
	struct robot_state state;
	for (uint32_t i = 0; i < SAMPLES_PER_CYCLE_MAX && takt_read_next(&pilot->imu, &imu, &info) == TAKT_OK; i++) {
		if (takt_read_latest(&pilot->wheels, &wheels, NULL) != TAKT_OK)
			return TAKT_OK;
		double dt_s = pilot->measured_ns ? (double)(info.origin.time_ns - pilot->measured_ns) / 1e9 : 0.001;
		pilot->measured_ns = info.origin.time_ns;
		balance_step(&pilot->balance, parameters, &imu, &wheels, dt_s, &motor, &state);
	}
	if (info.number == 0 || pilot->measured_ns != info.origin.time_ns)
		return TAKT_OK;
	enum takt_status status = takt_publish(&pilot->motor, &motor, &info.origin);
	return status == TAKT_OK ? takt_publish(&pilot->state, &state, &info.origin) : status;
}

static enum takt_status attach(struct pilot *pilot, struct takt_node *node)
{
	enum takt_status status = takt_subscriber_attach(&pilot->imu, node, "imu", &takt_type_imu, NULL);
	if (status == TAKT_OK)
		status = takt_subscriber_attach(&pilot->wheels, node, "wheels", &takt_type_wheels, NULL);
	if (status == TAKT_OK)
		status = takt_publisher_attach(&pilot->motor, node, "motor", &takt_type_motor);
	if (status == TAKT_OK)
		status = takt_publisher_attach(&pilot->state, node, "state", &takt_type_robot_state);
	if (status == TAKT_OK)
		status = takt_parameters_init(&pilot->parameters, node, &takt_parameters_balance, pilot->sets);
	return status;
}

enum takt_status law_run_balance(struct takt_node *node)
{
	static struct pilot pilot;
	static const struct takt_command commands[] = {
		{"restart", "forgets the estimate and begins anew", do_restart, &pilot},
	};
	struct takt_subscriber *triggers[] = {&pilot.imu};
	const struct takt_loop_options options = {.triggers = triggers, .trigger_count = 1};
	balance_init(&pilot.balance);
	enum takt_status status = attach(&pilot, node);
	if (status == TAKT_OK)
		status = takt_commands_set(node, commands, sizeof(commands) / sizeof(commands[0]));
	if (status == TAKT_OK)
		status = takt_loop_begin(&pilot.loop, node, &options);
	while (status == TAKT_OK) {
		status = takt_loop_next(&pilot.loop);
		if (status == TAKT_OK)
			status = run_cycle(&pilot);
	}
	takt_loop_end(&pilot.loop);
	takt_publisher_detach(&pilot.state);
	takt_publisher_detach(&pilot.motor);
	takt_subscriber_detach(&pilot.wheels);
	takt_subscriber_detach(&pilot.imu);
	return status;
}
