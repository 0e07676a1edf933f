/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The object's word counts rounds that ended, and says of the last 32 how: one store ends a round for everybody. Who has come stands in the
 * holders' states, as the number of the round, so nothing has to be cleared when a round ends.
 */
#include "core/barrier.h"

#include "core/sync_access.h"
#include "platform/message.h"

#define HISTORY_SHIFT 32u
#define HAS_COME      (UINT32_C(1) << 31) /* with the round's low bits below */

static uint32_t round_now(const struct takt_sync *sync)
{
	return (uint32_t)takt_sync_word(sync);
}

static uint32_t arrival(uint32_t round)
{
	return HAS_COME | (round & ~HAS_COME);
}

/* The one store that ends a round. */
static void end_round(struct takt_sync *sync, uint32_t is_broken)
{
	uint64_t word = takt_sync_word(sync);
	uint32_t history = (uint32_t)(word >> HISTORY_SHIFT) << 1 | is_broken;

	takt_sync_word_set(sync, (uint64_t)history << HISTORY_SHIFT | ((uint32_t)word + 1));
}

/* The round first, then the record: a death in between tells it once more. */
static void bury(struct takt_sync *sync, uint32_t holder_index)
{
	end_round(sync, 1);
	takt_sync_count_recovered(sync);
	takt_sync_state_set(sync, holder_index, 0);
	atomic_store_explicit(&sync->shared->holders[holder_index].token, 0, memory_order_relaxed);
}

/* @retval 1 a member was found dead. Under the lock. */
static int bury_the_dead(struct takt_sync *sync)
{
	int found = 0;

	for (uint64_t left = sync->users; left;) {
		uint32_t i = takt_sync_next(&left);
		if (i == sync->holder_index || !takt_sync_is_dead(sync, i))
			continue;
		bury(sync, i);
		found = 1;
	}
	return found;
}

/* How many others have come. */
static uint32_t arrived_count(const struct takt_sync *sync)
{
	uint32_t here = arrival(round_now(sync));
	uint32_t count = 0;

	for (uint64_t left = sync->users; left;) {
		uint32_t i = takt_sync_next(&left);
		count += i != sync->holder_index && takt_sync_holder(sync, i) != 0 && takt_sync_state(sync, i) == here;
	}
	return count;
}

/* A round that ended while this thread was in it. */
static enum takt_status result_of(const struct takt_barrier *barrier)
{
	uint64_t word = takt_sync_word(&barrier->sync);
	uint32_t passed = (uint32_t)word - barrier->round;

	/* More than the history holds cannot pass without this member, but for a liar. */
	if (passed > 32)
		return TAKT_ABSENT;
	return (word >> HISTORY_SHIFT) >> (passed - 1) & 1 ? TAKT_ABSENT : TAKT_OK;
}

/* Under the lock. */
static enum takt_status come(struct takt_barrier *barrier)
{
	struct takt_sync *sync = &barrier->sync;

	if (barrier->has_arrived && round_now(sync) != barrier->round)
		return result_of(barrier);
	/* Rounds that ended without this member ended broken: who died has been followed by another since. */
	int is_told = bury_the_dead(sync) || round_now(sync) != barrier->round;
	barrier->round = round_now(sync);
	if (is_told)
		return TAKT_ABSENT;
	if (arrived_count(sync) + 1 >= sync->maximum) {
		end_round(sync, 0);
		return TAKT_OK;
	}
	if (sync->deadline_ns == 0)
		return TAKT_BUSY;
	barrier->has_arrived = 1;
	takt_sync_state_set(sync, sync->holder_index, arrival(barrier->round));
	return TAKT_BUSY;
}

static enum takt_status attempt(void *context)
{
	struct takt_barrier *barrier = context;
	struct takt_sync *sync = &barrier->sync;
	enum takt_status status = takt_sync_lock_to_look(sync);

	if (status != TAKT_OK)
		return status;
	uint32_t before = round_now(sync);
	status = come(barrier);
	int has_ended = round_now(sync) != before;
	if (status != TAKT_BUSY)
		barrier->round = round_now(sync);
	takt_sync_unlock(sync);
	if (has_ended)
		takt_sync_wake(sync);
	return status;
}

static uint32_t member_count(const struct takt_sync *sync)
{
	uint32_t count = 0;

	for (uint64_t left = sync->users; left;)
		count += takt_sync_holder(sync, takt_sync_next(&left)) != 0;
	return count;
}

/* Our place is taken already: one too many gives it back. */
static enum takt_status check_members(struct takt_barrier *barrier)
{
	struct takt_sync *sync = &barrier->sync;
	enum takt_status status = takt_sync_lock(sync);

	if (status != TAKT_OK)
		return status;
	(void)bury_the_dead(sync);
	uint32_t count = member_count(sync);
	barrier->round = round_now(sync);
	takt_sync_unlock(sync);
	takt_sync_wake(sync);
	if (count <= sync->maximum)
		return TAKT_OK;
	takt_message(
		TAKT_ERROR,
		"barrier '%s': %u threads are attached already, as many as it has `members`; raise that in the config, or "
		"attach fewer",
		sync->name, sync->maximum);
	return TAKT_LIMIT;
}

enum takt_status takt_barrier_attach(struct takt_barrier *barrier, struct takt_waiter *waiter, const char *name)
{
	enum takt_status status = takt_sync_attach(&barrier->sync, waiter, name, TAKT_SYNC_BARRIER, bury);

	barrier->has_arrived = 0;
	if (status != TAKT_OK)
		return status;
	status = check_members(barrier);
	if (status != TAKT_OK)
		takt_sync_detach(&barrier->sync);
	return status;
}

void takt_barrier_detach(struct takt_barrier *barrier)
{
	takt_sync_detach(&barrier->sync);
}

/* Takes the thread back out of the round, unless that has ended meanwhile: then that is the result. */
static enum takt_status withdraw(struct takt_barrier *barrier, enum takt_status status)
{
	struct takt_sync *sync = &barrier->sync;
	enum takt_status locked = takt_sync_lock(sync);

	if (locked == TAKT_CORRUPT)
		return locked;
	if (round_now(sync) != barrier->round) {
		status = result_of(barrier);
		barrier->round = round_now(sync);
	} else {
		takt_sync_state_set(sync, sync->holder_index, 0);
	}
	/* Without the lock, which a stopped process holds: the record is our own, and that one can still count us. */
	if (locked == TAKT_OK)
		takt_sync_unlock(sync);
	return status;
}

enum takt_status takt_barrier_wait_until(struct takt_barrier *barrier, uint64_t deadline_ns)
{
	barrier->has_arrived = 0;
	enum takt_status status = takt_sync_wait_until(&barrier->sync, attempt, barrier, deadline_ns);
	if (barrier->has_arrived && (status == TAKT_TIMEOUT || status == TAKT_STOPPED))
		status = withdraw(barrier, status);
	return status;
}

enum takt_status takt_barrier_try_wait(struct takt_barrier *barrier)
{
	barrier->has_arrived = 0;
	return takt_sync_try(&barrier->sync, attempt, barrier);
}
