/* SPDX-License-Identifier: Apache-2.0 */
/* Between the command thread (command_thread.c) and what obeys a line (command.c). Internal to core. */
#ifndef TAKT_CORE_COMMAND_LINE_H
#define TAKT_CORE_COMMAND_LINE_H

#include "core/node.h"

/* Obeys one line, or says why not. @param collected what takt_line_collect said of it. Threads: the command thread. */
void takt_command_handle(struct takt_node *node, const char *text, enum takt_status collected);

/* Wakes whoever executes commands: a loop that sleeps, or an event loop through its descriptor. Threads: the command thread. */
void takt_command_wake_loop(struct takt_node *node);

/* Makes the mailbox ready for the first command of the node's own. */
void takt_command_mailbox_init(struct takt_node *node);

#endif
