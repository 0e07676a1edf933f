/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock's wake-ups: L3, and the semaphore's order under it. Nobody dies, so nobody may need the end of a slice: whoever sleeps when all
 * others have left was posted. Death and takeover are spin/lock.pml's.
 */
#include <setjmp.h>
#include <string.h>

#include "tests/model/futex.h"
#include "tests/model/model.h"

#include "core/protocol/lock.h"

#define LOCKERS 3u

static struct takt_lock_shm shared;
static struct {
	jmp_buf gives_up;
	int sleeps;
	uint32_t prepared;
} lockers[LOCKERS];

enum takt_lock_owner_life takt_lock_hook_owner(const struct takt_lock *lock, uint64_t token)
{
	(void)lock;
	return token == 0 ? TAKT_LOCK_OWNER_DEAD : TAKT_LOCK_OWNER_ALIVE;
}

uint64_t takt_lock_hook_now(void)
{
	return 0;
}

void takt_lock_hook_pause(uint64_t deadline_ns)
{
	(void)deadline_ns;
}

uint32_t takt_lock_hook_prepare(struct takt_lock_shm *lock)
{
	return takt_os_sem_prepare(&lock->hint);
}

/* A sleep that only a post ends: it is the locker's last. */
void takt_lock_hook_sleep(struct takt_lock_shm *lock, uint32_t prepared, uint64_t deadline_ns)
{
	unsigned self = model_thread();
	if (takt_os_sem_wait_until(&lock->hint, prepared, deadline_ns) == TAKT_OK)
		return;
	lockers[self].sleeps = 1;
	lockers[self].prepared = prepared;
	longjmp(lockers[self].gives_up, 1);
}

void takt_lock_hook_post(struct takt_lock_shm *lock)
{
	takt_os_sem_post(&lock->hint);
}

static void begin(void)
{
	memset(&shared, 0, sizeof(shared));
	takt_os_sem_init(&shared.hint);
	memset(lockers, 0, sizeof(lockers));
}

static void locker(void)
{
	unsigned self = model_thread();
	struct takt_lock lock = {.shared = &shared, .token = self + 1u};
	if (setjmp(lockers[self].gives_up))
		return;
	for (unsigned turn = 0; turn < 2; turn++)
		if (takt_lock_acquire(&lock, UINT64_MAX) == TAKT_LOCK_TAKEN)
			(void)takt_lock_release(&lock);
}

static void end(void)
{
	MODEL_ASSERT(atomic_load_explicit(&shared.owner, memory_order_relaxed) == 0);
	for (unsigned i = 0; i < LOCKERS; i++)
		MODEL_ASSERT(!lockers[i].sleeps || takt_os_sem_prepare(&shared.hint) != lockers[i].prepared);
}

MODEL_PROGRAM("lock_wake", begin, end, {locker, locker, locker})
