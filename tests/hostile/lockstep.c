/* SPDX-License-Identifier: Apache-2.0 */
/* One process, one thread: a batch of mutations, then an honest call, and so on. The same seed makes the same run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/publish_right.h"
#include "platform/clock.h"
#include "tests/hostile/hostile.h"

#define HEAL_EACH    4096u /* turns, after which everything is put back once */
#define LIFE_EACH    512u  /* turns between two lies about who lives */
#define WAIT_EACH    8192u
#define VISIT_EACH   1024u
#define LOCK_EACH    1024u
#define BETWEEN_MAX  40u /* samples published while one is borrowed: more than the ring holds */
#define BATCH_MAX    8u	 /* mutations before a turn */
#define WORKER_COUNT 8u

static struct worker workers[WORKER_COUNT];
static struct engine *engine;
static uint64_t random_state;
static uint64_t operations_wanted;
static uint64_t sweep_step;

static const struct {
	enum role role;
	const char *node;
} cast[WORKER_COUNT] = {
	{PUBLISH_CLEAN, "good"}, {PUBLISH_FAIR, "fair_a"}, {PUBLISH_FAIR, "fair_b"}, {PUBLISH_MIXED, "mixer"},
	{READ, "reader"},	 {BORROW, "borrower"},	   {WAIT, "sleeper"},	     {COME, "comer"},
};

/* The clean topic's ring goes round while a sample of it is borrowed, and the liar takes pins away meanwhile. */
static void while_borrowed(void *context)
{
	(void)context;
	engine_mutate(engine, 2);
	for (uint64_t i = world_random(&random_state) % BETWEEN_MAX; i > 0; i--)
		worker_step(&workers[0]);
	engine_mutate(engine, 1);
}

/* Whoever asks now whether the lock's owner lives must be told that it does. */
static void while_locked(void *context)
{
	struct takt_publisher *rival = context;
	int taken_over = 0;

	engine_mutate(engine, 4);
	engine_lie_about_life(engine);
	if (takt_lock_take_until(&rival->lock, 0, &taken_over) != TAKT_TIMEOUT)
		worker_fail(&workers[1], "the lock of a living owner was taken");
	rival->lock.must_hand_over = 0;
}

static void lock_step(void)
{
	struct worker *owner = &workers[1 + world_random(&random_state) % 2];
	struct worker *rival = owner == &workers[1] ? &workers[2] : &workers[1];
	const uint32_t entered = atomic_load(&page->fair_entered);

	owner->between = while_locked;
	owner->context = &rival->publishers[FAIR];
	while (atomic_load(&page->fair_entered) == entered && atomic_load(&owner->place->failures) == 0)
		worker_step(owner);
	owner->between = NULL;
}

/* Who comes is stopped at the first thing that is wrong: often that is one of few. */
static void visit(void)
{
	if (world_random(&random_state) % 4) {
		engine_heal(engine);
		engine_mutate(engine, 1 + (unsigned)(world_random(&random_state) % 16));
	}
	worker_step(&workers[7]);
}

static void take_turn(uint64_t turn)
{
	engine_mutate(engine, 1 + (unsigned)(world_random(&random_state) % BATCH_MAX));
	if (engine_sweep_step(engine, sweep_step))
		sweep_step++;
	if (turn % HEAL_EACH == 0)
		engine_heal(engine);
	if (turn % LIFE_EACH == 0)
		engine_lie_about_life(engine);
	if (turn % LOCK_EACH == 0)
		lock_step();
	if (turn % WAIT_EACH == 0)
		worker_step(&workers[6]);
	else if (turn % VISIT_EACH == 1)
		visit();
	else
		/* Readers most, for they meet most of it. */
		worker_step(&workers[(const unsigned[]){0, 3, 4, 4, 4, 5, 4, 1}[world_random(&random_state) % 8]]);
}

static int has_failed(void)
{
	for (unsigned i = 0; i < WORKER_COUNT; i++)
		if (atomic_load(&page->places[i].failures))
			return 1;
	return 0;
}

/* The account of what nobody could scribble over is exact to the sample. */
static void check_accounts(void)
{
	for (unsigned i = 0; i < WORKER_COUNT; i++) {
		for (unsigned topic = 0; topic <= FAIR; topic++) {
			const uint64_t next = atomic_load(&workers[i].place->next[topic]);
			uint64_t published = 0;
			for (unsigned p = 0; p < WORKER_COUNT; p++)
				published += atomic_load(&page->places[p].published[topic]);
			if (next != 0 && next != published + 1)
				worker_fail(&workers[i], "%s read %s up to %llu, and %llu were published", cast[i].node,
					    topic_names[topic], (unsigned long long)next - 1,
					    (unsigned long long)published);
		}
	}
}

static void begin(unsigned index)
{
	worker_begin(&workers[index], cast[index].role, cast[index].node, index, world_random(&random_state));
	workers[index].is_lockstep = 1;
}

static void run_lockstep(uint32_t place_index, uint64_t seed)
{
	(void)place_index;
	random_state = seed | 1;
	for (unsigned i = 0; i < WORKER_COUNT; i++)
		begin(i);
	engine = engine_open(ENGINE_SUBSCRIBER | ENGINE_PUBLISHER, world_random(&random_state));
	workers[5].between = while_borrowed;
	uint64_t turn = 0;
	do
		for (unsigned i = 0; i < 1024 && !has_failed(); i++)
			take_turn(turn++);
	while (atomic_load(&page->mutations) < operations_wanted && !has_failed());
	engine_heal(engine);
	for (unsigned i = WORKER_COUNT; i-- > 0 && !has_failed();)
		worker_end(&workers[i]);
	if (!has_failed())
		check_accounts();
	if (has_failed())
		(void)printf("lockstep: failed in turn %llu of --seed %llu\n", (unsigned long long)turn,
			     (unsigned long long)seed);
	(void)printf("lockstep: %llu turns, semaphores: %llu of all bytes' values and boundaries stored\n",
		     (unsigned long long)turn, (unsigned long long)sweep_step);
	(void)fflush(stdout);
	_Exit(has_failed());
}

void lockstep_run(uint64_t operations, uint64_t seed)
{
	operations_wanted = operations;
	child_start("lockstep", 0, run_lockstep, seed);
	while (children_watch(UINT64_MAX))
		;
}
