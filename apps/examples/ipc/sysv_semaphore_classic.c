/* SPDX-License-Identifier: Apache-2.0 */
/* A System V semaphore as a lock between two processes. */
#include <sys/sem.h>
#include "pair.h"
#include "guarded.h"

static int set;

static void change(short by, short flags)
{
	struct sembuf step = {.sem_op = by, .sem_flg = flags};
	check(semop(set, &step, 1) == 0, "semop");
}

/* SEM_UNDO on both: the kernel keeps the balance of each process, and gives back what it holds when it ends. */
static void take_often(uint32_t count)
{
	arrive();
	for (uint32_t i = 0; i < count; i++) {
		change(-1, SEM_UNDO);
		use_guarded();
		change(1, SEM_UNDO);
	}
}

static void take_and_die(uint32_t flags)
{
	change(-1, (short)flags);
	(void)raise(SIGKILL);
}

static const char *look(void)
{
	struct sembuf step = {.sem_op = -1};
	struct timespec patience = {.tv_nsec = PATIENCE_NS};
	return semtimedop(set, &step, 1, &patience) == 0 ? "it came back" : "still taken after 200 ms";
}

static void show_trap(void)
{
	play(take_and_die, 0);
	printf("holder killed, without SEM_UNDO: %s\n", look());
	change(1, 0);
	play(take_and_die, SEM_UNDO);
	printf("holder killed, with SEM_UNDO: %s, and nobody is told\n", look());
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	/* A key that others know would be ftok's or a number; then IPC_CREAT | IPC_EXCL, and whoever did not create it must wait until
	 * it has its first value (sem_otime is not 0), because making it and setting it are two calls. */
	set = semget(IPC_PRIVATE, 1, 0600);
	check(set >= 0 && semctl(set, 0, SETVAL, 1) == 0, "semget");
	map_guarded();
	int failed = 0;
	if (count == 0)
		show_trap();
	else
		failed = report_guarded("times taken", play_both(take_often, take_often, count / 2), count / 2);
	check(semctl(set, 0, IPC_RMID) == 0, "semctl"); /* or it stays until the machine restarts */
	return failed;
}
