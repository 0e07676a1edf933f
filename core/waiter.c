/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a wait touches. News there already: one line a topic of its set, the cell, and 6 conditional branches; no store, no clock, no
 * system call. Else, for each slice: a reading of the clock; for each topic one locked instruction on its waiting mask and two looks
 * at its cell; one full fence; one futex call; and when it ends, one locked instruction for each mask that still has the bit.
 */
#include "core/waiter.h"

#include "core/layout.h"
#include "core/protocol/mailbox.h"
#include "core/protocol/wait.h"
#include "core/queue_view.h"
#include "core/sleep.h"
#include "core/trace.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/thread.h"

#define SPIN_LOOKS 32u /* between two looks at the clock */

__attribute__((cold)) enum takt_status takt_waiter_init(struct takt_waiter *waiter, struct takt_node *node,
							uint32_t waiter_index)
{
	if (node->config == NULL)
		return TAKT_CLOSED;
	if (waiter_index >= node->waiter_count) {
		takt_message(TAKT_ERROR,
			     "node '%s' has %u waiters in the config and its program wants one more; raise `waiters`",
			     node->name, node->waiter_count);
		return TAKT_LIMIT;
	}
	takt_trace_thread_touched();
	uint32_t index = node->waiter_first + waiter_index;
	*waiter = (struct takt_waiter){
		.node = node,
		.shared = takt_domain_waiter(&node->domain, index),
		.bit = UINT64_C(1) << index,
		.slice_ns = node->config->wait_slice_us * TAKT_NS_PER_US,
		.spin_ns = node->own->spin_us * TAKT_NS_PER_US,
	};
	/* Bits that a dead occupant of this slot left behind would cause posts that nobody needs. */
	for (uint32_t i = 0; i < node->domain.mask_count; i++)
		takt_wait_disarm(takt_domain_mask(&node->domain, i), waiter->bit);
	return TAKT_OK;
}

void takt_waiter_spin_set(struct takt_waiter *waiter, uint64_t spin_ns)
{
	uint64_t spin_ns_max = TAKT_SPIN_US_MAX * TAKT_NS_PER_US;
	waiter->spin_ns = spin_ns < spin_ns_max ? spin_ns : spin_ns_max;
}

enum takt_status takt_waiter_add(struct takt_waiter *waiter, struct takt_subscriber *subscriber)
{
	TAKT_ASSERT(waiter->node != NULL && subscriber->node == waiter->node);
	if (waiter->subscriber_count == TAKT_TOPICS_PER_NODE_MAX)
		return TAKT_LIMIT;
	waiter->subscribers[waiter->subscriber_count++] = subscriber;
	return TAKT_OK;
}

void takt_waiter_remove(struct takt_waiter *waiter, struct takt_subscriber *subscriber)
{
	for (uint32_t i = 0; i < waiter->subscriber_count; i++) {
		if (waiter->subscribers[i] == subscriber) {
			waiter->subscribers[i] = waiter->subscribers[--waiter->subscriber_count];
			return;
		}
	}
}

static enum takt_status add_queue(struct takt_waiter *waiter, struct takt_queue *queue, uint32_t band, int is_producer)
{
	TAKT_ASSERT(waiter->node != NULL && queue->node == waiter->node);
	if (band >= queue->band_count && (is_producer || band != TAKT_BAND_ANY))
		return takt_queue_refuse_band(queue, band);
	if (waiter->queue_count == TAKT_WAITER_QUEUES_MAX)
		return TAKT_LIMIT;
	waiter->queues[waiter->queue_count++] =
		(struct takt_waiter_queue){.queue = queue, .band = band, .is_producer = (uint32_t)is_producer};
	return TAKT_OK;
}

enum takt_status takt_waiter_add_consumer(struct takt_waiter *waiter, struct takt_consumer *consumer, uint32_t band)
{
	return add_queue(waiter, &consumer->queue, band, 0);
}

enum takt_status takt_waiter_add_producer(struct takt_waiter *waiter, struct takt_producer *producer, uint32_t band)
{
	return add_queue(waiter, &producer->queue, band, 1);
}

