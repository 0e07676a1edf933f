/* SPDX-License-Identifier: Apache-2.0 */
/* A reader-writer lock that processes share: two of them read, and every tenth time they write. */
#include <pthread.h>
#include "pair.h"
#include "guarded.h"

static pthread_rwlock_t *lock;

static void make_lock(void)
{
	pthread_rwlockattr_t attributes;
	lock = mmap(NULL, sizeof(*lock), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(lock != MAP_FAILED, "mmap");
	check(pthread_rwlockattr_init(&attributes) == 0 &&
		      pthread_rwlockattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0 &&
		      pthread_rwlock_init(lock, &attributes) == 0,
	      "pthread_rwlock_init");
}

static void use_often(uint32_t count)
{
	arrive();
	for (uint32_t i = 0; i < count; i++) {
		if (i % 10 == 9) {
			check(pthread_rwlock_wrlock(lock) == 0, "pthread_rwlock_wrlock");
			use_guarded();
		} else {
			check(pthread_rwlock_rdlock(lock) == 0 && guarded->inside == 0, "pthread_rwlock_rdlock");
		}
		pthread_rwlock_unlock(lock);
	}
}

static void read_and_die(uint32_t unused)
{
	(void)unused;
	check(pthread_rwlock_rdlock(lock) == 0, "pthread_rwlock_rdlock");
	(void)raise(SIGKILL);
}

/* There is no robust one: a count of readers is kept, not who they are. */
static void show_trap(void)
{
	play(read_and_die, 0);
	struct timespec end = time_at(clock_ns() + PATIENCE_NS);
	int error = pthread_rwlock_clockwrlock(lock, CLOCK_MONOTONIC, &end);
	printf("reader killed: the writer %s\n", error == 0 ? "has the lock" : "still waits after 200 ms");
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	make_lock();
	map_guarded();
	if (count == 0) {
		show_trap();
		return 0;
	}
	return report_guarded("times written", play_both(use_often, use_often, count / 2), count / 2);
}
