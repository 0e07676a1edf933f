/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `takt run CONFIG`: starts a config's nodes in order, restarts those that die, stops them in reverse order and says what
 * happened. It only looks: the nodes exchange their data without it and live on when it dies.
 */
#ifndef TAKT_APPS_TAKT_RUN_H
#define TAKT_APPS_TAKT_RUN_H

#include "apps/takt/options.h"

extern const struct command run_command;

/* @param argv argv[0] is "run" @retval the exit code: 0 as wanted, 1 something failed, 2 the command line is wrong */
int takt_run(int argc, char **argv);

#endif
