/* SPDX-License-Identifier: Apache-2.0 */
/* What shared memory, presence files and named pipes have in common: names, rights, and opening with suspicion. */
#include "platform/linux/port.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/message.h"

#define MODE_BITS	  07777u
#define MODE_PERMISSIONS  0777u
#define MODE_OTHERS_WRITE 0002u

enum takt_status takt_port_refused(const struct takt_port_object *object, const char *doing, int error,
				   const char *remedy)
{
	char path[TAKT_OS_PATH_MAX];

	takt_port_path(object->folder, path, sizeof(path));
	takt_message(TAKT_ERROR, "%s '%s' in %s: cannot %s: %s%s%s", object->noun, object->name, path, doing,
		     strerror(error), remedy != NULL ? "; " : "", remedy != NULL ? remedy : "");
	return takt_port_status(error);
}

enum takt_status takt_port_name_check(const struct takt_port_object *object)
{
	const char *name = object->name;
	const size_t length = strnlen(name, TAKT_OS_NAME_MAX);

	if (length > 0 && length < TAKT_OS_NAME_MAX && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
	    strcmp(name, "..") != 0)
		return TAKT_OK;
	takt_message(TAKT_ERROR, "%s '%.*s': the name must have 1 to %d bytes and no slash, and not be '.' or '..'",
		     object->noun, TAKT_OS_NAME_MAX, name, TAKT_OS_NAME_MAX - 1);
	return TAKT_INVALID;
}

enum takt_status takt_port_rights_check(const struct takt_port_object *object, const struct takt_os_rights *rights)
{
	const char *reason = NULL;

	if ((rights->mode & ~MODE_PERMISSIONS) != 0)
		reason = "only permission bits, 0001 to 0775, are possible";
	else if ((rights->mode & MODE_OTHERS_WRITE) != 0)
		reason = "everybody could write it; give a group write permission instead, as in 0664";
	else if (rights->mode == 0)
		reason = "nobody could use it; 0600 is the least";
	if (reason == NULL)
		return TAKT_OK;
	takt_message(TAKT_ERROR, "%s '%s': mode 0%03" PRIo32 " is refused: %s", object->noun, object->name,
		     rights->mode, reason);
	return TAKT_INVALID;
}

enum takt_status takt_port_rights_apply(const struct takt_port_object *object, int descriptor,
					const struct takt_os_rights *rights)
{
	struct stat now;

	if (fstat(descriptor, &now) != 0)
		return takt_port_refused(object, "look at it", errno, NULL);
	if ((rights->owner != TAKT_OS_ID_ANY && rights->owner != now.st_uid) ||
	    (rights->group != TAKT_OS_ID_ANY && rights->group != now.st_gid)) {
		/* TAKT_OS_ID_ANY is the system's own "leave it as it is". */
		if (fchown(descriptor, (uid_t)rights->owner, (gid_t)rights->group) != 0) {
			char doing[96];

			(void)snprintf(doing, sizeof(doing),
				       "give it the owner (uid %" PRId32 ") and group (gid %" PRId32
				       ") of the config (-1: any)",
				       (int32_t)rights->owner, (int32_t)rights->group);
			return takt_port_refused(object, doing, errno, "let root make it, with: takt create CONFIG");
		}
	}
	/* After the owner: changing that takes bits away. */
	if (fchmod(descriptor, (mode_t)rights->mode) != 0)
		return takt_port_refused(object, "set its mode", errno, NULL);
	return TAKT_OK;
}

enum takt_status takt_port_rights_compare(const struct takt_port_object *object, const struct stat *found,
					  const struct takt_os_rights *rights)
{
	const uint32_t mode = (uint32_t)found->st_mode & MODE_BITS;
	char path[TAKT_OS_PATH_MAX];

	if (rights->owner != TAKT_OS_ID_ANY && rights->owner != found->st_uid) {
		takt_port_path(object->folder, path, sizeof(path));
		takt_message(TAKT_ERROR,
			     "%s '%s' in %s: owner is uid %u, expected uid %" PRIu32
			     "; another user put it there: remove it or choose another domain name",
			     object->noun, object->name, path, found->st_uid, rights->owner);
		return TAKT_MISMATCH;
	}
	if (rights->group != TAKT_OS_ID_ANY && rights->group != found->st_gid) {
		takt_port_path(object->folder, path, sizeof(path));
		takt_message(TAKT_ERROR,
			     "%s '%s' in %s: group is gid %u, expected gid %" PRIu32
			     "; it was made from another config or by another user: remove it or use that config",
			     object->noun, object->name, path, found->st_gid, rights->group);
		return TAKT_MISMATCH;
	}
	if (rights->mode != 0 && rights->mode != mode) {
		takt_port_path(object->folder, path, sizeof(path));
		takt_message(TAKT_ERROR,
			     "%s '%s' in %s: mode is 0%03" PRIo32 ", expected 0%03" PRIo32
			     "; it was made from another config: remove it or use that config",
			     object->noun, object->name, path, mode, rights->mode);
		return TAKT_MISMATCH;
	}
	return TAKT_OK;
}

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "a file";
	case S_IFIFO:
		return "a named pipe";
	case S_IFDIR:
		return "a folder";
	case S_IFLNK:
		return "a symbolic link";
	case S_IFSOCK:
		return "a socket";
	default:
		return "a device";
	}
}

static enum takt_status compare_type(const struct takt_port_object *object, mode_t found, mode_t type)
{
	char path[TAKT_OS_PATH_MAX];

