/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting: P4 with W3, A2, A3, W2, and the semaphore's word. A waiter that sleeps without a bound while a sample is there has slept
 * through it; the slice that would end its sleep is left out, so that a lost wake-up is a failure and no delay.
 */
#include "tests/model/ring_fixture.h"
#include "tests/model/futex.h"

#include "core/protocol/wait.h"

#define LAST 2u
#define BIT  1u

static struct takt_mask_shm mask;
static struct takt_os_sem wake;
static struct publisher own;
static uint64_t next_number;
static uint32_t slept_on; /* the number of the last post that the sleeper knew; UINT32_MAX: does not sleep */

static void begin(void)
{
	make_topic();
	claim(&own, 0);
	memset(&mask, 0, sizeof(mask));
	takt_os_sem_init(&wake);
	next_number = 1;
	slept_on = UINT32_MAX;
}

static void publisher(void)
{
	for (uint64_t number = 1; number <= LAST; number++) {
		uint32_t freed = takt_ring_commit(&ring, number, own.slot_index);
		if (takt_wait_collect(&mask, BIT))
			takt_os_sem_post(&wake);
		own.slot_index = freed;
	}
}

/* core/waiter.c's wait_slice, with a sleep that only a post ends. @retval 0 asleep for ever */
static int wait_for_news(uint64_t number)
{
	while (!takt_ring_has(&ring, number)) {
		uint32_t prepared = takt_os_sem_prepare(&wake);
		takt_wait_arm(&mask, BIT);
		takt_wait_fence();
		if (takt_ring_has(&ring, number))
			break;
		if (takt_os_sem_wait_until(&wake, prepared, 0) == TAKT_TIMEOUT) {
			slept_on = prepared;
			return 0;
		}
	}
	takt_wait_disarm(&mask, BIT);
	return 1;
}

static void waiter(void)
{
	for (; next_number <= LAST; next_number++)
		if (!wait_for_news(next_number))
			return;
}

static void end(void)
{
	if (next_number > LAST)
		return;
	/* It sleeps. A post that began after its preparing has ended, or will end, that sleep. */
	MODEL_ASSERT(slept_on != UINT32_MAX);
	MODEL_ASSERT(takt_os_sem_prepare(&wake) != slept_on);
}

MODEL_PROGRAM("wait", begin, end, {publisher, waiter})
