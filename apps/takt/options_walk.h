/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of a program, or of a sub-command, whose options are its own: the walk over it, and values that several have. */
#ifndef APPS_TAKT_OPTIONS_WALK_H
#define APPS_TAKT_OPTIONS_WALK_H

#include <stdint.h>

#include "apps/takt/options.h"

#define OPTIONS_WALK_MAX 32 /* options of one command */

struct options_walk {
	const struct command *command;
	/* What one option means. @param option its letter, or its code @param value NULL where it takes none
	 * @retval OPTIONS_GO_ON, or an exit code */
	int (*take)(void *context, int option, const char *value);
	void *context;
};

/**
 * Takes one option after the other, then counts the arguments; optind is the first of them afterwards.
 * @retval OPTIONS_GO_ON, EXIT_OK after --help, or EXIT_USAGE after a message
 */
int options_walk(const struct options_walk *walk, int argc, char **argv);

/* "A,B,...": whole numbers from `min` to `max`. @retval how many; 0 where one is none or there are more than `room` */
uint32_t options_read_numbers(const char *text, long min, long max, uint32_t *numbers, uint32_t room);

/* "2", "0.5": above 0, up to `max`. @retval 1 it is one */
int options_read_seconds(const char *text, double max, double *seconds);

#endif
