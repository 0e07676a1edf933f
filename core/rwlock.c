/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has it stands in the holders' states and nowhere else, so locking and unlocking are one store each. The object's word says that a
 * dead writer's work has not been repaired; it is stored before that writer's record is given up, so that no death in between loses it.
 */
#include "core/rwlock.h"

#include "core/sync_access.h"
#include "platform/clock.h"
#include "platform/message.h"

static void bury(struct takt_sync *sync, uint32_t holder_index)
{
	uint32_t state = takt_sync_state(sync, holder_index);

	if (state == TAKT_RWLOCK_WRITES)
		takt_sync_word_set(sync, 1);
	if (state == TAKT_RWLOCK_READS || state == TAKT_RWLOCK_WRITES)
		takt_sync_count_recovered(sync);
	takt_sync_state_set(sync, holder_index, TAKT_RWLOCK_NONE);
}

/* Who else has it, as far as it lives: one bit a state. Under the lock. */
static uint32_t others(struct takt_sync *sync)
{
	uint32_t found = 0;

	for (uint64_t left = sync->users; left;) {
		uint32_t i = takt_sync_next(&left);
		uint32_t state = takt_sync_state(sync, i);
		if (i == sync->holder_index || state == TAKT_RWLOCK_NONE)
			continue;
		/* What no honest thread writes is nobody's. */
		if (state > TAKT_RWLOCK_WANTS_TO_WRITE || takt_sync_holder(sync, i) == 0 || takt_sync_is_dead(sync, i))
			bury(sync, i);
		else
			found |= 1u << state;
	}
	return found;
}

static void lock(struct takt_rwlock *rwlock, enum takt_rwlock_state state)
{
	/* The one store. */
	takt_sync_state_set(&rwlock->sync, rwlock->sync.holder_index, (uint32_t)state);
	rwlock->state = state;
	rwlock->needs_repair = takt_sync_word(&rwlock->sync) != 0;
}

static enum takt_status attempt_read(void *context)
{
	struct takt_rwlock *rwlock = context;
	enum takt_status status = takt_sync_lock_to_look(&rwlock->sync);

	if (status != TAKT_OK)
		return status;
	uint32_t found = others(&rwlock->sync);
	int must_let_go_first =
		(found & 1u << TAKT_RWLOCK_WANTS_TO_WRITE) != 0 && takt_os_clock_now_ns() < rwlock->polite_until_ns;
	if ((found & 1u << TAKT_RWLOCK_WRITES) || must_let_go_first)
		status = TAKT_BUSY;
	else
		lock(rwlock, TAKT_RWLOCK_READS);
	takt_sync_unlock(&rwlock->sync);
	return status;
}

static enum takt_status attempt_write(void *context)
{
	struct takt_rwlock *rwlock = context;
	struct takt_sync *sync = &rwlock->sync;
	enum takt_status status = takt_sync_lock_to_look(sync);

	if (status != TAKT_OK)
		return status;
	if (others(sync) & (1u << TAKT_RWLOCK_WRITES | 1u << TAKT_RWLOCK_READS)) {
		status = TAKT_BUSY;
		if (sync->deadline_ns)
			takt_sync_state_set(sync, sync->holder_index, TAKT_RWLOCK_WANTS_TO_WRITE);
	} else {
		lock(rwlock, TAKT_RWLOCK_WRITES);
	}
	takt_sync_unlock(sync);
	return status;
}

enum takt_status takt_rwlock_attach(struct takt_rwlock *rwlock, struct takt_waiter *waiter, const char *name)
{
	rwlock->state = TAKT_RWLOCK_NONE;
	return takt_sync_attach(&rwlock->sync, waiter, name, TAKT_SYNC_RWLOCK, bury);
}

void takt_rwlock_detach(struct takt_rwlock *rwlock)
{
	/* Not getting the lock is no harm: the record is a dead process's as soon as the presence is closed. */
	if (rwlock->state != TAKT_RWLOCK_NONE)
		(void)!takt_rwlock_unlock(rwlock);
	takt_sync_detach(&rwlock->sync);
	rwlock->state = TAKT_RWLOCK_NONE;
}

static enum takt_status try_lock(struct takt_rwlock *rwlock, takt_sleep_attempt attempt, int *needs_repair)
{
	TAKT_ASSERT(rwlock->state == TAKT_RWLOCK_NONE);
	/* For ever: a reader that does not wait does not push in. */
	rwlock->polite_until_ns = UINT64_MAX;
	enum takt_status status = takt_sync_try(&rwlock->sync, attempt, rwlock);
	if (status == TAKT_OK)
		*needs_repair = (int)rwlock->needs_repair;
	return status;
}

static enum takt_status lock_until(struct takt_rwlock *rwlock, takt_sleep_attempt attempt, uint64_t deadline_ns,
				   int *needs_repair)
{
	TAKT_ASSERT(rwlock->state == TAKT_RWLOCK_NONE);
	if (takt_sync_is_closed(&rwlock->sync))
		return TAKT_CLOSED;
	rwlock->polite_until_ns = takt_os_clock_now_ns() + rwlock->sync.waiter->slice_ns;
	enum takt_status status = takt_sync_wait_until(&rwlock->sync, attempt, rwlock, deadline_ns);
	if (status == TAKT_OK)
		*needs_repair = (int)rwlock->needs_repair;
	return status;
}

enum takt_status takt_rwlock_try_read(struct takt_rwlock *rwlock, int *needs_repair)
{
	return try_lock(rwlock, attempt_read, needs_repair);
}

enum takt_status takt_rwlock_try_write(struct takt_rwlock *rwlock, int *needs_repair)
{
	return try_lock(rwlock, attempt_write, needs_repair);
}

enum takt_status takt_rwlock_read_until(struct takt_rwlock *rwlock, uint64_t deadline_ns, int *needs_repair)
{
	return lock_until(rwlock, attempt_read, deadline_ns, needs_repair);
}

/* Nobody is to be let go first any more. One store of what is our own alone: it needs no lock, and readers look again by themselves. */
static void give_up(struct takt_rwlock *rwlock)
{
	takt_sync_state_set(&rwlock->sync, rwlock->sync.holder_index, TAKT_RWLOCK_NONE);
	takt_sync_wake(&rwlock->sync);
}

enum takt_status takt_rwlock_write_until(struct takt_rwlock *rwlock, uint64_t deadline_ns, int *needs_repair)
{
	enum takt_status status = lock_until(rwlock, attempt_write, deadline_ns, needs_repair);

	if (status == TAKT_TIMEOUT || status == TAKT_STOPPED)
		give_up(rwlock);
	return status;
}

enum takt_status takt_rwlock_unlock(struct takt_rwlock *rwlock)
{
	struct takt_sync *sync = &rwlock->sync;

	if (takt_sync_is_closed(sync))
		return TAKT_CLOSED;
	TAKT_ASSERT(rwlock->state == TAKT_RWLOCK_READS || rwlock->state == TAKT_RWLOCK_WRITES);
	enum takt_status status = takt_sync_lock(sync);
	if (status != TAKT_OK)
		return status;
	/* Repaired, before the record is given up: who dies in between is a dead writer again. */
	if (rwlock->state == TAKT_RWLOCK_WRITES)
		takt_sync_word_set(sync, 0);
	takt_sync_state_set(sync, sync->holder_index, TAKT_RWLOCK_NONE);
	takt_sync_unlock(sync);
	rwlock->state = TAKT_RWLOCK_NONE;
	takt_sync_wake(sync);
	return TAKT_OK;
}
