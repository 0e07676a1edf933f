/* SPDX-License-Identifier: Apache-2.0 */
/* Loops: their figures, and the stories of their worst cycles. */
#include <stdio.h>
#include <string.h>

#include "apps/takt/trace_analysis.h"

#define FIRST_POINTS (TRACE_POINTS_MAX / 2) /* are kept whatever follows */

static uint64_t span(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? to_ns - from_ns : 0;
}

/* A story that grows too long loses its middle. */
void trace_add_point(struct trace_loop *loop, const struct trace_point *point)
{
	struct trace_worst *present = &loop->present;
	if (present->point_count == TRACE_POINTS_MAX) {
		memmove(&present->points[FIRST_POINTS], &present->points[FIRST_POINTS + 1],
			(TRACE_POINTS_MAX - FIRST_POINTS - 1) * sizeof(*point));
		present->point_count--;
		present->points_left_out++;
	}
	present->points[present->point_count++] = *point;
}

static void forget_present(struct trace_loop *loop)
{
	uint32_t index = loop->present.loop;
	/* Not the points, of which there may be many. */
	memset(&loop->present, 0, offsetof(struct trace_worst, points));
	loop->present.loop = index;
	loop->present.woken_topic = TRACE_NONE;
	loop->is_in_cycle = 0;
}

/* ------------------------------------------------------------------------------------------------------- kernel */

void trace_add_switch(struct trace_analysis *analysis, const struct trace_event *event)
{
	const struct trace_sched *sched = &event->sched;
	struct trace_switch *to = &analysis->switches[analysis->switch_count++ & (TRACE_SWITCHES - 1)];
	int is_wakeup = event->kind == TRACE_SCHED_WAKEUP;
	*to = (struct trace_switch){.time_ns = event->time_ns,
				    .cpu = (uint32_t)(is_wakeup ? sched->cpu : event->cpu),
				    .previous = (uint32_t)sched->previous_thread,
				    .next = (uint32_t)(is_wakeup ? sched->thread : sched->next_thread),
				    .is_wakeup = (uint32_t)is_wakeup};
	(void)snprintf(to->previous_name, sizeof(to->previous_name), "%s", sched->previous_name);
	(void)snprintf(to->next_name, sizeof(to->next_name), "%s", sched->next_name);
}

/* What the kernel did with this thread between due and end. */
static void add_switches(const struct trace_analysis *analysis, struct trace_loop *loop)
{
	struct trace_worst *present = &loop->present;
	uint64_t first = analysis->switch_count > TRACE_SWITCHES ? analysis->switch_count - TRACE_SWITCHES : 0;
	present->has_kernel = analysis->kernel_count != 0;
	for (uint64_t i = first; i < analysis->switch_count; i++) {
		const struct trace_switch *at = &analysis->switches[i & (TRACE_SWITCHES - 1)];
		if (at->time_ns < present->due_ns || at->time_ns > present->end_ns || loop->thread == 0 ||
		    (at->previous != loop->thread && at->next != loop->thread))
			continue;
		struct trace_point point = {.time_ns = at->time_ns,
					    .kind = at->is_wakeup ? TRACE_SCHED_WAKEUP : TRACE_SCHED_SWITCH,
					    .topic = at->cpu,
					    .detail = !at->is_wakeup && at->next == loop->thread};
		(void)snprintf(point.name, sizeof(point.name), "%s", point.detail ? at->previous_name : at->next_name);
		trace_add_point(loop, &point);
	}
}

/* ------------------------------------------------------------------------------------------------------- worst */

static uint64_t response_of(const struct trace_worst *cycle)
{
	return span(cycle->due_ns, cycle->end_ns);
}

static void sort_points(struct trace_worst *cycle)
{
	for (uint32_t i = 1; i < cycle->point_count; i++) {
		struct trace_point point = cycle->points[i];
		uint32_t at = i;
		for (; at && cycle->points[at - 1].time_ns > point.time_ns; at--)
			cycle->points[at] = cycle->points[at - 1];
		cycle->points[at] = point;
	}
}

