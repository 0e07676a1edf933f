/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in order between this process and others: standard input and output, and named pipes anywhere. For bridges; no part of libtakt. */
#ifndef TAKT_PLATFORM_STREAM_H
#define TAKT_PLATFORM_STREAM_H

#include <stdint.h>

#include "platform/status.h"

enum takt_os_stream_end { TAKT_OS_STREAM_INPUT = 0, TAKT_OS_STREAM_OUTPUT = 1 };

/**
 * Opens a named pipe, without waiting for the other end. @param keeps_open reading: holds a writing end too, so that the end of a writer
 * is no end of the stream
 * @retval TAKT_OK  @retval TAKT_CLOSED writing: nobody reads it now; without a message
 * @retval TAKT_ABSENT  @retval TAKT_MISMATCH it is no named pipe  @retval TAKT_DENIED  @retval TAKT_SYSTEM. With a message.
 */
TAKT_CHECKED enum takt_status takt_os_stream_open(int *descriptor, const char *path, enum takt_os_stream_end end,
						  int keeps_open);
/* Makes a named pipe of mode 0600. @retval TAKT_OK also when there is one @retval others with a message */
TAKT_CHECKED enum takt_status takt_os_stream_create(const char *path);
/* This process's own. */
int takt_os_stream_standard(enum takt_os_stream_end end);

/* 1 while the named pipe that was opened still has its name. */
int takt_os_stream_has_name(int descriptor, const char *path);

/**
 * Writes as much as fits now; never waits. @param done how much that was, also on TAKT_FULL
 * @retval TAKT_OK all of it  @retval TAKT_FULL not all  @retval TAKT_CLOSED nobody reads it any more  @retval TAKT_SYSTEM with a message
 */
TAKT_CHECKED enum takt_status takt_os_stream_write(int descriptor, const void *bytes, uint32_t count, uint32_t *done);

/* As takt_os_stream_write, but waits for room until a deadline, whatever asks this process to end meanwhile: for the rest of a record. */
TAKT_CHECKED enum takt_status takt_os_stream_write_until(int descriptor, const void *bytes, uint32_t count,
							 uint64_t deadline_ns, uint32_t *done);

/* Reads what is there; never waits. @retval TAKT_OK @retval TAKT_EMPTY @retval TAKT_CLOSED its end @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_stream_read(int descriptor, void *bytes, uint32_t room, uint32_t *count);

/* Waits until there is something to read, or an end. @retval TAKT_OK @retval TAKT_TIMEOUT @retval TAKT_STOPPED @retval TAKT_SYSTEM */
enum takt_status takt_os_stream_wait(int descriptor, uint64_t deadline_ns);

/* From now on SIGUSR1 asks for a report. */
void takt_os_report_prepare(void);
/* 1 when one was asked for since the last call. */
int takt_os_report_take(void);

#endif
