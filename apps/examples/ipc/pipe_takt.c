/* SPDX-License-Identifier: Apache-2.0 */
/* A queue: a node pushes numbered messages, another takes and acknowledges them. */
#define QUEUE "stream"
#include "taker.h"

static void push_messages(uint32_t count)
{
	static struct takt_producer producer;
	join("giver");
	need(takt_producer_attach(&producer, &node, QUEUE, &takt_type_message), "attach");
	takt_producer_waiter_set(&producer, &waiter);
	for (uint32_t number = 1; number <= count; number++) {
		struct message message = {.number = number, .text = "hello"};
		need(takt_queue_push_until(&producer, &message, 0, NULL, soon_ns()), "push");
	}
	takt_producer_detach(&producer);
	takt_node_leave(&node);
}

static uint64_t take_messages(uint32_t count)
{
	struct message message;
	struct takt_item item;
	uint64_t first_ns = 0;
	attach_taker();
	for (uint32_t number = 1; number <= count; number++) {
		need(takt_queue_take_until(&consumer, TAKT_BAND_ANY, &message, &item, soon_ns()), "take");
		need(takt_queue_acknowledge(&consumer, &item), "acknowledge");
		check(message.number == number, "order");
		if (number == 1)
			first_ns = takt_now_ns();
		if (item.is_redelivered)
			printf("message %" PRIu32 " came again, delivery %" PRIu32 "\n", number, item.delivery_count);
	}
	uint64_t span_ns = takt_now_ns() - first_ns;
	takt_consumer_detach(&consumer);
	takt_node_leave(&node);
	return span_ns;
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	if (count == 0) {
		check(play(push_messages, 3) == 0, "push");
		printf("consumer killed (signal %d) with message 1 in hand\n", play(take_and_die, 0));
		take_messages(3);
		return 0;
	}
	pid_t giver = begin(push_messages, count);
	uint64_t span_ns = take_messages(count);
	report(count, "messages arrived", span_ns, count - 1);
	return end_of(giver);
}
