/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queues: items of one type that are each done once. Producers push, consumers take and acknowledge; an item that its consumer has not
 * acknowledged when it dies is handed out again, marked. A queue has bands, which are its priorities: the highest number goes first,
 * and a consumer may ask for one of them only. Within a band the oldest item goes first.
 *
 *	static struct takt_producer jobs;                     static struct takt_consumer jobs;
 *	takt_producer_attach(&jobs, &node, "jobs", ...);      takt_consumer_attach(&jobs, &node, "jobs", ...);
 *	takt_queue_push(&jobs, &job, 0, NULL);                takt_queue_take(&jobs, TAKT_BAND_ANY, &job, &item);
 *	                                                      ... do it ...
 *	                                                      takt_queue_acknowledge(&jobs, &item);
 *
 * A consumer may have any number of items in work and acknowledge them in any order. A slow one keeps its items: nobody who lives,
 * stopped by a debugger or not, is taken anything away.
 *
 * Threads: a producer or consumer belongs to one thread at a time. Different handles, also of one queue, are independent.
 * After a fork the child's handles answer TAKT_CLOSED.
 */
#ifndef TAKT_CORE_QUEUE_H
#define TAKT_CORE_QUEUE_H

#include <stdint.h>

#include "core/band.h"
#include "core/limits.h"
#include "core/lock.h"
#include "core/node.h"
#include "core/ring.h"
#include "core/type.h"
#include "platform/presence.h"
#include "platform/shm.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct takt_mask_shm;
struct takt_queue_state_shm;
struct takt_queue_use_shm;
struct takt_waiter;

#define TAKT_BAND_ANY UINT32_MAX /* the highest that has an item */

/* What producers and consumers have in common; nobody but core looks inside. */
struct takt_queue {
	struct takt_node *node;		  /* NULL: not attached, or a tool's */
	const struct takt_domain *domain; /* NULL: not attached */
	struct takt_queue_state_shm *state;
	struct takt_mask_shm *masks;	/* items of each band, room of each band; NULL: a tool, which wakes nobody */
	struct takt_queue_use_shm *use; /* the node's own figures; NULL: a tool */
	struct takt_waiter *waiter;	/* where the _until calls sleep; NULL: they poll */
	uint64_t producer_mask;
	uint64_t consumer_mask;
	uint64_t token;
	uint64_t lock_bound_ns;
	uint64_t slice_ns;
	uint64_t look_ns; /* when the dead are looked for again */
	uint64_t type_hash;
	uint32_t queue_index;
	uint32_t band_count;
	uint32_t when_full; /* enum takt_when_full */
	uint32_t delivery_count_max;
	uint32_t has_complained;
	uint32_t has_named_owner;
	uint32_t must_pass_on; /* it slept: a wake-up may have been meant for another */
	uint32_t reserved;
	struct takt_lock producers;
	struct takt_lock consumers;
	struct takt_os_presence presence;
	struct takt_os_shm items_segment;
	struct takt_os_shm state_segment;
	struct takt_band bands[TAKT_BAND_COUNT_MAX];
	char name[TAKT_NAME_BYTES];
};

/* The right to push to one queue. Declare it static and zeroed. */
struct takt_producer {
	struct takt_queue queue;
};

/* The right to take from one. Declare it static and zeroed. */
struct takt_consumer {
	struct takt_queue queue;
};

/* An item in work. */
struct takt_item {
	uint64_t number; /* of its band: larger ones were pushed later; some are missing */
	uint64_t push_ns;
	uint64_t take_ns;
	struct takt_origin origin; /* number 0: it was pushed without one; time_ns is push_ns then */
	const void *payload;	   /* in place, until it is acknowledged or given back; read-only */
	uint32_t band;
	uint32_t
		delivery_count; /* how often it was handed out, this time included; one too many after a death in the middle of a take */
	uint32_t is_redelivered; /* 1: somebody had it before, and died or gave it back: it may be half done */
	uint32_t reserved;
};