static void remove_queue(struct takt_waiter *waiter, const struct takt_queue *queue)
{
	for (uint32_t i = waiter->queue_count; i-- > 0;)
		if (waiter->queues[i].queue == queue)
			waiter->queues[i] = waiter->queues[--waiter->queue_count];
}

void takt_waiter_remove_consumer(struct takt_waiter *waiter, struct takt_consumer *consumer)
{
	remove_queue(waiter, &consumer->queue);
}

void takt_waiter_remove_producer(struct takt_waiter *waiter, struct takt_producer *producer)
{
	remove_queue(waiter, &producer->queue);
}

/* ------------------------------------------------------------------------------------------------------- queues */

static enum takt_queue_side side_of(const struct takt_waiter_queue *entry)
{
	return entry->is_producer ? TAKT_QUEUE_PRODUCER : TAKT_QUEUE_CONSUMER;
}

/* Not inlined: who waits for topics only does not carry it along. */
static __attribute__((noinline)) int look_at_queues(const struct takt_waiter *waiter)
{
	for (uint32_t i = 0; i < waiter->queue_count; i++)
		if (takt_queue_has_news(waiter->queues[i].queue, waiter->queues[i].band, side_of(&waiter->queues[i])))
			return 1;
	return 0;
}

/* The masks of an entry: one, or those of all bands. */
static struct takt_mask_shm *masks_of(const struct takt_waiter_queue *entry, uint32_t *count)
{
	const struct takt_queue *queue = entry->queue;
	*count = entry->band == TAKT_BAND_ANY ? queue->band_count : 1;
	if (entry->is_producer)
		return &queue->masks[queue->band_count + entry->band];
	return &queue->masks[entry->band == TAKT_BAND_ANY ? 0 : entry->band];
}

static void arm_queues(const struct takt_waiter *waiter)
{
	uint32_t count;
	for (uint32_t i = 0; i < waiter->queue_count; i++) {
		struct takt_mask_shm *masks = masks_of(&waiter->queues[i], &count);
		for (uint32_t m = 0; m < count; m++)
			takt_wait_arm(&masks[m], waiter->bit);
	}
}

static void disarm_queues(const struct takt_waiter *waiter)
{
	uint32_t count;
	for (uint32_t i = 0; i < waiter->queue_count; i++) {
		struct takt_mask_shm *masks = masks_of(&waiter->queues[i], &count);
		for (uint32_t m = 0; m < count; m++)
			takt_wait_disarm(&masks[m], waiter->bit);
	}
}

/* At the end of a slice: what a dead consumer has is news, and nobody else tells of it. The next take looks for it. */
static int look_for_dead_consumers(struct takt_waiter *waiter)
{
	for (uint32_t i = 0; i < waiter->queue_count; i++) {
		struct takt_queue *queue = waiter->queues[i].queue;
		if (waiter->queues[i].is_producer || !takt_queue_has_dead_ones(queue))
			continue;
		if (waiter->leaves_queues)
			waiter->found_dead = 1;
		else
			queue->look_ns = 0;
		return 1;
	}
	return 0;
}

/* Our bits may have been collected for more than we are going to take: whoever takes, or pushes, passes the rest on; who does not, does now. */
static void pass_on(const struct takt_waiter *waiter, enum takt_status status)
{
	if (status != TAKT_OK)
		takt_queue_fence();
	for (uint32_t i = 0; i < waiter->queue_count; i++) {
		struct takt_queue *queue = waiter->queues[i].queue;
		if (status != TAKT_OK)
			takt_queue_pass_on(queue, side_of(&waiter->queues[i]));
		else
			queue->must_pass_on = 1;
	}
}

/* --------------------------------------------------------------------------------------------------------- wait */

/* W0: the truth. */
static inline int look(const struct takt_waiter *waiter)
{
	for (uint32_t i = 0; i < waiter->subscriber_count; i++)
		if (takt_subscriber_has_news(waiter->subscribers[i]))
			return 1;
	if (waiter->queue_count && look_at_queues(waiter))
		return 1;
	if (!waiter->executes_commands)
		return 0;
	/* A stop is news too, or the loop would go on waiting and call itself running; relaxed, because it carries no data. */
	return takt_mail_waits(waiter->node) || atomic_load_explicit(&waiter->node->stop_wanted, memory_order_relaxed);
}

