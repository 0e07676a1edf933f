/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Topics: rings of the last `depth` samples of one type. Publishers write them, subscribers read them; no reader can hold up a
 * writer, and every reader knows exactly what it missed.
 *
 * Threads: a publisher or subscriber belongs to one thread at a time. Different handles, also of one topic, are independent.
 * After a fork the child's handles answer TAKT_CLOSED.
 */
#ifndef TAKT_CORE_TOPIC_H
#define TAKT_CORE_TOPIC_H

#include <stdint.h>

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
struct takt_publication_shm;
struct takt_subscription_shm;

/* --------------------------------------------------------------------------------------------------- publisher */

/* The right to write one topic. Declare it static and zeroed. */
struct takt_publisher {
	struct takt_node *node; /* NULL: not attached */
	struct takt_ring ring;
	struct takt_mask_shm *mask;
	struct takt_publication_shm *statistics;
	uint64_t subscriber_mask; /* waiters that the config declares, and no others, are ever posted */
	uint64_t token;
	uint64_t lock_bound_ns;
	uint64_t published_count;
	uint64_t woken_count;
	uint32_t topic_index;
	uint32_t spare_index; /* claimed for the next publish; UINT32_MAX: none */
	uint32_t slot_index;  /* the slot that it names */
	unsigned char *slot;  /* and where that is */
	uint32_t loan_count;  /* its own that are out */
	uint32_t loan_count_max;
	uint32_t is_shared; /* the topic allows several publishers */
	uint32_t has_complained;
	uint32_t has_named_owner;
	struct takt_lock lock;
	struct takt_os_presence presence;
	struct takt_os_shm segment;
	char topic[TAKT_NAME_BYTES];
};

/* A sample being filled in place. */
struct takt_loan {
	void *payload; /* payload_bytes of the topic's type, aligned to 16; holds an old sample's bytes */
	uint32_t spare_index;
	uint32_t slot_index;
};

/**
 * Attaches for writing, creates the topic if it is absent and stores the type's description in it.
 * Follows a publisher that died: what it had completed stays, what it had not is as if it never was.
 * @param topic a topic that the config lists under this node's `publishes`
 * @retval TAKT_OK  @retval TAKT_INVALID the config does not let this node publish it
 * @retval TAKT_BUSY a single-publisher topic that has one  @retval TAKT_LIMIT as many publishers as the config allows are there
 * @retval TAKT_MISMATCH another type, or another config  @retval TAKT_TIMEOUT the topic's lock was held by a living publisher
 * @retval TAKT_ABSENT somebody removed the topic's objects, or no such owner or group  @retval TAKT_DENIED  @retval TAKT_CORRUPT
 * @retval TAKT_NO_SPACE  @retval TAKT_SYSTEM. Each with a message.
 * RT: start-up only.
 */
TAKT_CHECKED enum takt_status takt_publisher_attach(struct takt_publisher *publisher, struct takt_node *node,
						    const char *topic, const struct takt_type *type);

/* The same by a description that was read (takt_topic_segment_description) or made at run time: for programs that have no struct of the
 * type, such as bridges. @retval TAKT_CORRUPT also when the description is none; the rest as takt_publisher_attach */
TAKT_CHECKED enum takt_status takt_publisher_attach_flat(struct takt_publisher *publisher, struct takt_node *node,
							 const char *topic, const struct takt_flat_type *type);

/* Gives the right back. Loans that were not published are abandoned. Safe on one that is not attached. */
void takt_publisher_detach(struct takt_publisher *publisher);

/**
 * Publishes a copy of `payload` as the topic's next sample.
 * @param payload the C struct of the topic's type
 * @param origin where the chain began: &info.origin of the sample that this one was made from, or NULL: it begins here, now
 * @retval TAKT_OK  @retval TAKT_TIMEOUT several publishers: the lock's bound passed; nothing was published
 * @retval TAKT_FULL several publishers: one of them has scribbled over the pool and no slot is free; nothing was published
 * @retval TAKT_CORRUPT the topic's segment was cut off while it was in use; said once; detach, and `takt clean`
 * @retval TAKT_CLOSED after a fork, or not attached
 * RT: safe. One publisher: wait-free, and one system call per sleeping subscriber. Several: bounded by `lock_bound_us`.
 * Order: a reader that gets the sample sees all of it, and everything this thread stored before.
 */
