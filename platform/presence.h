/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who lives. A process draws a random 62-bit token and holds an open-file-description write lock on the byte at that offset of an
 * empty presence file. The kernel releases it after the whole process has stopped storing. Asking whether a token lives is one
 * system call; nothing in shared memory is believed. A read lock fakes nothing, since only write locks are asked about.
 *
 * The descriptor is closed on exec, and a fork's child must close it (takt does, through takt_os_fork_guard).
 */
#ifndef TAKT_PLATFORM_PRESENCE_H
#define TAKT_PLATFORM_PRESENCE_H

#include <stdint.h>

#include "platform/folder.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_OS_TOKEN_MAX                                                                                              \
	((UINT64_C(1) << 62) - 1) /* tokens are 1 to this; byte 0 is the file's own right (join, publish) */

struct takt_os_presence {
	int descriptor; /* -1: closed */
};

/* A random token, 1 to TAKT_OS_TOKEN_MAX. @retval TAKT_OK @retval TAKT_SYSTEM no randomness */
TAKT_CHECKED enum takt_status takt_os_token_draw(uint64_t *token);

/* A random number of 64 bits, never 0. @retval TAKT_OK @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_random(uint64_t *number);

/**
 * Opens a presence file for locking, after checking it like takt_os_shm_open does. TAKT_OS_READ_ONLY is enough to ask and to take
 * shared rights, TAKT_OS_READ_WRITE is needed to hold a token.
 * @retval TAKT_OK @retval TAKT_ABSENT, without a message @retval TAKT_DENIED @retval TAKT_MISMATCH @retval TAKT_NO_SPACE
 * @retval TAKT_SYSTEM
 */
TAKT_CHECKED enum takt_status takt_os_presence_open(struct takt_os_presence *presence, int folder, const char *name,
						    int writable, const struct takt_os_rights *rights);
void takt_os_presence_close(struct takt_os_presence *presence);

/* Holds the byte `offset` for writing until closed. @retval TAKT_OK @retval TAKT_BUSY another holds it @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_presence_hold(const struct takt_os_presence *presence, uint64_t offset);
/* The same, shared: any number may, but none while one holds it for writing. */
TAKT_CHECKED enum takt_status takt_os_presence_share(const struct takt_os_presence *presence, uint64_t offset);
/* 1 while the file still has its name: 0 after a clean-up removed it, and a lock on it means nothing any more. */
int takt_os_presence_has_name(const struct takt_os_presence *presence);

/* Gives a byte back. */
void takt_os_presence_release(const struct takt_os_presence *presence, uint64_t offset);

enum takt_os_life { TAKT_OS_DEAD = 0, TAKT_OS_ALIVE = 1, TAKT_OS_UNKNOWN = 2 };

/**
 * Does somebody else hold this byte for writing? Locks of this very descriptor are not seen: compare your own token first.
 * @retval TAKT_OS_DEAD nobody does, and a full fence stands behind the verdict: all that the dead one stored is visible
 * @retval TAKT_OS_ALIVE  @retval TAKT_OS_UNKNOWN the system refused to say, or the offset is out of range
 * RT: safe; one system call (about 1.2 us). Threads: any.
 */
enum takt_os_life takt_os_presence_ask(const struct takt_os_presence *presence, uint64_t offset);

/* Calls `in_child` in every child that this process forks, before fork returns there. May be called more than once with
 * different functions, at most 4. RT: start-up only. @retval TAKT_OK @retval TAKT_LIMIT */
TAKT_CHECKED enum takt_status takt_os_fork_guard(void (*in_child)(void));

#ifdef __cplusplus
}
#endif
#endif
