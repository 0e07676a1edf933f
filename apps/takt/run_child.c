/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/run_child.h"

void run_child_init(struct run_child *child, enum takt_restart restart)
{
	*child = (struct run_child){.restart = restart, .phase = RUN_WAITING};
}

void run_child_started(struct run_child *child, uint64_t now_ns)
{
	child->phase = RUN_STARTING;
	child->started_ns = now_ns;
}

void run_child_ready(struct run_child *child, uint64_t now_ns)
{
	child->phase = RUN_UP;
	child->ready_ns = now_ns;
	child->was_ready = 1;
}

static uint64_t backoff_ns(uint32_t step)
{
	uint64_t span_ns = RUN_BACKOFF_FIRST_NS;

	if (step == 0)
		return 0;
	while (--step && span_ns < RUN_BACKOFF_MAX_NS)
		span_ns *= 2;
	return span_ns < RUN_BACKOFF_MAX_NS ? span_ns : RUN_BACKOFF_MAX_NS;
}

/* Remembers this end. @retval 1 it completes a crash loop */
static int is_crash_loop(struct run_child *child, uint64_t now_ns)
{
	uint32_t place = child->crash_count++ % RUN_CRASH_COUNT;

	child->crash_ns[place] = now_ns;
	/* The place behind the newest holds the oldest. */
	return child->crash_count >= RUN_CRASH_COUNT &&
	       now_ns - child->crash_ns[(place + 1) % RUN_CRASH_COUNT] <= RUN_CRASH_WINDOW_NS;
}

enum run_verdict run_child_ended(struct run_child *child, int failed, uint64_t now_ns)
{
	int was_healthy = child->phase == RUN_UP && now_ns >= child->ready_ns + RUN_HEALTH_NS;

	child->phase = RUN_DOWN;
	child->ended_ns = now_ns;
	child->has_failed = failed != 0;
	if (child->restart == TAKT_RESTART_NEVER || (child->restart == TAKT_RESTART_ON_FAILURE && !failed))
		return RUN_STAYS_DOWN;
	if (is_crash_loop(child, now_ns))
		return RUN_GIVES_UP;
	if (was_healthy)
		child->backoff_step = 0;
	child->start_due_ns = now_ns + backoff_ns(child->backoff_step++);
	child->restart_count++;
	child->phase = RUN_WAITING;
	return RUN_RESTARTS;
}

int run_child_is_due(const struct run_child *child, uint64_t now_ns)
{
	return child->phase == RUN_WAITING && now_ns >= child->start_due_ns;
}

int run_child_is_late(const struct run_child *child, uint64_t now_ns)
{
	return child->phase == RUN_STARTING && now_ns >= child->started_ns + RUN_READY_BOUND_NS;
}

enum run_stop_step run_stop_next(struct run_stop *stop, int hears, uint32_t hurry, uint64_t now_ns)
{
	uint64_t bound_ns = hurry ? RUN_HURRY_BOUND_NS : RUN_STOP_BOUND_NS;
	enum run_stop_step next;

	if (stop->step == RUN_STOP_LOST)
		return RUN_STOP_NONE;
	if (hurry >= 2 && stop->step < RUN_STOP_KILL)
		next = RUN_STOP_KILL;
	else if (hurry && stop->step < RUN_STOP_TERMINATE)
		next = RUN_STOP_TERMINATE;
	else if (stop->step == RUN_STOP_NONE)
		next = hears ? RUN_STOP_QUIT : RUN_STOP_TERMINATE;
	else if (now_ns - stop->since_ns >= bound_ns)
		next = (enum run_stop_step)(stop->step + 1);
	else
		return RUN_STOP_NONE;
	stop->step = next;
	stop->since_ns = now_ns;
	return next;
}