TAKT_CHECKED enum takt_status takt_publish(struct takt_publisher *publisher, const void *payload,
					   const struct takt_origin *origin);

/**
 * Hands out memory of the topic, to be filled in place. Any number up to the topic's `loans` at once, published in any order.
 * @retval TAKT_OK  @retval TAKT_FULL all loans are out  @retval TAKT_TIMEOUT several publishers: as for takt_publish
 * @retval TAKT_CORRUPT as for takt_publish  @retval TAKT_CLOSED
 * RT: safe; no system call with one publisher. A loan that dies with its process costs nobody anything.
 */
TAKT_CHECKED enum takt_status takt_publisher_loan(struct takt_publisher *publisher, struct takt_loan *loan);

/* Publishes a filled loan; it is gone afterwards, but on TAKT_TIMEOUT and TAKT_CORRUPT. Otherwise as takt_publish. */
TAKT_CHECKED enum takt_status takt_publish_loan(struct takt_publisher *publisher, struct takt_loan *loan,
						const struct takt_origin *origin);

/* Gives a loan back unpublished. RT: safe. */
void takt_publisher_abandon(struct takt_publisher *publisher, struct takt_loan *loan);

/* An origin for samples that measure something at a known time. @param time_ns CLOCK_MONOTONIC */
struct takt_origin takt_origin_measured(uint64_t time_ns);

/* -------------------------------------------------------------------------------------------------- subscriber */

struct takt_subscriber_options {
	uint32_t history; /* older samples wanted first, at most depth - 2; 0: start at the newest */
	uint32_t
		borrows; /* samples that this subscriber will read in place at once, 0 to TAKT_BORROWS_PER_SUBSCRIBER_MAX */
	uint32_t
		unmeasured; /* 1: no histogram of ages; saves a clock reading per sample where the topic has no deadline */
};

/* A place in one topic. Declare it static and zeroed. */
struct takt_subscriber {
	struct takt_node *node; /* NULL: not attached */
	struct takt_ring ring;
	struct takt_mask_shm *mask;
	struct takt_subscription_shm *statistics;
	uint64_t start; /* got + lost + skipped = next - start, at every return */
	uint64_t next;
	uint64_t got;
	uint64_t lost;
	uint64_t skipped;
	uint64_t lost_told; /* the part of `lost` that a sample's info has told */
	uint64_t deadline_ns;
	uint64_t type_hash;
	uint32_t topic_index;
	uint32_t reads_clock;
	uint32_t type_is_checked;
	uint32_t has_complained;
	uint32_t pin_count;
	uint32_t pin_index[TAKT_BORROWS_PER_SUBSCRIBER_MAX];
	uint32_t pin_used[TAKT_BORROWS_PER_SUBSCRIBER_MAX];
	struct takt_os_shm segment;
	char topic[TAKT_NAME_BYTES];
};

/* What is known of a sample that was read. */
struct takt_sample_info {
	uint64_t number;
	uint64_t publish_ns;
	struct takt_origin origin;
	uint64_t lost;	      /* samples lost since the one read before */
	uint64_t skipped;     /* samples passed over on purpose by `latest` since the one read before */
	uint64_t read_ns;     /* when it was read; 0 where neither deadline nor histogram needs it */
	uint32_t is_stale;    /* 1: older than the topic's deadline when it was read */
	uint32_t is_repeated; /* 1: `latest` gave this sample before */
};

/* A sample being read in place. */
struct takt_borrow {
	const void *payload;
	uint64_t number;
	uint32_t pin;
	uint32_t reserved;
};

