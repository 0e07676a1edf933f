/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/ipc.h"

static const struct command *const commands[] = {&ipc_list_command, &ipc_remove_command, &ipc_advise_command};

const struct command ipc_command = {
	.name = "ipc",
	.path = "takt ipc",
	.usage = "COMMAND [arguments]",
	.summary = "every IPC object of this machine, and which mechanism fits",
	.children = commands,
	.child_count = sizeof(commands) / sizeof(commands[0]),
};
