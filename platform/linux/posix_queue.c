/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/posix_ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "platform/message.h"
#include "platform/sysv.h"

#define NOUN	     "POSIX message queue"
#define MADE_LENGTH  10
#define PRIORITY_MAX 32767u

enum takt_status takt_os_posix_name_check(const char *noun, const char *name)
{
	if (name[0] == '/' && name[1] != '\0' && strchr(name + 1, '/') == NULL &&
	    strlen(name) < TAKT_OS_POSIX_NAME_BYTES - 1)
		return TAKT_OK;
	takt_message(
		TAKT_ERROR,
		"%s '%.80s': its name must begin with a slash, have no other, and at most %d characters behind it, "
		"such as /pressure",
		noun, name, TAKT_OS_POSIX_NAME_BYTES - 3);
	return TAKT_INVALID;
}

static enum takt_status refused(const char *name, uint32_t bytes_max, int error)
{
	switch (error) {
	case ENOENT:
		takt_message(TAKT_ERROR,
			     "there is no " NOUN
			     " %s (ls /dev/mqueue); start the program that makes it, or give --create",
			     name);
		return TAKT_ABSENT;
	case EACCES:
	case EPERM:
		takt_message(TAKT_ERROR,
			     NOUN
			     " %s: uid %u may not use it; its owner and mode say who may (ls -l /dev/mqueue): run this "
			     "as its owner, or widen its mode",
			     name, takt_os_user_id());
		return TAKT_DENIED;
	case ENOSPC:
		takt_message(TAKT_ERROR,
			     NOUN
			     " %s: the system has as many as it may: fs.mqueue.queues_max is %s; remove what nobody "
			     "uses (/dev/mqueue), or raise it with sysctl -w",
			     name, takt_os_control_read("fs.mqueue.queues_max").text);
		return TAKT_NO_SPACE;
	case EINVAL:
		takt_message(TAKT_ERROR,
			     NOUN " %s: cannot make one of %d messages of %u bytes: fs.mqueue.msg_max is %s and "
				  "fs.mqueue.msgsize_max is %s; raise them with sysctl -w",
			     name, MADE_LENGTH, bytes_max, takt_os_control_read("fs.mqueue.msg_max").text,
			     takt_os_control_read("fs.mqueue.msgsize_max").text);
		return TAKT_NO_SPACE;
	case EMFILE: {
		struct rlimit limit = {0};

		(void)getrlimit(RLIMIT_MSGQUEUE, &limit);
		takt_message(TAKT_ERROR,
			     NOUN " %s: this user's queues may have %llu bytes together (RLIMIT_MSGQUEUE), or too many "
				  "files are open; raise it with ulimit -q, or ulimit -n",
			     name, (unsigned long long)limit.rlim_cur);
		return TAKT_NO_SPACE;
	}
	default:
		takt_message(TAKT_ERROR, NOUN " %s: cannot open it: %s", name, strerror(error));
		return takt_port_status(error) == TAKT_NO_SPACE ? TAKT_NO_SPACE : TAKT_SYSTEM;
	}
}

static enum takt_status check_size(struct takt_os_posix_queue *queue, uint32_t bytes_max, int is_sender)
{
	struct mq_attr found;

	if (mq_getattr(queue->descriptor, &found) != 0)
		return refused(queue->name, bytes_max, errno);
	if (found.mq_msgsize >= (long)bytes_max || !is_sender) {
		/* The kernel's, of a queue that another made; at most 16 MiB. A receiver must have room for the longest. */
		queue->bytes_max = (uint32_t)found.mq_msgsize;
		queue->message = malloc(queue->bytes_max);
		return queue->message ? TAKT_OK : refused(queue->name, bytes_max, ENOMEM);
	}
	takt_message(TAKT_ERROR,
		     NOUN
		     " %s: its messages have at most %ld bytes (msgsize) and the record %u; let its maker make it with "
		     "mq_msgsize %u",
		     queue->name, found.mq_msgsize, bytes_max, bytes_max);
	return TAKT_LIMIT;
}

enum takt_status takt_os_posix_queue_open(struct takt_os_posix_queue *queue, const char *name, uint32_t bytes_max,
					  int is_sender, int may_create)
{
	struct mq_attr wanted = {.mq_maxmsg = MADE_LENGTH, .mq_msgsize = (long)bytes_max};
	const int flags = (is_sender ? O_WRONLY : O_RDONLY) | O_NONBLOCK | O_CLOEXEC;
	enum takt_status status = takt_os_posix_name_check(NOUN, name);

	if (status != TAKT_OK)
		return status;
	const int opened = mq_open(name, flags | (may_create ? O_CREAT : 0), 0600, &wanted);
	if (opened < 0)
		return refused(name, bytes_max, errno);
	*queue = (struct takt_os_posix_queue){.descriptor = opened};
	(void)snprintf(queue->name, sizeof(queue->name), "%s", name);
	status = check_size(queue, bytes_max, is_sender);
	if (status != TAKT_OK) {
		(void)mq_close(opened);
		*queue = (struct takt_os_posix_queue){0};
	}
	return status;
}

/* Of what a call that failed for a reason of its own means; a queue that lost its name is gone for everybody else. */
static enum takt_status lost(const struct takt_os_posix_queue *queue, const char *doing, int error)
{
	struct stat found;

	if (error == EAGAIN) {
		if (fstat(queue->descriptor, &found) == 0 && found.st_nlink == 0)
			return TAKT_ABSENT;
		return TAKT_EMPTY;
	}
	takt_message(TAKT_ERROR, NOUN " %s: cannot %s: %s", queue->name, doing, strerror(error));
	return takt_port_status(error) == TAKT_DENIED ? TAKT_DENIED : TAKT_SYSTEM;
}

enum takt_status takt_os_posix_queue_send(struct takt_os_posix_queue *queue, uint32_t priority, const void *bytes,
					  uint32_t count)
{
	struct stat found;
	int result;

	if (priority > PRIORITY_MAX || count > queue->bytes_max)
		return TAKT_LIMIT;
	if (fstat(queue->descriptor, &found) == 0 && found.st_nlink == 0)
		return TAKT_ABSENT;
	do
		result = mq_send(queue->descriptor, bytes, count, priority);
	while (result != 0 && errno == EINTR);
	if (result == 0)
		return TAKT_OK;
	const enum takt_status status = lost(queue, "send to it", errno);
	return status == TAKT_EMPTY ? TAKT_FULL : status;
}

enum takt_status takt_os_posix_queue_receive(struct takt_os_posix_queue *queue, void *bytes, uint32_t room,
					     uint32_t *count, uint32_t *priority)
{
	unsigned read_priority;
	ssize_t got;

	do
		got = mq_receive(queue->descriptor, queue->message, queue->bytes_max, &read_priority);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return lost(queue, "receive from it", errno);
	if (got > (ssize_t)room)
		return TAKT_LIMIT;
	memcpy(bytes, queue->message, (size_t)got);
	*count = (uint32_t)got;
	*priority = read_priority;
	return TAKT_OK;
}

void takt_os_posix_queue_close(struct takt_os_posix_queue *queue)
{
	if (queue->message != NULL)
		(void)mq_close(queue->descriptor);
	free(queue->message);
	*queue = (struct takt_os_posix_queue){0};
}
