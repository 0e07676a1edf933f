/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting: a thread sleeps until one of its topics has news, one of its queues an item or room, a command for its loop has come, or a
 * deadline has passed.
 * One waiter a thread; the config says how many a node has. Every sleep ends after at most one slice (`wait_slice_us`) for a look at
 * the truth, so a wake-up that died with its publisher costs one slice.
 */
#ifndef TAKT_CORE_WAITER_H
#define TAKT_CORE_WAITER_H

#include <stdint.h>

#include "core/limits.h"
#include "core/node.h"
#include "core/queue.h"
#include "core/topic.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct takt_roster_waiter_shm;

#define TAKT_WAITER_QUEUES_MAX (2 * TAKT_QUEUES_PER_NODE_MAX)

/* What a thread waits for in a queue. */
struct takt_waiter_queue {
	struct takt_queue *queue;
	uint32_t band;	      /* TAKT_BAND_ANY: for an item in any */
	uint32_t is_producer; /* for room */
};

/* A thread's place to sleep. Declare it static and zeroed. */
struct takt_waiter {
	struct takt_node *node; /* NULL: not initialised */
	struct takt_roster_waiter_shm *shared;
	struct takt_subscriber *subscribers[TAKT_TOPICS_PER_NODE_MAX];
	uint32_t subscriber_count;
	uint32_t executes_commands;
	uint32_t has_complained;
	uint32_t leaves_queues; /* a helper's: the queues are another thread's */
	uint32_t found_dead;	/* what it leaves to that thread: a dead consumer's items */
	uint32_t queue_count;
	uint64_t bit;
	uint64_t slice_ns;
	uint64_t spin_ns;	 /* polls this long before it sleeps */
	uint64_t wake_count;	 /* sleeps that a post ended */
	uint64_t spurious_count; /* of them, those that found nothing */
	uint64_t slice_count;	 /* sleeps that their slice ended */
	uint64_t spun_count;	 /* waits that news ended while it polled */
	struct takt_waiter_queue queues[TAKT_WAITER_QUEUES_MAX];
};

/**
 * Makes this thread's waiter.
 * @param waiter_index 0 to `waiters` - 1 of the node in the config; each is used by one thread
 * @retval TAKT_OK  @retval TAKT_LIMIT the config gives this node fewer waiters, with a message  @retval TAKT_CLOSED
 * RT: start-up only.
 */
TAKT_CHECKED enum takt_status takt_waiter_init(struct takt_waiter *waiter, struct takt_node *node,
					       uint32_t waiter_index);

/**
 * How long takt_wait_until polls before it sleeps, instead of the node's `spin_us`. News that come meanwhile are seen at a polling
 * reader's latency, and their publisher wakes nobody; the processor is busy for as long. Worth it only where publisher and waiter
 * have a processor each: on one they share the waiter polls while the publisher waits for its turn.
 * @param spin_ns 0 to TAKT_SPIN_US_MAX * 1000; more is cut. RT: safe. Threads: the waiter's.
 */
void takt_waiter_spin_set(struct takt_waiter *waiter, uint64_t spin_ns);

/* Adds a topic to the set. @retval TAKT_OK @retval TAKT_LIMIT more than TAKT_TOPICS_PER_NODE_MAX. RT: safe. Threads: the waiter's. */
TAKT_CHECKED enum takt_status takt_waiter_add(struct takt_waiter *waiter, struct takt_subscriber *subscriber);
/* Takes one out; one that is not in it is left alone. */
void takt_waiter_remove(struct takt_waiter *waiter, struct takt_subscriber *subscriber);

/**
 * Adds a queue to the set: items of one band or of any (TAKT_BAND_ANY), or room in one band.
 * Of several waiters that wait for items each item wakes one. Who is woken and does not take it delays it by a slice.
 * @retval TAKT_OK  @retval TAKT_LIMIT more than TAKT_WAITER_QUEUES_MAX  @retval TAKT_INVALID there is no such band, with a message, once
 * RT: safe. Threads: the waiter's.
 */
TAKT_CHECKED enum takt_status takt_waiter_add_consumer(struct takt_waiter *waiter, struct takt_consumer *consumer,
						       uint32_t band);
TAKT_CHECKED enum takt_status takt_waiter_add_producer(struct takt_waiter *waiter, struct takt_producer *producer,
						       uint32_t band);
/* Takes all of a handle's out; before it is detached. */
void takt_waiter_remove_consumer(struct takt_waiter *waiter, struct takt_consumer *consumer);
void takt_waiter_remove_producer(struct takt_waiter *waiter, struct takt_producer *producer);

/**
 * Sleeps until there is news.
 * @param deadline_ns absolute CLOCK_MONOTONIC; one that has passed makes it a look; TAKT_FOREVER waits in slices until news
 * @retval TAKT_OK a subscriber of the set has news (takt_subscriber_has_news), a consumer an item or a producer room, or a command waits for
 *         this thread's loop
 * @retval TAKT_TIMEOUT  @retval TAKT_STOPPED this process is asked to end  @retval TAKT_CLOSED after a fork
 * RT: safe; polls `spin_ns`, then sleeps in slices; per slice one system call, one atomic per topic, and no more wake-ups than the set is large + 1.
 * Threads: one per waiter.
 */
TAKT_CHECKED enum takt_status takt_wait_until(struct takt_waiter *waiter, uint64_t deadline_ns);

/* Core's own: sleeps until one queue has what is wanted, whatever else is in the waiter's set. @retval as takt_wait_until */
TAKT_CHECKED enum takt_status takt_waiter_wait_for(struct takt_waiter *waiter, const struct takt_waiter_queue *only,
						   uint64_t deadline_ns);

#ifdef __cplusplus
}
#endif
#endif
