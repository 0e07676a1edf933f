/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_command_line.h"

#include <getopt.h>
#include <stdio.h>

#include "apps/takt/options_walk.h"

int trace_command_line_read(struct trace_command_line *line, int argc, char **argv)
{
	const struct options_walk walk = {.command = line->command, .take = line->take, .context = line->context};
	int result = options_walk(&walk, argc, argv);

	if (result != OPTIONS_GO_ON)
		return result;
	line->folder = argv[optind];
	if (line->output_name)
		(void)snprintf(line->output, sizeof(line->output), "%.400s/%s", line->folder, line->output_name);
	return OPTIONS_GO_ON;
}
