/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What other programs have in System V: message queues, and shared memory that a semaphore guards. For bridges, which are processes of
 * their own; no part of libtakt. No call here blocks without a bound, and nothing that is found is believed: sizes are the kernel's.
 *
 * Statuses of send, receive, store and load: TAKT_ABSENT the object was removed (this handle is of no more use; open another),
 * TAKT_DENIED, TAKT_SYSTEM with a message, and those that stand at each.
 */
#ifndef TAKT_PLATFORM_SYSV_H
#define TAKT_PLATFORM_SYSV_H

#include <stdint.h>

#include "platform/status.h"

/* The value of a system control such as "kernel.msgmni", for messages; "?" where it cannot be read. */
struct takt_os_control {
	char text[64];
};
struct takt_os_control takt_os_control_read(const char *name);

/**
 * A key as a person writes it: a number ("0x5441", "21569"), or "PATH[,PROJECT]" as ftok makes it, project 1 to 255, by default 1.
 * @retval TAKT_OK  @retval TAKT_INVALID  @retval TAKT_ABSENT no such path  @retval TAKT_DENIED. With a message.
 */
TAKT_CHECKED enum takt_status takt_os_sysv_key(const char *text, int32_t *key);

/* A message queue. Zero-initialise. */
struct takt_os_sysv_queue {
	int id;
	int32_t key;
	uint32_t bytes_max; /* of one message */
	void *message;	    /* type and text on their way */
};

/**
 * Finds the queue, or makes it with mode 0600.
 * @param bytes_max longest message that will be sent or is expected; a queue that cannot hold it is TAKT_LIMIT when `is_sender`
 * @retval TAKT_OK  @retval TAKT_ABSENT  @retval TAKT_DENIED  @retval TAKT_LIMIT  @retval TAKT_NO_SPACE names the system control
 * @retval TAKT_SYSTEM. Each with a message.
 */
TAKT_CHECKED enum takt_status takt_os_sysv_queue_open(struct takt_os_sysv_queue *queue, int32_t key, uint32_t bytes_max,
						      int is_sender, int may_create);
/* @param type above 0 @retval TAKT_OK @retval TAKT_FULL */
TAKT_CHECKED enum takt_status takt_os_sysv_queue_send(struct takt_os_sysv_queue *queue, long type, const void *bytes,
						      uint32_t count);
/* @param type only this one; 0: whatever comes first, and then its type @retval TAKT_OK @retval TAKT_EMPTY
 * @retval TAKT_LIMIT one longer than `room` was taken and thrown away */
TAKT_CHECKED enum takt_status takt_os_sysv_queue_receive(struct takt_os_sysv_queue *queue, long *type, void *bytes,
							 uint32_t room, uint32_t *count);
void takt_os_sysv_queue_close(struct takt_os_sysv_queue *queue);

/* A segment and the semaphore that guards it: number 0 of its set, 1 while the segment is free. Zero-initialise. */
struct takt_os_sysv_shm {
	int id;
	int guard;
	int32_t key;
	int32_t guard_key;
	void *address; /* NULL: not open */
	uint64_t bytes;
};

/**
 * Finds segment and semaphore, or makes what is absent, of `bytes` bytes and free, with mode 0600.
 * @param bytes a smaller segment is TAKT_LIMIT
 * @retval as takt_os_sysv_queue_open
 */
TAKT_CHECKED enum takt_status takt_os_sysv_shm_open(struct takt_os_sysv_shm *shm, int32_t key, int32_t guard_key,
						    uint32_t bytes, int is_writer, int may_create);
/* Copies into or out of the segment's beginning, at most its size, while it holds the semaphore. That is taken with SEM_UNDO: the
 * system gives it back if this process dies meanwhile. @retval TAKT_OK @retval TAKT_TIMEOUT not free within the bound */
TAKT_CHECKED enum takt_status takt_os_sysv_shm_store(struct takt_os_sysv_shm *shm, const void *bytes, uint32_t count,
						     uint64_t bound_ns);
TAKT_CHECKED enum takt_status takt_os_sysv_shm_load(struct takt_os_sysv_shm *shm, void *bytes, uint32_t count,
						    uint64_t bound_ns);
void takt_os_sysv_shm_close(struct takt_os_sysv_shm *shm);

#endif
