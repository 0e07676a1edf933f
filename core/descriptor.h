/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors for a node that has an event loop of its own (epoll, libuv, libevent, GLib): it waits for them as for its sockets, and calls
 * takt when one of them is readable. Nothing here is shared with other processes.
 *
 *	static struct takt_loop_descriptors cycle;	its periods and its commands, around a takt_loop that is never slept in
 *	static struct takt_news_descriptor news;	news of topics and queues, from one helper thread
 *	takt_loop_begin(&loop, &node, &options);
 *	takt_loop_descriptors_open(&cycle, &loop);	watch cycle.period and cycle.command
 *	takt_waiter_init(&waiter, &node, 1);		`waiters: 2` in the config: the loop has one, the helper the other
 *	takt_waiter_add(&waiter, &subscriber);
 *	takt_news_descriptor_start(&news, &waiter);	watch news.descriptor
 *
 *	when cycle.period or cycle.command is readable, and once before the first wait:
 *		while ((status = takt_loop_descriptors_next(&cycle)) == TAKT_OK)
 *			... one cycle ...
 *		if (status != TAKT_EMPTY)
 *			... end ...
 *	when news.descriptor is readable:
 *		takt_news_descriptor_drain(&news);
 *		... read until TAKT_EMPTY, or as much as this turn may take ...
 *		takt_news_descriptor_arm(&news);
 *
 * Level- and edge-triggered watching both work. All are closed on exec and in a fork's child, where these calls answer TAKT_CLOSED.
 */
#ifndef TAKT_CORE_DESCRIPTOR_H
#define TAKT_CORE_DESCRIPTOR_H

#include <stdint.h>

#include "core/atomic.h"
#include "core/limits.h"
#include "core/loop.h"
#include "core/topic.h"
#include "core/waiter.h"
#include "platform/status.h"
#include "platform/thread.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------------------------------------- periods and commands */

/* A loop's two. Declare it static and zeroed. */
struct takt_loop_descriptors {
	struct takt_loop *loop; /* NULL: not open */
	int period;		/* a timer: readable when a cycle is due; stays silent where the loop has no period */
	int command; /* readable when a command came, or the node is to end; -1 for a loop that is not the node's first */
	uint64_t set_ns; /* what the timer was set to last */
};

/**
 * Opens the descriptors of a loop that has begun. The loop's cycles, statistics, parameters, state and overruns are as with takt_loop_next,
 * which is not called any more.
 * @retval TAKT_OK  @retval TAKT_BUSY this loop's descriptors are open already, with a message  @retval TAKT_CLOSED after a fork
 * @retval TAKT_NO_SPACE too many open files, with a message
 * RT: start-up only. Threads: the loop's.
 */
TAKT_CHECKED enum takt_status takt_loop_descriptors_open(struct takt_loop_descriptors *descriptors,
							 struct takt_loop *loop);

/**
 * Ends the present cycle, obeys commands, and says whether a cycle is due. To be called when one of the descriptors is readable, until it
 * does not return TAKT_OK; it makes them unreadable. An event-driven loop calls it when there are news, too.
 * @retval TAKT_OK run one cycle now; `loop->cause` tells why  @retval TAKT_EMPTY wait for the descriptors again
 * @retval TAKT_STOPPED a quit command or a signal: end the loop. A signal is told within 100 ms, whichever thread it hit
 * @retval TAKT_CLOSED after a fork
 * RT: safe; takt_loop_try_next, and before a wait two system calls more. Threads: the loop's.
 */
TAKT_CHECKED enum takt_status takt_loop_descriptors_next(struct takt_loop_descriptors *descriptors);

/* Closes them, before the loop is ended. Take them out of the event loop before. Safe on one that is not open. */
void takt_loop_descriptors_close(struct takt_loop_descriptors *descriptors);

/* --------------------------------------------------------------------------------------------------------------- news */

/*
 * News of a waiter's topics and queues. Declare it static and zeroed.
 *
 * One helper thread sleeps in takt_wait_until, like any other waiter. It calls once, then keeps still until it is armed again, so that
 * samples which lie unread cost nothing, however many come: neither it nor a publisher does anything for them. Armed, it looks from where
 * each subscriber had read to at that moment: what came between the last read and the arming makes the descriptor readable at once, so
 * no wake-up is lost, and what is left unread on purpose calls again.
 */
struct takt_news_descriptor {
	struct takt_node *node; /* NULL: not started */
	int descriptor;
	struct takt_waiter *set;				/* the caller's */
	struct takt_waiter waiter;				/* the helper's, with the same place to sleep */
	struct takt_subscriber looks[TAKT_TOPICS_PER_NODE_MAX]; /* the subscribers as the helper sees them */
	struct takt_os_thread thread;
	uint32_t place;
	TAKT_ATOMIC(uint32_t) handover; /* core/protocol/handover.h */
	TAKT_ATOMIC(uint32_t) ends;
	TAKT_ATOMIC(uint32_t) found_dead;
	TAKT_ATOMIC(uint64_t)
	call_count; /* times that the helper made the descriptor readable: at most one an arming */
	TAKT_ATOMIC(uint64_t)
	turn_count; /* times that it woke up for whatever reason: news, or the time to look whether it is to end */
	uint64_t arm_count;
	unsigned char wake[64]; /* a private semaphore, aligned inside */
};

/**
 * Starts the helper, armed. It runs with the node's policy, priority and CPUs from the config, because news pass through it; it never
 * polls (`spin_us` is not its), and does one write a call.
 * @param waiter the set, complete; the helper's until the stop: it is not waited in, nothing is added or detached; its subscribers and
 *        consumers are read as ever, by one thread, which drains and arms too
 * @retval TAKT_OK  @retval TAKT_INVALID the set is empty, with a message  @retval TAKT_BUSY another descriptor has this waiter, with a message
 * @retval TAKT_NO_SPACE too many open files, or no thread  @retval TAKT_SYSTEM no thread  @retval TAKT_CLOSED after a fork
 * RT: start-up only.
 */
TAKT_CHECKED enum takt_status takt_news_descriptor_start(struct takt_news_descriptor *news, struct takt_waiter *waiter);

/**
 * Makes the descriptor unreadable; the first thing to do when it is readable. A read of its 8 bytes does the same.
 * @retval TAKT_OK  @retval TAKT_EMPTY it was not readable: nothing is lost  @retval TAKT_CLOSED after a fork
 * RT: safe; one system call. Threads: the one that reads the subscribers.
 */
enum takt_status takt_news_descriptor_drain(struct takt_news_descriptor *news);

/**
 * Arms the helper for what is unread now, or comes. Does nothing while it is armed.
 * @retval TAKT_OK  @retval TAKT_CLOSED after a fork
 * RT: safe; at most two system calls. Threads: the one that reads the subscribers.
 * Order: the subscribers' positions at this call; a sample behind them calls.
 */
enum takt_status takt_news_descriptor_arm(struct takt_news_descriptor *news);

/* Ends the helper, waits for it (at most 0.1 s), and closes the descriptor; before subscribers are detached. Take it out of the event loop
 * before. Safe on one that was not started, and in a fork's child. */
void takt_news_descriptor_stop(struct takt_news_descriptor *news);

#ifdef __cplusplus
}
#endif
#endif
