/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder in which a domain's objects live, and whose they are.
 *
 * Every domain has one folder, `takt.NAME`, inside the system's shared-memory folder (`/dev/shm`, or the folder that the
 * environment variable TAKT_SHM_FOLDER names, for tests and for systems without /dev/shm). A folder is held open as a
 * descriptor and every object is named relative to it, so no path that somebody else may change is walked twice.
 * No function here follows a symbolic link in the last part of a name.
 */
#ifndef TAKT_PLATFORM_FOLDER_H
#define TAKT_PLATFORM_FOLDER_H

#include <stdint.h>

#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_OS_ID_ANY UINT32_MAX /* no owner or group was asked for */
#define TAKT_OS_NEW_PREFIX                                                                                             \
	".new-" /* begins the name of what a maker that was killed half-way may leave: a clean-up removes it; a folder's is .new-NAME-... */
#define TAKT_OS_NAME_MAX 64 /* longest object name in a folder, terminating zero included */
#define TAKT_OS_PATH_MAX 512

/* Who may do what with an object: numeric owner and group (or TAKT_OS_ID_ANY) and permission bits such as 0640. */
struct takt_os_rights {
	uint32_t owner;
	uint32_t group;
	uint32_t mode;
};

enum takt_os_kind {
	TAKT_OS_FILE = 0,
	TAKT_OS_FOLDER = 1,
	TAKT_OS_FIFO = 2,
	TAKT_OS_OTHER = 3,
	TAKT_OS_SOCKET = 4 /* of UNIX */
};

/* What the system says of one object. */
struct takt_os_entry {
	char name[TAKT_OS_NAME_MAX];
	enum takt_os_kind kind;
	struct takt_os_rights rights;
	uint64_t bytes;
	uint64_t changed_wall_ns;
};

/* The shared-memory folder: TAKT_SHM_FOLDER from the environment, else "/dev/shm". Threads: any. */
const char *takt_os_folder_root(void);

/**
 * Opens a domain's folder, and makes it where it is absent and the rights are given.
 * @param name the folder's name below takt_os_folder_root(), for instance "takt.robot"
 * @param rights NULL: only open. Else owner, group and mode of the objects in it; the folder itself gets search bits
 *        wherever they have read or write bits (objects 0664: folder 01775), and the sticky bit, so that one member cannot
 *        remove another's objects.
 * @retval TAKT_OK  @retval TAKT_ABSENT not there and rights is NULL, without a message; or the root is absent, with one
 * @retval TAKT_MISMATCH a link, not a folder, or of another owner, group or mode than `rights` say; a message says which
 * @retval TAKT_DENIED  @retval TAKT_NO_SPACE  @retval TAKT_SYSTEM
 * @retval TAKT_INVALID the name, or rights that let everybody write; with a message
 * Shape: where the rights name no owner, a folder of this user, of root, or of the group that they name is accepted.
 * RT: start-up only. Threads: any; of several makers all get the same folder.
 */
TAKT_CHECKED enum takt_status takt_os_folder_open(int *folder, const char *name, const struct takt_os_rights *rights);

/* 1 when the root has anything of this name, whoever may open it. Without a message. */
int takt_os_folder_exists(const char *name);

/* Opens the root itself for listing; otherwise as takt_os_folder_open. */
TAKT_CHECKED enum takt_status takt_os_folder_open_root(int *folder);

/* Closes it and sets it to -1; a folder that is -1 already is left alone. */
void takt_os_folder_close(int *folder);

/**
 * Calls `visit` for every object, in no order, without "." and "..". Names of TAKT_OS_NAME_MAX bytes or more are passed over.
 * The visitor may remove what it is shown. Not real-time.
 * @retval TAKT_OK  @retval TAKT_SYSTEM; one that cannot be looked at is passed over, and the others are shown
 */
TAKT_CHECKED enum takt_status
takt_os_folder_each(int folder, void (*visit)(void *context, const struct takt_os_entry *entry), void *context);

/* Looks at one object without opening it and without following a link. @retval TAKT_OK @retval TAKT_ABSENT @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_folder_look(int folder, const char *name, struct takt_os_entry *entry);

/* Removes one object that is not a folder. @retval TAKT_OK @retval TAKT_ABSENT, without a message
 * @retval TAKT_DENIED @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_folder_remove(int folder, const char *name);

/* Removes the empty folder `name` below the root. @retval TAKT_OK @retval TAKT_ABSENT @retval TAKT_BUSY not empty
 * @retval TAKT_DENIED @retval TAKT_NO_SPACE @retval TAKT_MISMATCH the root is no folder @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_folder_remove_self(const char *name);

/* Free and total bytes of the file system that holds the folder. @retval TAKT_OK @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_folder_space(int folder, uint64_t *free_bytes, uint64_t *total_bytes);

/* This process's effective user and group. Threads: any. */
uint32_t takt_os_user_id(void);
uint32_t takt_os_group_id(void);

/* Looks up a user's or group's number by name, or takes the number itself as text ("1000"). Not real-time.
 * @retval TAKT_OK  @retval TAKT_ABSENT no such user or group */
TAKT_CHECKED enum takt_status takt_os_user_find(const char *name, uint32_t *id);
TAKT_CHECKED enum takt_status takt_os_group_find(const char *name, uint32_t *id);

#ifdef __cplusplus
}
#endif
#endif
