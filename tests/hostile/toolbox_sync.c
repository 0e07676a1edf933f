/* SPDX-License-Identifier: Apache-2.0 */
/* Users of each kind of synchronisation object. */
#include "tests/hostile/toolbox.h"

void use_semaphores(struct user *user)
{
	struct takt_semaphore *semaphore = draw(2) ? &user->units : &user->wakes;
	const int waits = draw(2) != 0;

	const uint64_t deadline_ns = begin(waits ? SEM_WAIT : SEM_POST);
	if (!waits)
		(void)end(SEM_POST, takt_semaphore_post(semaphore));
	else if (draw(8))
		(void)end(SEM_WAIT, takt_semaphore_try_wait(semaphore));
	else
		(void)end(SEM_WAIT, takt_semaphore_wait_until(semaphore, deadline_ns));
	(void)takt_semaphore_count(semaphore);
}

void use_mutex(struct user *user)
{
	int owner_died;

	const uint64_t deadline_ns = begin(MUTEX);
	if (end(MUTEX, draw(8) ? takt_mutex_try_lock(&user->gate, &owner_died)
			       : takt_mutex_lock_until(&user->gate, deadline_ns, &owner_died)) != TAKT_OK)
		return;
	mutate();
	takt_mutex_unlock(&user->gate);
}

void use_rwlock(struct user *user)
{
	const int is_writer = draw(2) != 0;
	int needs_repair;
	enum takt_status status;

	const uint64_t deadline_ns = begin(RWLOCK);
	if (draw(8))
		status = is_writer ? takt_rwlock_try_write(&user->table, &needs_repair)
				   : takt_rwlock_try_read(&user->table, &needs_repair);
	else
		status = is_writer ? takt_rwlock_write_until(&user->table, deadline_ns, &needs_repair)
				   : takt_rwlock_read_until(&user->table, deadline_ns, &needs_repair);
	if (end(RWLOCK, status) != TAKT_OK)
		return;
	mutate();
	/* Its own lock may be a liar's: the next turn finds it as it is. */
	for (uint32_t tries = 0; tries < 4; tries++) {
		(void)begin(RW_UNLOCK);
		if (end(RW_UNLOCK, takt_rwlock_unlock(&user->table)) != TAKT_TIMEOUT)
			return;
		heal();
	}
	broken("a reader-writer lock cannot be unlocked, though all was put back");
}

void use_events(struct user *user)
{
	const uint32_t bits = (uint32_t)draw(UINT32_MAX) | 1u;
	const enum takt_events_want want = draw(2) ? TAKT_EVENTS_ANY : TAKT_EVENTS_ALL;
	uint32_t seen;
	enum takt_status status;

	const uint64_t deadline_ns = begin(EVENTS);
	switch (draw(6)) {
	case 0:
		status = takt_events_set(&user->flags, bits);
		break;
	case 1:
		status = takt_events_clear(&user->flags, bits);
		break;
	case 2:
		status = takt_events_try_wait(&user->flags, bits, want, &seen);
		break;
	case 3:
		status = takt_events_try_take(&user->flags, bits, want, &seen);
		break;
	case 4:
		status = draw(8) ? takt_events_try_take(&user->flags, bits, want, &seen)
				 : takt_events_take_until(&user->flags, bits, want, deadline_ns, &seen);
		break;
	default:
		status = draw(8) ? takt_events_try_wait(&user->flags, bits, want, &seen)
				 : takt_events_wait_until(&user->flags, bits, want, deadline_ns, &seen);
	}
	(void)end(EVENTS, status);
}

void use_barrier(struct user *user)
{
	const uint64_t deadline_ns = begin(BARRIER);

	(void)end(BARRIER,
		  draw(8) ? takt_barrier_try_wait(&user->start) : takt_barrier_wait_until(&user->start, deadline_ns));
}
