/* SPDX-License-Identifier: Apache-2.0 */
/* Taking from a queue, for the examples of pipe and message queues. QUEUE is the queue's name. */
#include "takt_pair.h"
#include "message.h"

static struct takt_consumer consumer;

static inline void attach_taker(void)
{
	join("taker");
	need(takt_consumer_attach(&consumer, &node, QUEUE, &takt_type_message), "attach");
	takt_consumer_waiter_set(&consumer, &waiter);
}

/* What it has not acknowledged when it dies is given to the next. */
static inline void take_and_die(uint32_t unused)
{
	struct message message;
	struct takt_item item;
	(void)unused;
	attach_taker();
	need(takt_queue_take_until(&consumer, TAKT_BAND_ANY, &message, &item, soon_ns()), "take");
	(void)raise(SIGKILL);
}
