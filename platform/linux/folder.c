/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/message.h"

/* Linux 3.15; not every C library has the call. */
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#endif

#define NOUN	     "folder"
#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

#define TEMPORARY_BYTES (TAKT_OS_NAME_MAX + 1 + TAKT_PORT_TEMPORARY_BYTES)

const char *takt_os_folder_root(void)
{
	const char *root = getenv("TAKT_SHM_FOLDER");

	return root != NULL && root[0] != '\0' ? root : "/dev/shm";
}

enum takt_status takt_os_folder_open_root(int *folder)
{
	int opened;

	do
		opened = open(takt_os_folder_root(), FOLDER_FLAGS);
	while (opened < 0 && errno == EINTR);
	if (opened < 0) {
		takt_message(TAKT_ERROR,
			     "folder %s for shared memory: cannot open it: %s; mount a tmpfs there, or name another "
			     "folder in the environment variable TAKT_SHM_FOLDER",
			     takt_os_folder_root(), strerror(errno));
		return takt_port_status(errno);
	}
	*folder = opened;
	return TAKT_OK;
}

void takt_os_folder_close(int *folder)
{
	takt_port_close(folder);
}

/* Search and list where objects may be read or written, make and remove where they may be written; sticky. 0664: 01775. */
static struct takt_os_rights rights_of_folder(const struct takt_os_rights *objects)
{
	struct takt_os_rights folder = *objects;

	folder.mode = S_ISVTX;
	for (unsigned shift = 0; shift <= 6; shift += 3) {
		const uint32_t bits = (objects->mode >> shift) & 7u;

		if ((bits & 6u) != 0)
			folder.mode |= (5u | (bits & 2u)) << shift;
	}
	return folder;
}

/* Where no owner is asked for, a folder of this user or of root is trusted, and one of the group that was asked for. */
static enum takt_status compare_owner(const struct takt_port_object *object, const struct stat *found,
				      const struct takt_os_rights *rights)
{
	char path[TAKT_OS_PATH_MAX];

	if (rights->owner != TAKT_OS_ID_ANY || found->st_uid == geteuid() || found->st_uid == 0)
		return TAKT_OK;
	if (rights->group != TAKT_OS_ID_ANY && rights->group == found->st_gid)
		return TAKT_OK;
	takt_port_path(object->folder, path, sizeof(path));
	takt_message(TAKT_ERROR,
		     "folder '%s' in %s: owner is uid %u, another user's, and this process is uid %u; choose another "
		     "domain name, or name that owner or a common group in the config",
		     object->name, path, found->st_uid, geteuid());
	return TAKT_MISMATCH;
}

static enum takt_status open_refused(const struct takt_port_object *object, int error)
{
	struct stat found;
	char path[TAKT_OS_PATH_MAX];

	if (error == ENOENT)
		return TAKT_ABSENT;
	if (fstatat(object->folder, object->name, &found, AT_SYMLINK_NOFOLLOW) != 0)
		return takt_port_refused(object, "open it", error, NULL);
	takt_port_path(object->folder, path, sizeof(path));
	if (error == EACCES)
		takt_message(
			TAKT_ERROR,
			"folder '%s' in %s: cannot open it: it is of uid %u, gid %u, mode 0%03o, and this process is "
			"uid %u; run as that user or as a member of that group, or choose another domain name",
			object->name, path, found.st_uid, found.st_gid, (unsigned)found.st_mode & 07777u, geteuid());
	else if (!S_ISDIR(found.st_mode))
		takt_message(
			TAKT_ERROR,
			"folder '%s' in %s: it is %s, expected a folder; something else was put there: remove it or "
			"choose another domain name",
			object->name, path, S_ISLNK(found.st_mode) ? "a symbolic link" : "no folder");
	else
		return takt_port_refused(object, "open it", error, NULL);
	return takt_port_status(error);
}

static enum takt_status open_existing(int *folder, const struct takt_port_object *object,
				      const struct takt_os_rights *rights)
{
	enum takt_status status = TAKT_OK;
	struct stat found;
	int opened;

	do
		opened = openat(object->folder, object->name, FOLDER_FLAGS | O_NOFOLLOW);
	while (opened < 0 && errno == EINTR);
	if (opened < 0)
		return open_refused(object, errno);
	if (fstat(opened, &found) != 0)
		status = takt_port_refused(object, "look at it", errno, NULL);
	if (status == TAKT_OK && rights != NULL)
		status = compare_owner(object, &found, rights);
	if (status == TAKT_OK && rights != NULL)
		status = takt_port_rights_compare(object, &found, rights);
	if (status != TAKT_OK) {
		takt_port_close(&opened);
		return status;
	}
	*folder = opened;
	return TAKT_OK;
}

