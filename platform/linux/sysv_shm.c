/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/sysv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "platform/clock.h"
#include "platform/linux/sysv.h"
#include "platform/message.h"

static struct takt_port_sysv segment_of(int32_t key)
{
	return (struct takt_port_sysv){"System V segment", key, "ipcs -m", "kernel.shmmni"};
}

static struct takt_port_sysv guard_of(int32_t key)
{
	return (struct takt_port_sysv){"System V semaphore", key, "ipcs -s", "kernel.sem"};
}

/* ---------------------------------------------------------------------------------------------------------- open */

static enum takt_status open_segment(struct takt_os_sysv_shm *shm, uint32_t bytes, int is_writer, int may_create)
{
	const struct takt_port_sysv object = segment_of(shm->key);
	struct shmid_ds found;

	shm->id = shmget(shm->key, 0, is_writer ? 0600 : 0400);
	if (shm->id < 0 && errno == ENOENT && may_create)
		shm->id = shmget(shm->key, bytes, IPC_CREAT | 0600);
	if (shm->id < 0)
		return takt_port_sysv_refused(&object, errno, may_create);
	if (shmctl(shm->id, IPC_STAT, &found) != 0)
		return takt_port_sysv_refused(&object, errno, 0);
	if (found.shm_segsz < bytes) {
		takt_message(
			TAKT_ERROR,
			"%s 0x%08x: it has %zu bytes and the record %u; make the other program's struct and the topic's type "
			"the same (takt topic info)",
			object.noun, (uint32_t)shm->key, found.shm_segsz, bytes);
		return TAKT_LIMIT;
	}
	shm->bytes = found.shm_segsz;
	shm->address = shmat(shm->id, NULL, is_writer ? 0 : SHM_RDONLY);
	if (shm->address != (void *)-1)
		return TAKT_OK;
	shm->address = NULL;
	return takt_port_sysv_refused(&object, errno, 0);
}

static enum takt_status open_guard(struct takt_os_sysv_shm *shm, int may_create)
{
	const struct takt_port_sysv object = guard_of(shm->guard_key);
	/* Born at 0, that is taken, and given free by whoever made it: no other is let in before. */
	struct sembuf give = {0, 1, 0};

	shm->guard = semget(shm->guard_key, 0, 0600);
	if (shm->guard < 0 && errno == ENOENT && may_create) {
		shm->guard = semget(shm->guard_key, 1, IPC_CREAT | IPC_EXCL | 0600);
		if (shm->guard >= 0 && semop(shm->guard, &give, 1) != 0)
			return takt_port_sysv_refused(&object, errno, 0);
		if (shm->guard < 0 && errno == EEXIST)
			shm->guard = semget(shm->guard_key, 0, 0600);
	}
	return shm->guard < 0 ? takt_port_sysv_refused(&object, errno, may_create) : TAKT_OK;
}

enum takt_status takt_os_sysv_shm_open(struct takt_os_sysv_shm *shm, int32_t key, int32_t guard_key, uint32_t bytes,
				       int is_writer, int may_create)
{
	struct takt_os_sysv_shm opened = {.key = key, .guard_key = guard_key};
	enum takt_status status = open_segment(&opened, bytes, is_writer, may_create);

	if (status == TAKT_OK)
		status = open_guard(&opened, may_create);
	if (status == TAKT_OK)
		*shm = opened;
	else
		takt_os_sysv_shm_close(&opened);
	return status;
}

/* --------------------------------------------------------------------------------------------------------- guard */

/* The system gives it back if we die before `give` (SEM_UNDO): a legacy program then waits no longer than our death takes. */
static enum takt_status take(const struct takt_os_sysv_shm *shm, uint64_t bound_ns)
{
	const struct takt_port_sysv object = guard_of(shm->guard_key);
	const uint64_t deadline_ns = takt_os_clock_now_ns() + bound_ns;
	struct sembuf operation = {0, -1, SEM_UNDO};

	for (;;) {
		const uint64_t now_ns = takt_os_clock_now_ns();
		const struct timespec left = takt_port_timespec(deadline_ns > now_ns ? deadline_ns - now_ns : 0);

		if (semtimedop(shm->guard, &operation, 1, &left) == 0)
			return TAKT_OK;
		if (errno == EAGAIN)
			return TAKT_TIMEOUT;
		if (errno != EINTR)
			return takt_port_sysv_lost(&object, "take it", errno);
	}
}

static enum takt_status give(const struct takt_os_sysv_shm *shm)
{
	const struct takt_port_sysv object = guard_of(shm->guard_key);
	struct sembuf operation = {0, 1, SEM_UNDO};

	return semop(shm->guard, &operation, 1) == 0 ? TAKT_OK : takt_port_sysv_lost(&object, "give it back", errno);
}

/* A segment that was removed stays in memory for those who have it, and nobody else ever sees it again. */
static enum takt_status check_there(const struct takt_os_sysv_shm *shm)
{
	struct shmid_ds found;

	if (shmctl(shm->id, IPC_STAT, &found) == 0)
		return found.shm_perm.mode & SHM_DEST ? TAKT_ABSENT : TAKT_OK;
	/* Only reading needs a right here; whoever may not look finds out by the semaphore. */
	return errno == EIDRM || errno == EINVAL ? TAKT_ABSENT : TAKT_OK;
}

enum takt_status takt_os_sysv_shm_store(struct takt_os_sysv_shm *shm, const void *bytes, uint32_t count,
					uint64_t bound_ns)
{
	enum takt_status status = check_there(shm);

	TAKT_ASSERT(count <= shm->bytes);
	if (status == TAKT_OK)
		status = take(shm, bound_ns);
	if (status != TAKT_OK)
		return status;
	memcpy(shm->address, bytes, count);
	return give(shm);
}

enum takt_status takt_os_sysv_shm_load(struct takt_os_sysv_shm *shm, void *bytes, uint32_t count, uint64_t bound_ns)
{
	enum takt_status status = check_there(shm);

	TAKT_ASSERT(count <= shm->bytes);
	if (status == TAKT_OK)
		status = take(shm, bound_ns);
	if (status != TAKT_OK)
		return status;
	memcpy(bytes, shm->address, count);
	return give(shm);
}

void takt_os_sysv_shm_close(struct takt_os_sysv_shm *shm)
{
	if (shm->address != NULL)
		(void)shmdt(shm->address);
	*shm = (struct takt_os_sysv_shm){0};
}
