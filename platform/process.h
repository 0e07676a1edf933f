/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and watching programs: for the supervisor. A process is known by a descriptor of its own, never by its number. */
#ifndef TAKT_PLATFORM_PROCESS_H
#define TAKT_PLATFORM_PROCESS_H

#include <stdint.h>

#include "platform/status.h"

/* A started program. Zero-initialise; `descriptor` is valid while `running` is 1. */
struct takt_os_process {
	uint32_t id;
	int descriptor; /* becomes readable when the process has ended; -1 before Linux 5.3: reap now and then instead */
	int running;
	int output;   /* read end of its standard output and error */
	int commands; /* write end of its command pipe */
};

struct takt_os_end {
	int signalled; /* 1: ended by signal `code`, 0: exited with `code` */
	int code;      /* -1: the system does not know any more (this program ignores SIGCHLD, or waited itself) */
};

/**
 * Starts a program with its standard output and error on one pipe and an anonymous command pipe.
 * @param arguments argv, NULL-terminated; arguments[0] is searched in PATH when it has no slash
 * @param environment "NAME=value" strings to add, NULL-terminated. TAKT_COMMAND_DESCRIPTOR is added by this function.
 * The child makes no file writable for everybody unless it sets its own umask. It starts with default signal handling, in a process group of its own (so that Ctrl-C reaches only the supervisor), and
 * lives on if the supervisor dies.
 * @retval TAKT_OK  @retval TAKT_ABSENT no such program  @retval TAKT_DENIED not executable  @retval TAKT_NO_SPACE
 * @retval TAKT_LIMIT too many environment variables  @retval TAKT_SYSTEM
 */
TAKT_CHECKED enum takt_status takt_os_process_start(struct takt_os_process *process, const char *const *arguments,
						    const char *const *environment);

enum takt_os_process_signal { TAKT_OS_PROCESS_TERMINATE = 1, TAKT_OS_PROCESS_KILL = 2 };

/* Sends it to exactly this process. @retval TAKT_OK @retval TAKT_ABSENT it has ended @retval TAKT_DENIED */
TAKT_CHECKED enum takt_status takt_os_process_signal(const struct takt_os_process *process,
						     enum takt_os_process_signal signal);

/* Takes its end, without waiting. @retval TAKT_OK `end` is filled, running is 0 @retval TAKT_EMPTY it still runs */
TAKT_CHECKED enum takt_status takt_os_process_reap(struct takt_os_process *process, struct takt_os_end *end);

/* Closes the pipes and the descriptor; the process itself is left alone. Safe on one that was never started. */
void takt_os_process_close(struct takt_os_process *process);

/* The name of a signal number ("SIGKILL"), or "signal". */
const char *takt_os_signal_name(int number);

/* The folder that holds this program's own file, without a slash at its end. @retval TAKT_OK @retval TAKT_LIMIT @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_program_folder(char *path, uint32_t bytes);

#endif
