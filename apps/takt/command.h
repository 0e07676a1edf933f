/* SPDX-License-Identifier: Apache-2.0 */
/* `takt command [DOMAIN] NODE LINE...` */
#ifndef APPS_TAKT_COMMAND_H
#define APPS_TAKT_COMMAND_H

#include "apps/takt/options.h"

extern const struct command command_command;

#endif
