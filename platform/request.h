/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to a process, through a UNIX datagram socket in a domain's folder. Each arrives whole, with the system's word on who sent it,
 * and brings the way back: a stream socket that its sender made, so that an answer needs no name and no right to the folder, and
 * ends with whoever answers. What a sender passes is foreign: an answer goes to a stream socket of that sender's own and to nothing else,
 * and no write to it waits. No call here blocks without a bound. Names are checked as for takt_os_shm_create.
 */
#ifndef TAKT_PLATFORM_REQUEST_H
#define TAKT_PLATFORM_REQUEST_H

#include <stdint.h>

#include "platform/folder.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_OS_SENDER_GROUPS_MAX 64

/* Who sent a request: with which rights it acted when it did. Its further groups are known where it can be answered and has at most
 * TAKT_OS_SENDER_GROUPS_MAX; else there are none. */
struct takt_os_sender {
	uint32_t user;
	uint32_t group;
	uint32_t further_count;
	uint32_t further_groups[TAKT_OS_SENDER_GROUPS_MAX];
};

struct takt_os_request {
	struct takt_os_sender sender;
	uint32_t bytes;
	int answer; /* close it; -1: the sender wants none, or cannot be answered */
};

/**
 * Makes the socket, in the place of one that this user's earlier life left there.
 * @param rights who may send: here alone everybody may (0666), since each request says who sent it
 * @retval TAKT_OK  @retval TAKT_MISMATCH something else stands there, or another user's  @retval TAKT_EXISTS somebody was faster
 * @retval TAKT_INVALID  @retval TAKT_DENIED  @retval TAKT_NO_SPACE  @retval TAKT_SYSTEM. With a message but for EXISTS.
 * RT: start-up only. Threads: one; nobody else makes this name.
 */
TAKT_CHECKED enum takt_status takt_os_request_bind(int *descriptor, int folder, const char *name,
						   const struct takt_os_rights *rights);

/* To send there. @retval TAKT_OK @retval TAKT_ABSENT no such name @retval TAKT_CLOSED nobody receives there any more
 * @retval TAKT_MISMATCH it is no such socket @retval TAKT_INVALID @retval TAKT_DENIED @retval TAKT_NO_SPACE @retval TAKT_SYSTEM.
 * With a message but for ABSENT and CLOSED. */
TAKT_CHECKED enum takt_status takt_os_request_open(int *descriptor, int folder, const char *name);

/**
 * Sends one request; others that send all the time leave room for it now and then.
 * @param receiver what messages call it  @param text sent without its zero  @param answer where the answer is read, with takt_os_pipe_wait and takt_os_pipe_read; it ends (TAKT_CLOSED) when the receiver has
 *        closed its end, in order or by dying
 * @param deadline_ns absolute
 * @retval TAKT_OK  @retval TAKT_FULL no room until the deadline  @retval TAKT_CLOSED nobody receives any more
 * @retval TAKT_STOPPED  @retval TAKT_LIMIT too long for the system  @retval TAKT_NO_SPACE no descriptors  @retval TAKT_SYSTEM.
 * With a message for NO_SPACE and SYSTEM.
 */
TAKT_CHECKED enum takt_status takt_os_request_send(int descriptor, const char *receiver, const char *text,
						   uint64_t deadline_ns, int *answer);

/**
 * Takes one that is there. @param room bytes
 * @retval TAKT_OK  @retval TAKT_EMPTY none is there
 * @retval TAKT_LIMIT it is longer than `room` and was thrown away; its sender can be told
 * @retval TAKT_INVALID it brings something else than one stream socket of its sender's own, or this process has no descriptor left
 *         for it; it was thrown away  @retval TAKT_SYSTEM
 */
TAKT_CHECKED enum takt_status takt_os_request_receive(int descriptor, void *bytes, uint32_t room,
						      struct takt_os_request *request);

/* Answers; never waits. @retval TAKT_OK @retval TAKT_FULL the sender does not read @retval TAKT_CLOSED it is gone @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_request_answer(int answer, const void *bytes, uint32_t count);

/* Closes a socket of these and sets it to -1; -1 is left alone. The name stays. */
void takt_os_request_close(int *descriptor);

#ifdef __cplusplus
}
#endif
#endif
