/* SPDX-License-Identifier: Apache-2.0 */
/* Many processes at a time: honest ones of every kind, and two liars, a publisher and a mere member. */
#include <stdio.h>
#include <stdlib.h>

#include "platform/clock.h"
#include "tests/hostile/hostile.h"

#define BURST	     65536u /* values of a semaphore's word that are stored in one go */
#define HEAL_NS	     (20 * TAKT_NS_PER_MS)
#define LIAR_PLACE   12u
#define SPY_PLACE    13u
#define SENTRY_PLACE 14u

static const struct {
	enum role role;
	const char *node;
} cast[] = {
	{READ, "reader"},	  {WAIT, "sleeper"},	    {PUBLISH_CLEAN, "good"}, {PUBLISH_FAIR, "fair_a"},
	{PUBLISH_FAIR, "fair_b"}, {PUBLISH_MIXED, "mixer"}, {BORROW, "borrower"},    {LOOP, "looper"},
	{COME, "comer"},	  {COMMAND, "commander"},
};
#define CAST_COUNT   (sizeof(cast) / sizeof(cast[0]))
#define READER_COUNT 2u
static int stores_every_value;
static uint64_t stop_ns;

static int is_reader(uint32_t index)
{
	return index < READER_COUNT;
}

static void play(uint32_t place_index, uint64_t seed)
{
	static struct worker worker;
	const uint32_t index = place_index;
	_Atomic uint32_t *end = is_reader(index) ? &page->readers_end : &page->publishers_end;

	worker_begin(&worker, cast[index].role, cast[index].node, place_index, seed);
	atomic_fetch_add(&page->ready_count, 1);
	/* Nobody lies before all are there. */
	while (atomic_load(&page->ready_count) < CAST_COUNT && !atomic_load(end)) {
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + TAKT_NS_PER_MS);
		atomic_fetch_add(&worker.place->operations, 1);
	}
	while (!atomic_load_explicit(end, memory_order_relaxed) && !atomic_load(&worker.place->failures)) {
		/* Publishers leave the processor to others now and then, or nobody reads. */
		if (worker.role <= PUBLISH_MIXED && world_random(&worker.random) % 64 == 0)
			(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + 100 * TAKT_NS_PER_US);
		worker_step(&worker);
	}
	if (!atomic_load(&worker.place->failures))
		worker_end(&worker);
	_Exit(atomic_load(&worker.place->failures) != 0);
}

/* As many mutations as it can, in batches, and everything put back now and then, so that there is something to damage. */
static void lie(uint32_t place_index, uint64_t seed)
{
	const unsigned role = place_index == LIAR_PLACE ? ENGINE_PUBLISHER : ENGINE_SUBSCRIBER;
	struct engine *engine = engine_open(role, seed);
	uint64_t random = seed | 1, step = 0, heal_ns = 0, value = 0;
	unsigned words = 1;

	while (atomic_load(&page->ready_count) < CAST_COUNT && !atomic_load(&page->publishers_end)) {
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + TAKT_NS_PER_MS);
		atomic_fetch_add(&page->places[place_index].operations, 1);
	}
	while (!atomic_load(&page->publishers_end)) {
		engine_mutate(engine, 1 + (unsigned)(world_random(&random) % 16));
		if (world_random(&random) % 64 == 0)
			engine_lie_about_life(engine);
		if (engine_sweep_step(engine, step))
			step++;
		if (stores_every_value || world_random(&random) % 4096 == 0) {
			/* The whole of one word's values before the next word's. */
			words = engine_sweep(engine, (unsigned)(value >> 32), (uint32_t)value, BURST);
			value = (value + BURST) % ((uint64_t)words << 32);
		}
		if (takt_os_clock_now_ns() > heal_ns) {
			engine_heal(engine);
			heal_ns = takt_os_clock_now_ns() + HEAL_NS;
		}
		atomic_fetch_add(&page->places[place_index].operations, 1);
	}
	engine_heal(engine);
	_Exit(0);
}

/* How late a process is woken that only sleeps: what the machine costs, whatever takt does. */
static void stand_sentry(uint32_t place_index, uint64_t seed)
{
	(void)seed;
	while (!atomic_load(&page->readers_end)) {
		const uint64_t due_ns = takt_os_clock_now_ns() + TAKT_NS_PER_MS;
		(void)takt_os_clock_sleep_until(due_ns);
		const uint64_t late_ns = takt_os_clock_now_ns() - due_ns;
		if (late_ns > atomic_load(&page->starved_ns_max))
			atomic_store(&page->starved_ns_max, late_ns);
		atomic_fetch_add(&page->places[place_index].operations, 1);
	}
	_Exit(0);
}

