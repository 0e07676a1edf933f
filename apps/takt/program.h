/* SPDX-License-Identifier: Apache-2.0 */
/* Where a node's program is: beside the takt command, then in PATH; with a slash, counted from the config's folder. */
#ifndef APPS_TAKT_PROGRAM_H
#define APPS_TAKT_PROGRAM_H

#include "core/config.h"
#include "platform/folder.h"

#define PROGRAM_PATH_BYTES (2 * TAKT_OS_PATH_MAX)

/* @retval 1 `path` is a program that this user may run  @retval 0 there is none; `path` is where it was expected */
int program_find(const struct takt_config *config, const char *program, char path[PROGRAM_PATH_BYTES]);

#endif
