/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of synchronisation objects share: a domain with one of each kind and four threads that may use them. */
#ifndef TAKT_TEST_CORE_SYNC_FIXTURE_H
#define TAKT_TEST_CORE_SYNC_FIXTURE_H

#include "tests/unit/core/domain_fixture.h"

#include "core/layout.h"
#include "core/sync.h"
#include "core/waiter.h"
#include "platform/thread.h"

#define SYNC_SLICE_NS (20 * TAKT_NS_PER_MS)

static const char sync_config[] =
	"domain: test\n"
	"wait_slice_us: 20000\n"
	"lock_bound_us: 200000\n"
	"topics:\n"
	"  - {name: number, type: number, bytes: 8}\n"
	"syncs:\n"
	"  - {name: units, kind: semaphore, initial: 2}\n"
	"  - {name: bell, kind: semaphore, undo: false, maximum: 3}\n"
	"  - {name: door, kind: mutex}\n"
	"  - {name: map, kind: rwlock}\n"
	"  - {name: flags, kind: events}\n"
	"  - {name: start, kind: barrier, members: 2}\n"
	"nodes:\n"
	"  - {name: one, program: x, publishes: [number], uses: [units, bell, door, map, flags, start], waiters: 2}\n"
	"  - {name: two, program: x, subscribes: [number], uses: [units, bell, door, map, flags, start], waiters: 2}\n"
	"  - {name: none, program: x, waiters: 1}\n";

static struct takt_waiter sync_waiters[2];

/* Node `one` with both its waiters. */
static inline int sync_set_up(void **state)
{
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(sync_config);
	struct takt_node *node = fixture_join("one");
	memset(sync_waiters, 0, sizeof(sync_waiters));
	for (uint32_t i = 0; i < 2; i++)
		assert_int_equal(takt_waiter_init(&sync_waiters[i], node, i), TAKT_OK);
	return 0;
}

/* In a child: node `two`, and its waiter. */
static inline struct takt_waiter *sync_child_waiter(void)
{
	static struct takt_waiter waiter;

	fixture_child_speaks();
	struct takt_node *node = fixture_child_join("two");
	if (node == NULL || takt_waiter_init(&waiter, node, 0) != TAKT_OK)
		_exit(100);
	return &waiter;
}

static inline uint64_t sync_soon(void)
{
	return takt_os_clock_now_ns() + SHORT_NS;
}

static inline uint64_t sync_much_later(void)
{
	return takt_os_clock_now_ns() + LONG_NS;
}

/* For other threads: somebody sleeps, or is about to look. 0 after LONG_NS. */
static inline int sync_wait_until_armed(const struct takt_sync *sync)
{
	const uint64_t end_ns = sync_much_later();

	while (atomic_load(&sync->shared->mask.waiting) == 0) {
		if (takt_os_clock_now_ns() > end_ns)
			return 0;
		(void)sched_yield();
	}
	return 1;
}

static inline void sync_cut(const char *object)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/takt.test/%s", scratch, object);
	assert_int_equal(truncate(path, 0), 0);
}

#endif
