/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/shm.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform/linux/guard.h"
#include "platform/message.h"
#include "platform/presence.h"

#define NOUN "shared memory"

/* posix_fallocate starts afresh after a signal: more signals than this during one call are an error, not an endless loop. */
#define RESERVE_TRIES 100

/* An object between its making and its naming. */
struct unborn {
	int descriptor;
	char temporary[TAKT_PORT_TEMPORARY_BYTES]; /* empty: it has no name at all, and vanishes with this process */
};

static enum takt_status open_without_name(const struct takt_port_object *object, struct unborn *unborn)
{
	int opened;

	do
		opened = openat(object->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	while (opened < 0 && errno == EINTR);
	/* A file system without O_TMPFILE says EOPNOTSUPP, a kernel without it EISDIR or ENOENT. */
	if (opened < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL))
		return TAKT_UNSUPPORTED;
	if (opened < 0)
		return takt_port_refused(object, "make it", errno, errno == EACCES ? "the folder's owner can" : NULL);
	unborn->descriptor = opened;
	unborn->temporary[0] = '\0';
	return TAKT_OK;
}

/* Where the file system cannot make a file without a name: a kill leaves a ".new-" file, which nobody opens. */
static enum takt_status open_with_temporary_name(const struct takt_port_object *object, struct unborn *unborn)
{
	uint64_t number;
	int opened;
	const enum takt_status status = takt_os_random(&number);

	if (status != TAKT_OK)
		return status;
	(void)snprintf(unborn->temporary, sizeof(unborn->temporary), TAKT_OS_NEW_PREFIX "%016" PRIx64, number);
	do
		opened = openat(object->folder, unborn->temporary, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC,
				0600);
	while (opened < 0 && errno == EINTR);
	/* The folder was removed while we had it open: the caller knows whether that is an error. */
	if (opened < 0 && errno == ENOENT)
		return TAKT_ABSENT;
	if (opened < 0)
		return takt_port_refused(object, "make it", errno, NULL);
	unborn->descriptor = opened;
	return TAKT_OK;
}

static void abandon(const struct takt_port_object *object, struct unborn *unborn)
{
	if (unborn->temporary[0] != '\0')
		(void)unlinkat(object->folder, unborn->temporary, 0);
	takt_port_close(&unborn->descriptor);
}

static enum takt_status say_no_space(const struct takt_port_object *object, uint64_t bytes)
{
	uint64_t free_bytes = 0;
	uint64_t total_bytes = 0;
	char path[TAKT_OS_PATH_MAX];

	if (takt_os_folder_space(object->folder, &free_bytes, &total_bytes) != TAKT_OK)
		free_bytes = 0;
	takt_port_path(object->folder, path, sizeof(path));
	takt_message(TAKT_ERROR,
		     "shared memory '%s': need %" PRIu64 " bytes, have %" PRIu64
		     " free in %s; enlarge it with: mount -o remount,size=%" PRIu64 " %s",
		     object->name, bytes, free_bytes, path, total_bytes + bytes, takt_os_folder_root());
	return TAKT_NO_SPACE;
}

/* 1 when it certainly does not fit: the kernel would fill all memory before it found out, and call the OOM killer first. */
static int is_too_large(const struct takt_port_object *object, uint64_t bytes)
{
	uint64_t free_bytes;
	uint64_t total_bytes;

	/* A total of 0: a file system without a limit. */
	return takt_os_folder_space(object->folder, &free_bytes, &total_bytes) == TAKT_OK && total_bytes != 0 &&
	       free_bytes < bytes;
}

static enum takt_status reserve(const struct takt_port_object *object, const struct unborn *unborn, uint64_t bytes)
{
	int error = EINTR;

	if (bytes == 0)
		return TAKT_OK;
	if (is_too_large(object, bytes))
		return say_no_space(object, bytes);
	for (unsigned tries = 0; tries < RESERVE_TRIES && error == EINTR; tries++)
		error = posix_fallocate(unborn->descriptor, 0, (off_t)bytes);
	if (error == ENOSPC || error == EDQUOT || error == ENOMEM)
		return say_no_space(object, bytes);
	if (error != 0)
		return takt_port_refused(object, "reserve its memory", error, NULL);
	return TAKT_OK;
}

