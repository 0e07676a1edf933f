/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of `takt run`. */
#ifndef TAKT_APPS_TAKT_RUN_OPTIONS_H
#define TAKT_APPS_TAKT_RUN_OPTIONS_H

#include <stdint.h>

#include "apps/takt/output.h"

struct run_options {
	const char *config;
	uint64_t for_ns; /* 0: until it is stopped */
	int keeps;	 /* 1: the domain's objects stay */
	int shows_status;
	int is_quiet;
	enum output_format report_format;
	const char *report; /* file, "-": standard output, NULL: none */
	const char *log;    /* folder, NULL: none */
	const char *only;   /* "a,b", NULL: all nodes */
};

/* @retval OPTIONS_GO_ON (options.h)  @retval others: the exit code; help or a message has been given */
int run_options_parse(struct run_options *options, int argc, char **argv);

/* 1 when `list` ("a,b,c") names `name`. */
int run_list_has(const char *list, const char *name);

#endif
