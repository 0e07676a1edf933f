/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/node.h"

int node_run(int argc, char **argv)
{
	static const struct command *const commands[] = {&node_list_command, &node_info_command};

	return commands_run("takt node", commands, sizeof(commands) / sizeof(commands[0]), argc, argv);
}
