/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pushing, taking and acknowledging: U1, U3, U4, U6, U11, U12. A producer goes round a band of two slots, two consumers take under their lock and
 * acknowledge without one. Each item is whole, is taken once, and its slot is nobody else's until it is acknowledged: `guarded` is plain
 * memory. The lock is tests/model/lock.c's; nobody dies here.
 */
#include "core/protocol/lock.h"
#include "tests/model/queue_fixture.h"

#define ITEMS	  3u
#define LOOKS_MAX 3u

static struct takt_lock_shm lock_shared;
static uint64_t guarded[DEPTH];
#define POSITIONS 16u /* a slot that a busy item holds is passed over */

static _Atomic uint32_t taken[POSITIONS];
static uint32_t pushed[POSITIONS]; /* the producer's own, and the end's */
static unsigned looks[MODEL_THREADS_MAX];

enum takt_lock_owner_life takt_lock_hook_owner(const struct takt_lock *lock, uint64_t token)
{
	(void)lock;
	(void)token;
	return TAKT_LOCK_OWNER_ALIVE;
}

uint64_t takt_lock_hook_now(void)
{
	return looks[model_thread()]++;
}

void takt_lock_hook_pause(uint64_t deadline_ns)
{
	(void)deadline_ns;
}

uint32_t takt_lock_hook_prepare(struct takt_lock_shm *lock)
{
	(void)lock;
	return 0;
}

void takt_lock_hook_sleep(struct takt_lock_shm *lock, uint32_t prepared, uint64_t deadline_ns)
{
	(void)lock;
	(void)prepared;
	(void)deadline_ns;
}

void takt_lock_hook_post(struct takt_lock_shm *lock)
{
	(void)lock;
}

static void begin(void)
{
	make_band();
	memset(&lock_shared, 0, sizeof(lock_shared));
	memset(guarded, 0, sizeof(guarded));
	memset(pushed, 0, sizeof(pushed));
	for (uint32_t i = 0; i < POSITIONS; i++)
		atomic_store_explicit(&taken[i], 0, memory_order_relaxed);
}

static void producer(void)
{
	uint64_t count = 0;
	for (unsigned attempt = 0; attempt < ITEMS + 3 && count < ITEMS; attempt++) {
		uint64_t position = takt_band_find_room(&band);
		if (position == TAKT_QUEUE_NONE)
			continue;
		fill(position);
		MODEL_PUT(guarded[position & band.depth_mask], position + 1);
		pushed[position] = 1;
		takt_band_commit(&band, position);
		count++;
	}
}

/* @retval the position that is ours, or TAKT_QUEUE_NONE */
static uint64_t take(uint64_t token)
{
	struct takt_lock lock = {.shared = &lock_shared, .token = token};
	looks[model_thread()] = 0;
	if (takt_lock_acquire(&lock, LOOKS_MAX) == TAKT_LOCK_TIMED_OUT)
		return TAKT_QUEUE_NONE;
	uint64_t position = takt_band_find_item(&band);
	if (position != TAKT_QUEUE_NONE)
		(void)takt_band_lease(&band, position, token);
	(void)takt_lock_release(&lock);
	return position;
}

static void consume(uint64_t token)
{
	for (unsigned attempt = 0; attempt < 3; attempt++) {
		uint64_t position = take(token);
		if (position == TAKT_QUEUE_NONE)
			continue;
		MODEL_ASSERT(MODEL_GET(guarded[position & band.depth_mask]) == position + 1);
		MODEL_ASSERT(copy(position));
		MODEL_ASSERT(takt_band_is_leased(&band, position, token));
		MODEL_ASSERT(atomic_fetch_add_explicit(&taken[position], 1, memory_order_relaxed) == 0);
		takt_band_free(&band, position);
	}
}

static void one(void)
{
	consume(1);
}

static void other(void)
{
	consume(2);
}

/* None is lost: what nobody took is found by whoever comes next. */
static void end(void)
{
	for (uint64_t position; (position = takt_band_find_item(&band)) != TAKT_QUEUE_NONE;) {
		(void)takt_band_lease(&band, position, 3);
		atomic_fetch_add_explicit(&taken[position], 1, memory_order_relaxed);
	}
	for (uint32_t i = 0; i < POSITIONS; i++)
		MODEL_ASSERT(atomic_load_explicit(&taken[i], memory_order_relaxed) == pushed[i]);
}

MODEL_PROGRAM("queue", begin, end, {producer, one, other})
