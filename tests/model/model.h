/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a model program needs. It describes one round: `begin` makes the shared memory, a few threads run at the same time, `end` looks at
 * what they left. The same text is
 *	run:	 `cc -std=c11 -pthread -I. tests/model/ring_copy.c` makes a program that runs many rounds on real threads;
 *	checked: tests/model/checker/ gives it another <stdatomic.h>, and each round is one execution that the C11 memory model allows.
 */
#ifndef TAKT_TESTS_MODEL_MODEL_H
#define TAKT_TESTS_MODEL_MODEL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MODEL_THREADS_MAX 4

struct model {
	const char *name;
	void (*begin)(void);
	void (*end)(void);
	void (*threads[MODEL_THREADS_MAX])(void);
};

/* What must hold. */
#define MODEL_ASSERT(condition)                                                                                        \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			model_fail(#condition, __FILE__, __LINE__);                                                    \
	} while (0)

/* Plain accesses that the checker is to watch: two of different threads, one of them a write, need an order between them. */
#define MODEL_PUT(place, value) (model_watch_write(&(place)), (place) = (value))
#define MODEL_GET(place)	(model_watch_read(&(place)), (place))

#ifdef MODEL_CHECKED

void model_fail(const char *what, const char *file, int line);
void model_watch_write(const volatile void *place);
void model_watch_read(const volatile void *place);
/* Which of the program's threads this is. */
unsigned model_thread(void);
/* 0 to count - 1, each of them in some round. */
unsigned model_choose(unsigned count);
/* Runs `body` up to its n-th atomic access, 0 before the first. @retval 1 it died there */
int model_mortal(unsigned accesses, void (*body)(void));

#define MODEL_PROGRAM(...) const struct model model_program = {__VA_ARGS__};

#else

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define MODEL_ROUNDS 20000u

static const struct model model_program;
static _Thread_local uint32_t model_random = 1;
static _Thread_local unsigned model_index;

static inline void model_fail(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s: %s:%d: does not hold: %s\n", model_program.name, file, line, what);
	exit(1);
}

static inline void model_watch_write(const volatile void *place)
{
	(void)place;
}

static inline void model_watch_read(const volatile void *place)
{
	(void)place;
}

static inline unsigned model_thread(void)
{
	return model_index;
}

static inline unsigned model_choose(unsigned count)
{
	model_random ^= model_random << 13;
	model_random ^= model_random >> 17;
	model_random ^= model_random << 5;
	return model_random % count;
}

/* Threads cannot be killed in the middle of a call: before it or not at all. tests/kill/ kills processes at every instruction. */
static inline int model_mortal(unsigned accesses, void (*body)(void))
{
	if (accesses == 0)
		return 1;
	body();
	return 0;
}

static _Atomic unsigned model_round, model_arrived;

static inline void *model_run_thread(void *argument)
{
	model_index = (unsigned)(uintptr_t)argument;
	model_random = model_index * 7919 + 1;
	for (unsigned round = 1;; round++) {
		unsigned now;
		while ((now = atomic_load_explicit(&model_round, memory_order_acquire)) < round)
			sched_yield();
		if (now == UINT32_MAX)
			return NULL;
		model_program.threads[model_index]();
		atomic_fetch_add_explicit(&model_arrived, 1, memory_order_release);
	}
}

/* usage: PROGRAM [ROUNDS] */
int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : MODEL_ROUNDS;
	unsigned count = 0;
	pthread_t threads[MODEL_THREADS_MAX];
	for (; count < MODEL_THREADS_MAX && model_program.threads[count]; count++)
		if (pthread_create(&threads[count], NULL, model_run_thread, (void *)(uintptr_t)count) != 0)
			return 2;
	for (unsigned round = 1; round <= rounds; round++) {
		model_program.begin();
		atomic_store_explicit(&model_arrived, 0, memory_order_relaxed);
		atomic_store_explicit(&model_round, round, memory_order_release);
		while (atomic_load_explicit(&model_arrived, memory_order_acquire) < count)
			sched_yield();
		if (model_program.end)
			model_program.end();
	}
	atomic_store_explicit(&model_round, UINT32_MAX, memory_order_release);
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	printf("%s: %u rounds on %u threads\n", model_program.name, rounds, count);
	return 0;
}

#define MODEL_PROGRAM(...) static const struct model model_program = {__VA_ARGS__};

#endif
#endif