static void arm(const struct takt_waiter *waiter)
{
	for (uint32_t i = 0; i < waiter->subscriber_count; i++)
		takt_wait_arm(waiter->subscribers[i]->mask, waiter->bit);
	arm_queues(waiter);
	takt_wait_fence();
}

static void disarm(const struct takt_waiter *waiter)
{
	for (uint32_t i = 0; i < waiter->subscriber_count; i++)
		takt_wait_disarm(waiter->subscribers[i]->mask, waiter->bit);
	disarm_queues(waiter);
}

/* Before the first sleep, unarmed, so that no publisher posts for it. Without a pause instruction: on some processors one takes as
 * long as a cache line under way. */
static int spin(struct takt_waiter *waiter, uint64_t end_ns)
{
	do {
		for (uint32_t i = 0; i < SPIN_LOOKS; i++) {
			if (look(waiter)) {
				waiter->spun_count++;
				return 1;
			}
		}
	} while (takt_os_clock_now_ns() < end_ns);
	return 0;
}

/* One slice, W1 to W5: at most as many wake-ups without news as honest publishers can cause, then the rest is slept through. */
static int wait_slice(struct takt_waiter *waiter, uint64_t end_ns)
{
	/* An item wakes one waiter, and another consumer may be faster: that is no fault of anybody's. */
	uint32_t wakes_allowed = waiter->subscriber_count + 1 + waiter->queue_count * TAKT_QUEUE_WAKES_MAX;
	for (uint32_t wakes = 0; wakes <= wakes_allowed; wakes++) {
		uint32_t prepared = takt_os_sem_prepare(&waiter->shared->wake);
		arm(waiter);
		if (look(waiter))
			return 1;
		if (takt_os_sem_wait_until(&waiter->shared->wake, prepared, end_ns) == TAKT_TIMEOUT) {
			waiter->slice_count++;
			return look(waiter);
		}
		waiter->wake_count++;
		if (look(waiter))
			return 1;
		waiter->spurious_count++;
	}
	/* Somebody posts for nothing, again and again: it costs this slice's delay and no processor time. */
	(void)takt_os_clock_sleep_until(end_ns);
	return look(waiter);
}

/* Wake words and masks are this process's own now: publishers wake nobody here, and every slice looks for itself. Said once. */
static __attribute__((noinline, cold)) void say_roster_cut(struct takt_waiter *waiter)
{
	if (waiter->has_complained)
		return;
	waiter->has_complained = 1;
	takt_message(
		TAKT_ERROR,
		"domain '%s': its roster was cut off while it was in use; somebody who may write it shrank the file: news "
		"are late by up to a slice from now on; stop the domain and run: takt clean %s",
		waiter->node->domain.name, waiter->node->domain.name);
}

/* The first look found nothing. Not inlined: a wait whose news are there already does not carry it along. */
static __attribute__((noinline)) enum takt_status wait_for_news(struct takt_waiter *waiter, uint64_t deadline_ns)
{
	enum takt_status status = TAKT_OK;
	int found = 0;
	takt_trace_wait_begun(waiter);
	if (waiter->spin_ns) {
		uint64_t end_ns = takt_os_clock_now_ns() + waiter->spin_ns;
		if (spin(waiter, end_ns < deadline_ns ? end_ns : deadline_ns)) {
			takt_trace_reader_woken(waiter, deadline_ns, TAKT_OK);
			return TAKT_OK;
		}
	}
	while (!found && status == TAKT_OK) {
		uint64_t now_ns = takt_os_clock_now_ns();
		uint64_t end_ns = now_ns + waiter->slice_ns;
		if (takt_os_shm_is_cut(&waiter->node->domain.roster))
			say_roster_cut(waiter);
		if (takt_node_should_quit(waiter->node))
			status = TAKT_STOPPED;
		else if (now_ns >= deadline_ns)
			status = TAKT_TIMEOUT;
		else
			found = wait_slice(waiter, end_ns < deadline_ns ? end_ns : deadline_ns);
		if (waiter->queue_count && !found && status == TAKT_OK)
			found = look_for_dead_consumers(waiter);
	}
	disarm(waiter);
	if (found)
		status = TAKT_OK;
	pass_on(waiter, status);
	takt_trace_reader_woken(waiter, deadline_ns, status);
	return status;
}

