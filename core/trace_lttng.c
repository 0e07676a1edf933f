/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tracepoints, and the functions that fill their events. Each is called only while a session records its event. Nothing here needs
 * LTTng's libraries: its header looks for liblttng-ust-tracepoint when the program starts, and without that no tracepoint is ever on.
 */
#define LTTNG_UST_TRACEPOINT_DEFINE
#define LTTNG_UST_TRACEPOINT_PROBE_DYNAMIC_LINKAGE
#define LTTNG_UST_TRACEPOINT_HIDDEN_DEFINITION
#include "core/trace_lttng.h"

#include <string.h>

#include "core/layout.h"
#include "core/protocol/mailbox.h"
#include "core/protocol/ring.h"
#include "core/queue_view.h"
#include "core/trace.h"
#include "core/trace_state.h"
#include "platform/clock.h"
#include "platform/sem.h"

/* What a thread has noted and not told yet. Zero: nothing. */
static _Thread_local struct {
	const struct takt_loop *loop;
	uint32_t loop_index;
	struct takt_sample_header committed;
	uint64_t wait_began_ns;
	uint64_t wake_count;
	uint64_t spurious_count;
	uint64_t lock_began_ns;
	uint64_t lock_released_ns;
	const struct takt_node *attaching; /* whose publisher it is that is no node's yet */
	uint64_t dead_owner;
	uint64_t command_began_ns;
	uint64_t generation_plus_one;
	int has_taken_over;
} noted;

struct takt_trace_place takt_trace_place_of(const struct takt_node *node)
{
	struct takt_trace_place place = {.domain = node->domain.instance,
					 .node = (uint16_t)node->node_index,
					 .loop = TAKT_TRACE_NO_LOOP};
	if (noted.loop && noted.loop->node == node) {
		place.loop = (uint16_t)noted.loop_index;
		place.cycle = noted.loop->is_in_cycle ? noted.loop->cycle_count : 0;
	}
	return place;
}

void takt_trace_emit_loop_begun(const struct takt_loop *loop, uint32_t loop_index)
{
	takt_trace_thread_touched();
	noted.loop = loop;
	noted.loop_index = loop_index;
}

void takt_trace_emit_loop_ended(void)
{
	noted.loop = NULL;
}

/* ----------------------------------------------------------------------------------------------------- samples */

void takt_trace_emit_sample_loaned(const struct takt_publisher *publisher, uint32_t slot_index)
{
	struct takt_trace_place at = takt_trace_place_of(publisher->node);
	lttng_ust_tracepoint(takt, sample_loaned, &at, publisher->topic_index, slot_index);
}

void takt_trace_emit_sample_abandoned(const struct takt_publisher *publisher, uint32_t slot_index)
{
	struct takt_trace_place at = takt_trace_place_of(publisher->node);
	lttng_ust_tracepoint(takt, sample_abandoned, &at, publisher->topic_index, slot_index);
}

void takt_trace_emit_sample_committed(const unsigned char *slot)
{
	takt_ring_load_header(&noted.committed, slot);
}

void takt_trace_emit_sample_published(const struct takt_publisher *publisher, const unsigned char *slot,
				      uint32_t slot_index, uint32_t is_loan, uint64_t woken_mask)
{
	struct takt_trace_place at = takt_trace_place_of(publisher->node);
	struct takt_trace_publish publish = {.topic = publisher->topic_index,
					     .slot = slot_index,
					     .is_loan = is_loan,
					     .woken = woken_mask};
	if (publisher->is_shared) {
		publish.header = noted.committed;
		noted.committed.number = 0;
	} else {
		takt_ring_load_header(&publish.header, slot);
	}
	/* Nothing noted: the session began between the two. */
	if (publish.header.number)
		lttng_ust_tracepoint(takt, sample_published, &at, &publish);
}

static struct takt_sample_info with_time(const struct takt_sample_info *info)
{
	struct takt_sample_info timed = *info;
	if (timed.read_ns == 0)
		timed.read_ns = takt_os_clock_now_ns();
	return timed;
}

void takt_trace_emit_sample_read(const struct takt_subscriber *subscriber, const struct takt_sample_info *info)
{
	struct takt_trace_place at = takt_trace_place_of(subscriber->node);
	struct takt_sample_info timed = with_time(info);
	lttng_ust_tracepoint(takt, sample_read, &at, subscriber->topic_index, &timed, 0);
}

void takt_trace_emit_sample_borrowed(const struct takt_subscriber *subscriber, const struct takt_sample_info *info,
				     uint32_t pin)
{
	struct takt_trace_place at = takt_trace_place_of(subscriber->node);
	struct takt_sample_info timed = with_time(info);
	lttng_ust_tracepoint(takt, sample_borrowed, &at, subscriber->topic_index, &timed, pin);
}

