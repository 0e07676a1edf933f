/* SPDX-License-Identifier: Apache-2.0 */
/* A POSIX message queue: every second message is urgent, and urgent ones come first. */
#include <mqueue.h>
#include "pair.h"

struct message {
	uint32_t number;
	char text[60];
};

static mqd_t queue;

static void send_messages(uint32_t count)
{
	for (uint32_t number = 1; number <= count; number++) {
		struct message message = {.number = number, .text = "hello"};
		check(mq_send(queue, (const char *)&message, sizeof(message), number % 2 == 0) == 0, "mq_send");
	}
}

static unsigned receive(struct message *message)
{
	unsigned priority;
	/* mq_timedreceive has a deadline, on CLOCK_REALTIME: a step of that clock stretches it. */
	check(mq_receive(queue, (char *)message, sizeof(*message), &priority) == sizeof(*message), "mq_receive");
	return priority;
}

static void receive_and_die(uint32_t unused)
{
	struct message message;
	(void)unused;
	receive(&message);
	(void)raise(SIGKILL);
}

/* Who receives a message has the only one there is. */
static void show_trap(void)
{
	struct message message;
	send_messages(1);
	play(receive_and_die, 0);
	send_messages(3);
	uint32_t left = 0;
	struct mq_attr attributes;
	check(mq_getattr(queue, &attributes) == 0, "mq_getattr");
	for (; left < (uint32_t)attributes.mq_curmsgs; left++)
		receive(&message);
	printf("consumer killed with 1 of 4 messages in hand: %" PRIu32 " came\n", left);
}

static int receive_messages(uint32_t count)
{
	struct message message;
	uint32_t urgent = 0;
	uint64_t first_ns = 0;
	pid_t sender = begin(send_messages, count);
	for (uint32_t i = 0; i < count; i++) {
		urgent += receive(&message);
		first_ns = i == 0 ? clock_ns() : first_ns;
	}
	uint64_t span_ns = clock_ns() - first_ns;
	printf("%" PRIu32 " of them urgent\n", urgent);
	report(count, "messages arrived", span_ns, count - 1);
	return end_of(sender);
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	/* More than fs.mqueue.msg_max (10) needs CAP_SYS_RESOURCE. */
	struct mq_attr attributes = {.mq_maxmsg = 10, .mq_msgsize = sizeof(struct message)};
	char name[64];
	(void)snprintf(name, sizeof(name), "/posix_queue_classic.%ld", (long)getpid());
	queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attributes);
	check(queue != (mqd_t)-1 && mq_unlink(name) == 0, name); /* a child has it open: the name would stay */
	if (count != 0)
		return receive_messages(count);
	show_trap();
	return 0;
}
