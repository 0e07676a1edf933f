/* SPDX-License-Identifier: Apache-2.0 */
/* A System V message queue: every second message is urgent, and the receiver takes urgent ones first. */
#include <sys/msg.h>
#include <sys/time.h>
#include "pair.h"

#define URGENT 1L
#define NORMAL 2L

struct message {
	long type;
	uint32_t number;
	char text[60];
};
#define MESSAGE_BYTES (sizeof(struct message) - sizeof(long))

static int queue;

static void send_messages(uint32_t count)
{
	for (uint32_t number = 1; number <= count; number++) {
		struct message message = {.type = number % 2 ? NORMAL : URGENT, .number = number, .text = "hello"};
		check(msgsnd(queue, &message, MESSAGE_BYTES, 0) == 0, "msgsnd");
	}
}

static void interrupt(int number)
{
	(void)number;
}

/* A full queue lets its sender sleep, and msgsnd has no deadline. */
static void show_trap(void)
{
	struct message message = {.type = NORMAL};
	struct itimerval patience = {.it_value = {.tv_usec = PATIENCE_NS / 1000}};
	while (msgsnd(queue, &message, MESSAGE_BYTES, IPC_NOWAIT) == 0)
		message.number++;
	check(errno == EAGAIN && sigaction(SIGALRM, &(struct sigaction){.sa_handler = interrupt}, NULL) == 0, "msgsnd");
	check(setitimer(ITIMER_REAL, &patience, NULL) == 0, "setitimer");
	int result = msgsnd(queue, &message, MESSAGE_BYTES, 0);
	printf("queue full: the sender %s\n", result != 0 && errno == EINTR ? "slept until a signal came" : "went on");
}

static int receive_messages(uint32_t count)
{
	struct message message;
	uint32_t urgent = 0;
	uint64_t first_ns = 0;
	pid_t sender = begin(send_messages, count);
	for (uint32_t i = 0; i < count; i++) {
		/* A negative type: the lowest up to it, so that urgent ones come first. */
		check(msgrcv(queue, &message, MESSAGE_BYTES, -NORMAL, 0) == (ssize_t)MESSAGE_BYTES, "msgrcv");
		first_ns = i == 0 ? clock_ns() : first_ns;
		urgent += message.type == URGENT;
	}
	uint64_t span_ns = clock_ns() - first_ns;
	printf("%" PRIu32 " of them urgent\n", urgent);
	report(count, "messages arrived", span_ns, count - 1);
	return end_of(sender);
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	int failed = 0;
	queue = msgget(IPC_PRIVATE, 0600);
	check(queue >= 0, "msgget");
	if (count == 0)
		show_trap();
	else
		failed = receive_messages(count);
	check(msgctl(queue, IPC_RMID, NULL) == 0, "msgctl"); /* or it stays, with what is in it */
	return failed;
}
