/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of a real-time thread: it sleeps until the next period (absolute deadlines, no drift) or until news comes, runs one cycle of
 * the caller's, and keeps statistics of both.
 *
 *	static struct takt_loop loop;
 *	if (takt_loop_begin(&loop, &node, &(struct takt_loop_options){.period_ns = 1000000}) != TAKT_OK) ...
 *	while (takt_loop_next(&loop) == TAKT_OK) {
 *		... one cycle ...
 *	}
 *	takt_loop_end(&loop);
 *
 * A loop with triggers is event driven: a cycle runs when one of them has news, and, where a period is set, at the latest one period
 * after the last cycle. Commands and parameter changes take effect between two cycles.
 */
#ifndef TAKT_CORE_LOOP_H
#define TAKT_CORE_LOOP_H

#include <stdint.h>

#include "core/node.h"
#include "core/topic.h"
#include "core/waiter.h"
#include "platform/status.h"
#include "platform/thread.h"

#ifdef __cplusplus
extern "C" {
#endif

struct takt_loop_shm;

enum takt_loop_cause {
	TAKT_CAUSE_PERIOD = 0, /* the period's time has come */
	TAKT_CAUSE_NEWS = 1,   /* a trigger has news */
	TAKT_CAUSE_TIMEOUT = 2 /* event driven: no news for one period */
};

struct takt_loop_options {
	uint64_t period_ns;		   /* 0: the config's `period_us`; both 0: event driven without a time-out */
	struct takt_subscriber **triggers; /* NULL and 0: periodic */
	uint32_t trigger_count;
	uint32_t
		loop_index; /* 0 to `waiters` - 1: one for each thread of a node that runs a loop; 0 obeys commands and has the parameters */
};

/* One thread's loop. Declare it static and zeroed. */
struct takt_loop {
	struct takt_node *node; /* NULL: not begun */
	struct takt_loop_shm *statistics;
	struct takt_waiter waiter;
	uint64_t period_ns;
	uint64_t due_ns;	 /* when the present cycle should have begun */
	uint64_t cycle_begin_ns; /* when it began */
	uint64_t news_until_ns;	 /* event driven: when the next cycle runs without news */
	uint64_t cycle_count;
	uint64_t overrun_count; /* periods skipped or begun late by more than one period */
	uint32_t loop_index;
	uint32_t is_event_driven;
	uint32_t is_in_cycle;
	uint32_t is_first;   /* the node's loop 0, which runs its commands and takes its parameters */
	uint32_t is_stopped; /* by command, as takt_loop_try_next saw it last */
	uint32_t catches_up; /* overrun policy: 1 every period gets its cycle, late; 0 missed periods are skipped */
	enum takt_loop_cause cause;
	struct takt_os_usage usage; /* at the end of the last cycle */
};

/**
 * Makes the calling thread the node's real-time thread: scheduling and CPUs from the config, memory locked, stack touched, statistics
 * at zero; starts the command thread and says "ready". A right that is missing is said once, and the loop runs on without it.
 * @retval TAKT_OK  @retval TAKT_INVALID neither period nor triggers, or an index that the config does not allow
 * @retval TAKT_LIMIT triggers, but the node has no waiter  @retval TAKT_NO_SPACE @retval TAKT_SYSTEM no command thread
 * RT: start-up only; real time begins when it returns.
 */
TAKT_CHECKED enum takt_status takt_loop_begin(struct takt_loop *loop, struct takt_node *node,
					      const struct takt_loop_options *options);

/**
 * Ends the present cycle and waits for the next. While the node is stopped by command it stays in here.
 * @retval TAKT_OK run one cycle now; `loop->cause`, `due_ns`, `cycle_begin_ns` and `cycle_count` tell which
 * @retval TAKT_STOPPED a quit command or a signal: end the loop
 * RT: safe; sleeps; at most three system calls more. Threads: the loop's.
 */
TAKT_CHECKED enum takt_status takt_loop_next(struct takt_loop *loop);

/**
 * The same for a thread that waits elsewhere, in an event loop of its own (core/descriptor.h has the descriptors that it waits for): ends the
 * present cycle, obeys a command that waits, and never sleeps. To be called until it does not return TAKT_OK: a policy of catching up
 * runs one cycle for each period that has passed.
 * @retval TAKT_OK run one cycle now, as for takt_loop_next  @retval TAKT_EMPTY none is due, or the node is stopped by command
 * @retval TAKT_STOPPED a quit command or a signal: end the loop
 * RT: safe; at most two system calls. Threads: the loop's, which calls either this one or takt_loop_next.
 */
TAKT_CHECKED enum takt_status takt_loop_try_next(struct takt_loop *loop);

/* After TAKT_EMPTY: when the next cycle is due, should nothing come before, in ns; TAKT_FOREVER: only news or a command bring one.
 * RT: safe. Threads: the loop's. */
uint64_t takt_loop_due_ns(const struct takt_loop *loop);

/* Ends it. The thread keeps its scheduling. Safe on one that has not begun. */
void takt_loop_end(struct takt_loop *loop);

#ifdef __cplusplus
}
#endif
#endif
