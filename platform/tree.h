/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folders with all that is in them, and what the system has room for: for traces, which LTTng writes as trees of files. The takt
 * command's own; no part of libtakt. Nothing here is for a real-time path.
 */
#ifndef TAKT_PLATFORM_TREE_H
#define TAKT_PLATFORM_TREE_H

#include <stdint.h>

#include "platform/status.h"

/* Sum of the sizes of the files below a folder. Links are not followed. @retval TAKT_OK @retval TAKT_ABSENT, without a message
 * @retval TAKT_DENIED a part may not be looked at, without a message; *bytes is the rest's @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_tree_bytes(const char *path, uint64_t *bytes);

/* Calls `visit` for each file below a folder, with its path. Links are not followed. @retval as takt_os_tree_bytes */
TAKT_CHECKED enum takt_status takt_os_tree_each(const char *path, void (*visit)(void *context, const char *file),
						void *context);

/* Removes a folder and all that is in it. Links are removed, not followed, and other file systems are not entered.
 * @retval TAKT_OK @retval TAKT_ABSENT, without a message @retval TAKT_DENIED @retval TAKT_BUSY @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_tree_remove(const char *path);

/* 1 when this process may make files in the folder. */
int takt_os_tree_is_writable(const char *path);

/* Bytes that the file system of a path has left for this user. @retval TAKT_OK @retval TAKT_SYSTEM, without a message */
TAKT_CHECKED enum takt_status takt_os_tree_free_bytes(const char *path, uint64_t *bytes);

/* CPUs that the machine may ever have, not only those on which this process may run. */
uint32_t takt_os_cpu_possible_count(void);

/**
 * Holds a file for this process until it ends, and makes the file where there is none.
 * @param held a descriptor to be kept; on TAKT_OK only
 * @retval TAKT_OK @retval TAKT_BUSY another process holds it, without a message @retval TAKT_DENIED @retval TAKT_ABSENT no such folder
 * @retval TAKT_SYSTEM
 */
TAKT_CHECKED enum takt_status takt_os_file_hold(const char *path, int *held);

/* 1 when another process holds the file so. */
int takt_os_file_is_held(const char *path);

#endif
