/* SPDX-License-Identifier: Apache-2.0 */
/* A legacy program with a System V segment and the System V semaphore of the same key that guards it. */
#include "tests/bridge/legacy/state.h"

#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>

static int semaphore;

static void attach(const char *where, int may_make)
{
	const key_t key = (key_t)strtol(where, NULL, 0);
	const int segment = shmget(key, sizeof(struct measure), may_make ? IPC_CREAT | 0600 : 0);

	semaphore = semget(key, 1, may_make ? IPC_CREAT | 0600 : 0);
	need(segment >= 0 && semaphore >= 0, "shmget, semget");
	state.shared = shmat(segment, NULL, 0);
	need(state.shared != (void *)-1, "shmat");
	if (may_make)
		need(semctl(semaphore, 0, SETVAL, 1) == 0, "semctl");
}

static int take(int gives_back_on_death, int seconds)
{
	struct sembuf operation = {0, -1, (short)(gives_back_on_death ? SEM_UNDO : 0)};
	const struct timespec bound = {seconds, 0};

	return semtimedop(semaphore, &operation, 1, &bound) == 0;
}

static void give(void)
{
	struct sembuf operation = {0, 1, SEM_UNDO};

	need(semop(semaphore, &operation, 1) == 0, "semop");
}

static void repair(void)
{
	need(semctl(semaphore, 0, SETVAL, 1) == 0, "semctl");
}

int main(int argc, char **argv)
{
	state = (struct state){attach, take, give, repair, NULL};
	return state_main(argc, argv);
}
