/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A publisher dies at any access of a publish, and the next one goes on: P0. A borrower reads in place meanwhile, a reader follows head.
 * core/pool.c is taken as it stands. The verdict "dead" has the kernel's order behind it (PL1, PL2): here, one word.
 */
#include "core/pool.c"

#include "tests/model/ring_fixture.h"

static struct publisher first, second;
static _Atomic uint32_t kernel_says_dead;

enum takt_lock_owner_life takt_lock_hook_owner(const struct takt_lock *lock, uint64_t token)
{
	(void)lock;
	(void)token;
	return TAKT_LOCK_OWNER_DEAD;
}

void takt_assert_failed(const char *file, int line, const char *condition)
{
	model_fail(condition, file, line);
	exit(1);
}

static void publish(struct publisher *publisher, uint64_t number)
{
	struct slot *slot = slot_at(publisher->slot_index);
	MODEL_PUT(slot->payload[0], (takt_word)number);
	commit(publisher, number);
}

static void begin(void)
{
	make_topic();
	atomic_store_explicit(&kernel_says_dead, 0, memory_order_relaxed);
	claim(&first, 0);
	publish(&first, 1);
	publish(&first, 2);
}

static void publish_third(void)
{
	publish(&first, 3);
}

static void mortal(void)
{
	if (model_mortal(model_choose(6), publish_third))
		atomic_store_explicit(&kernel_says_dead, 1, memory_order_release);
}

static void successor(void)
{
	unsigned looks = 0;
	while (!atomic_load_explicit(&kernel_says_dead, memory_order_acquire))
		if (++looks == 4)
			return;
	takt_pool_rebuild(&ring, NULL);
	uint64_t head = takt_ring_roll_forward(&ring);
	claim(&second, 0);
	publish(&second, head + 1);
}

static void borrower(void)
{
	const unsigned char *at;
	struct takt_pin_shm *pin = &topic.pins[0];
	uint64_t number = 1 + model_choose(2);
	if (takt_ring_borrow(&ring, number, pin, &at) != TAKT_RING_GOT)
		return;
	const struct slot *slot = (const void *)at;
	MODEL_ASSERT(MODEL_GET(slot->payload[0]) == number);
	MODEL_ASSERT(MODEL_GET(slot->payload[0]) == number);
	takt_ring_unpin(pin);
}

static void follower(void)
{
	for (unsigned look = 0; look < 6; look++) {
		uint64_t newest = takt_ring_newest(&ring);
		MODEL_ASSERT(takt_ring_has(&ring, newest));
	}
}

static void reader(void)
{
	if (model_choose(2))
		borrower();
	else
		follower();
}

/* No number was used twice: what stands in the ring is what its number says. */
static void end(void)
{
	uint64_t newest = takt_ring_newest(&ring);
	MODEL_ASSERT(newest >= 2);
	for (uint64_t number = newest - 1; number <= newest; number++) {
		uint64_t cell = atomic_load_explicit(takt_ring_cell(&ring, number), memory_order_relaxed);
		MODEL_ASSERT(takt_cell_distance(cell, number) == 0);
		MODEL_ASSERT(slot_at((uint32_t)(cell & TAKT_CELL_SLOT_MASK))->payload[0] == number);
	}
}

MODEL_PROGRAM("ring_takeover", begin, end, {mortal, successor, reader})
