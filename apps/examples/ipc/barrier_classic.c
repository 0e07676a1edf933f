/* SPDX-License-Identifier: Apache-2.0 */
/* A barrier that processes share: two of them begin every round together. */
#include <pthread.h>
#include <sys/mman.h>
#include "pair.h"

static pthread_barrier_t *barrier;

static void make_barrier(void)
{
	pthread_barrierattr_t attributes;
	barrier = mmap(NULL, sizeof(*barrier), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(barrier != MAP_FAILED, "mmap");
	check(pthread_barrierattr_init(&attributes) == 0 &&
		      pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0 &&
		      pthread_barrier_init(barrier, &attributes, 2) == 0,
	      "pthread_barrier_init");
}

static void meet_often(uint32_t count)
{
	for (uint32_t round = 0; round < count; round++) {
		int result = pthread_barrier_wait(barrier);
		check(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD, "pthread_barrier_wait");
	}
}

/* Comes once, and is dead when the second round waits for it. */
static void meet_and_die(uint32_t unused)
{
	(void)unused;
	meet_often(1);
	(void)raise(SIGKILL);
}

/* pthread_barrier_wait has no deadline: only a signal that kills ends it. */
static void show_trap(void)
{
	struct timespec patience = {.tv_nsec = PATIENCE_NS};
	pid_t waits = begin(meet_often, 2);
	check(play(meet_and_die, 0) == SIGKILL, "member");
	nanosleep(&patience, NULL);
	kill(waits, SIGKILL);
	printf("member killed: the other %s\n", end_of(waits) == SIGKILL ? "still waits after 200 ms" : "goes on");
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	make_barrier();
	if (count == 0) {
		show_trap();
		return 0;
	}
	report(count, "rounds begun together", play_both(meet_often, meet_often, count), count);
	return 0;
}