void takt_trace_emit_sample_returned(const struct takt_subscriber *subscriber, const struct takt_borrow *borrow,
				     int is_kept)
{
	struct takt_trace_place at = takt_trace_place_of(subscriber->node);
	lttng_ust_tracepoint(takt, sample_returned, &at, subscriber->topic_index, borrow->number, borrow->pin, is_kept);
}

void takt_trace_emit_samples_lost(const struct takt_subscriber *subscriber, uint64_t first, uint64_t count)
{
	struct takt_trace_place at = takt_trace_place_of(subscriber->node);
	lttng_ust_tracepoint(takt, samples_lost, &at, subscriber->topic_index, first, count);
}

/* ------------------------------------------------------------------------------------------------------- queues */

/* A tool's handle has no node, and its process no place in the trace. */
static struct takt_trace_item item_of(const struct takt_queue *queue, const struct takt_item *item)
{
	return (struct takt_trace_item){.queue = queue->queue_index,
					.band = item->band,
					.number = item->number,
					.push_ns = item->push_ns,
					.take_ns = item->take_ns,
					.delivery_count = item->delivery_count,
					.is_redelivered = item->is_redelivered,
					.origin = item->origin};
}

void takt_trace_emit_item_pushed(const struct takt_queue *queue, uint32_t band, uint64_t number,
				 const struct takt_origin *origin)
{
	if (queue->node == NULL)
		return;
	struct takt_trace_place at = takt_trace_place_of(queue->node);
	struct takt_trace_item pushed = {.queue = queue->queue_index,
					 .band = band,
					 .number = number,
					 .push_ns = queue->producers.taken_ns};
	if (origin)
		pushed.origin = *origin;
	if (pushed.origin.time_ns == 0)
		pushed.origin.time_ns = pushed.push_ns;
	lttng_ust_tracepoint(takt, item_pushed, &at, &pushed);
}

void takt_trace_emit_item_taken(const struct takt_queue *queue, const struct takt_item *item)
{
	if (queue->node == NULL)
		return;
	struct takt_trace_place at = takt_trace_place_of(queue->node);
	struct takt_trace_item taken = item_of(queue, item);
	lttng_ust_tracepoint(takt, item_taken, &at, &taken);
}

void takt_trace_emit_item_acknowledged(const struct takt_queue *queue, const struct takt_item *item)
{
	if (queue->node == NULL)
		return;
	struct takt_trace_place at = takt_trace_place_of(queue->node);
	struct takt_trace_item done = item_of(queue, item);
	lttng_ust_tracepoint(takt, item_acknowledged, &at, &done);
}

void takt_trace_emit_item_returned(const struct takt_queue *queue, const struct takt_item *item)
{
	if (queue->node == NULL)
		return;
	struct takt_trace_place at = takt_trace_place_of(queue->node);
	struct takt_trace_item returned = item_of(queue, item);
	lttng_ust_tracepoint(takt, item_returned, &at, &returned);
}

void takt_trace_emit_item_dropped(const struct takt_queue *queue, uint32_t band, uint64_t number,
				  enum takt_trace_drop why)
{
	if (queue->node == NULL)
		return;
	struct takt_trace_place at = takt_trace_place_of(queue->node);
	lttng_ust_tracepoint(takt, item_dropped, &at, queue->queue_index, band, number, (uint32_t)why);
}

void takt_trace_emit_items_redelivered(const struct takt_queue *queue, uint32_t count, uint64_t token)
{
	if (queue->node == NULL)
		return;
	struct takt_trace_place at = takt_trace_place_of(queue->node);
	lttng_ust_tracepoint(takt, items_redelivered, &at, queue->queue_index, count, token);
}

/* ----------------------------------------------------------------------------------------------- waits and locks */

void takt_trace_emit_wait_begun(const struct takt_waiter *waiter)
{
	noted.wait_began_ns = takt_os_clock_now_ns();
	noted.wake_count = waiter->wake_count;
	noted.spurious_count = waiter->spurious_count;
}

