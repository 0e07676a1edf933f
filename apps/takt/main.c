/* SPDX-License-Identifier: Apache-2.0 */
/* The `takt` command: looks at domains, talks to nodes, checks, starts and cleans up. */
#include <stdio.h>
#include <string.h>

#include "apps/takt/bench.h"
#include "apps/takt/check.h"
#include "apps/takt/clean.h"
#include "apps/takt/command.h"
#include "apps/takt/create.h"
#include "apps/takt/messages.h"
#include "apps/takt/node.h"
#include "apps/takt/options.h"
#include "apps/takt/param.h"
#include "apps/takt/run.h"
#include "apps/takt/topic.h"
#include "core/limits.h"

#ifndef TAKT_VERSION
#error "TAKT_VERSION comes from the build: the project's version"
#endif

/* Groups and those with options of their own: they print their help themselves. */
static const struct command run_command = {
	.name = "run",
	.summary = "starts a config's nodes, watches them, restarts them, stops them in order",
	.run = takt_run,
};
static const struct command bench_command_entry = {
	.name = "bench",
	.summary = "measures takt beside this machine's raw mechanisms, in the same run",
	.run = takt_bench,
};
static const struct command topic_command = {
	.name = "topic",
	.summary = "list, info, echo, hz, delay: looks at topics",
	.run = topic_run,
};
static const struct command node_command = {
	.name = "node",
	.summary = "list, info: looks at nodes",
	.run = node_run,
};
static const struct command param_command = {
	.name = "param",
	.summary = "list, get, set, save: parameters of a running node",
	.run = param_run,
};

static int print_version(void)
{
	(void)printf("takt %s (shared layout %u)\n", TAKT_VERSION, TAKT_ABI_VERSION);
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	static const struct command *const commands[] = {&run_command,	   &check_command, &create_command,
							 &topic_command,   &node_command,  &param_command,
							 &command_command, &clean_command, &bench_command_entry};

	messages_escape();
	if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0))
		return print_version();
	return commands_run("takt", commands, sizeof(commands) / sizeof(commands[0]), argc, argv);
}
