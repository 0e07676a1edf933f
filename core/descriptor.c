/* SPDX-License-Identifier: Apache-2.0 */
#include "core/descriptor.h"

#include <stdatomic.h>

#include "core/node_event.h"
#include "core/protocol/handover.h"
#include "core/trace.h"
#include "platform/clock.h"
#include "platform/event.h"
#include "platform/message.h"
#include "platform/sem.h"

#define LOOK_NS (100 * TAKT_NS_PER_MS) /* the longest wait for news before a look whether it is to end */
#define REST_NS TAKT_NS_PER_S /* a wake-up that the system refused costs as much, where the loop has called in vain */

/* Relaxed: set before fork returns in the child. */
static int is_lost(const struct takt_node *node)
{
	return node == NULL || atomic_load_explicit(&node->lost, memory_order_relaxed) != 0;
}

/* ---------------------------------------------------------------------------------------------- periods and commands */

static uint32_t period_place(const struct takt_loop *loop)
{
	return TAKT_NODE_PERIOD_EVENT + loop->loop_index;
}

enum takt_status takt_loop_descriptors_open(struct takt_loop_descriptors *descriptors, struct takt_loop *loop)
{
	TAKT_ASSERT(descriptors->loop == NULL && loop->node != NULL);
	struct takt_node *node = loop->node;
	if (is_lost(node))
		return TAKT_CLOSED;
	enum takt_status status = takt_node_event_open(node, period_place(loop));
	if (status == TAKT_BUSY)
		takt_message(TAKT_ERROR, "node '%s': its loop %u has its descriptors open already; close them first",
			     node->name, loop->loop_index);
	if (status != TAKT_OK)
		return status;
	if (loop->is_first) {
		status = takt_node_event_open(node, TAKT_NODE_COMMAND_EVENT);
		/* It stays the node's: the command thread may be about to post it. */
		if (status != TAKT_OK && status != TAKT_BUSY) {
			takt_node_event_close(node, period_place(loop));
			return status;
		}
	}
	*descriptors = (struct takt_loop_descriptors){
		.loop = loop,
		.period = takt_node_event(node, period_place(loop)),
		.command = loop->is_first ? takt_node_event(node, TAKT_NODE_COMMAND_EVENT) : -1,
		.set_ns = TAKT_FOREVER,
	};
	/* A command or an end that came before is seen by the first turn, and that comes at once. */
	if (loop->is_first)
		takt_os_event_post(descriptors->command);
	return TAKT_OK;
}

enum takt_status takt_loop_descriptors_next(struct takt_loop_descriptors *descriptors)
{
	struct takt_loop *loop = descriptors->loop;
	if (loop == NULL || is_lost(loop->node))
		return TAKT_CLOSED;
	enum takt_status status = takt_loop_try_next(loop);
	if (status != TAKT_EMPTY)
		return status;
	/* A command that was posted before the drain is obeyed by the second look, one after it makes the descriptor readable. */
	if (descriptors->command >= 0 && takt_os_event_drain(descriptors->command)) {
		status = takt_loop_try_next(loop);
		if (status != TAKT_EMPTY)
			return status;
	}
	uint64_t due_ns = takt_loop_due_ns(loop);
	if (due_ns != descriptors->set_ns)
		takt_os_timer_set(descriptors->period, due_ns);
	descriptors->set_ns = due_ns;
	return TAKT_EMPTY;
}

void takt_loop_descriptors_close(struct takt_loop_descriptors *descriptors)
{
	if (descriptors->loop == NULL)
		return;
	takt_node_event_close(descriptors->loop->node, period_place(descriptors->loop));
	*descriptors = (struct takt_loop_descriptors){0};
}

/* ------------------------------------------------------------------------------------------------- news: the helper */

static struct takt_os_sem *helper_sem(struct takt_news_descriptor *news)
{
	uintptr_t at = (uintptr_t)news->wake;
	return (struct takt_os_sem *)((at + _Alignof(struct takt_os_sem) - 1) / _Alignof(struct takt_os_sem) *
				      _Alignof(struct takt_os_sem));
}

_Static_assert(sizeof(((struct takt_news_descriptor *)0)->wake) >=
		       sizeof(struct takt_os_sem) + _Alignof(struct takt_os_sem) - 1,
	       "the semaphore fits, wherever it begins");

/* Relaxed: it carries no data. */
static int is_ending(const struct takt_news_descriptor *news)
{
	return atomic_load_explicit(&news->ends, memory_order_relaxed) != 0;
}

