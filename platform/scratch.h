/* SPDX-License-Identifier: Apache-2.0 */
/* Folders for a while, and links into them: for what is read of a damaged trace. The takt command's own; no part of libtakt. Nothing here is
 * for a real-time path. */
#ifndef TAKT_PLATFORM_SCRATCH_H
#define TAKT_PLATFORM_SCRATCH_H

#include <stdint.h>

#include "platform/status.h"

/* 1 when there is a folder, links followed. */
int takt_os_scratch_is_folder(const char *path);

/* Makes a new, empty folder that only this user may look into, below the environment's TMPDIR or /tmp. @retval TAKT_OK `path` is it
 * @retval TAKT_LIMIT longer than the buffer @retval TAKT_ABSENT @retval TAKT_DENIED @retval TAKT_NO_SPACE @retval TAKT_SYSTEM. Messages
 * for all. */
TAKT_CHECKED enum takt_status takt_os_scratch_make(char *path, uint32_t bytes);

/* Makes a symbolic link. @retval TAKT_OK @retval TAKT_DENIED @retval TAKT_NO_SPACE @retval TAKT_SYSTEM. Messages for all. */
TAKT_CHECKED enum takt_status takt_os_scratch_link(const char *target, const char *path);

#endif
