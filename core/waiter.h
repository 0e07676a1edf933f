/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting: a thread sleeps until one of its topics has news, a command for its loop has come, or a deadline has passed.
 * One waiter a thread; the config says how many a node has. Every sleep ends after at most one slice (`wait_slice_us`) for a look at
 * the truth, so a wake-up that died with its publisher costs one slice.
 */
#ifndef TAKT_CORE_WAITER_H
#define TAKT_CORE_WAITER_H

#include <stdint.h>

#include "core/limits.h"
#include "core/node.h"
#include "core/topic.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct takt_roster_waiter_shm;

/* A thread's place to sleep. Declare it static and zeroed. */
struct takt_waiter {
	struct takt_node *node; /* NULL: not initialised */
	struct takt_roster_waiter_shm *shared;
	struct takt_subscriber *subscribers[TAKT_TOPICS_PER_NODE_MAX];
	uint32_t subscriber_count;
	uint32_t executes_commands;
	uint64_t bit;
	uint64_t slice_ns;
	uint64_t wake_count;	 /* sleeps that a post ended */
	uint64_t spurious_count; /* of them, those that found nothing */
	uint64_t slice_count;	 /* sleeps that their slice ended */
};

/**
 * Makes this thread's waiter.
 * @param waiter_index 0 to `waiters` - 1 of the node in the config; each is used by one thread
 * @retval TAKT_OK  @retval TAKT_LIMIT the config gives this node fewer waiters, with a message  @retval TAKT_CLOSED
 * RT: start-up only.
 */
TAKT_CHECKED enum takt_status takt_waiter_init(struct takt_waiter *waiter, struct takt_node *node,
					       uint32_t waiter_index);

/* Adds a topic to the set. @retval TAKT_OK @retval TAKT_LIMIT more than TAKT_TOPICS_PER_NODE_MAX. RT: safe. Threads: the waiter's. */
TAKT_CHECKED enum takt_status takt_waiter_add(struct takt_waiter *waiter, struct takt_subscriber *subscriber);
/* Takes one out; one that is not in it is left alone. */
void takt_waiter_remove(struct takt_waiter *waiter, struct takt_subscriber *subscriber);

/**
 * Sleeps until there is news.
 * @param deadline_ns absolute CLOCK_MONOTONIC; one that has passed makes it a look; TAKT_FOREVER waits in slices until news
 * @retval TAKT_OK a subscriber of the set has news (takt_subscriber_has_news), or a command waits for this thread's loop
 * @retval TAKT_TIMEOUT  @retval TAKT_STOPPED this process is asked to end  @retval TAKT_CLOSED after a fork
 * RT: safe; sleeps in slices; per slice one system call, one atomic per topic, and no more wake-ups than the set is large + 1.
 * Threads: one per waiter.
 */
TAKT_CHECKED enum takt_status takt_wait_until(struct takt_waiter *waiter, uint64_t deadline_ns);

#ifdef __cplusplus
}
#endif
#endif
