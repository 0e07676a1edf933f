/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "platform/message.h"

#define DESCRIPTOR_COUNT 16 /* that a walk keeps open; deeper trees are walked all the same */

/* The walk has no argument of the caller's. */
struct walk {
	void (*visit)(void *context, const char *file);
	void *context;
	uint64_t bytes;
	int is_denied;
};
static _Thread_local struct walk walk;

static int look(const char *path, const struct stat *entry, int kind, struct FTW *place)
{
	(void)place;
	if (kind == FTW_DNR || kind == FTW_NS)
		walk.is_denied = 1;
	if (kind != FTW_F)
		return 0;
	walk.bytes += (uint64_t)entry->st_size;
	if (walk.visit)
		walk.visit(walk.context, path);
	return 0;
}

static enum takt_status walk_through(const char *path)
{
	if (nftw(path, look, DESCRIPTOR_COUNT, FTW_PHYS) == 0)
		return walk.is_denied ? TAKT_DENIED : TAKT_OK;
	int error = errno;
	if (error == ENOENT)
		return TAKT_ABSENT;
	takt_message(TAKT_ERROR, "folder %s: cannot look through it: %s", path, strerror(error));
	return TAKT_SYSTEM;
}

enum takt_status takt_os_tree_bytes(const char *path, uint64_t *bytes)
{
	walk = (struct walk){.visit = NULL};
	enum takt_status status = walk_through(path);
	if (status == TAKT_OK || status == TAKT_DENIED)
		*bytes = walk.bytes;
	return status;
}

enum takt_status takt_os_tree_each(const char *path, void (*visit)(void *context, const char *file), void *context)
{
	walk = (struct walk){.visit = visit, .context = context};
	return walk_through(path);
}

static int take_away(const char *path, const struct stat *entry, int kind, struct FTW *place)
{
	(void)entry;
	(void)kind;
	(void)place;
	if (remove(path) == 0 || errno == ENOENT)
		return 0;
	int error = errno;
	takt_message(TAKT_ERROR, "%s: cannot remove it: %s", path, strerror(error));
	errno = error;
	return -1;
}

enum takt_status takt_os_tree_remove(const char *path)
{
	struct stat entry;

	if (lstat(path, &entry) != 0 && errno == ENOENT)
		return TAKT_ABSENT;
	if (nftw(path, take_away, DESCRIPTOR_COUNT, FTW_PHYS | FTW_DEPTH | FTW_MOUNT) == 0)
		return TAKT_OK;
	switch (errno) {
	case EACCES:
	case EPERM:
	case EROFS:
		return TAKT_DENIED;
	case EBUSY:
	case ENOTEMPTY:
	case EEXIST:
		return TAKT_BUSY;
	default:
		return TAKT_SYSTEM;
	}
}

int takt_os_tree_is_writable(const char *path)
{
	return faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0;
}

enum takt_status takt_os_tree_free_bytes(const char *path, uint64_t *bytes)
{
	struct statvfs room;

	if (statvfs(path, &room) != 0)
		return TAKT_SYSTEM;
	*bytes = (uint64_t)room.f_bavail * room.f_frsize;
	return TAKT_OK;
}

uint32_t takt_os_cpu_possible_count(void)
{
	long count = sysconf(_SC_NPROCESSORS_CONF);

	return count > 0 ? (uint32_t)count : 1;
}

static int open_held(const char *path, int flags)
{
	int opened;

	do
		opened = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
	while (opened < 0 && errno == EINTR);
	return opened;
}

static int lock(int descriptor)
{
	int result;

	do
		result = flock(descriptor, LOCK_EX | LOCK_NB);
	while (result != 0 && errno == EINTR);
	return result;
}

enum takt_status takt_os_file_hold(const char *path, int *held)
{
	int opened = open_held(path, O_RDWR | O_CREAT);

	if (opened < 0) {
		int error = errno;

		takt_message(TAKT_ERROR, "file %s: cannot open it: %s", path, strerror(error));
		return error == EACCES || error == EPERM || error == EROFS ? TAKT_DENIED
		       : error == ENOENT				   ? TAKT_ABSENT
									   : TAKT_SYSTEM;
	}
	if (lock(opened) == 0) {
		*held = opened;
		return TAKT_OK;
	}
	int error = errno;
	takt_port_close(&opened);
	if (error == EWOULDBLOCK)
		return TAKT_BUSY;
	takt_message(TAKT_ERROR, "file %s: cannot hold it: %s", path, strerror(error));
	return TAKT_SYSTEM;
}

int takt_os_file_is_held(const char *path)
{
	int opened = open_held(path, O_RDONLY);

	if (opened < 0)
		return 0;
	int is_held = lock(opened) != 0 && errno == EWOULDBLOCK;
	takt_port_close(&opened); /* which also gives up a lock that was got */
	return is_held;
}