/* What was found: the first topic of the set with news, else a queue, else a command. */
static void find_cause(const struct takt_waiter *waiter, enum takt_status status, struct takt_trace_wait *wait)
{
	wait->cause = status == TAKT_TIMEOUT ? 2 : status == TAKT_OK ? 1 : 3;
	wait->topic = TAKT_TRACE_NO_TOPIC;
	for (uint32_t i = 0; i < waiter->subscriber_count && status == TAKT_OK; i++) {
		const struct takt_subscriber *subscriber = waiter->subscribers[i];
		if (!takt_subscriber_has_news(subscriber))
			continue;
		wait->cause = 0;
		wait->topic = subscriber->topic_index;
		wait->number = subscriber->next;
		return;
	}
	for (uint32_t i = 0; i < waiter->queue_count && status == TAKT_OK; i++) {
		const struct takt_waiter_queue *entry = &waiter->queues[i];
		if (takt_queue_has_news(entry->queue, entry->band,
					entry->is_producer ? TAKT_QUEUE_PRODUCER : TAKT_QUEUE_CONSUMER))
			wait->cause = 4;
	}
}

void takt_trace_emit_reader_woken(const struct takt_waiter *waiter, uint64_t deadline_ns, enum takt_status status)
{
	struct takt_trace_wait wait = {.woken_ns = takt_os_clock_now_ns(), .deadline_ns = deadline_ns};
	struct takt_trace_place at = takt_trace_place_of(waiter->node);
	/* The session began while this thread slept: when it fell asleep is not known. */
	if (noted.wait_began_ns) {
		wait.began_ns = noted.wait_began_ns;
		wait.sleep_count = waiter->wake_count - noted.wake_count;
		wait.spurious_count = waiter->spurious_count - noted.spurious_count;
		noted.wait_began_ns = 0;
	}
	wait.waiter = (uint32_t)__builtin_ctzll(waiter->bit);
	find_cause(waiter, status, &wait);
	lttng_ust_tracepoint(takt, reader_woken, &at, &wait);
}

void takt_trace_emit_attach_begun(const struct takt_node *node)
{
	noted.attaching = node;
}

static const struct takt_node *node_of(const struct takt_publisher *publisher)
{
	return publisher->node ? publisher->node : noted.attaching;
}

void takt_trace_emit_lock_wait_begun(void)
{
	noted.lock_began_ns = takt_os_clock_now_ns();
}

void takt_trace_emit_owner_found_dead(uint64_t token)
{
	noted.dead_owner = token;
}

void takt_trace_emit_lock_wait_ended(const struct takt_publisher *publisher, enum takt_status status, int taken_over)
{
	noted.has_taken_over = taken_over;
	if (status == TAKT_OK)
		return;
	struct takt_trace_place at = takt_trace_place_of(node_of(publisher));
	struct takt_trace_lock lock = {.began_ns = noted.lock_began_ns,
				       .taken_ns = takt_os_clock_now_ns(),
				       .owner = takt_lock_owner(&publisher->lock),
				       .outcome = 2,
				       .topic = publisher->topic_index};
	noted.lock_began_ns = 0;
	lttng_ust_tracepoint(takt, lock_waited, &at, &lock);
}

void takt_trace_emit_lock_given(uint64_t now_ns)
{
	noted.lock_released_ns = now_ns;
}

void takt_trace_emit_lock_released(const struct takt_publisher *publisher)
{
	struct takt_trace_lock lock = {.began_ns = noted.lock_began_ns,
				       .taken_ns = publisher->lock.taken_ns,
				       .released_ns = noted.lock_released_ns,
				       .turn = publisher->lock.turn_released,
				       .owner = noted.has_taken_over ? noted.dead_owner : 0,
				       .outcome = noted.has_taken_over ? 1 : 0,
				       .topic = publisher->topic_index,
				       .is_contended = publisher->lock.must_hand_over};
	noted.lock_began_ns = 0;
	noted.lock_released_ns = 0;
	noted.has_taken_over = 0;
	struct takt_trace_place at = takt_trace_place_of(node_of(publisher));
	if (lock.began_ns)
		lttng_ust_tracepoint(takt, lock_waited, &at, &lock);
	lttng_ust_tracepoint(takt, lock_taken, &at, &lock);
	if (lock.outcome == 1) {
		lttng_ust_tracepoint(takt, lock_taken_over, &at, &lock);
		takt_trace_node_found_dead(node_of(publisher), lock.owner, TAKT_TRACE_LOCK, lock.topic);
	}
	if (lock.released_ns)
		lttng_ust_tracepoint(takt, lock_released, &at, &lock);
}

/* ---------------------------------------------------------------------------------------- commands and parameters */

void takt_trace_emit_command_received(const struct takt_node *node, uint64_t number, const char *text)
{
	struct takt_trace_place at = takt_trace_place_of(node);
	lttng_ust_tracepoint(takt, command_received, &at, number, strlen(text));
}

