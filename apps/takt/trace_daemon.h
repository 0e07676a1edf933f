/* SPDX-License-Identifier: Apache-2.0 */
/* LTTng's session daemon, which makes the buffers and writes the trace. */
#ifndef APPS_TAKT_TRACE_DAEMON_H
#define APPS_TAKT_TRACE_DAEMON_H

#include "platform/status.h"

/* Starts one for this user where none runs; it stays. @param wants_kernel 1: with the kernel's tracer
 * @retval TAKT_OK one runs @retval TAKT_ABSENT it is not installed @retval TAKT_SYSTEM. Messages for all others. */
TAKT_CHECKED enum takt_status trace_daemon_start(int wants_kernel);

#endif
