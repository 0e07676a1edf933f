/* SPDX-License-Identifier: Apache-2.0 */
/* Ordinary files and the terminal: configs, recordings, saved parameters, tables. Nothing here is for a real-time path. */
#ifndef TAKT_PLATFORM_FILE_H
#define TAKT_PLATFORM_FILE_H

#include <stdint.h>
#include <stdio.h>

#include "platform/status.h"

/**
 * Reads a whole small file.
 * @param bytes size of the buffer; one byte is kept for a terminating zero
 * @retval TAKT_OK *count bytes, then a zero  @retval TAKT_ABSENT  @retval TAKT_DENIED  @retval TAKT_LIMIT larger than the buffer
 * @retval TAKT_NO_SPACE  @retval TAKT_SYSTEM
 * Shape: a failure leaves *count untouched, the buffer is scratch. Only absence goes without a message.
 */
TAKT_CHECKED enum takt_status takt_os_file_read(const char *path, char *buffer, uint32_t bytes, uint32_t *count);

/* Replaces a file in one step: it is written without a name, flushed, linked beside and renamed, so a reader sees the old or the new
 * one, and a kill leaves at most a finished `PATH.new`, which the next replacement removes. It keeps its mode, and a new one is never
 * writable for everybody; a symbolic link is replaced, not followed. Of several at once one is the last.
 * @param path at most TAKT_OS_PATH_MAX − 24 bytes, else TAKT_LIMIT
 * @retval TAKT_OK @retval TAKT_ABSENT no such folder @retval TAKT_DENIED @retval TAKT_NO_SPACE @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_file_replace(const char *path, const char *text, uint32_t bytes);

/* Opens a file to be written from its beginning; a new one is never writable for everybody, whatever the umask. Closed on exec.
 * @retval NULL the system refused; without a message */
FILE *takt_os_file_write(const char *path);

/* Calls `visit` for each name in a folder, sorted by name. @retval TAKT_OK @retval TAKT_ABSENT, without a message @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_file_list(const char *path, void (*visit)(void *context, const char *name),
						void *context);

/* Makes a folder where there is none, not writable for everybody; its parent must exist. @retval TAKT_OK also when it was there
 * @retval TAKT_ABSENT no parent @retval TAKT_DENIED @retval TAKT_NO_SPACE @retval TAKT_SYSTEM. Messages for all. */
TAKT_CHECKED enum takt_status takt_os_file_make_folder(const char *path);

/* The path of an existing file or folder from the root, without links. @retval TAKT_OK @retval TAKT_ABSENT @retval TAKT_DENIED
 * @retval TAKT_LIMIT longer than the buffer @retval TAKT_NO_SPACE @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_file_absolute(const char *path, char *absolute, uint32_t bytes);

/* 1 when there is a regular file that this process may execute. */
int takt_os_file_is_program(const char *path);

/* 1 when standard output is a terminal; the same for standard error. */
int takt_os_output_is_terminal(void);
int takt_os_errors_are_terminal(void);

/* Width of that terminal in columns; 0 when it is none. */
uint32_t takt_os_terminal_columns(void);

#endif