/* Relaxed: one writer, and a figure orders nothing. */
static void count(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* Called, and not armed again: keeps still. @retval 0 it is to end */
static int await_arming(struct takt_news_descriptor *news)
{
	for (;;) {
		uint32_t prepared = takt_os_sem_prepare(helper_sem(news));
		if (is_ending(news))
			return 0;
		if (takt_handover_is_helpers(&news->handover))
			return 1;
		(void)takt_os_sem_wait_until(helper_sem(news), prepared, takt_os_clock_now_ns() + REST_NS);
		count(&news->turn_count);
	}
}

static void call(struct takt_news_descriptor *news)
{
	if (news->waiter.found_dead)
		atomic_store_explicit(&news->found_dead, 1, memory_order_relaxed);
	news->waiter.found_dead = 0;
	count(&news->call_count);
	/* First the word: whoever is called may arm at once, and that must not be undone. */
	takt_handover_return(&news->handover);
	takt_os_event_post(news->descriptor);
}

static void run_helper(void *argument)
{
	struct takt_news_descriptor *news = argument;
	takt_trace_thread_touched();
	/* What it lacks was said when the loop began, and news come all the same. */
	(void)!takt_node_schedule_thread(news->node);
	while (await_arming(news)) {
		enum takt_status status = takt_wait_until(&news->waiter, takt_os_clock_now_ns() + LOOK_NS);
		count(&news->turn_count);
		if (status != TAKT_TIMEOUT)
			call(news);
		/* The end is told once, and there is nothing to wait for any more. */
		while (status == TAKT_STOPPED && !is_ending(news))
			(void)takt_os_sem_wait_until(helper_sem(news), takt_os_sem_prepare(helper_sem(news)),
						     takt_os_clock_now_ns() + LOOK_NS);
	}
}

/* ----------------------------------------------------------------------------------------------- news: the loop's side */

/* From here on a sample is news. Only while the positions are the loop's. */
static void take_positions(struct takt_news_descriptor *news)
{
	for (uint32_t i = 0; i < news->set->subscriber_count; i++)
		news->looks[i].next = news->set->subscribers[i]->next;
}

/* What a dead consumer had is news: the next take is to look for it. Relaxed: the handover is in front. */
static void look_for_dead_consumers(struct takt_news_descriptor *news)
{
	if (!atomic_load_explicit(&news->found_dead, memory_order_relaxed))
		return;
	atomic_store_explicit(&news->found_dead, 0, memory_order_relaxed);
	for (uint32_t i = 0; i < news->set->queue_count; i++)
		news->set->queues[i].queue->look_ns = 0;
}

static void prepare(struct takt_news_descriptor *news, struct takt_waiter *waiter, uint32_t place)
{
	*news = (struct takt_news_descriptor){
		.node = waiter->node,
		.descriptor = takt_node_event(waiter->node, place),
		.set = waiter,
		.waiter = *waiter,
		.place = place,
		.handover = TAKT_HANDOVER_HELPER,
		.arm_count = 1,
	};
	takt_os_sem_init(helper_sem(news));
	takt_waiter_spin_set(&news->waiter, 0);
	news->waiter.executes_commands = 0;
	news->waiter.leaves_queues = 1;
	for (uint32_t i = 0; i < waiter->subscriber_count; i++) {
		news->looks[i] = *waiter->subscribers[i];
		news->waiter.subscribers[i] = &news->looks[i];
	}
}

__attribute__((cold)) enum takt_status takt_news_descriptor_start(struct takt_news_descriptor *news,
								  struct takt_waiter *waiter)
{
	TAKT_ASSERT(news->node == NULL && waiter->node != NULL);
	struct takt_node *node = waiter->node;
	if (is_lost(node))
		return TAKT_CLOSED;
	if (waiter->subscriber_count + waiter->queue_count == 0) {
		takt_message(
			TAKT_ERROR,
			"node '%s': a news descriptor was asked for a waiter that waits for nothing; add a topic or "
			"a queue to it first",
			node->name);
		return TAKT_INVALID;
	}
	uint32_t place = TAKT_NODE_NEWS_EVENT + (uint32_t)__builtin_ctzll(waiter->bit) - node->waiter_first;
	enum takt_status status = takt_node_event_open(node, place);
	if (status == TAKT_BUSY)
		takt_message(TAKT_ERROR,
			     "node '%s': its waiter %u has a news descriptor already; stop that one, or raise "
			     "`waiters` in the config and take another",
			     node->name, place);
	if (status != TAKT_OK)
		return status;
	prepare(news, waiter, place);
	status = takt_os_thread_start(&news->thread, "takt-news", run_helper, news);
	if (status != TAKT_OK) {
		takt_node_event_close(node, place);
		*news = (struct takt_news_descriptor){0};
	}
	return status;
}

enum takt_status takt_news_descriptor_drain(struct takt_news_descriptor *news)
{
	if (is_lost(news->node))
		return TAKT_CLOSED;
	if (takt_handover_is_loops(&news->handover))
		look_for_dead_consumers(news);
	return takt_os_event_drain(news->descriptor) ? TAKT_OK : TAKT_EMPTY;
}

enum takt_status takt_news_descriptor_arm(struct takt_news_descriptor *news)
{
	if (is_lost(news->node))
		return TAKT_CLOSED;
	if (!takt_handover_is_loops(&news->handover))
		return TAKT_OK;
	take_positions(news);
	news->arm_count++;
	takt_handover_arm(&news->handover);
	takt_os_sem_post(helper_sem(news));
	return TAKT_OK;
}

void takt_news_descriptor_stop(struct takt_news_descriptor *news)
{
	if (news->node == NULL)
		return;
	if (!is_lost(news->node)) {
		atomic_store_explicit(&news->ends, 1, memory_order_relaxed);
		takt_os_sem_post(helper_sem(news));
		takt_os_thread_join(&news->thread);
		takt_node_event_close(news->node, news->place);
	}
	*news = (struct takt_news_descriptor){0};
}
