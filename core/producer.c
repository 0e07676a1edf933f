/* SPDX-License-Identifier: Apache-2.0 */
#include "core/queue_view.h"

enum takt_status takt_producer_attach(struct takt_producer *producer, struct takt_node *node, const char *queue,
				      const struct takt_type *type)
{
	return takt_queue_attach(&producer->queue, node, queue, type, TAKT_QUEUE_PRODUCER);
}

enum takt_status takt_producer_attach_flat(struct takt_producer *producer, struct takt_node *node, const char *queue,
					   const struct takt_flat_type *type)
{
	return takt_queue_attach_flat(&producer->queue, node, queue, type, TAKT_QUEUE_PRODUCER);
}

void takt_producer_detach(struct takt_producer *producer)
{
	takt_queue_detach(&producer->queue);
}

void takt_producer_waiter_set(struct takt_producer *producer, struct takt_waiter *waiter)
{
	producer->queue.waiter = waiter;
}

int takt_producer_has_room(const struct takt_producer *producer, uint32_t band)
{
	return band < producer->queue.band_count && takt_queue_has_news(&producer->queue, band, TAKT_QUEUE_PRODUCER);
}
