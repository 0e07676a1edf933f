/* SPDX-License-Identifier: Apache-2.0 */
/* Two queues: a client asks, a server answers. */
#include "takt_pair.h"
#include "message.h"

static struct takt_producer out;
static struct takt_consumer in;

static void attach(const char *name, const char *out_name, const char *in_name)
{
	join(name);
	need(takt_producer_attach(&out, &node, out_name, &takt_type_message), "attach");
	need(takt_consumer_attach(&in, &node, in_name, &takt_type_message), "attach");
	takt_producer_waiter_set(&out, &waiter);
	takt_consumer_waiter_set(&in, &waiter);
}

static void leave(void)
{
	takt_consumer_detach(&in);
	takt_producer_detach(&out);
	takt_node_leave(&node);
}

static void receive(struct message *message)
{
	struct takt_item item;
	need(takt_queue_take_until(&in, TAKT_BAND_ANY, message, &item, soon_ns()), "take");
	need(takt_queue_acknowledge(&in, &item), "acknowledge");
}

static void answer(uint32_t count)
{
	struct message message;
	attach("giver", "answers", "questions");
	meet();
	for (uint32_t i = 0; i < count; i++) {
		receive(&message);
		message.number++;
		need(takt_queue_push_until(&out, &message, 0, NULL, soon_ns()), "push");
	}
	leave();
}

static void attach_and_die(uint32_t unused)
{
	(void)unused;
	attach("giver", "answers", "questions");
	(void)raise(SIGKILL);
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv), answers = 0;
	struct message message = {.number = 0};
	if (count == 0) {
		play(attach_and_die, 0);
		join("giver"); /* says why where it may not */
		printf("server killed: its successor is told nothing\n");
		takt_node_leave(&node);
		return 0;
	}
	pid_t server = begin(answer, count);
	attach("taker", "questions", "answers");
	meet();
	uint64_t begin_ns = takt_now_ns();
	for (; answers < count; answers++) {
		need(takt_queue_push_until(&out, &message, 0, NULL, soon_ns()), "push");
		receive(&message);
		check(message.number == answers + 1, "answer");
	}
	report(answers, "questions answered", takt_now_ns() - begin_ns, 2 * count);
	leave();
	return end_of(server);
}
