/* SPDX-License-Identifier: Apache-2.0 */
/* A condition variable that processes share: two of them raise a level by turns, each waiting for the other's step. */
#include <pthread.h>
#include <sys/mman.h>
#include "pair.h"

struct shared {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	uint32_t level;
};

static struct shared *shared;

static void make_shared(void)
{
	pthread_mutexattr_t mutex;
	pthread_condattr_t condition;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(shared != MAP_FAILED, "mmap");
	check(pthread_mutexattr_init(&mutex) == 0 &&
		      pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED) == 0 &&
		      pthread_mutex_init(&shared->mutex, &mutex) == 0,
	      "pthread_mutex_init");
	check(pthread_condattr_init(&condition) == 0 &&
		      pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED) == 0 &&
		      pthread_condattr_setclock(&condition, CLOCK_MONOTONIC) ==
			      0 && /* or it waits by the time of day */
		      pthread_cond_init(&shared->changed, &condition) == 0,
	      "pthread_cond_init");
}

/* Raises the level from `from` in steps of two, each as soon as the other side has made its own. */
static void raise_level(uint32_t from, uint32_t to)
{
	for (uint32_t level = from; level <= to; level += 2) {
		pthread_mutex_lock(&shared->mutex);
		while (shared->level != level - 1) /* a loop: it also wakes without a reason */
			pthread_cond_wait(&shared->changed, &shared->mutex);
		shared->level = level;
		pthread_cond_signal(&shared->changed);
		pthread_mutex_unlock(&shared->mutex);
	}
}

static void raise_even(uint32_t to)
{
	raise_level(2, to);
}

static void raise_odd(uint32_t to)
{
	raise_level(1, to);
}

/* A signal that comes before the wait is gone: without the look at the level this waits for ever. */
static void show_trap(void)
{
	pthread_cond_signal(&shared->changed);
	struct timespec end = time_at(clock_ns() + PATIENCE_NS);
	pthread_mutex_lock(&shared->mutex);
	int error = pthread_cond_timedwait(&shared->changed, &shared->mutex, &end);
	pthread_mutex_unlock(&shared->mutex);
	printf("signalled before the wait: %s\n",
	       error == 0 ? "the waiter goes on" : "the waiter still waits after 200 ms");
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	make_shared();
	if (count == 0) {
		show_trap();
		return 0;
	}
	uint64_t span_ns = play_both(raise_even, raise_odd, 2 * count);
	report(shared->level, "is the level reached", span_ns, 2 * count);
	return 0;
}
