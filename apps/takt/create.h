/* SPDX-License-Identifier: Apache-2.0 */
/* `takt create CONFIG` */
#ifndef APPS_TAKT_CREATE_H
#define APPS_TAKT_CREATE_H

#include "apps/takt/options.h"

extern const struct command create_command;

#endif
