/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings of inertial sensors in CSV, read whole before real time begins. */
#ifndef APPS_SENSOR_RECORDING_H
#define APPS_SENSOR_RECORDING_H

#include <stddef.h>

#include <takt/status.h>

#include "apps/robot/messages.h"

#define RECORDING_SAMPLES_MAX 10000000u

struct recorded_sample {
	double time_s; /* since the first sample */
	struct imu imu;
};

struct recording {
	struct recorded_sample *samples;
	size_t sample_count;
};

/**
 * Reads a recording. The first line names the columns, in any order, with their units: "Time (s)", "Gyroscope X (deg/s)" or "(rad/s)",
 * "Accelerometer X (g)" or "(m/s^2)", "Magnetometer X (uT)"; Y and Z alike. The magnetometer may be missing, other columns are ignored.
 * @retval TAKT_OK `recording` is to be freed with recording_free
 * @retval TAKT_ABSENT no such file  @retval TAKT_INVALID a message names the line and the column, what was expected and found
 * @retval TAKT_LIMIT more than RECORDING_SAMPLES_MAX  @retval TAKT_NO_SPACE
 */
TAKT_CHECKED enum takt_status recording_read(struct recording *recording, const char *path);

void recording_free(struct recording *recording);

#endif
