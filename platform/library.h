/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Libraries that a program takes in where the system has them, and does without where not: libtakt LTTng at start-up, in builds with
 * TAKT_TRACING; the takt command what it reads and records traces with.
 */
#ifndef TAKT_PLATFORM_LIBRARY_H
#define TAKT_PLATFORM_LIBRARY_H

#include <stdint.h>

#include "platform/status.h"

#define TAKT_OS_LIBRARY_STACK_BYTES 524288 /* 512 KiB: stack of a thread that a library starts while it is loaded */

/* A function of a library, to be cast to its own type. */
typedef void (*takt_os_library_function)(void);

/**
 * Takes in a shared library for the rest of the process's life, all its symbols bound. That is done by a thread of ordinary priority on
 * the CPUs that the process had when it started, so that threads which the library starts have the same, and stacks of
 * TAKT_OS_LIBRARY_STACK_BYTES: locking a process's memory brings stacks in whole.
 * @param name a file name, looked for where the system and the program's run path say; or a path, where it has a slash
 * @param library the library, for takt_os_library_find; on TAKT_OK only
 * @param why at least 256 bytes: what the system says where it cannot be loaded
 * @retval TAKT_OK  @retval TAKT_ABSENT it, or one that it needs, is not there or cannot be used: `why`
 * @retval TAKT_NO_SPACE @retval TAKT_SYSTEM no thread, with a message and in `why`
 * RT: start-up only. Threads: one at a time.
 */
TAKT_CHECKED enum takt_status takt_os_library_load(const char *name, void **library, char *why, uint32_t why_bytes);

/* A function of a loaded library by its name; NULL when it has none of that name. */
takt_os_library_function takt_os_library_find(void *library, const char *name);

#endif
