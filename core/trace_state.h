/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of tracing share: core/trace_lttng.c writes events, core/trace_state.c dumps a node's state, core/trace_provider.c is the
 * library that records both. Internal to them. */
#ifndef TAKT_CORE_TRACE_STATE_H
#define TAKT_CORE_TRACE_STATE_H

#include <stdint.h>

#include "core/config.h"
#include "core/node.h"
#include "core/topic.h"
#include "core/type.h"

/* Where an event happened. */
struct takt_trace_place {
	uint64_t domain;
	uint64_t cycle;
	uint16_t node;
	uint16_t loop;
};

struct takt_trace_publish {
	struct takt_sample_header header;
	uint64_t woken;
	uint32_t topic;
	uint32_t slot;
	uint32_t is_loan;
};

struct takt_trace_wait {
	uint64_t began_ns;
	uint64_t deadline_ns;
	uint64_t woken_ns;
	uint64_t number;
	uint64_t sleep_count;
	uint64_t spurious_count;
	uint32_t cause; /* 0 news, 1 command, 2 timeout, 3 stop, 4 a queue */
	uint32_t topic;
	uint32_t waiter;
};

struct takt_trace_item {
	struct takt_origin origin;
	uint64_t number;
	uint64_t push_ns;
	uint64_t take_ns;
	uint32_t queue;
	uint32_t band;
	uint32_t delivery_count;
	uint32_t is_redelivered;
};

struct takt_trace_lock {
	uint64_t began_ns;
	uint64_t taken_ns;
	uint64_t released_ns;
	uint64_t turn;
	uint64_t owner;
	uint32_t outcome; /* 0 taken, 1 taken over, 2 timed out */
	uint32_t topic;
	uint32_t is_contended;
};

struct takt_trace_cycle {
	uint64_t due_ns;
	uint64_t begin_ns;
	uint64_t end_ns;
	uint64_t overrun_count;
	uint64_t fault_count;
	uint64_t switch_count;
	uint32_t cause; /* enum takt_loop_cause */
};

/* The counters of one topic of a node, or of one of its loops. */
struct takt_trace_counters {
	uint64_t values[8];
};

/* The library of the events, beside which LTTng comes in: core/trace_provider.c. */
#define TAKT_TRACE_LIBRARY	  "libtakt-lttng.so.0"
#define TAKT_TRACE_INIT_FUNCTION  "takt_trace_provider_init"
#define TAKT_TRACE_TOUCH_FUNCTION "takt_trace_provider_thread_touched"
#define TAKT_TRACE_NO_LOOP	  UINT16_MAX
#define TAKT_TRACE_NO_TOPIC	  UINT16_MAX
#define TAKT_TRACE_NO_NODE	  UINT16_MAX

/* @param session_began called by a thread of LTTng's whenever a session starts, or is told to dump state again */
typedef int (*takt_trace_init_function)(void (*session_began)(void));
typedef void (*takt_trace_touch_function)(void);

/* Where the calling thread is, for an event of `node`. */
struct takt_trace_place takt_trace_place_of(const struct takt_node *node);

enum takt_trace_dump { TAKT_TRACE_JOIN = 0, TAKT_TRACE_SESSION = 1, TAKT_TRACE_LEAVE = 2 };

#endif
