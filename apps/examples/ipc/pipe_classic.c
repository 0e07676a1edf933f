/* SPDX-License-Identifier: Apache-2.0 */
/* An anonymous pipe: a child writes numbered messages, its parent reads them. */
#include "pair.h"

struct message {
	uint32_t number;
	char text[60];
};

static int ends[2];

static void write_messages(uint32_t count)
{
	close(ends[0]); /* or the writer itself would keep the pipe's reading end open */
	for (uint32_t number = 1; number <= count; number++) {
		struct message message = {.number = number, .text = "hello"};
		/* At most PIPE_BUF bytes: they go in whole, also beside other writers. */
		check(write(ends[1], &message, sizeof(message)) == sizeof(message), "write");
	}
}

static void read_one_and_die(uint32_t unused)
{
	struct message message;
	(void)unused;
	close(ends[1]);
	check(read(ends[0], &message, sizeof(message)) == sizeof(message) && message.number == 1, "read");
	(void)raise(SIGKILL);
}

/* Who reads owns what it has read; and a writer whose last reader is gone is killed, unless it has SIGPIPE ignored. */
static void show_trap(void)
{
	pid_t reader = begin(read_one_and_die, 0);
	pid_t writer = begin(write_messages, UINT32_MAX);
	close(ends[0]);
	close(ends[1]);
	int reader_signal = end_of(reader);
	printf("reader killed (signal %d) with message 1 in hand: writer killed (signal %d)\n", reader_signal,
	       end_of(writer));
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv), arrived = 0;
	uint64_t first_ns = 0;
	struct message message;
	check(pipe(ends) == 0, "pipe");
	if (count == 0) {
		show_trap();
		return 0;
	}
	pid_t writer = begin(write_messages, count);
	close(ends[1]); /* or the end of the messages would never be seen */
	while (read(ends[0], &message, sizeof(message)) == sizeof(message)) {
		check(message.number == ++arrived, "order");
		if (arrived == 1)
			first_ns = clock_ns();
	}
	report(arrived, "messages arrived", clock_ns() - first_ns, count - 1);
	return end_of(writer);
}
