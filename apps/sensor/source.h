/* SPDX-License-Identifier: Apache-2.0 */
/* The sensor's sources: each attaches what it publishes and reads, runs its loop until told to end, and detaches. */
#ifndef APPS_SENSOR_SOURCE_H
#define APPS_SENSOR_SOURCE_H

#include <takt/takt.h>

/**
 * Runs one source to its end.
 * @param node joined  @param arguments what stands behind the source's name in the config
 * @retval TAKT_STOPPED told to end, or the source ended as it should  @retval others failed, with a message
 */
typedef enum takt_status (*source_run)(struct takt_node *node, int argument_count, char **arguments);

/* A simulated robot: topics imu and wheels out, motor in. robot [SEED] */
enum takt_status source_run_robot(struct takt_node *node, int argument_count, char **arguments);

/* A recording in real time: topic imu out. csv PATH [repeat] */
enum takt_status source_run_csv(struct takt_node *node, int argument_count, char **arguments);

/* This machine's load and temperature: topic machine out. */
enum takt_status source_run_machine(struct takt_node *node, int argument_count, char **arguments);

/* A real inertial sensor by libiio: topic imu out. iio DEVICE [OPTION...] (inertial.h). In the program sensor_iio, which sensor becomes. */
enum takt_status source_run_iio(struct takt_node *node, int argument_count, char **arguments);

#endif
