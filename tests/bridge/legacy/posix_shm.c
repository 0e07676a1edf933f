/* SPDX-License-Identifier: Apache-2.0 */
/* A legacy program with POSIX shared memory and the named POSIX semaphore of the same name that guards it. */
#include "tests/bridge/legacy/state.h"

#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>

static sem_t *semaphore;

static void attach(const char *where, int may_make)
{
	const int memory = shm_open(where, O_RDWR | (may_make ? O_CREAT : 0), 0600);

	need(memory >= 0, "shm_open");
	if (may_make)
		need(ftruncate(memory, sizeof(struct measure)) == 0, "ftruncate");
	state.shared = mmap(NULL, sizeof(struct measure), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	need(state.shared != MAP_FAILED, "mmap");
	semaphore = may_make ? sem_open(where, O_CREAT, 0600, 1) : sem_open(where, 0);
	need(semaphore != SEM_FAILED, "sem_open");
}

static int take(int gives_back_on_death, int seconds)
{
	struct timespec end;

	(void)gives_back_on_death; /* there is no such thing */
	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += seconds;
	return sem_timedwait(semaphore, &end) == 0;
}

static void give(void)
{
	need(sem_post(semaphore) == 0, "sem_post");
}

static void repair(void)
{
	int value = 0;

	need(sem_getvalue(semaphore, &value) == 0, "sem_getvalue");
	if (value == 0)
		give();
}

int main(int argc, char **argv)
{
	state = (struct state){attach, take, give, repair, NULL};
	return state_main(argc, argv);
}
