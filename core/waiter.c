/* SPDX-License-Identifier: Apache-2.0 */
#include "core/waiter.h"

#include "core/layout.h"
#include "core/protocol/wait.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/thread.h"

enum takt_status takt_waiter_init(struct takt_waiter *waiter, struct takt_node *node, uint32_t waiter_index)
{
	if (node->config == NULL)
		return TAKT_CLOSED;
	if (waiter_index >= node->waiter_count) {
		takt_message(TAKT_ERROR,
			     "node '%s' has %u waiters in the config and its program wants one more; raise `waiters`",
			     node->name, node->waiter_count);
		return TAKT_LIMIT;
	}
	uint32_t index = node->waiter_first + waiter_index;
	*waiter = (struct takt_waiter){
		.node = node,
		.shared = takt_domain_waiter(&node->domain, index),
		.bit = UINT64_C(1) << index,
		.slice_ns = node->config->wait_slice_us * TAKT_NS_PER_US,
	};
	/* Bits that a dead occupant of this slot left behind would cause posts that nobody needs. */
	for (uint32_t i = 0; i < node->domain.topic_count; i++)
		takt_wait_disarm(takt_domain_mask(&node->domain, i), waiter->bit);
	return TAKT_OK;
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

/* W0, W4: the truth. */
static int look(const struct takt_waiter *waiter)
{
	for (uint32_t i = 0; i < waiter->subscriber_count; i++)
		if (takt_subscriber_has_news(waiter->subscribers[i]))
			return 1;
	if (!waiter->executes_commands)
		return 0;
	/* W4 acquire: the command before its contents. Pairs with M1. A stop is news too, or the loop would go on waiting and call
	 * itself running; relaxed, because it carries no data. */
	return atomic_load_explicit(&waiter->node->mail_waits, memory_order_acquire) ||
	       atomic_load_explicit(&waiter->node->stop_wanted, memory_order_relaxed);
}

static void arm(const struct takt_waiter *waiter)
{
	for (uint32_t i = 0; i < waiter->subscriber_count; i++)
		takt_wait_arm(waiter->subscribers[i]->mask, waiter->bit);
	takt_wait_fence();
}

static void disarm(const struct takt_waiter *waiter)
{
	for (uint32_t i = 0; i < waiter->subscriber_count; i++)
		takt_wait_disarm(waiter->subscribers[i]->mask, waiter->bit);
}

/* One slice, W1 to W5: at most as many wake-ups without news as honest publishers can cause, then the rest is slept through. */
static int wait_slice(struct takt_waiter *waiter, uint64_t end_ns)
{
	uint32_t wakes_allowed = waiter->subscriber_count + 1;
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

enum takt_status takt_wait_until(struct takt_waiter *waiter, uint64_t deadline_ns)
{
	/* Relaxed: set before fork returns in the child. */
	if (waiter->node == NULL || atomic_load_explicit(&waiter->node->lost, memory_order_relaxed))
		return TAKT_CLOSED;
	enum takt_status status = TAKT_OK;
	int found = look(waiter);
	if (found)
		return TAKT_OK;
	while (!found && status == TAKT_OK) {
		uint64_t now_ns = takt_os_clock_now_ns();
		uint64_t end_ns = now_ns + waiter->slice_ns;
		if (takt_node_should_quit(waiter->node))
			status = TAKT_STOPPED;
		else if (now_ns >= deadline_ns)
			status = TAKT_TIMEOUT;
		else
			found = wait_slice(waiter, end_ns < deadline_ns ? end_ns : deadline_ns);
	}
	disarm(waiter);
	return found ? TAKT_OK : status;
}
