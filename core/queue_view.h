/* SPDX-License-Identifier: Apache-2.0 */
/* What producers and consumers share: attaching, the locks, looking for items and room, and waiting. Internal to core and to the takt command. */
#ifndef TAKT_CORE_QUEUE_VIEW_H
#define TAKT_CORE_QUEUE_VIEW_H

#include <stdint.h>

#include "core/layout.h"
#include "core/protocol/queue.h"
#include "core/queue.h"
#include "core/trace.h"

enum takt_queue_side { TAKT_QUEUE_PRODUCER, TAKT_QUEUE_CONSUMER };

/* Attaches one side as a node. @retval as takt_producer_attach */
TAKT_CHECKED enum takt_status takt_queue_attach(struct takt_queue *queue, struct takt_node *node, const char *name,
						const struct takt_type *type, enum takt_queue_side side);
TAKT_CHECKED enum takt_status takt_queue_attach_flat(struct takt_queue *queue, struct takt_node *node, const char *name,
						     const struct takt_flat_type *type, enum takt_queue_side side);
void takt_queue_detach(struct takt_queue *queue);

/**
 * Attaches one side as a tool, by the segments alone, without a node: it wakes nobody, so that what it does is noticed within a slice.
 * @param domain attached, and open as long as the queue  @param type filled with the description
 * @retval TAKT_OK  @retval TAKT_NOT_READY nobody has described its type yet  @retval others as takt_queue_segment_open
 */
TAKT_CHECKED enum takt_status takt_queue_attach_tool(struct takt_queue *queue, const struct takt_domain *domain,
						     const char *name, struct takt_flat_type *type,
						     enum takt_queue_side side);

/* Takes one of the queue's locks, until the deadline and for `lock_bound_us` at most. @param lock &queue->producers or &queue->consumers
 * @retval TAKT_OK  @retval TAKT_TIMEOUT its owner lives; named in a message, once */
TAKT_CHECKED enum takt_status takt_queue_lock(struct takt_queue *queue, struct takt_lock *lock, uint64_t deadline_ns);

/* Whether the handle can be used at all. @retval TAKT_OK @retval TAKT_CLOSED @retval TAKT_CORRUPT a segment was cut off; said once */
TAKT_CHECKED enum takt_status takt_queue_check(struct takt_queue *queue);

/* TAKT_INVALID, with a message, once. */
TAKT_CHECKED enum takt_status takt_queue_refuse_band(struct takt_queue *queue, uint32_t band);

struct takt_queue_redelivered {
	uint32_t count;
	uint64_t token; /* of the last dead one */
};
/* Gives back what dead consumers had. Under the consumers' lock. RT: safe; a system call for each item in work. */
struct takt_queue_redelivered takt_queue_redeliver(struct takt_queue *queue);
/* Whether takt_queue_redeliver would find one. Without the lock. */
int takt_queue_has_dead_ones(const struct takt_queue *queue);

/* Wakes one who waits for an item, or for room, of the band. Behind takt_queue_fence. @param turn whose turn it is */
void takt_queue_wake(const struct takt_queue *queue, uint32_t band, enum takt_queue_side side, uint64_t turn);

/**
 * Behind a sleep, and behind takt_queue_fence: what is left over wakes another. An item (or a free slot) wakes one waiter, and that one may
 * have been about to get another item, or none: then the wake-up is passed on.
 */
void takt_queue_pass_on(struct takt_queue *queue, enum takt_queue_side side);

/* Whether there is an item for a consumer (the band may be TAKT_BAND_ANY), or room for a producer. A hint. RT: safe. */
int takt_queue_has_news(const struct takt_queue *queue, uint32_t band, enum takt_queue_side side);

/* Sleeps until there is. @retval TAKT_OK  @retval TAKT_TIMEOUT  @retval TAKT_STOPPED  @retval TAKT_CLOSED */
TAKT_CHECKED enum takt_status takt_queue_wait(struct takt_queue *queue, uint32_t band, enum takt_queue_side side,
					      uint64_t deadline_ns);

/* One more of a counter that is written under a lock. */
static inline void takt_queue_count(_Atomic uint64_t *counter)
{
	/* Relaxed: one writer at a time; statistics order nothing. */
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* One more of the node's own figures; a tool has none. */
#define takt_queue_count_use(queue, counter) ((queue)->use ? takt_queue_count_shared(&(queue)->use->counter) : (void)0)

/* And of one that anybody may write. */
static inline void takt_queue_count_shared(_Atomic uint64_t *counter)
{
	/* Relaxed: statistics order nothing. */
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

#endif
