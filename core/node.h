/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node: this process's membership in a domain.
 *
 *	static struct takt_node node;
 *	if (takt_node_join(&node, NULL, "controller") != TAKT_OK) return 1;
 *	... attach publishers and subscribers, describe parameters and commands, run a loop ...
 *	takt_node_leave(&node);
 *
 * Only nodes that the config lists can join, each once at a time. A node that dies leaves nothing that needs cleaning before it
 * starts again.
 */
#ifndef TAKT_CORE_NODE_H
#define TAKT_CORE_NODE_H

#include <stdint.h>

#include "core/atomic.h"
#include "core/config.h"
#include "core/domain.h"
#include "core/limits.h"
#include "platform/shm.h"
#include "platform/status.h"
#include "platform/thread.h"

#ifdef __cplusplus
extern "C" {
#endif

struct takt_parameters;
struct takt_command;
struct takt_node_shm;
struct takt_access;

/* Descriptors that a node makes for event loops (core/descriptor.h): for each of its threads one of news and one of periods, and one for
 * commands. */
#define TAKT_NODE_DESCRIPTORS_MAX (2 * TAKT_WAITERS_PER_NODE_MAX + 1)

#define TAKT_MAILBOX_TEXT_BYTES 512

/* One command of the node's own on its way to the loop and back. */
struct takt_mailbox {
	TAKT_ATOMIC(uint32_t) state; /* enum in core/command.c */
	uint32_t command_index;
	unsigned char wake[64]; /* a private semaphore, aligned inside */
	char arguments[TAKT_MAILBOX_TEXT_BYTES];
	char reply[TAKT_MAILBOX_TEXT_BYTES];
	int32_t result;
};

/* A membership. Declare it static and zeroed; one thread sets it up. */
struct takt_node {
	char name[TAKT_NAME_BYTES];
	struct takt_domain domain;
	const struct takt_config *config; /* until takt_node_leave */
	const struct takt_config_node *own;
	struct takt_os_shm segment;
	uint64_t token;
	uint32_t node_index;
	uint32_t waiter_first;
	uint32_t waiter_count;
	uint32_t publication_next;
	uint32_t subscription_next;
	TAKT_ATOMIC(uint32_t) lost; /* 1 in a fork's child: the membership is the parent's */
	/* Descriptors, plus one, of the presence files that its publishers, producers and consumers hold: a fork's child closes them too. */
	TAKT_ATOMIC(uint32_t) publisher_descriptors[TAKT_HANDLES_PER_NODE_MAX];
	/* The same for what core/descriptor.h made, each at the place of its thread. */
	TAKT_ATOMIC(uint32_t) event_descriptors[TAKT_NODE_DESCRIPTORS_MAX];
	struct takt_node *next_in_process;

	/* Commands: see core/command.h. */
	int command_pipe;
	int supervisor_pipe;
	int command_socket;
	struct takt_access *access; /* NULL: whoever may send may command */
	struct takt_os_thread command_thread;
	uint32_t command_thread_runs;
	TAKT_ATOMIC(uint32_t) command_thread_ends;
	TAKT_ATOMIC(uint32_t) quit_wanted;
	TAKT_ATOMIC(uint32_t) stop_wanted;
	TAKT_ATOMIC(uint32_t) mail_waits;
	TAKT_ATOMIC(uint32_t)
	loop_waiter_plus_one; /* who executes commands: index of its waiter in the domain + 1; 0 nobody yet */
	struct takt_mailbox mailbox;
	const struct takt_command *commands;
	uint32_t command_count;
	struct takt_parameters *parameters;
};

/**
 * Joins a domain.
 * @param config_path the config file; NULL: the environment variable TAKT_CONFIG, which `takt run` sets
 * @param name the node's name in the config; NULL: the environment variable TAKT_NODE, which `takt run` sets
 * @retval TAKT_OK
 * @retval TAKT_ABSENT no such config, or the config lists no such node  @retval TAKT_INVALID the config is wrong
 * @retval TAKT_BUSY a living process is this node already  @retval TAKT_MISMATCH the running domain was made from another config
 * @retval TAKT_DENIED  @retval TAKT_CORRUPT  @retval TAKT_NO_SPACE  @retval TAKT_LIMIT  @retval TAKT_SYSTEM. Each with a message.
 * RT: start-up only; allocates for the config. Threads: one.
 * From here on SIGTERM and SIGINT ask the loop to end, SIGPIPE is ignored, and core files are off unless the config allows them.
 */
TAKT_CHECKED enum takt_status takt_node_join(struct takt_node *node, const char *config_path, const char *name);

/**
 * Leaves in order: state ended, command thread joined, everything released. Detach publishers and subscribers first. Objects stay.
 * Safe on a node that never joined.
 */
void takt_node_leave(struct takt_node *node);

/**
 * Says "ready" to supervisor and tools, and starts the command thread. A loop does it before its first cycle; call it only in a
 * node without one.
 * @retval TAKT_OK also when it was ready  @retval TAKT_NO_SPACE @retval TAKT_SYSTEM no thread
 */
TAKT_CHECKED enum takt_status takt_node_set_ready(struct takt_node *node);

/* 1 when a quit command or a signal asks this process to end. RT: safe. Threads: any. */
int takt_node_should_quit(const struct takt_node *node);

/* Core's own: gives the calling thread the scheduling and the CPUs that the config lists for the node. @retval as takt_os_thread_schedule */
TAKT_CHECKED enum takt_status takt_node_schedule_thread(const struct takt_node *node);

/* The present time in ns, CLOCK_MONOTONIC: the time base of every sample. RT: safe. */
uint64_t takt_now_ns(void);

/* "running" and so on. */
const char *takt_node_state_name(uint32_t state);

#ifdef __cplusplus
}
#endif
#endif