static void check_accounts(void)
{
	for (unsigned topic = 0; topic <= FAIR; topic++) {
		uint64_t published = 0;
		for (unsigned i = 0; i < CAST_COUNT; i++)
			published += atomic_load(&page->places[i].published[topic]);
		for (unsigned i = 0; i < READER_COUNT; i++) {
			const struct place *place = &page->places[i];
			const uint64_t got = atomic_load(&place->got[topic]), lost = atomic_load(&place->lost[topic]);
			const uint64_t begun = atomic_load(&place->start[topic]);
			(void)printf("%-8s %-6s got %llu + lost %llu, published %llu\n", cast[i].node,
				     topic_names[topic], (unsigned long long)got, (unsigned long long)lost,
				     (unsigned long long)published);
			if (got + lost + begun != published + 1 || got == 0)
				fail("%s: the account of %s is not exact", cast[i].node, topic_names[topic]);
		}
	}
}

/* A wait may be late by a slice, and by what the machine takes; several of the latter, for it has to get the processor more than once. */
static void check_bounds(void)
{
	const uint64_t allowed_ns = WAIT_SLICE_NS + 4 * atomic_load(&page->starved_ns_max) + 100 * TAKT_NS_PER_MS;

	for (unsigned i = 0; i < CAST_COUNT; i++) {
		const uint64_t over_ns = atomic_load(&page->places[i].wait_over_ns_max);
		if (over_ns > allowed_ns)
			fail("%s waited %llu us past its deadline, allowed are %llu", cast[i].node,
			     (unsigned long long)over_ns / 1000, (unsigned long long)allowed_ns / 1000);
	}
}

static void check_reports(void)
{
	uint64_t reports[TOPIC_COUNT] = {0};

	for (unsigned i = 0; i < CAST_COUNT; i++)
		for (unsigned topic = 0; topic < TOPIC_COUNT; topic++)
			reports[topic] += atomic_load(&page->places[i].reports[topic]);
	(void)printf("reported: own %llu, mixed %llu times; clean, fair, frozen (their pins): %llu, %llu, %llu\n",
		     (unsigned long long)reports[OWN], (unsigned long long)reports[MIXED],
		     (unsigned long long)reports[CLEAN], (unsigned long long)reports[FAIR],
		     (unsigned long long)reports[FROZEN]);
	if (reports[OWN] == 0 || reports[MIXED] == 0)
		fail("readers say what is wrong with the topics that are scribbled over");
	if (atomic_load(&page->fair_entered) == 0 || atomic_load(&page->places[9].commands) == 0)
		fail("locks were taken and commands were answered");
}

void crowd_run(uint64_t seconds, uint64_t seed, int every_value)
{
	uint64_t random = seed | 1;

	atomic_store(&page->publishers_end, 0);
	stores_every_value = every_value;
	for (uint32_t i = 0; i < CAST_COUNT; i++)
		child_start(cast[i].node, i, play, world_random(&random));
	child_start("the liar", LIAR_PLACE, lie, world_random(&random));
	child_start("the spy", SPY_PLACE, lie, world_random(&random));
	child_start("the sentry", SENTRY_PLACE, stand_sentry, 0);
	stop_ns = takt_os_clock_now_ns() + seconds * TAKT_NS_PER_S;
	(void)children_watch(stop_ns);
	atomic_store(&page->publishers_end, 1);
	const uint64_t end_ns = takt_os_clock_now_ns() + 3 * PROGRESS_NS_MAX;
	/* The readers go on until the last publisher has ended. */
	while (children_watch(takt_os_clock_now_ns() + 10 * TAKT_NS_PER_MS) > READER_COUNT + 1 &&
	       takt_os_clock_now_ns() < end_ns)
		;
	atomic_store(&page->readers_end, 1);
	if (children_watch(takt_os_clock_now_ns() + 3 * PROGRESS_NS_MAX) != 0)
		fail("not everybody ends when asked");
	if (failure_count == 0) {
		check_accounts();
		check_bounds();
		check_reports();
	}
}
