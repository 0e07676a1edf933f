/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A consumer that dies while it acknowledges, and another one that finds it dead: U8. What was acknowledged is not done once more, what was
 * not is, and whoever comes next finds a free slot only where it is free. The verdict has the kernel's order behind it (PL1): here, one
 * word.
 */
#include "tests/model/queue_fixture.h"

#define DEAD_ONE 1u
#define FINDER	 2u

static _Atomic uint32_t kernel_says_dead, acknowledged;
static uint32_t done_again;

static void begin(void)
{
	make_band();
	fill(0);
	takt_band_commit(&band, 0);
	(void)takt_band_lease(&band, 0, DEAD_ONE);
	atomic_store_explicit(&kernel_says_dead, 0, memory_order_relaxed);
	atomic_store_explicit(&acknowledged, 0, memory_order_relaxed);
	done_again = 0;
}

static void acknowledge(void)
{
	MODEL_ASSERT(takt_band_is_leased(&band, 0, DEAD_ONE));
	takt_band_free(&band, 0);
	atomic_store_explicit(&acknowledged, 1, memory_order_relaxed);
}

static void mortal(void)
{
	(void)model_mortal(model_choose(6), acknowledge);
	/* It ends in any case: what it was in the middle of shows where. */
	atomic_store_explicit(&kernel_says_dead, 1, memory_order_release);
}

static void finder(void)
{
	struct takt_lease_seen seen = takt_band_look_at_lease(&band, 0);
	if (seen.token != DEAD_ONE || !atomic_load_explicit(&kernel_says_dead, memory_order_acquire))
		return;
	if (!takt_lease_is_dead_ones(&band, &seen))
		return;
	takt_band_give_back(&band, seen.position);
	uint64_t position = takt_band_find_item(&band);
	MODEL_ASSERT(position == 0);
	MODEL_ASSERT(takt_band_lease(&band, position, FINDER) == 2);
	MODEL_ASSERT(copy(position));
	takt_band_free(&band, position);
	done_again = 1;
}

static void end(void)
{
	uint32_t is_acknowledged = atomic_load_explicit(&acknowledged, memory_order_relaxed);
	MODEL_ASSERT(!(is_acknowledged && done_again));
	/* Done by one of the two, or still there for whoever comes. */
	struct takt_lease_seen seen = takt_band_look_at_lease(&band, 0);
	if (is_acknowledged || done_again)
		MODEL_ASSERT(seen.token == 0 && takt_band_find_room(&band) != TAKT_QUEUE_NONE);
}

MODEL_PROGRAM("queue_death", begin, end, {mortal, finder})
