/* SPDX-License-Identifier: Apache-2.0 */
/* A legacy program with a named pipe, or with a pipe from the shell ("-"): bare structs, one after the other. */
#include "tests/bridge/legacy/legacy.h"

#include <fcntl.h>

static int pipe_end;

static void send_one(const struct measure *measure)
{
	need(write(pipe_end, measure, sizeof(*measure)) == sizeof(*measure), "write");
}

static int receive(struct measure *measure)
{
	size_t got = 0;

	while (got < sizeof(*measure)) {
		const ssize_t one = read(pipe_end, (char *)measure + got, sizeof(*measure) - got);

		need(one >= 0 || errno == EAGAIN, "read");
		if (one <= 0 && got == 0)
			return 0;
		got += one > 0 ? (size_t)one : 0;
	}
	return 1;
}

int main(int argc, char **argv)
{
	const int sends = is_send(argc, argv);

	pipe_end = strcmp(argv[2], "-") == 0 ? sends : open(argv[2], sends ? O_WRONLY : O_RDONLY | O_NONBLOCK);
	need(pipe_end >= 0, argv[2]);
	if (!sends)
		return receive_all(receive, strtoull(argv[3], NULL, 10));
	send_all(send_one, argv);
	return 0;
}
