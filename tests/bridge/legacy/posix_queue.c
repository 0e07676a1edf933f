/* SPDX-License-Identifier: Apache-2.0 */
/* A legacy program with a POSIX message queue. WHERE is the name; messages have the priority 3, and one of another is an error. */
#include "tests/bridge/legacy/legacy.h"

#include <fcntl.h>
#include <mqueue.h>

#define PRIORITY 3

static mqd_t queue;

static void send_one(const struct measure *measure)
{
	need(mq_send(queue, (const char *)measure, sizeof(*measure), PRIORITY) == 0, "mq_send");
}

static int receive(struct measure *measure)
{
	unsigned priority = PRIORITY;
	struct mq_attr attributes;
	char *bytes;

	need(mq_getattr(queue, &attributes) == 0, "mq_getattr");
	bytes = malloc((size_t)attributes.mq_msgsize);
	need(bytes != NULL, "malloc");
	const ssize_t got = mq_receive(queue, bytes, (size_t)attributes.mq_msgsize, &priority);
	need(got == sizeof(*measure) || errno == EAGAIN, "mq_receive");
	errno = 0;
	need(priority == PRIORITY, "the priority is another's");
	if (got > 0)
		memcpy(measure, bytes, sizeof(*measure));
	free(bytes);
	return got > 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "is-there") == 0)
		return mq_open(argv[2], O_RDONLY) == (mqd_t)-1;
	if (argc == 3 && strcmp(argv[1], "remove") == 0)
		return mq_unlink(argv[2]) != 0;
	const int sends = is_send(argc, argv);
	struct mq_attr attributes = {.mq_maxmsg = 10, .mq_msgsize = sizeof(struct measure)};

	queue = mq_open(argv[2], O_CREAT | (sends ? O_WRONLY : O_RDONLY | O_NONBLOCK), 0600, &attributes);
	need(queue != (mqd_t)-1, "mq_open");
	if (!sends)
		return receive_all(receive, strtoull(argv[3], NULL, 10));
	send_all(send_one, argv);
	return 0;
}