static enum takt_status write_contents(const struct takt_port_object *object, const struct unborn *unborn,
				       uint64_t bytes, void (*fill)(void *context, void *memory), void *context)
{
	void *memory;

	if (fill == NULL || bytes == 0)
		return TAKT_OK;
	memory = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, unborn->descriptor, 0);
	if (memory == MAP_FAILED)
		return takt_port_refused(object, "map it", errno, "if memory is locked: raise ulimit -l");
	fill(context, memory);
	(void)munmap(memory, (size_t)bytes);
	return TAKT_OK;
}

/* @retval TAKT_UNSUPPORTED a file without a name cannot get one: neither the right to do it nor a /proc */
static enum takt_status give_name(const struct takt_port_object *object, struct unborn *unborn)
{
	char link[32];
	int result;

	if (unborn->temporary[0] != '\0') {
		result = linkat(object->folder, unborn->temporary, object->folder, object->name, 0);
		return result == 0	 ? TAKT_OK
		       : errno == EEXIST ? TAKT_EXISTS
					 : takt_port_refused(object, "name it", errno, NULL);
	}
	if (linkat(unborn->descriptor, "", object->folder, object->name, AT_EMPTY_PATH) == 0)
		return TAKT_OK;
	if (errno == EEXIST)
		return TAKT_EXISTS;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", unborn->descriptor);
	if (linkat(AT_FDCWD, link, object->folder, object->name, AT_SYMLINK_FOLLOW) == 0)
		return TAKT_OK;
	if (errno == EEXIST)
		return TAKT_EXISTS;
	return errno == ENOENT ? TAKT_UNSUPPORTED : takt_port_refused(object, "name it", errno, NULL);
}

struct wish {
	uint64_t bytes;
	const struct takt_os_rights *rights;
	void (*fill)(void *context, void *memory);
	void *context;
};

static enum takt_status make(const struct takt_port_object *object, const struct wish *wish,
			     enum takt_status (*begin)(const struct takt_port_object *, struct unborn *))
{
	struct unborn unborn = {-1, ""};
	enum takt_status status = begin(object, &unborn);

	if (status != TAKT_OK)
		return status;
	status = reserve(object, &unborn, wish->bytes);
	if (status == TAKT_OK)
		status = takt_port_rights_apply(object, unborn.descriptor, wish->rights);
	if (status == TAKT_OK)
		status = write_contents(object, &unborn, wish->bytes, wish->fill, wish->context);
	if (status == TAKT_OK)
		status = give_name(object, &unborn);
	abandon(object, &unborn);
	return status;
}

