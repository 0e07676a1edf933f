/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a bridge: the first semaphore that it takes it holds for ever, and says so by making the file HELD_FILE, so that a test
 * can kill it there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <time.h>
#include <unistd.h>

static void hold(void)
{
	const char *path = getenv("HELD_FILE");

	if (path != NULL)
		(void)close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	for (;;)
		(void)pause();
}

int semtimedop(int set, struct sembuf *operations, size_t count, const struct timespec *bound)
{
	int (*real)(int, struct sembuf *, size_t, const struct timespec *) = dlsym(RTLD_NEXT, "semtimedop");
	const int result = real(set, operations, count, bound);

	if (result == 0)
		hold();
	return result;
}

int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *deadline)
{
	int (*real)(sem_t *, clockid_t, const struct timespec *) = dlsym(RTLD_NEXT, "sem_clockwait");
	const int result = real(semaphore, clock, deadline);

	if (result == 0)
		hold();
	return result;
}