/**
 * Attaches for pushing, creates the queue if it is absent and stores the type's description in it.
 * @param queue a queue that the config lists under this node's `pushes`
 * @retval TAKT_OK  @retval TAKT_INVALID the config does not let this node push to it, or it is a topic
 * @retval TAKT_MISMATCH another type, or another config  @retval TAKT_LIMIT this node has as many as it can have
 * @retval TAKT_ABSENT somebody removed the queue's objects, or no such owner or group  @retval TAKT_DENIED  @retval TAKT_CORRUPT
 * @retval TAKT_BUSY another process locks the whole presence file  @retval TAKT_TIMEOUT the producers' lock was held by a living one
 * @retval TAKT_NO_SPACE  @retval TAKT_SYSTEM. Each with a message.
 * RT: start-up only.
 */
TAKT_CHECKED enum takt_status takt_producer_attach(struct takt_producer *producer, struct takt_node *node,
						   const char *queue, const struct takt_type *type);

/* The same by a description that was read or made at run time, as takt_publisher_attach_flat. @retval TAKT_CORRUPT also when it is none */
TAKT_CHECKED enum takt_status takt_producer_attach_flat(struct takt_producer *producer, struct takt_node *node,
							const char *queue, const struct takt_flat_type *type);

/* Ends it; what was pushed stays. Safe on one that is not attached. */
void takt_producer_detach(struct takt_producer *producer);

/**
 * Pushes a copy of `payload` as the newest item of a band.
 * @param payload the C struct of the queue's type  @param band 0 to `bands` - 1 of the config; higher ones are taken first
 * @param origin where the chain began: &info.origin of the sample that this was made from, or NULL: it begins here, now
 * @retval TAKT_OK
 * @retval TAKT_FULL nothing was pushed: `block` or `drop_newest`, and the band is full; `drop_oldest`, and all its items are in work
 * @retval TAKT_TIMEOUT a living process held a lock of the queue longer than `lock_bound_us`; nothing was pushed
 * @retval TAKT_INVALID there is no such band, with a message, once
 * @retval TAKT_CORRUPT a segment was cut off while it was in use; said once; detach, and `takt clean`
 * @retval TAKT_CLOSED after a fork, or not attached
 * Shape: a band holds `depth` items, waiting and in work together. Items dropped are counted, the newest as the oldest.
 * RT: safe; bounded by `lock_bound_us`, twice with `drop_oldest`, and by `depth` looks at slots; at most one system call to wake one
 * consumer. The lock is held while the payload is copied: raise `lock_bound_us` where items are megabytes.
 * Threads: one on one handle; any number of processes.
 * Order: who takes the item sees all of it, and everything this thread stored before.
 */
TAKT_CHECKED enum takt_status takt_queue_push(struct takt_producer *producer, const void *payload, uint32_t band,
					      const struct takt_origin *origin);

/**
 * The same, and where the queue's `when_full` is `block` it waits for room. With other policies it is takt_queue_push.
 * @param deadline_ns absolute CLOCK_MONOTONIC; one that has passed makes it one attempt
 * @retval TAKT_TIMEOUT no room until the deadline, or as above; nothing was pushed  @retval TAKT_STOPPED this process is asked to end
 * @retval others as takt_queue_push
 * RT: safe; bounded by the deadline; sleeps in slices on the waiter that takt_producer_waiter_set named, else polls every millisecond.
 */
TAKT_CHECKED enum takt_status takt_queue_push_until(struct takt_producer *producer, const void *payload, uint32_t band,
						    const struct takt_origin *origin, uint64_t deadline_ns);

/* Where takt_queue_push_until and takt_queue_take_until of this handle sleep: the calling thread's waiter. NULL: they poll. RT: safe. */
void takt_producer_waiter_set(struct takt_producer *producer, struct takt_waiter *waiter);
void takt_consumer_waiter_set(struct takt_consumer *consumer, struct takt_waiter *waiter);

/* 1 when a push to the band would find room. RT: safe; at most `depth` looks. */
int takt_producer_has_room(const struct takt_producer *producer, uint32_t band);

/**
 * Attaches for taking, and creates the queue if it is absent and this process may.
 * @param queue a queue that the config lists under this node's `takes`  @retval as takt_producer_attach
 * RT: start-up only.
 */
