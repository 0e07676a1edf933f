/* SPDX-License-Identifier: Apache-2.0 */
#include "core/lock.h"

#include "core/protocol/lock.h"
#include "core/trace.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/sem.h"

static enum takt_lock_owner_life ask(const struct takt_lock *lock, uint64_t token)
{
	/* What the system cannot say is no death. */
	return takt_os_presence_ask(lock->presence, token) == TAKT_OS_DEAD ? TAKT_LOCK_OWNER_DEAD
									   : TAKT_LOCK_OWNER_ALIVE;
}

enum takt_lock_owner_life takt_lock_hook_owner(const struct takt_lock *lock, uint64_t token)
{
	/* Our own locks are invisible to our own descriptor: never ask about oneself. */
	if (token == lock->token)
		return TAKT_LOCK_OWNER_ALIVE;
	/* Nobody can hold these: a word that is not free and names none of them is damage, and would lock for ever. */
	if (token == 0 || token > TAKT_OS_TOKEN_MAX)
		return TAKT_LOCK_OWNER_DEAD;
	enum takt_lock_owner_life life = ask(lock, token);
	if (life == TAKT_LOCK_OWNER_DEAD)
		takt_trace_owner_found_dead(token);
	return life;
}

uint64_t takt_lock_hook_now(void)
{
	return takt_os_clock_now_ns();
}

void takt_lock_hook_pause(uint64_t deadline_ns)
{
	(void)takt_os_clock_sleep_until(deadline_ns);
}

uint32_t takt_lock_hook_prepare(struct takt_lock_shm *shared)
{
	return takt_os_sem_prepare(&shared->hint);
}

void takt_lock_hook_sleep(struct takt_lock_shm *shared, uint32_t prepared, uint64_t deadline_ns)
{
	(void)takt_os_sem_wait_until(&shared->hint, prepared, deadline_ns);
}

void takt_lock_hook_post(struct takt_lock_shm *shared)
{
	takt_os_sem_post(&shared->hint);
}

void takt_lock_init(struct takt_lock *lock, struct takt_lock_shm *shared, const struct takt_os_presence *presence,
		    uint64_t token)
{
	TAKT_ASSERT(token != 0 && token <= TAKT_OS_TOKEN_MAX);
	*lock = (struct takt_lock){.shared = shared, .presence = presence, .token = token};
}

/* Statistics under the lock: one writer at a time, so a load and a store make a maximum. */
static void keep_max(_Atomic uint64_t *max, uint64_t value)
{
	if (value > atomic_load_explicit(max, memory_order_relaxed))
		atomic_store_explicit(max, value, memory_order_relaxed);
}

/* What every owner notes first. */
static void note_taken(struct takt_lock *lock, uint64_t now_ns)
{
	struct takt_lock_shm *shared = lock->shared;
	/* Relaxed: written under the lock, read by others as a hint only. */
	uint64_t turn = atomic_load_explicit(&shared->turn, memory_order_relaxed) + 1;
	atomic_store_explicit(&shared->turn, turn, memory_order_relaxed);
	lock->turn_released = turn;
	lock->taken_ns = now_ns;
}

int takt_lock_try_take(struct takt_lock *lock)
{
	uint64_t seen = 0;
	if (lock->must_hand_over || !takt_lock_swap(lock->shared, &seen, lock->token))
		return 0;
	note_taken(lock, takt_os_clock_now_ns());
	return 1;
}

enum takt_status takt_lock_take_until(struct takt_lock *lock, uint64_t deadline_ns, int *taken_over)
{
	struct takt_lock_shm *shared = lock->shared;
	uint64_t began_ns = takt_os_clock_now_ns();

	if (lock->must_hand_over) {
		takt_lock_hand_over(lock, began_ns, deadline_ns);
		lock->must_hand_over = 0;
	}
	enum takt_lock_result result = takt_lock_acquire(lock, deadline_ns);
	if (result == TAKT_LOCK_TIMED_OUT)
		return TAKT_TIMEOUT;
	note_taken(lock, takt_os_clock_now_ns());
	keep_max(&shared->wait_ns_max, lock->taken_ns - began_ns);
	*taken_over = result == TAKT_LOCK_TAKEN_OVER;
	if (*taken_over)
		atomic_fetch_add_explicit(&shared->takeover_count, 1, memory_order_relaxed);
	return TAKT_OK;
}

uint64_t takt_lock_owner(const struct takt_lock *lock)
{
	/* Relaxed: a look for a person. */
	return atomic_load_explicit(&lock->shared->owner, memory_order_relaxed) & TAKT_LOCK_OWNER_MASK;
}

void takt_lock_give(struct takt_lock *lock)
{
	uint64_t held_ns = takt_os_clock_now_ns() - lock->taken_ns;
	keep_max(&lock->shared->hold_ns_max, held_ns);
	takt_trace_lock_given(lock->taken_ns + held_ns);
	lock->must_hand_over = (uint32_t)takt_lock_release(lock);
}
