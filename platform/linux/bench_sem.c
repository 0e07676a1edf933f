/* SPDX-License-Identifier: Apache-2.0 */
/* The floors of `takt bench` that sleep: POSIX semaphores, bare, and the clock. */
#include "platform/linux/port.h"

#include <errno.h>
#include <semaphore.h>
#include <string.h>

#include "platform/bench.h"
#include "platform/clock.h"
#include "platform/message.h"

_Static_assert(sizeof(sem_t) <= sizeof(struct takt_os_bench_sem), "a semaphore fits into its storage");

/* Far enough that no run meets it; sem_clockwait takes an absolute time anyway, so it costs what a real deadline costs. */
static const struct timespec far_deadline = {.tv_sec = INT32_MAX};

static sem_t *sem_of(struct takt_os_bench_sem *sem)
{
	return (sem_t *)(void *)sem->storage;
}

void takt_os_bench_sem_init(struct takt_os_bench_sem *sem)
{
	TAKT_ASSERT(sem_init(sem_of(sem), 1, 0) == 0);
}

void takt_os_bench_sem_post(struct takt_os_bench_sem *sem)
{
	(void)sem_post(sem_of(sem));
}

int takt_os_bench_sem_wait(struct takt_os_bench_sem *sem)
{
	while (sem_clockwait(sem_of(sem), CLOCK_MONOTONIC, &far_deadline) != 0)
		if (errno != EINTR)
			return 0;
	return 1;
}

void takt_os_bench_sleep_until(uint64_t deadline_ns)
{
	const struct timespec deadline = takt_port_timespec(deadline_ns);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR)
		;
}

uint64_t takt_os_bench_now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * TAKT_NS_PER_S + (uint64_t)now.tv_nsec;
}

struct half {
	struct takt_os_bench_sem sem;
	unsigned char payload[];
};

static enum takt_status create(struct takt_os_bench_link *link)
{
	uint64_t half_bytes = (sizeof(struct half) + link->bytes + 4095u) / 4096u * 4096u;

	link->shared_bytes = 2 * half_bytes;
	link->shared = takt_os_bench_memory_map(link->shared_bytes);
	if (link->shared == NULL)
		return TAKT_NO_SPACE;
	takt_os_bench_sem_init(link->shared);
	takt_os_bench_sem_init((void *)((unsigned char *)link->shared + half_bytes));
	return TAKT_OK;
}

static enum takt_status attach(struct takt_os_bench_link *link)
{
	unsigned char *shared = link->shared;
	uint64_t half_bytes = link->shared_bytes / 2;

	link->out = shared + (link->side == 0 ? 0 : half_bytes);
	link->in = shared + (link->side == 0 ? half_bytes : 0);
	return TAKT_OK;
}

static int send_message(struct takt_os_bench_link *link, const void *message)
{
	struct half *half = link->out;

	memcpy(half->payload, message, link->bytes);
	return sem_post(sem_of(&half->sem)) == 0;
}

static int receive_message(struct takt_os_bench_link *link, void *message)
{
	struct half *half = link->in;

	if (!takt_os_bench_sem_wait(&half->sem))
		return 0;
	memcpy(message, half->payload, link->bytes);
	return 1;
}

static void destroy(struct takt_os_bench_link *link)
{
	takt_os_bench_memory_unmap(link->shared, link->shared_bytes);
	link->shared = NULL;
}

const struct takt_os_bench_channel takt_os_bench_sems = {
	.name = "semaphores",
	.create = create,
	.attach = attach,
	.send = send_message,
	.receive = receive_message,
	.destroy = destroy,
};
