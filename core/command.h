/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands: lines of text that a node reads from its datagram socket, from its named pipe, and from its supervisor's anonymous one.
 *
 *	[@REPLY] VERB [ARGUMENTS]\n		at most TAKT_LINE_BYTES_MAX bytes, in one write
 *
 *	echo "set kp=1.2 kd=0.3" > /dev/shm/takt.robot/command.controller
 *
 * Every node knows: ping, status, help, params, get NAME ..., set NAME=VALUE ..., save, start, stop, quit; and its own.
 * Answers go, line by line, to the pipe REPLY in the domain's folder; the last line begins with "ok" or "error". Without a reply name
 * they go to the node's standard error. What is malformed, unknown or out of range changes nothing.
 *
 * A datagram to the socket (core/commander.h sends them) is one command without a reply name; it brings a stream socket for the answer,
 * and the system says who sent it. With `access` in the config its rules say who may do what, and the named pipe is this user's alone.
 *
 * States of a node: starting -> ready -> running <-> stopped -> ended. A stopped node runs no cycles and obeys commands.
 */
#ifndef TAKT_CORE_COMMAND_H
#define TAKT_CORE_COMMAND_H

#include <stdint.h>

#include "core/node.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A command of the node's own. Runs in the loop's thread between two cycles, so it may touch what the cycle touches; it must be as
 * quick as a cycle.
 * @param arguments what stands behind the verb, zero-terminated
 * @param reply what to answer in one line; empty for a plain "ok"
 * @retval TAKT_OK  @retval any other status: answered as an error
 */
typedef enum takt_status (*takt_command_handler)(void *context, const char *arguments, char *reply,
						 uint32_t reply_bytes);

struct takt_command {
	const char *verb; /* a valid name, none of the standard ones */
	const char *help; /* one line */
	takt_command_handler handler;
	void *context;
};

/**
 * Gives a node its own commands, before it is ready.
 * @param commands stays the caller's and must live as long as the node
 * @retval TAKT_OK  @retval TAKT_LIMIT more than TAKT_COMMAND_COUNT_MAX  @retval TAKT_INVALID a verb is no name, or standard, or twice
 */
TAKT_CHECKED enum takt_status takt_commands_set(struct takt_node *node, const struct takt_command *commands,
						uint32_t command_count);

/**
 * Runs a command of the node's own that waits. A loop does it between cycles; a node without a loop calls it in its own.
 * RT: as safe as the handler. Threads: one of the node.
 */
void takt_commands_run(struct takt_node *node);

/* ------------------------------------------------------------------------------ for core's node, not for programs */

TAKT_CHECKED enum takt_status takt_commands_open(struct takt_node *node);
TAKT_CHECKED enum takt_status takt_commands_start(struct takt_node *node);
void takt_commands_close(struct takt_node *node);

#ifdef __cplusplus
}
#endif
#endif
