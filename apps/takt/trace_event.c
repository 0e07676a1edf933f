/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_event.h"

#include <string.h>

/* The kinds that have a field: from the first to the last of them, in the order of enum trace_kind. */
struct place {
	enum trace_kind first;
	enum trace_kind last;
	const char *field;
	size_t offset;
	int is_text;
};

#define PLACE(first, last, field, member)                                                                              \
	{                                                                                                              \
		first, last, field, offsetof(struct trace_event, member), 0                                            \
	}
#define TEXT(first, last, field, member)                                                                               \
	{                                                                                                              \
		first, last, field, offsetof(struct trace_event, member), 1                                            \
	}
#define SAMPLE(first, last, name) PLACE(TRACE_SAMPLE_##first, TRACE_SAMPLE_##last, #name, sample.name)
#define WAIT(name)		  PLACE(TRACE_READER_WOKEN, TRACE_READER_WOKEN, #name, wait.name)
#define LOCK(name)		  PLACE(TRACE_LOCK_WAITED, TRACE_LOCK_RELEASED, #name, lock.name)
#define COMMAND(name)		  PLACE(TRACE_COMMAND_RECEIVED, TRACE_PARAMETERS_SWAPPED, #name, command.name)
#define CYCLE(name)		  PLACE(TRACE_CYCLE_BEGUN, TRACE_CYCLE_OVERRUN, #name, cycles.name)
#define NODE(name)		  PLACE(TRACE_NODE_JOINED, TRACE_NODE_FOUND_DEAD, #name, nodes.name)
#define DESCRIBED(name)		  PLACE(TRACE_DOMAIN_DESCRIBED, TRACE_STATE_DUMPED, #name, described.name)
#define ANY(name)		  PLACE(TRACE_SAMPLE_LOANED, TRACE_STATE_DUMPED, #name, name)
#define LOST(name)		  PLACE(TRACE_SAMPLES_LOST, TRACE_SAMPLES_LOST, #name, lost.name)

static const struct place places[] = {
	ANY(domain),
	ANY(node),
	ANY(loop),
	ANY(cycle),
	SAMPLE(LOANED, RETURNED, topic),
	SAMPLE(PUBLISHED, RETURNED, number),
	SAMPLE(PUBLISHED, BORROWED, publish_ns),
	SAMPLE(PUBLISHED, BORROWED, origin_topic),
	SAMPLE(PUBLISHED, BORROWED, origin_number),
	SAMPLE(PUBLISHED, BORROWED, origin_ns),
	SAMPLE(LOANED, PUBLISHED, slot),
	SAMPLE(PUBLISHED, PUBLISHED, is_loan),
	SAMPLE(PUBLISHED, PUBLISHED, woken_count),
	SAMPLE(PUBLISHED, PUBLISHED, woken),
	SAMPLE(READ, BORROWED, read_ns),
	SAMPLE(READ, BORROWED, age_ns),
	SAMPLE(READ, BORROWED, lost),
	SAMPLE(READ, BORROWED, skipped),
	SAMPLE(READ, BORROWED, is_stale),
	SAMPLE(READ, BORROWED, is_repeated),
	SAMPLE(BORROWED, RETURNED, pin),
	SAMPLE(RETURNED, RETURNED, is_kept),
	LOST(topic),
	LOST(first),
	LOST(count),
	WAIT(waiter),
	WAIT(began_ns),
	WAIT(deadline_ns),
	WAIT(woken_ns),
	WAIT(cause),
	WAIT(topic),
	WAIT(number),
	WAIT(sleeps),
	WAIT(spurious),
	LOCK(topic),
	LOCK(began_ns),
	LOCK(ended_ns),
	LOCK(outcome),
	LOCK(owner),
	LOCK(turn),
	LOCK(taken_ns),
	LOCK(released_ns),
	LOCK(is_contended),
	COMMAND(number),
	COMMAND(bytes),
	COMMAND(began_ns),
	COMMAND(ended_ns),
	COMMAND(result),
	COMMAND(generation),
	TEXT(TRACE_COMMAND_PARSED, TRACE_COMMAND_EXECUTED, "verb", command.verb),
	TEXT(TRACE_COMMAND_PARSED, TRACE_COMMAND_PARSED, "arguments", command.text),
	TEXT(TRACE_COMMAND_REFUSED, TRACE_COMMAND_REFUSED, "why", command.text),
	CYCLE(cause),
	CYCLE(due_ns),
	CYCLE(begin_ns),
	CYCLE(end_ns),
	CYCLE(run_ns),
	CYCLE(overruns),
	CYCLE(faults),
	CYCLE(switches),
	CYCLE(found_ns),
	CYCLE(missed),
	NODE(dead_node),
	NODE(token),
	NODE(process),
	NODE(held),
	NODE(topic),
	TEXT(TRACE_NODE_JOINED, TRACE_NODE_LEFT, "name", nodes.name),
	DESCRIBED(described),
	DESCRIBED(nodes),
	DESCRIBED(topics),
	DESCRIBED(token),
	DESCRIBED(joined),
	DESCRIBED(period_us),
	DESCRIBED(waiter_first),
	DESCRIBED(waiters),
	DESCRIBED(topic),
	DESCRIBED(bytes),
	DESCRIBED(depth),
	DESCRIBED(deadline_us),
	DESCRIBED(publishers),
	DESCRIBED(readers),
	DESCRIBED(published),
	DESCRIBED(woken),
	DESCRIBED(timeouts),
	DESCRIBED(abandoned),
	DESCRIBED(start),
	DESCRIBED(next),
	DESCRIBED(got),
	DESCRIBED(lost),
	DESCRIBED(skipped),
	DESCRIBED(stale),
	DESCRIBED(overtaken),
	DESCRIBED(period_ns),
	DESCRIBED(cycles),
	DESCRIBED(overruns),
	DESCRIBED(faults),
	DESCRIBED(switches),
	DESCRIBED(wakes),
	DESCRIBED(spurious),
	DESCRIBED(cause),
	DESCRIBED(process),
	TEXT(TRACE_DOMAIN_DESCRIBED, TRACE_STATE_DUMPED, "name", described.name),
	TEXT(TRACE_TOPIC_DESCRIBED, TRACE_TOPIC_DESCRIBED, "type", described.type),
	PLACE(TRACE_SCHED_SWITCH, TRACE_SCHED_SWITCH, "prev_tid", sched.previous_thread),
	PLACE(TRACE_SCHED_SWITCH, TRACE_SCHED_SWITCH, "prev_state", sched.previous_state),
	PLACE(TRACE_SCHED_SWITCH, TRACE_SCHED_SWITCH, "next_tid", sched.next_thread),
	PLACE(TRACE_SCHED_SWITCH, TRACE_SCHED_SWITCH, "next_prio", sched.next_priority),
	TEXT(TRACE_SCHED_SWITCH, TRACE_SCHED_SWITCH, "prev_comm", sched.previous_name),
	TEXT(TRACE_SCHED_SWITCH, TRACE_SCHED_SWITCH, "next_comm", sched.next_name),
	PLACE(TRACE_SCHED_WAKEUP, TRACE_SCHED_WAKEUP, "tid", sched.thread),
	PLACE(TRACE_SCHED_WAKEUP, TRACE_SCHED_WAKEUP, "target_cpu", sched.cpu),
	TEXT(TRACE_SCHED_WAKEUP, TRACE_SCHED_WAKEUP, "comm", sched.next_name),
};

