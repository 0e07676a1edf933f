/* SPDX-License-Identifier: Apache-2.0 */
/* Where a node's program is: beside the takt command, in its ../libexec/takt, then in PATH; with a slash, counted from the config's folder. */
#ifndef APPS_TAKT_PROGRAM_H
#define APPS_TAKT_PROGRAM_H

#include "core/config.h"
#include "platform/folder.h"

#define PROGRAM_PATH_BYTES 1024 /* a folder and a name: twice TAKT_OS_PATH_MAX */

/* @retval 1 `path` is a program that this user may run  @retval 0 there is none; `path` is where it was expected */
int program_find(const struct takt_config *config, const char *program, char path[PROGRAM_PATH_BYTES]);

/* @retval 1 `path` is a program of this name in one of PATH's folders */
int program_is_in_path(char path[PROGRAM_PATH_BYTES], const char *program);

#endif
