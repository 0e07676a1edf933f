/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/posix_ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/message.h"

#define NOUN	   "POSIX shared memory"
#define GUARD_NOUN "POSIX semaphore"

static enum takt_status refused(const char *noun, const char *name, int error)
{
	const enum takt_status status = takt_port_status(error);

	if (status == TAKT_ABSENT)
		takt_message(TAKT_ERROR,
			     "there is no %s %s (ls /dev/shm); start the program that makes it, or give --create", noun,
			     name);
	else if (status == TAKT_DENIED)
		takt_message(TAKT_ERROR,
			     "%s %s: uid %u may not use it; its owner and mode say who may (ls -l /dev/shm): run this "
			     "as its owner, or widen its mode",
			     noun, name, takt_os_user_id());
	else
		takt_message(TAKT_ERROR, "%s %s: cannot open it: %s", noun, name, strerror(error));
	return status == TAKT_MISMATCH || status == TAKT_EXISTS ? TAKT_SYSTEM : status;
}

/* ---------------------------------------------------------------------------------------------------------- open */

/* Said once for each handle: a sample may come a thousand times a second. */
static enum takt_status too_small(struct takt_os_posix_shm *shm, long long found, uint32_t bytes)
{
	if (shm->has_complained)
		return TAKT_LIMIT;
	shm->has_complained = 1;
	takt_message(
		TAKT_ERROR,
		NOUN
		" %s: it has %lld bytes and the record %u; make the other program's struct and the topic's type the "
		"same (takt topic info)",
		shm->name, found, bytes);
	return TAKT_LIMIT;
}

static enum takt_status open_object(struct takt_os_posix_shm *shm, uint32_t bytes, int is_writer, int may_create)
{
	const int flags = is_writer || may_create ? O_RDWR : O_RDONLY;
	struct stat found;

	shm->descriptor = shm_open(shm->name, flags, 0);
	if (shm->descriptor < 0 && errno == ENOENT && may_create) {
		shm->descriptor = shm_open(shm->name, flags | O_CREAT | O_EXCL, 0600);
		if (shm->descriptor >= 0) {
			const int error = posix_fallocate(shm->descriptor, 0, bytes);

			if (error != 0)
				return refused(NOUN, shm->name, error);
		}
	}
	if (shm->descriptor < 0)
		return refused(NOUN, shm->name, errno);
	if (fstat(shm->descriptor, &found) != 0)
		return refused(NOUN, shm->name, errno);
	return found.st_size < (off_t)bytes ? too_small(shm, (long long)found.st_size, bytes) : TAKT_OK;
}

static enum takt_status open_guard(struct takt_os_posix_shm *shm, int may_create)
{
	sem_t *guard = may_create ? sem_open(shm->guard_name, O_CREAT, 0600, 1) : sem_open(shm->guard_name, 0);

	if (guard == SEM_FAILED)
		return refused(GUARD_NOUN, shm->guard_name, errno);
	shm->guard = guard;
	return TAKT_OK;
}

enum takt_status takt_os_posix_shm_open(struct takt_os_posix_shm *shm, const char *name, const char *guard_name,
					uint32_t bytes, int is_writer, int may_create)
{
	struct takt_os_posix_shm opened = {.descriptor = -1};
	enum takt_status status = takt_os_posix_name_check(NOUN, name);

	if (status == TAKT_OK)
		status = takt_os_posix_name_check(GUARD_NOUN, guard_name);
	if (status != TAKT_OK)
		return status;
	(void)snprintf(opened.name, sizeof(opened.name), "%s", name);
	(void)snprintf(opened.guard_name, sizeof(opened.guard_name), "%s", guard_name);
	status = open_object(&opened, bytes, is_writer, may_create);
	if (status == TAKT_OK)
		status = open_guard(&opened, may_create);
	if (status == TAKT_OK)
		*shm = opened;
	else
		takt_port_close(&opened.descriptor);
	return status;
}

/* --------------------------------------------------------------------------------------------------------- guard */

static enum takt_status take(const struct takt_os_posix_shm *shm, uint64_t bound_ns)
{
	const struct timespec deadline = takt_port_timespec(takt_os_clock_now_ns() + bound_ns);

	while (sem_clockwait(shm->guard, CLOCK_MONOTONIC, &deadline) != 0) {
		if (errno == ETIMEDOUT)
			return TAKT_TIMEOUT;
		if (errno != EINTR) {
			takt_message(TAKT_ERROR, GUARD_NOUN " %s: cannot take it: %s", shm->guard_name,
				     strerror(errno));
			return TAKT_SYSTEM;
		}
	}
	return TAKT_OK;
}

static void give(const struct takt_os_posix_shm *shm)
{
	/* It fails only at the largest value there is, where nobody waits. */
	(void)sem_post(shm->guard);
}

static enum takt_status check_there(struct takt_os_posix_shm *shm, uint32_t count)
{
	struct stat found;

	if (fstat(shm->descriptor, &found) != 0)
		return TAKT_SYSTEM;
	if (found.st_nlink == 0)
		return TAKT_ABSENT;
	return found.st_size < (off_t)count ? too_small(shm, (long long)found.st_size, count) : TAKT_OK;
}

/* @retval TAKT_LIMIT fewer bytes than wanted: it was cut off since we looked */
static enum takt_status outcome(struct takt_os_posix_shm *shm, const char *doing, ssize_t moved, uint32_t count)
{
	if (moved == (ssize_t)count)
		return TAKT_OK;
	if (moved >= 0)
		return too_small(shm, (long long)moved, count);
	takt_message(TAKT_ERROR, NOUN " %s: cannot %s: %s", shm->name, doing, strerror(errno));
	return takt_port_status(errno) == TAKT_DENIED ? TAKT_DENIED : TAKT_SYSTEM;
}

enum takt_status takt_os_posix_shm_store(struct takt_os_posix_shm *shm, const void *bytes, uint32_t count,
					 uint64_t bound_ns)
{
	enum takt_status status = check_there(shm, count);

	if (status == TAKT_OK)
		status = take(shm, bound_ns);
	if (status != TAKT_OK)
		return status;
	status = outcome(shm, "write it", pwrite(shm->descriptor, bytes, count, 0), count);
	give(shm);
	return status;
}

enum takt_status takt_os_posix_shm_load(struct takt_os_posix_shm *shm, void *bytes, uint32_t count, uint64_t bound_ns)
{
	enum takt_status status = check_there(shm, count);

	if (status == TAKT_OK)
		status = take(shm, bound_ns);
	if (status != TAKT_OK)
		return status;
	status = outcome(shm, "read it", pread(shm->descriptor, bytes, count, 0), count);
	give(shm);
	return status;
}

void takt_os_posix_shm_close(struct takt_os_posix_shm *shm)
{
	if (shm->guard != NULL) {
		(void)sem_close(shm->guard);
		takt_port_close(&shm->descriptor);
	}
	*shm = (struct takt_os_posix_shm){.descriptor = -1};
}
