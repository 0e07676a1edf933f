/* SPDX-License-Identifier: Apache-2.0 */
/* A legacy program with a System V message queue. WHERE is the key; messages have the type 7, and it asks for that type. */
#include "tests/bridge/legacy/legacy.h"

#include <sys/ipc.h>
#include <sys/msg.h>

#define TYPE 7

struct message {
	long type;
	struct measure measure;
};

static int queue;

static void send_one(const struct measure *measure)
{
	const struct message message = {TYPE, *measure};

	need(msgsnd(queue, &message, sizeof(message.measure), 0) == 0, "msgsnd");
}

static int receive(struct measure *measure)
{
	struct message message;
	const ssize_t got = msgrcv(queue, &message, sizeof(message.measure), TYPE, IPC_NOWAIT);

	need(got == sizeof(message.measure) || errno == ENOMSG, "msgrcv");
	*measure = got < 0 ? *measure : message.measure;
	return got > 0;
}

int main(int argc, char **argv)
{
	const int sends = is_send(argc, argv);

	queue = msgget((key_t)strtol(argv[2], NULL, 0), IPC_CREAT | 0600);
	need(queue >= 0, "msgget");
	if (!sends)
		return receive_all(receive, strtoull(argv[3], NULL, 10));
	send_all(send_one, argv);
	return 0;
}
