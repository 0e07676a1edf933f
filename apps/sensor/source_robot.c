/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated robot as a source: the world's side of the balancing demo. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "apps/robot/types.h"
#include "apps/sensor/robot_model.h"
#include "apps/sensor/source.h"

struct world_parameters {
	double voltage_limit_v;
};
TAKT_PARAMETERS(world, struct world_parameters,
		TAKT_PARAMETER(struct world_parameters, voltage_limit_v, TAKT_F64, ROBOT_VOLTAGE_V_MAX, 0.0,
			       ROBOT_VOLTAGE_V_MAX, "V"));

struct world {
	struct robot_model model;
	struct takt_publisher imu;
	struct takt_publisher wheels;
	struct takt_subscriber motor;
	struct takt_loop loop;
	struct takt_parameters parameters;
	struct world_parameters sets[TAKT_PARAMETER_SET_COUNT];
	uint64_t simulated_ns; /* the world's clock: how far the model has come */
	uint64_t safe_count;   /* cycles in which the motors got 0 V because their last command was stale */
};

/* ------------------------------------------------------------------------------------------------------- commands */

static int parse_number(const char *text, double *number)
{
	char *end;
	*number = strtod(text, &end);
	return end != text && *end == '\0' && isfinite(*number);
}

static enum takt_status do_push(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	struct world *world = context;
	double impulse_n_s;
	if (!parse_number(arguments, &impulse_n_s) || fabs(impulse_n_s) > 5.0) {
		(void)snprintf(reply, reply_bytes, "push needs an impulse from -5 to 5 N s");
		return TAKT_INVALID;
	}
	robot_model_push(&world->model, impulse_n_s);
	(void)snprintf(reply, reply_bytes, "pushed with %g N s", impulse_n_s);
	return TAKT_OK;
}

static enum takt_status do_stand_up(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	struct world *world = context;
	double tilt_rad = NAN;
	if (arguments[0] && !parse_number(arguments, &tilt_rad)) {
		(void)snprintf(reply, reply_bytes, "stand_up takes the stand's tilt in rad, or nothing");
		return TAKT_INVALID;
	}
	robot_model_stand_up(&world->model, tilt_rad);
	return TAKT_OK;
}

static enum takt_status do_world(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	static const char *const poses[] = {"held", "free", "lying"};
	const struct world *world = context;
	(void)arguments;
	(void)snprintf(reply, reply_bytes, "pose=%s tilt_rad=%.4f position_m=%.4f safe_cycles=%llu rejected=%llu",
		       poses[world->model.pose], world->model.state[ROBOT_TILT], world->model.state[ROBOT_POSITION],
		       (unsigned long long)world->safe_count, (unsigned long long)world->model.rejected_count);
	return TAKT_OK;
}

/* ---------------------------------------------------------------------------------------------------------- cycle */

/* What the motors get: the newest command while it is fresh, else nothing. */
static void read_motor(struct world *world, double voltage_v[2])
{
	const struct world_parameters *parameters = takt_parameters_read(&world->parameters);
	struct takt_sample_info info;
	struct motor motor;
	enum takt_status status = takt_read_latest(&world->motor, &motor, &info);
	voltage_v[0] = voltage_v[1] = 0.0;
	if (status == TAKT_OK && !info.is_stale) {
		for (int i = 0; i < 2; i++)
			voltage_v[i] = fmin(fmax((double)motor.voltage[i], -parameters->voltage_limit_v),
					    parameters->voltage_limit_v);
	} else if (status != TAKT_EMPTY) {
		world->safe_count++;
	}
}

static enum takt_status run_cycle(struct world *world)
{
	struct imu imu = {.flags = 0};
	struct wheels wheels;
	double voltage_v[2];
	/* The world goes on for as long as time did; a late cycle must not slow down gravity. */
	uint64_t now_ns = world->loop.cycle_begin_ns;
	double dt_s = (double)(now_ns - world->simulated_ns) / 1e9;
	world->simulated_ns = now_ns;

	read_motor(world, voltage_v);
	robot_model_step(&world->model, voltage_v, dt_s);
	robot_model_read_wheels(&world->model, &wheels);
	robot_model_read_imu(&world->model, &imu);
	/* Wheels first: whoever is woken by imu finds the wheels of the same moment. */
	struct takt_origin measured = takt_origin_measured(now_ns);
	enum takt_status status = takt_publish(&world->wheels, &wheels, &measured);
	return status == TAKT_OK ? takt_publish(&world->imu, &imu, &measured) : status;
}

static enum takt_status attach(struct world *world, struct takt_node *node)
{
	enum takt_status status = takt_publisher_attach(&world->imu, node, "imu", &takt_type_imu);
	if (status == TAKT_OK)
		status = takt_publisher_attach(&world->wheels, node, "wheels", &takt_type_wheels);
	if (status == TAKT_OK)
		status = takt_subscriber_attach(&world->motor, node, "motor", &takt_type_motor, NULL);
	if (status == TAKT_OK)
		status = takt_parameters_init(&world->parameters, node, &takt_parameters_world, world->sets);
	return status;
}

enum takt_status source_run_robot(struct takt_node *node, int argument_count, char **arguments)
{
	static struct world world;
	static const struct takt_command commands[] = {
		{"push", "pushes the robot forward with an impulse of -5 to 5 N s: push N_S", do_push, &world},
		{"stand_up", "lifts the robot back onto its stand, tilted by RAD where it is given: stand_up [RAD]",
		 do_stand_up, &world},
		{"world", "the model's true state", do_world, &world},
	};
	double seed = 1.0;
	if (argument_count > 1 ||
	    (argument_count == 1 && (!parse_number(arguments[0], &seed) || seed < 0.0 || seed > 1e15))) {
		takt_message(TAKT_ERROR, "sensor robot: expected at most a seed from 0 to 1e15, found '%s'",
			     arguments[0]);
		return TAKT_INVALID;
	}
	struct robot_parameters parameters = robot_parameters_default();
	robot_model_init(&world.model, &parameters, (uint64_t)seed);
	enum takt_status status = attach(&world, node);
	if (status == TAKT_OK)
		status = takt_commands_set(node, commands, sizeof(commands) / sizeof(commands[0]));
	if (status == TAKT_OK)
		status = takt_loop_begin(&world.loop, node, &(struct takt_loop_options){0});
	world.simulated_ns = takt_now_ns();
	while (status == TAKT_OK) {
		status = takt_loop_next(&world.loop);
		if (status == TAKT_OK)
			status = run_cycle(&world);
	}
	takt_loop_end(&world.loop);
	takt_subscriber_detach(&world.motor);
	takt_publisher_detach(&world.wheels);
	takt_publisher_detach(&world.imu);
	return status;
}