void takt_trace_emit_command_parsed(const struct takt_node *node, uint64_t number, const char *verb,
				    const char *arguments)
{
	struct takt_trace_place at = takt_trace_place_of(node);
	lttng_ust_tracepoint(takt, command_parsed, &at, number, verb, arguments);
}

void takt_trace_emit_command_applied(const struct takt_node *node, uint64_t number, const char *verb)
{
	struct takt_trace_place at = takt_trace_place_of(node);
	lttng_ust_tracepoint(takt, command_applied, &at, number, verb);
}

void takt_trace_emit_command_refused(const struct takt_node *node, uint64_t number, const char *why)
{
	struct takt_trace_place at = takt_trace_place_of(node);
	lttng_ust_tracepoint(takt, command_refused, &at, number, why);
}

void takt_trace_emit_command_begun(void)
{
	noted.command_began_ns = takt_os_clock_now_ns();
}

void takt_trace_emit_command_executed(const struct takt_node *node, const char *verb, int32_t result)
{
	struct takt_trace_place at = takt_trace_place_of(node);
	lttng_ust_tracepoint(takt, command_executed, &at, verb, noted.command_began_ns, takt_os_clock_now_ns(), result);
	noted.command_began_ns = 0;
}

static uint64_t generation_of(const struct takt_parameters *parameters)
{
	/* Relaxed: written by this thread. */
	return atomic_load_explicit(&parameters->applied_generation, memory_order_relaxed);
}

void takt_trace_emit_parameters_looked_at(const struct takt_parameters *parameters)
{
	noted.generation_plus_one = generation_of(parameters) + 1;
}

void takt_trace_emit_parameters_swapped(const struct takt_parameters *parameters)
{
	struct takt_trace_place at = takt_trace_place_of(parameters->node);
	uint64_t before_plus_one = noted.generation_plus_one;
	noted.generation_plus_one = 0;
	/* 0: the session began between the two. */
	if (before_plus_one && before_plus_one != generation_of(parameters) + 1)
		lttng_ust_tracepoint(takt, parameters_swapped, &at, generation_of(parameters));
}

/* ------------------------------------------------------------------------------------------------ cycles, deaths */

void takt_trace_emit_cycle_begun(const struct takt_loop *loop)
{
	struct takt_trace_place at = takt_trace_place_of(loop->node);
	struct takt_trace_cycle cycle = {.cause = (uint32_t)loop->cause,
					 .due_ns = loop->due_ns,
					 .begin_ns = loop->cycle_begin_ns,
					 .overrun_count = loop->overrun_count};
	lttng_ust_tracepoint(takt, cycle_begun, &at, &cycle);
}

void takt_trace_emit_cycle_ended(const struct takt_loop *loop, uint64_t end_ns, uint64_t fault_count,
				 uint64_t switch_count)
{
	struct takt_trace_place at = takt_trace_place_of(loop->node);
	struct takt_trace_cycle cycle = {.begin_ns = loop->cycle_begin_ns,
					 .end_ns = end_ns,
					 .fault_count = fault_count,
					 .switch_count = switch_count};
	lttng_ust_tracepoint(takt, cycle_ended, &at, &cycle);
}

void takt_trace_emit_cycle_overrun(const struct takt_loop *loop, uint64_t due_ns, uint64_t now_ns,
				   uint64_t missed_count)
{
	struct takt_trace_place at = takt_trace_place_of(loop->node);
	lttng_ust_tracepoint(takt, cycle_overrun, &at, due_ns, now_ns, missed_count);
}

void takt_trace_emit_publisher_found_dead(const struct takt_publisher *publisher, uint64_t dead_token)
{
	takt_trace_emit_node_found_dead(node_of(publisher), dead_token, TAKT_TRACE_TOPIC, publisher->topic_index);
}

void takt_trace_emit_node_found_dead(const struct takt_node *node, uint64_t dead_token, enum takt_trace_held held,
				     uint32_t topic_index)
{
	struct takt_trace_place at = takt_trace_place_of(node);
	/* A place is its finder's own. Others are looked for by the token, which is there until the node lives again; then the trace has
	 * it in node_joined. */
	uint32_t dead_index = held == TAKT_TRACE_PLACE ? node->node_index : TAKT_TRACE_NO_NODE;
	for (uint32_t i = 0; i < node->domain.node_count; i++)
		/* Relaxed: a name for a person; it decides nothing. */
		if (atomic_load_explicit(&takt_domain_node(&node->domain, i)->token, memory_order_relaxed) ==
		    dead_token)
			dead_index = i;
	lttng_ust_tracepoint(takt, node_found_dead, &at, dead_index, dead_token, (uint32_t)held, topic_index);
}
