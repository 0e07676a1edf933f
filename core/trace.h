/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tracepoints: where core says what happened when. core/README.md, "Events", has their meaning, core/trace_lttng.h their fields. Internal
 * to core.
 *
 * Three states. Built without TAKT_TRACING: nothing of them is in the code. Built with it: one load and one branch for each, never
 * taken, until a session records the event; where LTTng is not installed there is none. Then an event is written outside every lock:
 * what happened under one is noted there and told behind it.
 *
 * Threads: any. RT: safe, once the thread has been touched (takt_trace_thread_touched): the first event of a thread allocates.
 */
#ifndef TAKT_CORE_TRACE_H
#define TAKT_CORE_TRACE_H

#include <stdint.h>

#include "core/loop.h"
#include "core/node.h"
#include "core/parameter.h"
#include "core/queue.h"
#include "core/topic.h"
#include "core/waiter.h"

#ifdef TAKT_TRACING
#include <lttng/tracepoint-types.h>

/* LTTng's own word says whether a session wants the event. */
#define TAKT_TRACE_WORD(name)                                                                                          \
	extern struct lttng_ust_tracepoint lttng_ust_tracepoint_takt___##name __attribute__((visibility("hidden")));
#define TAKT_TRACE_IS_ON(name)                                                                                         \
	__builtin_expect(__atomic_load_n(&lttng_ust_tracepoint_takt___##name.state, __ATOMIC_RELAXED), 0)
#define TAKT_TRACE_IS_BUILT 1
#else
#define TAKT_TRACE_WORD(name)
#define TAKT_TRACE_IS_ON(name) 0
#define TAKT_TRACE_IS_BUILT    0
#endif

#define TAKT_TRACE_FUNCTION(event, condition, function, parameters, arguments)                                         \
	void takt_trace_emit_##function parameters;                                                                    \
	static inline __attribute__((always_inline)) void takt_trace_##function parameters                             \
	{                                                                                                              \
		if (condition)                                                                                         \
			takt_trace_emit_##function arguments;                                                          \
	}

/* takt_trace_NAME: the event NAME, in a function of its own that only a recording session lets be called. */
#define TAKT_TRACE_EVENT(name, parameters, arguments)                                                                  \
	TAKT_TRACE_WORD(name)                                                                                          \
	TAKT_TRACE_FUNCTION(name, TAKT_TRACE_IS_ON(name), name, parameters, arguments)
/* What is noted under a lock for the event EVENT, which is told behind it. */
#define TAKT_TRACE_NOTE(event, name, parameters, arguments)                                                            \
	TAKT_TRACE_FUNCTION(event, TAKT_TRACE_IS_ON(event), name, parameters, arguments)
/* What is done at start-up and at the end, session or not. */
#define TAKT_TRACE_STEP(name, parameters, arguments)                                                                   \
	TAKT_TRACE_FUNCTION(name, TAKT_TRACE_IS_BUILT, name, parameters, arguments)

/* --------------------------------------------------------------------------------------- start-up only: no real time */

/* A process is about to join: takes in libtakt-lttng, once, where the environment's TAKT_TRACE is not "off". */
TAKT_TRACE_STEP(library_loaded, (void), ())
/* The calling thread will trace: what its first event would allocate is there now. */
TAKT_TRACE_STEP(thread_touched, (void), ())
/* A node is a member, and then no more. Both dump its state: names, types, counters; so does the beginning of a session between them. */
TAKT_TRACE_STEP(node_joined, (struct takt_node * node), (node))
TAKT_TRACE_STEP(node_left, (struct takt_node * node), (node))
/* A topic's segment is mapped for a publisher or subscriber, and is about to be unmapped. */
TAKT_TRACE_STEP(topic_attached, (struct takt_node * node, uint32_t topic_index, const struct takt_os_shm *segment),
		(node, topic_index, segment))
TAKT_TRACE_STEP(topic_detached, (const struct takt_os_shm *segment), (segment))
/* A publisher is about to attach, and may wait for a lock: it is not the node's yet. */
TAKT_TRACE_STEP(attach_begun, (const struct takt_node *node), (node))
/* This thread runs the loop, and no more: events say in which cycle they happen. */
TAKT_TRACE_STEP(loop_begun, (const struct takt_loop *loop, uint32_t loop_index), (loop, loop_index))
TAKT_TRACE_STEP(loop_ended, (void), ())
/* The process's memory is locked: a session's buffers, which come later, are to be whole too. */
TAKT_TRACE_STEP(memory_locked, (void), ())
/* In a fork's child: its memberships are the parent's. */
TAKT_TRACE_STEP(process_forked, (void), ())

/* ----------------------------------------------------------------------------------------------------- samples */

TAKT_TRACE_EVENT(sample_loaned, (const struct takt_publisher *publisher, uint32_t slot_index), (publisher, slot_index))
TAKT_TRACE_EVENT(sample_abandoned, (const struct takt_publisher *publisher, uint32_t slot_index),
		 (publisher, slot_index))
/* `slot` holds what was published: with one publisher until the next publish. With several it is noted under the lock. */
TAKT_TRACE_EVENT(sample_published,
		 (const struct takt_publisher *publisher, const unsigned char *slot, uint32_t slot_index,
		  uint32_t is_loan, uint64_t woken_mask),
		 (publisher, slot, slot_index, is_loan, woken_mask))
TAKT_TRACE_NOTE(sample_published, sample_committed, (const unsigned char *slot), (slot))
TAKT_TRACE_EVENT(sample_read, (const struct takt_subscriber *subscriber, const struct takt_sample_info *info),
		 (subscriber, info))
TAKT_TRACE_EVENT(sample_borrowed,
		 (const struct takt_subscriber *subscriber, const struct takt_sample_info *info, uint32_t pin),
		 (subscriber, info, pin))
TAKT_TRACE_EVENT(sample_returned,
		 (const struct takt_subscriber *subscriber, const struct takt_borrow *borrow, int is_kept),
		 (subscriber, borrow, is_kept))
TAKT_TRACE_EVENT(samples_lost, (const struct takt_subscriber *subscriber, uint64_t first, uint64_t count),
		 (subscriber, first, count))

/* ------------------------------------------------------------------------------------------------------- queues */

/* Each behind the locks. */
TAKT_TRACE_EVENT(item_pushed,
		 (const struct takt_queue *queue, uint32_t band, uint64_t number, const struct takt_origin *origin),
		 (queue, band, number, origin))
TAKT_TRACE_EVENT(item_taken, (const struct takt_queue *queue, const struct takt_item *item), (queue, item))
TAKT_TRACE_EVENT(item_acknowledged, (const struct takt_queue *queue, const struct takt_item *item), (queue, item))
TAKT_TRACE_EVENT(item_returned, (const struct takt_queue *queue, const struct takt_item *item), (queue, item))
enum takt_trace_drop { TAKT_TRACE_NEWEST = 0, TAKT_TRACE_OLDEST = 1, TAKT_TRACE_EXHAUSTED = 2 };
/* @param number 0: it never got one */
TAKT_TRACE_EVENT(item_dropped,
		 (const struct takt_queue *queue, uint32_t band, uint64_t number, enum takt_trace_drop why),
		 (queue, band, number, why))
/* What dead consumers had waits again. @param token of the last of them */
TAKT_TRACE_EVENT(items_redelivered, (const struct takt_queue *queue, uint32_t count, uint64_t token),
		 (queue, count, token))

/* ----------------------------------------------------------------------------------------------- waits and locks */

TAKT_TRACE_EVENT(reader_woken, (const struct takt_waiter *waiter, uint64_t deadline_ns, enum takt_status status),
		 (waiter, deadline_ns, status))
TAKT_TRACE_NOTE(reader_woken, wait_begun, (const struct takt_waiter *waiter), (waiter))
/* A thread holds at most one topic's lock. What happens while it waits and holds is noted, and told behind it: where it waited
 * lock_waited, lock_taken, where its owner had died lock_taken_over, and lock_released. */
TAKT_TRACE_WORD(lock_waited)
TAKT_TRACE_WORD(lock_taken)
TAKT_TRACE_WORD(lock_taken_over)
TAKT_TRACE_WORD(lock_released)
#define TAKT_TRACE_LOCK_IS_ON                                                                                          \
	(TAKT_TRACE_IS_ON(lock_waited) | TAKT_TRACE_IS_ON(lock_taken) | TAKT_TRACE_IS_ON(lock_taken_over) |            \
	 TAKT_TRACE_IS_ON(lock_released))
TAKT_TRACE_FUNCTION(lock, TAKT_TRACE_LOCK_IS_ON, lock_wait_begun, (void), ())
TAKT_TRACE_FUNCTION(lock, TAKT_TRACE_LOCK_IS_ON, lock_wait_ended,
		    (const struct takt_publisher *publisher, enum takt_status status, int taken_over),
		    (publisher, status, taken_over))
TAKT_TRACE_FUNCTION(lock, TAKT_TRACE_IS_ON(lock_released), lock_given, (uint64_t now_ns), (now_ns))
TAKT_TRACE_FUNCTION(lock, TAKT_TRACE_LOCK_IS_ON, lock_released, (const struct takt_publisher *publisher), (publisher))

/* ---------------------------------------------------------------------------------------- commands and parameters */

TAKT_TRACE_EVENT(command_received, (const struct takt_node *node, uint64_t number, const char *text),
		 (node, number, text))
TAKT_TRACE_EVENT(command_parsed,
		 (const struct takt_node *node, uint64_t number, const char *verb, const char *arguments),
		 (node, number, verb, arguments))
TAKT_TRACE_EVENT(command_applied, (const struct takt_node *node, uint64_t number, const char *verb),
		 (node, number, verb))
TAKT_TRACE_EVENT(command_refused, (const struct takt_node *node, uint64_t number, const char *why), (node, number, why))
TAKT_TRACE_EVENT(command_executed, (const struct takt_node *node, const char *verb, int32_t result),
		 (node, verb, result))
TAKT_TRACE_NOTE(command_executed, command_begun, (void), ())
/* What the cycle before had, and what this one has: told where they differ. */
TAKT_TRACE_EVENT(parameters_swapped, (const struct takt_parameters *parameters), (parameters))
TAKT_TRACE_NOTE(parameters_swapped, parameters_looked_at, (const struct takt_parameters *parameters), (parameters))

/* ------------------------------------------------------------------------------------------------ cycles, deaths */

TAKT_TRACE_EVENT(cycle_begun, (const struct takt_loop *loop), (loop))
TAKT_TRACE_EVENT(cycle_ended,
		 (const struct takt_loop *loop, uint64_t end_ns, uint64_t fault_count, uint64_t switch_count),
		 (loop, end_ns, fault_count, switch_count))
TAKT_TRACE_EVENT(cycle_overrun, (const struct takt_loop *loop, uint64_t due_ns, uint64_t now_ns, uint64_t missed_count),
		 (loop, due_ns, now_ns, missed_count))

/* What a dead node was found to hold. */
enum takt_trace_held { TAKT_TRACE_PLACE = 0, TAKT_TRACE_PIN = 1, TAKT_TRACE_LOCK = 2, TAKT_TRACE_TOPIC = 3 };
/* @param topic_index UINT16_MAX: it held a place in the roster */
TAKT_TRACE_EVENT(node_found_dead,
		 (const struct takt_node *node, uint64_t dead_token, enum takt_trace_held held, uint32_t topic_index),
		 (node, dead_token, held, topic_index))
/* The same for who published the topic before. */
TAKT_TRACE_FUNCTION(node, TAKT_TRACE_IS_ON(node_found_dead), publisher_found_dead,
		    (const struct takt_publisher *publisher, uint64_t dead_token), (publisher, dead_token))
/* A lock's owner was found dead: who that was is known only here. */
TAKT_TRACE_FUNCTION(lock, TAKT_TRACE_LOCK_IS_ON || TAKT_TRACE_IS_ON(node_found_dead), owner_found_dead,
		    (uint64_t token), (token))

#endif
