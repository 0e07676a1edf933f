/* SPDX-License-Identifier: Apache-2.0 */
/* `takt clean [DOMAIN]... [--all]` */
#ifndef APPS_TAKT_CLEAN_H
#define APPS_TAKT_CLEAN_H

#include "apps/takt/options.h"

extern const struct command clean_command;

#endif
