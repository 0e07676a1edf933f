/* SPDX-License-Identifier: Apache-2.0 */
/* A System V shared memory segment, guarded by a System V semaphore: one writes records, the other copies the newest. */
#include <sched.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include "pair.h"
#include "record.h"

static struct record *shared;
static int guard;

static void change(short by)
{
	struct sembuf step = {.sem_op = by, .sem_flg = SEM_UNDO};
	check(semop(guard, &step, 1) == 0, "semop");
}

static void write_records(uint32_t count)
{
	for (uint32_t number = 1; number <= count; number++) {
		change(-1);
		fill(shared, number, 0, RECORD_WORDS);
		change(1);
	}
}

static struct record copy_record(void)
{
	struct record copy;
	change(-1);
	copy = *shared;
	change(1);
	return copy;
}

/* The kernel gives the guard back, and what it guarded is half old and half new. */
static void write_half_and_die(uint32_t number)
{
	change(-1);
	fill(shared, number, 0, RECORD_WORDS / 2);
	(void)raise(SIGKILL);
}

static void read_to_last(uint32_t count)
{
	struct record copy = {.words = {0}};
	uint32_t torn = 0;
	while (copy.words[0] != count) {
		copy = copy_record();
		torn += is_torn(&copy) != 0;
		sched_yield();
	}
	say_torn(torn);
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	int segment = shmget(IPC_PRIVATE, sizeof(*shared), 0600);
	guard = semget(IPC_PRIVATE, 1, 0600);
	check(segment >= 0 && guard >= 0 && semctl(guard, 0, SETVAL, 1) == 0, "shmget, semget");
	shared = shmat(segment, NULL, 0);
	check(shared != (void *)-1, "shmat");
	check(shmctl(segment, IPC_RMID, NULL) == 0, "shmctl"); /* goes with its last user, who has it already */
	if (count == 0) {
		write_records(1);
		play(write_half_and_die, 2);
		struct record copy = copy_record();
		printf("writer killed in the middle of record 2: the reader gets %s\n",
		       is_torn(&copy) ? "half of 1 and half of 2" : "record 1");
	} else {
		report(count, "records written", play_both(read_to_last, write_records, count), count);
	}
	check(semctl(guard, 0, IPC_RMID) == 0, "semctl");
	return 0;
}