/* Opens the unfinished folder, made now or left by a killed maker, unless another user put it there. */
static enum takt_status open_unfinished(int *unfinished, const struct takt_port_object *object, const char *temporary,
					const struct takt_os_rights *rights)
{
	enum takt_status status;
	struct stat found;
	int opened;

	if (mkdirat(object->folder, temporary, 0700) != 0 && errno != EEXIST)
		return takt_port_refused(object, "make it", errno, NULL);
	status = takt_port_unfinished_look(object, temporary, S_IFDIR, 0700, rights, &found);
	if (status != TAKT_OK)
		return status;
	do
		opened = openat(object->folder, temporary, FOLDER_FLAGS | O_NOFOLLOW);
	while (opened < 0 && errno == EINTR);
	if (opened < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
			       ? TAKT_BUSY
			       : takt_port_refused(object, "open it", errno, NULL);
	if (!takt_port_is_same(opened, &found)) {
		takt_port_close(&opened);
		return TAKT_BUSY;
	}
	*unfinished = opened;
	return TAKT_OK;
}

/* ".new-NAME-" and a hash of maker and rights: whoever cleans up behind NAME finds it. */
static void name_unfinished(char temporary[TEMPORARY_BYTES], const char *name, const struct takt_os_rights *rights)
{
	char hashed[TAKT_PORT_TEMPORARY_BYTES];

	takt_port_temporary_name(hashed, name, rights);
	(void)snprintf(temporary, TEMPORARY_BYTES, TAKT_OS_NEW_PREFIX "%s-%s", name,
		       hashed + strlen(TAKT_OS_NEW_PREFIX));
}

/*
 * The folder gets its rights under a temporary name and appears under its own in one step, so nobody meets it half made. Makers
 * that want the same rights share the temporary name: whoever is first renames it, the others find it gone.
 */
static enum takt_status make(const struct takt_port_object *object, const struct takt_os_rights *rights)
{
	char temporary[TEMPORARY_BYTES];
	int unfinished = -1;
	enum takt_status status;

	name_unfinished(temporary, object->name, rights);
	status = open_unfinished(&unfinished, object, temporary, rights);
	if (status == TAKT_OK)
		status = takt_port_rights_apply(object, unfinished, rights);
	takt_port_close(&unfinished);
	if (status == TAKT_BUSY)
		return TAKT_OK;
	if (status == TAKT_OK &&
	    syscall(SYS_renameat2, object->folder, temporary, object->folder, object->name, RENAME_NOREPLACE) == 0)
		return TAKT_OK;
	if (status == TAKT_OK && errno != EEXIST && errno != ENOENT)
		status = takt_port_refused(
			object, "name it", errno,
			errno == ENOSYS || errno == EINVAL
				? "renameat2 is missing (Linux 3.17, on tmpfs): `takt doctor` tries it"
				: NULL);
	(void)unlinkat(object->folder, temporary, AT_REMOVEDIR);
	return status;
}

static enum takt_status open_or_make(int *folder, const struct takt_port_object *object,
				     const struct takt_os_rights *objects)
{
	const struct takt_os_rights rights = rights_of_folder(objects);
	enum takt_status status = takt_port_rights_check(object, objects);

	if (status != TAKT_OK)
		return status;
	/* Another one may remove the folder between our making and our opening. */
	for (unsigned tries = 0; tries < TAKT_PORT_RACE_TRIES; tries++) {
		status = open_existing(folder, object, &rights);
		if (status != TAKT_ABSENT)
			return status;
		status = make(object, &rights);
		if (status != TAKT_OK)
			return status;
	}
	status = open_existing(folder, object, &rights);
	return status != TAKT_ABSENT
		       ? status
		       : takt_port_refused(object, "make it", EBUSY, "others make and remove it all the time");
}

enum takt_status takt_os_folder_open(int *folder, const char *name, const struct takt_os_rights *rights)
{
	struct takt_port_object object = {NOUN, -1, name};
	enum takt_status status = takt_port_name_check(&object);

	if (status == TAKT_OK)
		status = takt_os_folder_open_root(&object.folder);
	if (status != TAKT_OK)
		return status;
	status = rights == NULL ? open_existing(folder, &object, NULL) : open_or_make(folder, &object, rights);
	takt_port_close(&object.folder);
	return status;
}

int takt_os_folder_exists(const char *name)
{
	struct stat found;
	int root;
	int result;

	do
		root = open(takt_os_folder_root(), FOLDER_FLAGS);
	while (root < 0 && errno == EINTR);
	if (root < 0)
		return 0;
	result = fstatat(root, name, &found, AT_SYMLINK_NOFOLLOW) == 0;
	takt_port_close(&root);
	return result;
}

static enum takt_os_kind kind_of(mode_t mode)
{
	if (S_ISREG(mode))
		return TAKT_OS_FILE;
	if (S_ISDIR(mode))
		return TAKT_OS_FOLDER;
	if (S_ISSOCK(mode))
		return TAKT_OS_SOCKET;
	return S_ISFIFO(mode) ? TAKT_OS_FIFO : TAKT_OS_OTHER;
}

enum takt_status takt_os_folder_look(int folder, const char *name, struct takt_os_entry *entry)
{
	const struct takt_port_object object = {"object", folder, name};
	const enum takt_status status = takt_port_name_check(&object);
	struct stat found;

	if (status != TAKT_OK)
		return status;
	if (fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno == ENOENT)
			return TAKT_ABSENT;
		(void)takt_port_refused(&object, "look at it", errno, NULL);
		return TAKT_SYSTEM;
	}
	memset(entry, 0, sizeof(*entry));
	(void)snprintf(entry->name, sizeof(entry->name), "%s", name);
	entry->kind = kind_of(found.st_mode);
	entry->rights = (struct takt_os_rights){found.st_uid, found.st_gid, (uint32_t)found.st_mode & 07777u};
	entry->bytes = (uint64_t)found.st_size;
	entry->changed_wall_ns = (uint64_t)found.st_mtim.tv_sec * TAKT_NS_PER_S + (uint64_t)found.st_mtim.tv_nsec;
	return TAKT_OK;
}

