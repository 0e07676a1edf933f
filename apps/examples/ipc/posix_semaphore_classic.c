/* SPDX-License-Identifier: Apache-2.0 */
/* A named POSIX semaphore as a lock between two processes. */
#include <semaphore.h>
#include "pair.h"
#include "guarded.h"

static sem_t *unit;

static void take_often(uint32_t count)
{
	arrive();
	for (uint32_t i = 0; i < count; i++) {
		while (sem_wait(unit) != 0)
			check(errno == EINTR, "sem_wait");
		use_guarded();
		check(sem_post(unit) == 0, "sem_post");
	}
}

static void take_and_die(uint32_t unused)
{
	(void)unused;
	check(sem_wait(unit) == 0, "sem_wait");
	(void)raise(SIGKILL);
}

/* A sem_t knows no owner: what a dead process had is gone for good. */
static void show_trap(void)
{
	play(take_and_die, 0);
	struct timespec end = time_at(clock_ns() + PATIENCE_NS);
	/* sem_timedwait would count on the clock that an administrator sets. */
	int result = sem_clockwait(unit, CLOCK_MONOTONIC, &end);
	printf("holder killed: %s\n", result == 0 ? "it came back" : "still taken after 200 ms");
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	char name[64];
	(void)snprintf(name, sizeof(name), "/posix_semaphore_classic.%ld", (long)getpid());
	unit = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
	check(unit != SEM_FAILED, name);
	check(sem_unlink(name) == 0, name); /* a child has it open: the name is needed no more, and would stay */
	map_guarded();
	if (count == 0) {
		show_trap();
		return 0;
	}
	return report_guarded("times taken", play_both(take_often, take_often, count / 2), count / 2);
}
