/* SPDX-License-Identifier: Apache-2.0 */
/* Channels of `takt bench` on what System V and POSIX call IPC: message queues, and shared memory with a semaphore. */
#include "platform/linux/port.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "platform/bench.h"
#include "platform/message.h"

/* The default limits of Linux for one message (kernel.msgmax, fs.mqueue.msgsize_max); larger ones go in pieces. */
#define PIECE_BYTES 8192u
#define QUEUE_DEPTH 8

static enum takt_status refuse(const struct takt_os_bench_link *link, const char *doing)
{
	int error = errno;

	if (error == ENOSYS)
		return TAKT_UNSUPPORTED;
	takt_message(TAKT_ERROR, "bench: %s: cannot %s: %s", link->channel->name, doing, strerror(error));
	return takt_port_status(error);
}

static uint32_t piece_of(uint32_t left)
{
	return left < PIECE_BYTES ? left : PIECE_BYTES;
}

/* ids[0] carries from side 0 to 1, ids[1] back. */
static enum takt_status attach_ids(struct takt_os_bench_link *link)
{
	link->out_id = link->ids[link->side];
	link->in_id = link->ids[1 - link->side];
	return TAKT_OK;
}

static void forget(struct takt_os_bench_link *link)
{
	for (uint32_t i = 0; i < 4; i++)
		link->ids[i] = -1;
}

/* ---------------------------------------------------------------------------------------------- System V queue */

struct letter {
	long type;
	unsigned char bytes[PIECE_BYTES];
};

static enum takt_status create_sysv_queue(struct takt_os_bench_link *link)
{
	forget(link);
	for (uint32_t i = 0; i < 2; i++) {
		link->ids[i] = msgget(IPC_PRIVATE, 0600);
		if (link->ids[i] < 0)
			return refuse(link, "make it");
	}
	return TAKT_OK;
}

static int send_sysv_queue(struct takt_os_bench_link *link, const void *message)
{
	static struct letter letter = {.type = 1};
	const unsigned char *at = message;

	for (uint32_t left = link->bytes; left;) {
		uint32_t piece = piece_of(left);

		memcpy(letter.bytes, at, piece);
		if (msgsnd(link->out_id, &letter, piece, 0) != 0) {
			if (errno == EINTR)
				continue;
			return 0;
		}
		at += piece;
		left -= piece;
	}
	return 1;
}

static int receive_sysv_queue(struct takt_os_bench_link *link, void *message)
{
	static struct letter letter;
	unsigned char *at = message;

	for (uint32_t left = link->bytes; left;) {
		ssize_t got = msgrcv(link->in_id, &letter, sizeof(letter.bytes), 0, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || (uint32_t)got > left)
			return 0;
		memcpy(at, letter.bytes, (size_t)got);
		at += got;
		left -= (uint32_t)got;
	}
	return 1;
}

static void destroy_sysv_queue(struct takt_os_bench_link *link)
{
	for (uint32_t i = 0; i < 2; i++)
		if (link->ids[i] >= 0)
			(void)msgctl(link->ids[i], IPC_RMID, NULL);
	forget(link);
}

const struct takt_os_bench_channel takt_os_bench_sysv_queue = {
	.name = "System V message queue",
	.create = create_sysv_queue,
	.attach = attach_ids,
	.send = send_sysv_queue,
	.receive = receive_sysv_queue,
	.destroy = destroy_sysv_queue,
};

/* ------------------------------------------------------------------------------------------------- POSIX queue */

static enum takt_status create_posix_queue(struct takt_os_bench_link *link)
{
	struct mq_attr attributes = {.mq_maxmsg = QUEUE_DEPTH, .mq_msgsize = (long)piece_of(link->bytes)};
	char name[64];

	forget(link);
	for (uint32_t i = 0; i < 2; i++) {
		(void)snprintf(name, sizeof(name), "/takt-bench.%ld.%u", (long)getpid(), i);
		link->ids[i] = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attributes);
		if (link->ids[i] < 0)
			return refuse(link, "make it (ulimit -q, fs.mqueue)");
		(void)mq_unlink(name);
	}
	return TAKT_OK;
}

static int send_posix_queue(struct takt_os_bench_link *link, const void *message)
{
	const char *at = message;

	for (uint32_t left = link->bytes; left;) {
		uint32_t piece = piece_of(left);

		if (mq_send(link->out_id, at, piece, 0) != 0) {
			if (errno == EINTR)
				continue;
			return 0;
		}
		at += piece;
		left -= piece;
	}
	return 1;
}

static int receive_posix_queue(struct takt_os_bench_link *link, void *message)
{
	char *at = message;

	for (uint32_t left = link->bytes; left;) {
		/* The system wants room for its largest message; messages are whole pieces, so it is there. */
		ssize_t got = mq_receive(link->in_id, at, piece_of(link->bytes), NULL);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || (uint32_t)got > left)
			return 0;
		at += got;
		left -= (uint32_t)got;
	}
	return 1;
}

static void destroy_descriptors(struct takt_os_bench_link *link)
{
	for (uint32_t i = 0; i < 2; i++)
		takt_port_close(&link->ids[i]);
}

