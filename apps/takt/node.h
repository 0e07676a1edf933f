/* SPDX-License-Identifier: Apache-2.0 */
/* `takt node ...` */
#ifndef APPS_TAKT_NODE_H
#define APPS_TAKT_NODE_H

#include "apps/takt/options.h"

extern const struct command node_list_command;
extern const struct command node_info_command;

/* argv[0] is "node". @retval the exit code */
int node_run(int argc, char **argv);

#endif