/**
 * Attaches for reading, and creates the topic if it is absent and this process may.
 * @param options NULL: all zero
 * @retval TAKT_OK  @retval TAKT_INVALID the config does not let this node read it, or history or borrows are out of range
 * @retval TAKT_FULL all of the topic's `borrows` belong to living subscribers  @retval others as takt_publisher_attach
 * RT: start-up only.
 */
TAKT_CHECKED enum takt_status takt_subscriber_attach(struct takt_subscriber *subscriber, struct takt_node *node,
						     const char *topic, const struct takt_type *type,
						     const struct takt_subscriber_options *options);

/* The same by a description, as takt_publisher_attach_flat. */
TAKT_CHECKED enum takt_status takt_subscriber_attach_flat(struct takt_subscriber *subscriber, struct takt_node *node,
							  const char *topic, const struct takt_flat_type *type,
							  const struct takt_subscriber_options *options);

/* Ends it; borrows are returned. Safe on one that is not attached. */
void takt_subscriber_detach(struct takt_subscriber *subscriber);

/**
 * Copies the next sample in order.
 * @param payload the C struct; its contents mean nothing unless TAKT_OK is returned  @param info may be NULL
 * @retval TAKT_OK  @retval TAKT_EMPTY nothing new
 * @retval TAKT_OVERTAKEN the publisher overwrote the sample TAKT_READ_TRIES_MAX times while it was copied; what was passed is counted
 *         as lost; a larger `depth` or a borrow helps
 * @retval TAKT_MISMATCH the first publisher described another type  @retval TAKT_CORRUPT the topic holds what no publisher
 *         writes, or its segment was cut off while it was in use; said once. Within the first `depth` samples a topic whose memory was
 *         wiped looks like a new one: TAKT_EMPTY
 * @retval TAKT_CLOSED
 * Shape: got + lost + skipped = next - start at every return, whatever it is.
 * RT: safe; at most TAKT_READ_TRIES_MAX copies; no system call.
 */
TAKT_CHECKED enum takt_status takt_read_next(struct takt_subscriber *subscriber, void *payload,
					     struct takt_sample_info *info);

/* Copies the newest sample, whether it was read before or not; older ones are skipped, and so counted. As takt_read_next, but
 * TAKT_EMPTY means that nothing was ever published. */
TAKT_CHECKED enum takt_status takt_read_latest(struct takt_subscriber *subscriber, void *payload,
					       struct takt_sample_info *info);

/* The same in place, without a copy, for one of the subscriber's `borrows`. The sample stays until takt_return.
 * @retval TAKT_FULL all borrows of this subscriber are out  @retval others as the copying calls */
TAKT_CHECKED enum takt_status takt_borrow_next(struct takt_subscriber *subscriber, struct takt_borrow *borrow,
					       struct takt_sample_info *info);
TAKT_CHECKED enum takt_status takt_borrow_latest(struct takt_subscriber *subscriber, struct takt_borrow *borrow,
						 struct takt_sample_info *info);
/**
 * Gives it back, and says whether it was the subscriber's all the time.
 * @retval TAKT_OK what was read was the sample  @retval TAKT_CLOSED after a fork; nothing was given back
 * @retval TAKT_OVERTAKEN a member of the domain took the pin away (or the segment was cut off), so that the payload may have changed while
 *         it was read: what was made of it is to be thrown away. Counted in the statistics; the topic is named in a message, once.
 * RT: safe; wait-free.
 */
TAKT_CHECKED enum takt_status takt_return(struct takt_subscriber *subscriber, struct takt_borrow *borrow);

/* 1 when takt_read_next would find a sample, would count a loss, or would find the topic corrupt. RT: safe; one load. */
int takt_subscriber_has_news(const struct takt_subscriber *subscriber);

/* When the sample was published that takt_read_next would find, in ns; 0 when there is none or it was overwritten. RT: safe. */
uint64_t takt_subscriber_news_ns(const struct takt_subscriber *subscriber);

#ifdef __cplusplus
}
#endif
#endif