const struct takt_os_bench_channel takt_os_bench_posix_queue = {
	.name = "POSIX message queue",
	.create = create_posix_queue,
	.attach = attach_ids,
	.send = send_posix_queue,
	.receive = receive_posix_queue,
	.destroy = destroy_descriptors,
};

/* ------------------------------------------------------------------------------------------ System V memory */

static uint64_t half_bytes(const struct takt_os_bench_link *link)
{
	return (sizeof(struct takt_os_bench_sem) + link->bytes + 4095u) / 4096u * 4096u;
}

static enum takt_status attach_halves(struct takt_os_bench_link *link)
{
	unsigned char *shared = link->shared;

	link->out = shared + (link->side == 0 ? 0 : half_bytes(link));
	link->in = shared + (link->side == 0 ? half_bytes(link) : 0);
	return TAKT_OK;
}

static enum takt_status create_sysv_memory(struct takt_os_bench_link *link)
{
	forget(link);
	link->shared_bytes = 2 * half_bytes(link);
	int memory = shmget(IPC_PRIVATE, (size_t)link->shared_bytes, 0600);
	if (memory < 0)
		return refuse(link, "make its memory");
	void *address = shmat(memory, NULL, 0);
	/* Gone as soon as nobody has it any more. */
	(void)shmctl(memory, IPC_RMID, NULL);
	if (address == (void *)-1)
		return refuse(link, "attach its memory");
	link->shared = address;
	memset(link->shared, 0, (size_t)link->shared_bytes);
	link->ids[0] = semget(IPC_PRIVATE, 2, 0600);
	return link->ids[0] < 0 ? refuse(link, "make its semaphores") : TAKT_OK;
}

static int change_sysv_sem(const struct takt_os_bench_link *link, uint32_t index, short by)
{
	struct sembuf change = {.sem_num = (unsigned short)index, .sem_op = by};

	while (semop(link->ids[0], &change, 1) != 0)
		if (errno != EINTR)
			return 0;
	return 1;
}

static int send_sysv_memory(struct takt_os_bench_link *link, const void *message)
{
	memcpy(link->out, message, link->bytes);
	return change_sysv_sem(link, link->side, 1);
}

static int receive_sysv_memory(struct takt_os_bench_link *link, void *message)
{
	if (!change_sysv_sem(link, 1 - link->side, -1))
		return 0;
	memcpy(message, link->in, link->bytes);
	return 1;
}

static void destroy_sysv_memory(struct takt_os_bench_link *link)
{
	if (link->ids[0] >= 0)
		(void)semctl(link->ids[0], 0, IPC_RMID);
	if (link->shared)
		(void)shmdt(link->shared);
	link->shared = NULL;
	forget(link);
}

const struct takt_os_bench_channel takt_os_bench_sysv_memory = {
	.name = "System V shared memory and semaphore",
	.create = create_sysv_memory,
	.attach = attach_halves,
	.send = send_sysv_memory,
	.receive = receive_sysv_memory,
	.destroy = destroy_sysv_memory,
};

/* --------------------------------------------------------------------------------------------- POSIX memory */

static enum takt_status create_posix_memory(struct takt_os_bench_link *link)
{
	char name[64];

	forget(link);
	link->shared_bytes = 2 * half_bytes(link);
	(void)snprintf(name, sizeof(name), "/takt-bench.%ld", (long)getpid());
	int descriptor = shm_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (descriptor < 0)
		return refuse(link, "make its memory");
	(void)shm_unlink(name);
	int error = posix_fallocate(descriptor, 0, (off_t)link->shared_bytes);
	void *address = error ? MAP_FAILED
			      : mmap(NULL, (size_t)link->shared_bytes, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_POPULATE, descriptor, 0);
	if (error)
		errno = error;
	enum takt_status status = address == MAP_FAILED ? refuse(link, "map its memory") : TAKT_OK;
	takt_port_close(&descriptor);
	if (status != TAKT_OK)
		return status;
	link->shared = address;
	takt_os_bench_sem_init(link->shared);
	takt_os_bench_sem_init((void *)((unsigned char *)link->shared + half_bytes(link)));
	return TAKT_OK;
}

static int send_posix_memory(struct takt_os_bench_link *link, const void *message)
{
	memcpy((unsigned char *)link->out + sizeof(struct takt_os_bench_sem), message, link->bytes);
	takt_os_bench_sem_post(link->out);
	return 1;
}

static int receive_posix_memory(struct takt_os_bench_link *link, void *message)
{
	if (!takt_os_bench_sem_wait(link->in))
		return 0;
	memcpy(message, (unsigned char *)link->in + sizeof(struct takt_os_bench_sem), link->bytes);
	return 1;
}

static void destroy_posix_memory(struct takt_os_bench_link *link)
{
	takt_os_bench_memory_unmap(link->shared, link->shared_bytes);
	link->shared = NULL;
}

const struct takt_os_bench_channel takt_os_bench_posix_memory = {
	.name = "POSIX shared memory and semaphore",
	.create = create_posix_memory,
	.attach = attach_halves,
	.send = send_posix_memory,
	.receive = receive_posix_memory,
	.destroy = destroy_posix_memory,
};
