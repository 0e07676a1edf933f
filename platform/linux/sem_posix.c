/* SPDX-License-Identifier: Apache-2.0 */
/* The same contract on POSIX sem_t. The C library keeps its own words in the storage and believes them: only for domains whose
 * members trust each other. The memory order is that of sem_post and sem_wait, which POSIX defines as synchronising. */
#include "platform/linux/port.h"

#include "platform/sem.h"

#include <errno.h>
#include <semaphore.h>
#include <string.h>

#include "platform/clock.h"
#include "platform/linux/sem_wait.h"
#include "platform/message.h"

_Static_assert(sizeof(sem_t) <= sizeof(struct takt_os_sem), "the storage holds the system's semaphore");
_Static_assert(_Alignof(sem_t) <= _Alignof(struct takt_os_sem), "the storage is aligned for the system's semaphore");

/* Old posts that a waiter takes away at most: what is left costs one spurious wake-up each, which nobody notices. */
#define DRAIN_COUNT_MAX 64

static sem_t *sem_of(struct takt_os_sem *sem)
{
	return (sem_t *)(void *)sem->storage;
}

enum takt_os_sem_kind takt_os_sem_kind(void)
{
	return TAKT_OS_SEM_POSIX;
}

void takt_os_sem_init(struct takt_os_sem *sem)
{
	memset(sem->storage, 0, sizeof(sem->storage));
	TAKT_ASSERT(sem_init(sem_of(sem), 1, 0) == 0);
}

uint32_t takt_os_sem_prepare(struct takt_os_sem *sem)
{
	for (unsigned drained = 0; drained < DRAIN_COUNT_MAX && sem_trywait(sem_of(sem)) == 0; drained++)
		;
	return 0;
}

enum takt_status takt_os_sem_wait_until(struct takt_os_sem *sem, uint32_t prepared, uint64_t deadline_ns)
{
	int error;

	(void)prepared;
	do
		error = takt_port_sem_wait(sem_of(sem), deadline_ns);
	while (error == EINTR);
	if (error == 0)
		return TAKT_OK;
	if (error != ETIMEDOUT)
		(void)takt_os_clock_sleep_until(deadline_ns);
	return TAKT_TIMEOUT;
}

void takt_os_sem_post(struct takt_os_sem *sem)
{
	/* A full counter (EOVERFLOW) has enough posts in it already. */
	(void)sem_post(sem_of(sem));
}
