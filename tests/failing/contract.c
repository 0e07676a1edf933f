/* SPDX-License-Identifier: Apache-2.0 */
/*
 * takt's own platform functions as core sees them: each asks the plan first, and answers with a status that its header lists, having
 * done nothing. Where the header promises a message, one is given, so that core need not.
 */
#include <stddef.h>

#include "platform/clock.h"
#include "platform/event.h"
#include "platform/file.h"
#include "platform/folder.h"
#include "platform/message.h"
#include "platform/pipe.h"
#include "platform/presence.h"
#include "platform/request.h"
#include "platform/sem.h"
#include "platform/shm.h"
#include "platform/thread.h"
#include "tests/failing/plan.h"

static enum takt_status say(enum function function, int status)
{
	switch (status) {
	case TAKT_ABSENT:
	case TAKT_BUSY:
	case TAKT_EXISTS:
	case TAKT_TIMEOUT:
		break; /* an outcome that only the caller can judge */
	default:
		takt_message(TAKT_ERROR, "object '%s': %s", functions[function].name,
			     takt_status_name((enum takt_status)status));
	}
	return (enum takt_status)status;
}

#define DECLARE(symbol, parameters)                                                                                    \
	enum takt_status __real_##symbol parameters;                                                                   \
	enum takt_status __wrap_##symbol parameters

