/* SPDX-License-Identifier: Apache-2.0 */
/* `takt param ...` */
#ifndef APPS_TAKT_PARAM_H
#define APPS_TAKT_PARAM_H

#include "apps/takt/options.h"

extern const struct command param_command; /* the group */

/* What a node says of one parameter. */
struct param_line {
	const char *name;
	const char *value;
	const char *unit; /* "" for none */
	const char *kind;
	const char *standard; /* its default */
	const char *min;
	const char *max;
};

/* "kp=1.2 unit=V/rad kind=f64 default=1 min=0 max=2": splits in place. @retval 0 it is no such line */
int param_line_split(char *line, struct param_line *parts);

#endif
