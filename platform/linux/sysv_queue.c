/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/sysv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "platform/linux/sysv.h"
#include "platform/message.h"

/* As msgsnd and msgrcv want it. */
struct message {
	long type;
	unsigned char text[];
};

static struct takt_port_sysv object_of(int32_t key)
{
	return (struct takt_port_sysv){"System V message queue", key, "ipcs -q", "kernel.msgmni"};
}

/* Would a message of this size ever fit? */
static enum takt_status check_size(const struct takt_os_sysv_queue *queue)
{
	const struct takt_port_sysv object = object_of(queue->key);
	const struct takt_os_control limit = takt_os_control_read("kernel.msgmax");
	const unsigned long long message_max = strtoull(limit.text, NULL, 10);
	struct msqid_ds found;

	if (message_max != 0 && queue->bytes_max > message_max) {
		takt_message(TAKT_ERROR,
			     "%s 0x%08x: a message of %u bytes is longer than the system allows: kernel.msgmax is %s; "
			     "raise it with sysctl -w kernel.msgmax=%u",
			     object.noun, (uint32_t)queue->key, queue->bytes_max, limit.text, queue->bytes_max);
		return TAKT_LIMIT;
	}
	if (msgctl(queue->id, IPC_STAT, &found) != 0)
		return takt_port_sysv_refused(&object, errno, 0);
	if (found.msg_qbytes >= queue->bytes_max)
		return TAKT_OK;
	takt_message(TAKT_ERROR,
		     "%s 0x%08x: it holds %lu bytes in all, and one message has %u; its owner can raise msg_qbytes "
		     "(msgctl IPC_SET), up to kernel.msgmnb for others than root",
		     object.noun, (uint32_t)queue->key, (unsigned long)found.msg_qbytes, queue->bytes_max);
	return TAKT_LIMIT;
}

enum takt_status takt_os_sysv_queue_open(struct takt_os_sysv_queue *queue, int32_t key, uint32_t bytes_max,
					 int is_sender, int may_create)
{
	const struct takt_port_sysv object = object_of(key);
	struct takt_os_sysv_queue opened = {.key = key, .bytes_max = bytes_max};
	enum takt_status status = TAKT_OK;

	opened.id = msgget(key, (may_create ? IPC_CREAT | 0600 : 0) | (is_sender ? 0200 : 0400));
	if (opened.id < 0)
		return takt_port_sysv_refused(&object, errno, may_create);
	if (is_sender)
		status = check_size(&opened);
	if (status != TAKT_OK)
		return status;
	/* One more: a message that is too long shows by filling it. */
	opened.message = calloc(1, sizeof(struct message) + bytes_max + 1);
	if (opened.message == NULL)
		return takt_port_sysv_refused(&object, ENOMEM, 0);
	*queue = opened;
	return TAKT_OK;
}

enum takt_status takt_os_sysv_queue_send(struct takt_os_sysv_queue *queue, long type, const void *bytes, uint32_t count)
{
	const struct takt_port_sysv object = object_of(queue->key);
	struct message *message = queue->message;
	int result;

	TAKT_ASSERT(count <= queue->bytes_max && type > 0);
	message->type = type;
	memcpy(message->text, bytes, count);
	do
		result = msgsnd(queue->id, message, count, IPC_NOWAIT);
	while (result != 0 && errno == EINTR);
	if (result == 0)
		return TAKT_OK;
	if (errno == EAGAIN || errno == ENOMEM)
		return TAKT_FULL;
	return takt_port_sysv_lost(&object, "send to it", errno);
}

enum takt_status takt_os_sysv_queue_receive(struct takt_os_sysv_queue *queue, long *type, void *bytes, uint32_t room,
					    uint32_t *count)
{
	const struct takt_port_sysv object = object_of(queue->key);
	struct message *message = queue->message;
	ssize_t got;

	TAKT_ASSERT(room <= queue->bytes_max);
	do
		got = msgrcv(queue->id, message, (size_t)queue->bytes_max + 1, *type, IPC_NOWAIT | MSG_NOERROR);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == ENOMSG ? TAKT_EMPTY : takt_port_sysv_lost(&object, "receive from it", errno);
	if (got > (ssize_t)room)
		return TAKT_LIMIT;
	memcpy(bytes, message->text, (size_t)got);
	*count = (uint32_t)got;
	*type = message->type;
	return TAKT_OK;
}

void takt_os_sysv_queue_close(struct takt_os_sysv_queue *queue)
{
	free(queue->message);
	*queue = (struct takt_os_sysv_queue){0};
}
