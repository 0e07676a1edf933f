/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program of the classic kind, written with the bare system calls: it makes one IPC object, or uses one until it is killed.
 *
 *	ipc_user make KIND NAME      makes it, uses it once and ends
 *	ipc_user hold KIND NAME      says "ready" and has it open, attached or mapped until it is killed
 *	ipc_user wait KIND NAME      says "ready" and sleeps on it until it is killed
 *
 * KIND: queue, shm, sem (System V; NAME is an id, for `make` a key), posix-shm, posix-map, posix-sem, posix-queue.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#define BYTES 4096

struct letter {
	long type;
	char text[16];
};

static int say_id(int id)
{
	if (id >= 0)
		(void)printf("%d\n", id);
	return id >= 0;
}

/* ------------------------------------------------------------------------------------------------------- System V */

static int number(const char *name)
{
	return (int)strtoul(name, NULL, 0);
}

static int make_queue(const char *name)
{
	struct letter letter = {.type = 1, .text = "to whom it may"};
	int id = msgget(number(name), IPC_CREAT | IPC_EXCL | 0600);

	return say_id(id) && msgsnd(id, &letter, sizeof(letter.text), 0) == 0;
}

static int wait_queue(const char *name)
{
	struct letter letter;

	/* Of a type that nobody sends. */
	return msgrcv(number(name), &letter, sizeof(letter.text), 4711, 0) >= 0;
}

static int make_shm(const char *name)
{
	return say_id(shmget(number(name), BYTES, IPC_CREAT | IPC_EXCL | 0600));
}

static int hold_shm(const char *name)
{
	return shmat(number(name), NULL, SHM_RDONLY) != (void *)-1;
}

static int make_sem(const char *name)
{
	int id = semget(number(name), 3, IPC_CREAT | IPC_EXCL | 0600);

	return say_id(id) && semctl(id, 1, SETVAL, 0) == 0;
}

static int wait_sem(const char *name)
{
	struct sembuf take = {.sem_num = 1, .sem_op = -1};

	return semop(number(name), &take, 1) == 0;
}

/* ---------------------------------------------------------------------------------------------------------- POSIX */

static int make_posix_shm(const char *name)
{
	int descriptor = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);

	return descriptor >= 0 && ftruncate(descriptor, BYTES) == 0;
}

static int hold_posix_shm(const char *name)
{
	return shm_open(name, O_RDONLY, 0) >= 0;
}

static int hold_posix_map(const char *name)
{
	int descriptor = shm_open(name, O_RDONLY, 0);

	return descriptor >= 0 && mmap(NULL, BYTES, PROT_READ, MAP_SHARED, descriptor, 0) != MAP_FAILED &&
	       close(descriptor) == 0;
}

static int make_posix_sem(const char *name)
{
	return sem_open(name, O_CREAT | O_EXCL, 0600, 1) != SEM_FAILED;
}

static int hold_posix_sem(const char *name)
{
	return sem_open(name, 0) != SEM_FAILED;
}

static int make_posix_queue(const char *name)
{
	struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);

	return queue != (mqd_t)-1 && mq_send(queue, "a letter", 8, 0) == 0;
}

static int hold_posix_queue(const char *name)
{
	return mq_open(name, O_RDONLY) != (mqd_t)-1;
}

/* ------------------------------------------------------------------------------------------------------------ main */

static const struct {
	const char *kind;
	int (*make)(const char *name);
	int (*hold)(const char *name);
	int (*wait)(const char *name);
} kinds[] = {
	{"queue", make_queue, NULL, wait_queue},
	{"shm", make_shm, hold_shm, NULL},
	{"sem", make_sem, NULL, wait_sem},
	{"posix-shm", make_posix_shm, hold_posix_shm, NULL},
	{"posix-map", NULL, hold_posix_map, NULL},
	{"posix-sem", make_posix_sem, hold_posix_sem, NULL},
	{"posix-queue", make_posix_queue, hold_posix_queue, NULL},
};

static int say_ready(void)
{
	return puts("ready") >= 0 && fflush(stdout) == 0;
}

int main(int argc, char **argv)
{
	int result = 0;

	for (size_t i = 0; argc == 4 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, argv[2]) != 0)
			continue;
		if (strcmp(argv[1], "make") == 0 && kinds[i].make)
			result = kinds[i].make(argv[3]);
		else if (strcmp(argv[1], "hold") == 0 && kinds[i].hold)
			result = kinds[i].hold(argv[3]) && say_ready() && pause();
		else if (strcmp(argv[1], "wait") == 0 && kinds[i].wait)
			result = say_ready() && kinds[i].wait(argv[3]);
	}
	if (!result)
		(void)fprintf(stderr, "ipc_user: %s: %s\n", argc == 4 ? argv[3] : "wrong arguments", strerror(errno));
	return !result;
}