/* Keeps the present cycle where it is one of the longest of its loop. */
static void keep_worst(struct trace_analysis *analysis, struct trace_loop *loop)
{
	uint32_t room = analysis->options.worst_count;
	uint64_t response_ns = response_of(&loop->present);
	if (room == 0 || (loop->worst_count == room && response_ns <= response_of(&loop->worst[loop->worst_count - 1])))
		return;
	add_switches(analysis, loop);
	const struct trace_slot *slot =
		trace_slot_find(analysis, loop->domain, loop->present.woken_topic, loop->present.woken_number);
	loop->present.woken_publisher = slot ? slot->publisher : TRACE_NONE;
	loop->present.thread = loop->thread;
	uint32_t at = loop->worst_count < room ? loop->worst_count++ : room - 1;
	for (; at && response_of(&loop->worst[at - 1]) < response_ns; at--)
		loop->worst[at] = loop->worst[at - 1];
	loop->worst[at] = loop->present;
	sort_points(&loop->worst[at]);
}

/* ------------------------------------------------------------------------------------------------------- events */

/* Into the figures and, where that is wanted, what happened when. */
static void add_span(struct takt_histogram *histogram, struct trace_series *series, uint64_t time_ns, uint64_t span_ns)
{
	trace_span_add(histogram, span_ns);
	if (series)
		trace_series_add(series, time_ns, span_ns);
}

static void begin_cycle(struct trace_loop *loop, const struct trace_event *event)
{
	const struct trace_cycle *cycle = &event->cycles;
	struct trace_worst *present = &loop->present;
	/* The end of the cycle before is not in the trace. */
	if (loop->is_in_cycle)
		forget_present(loop);
	loop->is_in_cycle = 1;
	loop->cycle_count++;
	loop->thread = (uint32_t)event->thread;
	present->cycle = event->cycle;
	present->cause = (uint32_t)cycle->cause;
	present->due_ns = cycle->due_ns;
	present->begin_ns = cycle->begin_ns;
	present->previous_end_ns = loop->last_end_ns;
	present->woken_topic = TRACE_NONE;
	if (loop->cycle_count == 1 || cycle->overruns < loop->overruns_first)
		loop->overruns_first = event->cycle == 1 ? 0 : cycle->overruns;
	loop->overrun_count = cycle->overruns - loop->overruns_first;
	if (loop->woken_ns && loop->woken_ns <= cycle->begin_ns && loop->woken_ns >= loop->last_begin_ns) {
		present->woken_ns = loop->woken_ns;
		present->wait_began_ns = loop->wait_began_ns;
		present->woken_topic = loop->woken_topic;
		present->woken_number = loop->woken_number;
	}
	add_span(&loop->late_ns, loop->late, event->time_ns, span(cycle->due_ns, cycle->begin_ns));
	if (cycle->cause == TRACE_CAUSE_PERIOD && loop->last_begin_ns && event->cycle == loop->last_cycle + 1 &&
	    cycle->begin_ns >= loop->last_begin_ns && cycle->due_ns >= loop->last_due_ns) {
		uint64_t between = cycle->begin_ns - loop->last_begin_ns;
		uint64_t wanted = cycle->due_ns - loop->last_due_ns;
		add_span(&loop->jitter_ns, loop->jitter, event->time_ns,
			 between > wanted ? between - wanted : wanted - between);
	}
	loop->last_cycle = event->cycle;
	loop->last_due_ns = cycle->due_ns;
	loop->last_begin_ns = cycle->begin_ns;
}

