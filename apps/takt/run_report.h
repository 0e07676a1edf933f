/* SPDX-License-Identifier: Apache-2.0 */
/* What a run was like: topics, nodes, chains. */
#ifndef TAKT_APPS_TAKT_RUN_REPORT_H
#define TAKT_APPS_TAKT_RUN_REPORT_H

#include "apps/takt/run_life.h"

/* Opens the file that the options name, before anything runs: a wrong name is no surprise at the end of a long run.
 * @retval the exit code: EXIT_OK, or EXIT_FAILED with a message */
int run_report_open(struct run *run);

/* Writes it there and closes it; nothing where none was asked for. @retval as above */
int run_report(struct run *run);

#endif
