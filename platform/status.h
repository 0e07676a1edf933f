/* SPDX-License-Identifier: Apache-2.0 */
/* Every outcome that a takt function can report. The numbers never change: they are stored, logged and compared. */
#ifndef TAKT_PLATFORM_STATUS_H
#define TAKT_PLATFORM_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_FOREVER UINT64_MAX /* a deadline that does not come */

enum takt_status {
	TAKT_OK = 0,
	TAKT_EMPTY = -1,	/* nothing new is there */
	TAKT_TIMEOUT = -2,	/* the deadline or the bound passed; nothing was changed */
	TAKT_FULL = -3,		/* a configured number of things is in use: loans, borrows, pipe */
	TAKT_OVERTAKEN = -4,	/* the publisher overwrote the sample while it was copied, in every bounded try */
	TAKT_CORRUPT = -5,	/* shared memory or a file holds what no correct process writes */
	TAKT_ABSENT = -6,	/* the named object does not exist */
	TAKT_NOT_READY = -7,	/* the object exists and is not complete yet */
	TAKT_MISMATCH = -8,	/* the object exists and differs from what this process expects */
	TAKT_DENIED = -9,	/* the operating system or the object's owner does not permit it */
	TAKT_BUSY = -10,	/* somebody who lives holds it */
	TAKT_INVALID = -11,	/* text, a number or a file from outside is malformed or out of range */
	TAKT_EXISTS = -12,	/* the object is there already */
	TAKT_NO_SPACE = -13,	/* memory, descriptors or disk are used up */
	TAKT_LIMIT = -14,	/* a fixed limit of takt or of the config would be passed */
	TAKT_SYSTEM = -15,	/* the operating system failed in a way that has no status of its own */
	TAKT_CLOSED = -16,	/* the other end, or this handle (after a fork), is gone */
	TAKT_UNSUPPORTED = -17, /* this machine or this build lacks the feature */
	TAKT_STOPPED = -18	/* a stop was requested (signal, command) */
};

#define TAKT_STATUS_COUNT 19

/* The caller must look at the result. */
#define TAKT_CHECKED __attribute__((warn_unused_result))

/**
 * The name of a status, for messages and tables.
 * @param status any value, also one that is no status
 * @retval a constant string, for instance "timeout"; "unknown status" for a number that is none
 * RT: safe. Threads: any.
 */
const char *takt_status_name(enum takt_status status);

#ifdef __cplusplus
}
#endif
#endif
