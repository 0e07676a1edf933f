/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/node.h"

static const struct command *const commands[] = {&node_list_command, &node_info_command};

const struct command node_command = {
	.name = "node",
	.path = "takt node",
	.usage = "COMMAND [arguments]",
	.summary = "looks at nodes",
	.children = commands,
	.child_count = sizeof(commands) / sizeof(commands[0]),
};
