/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The semaphore's contract (platform/sem.h): what the poster wrote before the post is visible to the waiter whose sleep it ended, and to
 * the look of one whose preparing already saw it. SF1, SF2, SF3.
 */
#include "tests/model/futex.h"
#include "tests/model/model.h"

static struct takt_os_sem sem;
static uint64_t announced;

static void begin(void)
{
	takt_os_sem_init(&sem);
	announced = 0;
}

static void poster(void)
{
	MODEL_PUT(announced, 1);
	takt_os_sem_post(&sem);
}

static void waiter(void)
{
	uint32_t prepared = takt_os_sem_prepare(&sem);
	/* One post, from 0: whoever knows of it may read. */
	if (prepared != 0 || takt_os_sem_wait_until(&sem, prepared, 0) == TAKT_OK)
		MODEL_ASSERT(MODEL_GET(announced) == 1);
}

static void end(void)
{
	MODEL_ASSERT(takt_os_sem_prepare(&sem) == 1);
}

MODEL_PROGRAM("sem", begin, end, {poster, waiter})
