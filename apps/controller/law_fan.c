/* SPDX-License-Identifier: Apache-2.0 */
/* The fan's hysteresis as a node. */
#include "apps/controller/fan.h"
#include "apps/controller/law.h"
#include "apps/robot/types.h"

TAKT_PARAMETERS(fan, struct fan_parameters,
		TAKT_PARAMETER(struct fan_parameters, temperature_on_c, TAKT_F64, FAN_TEMPERATURE_ON_C, -40.0, 150.0,
			       "degC"),
		TAKT_PARAMETER(struct fan_parameters, temperature_off_c, TAKT_F64, FAN_TEMPERATURE_OFF_C, -40.0, 150.0,
			       "degC"),
		TAKT_PARAMETER(struct fan_parameters, temperature_full_c, TAKT_F64, FAN_TEMPERATURE_FULL_C, -40.0,
			       150.0, "degC"),
		TAKT_PARAMETER(struct fan_parameters, load_on, TAKT_F64, FAN_LOAD_ON, 0.0, 1.0, ""),
		TAKT_PARAMETER(struct fan_parameters, load_off, TAKT_F64, FAN_LOAD_OFF, 0.0, 1.0, ""),
		TAKT_PARAMETER(struct fan_parameters, duty_min, TAKT_F64, FAN_DUTY_MIN, 0.0, 1.0, ""),
		TAKT_PARAMETER(struct fan_parameters, min_on_s, TAKT_F64, FAN_MIN_ON_S, 0.0, 3600.0, "s"),
		TAKT_PARAMETER(struct fan_parameters, stale_s_max, TAKT_F64, FAN_STALE_S_MAX, 0.1, 3600.0, "s"));

struct cooler {
	struct fan_control control;
	struct takt_subscriber machine;
	struct takt_publisher fan;
	struct takt_loop loop;
	struct takt_parameters parameters;
	struct fan_parameters sets[TAKT_PARAMETER_SET_COUNT];
	uint64_t last_ns;
};

static enum takt_status run_cycle(struct cooler *cooler)
{
	struct takt_sample_info info;
	struct machine machine;
	uint64_t now_ns = cooler->loop.cycle_begin_ns;
	double dt_s = cooler->last_ns ? (double)(now_ns - cooler->last_ns) / 1e9 : 0.0;
	cooler->last_ns = now_ns;
	int is_fresh =
		takt_read_latest(&cooler->machine, &machine, &info) == TAKT_OK && !info.is_repeated && !info.is_stale;
	struct fan fan =
		fan_step(&cooler->control, takt_parameters_read(&cooler->parameters), is_fresh ? &machine : NULL, dt_s);
	return takt_publish(&cooler->fan, &fan, is_fresh ? &info.origin : NULL);
}

enum takt_status law_run_fan(struct takt_node *node)
{
	static struct cooler cooler;
	struct takt_subscriber *triggers[] = {&cooler.machine};
	const struct takt_loop_options options = {.triggers = triggers, .trigger_count = 1};
	fan_init(&cooler.control);
	enum takt_status status = takt_subscriber_attach(&cooler.machine, node, "machine", &takt_type_machine, NULL);
	if (status == TAKT_OK)
		status = takt_publisher_attach(&cooler.fan, node, "fan", &takt_type_fan);
	if (status == TAKT_OK)
		status = takt_parameters_init(&cooler.parameters, node, &takt_parameters_fan, cooler.sets);
	if (status == TAKT_OK)
		status = takt_loop_begin(&cooler.loop, node, &options);
	while (status == TAKT_OK) {
		status = takt_loop_next(&cooler.loop);
		if (status == TAKT_OK)
			status = run_cycle(&cooler);
	}
	takt_loop_end(&cooler.loop);
	takt_publisher_detach(&cooler.fan);
	takt_subscriber_detach(&cooler.machine);
	return status;
}