/* What was read in this cycle and led to nothing that was published has been handled now. */
static void handle_rest(struct trace_loop *loop, uint64_t cycle, uint64_t end_ns)
{
	for (uint64_t back = 1; back <= TRACE_READS_MAX && back <= loop->read_count; back++) {
		struct trace_recent_read *read = &loop->reads[(loop->read_count - back) & (TRACE_READS_MAX - 1)];
		if (read->cycle != cycle)
			return;
		if (!read->is_handled)
			trace_span_add(&read->hop->stages_ns[TRACE_READ_TO_HANDLED], span(read->read_ns, end_ns));
		read->is_handled = 1;
	}
}

static void end_cycle(struct trace_analysis *analysis, struct trace_loop *loop, const struct trace_event *event)
{
	const struct trace_cycle *cycle = &event->cycles;
	struct trace_worst *present = &loop->present;
	trace_span_add(&loop->run_ns, span(cycle->begin_ns, cycle->end_ns));
	loop->fault_count += cycle->faults;
	loop->switch_count += cycle->switches;
	loop->last_end_ns = cycle->end_ns;
	handle_rest(loop, event->cycle, cycle->end_ns);
	/* A cycle whose begin is not in the trace has no due time. */
	if (loop->is_in_cycle && present->begin_ns == cycle->begin_ns) {
		present->end_ns = cycle->end_ns;
		present->faults = cycle->faults;
		present->switches = cycle->switches;
		trace_span_add(&loop->response_ns, response_of(present));
		keep_worst(analysis, loop);
	}
	forget_present(loop);
}

static void wake(struct trace_loop *loop, const struct trace_wait *wait)
{
	loop->woken_ns = wait->woken_ns;
	loop->wait_began_ns = wait->began_ns;
	loop->woken_topic = wait->cause == TRACE_WAKE_NEWS ? (uint32_t)wait->topic : TRACE_NONE;
	loop->woken_number = wait->number;
	trace_add_point(loop, &(struct trace_point){.time_ns = wait->woken_ns,
						    .kind = TRACE_READER_WOKEN,
						    .topic = loop->woken_topic,
						    .number = wait->number,
						    .value = span(wait->began_ns, wait->woken_ns),
						    .detail = (uint32_t)wait->cause});
}

static void wait_for_lock(struct trace_loop *loop, const struct trace_lock *lock)
{
	uint64_t wait_ns = span(lock->began_ns, lock->ended_ns);
	trace_span_add(&loop->lock_wait_ns, wait_ns);
	loop->present.lock_wait_ns += wait_ns;
	trace_add_point(loop, &(struct trace_point){.time_ns = lock->ended_ns,
						    .kind = TRACE_LOCK_WAITED,
						    .topic = (uint32_t)lock->topic,
						    .value = wait_ns,
						    .detail = (uint32_t)lock->outcome});
}

static void add_command(struct trace_loop *loop, const struct trace_event *event)
{
	struct trace_point point = {.time_ns = event->command.ended_ns ? event->command.ended_ns : event->time_ns,
				    .kind = event->kind,
				    .value = span(event->command.began_ns, event->command.ended_ns)};
	(void)snprintf(point.name, sizeof(point.name), "%s", event->command.verb);
	trace_add_point(loop, &point);
}

void trace_add_cycle(struct trace_analysis *analysis, struct trace_loop *loop, const struct trace_event *event)
{
	switch (event->kind) {
	case TRACE_CYCLE_BEGUN:
		begin_cycle(loop, event);
		return;
	case TRACE_CYCLE_ENDED:
		end_cycle(analysis, loop, event);
		return;
	case TRACE_CYCLE_OVERRUN:
		loop->present.missed += event->cycles.missed;
		return;
	case TRACE_READER_WOKEN:
		wake(loop, &event->wait);
		return;
	case TRACE_LOCK_WAITED:
		wait_for_lock(loop, &event->lock);
		return;
	case TRACE_COMMAND_EXECUTED:
	case TRACE_PARAMETERS_SWAPPED:
		add_command(loop, event);
		return;
	default:
		return;
	}
}
