/* SPDX-License-Identifier: Apache-2.0 */
#include "core/protocol/queue.h"
#include "core/queue_view.h"

enum takt_status takt_consumer_attach(struct takt_consumer *consumer, struct takt_node *node, const char *queue,
				      const struct takt_type *type)
{
	return takt_queue_attach(&consumer->queue, node, queue, type, TAKT_QUEUE_CONSUMER);
}

enum takt_status takt_consumer_attach_flat(struct takt_consumer *consumer, struct takt_node *node, const char *queue,
					   const struct takt_flat_type *type)
{
	return takt_queue_attach_flat(&consumer->queue, node, queue, type, TAKT_QUEUE_CONSUMER);
}

/* What is still in work waits again, and is marked. @retval bits of the bands that have some of it */
static uint32_t give_back_all(struct takt_queue *queue)
{
	uint32_t bands = 0;
	for (uint32_t b = 0; b < queue->band_count; b++) {
		for (uint32_t i = 0; i <= queue->bands[b].depth_mask; i++) {
			struct takt_lease_seen seen = takt_band_look_at_lease(&queue->bands[b], i);
			if (seen.token != queue->token)
				continue;
			takt_band_give_back(&queue->bands[b], seen.position);
			takt_queue_count(&queue->state->returned_count);
			bands |= 1u << b;
		}
	}
	return bands;
}

void takt_consumer_detach(struct takt_consumer *consumer)
{
	struct takt_queue *queue = &consumer->queue;
	uint32_t bands = 0;
	/* Not getting the lock is no harm: our leases are a dead one's as soon as the presence is closed. */
	if (takt_queue_check(queue) == TAKT_OK && takt_queue_lock(queue, &queue->consumers, UINT64_MAX) == TAKT_OK) {
		bands = give_back_all(queue);
		takt_lock_give(&queue->consumers);
		takt_queue_fence();
	}
	for (uint32_t b = 0; b < queue->band_count; b++)
		if (bands & 1u << b)
			takt_queue_wake(queue, b, TAKT_QUEUE_CONSUMER, 0);
	takt_queue_detach(queue);
}

void takt_consumer_waiter_set(struct takt_consumer *consumer, struct takt_waiter *waiter)
{
	consumer->queue.waiter = waiter;
}

int takt_consumer_has_items(const struct takt_consumer *consumer, uint32_t band)
{
	return (band < consumer->queue.band_count || band == TAKT_BAND_ANY) &&
	       takt_queue_has_news(&consumer->queue, band, TAKT_QUEUE_CONSUMER);
}
