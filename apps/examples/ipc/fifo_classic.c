/* SPDX-License-Identifier: Apache-2.0 */
/* A named pipe: a writer comes, writes a quarter of the messages and goes, four times; a reader stays. */
#include <poll.h>
#include <sys/stat.h>
#include "pair.h"

static char path[256];

static void write_messages(uint32_t count)
{
	for (uint32_t number = 1; number <= count;) {
		int fifo = open(path, O_WRONLY); /* waits for a reader; O_NONBLOCK would say ENXIO */
		check(fifo >= 0, path);
		for (uint32_t i = 0; i < count / 4; i++, number++)
			check(write(fifo, &number, sizeof(number)) == sizeof(number), "write");
		close(fifo);
	}
}

/* Without a writing end of its own the reader's poll answers at once, for ever, when the last writer has gone. */
static void show_trap(int fifo)
{
	uint32_t number, storm = 0;
	check(play(write_messages, 4) == 0, "writer");
	for (int i = 0; i < 4; i++)
		check(read(fifo, &number, sizeof(number)) == sizeof(number), "read");
	for (int i = 0; i < 1000; i++) {
		struct pollfd look = {.fd = fifo, .events = POLLIN};
		storm += poll(&look, 1, 1000) == 1 && look.revents == POLLHUP;
	}
	printf("writer gone: %" PRIu32 " of 1000 polls returned at once, with nothing to read\n", storm);
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv), number, arrived = 0;
	uint64_t first_ns = 0;
	name_here(path, sizeof(path), "fifo_classic");
	check(mkfifo(path, 0600) == 0, path);
	int fifo = open(path, O_RDONLY | O_NONBLOCK); /* O_NONBLOCK: does not wait for a writer */
	check(fifo >= 0, path);
	if (count == 0) {
		show_trap(fifo);
		return unlink(path);
	}
	int keeper = open(path, O_WRONLY); /* a writer of our own, so that the end of the others is no end */
	check(keeper >= 0 && fcntl(fifo, F_SETFL, 0) == 0, path);
	pid_t writer = begin(write_messages, count);
	while (arrived < count && read(fifo, &number, sizeof(number)) == sizeof(number)) {
		check(number == ++arrived, "order");
		if (arrived == 1)
			first_ns = clock_ns();
	}
	report(arrived, "messages arrived", clock_ns() - first_ns, count - 1);
	unlink(path); /* or the name stays */
	return end_of(writer);
}
