/* SPDX-License-Identifier: Apache-2.0 */
/* The object's own lock, held for as long as the user likes: it has an owner, a bound and recovery already. */
#include "core/mutex.h"

#include "core/sync_access.h"
#include "platform/clock.h"
#include "platform/message.h"

/* Nothing of it stands in the place. */
static void bury(struct takt_sync *sync, uint32_t holder_index)
{
	(void)sync;
	(void)holder_index;
}

enum takt_status takt_mutex_attach(struct takt_mutex *mutex, struct takt_waiter *waiter, const char *name)
{
	mutex->is_locked = 0;
	return takt_sync_attach(&mutex->sync, waiter, name, TAKT_SYNC_MUTEX, bury);
}

void takt_mutex_detach(struct takt_mutex *mutex)
{
	if (mutex->is_locked)
		takt_mutex_unlock(mutex);
	takt_sync_detach(&mutex->sync);
}

/* Until the slice's end, so that a wish to end is seen meanwhile. */
static enum takt_status lock_slice(struct takt_mutex *mutex, uint64_t end_ns, int *owner_died)
{
	enum takt_status status = takt_sync_take_until(&mutex->sync, end_ns, owner_died);

	if (status == TAKT_OK)
		mutex->is_locked = 1;
	return status;
}

enum takt_status takt_mutex_try_lock(struct takt_mutex *mutex, int *owner_died)
{
	if (takt_sync_is_closed(&mutex->sync))
		return TAKT_CLOSED;
	TAKT_ASSERT(!mutex->is_locked);
	enum takt_status status = lock_slice(mutex, 0, owner_died);
	return status == TAKT_TIMEOUT ? TAKT_BUSY : status;
}

enum takt_status takt_mutex_lock_until(struct takt_mutex *mutex, uint64_t deadline_ns, int *owner_died)
{
	enum takt_status status = takt_mutex_try_lock(mutex, owner_died);

	while (status == TAKT_BUSY) {
		uint64_t now_ns = takt_os_clock_now_ns();
		uint64_t end_ns = now_ns + mutex->sync.waiter->slice_ns;
		if (takt_node_should_quit(mutex->sync.node))
			status = TAKT_STOPPED;
		else if (now_ns >= deadline_ns)
			status = TAKT_TIMEOUT;
		else
			status = lock_slice(mutex, end_ns < deadline_ns ? end_ns : deadline_ns, owner_died);
		/* Only the slice is over. */
		if (status == TAKT_TIMEOUT && now_ns < deadline_ns)
			status = TAKT_BUSY;
	}
	takt_sync_count(&mutex->sync, status);
	return status;
}

void takt_mutex_unlock(struct takt_mutex *mutex)
{
	if (takt_sync_is_closed(&mutex->sync))
		return;
	TAKT_ASSERT(mutex->is_locked);
	mutex->is_locked = 0;
	takt_sync_unlock(&mutex->sync);
}

uint32_t takt_mutex_owner(const struct takt_mutex *mutex)
{
	uint64_t owner = takt_sync_is_closed(&mutex->sync) ? 0 : takt_lock_owner(&mutex->sync.lock);

	for (uint64_t left = owner ? mutex->sync.users : 0; left;) {
		uint32_t i = takt_sync_next(&left);
		if (takt_sync_holder(&mutex->sync, i) == owner)
			return i;
	}
	return UINT32_MAX;
}