#define WRAP(symbol, parameters, arguments)                                                                            \
	DECLARE(symbol, parameters);                                                                                   \
	enum takt_status __wrap_##symbol parameters                                                                    \
	{                                                                                                              \
		const int status = plan_next(FN_##symbol);                                                             \
		return status ? say(FN_##symbol, status) : __real_##symbol arguments;                                  \
	}

/* Its header promises no message: the caller must speak. */
#define WRAP_SILENT(symbol, parameters, arguments)                                                                     \
	DECLARE(symbol, parameters);                                                                                   \
	enum takt_status __wrap_##symbol parameters                                                                    \
	{                                                                                                              \
		const int status = plan_next(FN_##symbol);                                                             \
		return status ? (enum takt_status)status : __real_##symbol arguments;                                  \
	}

WRAP(takt_os_folder_open_root, (int *folder), (folder))
WRAP(takt_os_folder_each, (int folder, void (*visit)(void *context, const struct takt_os_entry *entry), void *context),
     (folder, visit, context))
WRAP(takt_os_folder_look, (int folder, const char *name, struct takt_os_entry *entry), (folder, name, entry))
WRAP(takt_os_folder_remove, (int folder, const char *name), (folder, name))
WRAP(takt_os_folder_remove_self, (const char *name), (name))
WRAP_SILENT(takt_os_user_find, (const char *name, uint32_t *id), (name, id))
WRAP_SILENT(takt_os_group_find, (const char *name, uint32_t *id), (name, id))
WRAP(takt_os_shm_create,
     (int folder, const char *name, uint64_t bytes, const struct takt_os_rights *rights,
      void (*fill)(void *context, void *memory), void *context),
     (folder, name, bytes, rights, fill, context))
WRAP(takt_os_shm_open,
     (struct takt_os_shm * shm, int folder, const char *name, enum takt_os_access access,
      const struct takt_os_rights *rights, uint64_t bytes_min),
     (shm, folder, name, access, rights, bytes_min))
WRAP(takt_os_shm_compare, (int folder, const char *name, const struct takt_os_rights *rights), (folder, name, rights))
WRAP(takt_os_shm_prefault, (const struct takt_os_shm *shm, const char *name), (shm, name))
WRAP(takt_os_token_draw, (uint64_t * token), (token))
WRAP(takt_os_random, (uint64_t * number), (number))
WRAP(takt_os_presence_open,
     (struct takt_os_presence * presence, int folder, const char *name, int writable,
      const struct takt_os_rights *rights),
     (presence, folder, name, writable, rights))
WRAP(takt_os_presence_hold, (const struct takt_os_presence *presence, uint64_t offset), (presence, offset))
WRAP(takt_os_presence_share, (const struct takt_os_presence *presence, uint64_t offset), (presence, offset))
WRAP_SILENT(takt_os_fork_guard, (void (*in_child)(void)), (in_child))
WRAP(takt_os_fifo_create, (int folder, const char *name, const struct takt_os_rights *rights), (folder, name, rights))
WRAP(takt_os_fifo_open_reader, (int *descriptor, int folder, const char *name, const struct takt_os_rights *rights),
     (descriptor, folder, name, rights))
WRAP_SILENT(takt_os_pipe_read, (int descriptor, void *buffer, uint32_t bytes, uint32_t *count),
	    (descriptor, buffer, bytes, count))
WRAP_SILENT(takt_os_pipe_write, (int descriptor, const void *bytes_in, uint32_t bytes), (descriptor, bytes_in, bytes))
WRAP_SILENT(takt_os_pipe_write_until, (int descriptor, const void *bytes_in, uint32_t bytes, uint64_t deadline_ns),
	    (descriptor, bytes_in, bytes, deadline_ns))
WRAP_SILENT(takt_os_pipe_wait, (const int *descriptors, uint32_t count, uint64_t deadline_ns, uint32_t *ready_mask),
	    (descriptors, count, deadline_ns, ready_mask))
WRAP(takt_os_request_bind, (int *descriptor, int folder, const char *name, const struct takt_os_rights *rights),
     (descriptor, folder, name, rights))
WRAP_SILENT(takt_os_request_receive, (int descriptor, void *bytes, uint32_t room, struct takt_os_request *request),
	    (descriptor, bytes, room, request))
WRAP_SILENT(takt_os_request_answer, (int answer, const void *bytes, uint32_t count), (answer, bytes, count))
WRAP(takt_os_file_read, (const char *path, char *buffer, uint32_t bytes, uint32_t *count), (path, buffer, bytes, count))
WRAP(takt_os_file_replace, (const char *path, const char *text, uint32_t bytes), (path, text, bytes))
WRAP(takt_os_event_create, (int *descriptor, const char *owner), (descriptor, owner))
WRAP(takt_os_timer_create, (int *descriptor, const char *owner), (descriptor, owner))
WRAP(takt_os_thread_start,
     (struct takt_os_thread * thread, const char *name, void (*run)(void *argument), void *argument),
     (thread, name, run, argument))
WRAP(takt_os_thread_schedule, (const struct takt_os_schedule *schedule), (schedule))
WRAP(takt_os_memory_lock, (void), ())

/* Nobody receives there: for core to explain. */
DECLARE(takt_os_request_open, (int *descriptor, int folder, const char *name));
enum takt_status __wrap_takt_os_request_open(int *descriptor, int folder, const char *name)
{
	const int status = plan_next(FN_takt_os_request_open);

	if (status == TAKT_CLOSED)
		return TAKT_CLOSED;
	return status ? say(FN_takt_os_request_open, status) : __real_takt_os_request_open(descriptor, folder, name);
}

/* The system has said what it refused; the rest is for core to explain. */
DECLARE(takt_os_request_send,
	(int descriptor, const char *receiver, const char *text, uint64_t deadline_ns, int *answer));
enum takt_status __wrap_takt_os_request_send(int descriptor, const char *receiver, const char *text,
					     uint64_t deadline_ns, int *answer)
{
	const int status = plan_next(FN_takt_os_request_send);

	if (status == TAKT_NO_SPACE || status == TAKT_SYSTEM)
		return say(FN_takt_os_request_send, status);
	return status ? (enum takt_status)status
		      : __real_takt_os_request_send(descriptor, receiver, text, deadline_ns, answer);
}

/* Nobody reads it (ENXIO): for core to explain. */
DECLARE(takt_os_fifo_open_writer, (int *descriptor, int folder, const char *name));
enum takt_status __wrap_takt_os_fifo_open_writer(int *descriptor, int folder, const char *name)
{
	const int status = plan_next(FN_takt_os_fifo_open_writer);

	if (status == TAKT_CLOSED)
		return TAKT_CLOSED;
	return status ? say(FN_takt_os_fifo_open_writer, status)
		      : __real_takt_os_fifo_open_writer(descriptor, folder, name);
}

/* A sleep that lasts to its deadline: whatever was posted meanwhile is lost. */
DECLARE(takt_os_sem_wait_until, (struct takt_os_sem * sem, uint32_t prepared, uint64_t deadline_ns));
enum takt_status __wrap_takt_os_sem_wait_until(struct takt_os_sem *sem, uint32_t prepared, uint64_t deadline_ns)
{
	if (plan_next(FN_takt_os_sem_wait_until) == 0)
		return __real_takt_os_sem_wait_until(sem, prepared, deadline_ns);
	(void)takt_os_clock_sleep_until(deadline_ns);
	return TAKT_TIMEOUT;
}

/* Where it is to be made, its absence is that of the root, and said. */
DECLARE(takt_os_folder_open, (int *folder, const char *name, const struct takt_os_rights *rights));
enum takt_status __wrap_takt_os_folder_open(int *folder, const char *name, const struct takt_os_rights *rights)
{
	const int status = plan_next(FN_takt_os_folder_open);

	if (status == TAKT_ABSENT && rights != NULL)
		takt_message(TAKT_ERROR, "folder '%s': the root is absent", name);
	return status ? say(FN_takt_os_folder_open, status) : __real_takt_os_folder_open(folder, name, rights);
}
