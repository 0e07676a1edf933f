/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of what reads a trace: options, and the one folder. */
#ifndef APPS_TAKT_TRACE_COMMAND_LINE_H
#define APPS_TAKT_TRACE_COMMAND_LINE_H

#include "apps/takt/options.h"
#include "platform/folder.h"

struct trace_command_line {
	const struct command *command;
	int (*take)(void *context, int option, const char *value); /* as of struct options_walk */
	void *context;
	const char *
		output_name; /* what is made of the trace, in its folder unless it is sent elsewhere; NULL: nothing is */
	/* Filled. */
	const char *folder;
	char output[TAKT_OS_PATH_MAX];
};

/* @retval OPTIONS_GO_ON, EXIT_OK after --help, or EXIT_USAGE after a message */
int trace_command_line_read(struct trace_command_line *line, int argc, char **argv);

#endif
