/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors that stand for something that is no file: an event, readable from its post until it is drained, and a timer, readable
 * from its time on until it is set anew. They are what an event loop of somebody else's (epoll, libuv, libevent, GLib) can wait for.
 * Both belong to this process, do not block, and are closed on exec.
 */
#ifndef TAKT_PLATFORM_EVENT_H
#define TAKT_PLATFORM_EVENT_H

#include <stdint.h>

#include "platform/status.h"

/* Makes an event that nobody has posted. @param owner whose it is, for the message. @retval TAKT_OK  @retval TAKT_NO_SPACE too many open files, or no memory, with a message */
TAKT_CHECKED enum takt_status takt_os_event_create(int *descriptor, const char *owner);

/* Makes it readable. Many posts are as one to who drains it; a post cannot fail, block or be lost: a count that is full is readable
 * already. RT: safe; one system call. Threads: any, also while another drains it. */
void takt_os_event_post(int descriptor);

/* Makes it unreadable until the next post. Post and drain are in one order: what was posted after this call began is seen by it or
 * makes the descriptor readable again. @retval 1 it was posted  @retval 0 it was not. RT: safe; one system call. */
int takt_os_event_drain(int descriptor);

/* Makes a timer of CLOCK_MONOTONIC that is not set. @retval TAKT_OK  @retval TAKT_NO_SPACE as for an event, with a message */
TAKT_CHECKED enum takt_status takt_os_timer_create(int *descriptor, const char *owner);

/**
 * Sets it to an absolute time, whatever it was set to before: it is unreadable until then, and readable from then on until it is set again.
 * @param deadline_ns CLOCK_MONOTONIC; one that has passed makes it readable at once; TAKT_FOREVER: never
 * RT: safe; one system call.
 */
void takt_os_timer_set(int descriptor, uint64_t deadline_ns);

/* Closes either and sets it to -1; -1 is left alone. */
void takt_os_event_close(int *descriptor);

#endif
