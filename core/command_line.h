/* SPDX-License-Identifier: Apache-2.0 */
/* Between the command thread (command_thread.c) and what obeys a line (command.c). Internal to core. */
#ifndef TAKT_CORE_COMMAND_LINE_H
#define TAKT_CORE_COMMAND_LINE_H

#include "core/node.h"
#include "platform/request.h"

#define TAKT_COMMAND_SOCKET_PREFIX "socket" /* of its name in the domain's folder */

/* Where a line came from. */
struct takt_command_origin {
	const struct takt_os_sender *sender; /* NULL: a pipe, whose mode says who writes there */
	int answer;			     /* of a request; -1: to the node's own messages */
};

/* Obeys one line, or says why not. @param wrong NULL, or what its reader found wrong with it. Threads: the command thread. */
void takt_command_handle(struct takt_node *node, const struct takt_command_origin *origin, const char *text,
			 const char *wrong);

/* Wakes whoever executes commands: a loop that sleeps, or an event loop through its descriptor. Threads: the command thread. */
void takt_command_wake_loop(struct takt_node *node);

/* Makes the mailbox ready for the first command of the node's own. */
void takt_command_mailbox_init(struct takt_node *node);

#endif
