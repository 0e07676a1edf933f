/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One event of a trace as plain numbers and text, whatever library read it. core/README.md, "Events", says what they mean. Fields that an
 * event of this trace does not have are 0, texts then "". Times are CLOCK_MONOTONIC.
 */
#ifndef APPS_TAKT_TRACE_EVENT_H
#define APPS_TAKT_TRACE_EVENT_H

#include <stddef.h>
#include <stdint.h>

#define TRACE_NONE UINT16_MAX /* no loop, topic or node */

enum trace_kind {
	TRACE_OTHER = 0, /* of no use here; never handed out */
	TRACE_SAMPLE_LOANED,
	TRACE_SAMPLE_ABANDONED,
	TRACE_SAMPLE_PUBLISHED,
	TRACE_SAMPLE_READ,
	TRACE_SAMPLE_BORROWED,
	TRACE_SAMPLE_RETURNED,
	TRACE_SAMPLES_LOST,
	TRACE_READER_WOKEN,
	TRACE_LOCK_WAITED,
	TRACE_LOCK_TAKEN,
	TRACE_LOCK_TAKEN_OVER,
	TRACE_LOCK_RELEASED,
	TRACE_COMMAND_RECEIVED,
	TRACE_COMMAND_PARSED,
	TRACE_COMMAND_APPLIED,
	TRACE_COMMAND_REFUSED,
	TRACE_COMMAND_EXECUTED,
	TRACE_PARAMETERS_SWAPPED,
	TRACE_CYCLE_BEGUN,
	TRACE_CYCLE_ENDED,
	TRACE_CYCLE_OVERRUN,
	TRACE_NODE_JOINED,
	TRACE_NODE_LEFT,
	TRACE_NODE_FOUND_DEAD,
	TRACE_DOMAIN_DESCRIBED,
	TRACE_NODE_DESCRIBED,
	TRACE_TOPIC_DESCRIBED,
	TRACE_PUBLICATION_DESCRIBED,
	TRACE_SUBSCRIPTION_DESCRIBED,
	TRACE_LOOP_DESCRIBED,
	TRACE_STATE_DUMPED,
	TRACE_SCHED_SWITCH, /* of the kernel */
	TRACE_SCHED_WAKEUP,
	TRACE_KIND_COUNT
};

struct trace_sample {
	uint64_t topic, number, publish_ns, origin_topic, origin_number, origin_ns;
	uint64_t slot, is_loan, woken_count, woken;				      /* published */
	uint64_t read_ns, age_ns, lost, skipped, is_stale, is_repeated, pin, is_kept; /* read, borrowed, returned */
};

enum trace_wake {
	TRACE_WAKE_NEWS = 0,
	TRACE_WAKE_COMMAND = 1,
	TRACE_WAKE_TIMEOUT = 2,
	TRACE_WAKE_STOP = 3,
	TRACE_WAKE_QUEUE = 4
};

struct trace_wait {
	uint64_t waiter, began_ns, deadline_ns, woken_ns, cause, topic, number, sleeps, spurious;
};

struct trace_lock {
	uint64_t topic, began_ns, ended_ns, outcome, owner, turn, taken_ns, released_ns, is_contended;
};

struct trace_command {
	uint64_t number, bytes, began_ns, ended_ns, result, generation;
	const char *verb, *text; /* arguments, or why it was refused */
};

enum trace_cause { TRACE_CAUSE_PERIOD = 0, TRACE_CAUSE_NEWS = 1, TRACE_CAUSE_TIMEOUT = 2 };

struct trace_cycle {
	uint64_t cause, due_ns, begin_ns, end_ns, run_ns, overruns, faults, switches, found_ns, missed;
};

struct trace_node {
	uint64_t dead_node, token, process, held, topic;
	const char *name;
};

enum trace_dump { TRACE_DUMP_JOIN = 0, TRACE_DUMP_SESSION = 1, TRACE_DUMP_LEAVE = 2 };

struct trace_described {
	uint64_t described, nodes, topics, token, joined, period_us, waiter_first, waiters; /* domain, node */
	uint64_t topic, bytes, depth, deadline_us, publishers, readers;			    /* topic */
	uint64_t published, woken, timeouts, abandoned;					    /* publication */
	uint64_t start, next, got, lost, skipped, stale, overtaken;			    /* subscription */
	uint64_t period_ns, cycles, overruns, faults, switches, wakes, spurious;	    /* loop */
	uint64_t cause, process;							    /* state_dumped */
	const char *name, *type;
};

struct trace_sched {
	uint64_t previous_thread, previous_state, next_thread, next_priority, thread, cpu;
	const char *previous_name, *next_name;
};

struct trace_event {
	enum trace_kind kind;
	uint32_t stream;
	uint64_t time_ns;
	uint64_t cpu, process, thread; /* 0 where the trace does not say */
	uint64_t domain, node, loop, cycle;
	union {
		struct trace_sample sample;
		struct {
			uint64_t topic, first, count;
		} lost;
		struct trace_wait wait;
		struct trace_lock lock;
		struct trace_command command;
		struct trace_cycle cycles;
		struct trace_node nodes;
		struct trace_described described;
		struct trace_sched sched;
	};
};

/* What an event's name ("takt:sample_read", "sched_switch") is to us. */
enum trace_kind trace_event_kind(const char *name);
/* "sample_read". */
const char *trace_event_name(enum trace_kind kind);

/* Where a field of an event belongs. @param is_text set: it is a `const char *` @retval offset in struct trace_event; SIZE_MAX: nowhere */
size_t trace_event_place(enum trace_kind kind, const char *field, int *is_text);

#endif
