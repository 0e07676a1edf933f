/* SPDX-License-Identifier: Apache-2.0 */
/* The attitude estimate as a node: follows any inertial sensor, recorded or real. */
#include <stdio.h>

#include "apps/controller/attitude.h"
#include "apps/controller/law.h"
#include "apps/robot/types.h"

#define SAMPLES_PER_CYCLE_MAX 64u

struct follower {
	struct attitude attitude;
	struct takt_subscriber imu;
	struct takt_publisher state;
	struct takt_loop loop;
	uint64_t measured_ns;
};

static enum takt_status publish(struct follower *follower, const struct takt_origin *origin, const char *phase)
{
	struct robot_state state = {.mode = MOTOR_OFF};
	double angle_rad[3];
	attitude_angles(&follower->attitude, angle_rad);
	for (int i = 0; i < 3; i++)
		state.attitude[i] = (float)angle_rad[i];
	state.tilt = state.attitude[1];
	state.tilt_rate = (float)follower->attitude.rate_rad_s[1];
	state.yaw = state.attitude[2];
	state.yaw_rate = (float)follower->attitude.rate_rad_s[2];
	(void)snprintf(state.phase, sizeof(state.phase), "%s", phase);
	return takt_publish(&follower->state, &state, origin);
}

static enum takt_status run_cycle(struct follower *follower)
{
	struct takt_sample_info info;
	struct imu imu;
	if (follower->loop.cause == TAKT_CAUSE_TIMEOUT) {
		/* The sensor is silent: say so instead of repeating the last estimate, and set the angles anew when it returns. */
		attitude_restart(&follower->attitude);
		follower->measured_ns = 0;
		return publish(follower, NULL, "no sensor");
	}
	for (uint32_t i = 0; i < SAMPLES_PER_CYCLE_MAX && takt_read_next(&follower->imu, &imu, &info) == TAKT_OK; i++) {
		double dt_s =
			follower->measured_ns ? (double)(info.origin.time_ns - follower->measured_ns) / 1e9 : 0.01;
		follower->measured_ns = info.origin.time_ns;
		attitude_step(&follower->attitude, &imu, dt_s);
		enum takt_status status = publish(follower, &info.origin, "attitude");
		if (status != TAKT_OK)
			return status;
	}
	return TAKT_OK;
}

enum takt_status law_run_attitude(struct takt_node *node)
{
	static struct follower follower;
	struct attitude_parameters parameters = attitude_parameters_default();
	struct takt_subscriber *triggers[] = {&follower.imu};
	const struct takt_loop_options options = {.triggers = triggers, .trigger_count = 1};
	attitude_init(&follower.attitude, &parameters);
	enum takt_status status = takt_subscriber_attach(&follower.imu, node, "imu", &takt_type_imu, NULL);
	if (status == TAKT_OK)
		status = takt_publisher_attach(&follower.state, node, "state", &takt_type_robot_state);
	if (status == TAKT_OK)
		status = takt_loop_begin(&follower.loop, node, &options);
	while (status == TAKT_OK) {
		status = takt_loop_next(&follower.loop);
		if (status == TAKT_OK)
			status = run_cycle(&follower);
	}
	takt_loop_end(&follower.loop);
	takt_publisher_detach(&follower.state);
	takt_subscriber_detach(&follower.imu);
	return status;
}