static enum takt_status list_refused(const struct takt_port_object *object, int error)
{
	(void)takt_port_refused(object, "list it", error, NULL);
	return TAKT_SYSTEM;
}

enum takt_status takt_os_folder_each(int folder, void (*visit)(void *context, const struct takt_os_entry *entry),
				     void *context)
{
	const struct takt_port_object object = {NOUN, folder, "."};
	enum takt_status status = TAKT_OK;
	enum takt_status looked;
	struct takt_os_entry entry;
	struct dirent *found;
	int error;
	DIR *list;
	/* A descriptor of its own: the place in the list is shared by duplicates. */
	int own = openat(folder, ".", FOLDER_FLAGS);

	if (own < 0)
		return list_refused(&object, errno);
	list = fdopendir(own);
	if (list == NULL) {
		error = errno;
		takt_port_close(&own);
		return list_refused(&object, error);
	}
	while (errno = 0, (found = readdir(list)) != NULL) {
		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0 ||
		    strlen(found->d_name) >= TAKT_OS_NAME_MAX)
			continue;
		/* It may have gone since it was listed. */
		looked = takt_os_folder_look(folder, found->d_name, &entry);
		if (looked == TAKT_OK)
			visit(context, &entry);
		else if (looked != TAKT_ABSENT)
			status = TAKT_SYSTEM;
	}
	error = errno;
	(void)closedir(list);
	return error == 0 ? status : list_refused(&object, error);
}

static enum takt_status remove_refused(const struct takt_port_object *object, int error)
{
	const int is_denied = error == EPERM || error == EACCES || error == EROFS;

	(void)takt_port_refused(object, "remove it", error, is_denied ? "its owner or root can" : NULL);
	return is_denied ? TAKT_DENIED : TAKT_SYSTEM;
}

enum takt_status takt_os_folder_remove(int folder, const char *name)
{
	const struct takt_port_object object = {"object", folder, name};
	const enum takt_status status = takt_port_name_check(&object);

	if (status != TAKT_OK)
		return status;
	if (unlinkat(folder, name, 0) == 0)
		return TAKT_OK;
	if (errno == ENOENT)
		return TAKT_ABSENT;
	return remove_refused(&object, errno);
}

enum takt_status takt_os_folder_remove_self(const char *name)
{
	struct takt_port_object object = {NOUN, -1, name};
	enum takt_status status = takt_port_name_check(&object);

	if (status == TAKT_OK)
		status = takt_os_folder_open_root(&object.folder);
	if (status != TAKT_OK)
		return status;
	if (unlinkat(object.folder, name, AT_REMOVEDIR) != 0) {
		if (errno == ENOTEMPTY || errno == EEXIST)
			status = TAKT_BUSY;
		else if (errno == ENOENT)
			status = TAKT_ABSENT;
		else
			status = remove_refused(&object, errno);
	}
	takt_port_close(&object.folder);
	return status;
}

enum takt_status takt_os_folder_space(int folder, uint64_t *free_bytes, uint64_t *total_bytes)
{
	const struct takt_port_object object = {NOUN, folder, "."};
	struct statvfs space;
	int result;

	do
		result = fstatvfs(folder, &space);
	while (result != 0 && errno == EINTR);
	if (result != 0) {
		(void)takt_port_refused(&object, "ask for its free space", errno, NULL);
		return TAKT_SYSTEM;
	}
	*free_bytes = (uint64_t)space.f_bavail * space.f_frsize;
	*total_bytes = (uint64_t)space.f_blocks * space.f_frsize;
	return TAKT_OK;
}
