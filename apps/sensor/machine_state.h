/* SPDX-License-Identifier: Apache-2.0 */
/* What a Linux machine says of itself: processor load from /proc/stat, temperature from its thermal zones and hwmon sensors. */
#ifndef APPS_SENSOR_MACHINE_STATE_H
#define APPS_SENSOR_MACHINE_STATE_H

#include <stdint.h>

#include <takt/status.h>

#include "apps/robot/messages.h"

#define MACHINE_SENSOR_COUNT_MAX 64u
#define MACHINE_PATH_BYTES	 160u

struct machine_state {
	char root[64]; /* "" on a real machine; a test's folder otherwise */
	char sensors[MACHINE_SENSOR_COUNT_MAX][MACHINE_PATH_BYTES]; /* files with millidegrees */
	uint32_t sensor_count;
	uint64_t busy_ticks; /* of the reading before */
	uint64_t all_ticks;
	uint32_t core_count;
};

/**
 * Finds the machine's thermometers. None is no error: the temperature is then flagged as missing.
 * @param root folder in front of /proc and /sys; "" for the machine itself
 * @retval TAKT_OK  @retval TAKT_ABSENT there is no readable /proc/stat, with a message
 */
TAKT_CHECKED enum takt_status machine_state_open(struct machine_state *state, const char *root);

/**
 * Measures: the load since the last reading, and the highest temperature of all sensors that can be read.
 * @retval TAKT_OK also when the temperature is missing: MACHINE_TEMPERATURE_MISSING is set then
 * @retval TAKT_CORRUPT /proc/stat has another form than Linux gives it  @retval others from reading it
 */
TAKT_CHECKED enum takt_status machine_state_read(struct machine_state *state, struct machine *machine);

#endif
