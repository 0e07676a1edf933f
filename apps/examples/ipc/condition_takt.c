/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions on a topic's field: two nodes raise a level by turns, each waiting for the other's step. */
#include "takt_pair.h"
#include "message.h"

static struct takt_publisher publisher;
static struct takt_subscriber subscriber;
static struct takt_condition raised;

static void attach(const char *name, const char *own, const char *other)
{
	struct message old;
	join(name);
	need(takt_publisher_attach(&publisher, &node, own, &takt_type_message), "attach");
	need(takt_subscriber_attach(&subscriber, &node, other, &takt_type_message, NULL), "attach");
	need(takt_condition_init(&raised, &waiter, &subscriber, &takt_type_message, "number", TAKT_ABOVE, 0),
	     "condition");
	forget_old(&subscriber, &old);
	meet();
}

static void leave(void)
{
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
}

static void publish(uint32_t level)
{
	const struct message message = {.number = level, .text = "level"};
	need(takt_publish(&publisher, &message, NULL), "publish");
}

static uint32_t await(void)
{
	struct message message;
	need(takt_condition_wait_until(&raised, soon_ns(), &message, NULL), "wait");
	return message.number;
}

static void raise_even(uint32_t to)
{
	attach("giver", "levels", "echoes");
	for (uint32_t level = 2; level <= to; level += 2) {
		check(await() == level - 1, "level");
		publish(level);
	}
	leave();
}

static void publish_once(uint32_t level)
{
	attach("giver", "levels", "echoes");
	publish(level);
	leave();
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv), level = 0;
	pid_t other = count == 0 ? begin(publish_once, 1) : begin(raise_even, 2 * count);
	attach("taker", "echoes", "levels");
	if (count == 0) {
		check(end_of(other) == 0, "publisher"); /* published, and gone, before the wait */
		printf("published before the wait: %s\n", await() == 1 ? "the waiter goes on" : "the level is wrong");
		leave();
		return 0;
	}
	uint64_t begin_ns = takt_now_ns();
	while (level < 2 * count) {
		publish(level + 1);
		level = await();
	}
	report(level, "is the level reached", takt_now_ns() - begin_ns, 2 * count);
	leave();
	return end_of(other);
}
