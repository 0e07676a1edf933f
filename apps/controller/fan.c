/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/controller/fan.h"

#include <math.h>
#include <string.h>

#define TEMPERATURE_C_MIN (-40.0)
#define TEMPERATURE_C_MAX 150.0

struct fan_parameters fan_parameters_default(void)
{
	const struct fan_parameters parameters = {
		.temperature_on_c = FAN_TEMPERATURE_ON_C,
		.temperature_off_c = FAN_TEMPERATURE_OFF_C,
		.temperature_full_c = FAN_TEMPERATURE_FULL_C,
		.load_on = FAN_LOAD_ON,
		.load_off = FAN_LOAD_OFF,
		.duty_min = FAN_DUTY_MIN,
		.min_on_s = FAN_MIN_ON_S,
		.stale_s_max = FAN_STALE_S_MAX,
	};
	return parameters;
}

static bool is_in(double value, double min, double max)
{
	return value >= min && value <= max; /* false for NaN */
}

bool fan_parameters_valid(const struct fan_parameters *parameters)
{
	const struct fan_parameters *p = parameters;

	return is_in(p->temperature_on_c, TEMPERATURE_C_MIN, TEMPERATURE_C_MAX) &&
	       is_in(p->temperature_off_c, TEMPERATURE_C_MIN, TEMPERATURE_C_MAX) &&
	       is_in(p->temperature_full_c, TEMPERATURE_C_MIN, TEMPERATURE_C_MAX) &&
	       p->temperature_off_c < p->temperature_on_c && p->temperature_off_c < p->temperature_full_c &&
	       p->load_off < p->load_on && isfinite(p->load_off) && isfinite(p->load_on) &&
	       is_in(p->duty_min, 0.0, 1.0) && is_in(p->min_on_s, 0.0, 86400.0) && is_in(p->stale_s_max, 0.0, 86400.0);
}

void fan_init(struct fan_control *control)
{
	memset(control, 0, sizeof(*control));
}

static bool is_usable(const struct machine *machine)
{
	return machine && !(machine->flags & MACHINE_TEMPERATURE_MISSING) &&
	       is_in((double)machine->temperature, TEMPERATURE_C_MIN, TEMPERATURE_C_MAX) &&
	       is_in((double)machine->cpu_load, 0.0, 1.0);
}

static void switch_to(struct fan_control *control, bool on, double duty)
{
	if (on && !control->is_on)
		control->on_s = 0.0;
	control->is_on = on;
	control->duty = on ? duty : 0.0;
}

static void follow(struct fan_control *control, const struct fan_parameters *p, const struct machine *machine)
{
	const double temperature_c = (double)machine->temperature;
	const double load = (double)machine->cpu_load;
	const double heat = (temperature_c - p->temperature_off_c) / (p->temperature_full_c - p->temperature_off_c);
	const double duty = p->duty_min + (1.0 - p->duty_min) * fmin(1.0, fmax(0.0, heat));
	const bool must_run = temperature_c >= p->temperature_on_c || load >= p->load_on;
	const bool may_stop =
		temperature_c < p->temperature_off_c && load < p->load_off && control->on_s >= p->min_on_s;

	switch_to(control, must_run || (control->is_on && !may_stop), duty);
}

struct fan fan_step(struct fan_control *control, const struct fan_parameters *parameters, const struct machine *machine,
		    double dt_s)
{
	const double step_s = dt_s > 0.0 ? dt_s : 0.0;

	control->on_s += step_s;
	control->stale_s += step_s;
	if (is_usable(machine)) {
		control->stale_s = 0.0;
		control->is_known = true;
	}
	/* Short of a fresh measurement the duty stays as it is, until the last one is too old. */
	if (!fan_parameters_valid(parameters) || !control->is_known || control->stale_s > parameters->stale_s_max)
		switch_to(control, true, 1.0);
	else if (is_usable(machine))
		follow(control, parameters, machine);

	const struct fan fan = {.duty = (float)control->duty, .on = control->duty > 0.0 ? 1u : 0u};
	return fan;
}
