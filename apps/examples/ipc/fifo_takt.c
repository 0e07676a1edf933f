/* SPDX-License-Identifier: Apache-2.0 */
/* A topic: a publisher comes, publishes a quarter of the samples and goes, four times; a subscriber stays. */
#include "takt_pair.h"
#include "message.h"

static void publish_messages(uint32_t count)
{
	static struct takt_publisher publisher;
	struct message message = {.text = "hello"};
	join("giver");
	if (count > 4)
		meet();
	while (message.number < count) {
		need(takt_publisher_attach(&publisher, &node, "news", &takt_type_message), "attach");
		for (uint32_t i = 0; i < count / 4; i++) {
			message.number++;
			need(takt_publish(&publisher, &message, NULL), "publish");
		}
		takt_publisher_detach(&publisher);
	}
	takt_node_leave(&node);
}

static struct takt_subscriber subscriber;

/* It sleeps until there is news, or until its deadline: that publishers come and go is nothing to it. */
static void show_trap(void)
{
	struct message message;
	uint32_t wakes = 0;
	forget_old(&subscriber, &message); /* what has come, here */
	uint64_t deadline_ns = takt_now_ns() + PATIENCE_NS;
	while (takt_wait_until(&waiter, deadline_ns) == TAKT_OK)
		wakes++;
	printf("publisher gone: the wait slept until its deadline, %" PRIu32 " wake-ups before\n", wakes);
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv), got = 0;
	uint64_t first_ns = 0, lost = 0;
	struct message message;
	struct takt_sample_info info;
	pid_t giver = begin(publish_messages, count == 0 ? 4 : count);
	if (count == 0)
		check(end_of(giver) == 0, "publisher");
	join("taker");
	need(takt_subscriber_attach(&subscriber, &node, "news", &takt_type_message, NULL), "attach");
	need(takt_waiter_add(&waiter, &subscriber), "waiter");
	if (count == 0) {
		show_trap();
		return 0;
	}
	forget_old(&subscriber, &message);
	meet();
	while (got + lost < count) {
		need(takt_wait_until(&waiter, soon_ns()), "wait");
		while (got + lost < count && takt_read_next(&subscriber, &message, &info) == TAKT_OK) {
			first_ns = got++ == 0 ? takt_now_ns() : first_ns;
			lost += info.lost;
			check(message.number == got + lost, "order");
		}
	}
	report(got, "messages arrived", takt_now_ns() - first_ns, count - 1);
	takt_subscriber_detach(&subscriber);
	takt_node_leave(&node);
	return lost != 0 || end_of(giver);
}
