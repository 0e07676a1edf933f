/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pipes, named and anonymous, for command lines. A write of at most TAKT_OS_PIPE_ATOMIC_BYTES is never torn or mixed with
 * another's. No call here blocks without a bound. A named pipe is opened only if it is one, and never through a link.
 * Names are checked as for takt_os_shm_create (TAKT_INVALID). A write to a pipe without a reader raises SIGPIPE unless
 * takt_os_process_prepare was called, which ignores it.
 */
#ifndef TAKT_PLATFORM_PIPE_H
#define TAKT_PLATFORM_PIPE_H

#include <stdint.h>

#include "platform/folder.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_OS_PIPE_ATOMIC_BYTES  4096
#define TAKT_OS_PIPE_WAIT_MAX	   8
#define TAKT_OS_PIPE_WAIT_MANY_MAX 512

/* Makes a named pipe with exactly these rights. @retval TAKT_OK @retval TAKT_EXISTS @retval TAKT_DENIED @retval TAKT_NO_SPACE @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_fifo_create(int folder, const char *name, const struct takt_os_rights *rights);

/* Opens it for reading and holds a writing end too, so that it never reports an end of file. The rights are checked as for
 * takt_os_shm_open. @retval TAKT_OK @retval TAKT_ABSENT, without a message @retval TAKT_MISMATCH @retval TAKT_DENIED
 * @retval TAKT_NO_SPACE @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_fifo_open_reader(int *descriptor, int folder, const char *name,
						       const struct takt_os_rights *rights);

/* Opens it for writing. @retval TAKT_OK @retval TAKT_ABSENT no such pipe @retval TAKT_CLOSED nobody reads it
 * @retval TAKT_MISMATCH it is not a pipe @retval TAKT_DENIED @retval TAKT_NO_SPACE @retval TAKT_SYSTEM. Messages but for ABSENT and
 * CLOSED. */
TAKT_CHECKED enum takt_status takt_os_fifo_open_writer(int *descriptor, int folder, const char *name);

/* An anonymous pipe; both ends are closed on exec and do not block. @retval TAKT_OK @retval TAKT_NO_SPACE */
TAKT_CHECKED enum takt_status takt_os_pipe_create(int *reader, int *writer);

/* Closes it and sets it to -1; -1 is left alone. */
void takt_os_pipe_close(int *descriptor);

/* Reads what is there. @retval TAKT_OK *count >= 1 bytes @retval TAKT_EMPTY nothing now @retval TAKT_CLOSED end of file @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_pipe_read(int descriptor, void *buffer, uint32_t bytes, uint32_t *count);

/* Writes all or nothing. @param bytes at most TAKT_OS_PIPE_ATOMIC_BYTES
 * @retval TAKT_OK @retval TAKT_FULL no room now @retval TAKT_CLOSED nobody reads @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_pipe_write(int descriptor, const void *bytes_in, uint32_t bytes);

/**
 * The same, and waits for room. Others that write all the time get theirs too: each room is raced for.
 * @param deadline_ns absolute
 * @retval TAKT_OK @retval TAKT_FULL no room until the deadline @retval TAKT_STOPPED @retval TAKT_CLOSED @retval TAKT_SYSTEM
 */
TAKT_CHECKED enum takt_status takt_os_pipe_write_until(int descriptor, const void *bytes_in, uint32_t bytes,
						       uint64_t deadline_ns);

/**
 * Waits until one of the descriptors can be read or has ended. A stop is seen within 100 ms, whichever thread its signal hit.
 * @param descriptors at most TAKT_OS_PIPE_WAIT_MAX; negative ones are ignored
 * @param ready_mask bit i: descriptor i  @param deadline_ns absolute; TAKT_FOREVER is allowed here, for threads without a bound
 * @retval TAKT_OK  @retval TAKT_TIMEOUT  @retval TAKT_STOPPED a stop was requested  @retval TAKT_SYSTEM
 */
TAKT_CHECKED enum takt_status takt_os_pipe_wait(const int *descriptors, uint32_t count, uint64_t deadline_ns,
						uint32_t *ready_mask);

/**
 * The same for many, and it does not look at stop requests: for a supervisor, which has work to do after one.
 * @param descriptors at most TAKT_OS_PIPE_WAIT_MANY_MAX; negative ones are ignored; a signal may end the wait early
 * @param ready 1 for each that is ready, else 0  @param deadline_ns absolute, finite
 * @retval TAKT_OK  @retval TAKT_TIMEOUT nothing is ready: the deadline, or a signal  @retval TAKT_SYSTEM
 */
TAKT_CHECKED enum takt_status takt_os_pipe_wait_many(const int *descriptors, uint32_t count, uint64_t deadline_ns,
						     unsigned char *ready);

/* A descriptor number inherited from the parent process, made private (closed on exec, not blocking).
 * @retval TAKT_OK @retval TAKT_INVALID it is no open pipe */
TAKT_CHECKED enum takt_status takt_os_pipe_adopt(int descriptor);

#ifdef __cplusplus
}
#endif
#endif
