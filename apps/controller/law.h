/* SPDX-License-Identifier: Apache-2.0 */
/* The controller's laws: each attaches what it reads and publishes, runs its loop until told to end, and detaches. */
#ifndef APPS_CONTROLLER_LAW_H
#define APPS_CONTROLLER_LAW_H

#include <takt/takt.h>

/* @retval TAKT_STOPPED told to end  @retval others failed, with a message */
typedef enum takt_status (*law_run)(struct takt_node *node);

/* Balances the robot: topics imu and wheels in, motor and state out. */
enum takt_status law_run_balance(struct takt_node *node);

/* Estimates attitude only: topic imu in, state out. */
enum takt_status law_run_attitude(struct takt_node *node);

/* Keeps a machine cool: topic machine in, fan out. */
enum takt_status law_run_fan(struct takt_node *node);

#endif