TAKT_CHECKED enum takt_status takt_consumer_attach(struct takt_consumer *consumer, struct takt_node *node,
						   const char *queue, const struct takt_type *type);

/* The same by a description, as takt_producer_attach_flat. */
TAKT_CHECKED enum takt_status takt_consumer_attach_flat(struct takt_consumer *consumer, struct takt_node *node,
							const char *queue, const struct takt_flat_type *type);

/* Ends it; items that were not acknowledged are given back. Safe on one that is not attached. */
void takt_consumer_detach(struct takt_consumer *consumer);

/**
 * Takes the oldest item of a band, or of the highest band that has one. Nobody else gets it until it is given back or this process dies.
 * @param band 0 to `bands` - 1, or TAKT_BAND_ANY  @param payload the C struct, or NULL: it is read in place, by item->payload
 * @retval TAKT_OK  @retval TAKT_EMPTY nothing waits
 * @retval TAKT_TIMEOUT a living process held the consumers' lock longer than `lock_bound_us`; nothing was taken
 * @retval TAKT_OVERTAKEN a process that may take from this queue took the item away while it was copied, against the rules; nothing is ours
 * @retval TAKT_INVALID there is no such band, with a message, once
 * @retval TAKT_MISMATCH the first producer described another type, said once
 * @retval TAKT_CORRUPT the state tells of an item that no producer wrote (it is dropped), or a segment was cut off; said once
 * @retval TAKT_CLOSED after a fork, or not attached
 * Shape: items of a dead consumer are found at the first take after at most one `wait_slice_us`, and come before all younger ones.
 * RT: safe; bounded by `lock_bound_us` and `depth` looks at slots; once in a slice one system call for each item in work, to ask whether
 * its consumer lives.
 * Threads: one on one handle; any number of processes.
 * Order: all that the producer stored before it pushed is visible.
 */
TAKT_CHECKED enum takt_status takt_queue_take(struct takt_consumer *consumer, uint32_t band, void *payload,
					      struct takt_item *item);

/**
 * The same, and waits for an item.
 * @param deadline_ns absolute CLOCK_MONOTONIC; one that has passed makes it one attempt
 * @retval TAKT_TIMEOUT nothing until the deadline, or as above  @retval TAKT_STOPPED this process is asked to end
 * @retval others as takt_queue_take, but never TAKT_EMPTY
 * RT: safe; bounded by the deadline; sleeps in slices on the waiter that takt_consumer_waiter_set named, else polls every millisecond.
 */
TAKT_CHECKED enum takt_status takt_queue_take_until(struct takt_consumer *consumer, uint32_t band, void *payload,
						    struct takt_item *item, uint64_t deadline_ns);

/**
 * Says that an item is done. It is gone, and its slot free.
 * @retval TAKT_OK  @retval TAKT_OVERTAKEN it is not this handle's any more, because the handle was detached meanwhile or because somebody
 *         who may take from this queue took it over: another does it or has done it  @retval TAKT_INVALID no item of this queue
 * @retval TAKT_CORRUPT as for takt_queue_take  @retval TAKT_CLOSED
 * RT: safe; no lock; at most one system call to wake one producer.
 * Order: all our reads of the item come before its slot is another's.
 */
TAKT_CHECKED enum takt_status takt_queue_acknowledge(struct takt_consumer *consumer, const struct takt_item *item);

/**
 * Gives an item back undone: it waits again, at its old place in the order, marked as handed out before.
 * @retval TAKT_OK  @retval TAKT_TIMEOUT the consumers' lock was held longer than `lock_bound_us`; it is still this handle's
 * @retval TAKT_OVERTAKEN, TAKT_INVALID, TAKT_CORRUPT, TAKT_CLOSED  as takt_queue_acknowledge
 * RT: safe; bounded by `lock_bound_us`; at most one system call to wake one consumer.
 */
TAKT_CHECKED enum takt_status takt_queue_return(struct takt_consumer *consumer, const struct takt_item *item);

/* 1 when a take from the band, or from any with TAKT_BAND_ANY, would find an item. RT: safe; at most `depth` looks for each band. */
int takt_consumer_has_items(const struct takt_consumer *consumer, uint32_t band);

#ifdef __cplusplus
}
#endif
#endif
