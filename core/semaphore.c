/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Held units stand in the holders' states and nowhere else: what is there is the configured number less their sum, so taking one and
 * posting one are one store each, and a death between any two leaves a sound semaphore. Counted units are the object's word.
 */
#include "core/semaphore.h"

#include "core/sync_access.h"

static void bury(struct takt_sync *sync, uint32_t holder_index)
{
	if (takt_sync_state(sync, holder_index) == 0)
		return;
	takt_sync_state_set(sync, holder_index, 0);
	takt_sync_count_recovered(sync);
}

/* A state that no honest holder writes counts as all there are: nobody gets more units than the config has. */
static uint32_t units_there(const struct takt_sync *sync)
{
	uint64_t held = 0;

	if (!sync->is_undone) {
		uint64_t word = takt_sync_word(sync);
		return word < sync->maximum ? (uint32_t)word : sync->maximum;
	}
	for (uint64_t left = sync->users; left;)
		held += takt_sync_state(sync, takt_sync_next(&left));
	return held < sync->maximum ? sync->maximum - (uint32_t)held : 0;
}

/* All units are out: those of the dead come back. Under the lock. */
static void bury_the_dead(struct takt_sync *sync)
{
	for (uint64_t left = sync->users; left;) {
		uint32_t i = takt_sync_next(&left);
		if (takt_sync_state(sync, i) != 0 && (takt_sync_holder(sync, i) == 0 || takt_sync_is_dead(sync, i)))
			bury(sync, i);
	}
}

static void take(struct takt_sync *sync)
{
	/* The one store. */
	if (sync->is_undone)
		takt_sync_state_set(sync, sync->holder_index, takt_sync_state(sync, sync->holder_index) + 1);
	else
		takt_sync_word_set(sync, units_there(sync) - 1);
}

static enum takt_status attempt(void *context)
{
	struct takt_sync *sync = context;
	enum takt_status status = takt_sync_lock_to_look(sync);

	if (status != TAKT_OK)
		return status;
	if (units_there(sync) == 0 && sync->is_undone)
		bury_the_dead(sync);
	if (units_there(sync) > 0)
		take(sync);
	else
		status = TAKT_BUSY;
	takt_sync_unlock(sync);
	return status;
}

enum takt_status takt_semaphore_attach(struct takt_semaphore *semaphore, struct takt_waiter *waiter, const char *name)
{
	return takt_sync_attach(&semaphore->sync, waiter, name, TAKT_SYNC_SEMAPHORE, bury);
}

void takt_semaphore_detach(struct takt_semaphore *semaphore)
{
	struct takt_sync *sync = &semaphore->sync;

	if (!takt_sync_is_closed(sync) && sync->is_undone && takt_sync_lock(sync) == TAKT_OK) {
		takt_sync_state_set(sync, sync->holder_index, 0);
		takt_sync_unlock(sync);
		takt_sync_wake(sync);
	}
	/* Not getting the lock is no harm: what is held is a dead process's as soon as the presence is closed. */
	takt_sync_detach(sync);
}

enum takt_status takt_semaphore_wait_until(struct takt_semaphore *semaphore, uint64_t deadline_ns)
{
	return takt_sync_wait_until(&semaphore->sync, attempt, &semaphore->sync, deadline_ns);
}

enum takt_status takt_semaphore_try_wait(struct takt_semaphore *semaphore)
{
	return takt_sync_try(&semaphore->sync, attempt, &semaphore->sync);
}

/* Under the lock. */
static enum takt_status post(struct takt_sync *sync)
{
	uint32_t held = takt_sync_state(sync, sync->holder_index);
	uint32_t there = units_there(sync);

	if (sync->is_undone && held == 0)
		return TAKT_INVALID;
	if (!sync->is_undone && there == sync->maximum)
		return TAKT_FULL;
	if (sync->is_undone)
		takt_sync_state_set(sync, sync->holder_index, held - 1);
	else
		takt_sync_word_set(sync, there + 1);
	return TAKT_OK;
}

enum takt_status takt_semaphore_post(struct takt_semaphore *semaphore)
{
	struct takt_sync *sync = &semaphore->sync;

	if (takt_sync_is_closed(sync))
		return TAKT_CLOSED;
	enum takt_status status = takt_sync_lock(sync);
	if (status != TAKT_OK)
		return status;
	status = post(sync);
	takt_sync_unlock(sync);
	if (status == TAKT_OK)
		takt_sync_wake(sync);
	return status;
}

uint32_t takt_semaphore_count(const struct takt_semaphore *semaphore)
{
	return takt_sync_is_closed(&semaphore->sync) ? 0 : units_there(&semaphore->sync);
}
