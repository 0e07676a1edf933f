/* SPDX-License-Identifier: Apache-2.0 */
/* What a run was like: topics, nodes, chains. */
#ifndef TAKT_APPS_TAKT_RUN_REPORT_H
#define TAKT_APPS_TAKT_RUN_REPORT_H

#include "apps/takt/run_life.h"

/* Writes it where the options say. @retval the exit code: EXIT_OK, or EXIT_FAILED with a message */
int run_report(const struct run *run);

#endif
