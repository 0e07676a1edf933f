/* SPDX-License-Identifier: Apache-2.0 */
#include "core/lock.h"

#include "core/protocol/lock.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/sem.h"

enum takt_lock_owner_life takt_lock_hook_owner(const struct takt_lock *lock, uint64_t token)
{
	/* Our own locks are invisible to our own descriptor: never ask about oneself. */
	if (token == lock->token)
		return TAKT_LOCK_OWNER_ALIVE;
	/* Nobody can hold these: a word that is not free and names none of them is damage, and would lock for ever. */
	if (token == 0 || token > TAKT_OS_TOKEN_MAX)
		return TAKT_LOCK_OWNER_DEAD;
	/* What the system cannot say is no death. */
	return takt_os_presence_ask(lock->presence, token) == TAKT_OS_DEAD ? TAKT_LOCK_OWNER_DEAD
									   : TAKT_LOCK_OWNER_ALIVE;
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

	lock->taken_ns = takt_os_clock_now_ns();
	keep_max(&shared->wait_ns_max, lock->taken_ns - began_ns);
	/* Relaxed: written under the lock, read by others as a hint only. */
	uint64_t turn = atomic_load_explicit(&shared->turn, memory_order_relaxed) + 1;
	atomic_store_explicit(&shared->turn, turn, memory_order_relaxed);
	lock->turn_released = turn;
	*taken_over = result == TAKT_LOCK_TAKEN_OVER;
	if (*taken_over)
		atomic_fetch_add_explicit(&shared->takeover_count, 1, memory_order_relaxed);
	return TAKT_OK;
}

void takt_lock_give(struct takt_lock *lock)
{
	keep_max(&lock->shared->hold_ns_max, takt_os_clock_now_ns() - lock->taken_ns);
	lock->must_hand_over = (uint32_t)takt_lock_release(lock);
}