static int exists(const struct takt_port_object *object)
{
	struct stat found;

	return fstatat(object->folder, object->name, &found, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What off_t, size_t and a mapping can hold; half of the address space on 32-bit systems. */
static enum takt_status check_size(const struct takt_port_object *object, uint64_t bytes)
{
	if (bytes <= INT64_MAX / 2 && bytes <= PTRDIFF_MAX)
		return TAKT_OK;
	takt_message(TAKT_ERROR, "shared memory '%s': %" PRIu64 " bytes are more than this system can map",
		     object->name, bytes);
	return TAKT_LIMIT;
}

enum takt_status takt_os_shm_create(int folder, const char *name, uint64_t bytes, const struct takt_os_rights *rights,
				    void (*fill)(void *context, void *memory), void *context)
{
	const struct takt_port_object object = {NOUN, folder, name};
	const struct wish wish = {bytes, rights, fill, context};
	enum takt_status status = takt_port_name_check(&object);

	if (status == TAKT_OK)
		status = takt_port_rights_check(&object, rights);
	if (status == TAKT_OK)
		status = check_size(&object, bytes);
	if (status != TAKT_OK)
		return status;
	/* Before any memory is reserved: where it exists, there need not be room for a second one. */
	if (exists(&object))
		return TAKT_EXISTS;
	status = make(&object, &wish, open_without_name);
	if (status == TAKT_UNSUPPORTED)
		status = make(&object, &wish, open_with_temporary_name);
	return status;
}

static enum takt_status map(struct takt_os_shm *shm, const struct takt_port_object *object, int descriptor,
			    enum takt_os_access access, uint64_t bytes_min)
{
	const int protection = access == TAKT_OS_READ_WRITE ? PROT_READ | PROT_WRITE : PROT_READ;
	char path[TAKT_OS_PATH_MAX];
	struct stat found;
	void *address;
	uint32_t guard;

	if (fstat(descriptor, &found) != 0)
		return takt_port_refused(object, "look at it", errno, NULL);
	if (found.st_size <= 0 || (uint64_t)found.st_size < bytes_min) {
		takt_port_path(object->folder, path, sizeof(path));
		takt_message(TAKT_ERROR,
			     "shared memory '%s' in %s: truncated: it has %" PRId64 " bytes, expected at least %" PRIu64
			     "; remove it, so that it is made anew",
			     object->name, path, (int64_t)found.st_size, bytes_min);
		return TAKT_CORRUPT;
	}
	if ((uint64_t)found.st_size > PTRDIFF_MAX)
		return takt_port_refused(object, "map it", ENOMEM, NULL);
	address = mmap(NULL, (size_t)found.st_size, protection, MAP_SHARED, descriptor, 0);
	if (address == MAP_FAILED)
		return takt_port_refused(
			object, "map it", errno,
			errno == EAGAIN ? "memory is locked: raise ulimit -l, or LimitMEMLOCK= in the systemd unit"
					: NULL);
	if (takt_port_guard_add(address, (size_t)found.st_size, protection, &guard) != TAKT_OK) {
		(void)munmap(address, (size_t)found.st_size);
		takt_message(TAKT_ERROR,
			     "shared memory '%s': this process has %u objects mapped, as many as it can guard",
			     object->name, TAKT_PORT_GUARD_COUNT_MAX);
		return TAKT_LIMIT;
	}
	*shm = (struct takt_os_shm){address, (uint64_t)found.st_size, descriptor, guard};
	return TAKT_OK;
}

enum takt_status takt_os_shm_open(struct takt_os_shm *shm, int folder, const char *name, enum takt_os_access access,
				  const struct takt_os_rights *rights, uint64_t bytes_min)
{
	const struct takt_port_object object = {NOUN, folder, name};
	int descriptor = -1;
	enum takt_status status = takt_port_object_open(&object, access == TAKT_OS_READ_WRITE ? O_RDWR : O_RDONLY,
							S_IFREG, rights, &descriptor);

	if (status != TAKT_OK)
		return status;
	status = map(shm, &object, descriptor, access, bytes_min);
	if (status != TAKT_OK)
		takt_port_close(&descriptor);
	return status;
}

enum takt_status takt_os_shm_compare(int folder, const char *name, const struct takt_os_rights *rights)
{
	const struct takt_port_object object = {NOUN, folder, name};
	struct stat found;

	return takt_port_object_look(&object, S_IFREG, rights, &found);
}

int takt_os_shm_has_name(const struct takt_os_shm *shm)
{
	struct stat found;

	return shm->address != NULL && fstat(shm->descriptor, &found) == 0 && found.st_nlink > 0;
}

int takt_os_shm_is_cut(const struct takt_os_shm *shm)
{
	return takt_port_guard_is_cut(shm->guard);
}

void takt_os_shm_close(struct takt_os_shm *shm)
{
	if (shm->address == NULL)
		return;
	takt_port_guard_remove(shm->guard);
	(void)munmap(shm->address, (size_t)shm->bytes);
	takt_port_close(&shm->descriptor);
	*shm = (struct takt_os_shm){NULL, 0, -1, 0};
}
