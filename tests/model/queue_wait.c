/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for items and for room: U7 with W3, A5 with W2, and the semaphore's word. A producer waits for room in a band of two slots, a
 * consumer for an item; as in wait.c nobody's sleep ends but by a post, so that a lost wake-up is a failure and no delay. One consumer, so
 * without its lock.
 */
#include "tests/model/queue_fixture.h"
#include "tests/model/futex.h"

#include "core/protocol/wait.h"

#define ITEMS 3u
#define BIT   1u

enum side { PRODUCER, CONSUMER };

static struct takt_mask_shm masks[2]; /* who waits for room, who waits for an item */
static struct takt_os_sem wakes[2];
static uint64_t done_count[2];
static uint32_t slept_on[2];

static void begin(void)
{
	make_band();
	memset(masks, 0, sizeof(masks));
	for (unsigned side = PRODUCER; side <= CONSUMER; side++) {
		takt_os_sem_init(&wakes[side]);
		done_count[side] = 0;
		slept_on[side] = UINT32_MAX;
	}
}

static uint64_t look(enum side side)
{
	return side == PRODUCER ? takt_band_find_room(&band) : takt_band_find_item(&band);
}

/* core/waiter.c's wait_slice, with a sleep that only a post ends. @retval TAKT_QUEUE_NONE asleep for ever */
static uint64_t wait_for(enum side side)
{
	uint64_t position = look(side);
	while (position == TAKT_QUEUE_NONE) {
		uint32_t prepared = takt_os_sem_prepare(&wakes[side]);
		takt_wait_arm(&masks[side], BIT);
		takt_wait_fence();
		position = look(side);
		if (position != TAKT_QUEUE_NONE)
			break;
		if (takt_os_sem_wait_until(&wakes[side], prepared, 0) == TAKT_TIMEOUT) {
			slept_on[side] = prepared;
			return TAKT_QUEUE_NONE;
		}
		position = look(side);
	}
	takt_wait_disarm(&masks[side], BIT);
	return position;
}

static void wake(enum side side)
{
	takt_queue_fence();
	if (takt_wait_collect_one(&masks[side], BIT, 0))
		takt_os_sem_post(&wakes[side]);
}

static void producer(void)
{
	for (; done_count[PRODUCER] < ITEMS; done_count[PRODUCER]++) {
		uint64_t position = wait_for(PRODUCER);
		if (position == TAKT_QUEUE_NONE)
			return;
		takt_band_commit(&band, position);
		wake(CONSUMER);
	}
}

static void consumer(void)
{
	for (; done_count[CONSUMER] < ITEMS; done_count[CONSUMER]++) {
		uint64_t position = wait_for(CONSUMER);
		if (position == TAKT_QUEUE_NONE)
			return;
		(void)takt_band_lease(&band, position, 1);
		takt_band_free(&band, position);
		wake(PRODUCER);
	}
}

static void end(void)
{
	for (unsigned side = PRODUCER; side <= CONSUMER; side++) {
		if (done_count[side] == ITEMS)
			continue;
		/* It sleeps, and something is there for it: then a post has ended, or will end, that sleep. */
		if (look(side) != TAKT_QUEUE_NONE)
			MODEL_ASSERT(slept_on[side] != UINT32_MAX &&
				     takt_os_sem_prepare(&wakes[side]) != slept_on[side]);
	}
}

MODEL_PROGRAM("queue_wait", begin, end, {producer, consumer})