static const char *const names[TRACE_KIND_COUNT] = {
	[TRACE_OTHER] = "other",
	[TRACE_SAMPLE_LOANED] = "sample_loaned",
	[TRACE_SAMPLE_ABANDONED] = "sample_abandoned",
	[TRACE_SAMPLE_PUBLISHED] = "sample_published",
	[TRACE_SAMPLE_READ] = "sample_read",
	[TRACE_SAMPLE_BORROWED] = "sample_borrowed",
	[TRACE_SAMPLE_RETURNED] = "sample_returned",
	[TRACE_SAMPLES_LOST] = "samples_lost",
	[TRACE_READER_WOKEN] = "reader_woken",
	[TRACE_LOCK_WAITED] = "lock_waited",
	[TRACE_LOCK_TAKEN] = "lock_taken",
	[TRACE_LOCK_TAKEN_OVER] = "lock_taken_over",
	[TRACE_LOCK_RELEASED] = "lock_released",
	[TRACE_COMMAND_RECEIVED] = "command_received",
	[TRACE_COMMAND_PARSED] = "command_parsed",
	[TRACE_COMMAND_APPLIED] = "command_applied",
	[TRACE_COMMAND_REFUSED] = "command_refused",
	[TRACE_COMMAND_EXECUTED] = "command_executed",
	[TRACE_PARAMETERS_SWAPPED] = "parameters_swapped",
	[TRACE_CYCLE_BEGUN] = "cycle_begun",
	[TRACE_CYCLE_ENDED] = "cycle_ended",
	[TRACE_CYCLE_OVERRUN] = "cycle_overrun",
	[TRACE_NODE_JOINED] = "node_joined",
	[TRACE_NODE_LEFT] = "node_left",
	[TRACE_NODE_FOUND_DEAD] = "node_found_dead",
	[TRACE_DOMAIN_DESCRIBED] = "domain_described",
	[TRACE_NODE_DESCRIBED] = "node_described",
	[TRACE_TOPIC_DESCRIBED] = "topic_described",
	[TRACE_PUBLICATION_DESCRIBED] = "publication_described",
	[TRACE_SUBSCRIPTION_DESCRIBED] = "subscription_described",
	[TRACE_LOOP_DESCRIBED] = "loop_described",
	[TRACE_STATE_DUMPED] = "state_dumped",
	[TRACE_SCHED_SWITCH] = "sched_switch",
	[TRACE_SCHED_WAKEUP] = "sched_wakeup",
};

enum trace_kind trace_event_kind(const char *name)
{
	int is_ours = strncmp(name, "takt:", 5) == 0;
	for (int kind = TRACE_SAMPLE_LOANED; kind < TRACE_KIND_COUNT; kind++)
		if (strcmp(is_ours ? name + 5 : name, names[kind]) == 0 && is_ours == (kind < TRACE_SCHED_SWITCH))
			return (enum trace_kind)kind;
	return TRACE_OTHER;
}

const char *trace_event_name(enum trace_kind kind)
{
	return names[kind < TRACE_KIND_COUNT ? kind : TRACE_OTHER];
}

size_t trace_event_place(enum trace_kind kind, const char *field, int *is_text)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (kind < places[i].first || kind > places[i].last || strcmp(field, places[i].field) != 0)
			continue;
		*is_text = places[i].is_text;
		return places[i].offset;
	}
	return SIZE_MAX;
}
