/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event flags: E1, E2, E3, with the waiting mask. One thread sets its bit twice, another sets the other once, and a waiter takes them; what
 * they had stored before is there when a bit is. A sleep that only a post ends, as in wait.c.
 */
#include "tests/model/model.h"

#include <stdatomic.h>
#include <string.h>

#include "core/layout.h"
#include "tests/model/futex.h"

#include "core/protocol/events.h"
#include "core/protocol/wait.h"

#define TWICE  1u
#define ONCE   2u
#define WAITER 1u

static struct takt_sync_shm shared;
static struct takt_os_sem wake;
static uint32_t plain[2];	  /* what each setter had to tell */
static _Atomic uint32_t changing; /* 1, then 2: told by the first bit once, and once more */
static uint32_t got;		  /* bits that the waiter has taken */
static uint32_t twice_count;	  /* times that it took the first one */
static uint32_t changing_seen;	  /* what it saw then, the last time */
static uint32_t slept_on;

static void begin(void)
{
	memset(&shared, 0, sizeof(shared));
	takt_os_sem_init(&wake);
	atomic_store_explicit(&changing, 0, memory_order_relaxed);
	plain[0] = plain[1] = 0;
	got = twice_count = changing_seen = 0;
	slept_on = UINT32_MAX;
}

static void set(uint32_t bit)
{
	takt_events_raise(&shared, bit);
	if (takt_wait_collect(&shared.mask, WAITER))
		takt_os_sem_post(&wake);
}

static void set_twice(void)
{
	MODEL_PUT(plain[0], 7);
	atomic_store_explicit(&changing, 1, memory_order_relaxed);
	set(TWICE);
	atomic_store_explicit(&changing, 2, memory_order_relaxed);
	set(TWICE);
}

static void set_once(void)
{
	MODEL_PUT(plain[1], 9);
	set(ONCE);
}

/* core/events.c's attempt. @retval the bits that were taken; 0 none */
static uint32_t take(void)
{
	uint32_t seen = takt_events_seen(&shared) & (TWICE | ONCE);

	/* As who waits without taking does. */
	if (seen & ONCE)
		MODEL_ASSERT(MODEL_GET(plain[1]) == 9);
	if (seen == 0 || !takt_events_take(&shared, seen, seen))
		return 0;
	if (seen & TWICE) {
		MODEL_ASSERT(MODEL_GET(plain[0]) == 7);
		twice_count++;
		changing_seen = atomic_load_explicit(&changing, memory_order_relaxed);
	}
	return seen;
}

static void waiter(void)
{
	while (got != (TWICE | ONCE)) {
		uint32_t prepared = takt_os_sem_prepare(&wake);
		takt_wait_arm(&shared.mask, WAITER);
		takt_wait_fence();
		uint32_t taken = take();
		got |= taken;
		/* Another setter was faster: its word is looked at again. */
		if (taken || takt_events_seen(&shared))
			continue;
		if (takt_os_sem_wait_until(&wake, prepared, 0) == TAKT_TIMEOUT) {
			slept_on = prepared;
			return;
		}
	}
}

static void end(void)
{
	uint32_t left = takt_events_seen(&shared);

	if (got != (TWICE | ONCE)) {
		/* It sleeps. A post that began after its preparing has ended, or will end, that sleep. */
		MODEL_ASSERT(slept_on != UINT32_MAX);
		MODEL_ASSERT(takt_os_sem_prepare(&wake) != slept_on);
		return;
	}
	/* Taken once, and not there again: that once was behind both. */
	if (twice_count == 1 && (left & TWICE) == 0)
		MODEL_ASSERT(changing_seen == 2);
}

MODEL_PROGRAM("events", begin, end, {set_twice, set_once, waiter})
