/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Switches and sets the machine's fan from its temperature and load. Pure: a measurement in, a duty out.
 *
 * On at temperature_on_c or load_on, off only below temperature_off_c and load_off together and not before min_on_s
 * have passed: between the two thresholds nothing changes, so noise cannot make the fan start and stop. While on, the
 * duty rises from duty_min at temperature_off_c to 1 at temperature_full_c. Without a measurement it blows at full
 * duty: noise is the lesser evil.
 */
#ifndef APPS_CONTROLLER_FAN_H
#define APPS_CONTROLLER_FAN_H

#include <stdbool.h>

#include "apps/robot/messages.h"

/* The defaults, for a desktop or board computer. Also what the node's parameters start with. */
#define FAN_TEMPERATURE_ON_C   60.0
#define FAN_TEMPERATURE_OFF_C  50.0
#define FAN_TEMPERATURE_FULL_C 80.0
#define FAN_LOAD_ON	       0.9
#define FAN_LOAD_OFF	       0.5
#define FAN_DUTY_MIN	       0.3
#define FAN_MIN_ON_S	       5.0
#define FAN_STALE_S_MAX	       2.0

struct fan_parameters {
	double temperature_on_c;
	double temperature_off_c;  /* below temperature_on_c */
	double temperature_full_c; /* above temperature_off_c */
	double load_on;		   /* 0..1; a load this high will become heat */
	double load_off;	   /* below load_on */
	double duty_min;	   /* 0..1, the least that turns the fan */
	double min_on_s;
	double stale_s_max; /* a measurement older than this counts for nothing */
};

struct fan_control {
	double on_s;	/* since it was switched on */
	double stale_s; /* since the last usable measurement */
	double duty;	/* 0..1, in force */
	bool is_on;
	bool is_known; /* there has been a measurement */
};

/** Values for a desktop or board computer. **RT**: safe. */
struct fan_parameters fan_parameters_default(void);

/** Whether the thresholds are finite and in order, and the rest in its range. **RT**: safe. */
bool fan_parameters_valid(const struct fan_parameters *parameters);

/** Off, but at full duty from the first step on until there is a measurement. **RT**: safe. */
void fan_init(struct fan_control *control);

/**
 * @param machine  the measurement of this moment, or NULL: there was no fresh one. One that is not plausible (not
 *                 finite, outside of -40..150 degC, load outside of 0..1, or flagged as missing) counts as none.
 * @param dt_s     s since the last step; what is not positive is 0.
 * @return  duty 0..1, `on` 1 if duty is not 0. Without a measurement for more than stale_s_max, before the first one,
 *          or with invalid parameters: full duty.
 *
 * **RT**: safe; no loop.
 */
struct fan fan_step(struct fan_control *control, const struct fan_parameters *parameters, const struct machine *machine,
		    double dt_s);

#endif
