/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For programs that use a library of others beside takt: such libraries report in the system's own error numbers, and may be too large
 * for a process that locks its memory. Linked into the programs that need it, never into libtakt.
 */
#ifndef TAKT_PLATFORM_FOREIGN_H
#define TAKT_PLATFORM_FOREIGN_H

#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The number that the library left behind in the calling thread when it failed; call it at once. RT: safe. */
int takt_os_foreign_error(void);

/**
 * What a number means. The sign does not count: some libraries return the number, some its negative.
 * @retval TAKT_OK 0  @retval TAKT_EMPTY nothing is there yet  @retval TAKT_TIMEOUT it took too long
 * @retval TAKT_CLOSED the device is gone  @retval TAKT_BUSY another program has it  @retval TAKT_ABSENT it does not exist
 * @retval TAKT_DENIED  @retval TAKT_INVALID a value is refused  @retval TAKT_NO_SPACE  @retval TAKT_UNSUPPORTED
 * @retval TAKT_SYSTEM anything else
 * RT: safe.
 */
enum takt_status takt_os_foreign_status(int error);

/**
 * Replaces the running program by another one: process, environment, descriptors and terminal stay what they are.
 * Start-up only, while the process has one thread and no takt object is open.
 * @param path its file  @param arguments argv, NULL-terminated
 * Returns only if it failed, without a message:
 * @retval TAKT_ABSENT no such file  @retval TAKT_DENIED it may not be run  @retval TAKT_SYSTEM @retval TAKT_NO_SPACE @retval TAKT_LIMIT
 */
TAKT_CHECKED enum takt_status takt_os_program_become(const char *path, char *const *arguments);

#ifdef __cplusplus
}
#endif
#endif
