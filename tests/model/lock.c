/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock: L1, L2, with an owner that may die at any access while it has it. What it guards is plain memory; nobody is in it together
 * with another, and everything that the last owner stored is there. Wake-ups are lock.pml's.
 */
#include <string.h>

#include "core/protocol/lock.h"
#include "tests/model/model.h"

#define LOCKERS	    3u
#define LOOKS_MAX   3u
#define TOKEN(self) ((self) + 1u)

static struct takt_lock_shm shared;
static _Atomic uint32_t kernel_says_dead[LOCKERS];
static unsigned looks[LOCKERS];
static uint64_t guarded, guarded_twin;
static _Atomic uint32_t done_count;

/* As core/lock.c asks; the verdict has the kernel's order behind it (PL1, PL2): here, one word. */
enum takt_lock_owner_life takt_lock_hook_owner(const struct takt_lock *lock, uint64_t token)
{
	if (token == lock->token)
		return TAKT_LOCK_OWNER_ALIVE;
	if (token == 0 || token > LOCKERS)
		return TAKT_LOCK_OWNER_DEAD;
	return atomic_load_explicit(&kernel_says_dead[token - 1], memory_order_acquire) ? TAKT_LOCK_OWNER_DEAD
											: TAKT_LOCK_OWNER_ALIVE;
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
	memset(&shared, 0, sizeof(shared));
	memset(kernel_says_dead, 0, sizeof(kernel_says_dead));
	guarded = 0;
	guarded_twin = 0;
	atomic_store_explicit(&done_count, 0, memory_order_relaxed);
}

static void enter_and_leave(unsigned self)
{
	struct takt_lock lock = {.shared = &shared, .token = TOKEN(self)};
	looks[self] = 0;
	enum takt_lock_result result = takt_lock_acquire(&lock, LOOKS_MAX);
	if (result == TAKT_LOCK_TIMED_OUT)
		return;
	/* The repair: a dead owner may have stored one of the two. */
	if (result == TAKT_LOCK_TAKEN_OVER)
		MODEL_PUT(guarded_twin, MODEL_GET(guarded));
	MODEL_ASSERT(MODEL_GET(guarded) == MODEL_GET(guarded_twin));
	MODEL_PUT(guarded, guarded + 1);
	/* An access at which it can die. */
	atomic_fetch_add_explicit(&done_count, 1, memory_order_relaxed);
	MODEL_PUT(guarded_twin, guarded_twin + 1);
	(void)takt_lock_release(&lock);
}

static void enter_mortal(void)
{
	enter_and_leave(0);
}

static void mortal(void)
{
	if (model_mortal(model_choose(6), enter_mortal))
		atomic_store_explicit(&kernel_says_dead[0], 1, memory_order_release);
}

static void second(void)
{
	enter_and_leave(1);
}

static void third(void)
{
	enter_and_leave(2);
}

static void end(void)
{
	uint64_t owner = atomic_load_explicit(&shared.owner, memory_order_relaxed) & TAKT_LOCK_OWNER_MASK;
	/* Free, or a dead one's: then whoever comes next takes it over. */
	MODEL_ASSERT(owner == 0 || (owner == TOKEN(0) && kernel_says_dead[0]));
	uint32_t done = atomic_load_explicit(&done_count, memory_order_relaxed);
	MODEL_ASSERT(guarded == done || (kernel_says_dead[0] && guarded == done + 1));
}

MODEL_PROGRAM("lock", begin, end, {mortal, second, third})