enum takt_status takt_wait_until(struct takt_waiter *waiter, uint64_t deadline_ns)
{
	/* Relaxed: set before fork returns in the child. */
	if (waiter->node == NULL || atomic_load_explicit(&waiter->node->lost, memory_order_relaxed))
		return TAKT_CLOSED;
	return look(waiter) ? TAKT_OK : wait_for_news(waiter, deadline_ns);
}

enum takt_status takt_waiter_wait_for(struct takt_waiter *waiter, const struct takt_waiter_queue *only,
				      uint64_t deadline_ns)
{
	if (waiter->node == NULL || atomic_load_explicit(&waiter->node->lost, memory_order_relaxed))
		return TAKT_CLOSED;
	struct takt_waiter alone = {
		.node = waiter->node,
		.shared = waiter->shared,
		.bit = waiter->bit,
		.slice_ns = waiter->slice_ns,
		.spin_ns = waiter->spin_ns,
		.wake_count = waiter->wake_count,
		.spurious_count = waiter->spurious_count,
		.slice_count = waiter->slice_count,
		.spun_count = waiter->spun_count,
		.has_complained = waiter->has_complained,
		.queues = {*only},
		.queue_count = 1,
	};
	enum takt_status status = takt_wait_until(&alone, deadline_ns);
	waiter->wake_count = alone.wake_count;
	waiter->spurious_count = alone.spurious_count;
	waiter->slice_count = alone.slice_count;
	waiter->spun_count = alone.spun_count;
	waiter->has_complained = alone.has_complained;
	return status;
}

/* ------------------------------------------------------------------------------ sleeping for one thing of its own */

/* One slice. Others who want the same may be faster, each of them once; after more wake-ups than that the rest is slept through. */
static enum takt_status sleep_slice(struct takt_waiter *waiter, struct takt_mask_shm *mask, takt_sleep_attempt attempt,
				    void *context, uint64_t end_ns)
{
	for (uint32_t wakes = 0; wakes < TAKT_WAITER_COUNT_MAX; wakes++) {
		uint32_t prepared = takt_os_sem_prepare(&waiter->shared->wake);
		takt_wait_arm(mask, waiter->bit);
		takt_wait_fence();
		enum takt_status status = attempt(context);
		if (status != TAKT_BUSY)
			return status;
		if (takt_os_sem_wait_until(&waiter->shared->wake, prepared, end_ns) == TAKT_TIMEOUT) {
			waiter->slice_count++;
			return attempt(context);
		}
		waiter->wake_count++;
		status = attempt(context);
		if (status != TAKT_BUSY)
			return status;
		waiter->spurious_count++;
	}
	(void)takt_os_clock_sleep_until(end_ns);
	return attempt(context);
}

enum takt_status takt_sleep_until(struct takt_waiter *waiter, struct takt_mask_shm *mask, takt_sleep_attempt attempt,
				  void *context, uint64_t deadline_ns)
{
	enum takt_status status = attempt(context);
	if (status != TAKT_BUSY)
		return status;
	while (status == TAKT_BUSY) {
		uint64_t now_ns = takt_os_clock_now_ns();
		uint64_t end_ns = now_ns + waiter->slice_ns;
		if (takt_os_shm_is_cut(&waiter->node->domain.roster))
			say_roster_cut(waiter);
		if (takt_node_should_quit(waiter->node))
			status = TAKT_STOPPED;
		else if (now_ns >= deadline_ns)
			status = TAKT_TIMEOUT;
		else
			status = sleep_slice(waiter, mask, attempt, context,
					     end_ns < deadline_ns ? end_ns : deadline_ns);
	}
	takt_wait_disarm(mask, waiter->bit);
	return status;
}

uint32_t takt_sleep_wake(const struct takt_node *node, struct takt_mask_shm *mask, uint64_t users)
{
	uint64_t waiters = takt_wait_collect(mask, users);
	uint32_t count = 0;
	while (waiters) {
		uint32_t index = (uint32_t)__builtin_ctzll(waiters);
		waiters &= waiters - 1;
		if (index < node->domain.waiter_count) {
			takt_os_sem_post(&takt_domain_waiter(&node->domain, index)->wake);
			count++;
		}
	}
	return count;
}