	if ((found & S_IFMT) == type)
		return TAKT_OK;
	takt_port_path(object->folder, path, sizeof(path));
	takt_message(TAKT_ERROR,
		     "%s '%s' in %s: it is %s, expected %s; something else was put there: remove it or choose another "
		     "domain name",
		     object->noun, object->name, path, type_name(found), type_name(type));
	return TAKT_MISMATCH;
}

static enum takt_status open_refused(const struct takt_port_object *object, const struct stat *seen, int flags,
				     int error)
{
	char doing[160];

	if (error == ENOENT)
		return TAKT_ABSENT;
	(void)snprintf(doing, sizeof(doing),
		       "open it for %s (it is of uid %u, gid %u, mode 0%03o; this process is uid %u, gid %u)",
		       (flags & O_ACCMODE) == O_RDONLY ? "reading" : "writing", seen->st_uid, seen->st_gid,
		       (unsigned)seen->st_mode & MODE_BITS, geteuid(), getegid());
	return takt_port_refused(object, doing, error,
				 error == EACCES ? "run as that user or as a member of that group" : NULL);
}

enum takt_status takt_port_object_look(const struct takt_port_object *object, mode_t type,
				       const struct takt_os_rights *rights, struct stat *found)
{
	enum takt_status status = takt_port_name_check(object);

	if (status != TAKT_OK)
		return status;
	if (fstatat(object->folder, object->name, found, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? TAKT_ABSENT : takt_port_refused(object, "look at it", errno, NULL);
	status = compare_type(object, found->st_mode, type);
	if (status == TAKT_OK && rights != NULL)
		status = takt_port_rights_compare(object, found, rights);
	return status;
}

enum takt_status takt_port_object_open(const struct takt_port_object *object, int flags, mode_t type,
				       const struct takt_os_rights *rights, int *descriptor)
{
	struct stat found;
	int opened;
	/* A look before, since opening a device can have an effect, and another user's file, put there under a second name, is not to
	 * be opened at all; and one after, at what was really opened. */
	enum takt_status status = takt_port_object_look(object, type, rights, &found);

	if (status != TAKT_OK)
		return status;
	do
		opened = openat(object->folder, object->name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	while (opened < 0 && errno == EINTR);
	if (opened < 0)
		return (flags & O_ACCMODE) == O_WRONLY && errno == ENXIO ? TAKT_CLOSED
									 : open_refused(object, &found, flags, errno);
	if (fstat(opened, &found) != 0)
		status = takt_port_refused(object, "look at it", errno, NULL);
	if (status == TAKT_OK)
		status = compare_type(object, found.st_mode, type);
	if (status == TAKT_OK && rights != NULL)
		status = takt_port_rights_compare(object, &found, rights);
	if (status != TAKT_OK) {
		takt_port_close(&opened);
		return status;
	}
	*descriptor = opened;
	return TAKT_OK;
}

static enum takt_status check_unfinished(const struct takt_port_object *object, const char *temporary, mode_t type,
					 const struct takt_os_rights *rights, const struct stat *found)
{
	if ((found->st_mode & S_IFMT) == type && (found->st_uid == geteuid() || found->st_uid == rights->owner))
		return TAKT_OK;
	takt_message(TAKT_ERROR,
		     "%s '%s': cannot make it: '%s' of uid %u is in the way; another user put it there: remove it",
		     object->noun, object->name, temporary, found->st_uid);
	return TAKT_MISMATCH;
}

enum takt_status takt_port_unfinished_look(const struct takt_port_object *object, const char *temporary, mode_t type,
					   mode_t needed, const struct takt_os_rights *rights, struct stat *found)
{
	enum takt_status status;
	char held[32];
	int pin;

	do
		pin = openat(object->folder, temporary, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	while (pin < 0 && errno == EINTR);
	if (pin < 0)
		return errno == ENOENT ? TAKT_BUSY : takt_port_refused(object, "look at it", errno, NULL);
	if (fstat(pin, found) != 0)
		status = takt_port_refused(object, "look at it", errno, NULL);
	else
		status = check_unfinished(object, temporary, type, rights, found);
	if (status == TAKT_OK && (found->st_mode & needed) != needed) {
		/* fchmod refuses such a descriptor; its link in /proc leads to the object itself, whatever its name is now. */
		(void)snprintf(held, sizeof(held), "/proc/self/fd/%d", pin);
		if (chmod(held, needed) != 0)
			status = takt_port_refused(object, "set its mode", errno, "/proc must be mounted");
	}
	takt_port_close(&pin);
	return status;
}

int takt_port_is_same(int descriptor, const struct stat *found)
{
	struct stat now;

	return fstat(descriptor, &now) == 0 && now.st_dev == found->st_dev && now.st_ino == found->st_ino;
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t count)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* Source: FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/). It is no secret: whoever puts something else under this name
 * is found out by its owner. */
void takt_port_temporary_name(char temporary[TAKT_PORT_TEMPORARY_BYTES], const char *name,
			      const struct takt_os_rights *rights)
{
	const uint32_t maker = takt_os_user_id();
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	hash = mix(hash, name, strlen(name));
	hash = mix(hash, &maker, sizeof(maker));
	hash = mix(hash, &rights->owner, sizeof(rights->owner));
	hash = mix(hash, &rights->group, sizeof(rights->group));
	hash = mix(hash, &rights->mode, sizeof(rights->mode));
	(void)snprintf(temporary, TAKT_PORT_TEMPORARY_BYTES, TAKT_OS_NEW_PREFIX "%016" PRIx64, hash);
}
