/* SPDX-License-Identifier: Apache-2.0 */
/* The `takt` command: looks at domains, talks to nodes, checks, starts and cleans up. */
#include <stdio.h>
#include <string.h>

#include "apps/takt/bench.h"
#include "apps/takt/bridge.h"
#include "apps/takt/check.h"
#include "apps/takt/clean.h"
#include "apps/takt/command.h"
#include "apps/takt/complete.h"
#include "apps/takt/create.h"
#include "apps/takt/doctor.h"
#include "apps/takt/ipc.h"
#include "apps/takt/messages.h"
#include "apps/takt/node.h"
#include "apps/takt/options.h"
#include "apps/takt/param.h"
#include "apps/takt/queue.h"
#include "apps/takt/run.h"
#include "apps/takt/sync.h"
#include "apps/takt/topic.h"
#include "apps/takt/trace.h"
#include "core/limits.h"

#ifndef TAKT_VERSION
#error "TAKT_VERSION comes from the build: the project's version"
#endif

static int print_version(void)
{
	(void)printf("takt %s (shared layout %u)\n", TAKT_VERSION, TAKT_ABI_VERSION);
	return EXIT_OK;
}

static const struct option_text own[] = {{"version", NULL, "which takt this is", 'V', 0}};

static const struct command *const commands[] = {
	&run_command,	&check_command, &doctor_command, &create_command, &topic_command,
	&queue_command, &sync_command,	&node_command,	 &param_command,  &command_command,
	&clean_command, &ipc_command,	&trace_command,	 &bridge_command, &bench_command_entry,
};

static const struct command takt_command = {
	.name = "takt",
	.path = "takt",
	.usage = "COMMAND [arguments]",
	.summary = "looks at domains, talks to nodes, checks, starts and cleans up",
	.own = own,
	.own_count = sizeof(own) / sizeof(own[0]),
	.children = commands,
	.child_count = sizeof(commands) / sizeof(commands[0]),
};

int main(int argc, char **argv)
{
	messages_escape();
	if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0))
		return print_version();
	if (argc > 1 && strcmp(argv[1], "complete") == 0)
		return complete(&takt_command, argc - 2, argv + 2);
	return commands_run(&takt_command, argc, argv);
}
