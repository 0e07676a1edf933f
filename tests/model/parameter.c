/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters: Q1 to Q6. A loop registers, runs cycles and leaves, while the command thread puts one set after another in force, in the order
 * of core/parameter.c. A set that a cycle holds does not change under it.
 *
 * liburcu (QSBR, one reader) is stood in for by its two halves: the reader's word with the fences that liburcu has, and a grace period that
 * waits until the word says "offline", or gives up. Its pointer is read relaxed here, so that Q3 alone orders what stands behind it;
 * liburcu's own read keeps dependencies too.
 */
#include <string.h>

#include "core/protocol/parameter.h"
#include "tests/model/model.h"

#define COMMANDS 3u
#define CYCLES	 2u

static struct takt_parameters parameters;
static uint64_t values[TAKT_PARAMETER_SET_COUNT];
static _Atomic uintptr_t current;
static _Atomic uint32_t reader_is_online;

static void begin(void)
{
	memset(&parameters, 0, sizeof(parameters));
	for (uint32_t i = 0; i < TAKT_PARAMETER_SET_COUNT; i++)
		parameters.sets[i] = (unsigned char *)&values[i];
	values[0] = 1;
	parameters.generation = 1;
	parameters.set_generation[0] = 1;
	atomic_store_explicit(&current, (uintptr_t)parameters.sets[0], memory_order_relaxed);
	atomic_store_explicit(&reader_is_online, 0, memory_order_relaxed);
}

static void run_cycle(void)
{
	atomic_store_explicit(&reader_is_online, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	uint64_t *set = (uint64_t *)atomic_load_explicit(&current, memory_order_relaxed);
	parameters.in_use = set;
	takt_parameters_set_applied(&parameters);
	model_watch_read(&parameters.set_generation[set == &values[1]]);
	uint64_t value = MODEL_GET(*set);
	MODEL_ASSERT(value == MODEL_GET(*set));
	parameters.in_use = NULL;
	atomic_thread_fence(memory_order_seq_cst);
	atomic_store_explicit(&reader_is_online, 0, memory_order_relaxed);
}

static void loop(void)
{
	takt_parameters_set_registered(&parameters);
	for (uint32_t cycle = 0; cycle < CYCLES; cycle++)
		run_cycle();
	takt_parameters_set_unregistered(&parameters);
}

/* @retval 0 the reader was online at each look */
static int wait_grace_period(void)
{
	int is_over = 0;
	atomic_thread_fence(memory_order_seq_cst);
	for (unsigned look = 0; look < 3 && !is_over; look++)
		is_over = !atomic_load_explicit(&reader_is_online, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	return is_over;
}

static void command_thread(void)
{
	unsigned char *newest = parameters.sets[0];
	for (uint64_t generation = 2; generation < 2 + COMMANDS; generation++) {
		if (!takt_parameters_are_free(&parameters) && !wait_grace_period())
			return;
		uint32_t index = newest == parameters.sets[0];
		MODEL_PUT(values[index], generation);
		parameters.generation = generation;
		MODEL_PUT(parameters.set_generation[index], generation);
		newest = parameters.sets[index];
		atomic_store_explicit(&current, (uintptr_t)newest, memory_order_release);
	}
}

static void end(void)
{
	uint64_t *set = (uint64_t *)atomic_load_explicit(&current, memory_order_relaxed);
	MODEL_ASSERT(*set == parameters.generation);
}

MODEL_PROGRAM("parameter", begin, end, {loop, command_thread})
