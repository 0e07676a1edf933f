/* SPDX-License-Identifier: Apache-2.0 */
/* A queue with two bands: every second message is urgent. The counterpart of both message queues, System V's and POSIX's. */
#define QUEUE "messages"
#include "taker.h"

static struct takt_producer producer;

static void attach_giver(void)
{
	join("giver");
	need(takt_producer_attach(&producer, &node, QUEUE, &takt_type_message), "attach");
	takt_producer_waiter_set(&producer, &waiter);
}

static enum takt_status push(uint32_t number, uint64_t deadline_ns)
{
	struct message message = {.number = number, .text = "hello"};
	return takt_queue_push_until(&producer, &message, number % 2 == 0, NULL, deadline_ns);
}

static void leave(void)
{
	takt_consumer_detach(&consumer);
	takt_producer_detach(&producer);
	takt_node_leave(&node);
}

static void push_messages(uint32_t count)
{
	attach_giver();
	for (uint32_t number = 1; number <= count; number++)
		need(push(number, soon_ns()), "push");
	leave();
}

/* Odd ones only: one band. A full one is TIMEOUT at the deadline, and nothing was pushed. */
static void fill_up(uint32_t unused)
{
	enum takt_status status;
	uint32_t pushed = 0;
	(void)unused;
	attach_giver();
	while ((status = push(1, takt_now_ns() + PATIENCE_NS)) == TAKT_OK)
		pushed++;
	printf("queue full after %" PRIu32 ": the producer is told %s\n", pushed, takt_status_name(status));
	leave();
}

static uint32_t take_all(void)
{
	struct message message;
	struct takt_item item;
	uint32_t taken = 0;
	attach_taker();
	while (takt_queue_take_until(&consumer, TAKT_BAND_ANY, &message, &item, takt_now_ns() + PATIENCE_NS) ==
	       TAKT_OK) {
		need(takt_queue_acknowledge(&consumer, &item), "acknowledge");
		taken++;
	}
	leave();
	return taken;
}

static void count_what_came(uint32_t unused)
{
	(void)unused;
	printf("consumer killed with 1 of 4 messages in hand: %" PRIu32 " came\n", take_all());
}

static void take_and_measure(uint32_t count)
{
	struct message message;
	struct takt_item item;
	uint32_t urgent = 0;
	uint64_t first_ns = 0;
	attach_taker();
	for (uint32_t i = 0; i < count; i++) {
		need(takt_queue_take_until(&consumer, TAKT_BAND_ANY, &message, &item, soon_ns()), "take");
		need(takt_queue_acknowledge(&consumer, &item), "acknowledge");
		first_ns = i == 0 ? takt_now_ns() : first_ns;
		urgent += item.band;
	}
	uint64_t span_ns = takt_now_ns() - first_ns;
	printf("%" PRIu32 " of them urgent\n", urgent);
	report(count, "messages arrived", span_ns, count - 1);
	leave();
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	if (count == 0) {
		play(push_messages, 1);
		play(take_and_die, 0);
		play(push_messages, 3);
		play(count_what_came, 0);
		play(fill_up, 0);
		return take_all() == 0;
	}
	pid_t giver = begin(push_messages, count);
	take_and_measure(count);
	return end_of(giver);
}
