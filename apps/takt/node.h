/* SPDX-License-Identifier: Apache-2.0 */
/* `takt node ...` */
#ifndef APPS_TAKT_NODE_H
#define APPS_TAKT_NODE_H

#include "apps/takt/options.h"

extern const struct command node_command; /* the group */
extern const struct command node_list_command;
extern const struct command node_info_command;

#endif
