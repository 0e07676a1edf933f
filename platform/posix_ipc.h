/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What other programs have in POSIX: message queues, and shared memory that a named semaphore guards. For bridges, which are processes
 * of their own; no part of libtakt. Statuses as in platform/sysv.h. Names begin with a slash and have no other.
 */
#ifndef TAKT_PLATFORM_POSIX_IPC_H
#define TAKT_PLATFORM_POSIX_IPC_H

#include <stdint.h>

#include "platform/status.h"

#define TAKT_OS_POSIX_NAME_BYTES 256

/* @retval TAKT_OK @retval TAKT_INVALID with a message. @param noun "POSIX message queue" */
TAKT_CHECKED enum takt_status takt_os_posix_name_check(const char *noun, const char *name);

/* A message queue. Zero-initialise. */
struct takt_os_posix_queue {
	int descriptor; /* can be waited for; valid while `message` is not NULL */
	uint32_t bytes_max;
	char *message; /* room for the longest that may come */
	char name[TAKT_OS_POSIX_NAME_BYTES];
};

/* As takt_os_sysv_queue_open; one that is made holds 10 messages of `bytes_max`. */
TAKT_CHECKED enum takt_status takt_os_posix_queue_open(struct takt_os_posix_queue *queue, const char *name,
						       uint32_t bytes_max, int is_sender, int may_create);
/* @param priority 0 to 32767 @retval TAKT_OK @retval TAKT_FULL @retval TAKT_LIMIT the priority */
TAKT_CHECKED enum takt_status takt_os_posix_queue_send(struct takt_os_posix_queue *queue, uint32_t priority,
						       const void *bytes, uint32_t count);
/* @retval TAKT_OK @retval TAKT_EMPTY @retval TAKT_LIMIT one longer than `room` was taken and thrown away */
TAKT_CHECKED enum takt_status takt_os_posix_queue_receive(struct takt_os_posix_queue *queue, void *bytes, uint32_t room,
							  uint32_t *count, uint32_t *priority);
void takt_os_posix_queue_close(struct takt_os_posix_queue *queue);

/* A shared-memory object and the named semaphore that guards it, 1 while the object is free. Zero-initialise. */
struct takt_os_posix_shm {
	int descriptor;
	void *guard; /* NULL: not open */
	int has_complained;
	char name[TAKT_OS_POSIX_NAME_BYTES];
	char guard_name[TAKT_OS_POSIX_NAME_BYTES];
};

/* As takt_os_sysv_shm_open. */
TAKT_CHECKED enum takt_status takt_os_posix_shm_open(struct takt_os_posix_shm *shm, const char *name,
						     const char *guard_name, uint32_t bytes, int is_writer,
						     int may_create);
/* Copies while it holds the semaphore. Nobody gives that back for a holder that died: the bound is all there is. The object is written
 * and read, not mapped: one that is cut off is TAKT_LIMIT and no signal.
 * @retval TAKT_OK @retval TAKT_TIMEOUT not free within the bound @retval TAKT_LIMIT it has become too small */
TAKT_CHECKED enum takt_status takt_os_posix_shm_store(struct takt_os_posix_shm *shm, const void *bytes, uint32_t count,
						      uint64_t bound_ns);
TAKT_CHECKED enum takt_status takt_os_posix_shm_load(struct takt_os_posix_shm *shm, void *bytes, uint32_t count,
						     uint64_t bound_ns);
void takt_os_posix_shm_close(struct takt_os_posix_shm *shm);

#endif
