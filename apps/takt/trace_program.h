/* SPDX-License-Identifier: Apache-2.0 */
/* A program that is run to its end, with a bound: LTTng's session daemon, which goes to the background by itself, and babeltrace2. */
#ifndef APPS_TAKT_TRACE_PROGRAM_H
#define APPS_TAKT_TRACE_PROGRAM_H

#include <stdint.h>

#include "platform/status.h"

#define TRACE_PROGRAM_TEXT_BYTES 4096

struct trace_program_end {
	int code;			     /* exit code; -1: ended by a signal */
	char text[TRACE_PROGRAM_TEXT_BYTES]; /* the beginning of what it printed */
};

/**
 * @param deadline_ns absolute; a program that still runs then is killed
 * @retval TAKT_OK it has ended, by itself @retval TAKT_TIMEOUT it was killed, without a message @retval others it was not started, with one
 */
TAKT_CHECKED enum takt_status trace_program_run(const char *const *arguments, uint64_t deadline_ns,
						struct trace_program_end *end);

#endif
