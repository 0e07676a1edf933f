/* SPDX-License-Identifier: Apache-2.0 */
/* The other side of core/command.h: sends a line to a node and collects its answer. For tools, tests and operators' programs. */
#ifndef TAKT_CORE_COMMANDER_H
#define TAKT_CORE_COMMANDER_H

#include <stdint.h>

#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One line of an answer, without its newline. It comes from another process: escape it before a terminal sees it. */
typedef void (*takt_reply_line)(void *context, const char *line);

/**
 * Sends one line to a node and waits for the answer: through its socket, with this process's credentials; through its pipe where it has
 * no socket.
 * @param domain, node names  @param text the command, without a newline  @param deadline_ns absolute CLOCK_MONOTONIC
 * @param on_line called for each line of the answer, the last included ("ok ..." or "error: ..."); may be NULL
 * @retval TAKT_OK the node answered ok  @retval TAKT_INVALID it answered with an error, or the line is longer than a command may be
 * @retval TAKT_TIMEOUT no answer until the deadline  @retval TAKT_STOPPED this process is asked to end  @retval TAKT_ABSENT no such domain or node
 * @retval TAKT_CLOSED the node is dead, or ended before it answered  @retval TAKT_FULL it had no room for the line until the deadline
 * @retval TAKT_MISMATCH what stands there is no domain's  @retval TAKT_DENIED
 * @retval TAKT_NO_SPACE  @retval TAKT_SYSTEM. Messages but for TAKT_OK, TAKT_STOPPED and an answered error.
 * RT: unsafe; opens and makes descriptors. Threads: any.
 */
TAKT_CHECKED enum takt_status takt_command_send(const char *domain, const char *node, const char *text,
						uint64_t deadline_ns, takt_reply_line on_line, void *context);

#ifdef __cplusplus
}
#endif
#endif
