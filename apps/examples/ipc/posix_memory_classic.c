/* SPDX-License-Identifier: Apache-2.0 */
/* A POSIX shared memory object with a robust mutex in it: one writes records, the other copies the newest. */
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include "pair.h"
#include "record.h"

struct shared {
	pthread_mutex_t mutex; /* so whoever reads needs the right to write, to all of it */
	struct record record;
};

static struct shared *shared;
static int object;

static void lock(void)
{
	int error = pthread_mutex_lock(&shared->mutex);
	if (error == EOWNERDEAD) /* the last owner died: repair the record here, then */
		error = pthread_mutex_consistent(&shared->mutex);
	check(error == 0, "pthread_mutex_lock");
}

static void make_shared(void)
{
	char name[64];
	pthread_mutexattr_t attributes;
	(void)snprintf(name, sizeof(name), "/posix_memory_classic.%ld", (long)getpid());
	object = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	check(object >= 0 && shm_unlink(name) == 0, name); /* a child has it open: the name would stay */
	/* ftruncate would succeed on a full file system too, and the first write end in SIGBUS. */
	errno = posix_fallocate(object, 0, sizeof(*shared));
	check(errno == 0, "posix_fallocate");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, object, 0);
	check(shared != MAP_FAILED, "mmap");
	check(pthread_mutexattr_init(&attributes) == 0 &&
		      pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0 &&
		      pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0 &&
		      pthread_mutex_init(&shared->mutex, &attributes) == 0,
	      "pthread_mutex_init");
}

static void write_records(uint32_t count)
{
	for (uint32_t number = 1; number <= count; number++) {
		lock();
		fill(&shared->record, number, 0, RECORD_WORDS);
		pthread_mutex_unlock(&shared->mutex);
	}
}

static void read_to_last(uint32_t count)
{
	struct record copy = {.words = {0}};
	uint32_t torn = 0;
	while (copy.words[0] != count) {
		lock();
		copy = shared->record;
		pthread_mutex_unlock(&shared->mutex);
		torn += is_torn(&copy) != 0;
		sched_yield();
	}
	say_torn(torn);
}

/* Somebody with the right to write makes the object shorter, and a touch of what was there is a signal. */
static void cut_off_and_read(uint32_t unused)
{
	(void)unused;
	check(ftruncate(object, 0) == 0, "ftruncate");
	exit(((volatile struct shared *)shared)->record.words[0] != 0);
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	make_shared();
	if (count == 0) {
		printf("memory cut off: the reader was killed (signal %d)\n", play(cut_off_and_read, 0));
		return 0;
	}
	report(count, "records written", play_both(read_to_last, write_records, count), count);
	return 0;
}
