/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synchronisation objects: what a thread dies with is given back or told, and nobody waits for it longer than a slice. The survivor is node
 * `other`, in the harness's process; the successor a new life of the victim's node.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/barrier.h"
#include "core/events.h"
#include "core/layout.h"
#include "core/mutex.h"
#include "core/rwlock.h"
#include "core/semaphore.h"
#include "platform/clock.h"
#include "tests/kill/companion.h"
#include "tests/kill/scenario.h"
#include "tests/kill/stage.h"

#define BITS 0x80000005u

/* All handles of one process: of the victim and the companion, of the survivor, of the successor. */
struct handles {
	struct takt_node node; /* but the survivor's, which is the stage's */
	struct takt_waiter waiter;
	struct takt_semaphore semaphore;
	struct takt_mutex mutex;
	struct takt_rwlock rwlock;
	struct takt_events events;
	struct takt_barrier barrier;
};

static struct handles mine, survivor, survivor_kept, successor;

/* What mutex and rwlock guard: equal whenever nobody is inside. Shared with the victim. */
static _Atomic uint32_t *pair;

static void need(enum takt_status status, const char *what)
{
	if (status == TAKT_OK)
		return;
	(void)fprintf(stderr, "kill_every: a process cannot %s: %s\n", what, takt_status_name(status));
	_exit(1);
}

static enum takt_status attach(struct handles *handles, const char *name)
{
	switch (name[0]) {
	case 'u':
	case 'b':
		return takt_semaphore_attach(&handles->semaphore, &handles->waiter, name);
	case 'd':
		return takt_mutex_attach(&handles->mutex, &handles->waiter, name);
	case 'm':
		return takt_rwlock_attach(&handles->rwlock, &handles->waiter, name);
	case 'f':
		return takt_events_attach(&handles->events, &handles->waiter, name);
	default:
		return takt_barrier_attach(&handles->barrier, &handles->waiter, name);
	}
}

static void detach(struct handles *handles)
{
	takt_semaphore_detach(&handles->semaphore);
	takt_mutex_detach(&handles->mutex);
	takt_rwlock_detach(&handles->rwlock);
	takt_events_detach(&handles->events);
	takt_barrier_detach(&handles->barrier);
}

/* --------------------------------------------------------------------------------------------------------- set up */

static const char *object;

static void set_up(const char *name)
{
	object = name;
	if (pair == NULL)
		pair = mmap(NULL, 2 * sizeof(*pair), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	stage_set_up(SOLO, 1);
	memset(&survivor, 0, sizeof(survivor));
	need(takt_waiter_init(&survivor.waiter, &now.other, 0), "make the survivor's waiter");
	need(attach(&survivor, name), "attach the survivor");
	survivor_kept = survivor;
	stage_keep();
}

static void set_up_units(void)
{
	set_up("units");
}

static void set_up_bell(void)
{
	set_up("bell");
}

static void set_up_door(void)
{
	set_up("door");
}

static void set_up_map(void)
{
	set_up("map");
}

static void set_up_flags(void)
{
	set_up("flags");
	need(takt_events_set(&survivor.events, BITS), "set bits");
	stage_keep();
}

static void set_up_start(void)
{
	set_up("start");
}

/* One unit is out already. */
static void set_up_scarce(void)
{
	set_up_units();
	need(takt_semaphore_try_wait(&survivor.semaphore), "take a unit");
	survivor_kept = survivor;
	stage_keep();
}

/* The other member is the companion. */
static void set_up_companions_start(void)
{
	set_up_start();
	detach(&survivor);
	memset(&survivor, 0, sizeof(survivor));
	survivor_kept = survivor;
	stage_keep();
}

/* The object is not there yet. */
static void set_up_nothing(void)
{
	set_up_units();
	detach(&survivor);
	(void)memset(&survivor, 0, sizeof(survivor));
	survivor_kept = survivor;
	object = "door";
	stage_keep();
}

static void tear_down(void)
{
	survivor = survivor_kept;
	detach(&survivor);
	stage_tear_down();
}

static void begin(void)
{
	survivor = survivor_kept;
	atomic_store(&pair[0], 0);
	atomic_store(&pair[1], 0);
}

/* --------------------------------------------------------------------------------------------------------- victim */

static void join(const char *name)
{
	need(takt_node_join(&mine.node, "kill", name), "join");
	need(takt_waiter_init(&mine.waiter, &mine.node, 0), "make its waiter");
}

static void prepare(void)
{
	join("victim");
	atomic_store(&control->token, mine.node.token);
	need(attach(&mine, object), "attach");
}

static void prepare_to_attach(void)
{
	join("victim");
	atomic_store(&control->token, mine.node.token);
}

static void prepare_with_unit(void)
{
	prepare();
	need(takt_semaphore_try_wait(&mine.semaphore), "take a unit");
}

/* Has the last unit, and the companion waits for it. */
static void prepare_wanted(void)
{
	prepare_with_unit();
	companion_tell();
	while (atomic_load(&mine.semaphore.sync.shared->mask.waiting) == 0)
		(void)sched_yield();
}

static uint64_t soon(void)
{
	return takt_os_clock_now_ns() + COMPANION_SLEEP_NS;
}

static void done(enum takt_status status)
{
	atomic_store(&control->status, status);
}

static void wait_for_unit(void)
{
	done(takt_semaphore_wait_until(&mine.semaphore, soon()));
}

static void post_unit(void)
{
	done(takt_semaphore_post(&mine.semaphore));
}

/* @param is_told half a change may stand there: repaired first, as unlocking says */
static void change_pair(int is_told)
{
	if (is_told)
		atomic_store(&pair[1], atomic_load(&pair[0]));
	atomic_fetch_add(&pair[0], 1);
	atomic_fetch_add(&pair[1], 1);
}

static void lock_mutex(void)
{
	int owner_died;
	const enum takt_status status = takt_mutex_lock_until(&mine.mutex, soon(), &owner_died);

	if (status == TAKT_OK) {
		change_pair(owner_died);
		takt_mutex_unlock(&mine.mutex);
	}
	done(status);
}

static void write_under_rwlock(void)
{
	int needs_repair;
	enum takt_status status = takt_rwlock_write_until(&mine.rwlock, soon(), &needs_repair);

	if (status == TAKT_OK) {
		change_pair(needs_repair);
		status = takt_rwlock_unlock(&mine.rwlock);
	}
	done(status);
}

static void read_under_rwlock(void)
{
	int needs_repair;
	enum takt_status status = takt_rwlock_read_until(&mine.rwlock, soon(), &needs_repair);

	if (status == TAKT_OK)
		status = takt_rwlock_unlock(&mine.rwlock);
	done(status);
}

static void set_bits(void)
{
	done(takt_events_set(&mine.events, 0x10));
}

static void take_bits(void)
{
	done(takt_events_take_until(&mine.events, BITS, TAKT_EVENTS_ALL, soon(), NULL));
}

static void come_alone(void)
{
	const enum takt_status status =
		takt_barrier_wait_until(&mine.barrier, takt_os_clock_now_ns() + 2 * STAGE_SLICE_NS);

	done(status == TAKT_TIMEOUT ? TAKT_OK : status);
}

static void come_last(void)
{
	done(takt_barrier_wait_until(&mine.barrier, soon()));
}

static void attach_object(void)
{
	done(attach(&mine, object));
}

/* ------------------------------------------------------------------------------------------------------ companions */

static void leave(enum takt_status status)
{
	companion_is_done(status);
	detach(&mine);
	takt_node_leave(&mine.node);
	_exit(0);
}

static void be_there_first(void)
{
	memset(&mine, 0, sizeof(mine));
	join("sleeper");
	need(attach(&mine, object), "attach as the companion");
	companion_is_ready();
	const enum takt_status status = takt_barrier_wait_until(&mine.barrier, soon());
	leave(status == TAKT_ABSENT ? TAKT_OK : status);
}

static void want_a_unit(void)
{
	memset(&mine, 0, sizeof(mine));
	join("sleeper");
	need(attach(&mine, object), "attach as the companion");
	companion_is_ready();
	companion_wait_for_word();
	leave(takt_semaphore_wait_until(&mine.semaphore, soon()));
}

static void start_first(void)
{
	const struct takt_sync_shm *shared;

	begin();
	companion_start(be_there_first);
	shared = world_object("sync.start");
	while (atomic_load_explicit((_Atomic uint64_t *)(uintptr_t)&shared->mask.waiting, memory_order_acquire) == 0)
		(void)sched_yield();
}

static void start_wanting(void)
{
	begin();
	companion_start(want_a_unit);
}

/* ---------------------------------------------------------------------------------------------------------- check */

/* The survivor's next operation: it succeeds, and soon. */
static int succeeds(enum takt_status status, uint64_t began_ns, const char *what)
{
	const uint64_t took_ns = takt_os_clock_now_ns() - began_ns;

	if (status != TAKT_OK)
		bad("%s: %s", what, takt_status_name(status));
	if (took_ns > 3 * STAGE_SLICE_NS + STAGE_ALLOWANCE_NS)
		bad("%s took %llu ms", what, (unsigned long long)(took_ns / TAKT_NS_PER_MS));
	note_recovery(began_ns);
	return status == TAKT_OK;
}

static void check_status(int is_done)
{
	if (is_done && atomic_load(&control->status) != TAKT_OK)
		bad("the operation itself failed: %s", takt_status_name(atomic_load(&control->status)));
}

/* A new life of the victim's node, which finds its place empty. */
static void begin_successor(void)
{
	memset(&successor, 0, sizeof(successor));
	if (takt_node_join(&successor.node, "kill", "victim") != TAKT_OK ||
	    takt_waiter_init(&successor.waiter, &successor.node, 0) != TAKT_OK || attach(&successor, object) != TAKT_OK)
		bad("the victim's node cannot begin again");
}

static void end_successor(void)
{
	detach(&successor);
	takt_node_leave(&successor.node);
}

/* Whatever the victim held, `count` units are there, and no more. */
static void check_units(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const uint64_t began_ns = takt_os_clock_now_ns();
		if (!succeeds(takt_semaphore_wait_until(&survivor.semaphore, soon()), began_ns, "waiting for a unit"))
			return;
	}
	if (takt_semaphore_try_wait(&survivor.semaphore) != TAKT_BUSY)
		bad("more units are there than %u", count);
}

static void check_held_by_nobody(void)
{
	check_units(2);
	begin_successor();
	if (takt_semaphore_try_wait(&successor.semaphore) != TAKT_BUSY)
		bad("the successor got a unit that is out");
	if (takt_semaphore_post(&survivor.semaphore) != TAKT_OK ||
	    takt_semaphore_try_wait(&successor.semaphore) != TAKT_OK)
		bad("the successor does not get a unit that was posted");
	end_successor();
	if (takt_semaphore_post(&survivor.semaphore) != TAKT_OK || takt_semaphore_count(&survivor.semaphore) != 2)
		bad("units were lost: %u are there of 2", takt_semaphore_count(&survivor.semaphore));
}

static void check_held(int is_done)
{
	survivor = survivor_kept;
	check_status(is_done);
	check_held_by_nobody();
}

static void check_wanted(int is_done)
{
	check_status(is_done);
	companion_await(takt_os_clock_now_ns(), STAGE_SLICE_NS);
	survivor = survivor_kept;
	if (takt_semaphore_post(&survivor.semaphore) != TAKT_OK)
		bad("the survivor cannot post its unit");
	check_held_by_nobody();
}

/* Between none and one more, or one less, than there was: exactly, where the operation had returned. */
static void check_counted(int is_done, uint32_t min, uint32_t max)
{
	survivor = survivor_kept;
	check_status(is_done);
	const uint32_t count = takt_semaphore_count(&survivor.semaphore);
	if (count < min || count > max)
		bad("%u are counted, expected %u to %u", count, min, max);
	check_units(count);
	begin_successor();
	if (takt_semaphore_post(&successor.semaphore) != TAKT_OK ||
	    takt_semaphore_try_wait(&survivor.semaphore) != TAKT_OK)
		bad("what the successor posted does not arrive");
	end_successor();
}

static void check_posted(int is_done)
{
	check_counted(is_done, is_done ? 2 : 1, 2);
}

static void check_consumed(int is_done)
{
	check_counted(is_done, 0, is_done ? 0 : 1);
}

/* Half a change is never found without being told. */
static void check_pair(int is_told)
{
	if (!is_told && atomic_load(&pair[0]) != atomic_load(&pair[1]))
		bad("half a change, and nobody tells of it");
}

static void repair_pair(void)
{
	atomic_store(&pair[1], atomic_load(&pair[0]));
}

static void check_mutex(int is_done)
{
	int owner_died = 0;

	survivor = survivor_kept;
	check_status(is_done);
	const uint64_t began_ns = takt_os_clock_now_ns();
	if (!succeeds(takt_mutex_lock_until(&survivor.mutex, soon(), &owner_died), began_ns, "locking"))
		return;
	check_pair(owner_died);
	if (is_done && owner_died)
		bad("an owner that had unlocked is said to have died");
	begin_successor();
	if (takt_mutex_try_lock(&successor.mutex, &owner_died) != TAKT_BUSY)
		bad("two have the mutex");
	repair_pair();
	takt_mutex_unlock(&survivor.mutex);
	if (takt_mutex_try_lock(&successor.mutex, &owner_died) != TAKT_OK || owner_died)
		bad("the mutex is not whole again");
	end_successor();
}

static void check_rwlock(int is_done, int writes)
{
	int needs_repair = 0;

	survivor = survivor_kept;
	check_status(is_done);
	uint64_t began_ns = takt_os_clock_now_ns();
	if (!succeeds(takt_rwlock_read_until(&survivor.rwlock, soon(), &needs_repair), began_ns, "reading"))
		return;
	check_pair(needs_repair);
	if (needs_repair && (is_done || !writes))
		bad("a repair is asked for where nobody died writing");
	if (takt_rwlock_unlock(&survivor.rwlock) != TAKT_OK)
		bad("unlocking fails");
	begin_successor();
	began_ns = takt_os_clock_now_ns();
	if (!succeeds(takt_rwlock_write_until(&survivor.rwlock, soon(), &needs_repair), began_ns, "writing"))
		return;
	check_pair(needs_repair);
	repair_pair();
	if (takt_rwlock_try_read(&successor.rwlock, &needs_repair) != TAKT_BUSY)
		bad("one reads while another writes");
	if (takt_rwlock_unlock(&survivor.rwlock) != TAKT_OK ||
	    takt_rwlock_try_read(&successor.rwlock, &needs_repair) != TAKT_OK || needs_repair)
		bad("the rwlock is not whole again");
	end_successor();
}

static void check_writer(int is_done)
{
	check_rwlock(is_done, 1);
}

static void check_reader(int is_done)
{
	check_rwlock(is_done, 0);
}

static void check_bits(int is_done, uint32_t before, uint32_t after)
{
	survivor = survivor_kept;
	check_status(is_done);
	const uint32_t bits = takt_events_get(&survivor.events);
	if (bits != after && (is_done || bits != before))
		bad("the bits are %#x, expected %#x or %#x", bits, before, after);
	begin_successor();
	if (takt_events_set(&successor.events, 0x100) != TAKT_OK ||
	    takt_events_try_take(&survivor.events, 0x100, TAKT_EVENTS_ANY, NULL) != TAKT_OK)
		bad("what the successor set does not arrive");
	end_successor();
}

static void check_set(int is_done)
{
	check_bits(is_done, BITS, BITS | 0x10);
}

static void check_taken(int is_done)
{
	check_bits(is_done, BITS, 0);
}

/* It dies as a member, wherever: the other one is told once, and with the successor all is as before. */
static void check_barrier(int is_done)
{
	survivor = survivor_kept;
	check_status(is_done);
	const uint64_t began_ns = takt_os_clock_now_ns();
	const enum takt_status told = takt_barrier_try_wait(&survivor.barrier);
	(void)succeeds(told == TAKT_ABSENT ? TAKT_OK : told, began_ns, "coming to the barrier");
	if (takt_barrier_try_wait(&survivor.barrier) != TAKT_BUSY)
		bad("it is told more than once, or one goes on alone");
	begin_successor();
	if (takt_barrier_try_wait(&successor.barrier) != TAKT_BUSY)
		bad("the successor goes on alone");
	end_successor();
}

/* The companion, which was there first, goes on with the victim or is told of its death. */
static void check_companion(int is_done)
{
	check_status(is_done);
	companion_await(takt_os_clock_now_ns(), STAGE_SLICE_NS);
	begin_successor();
	if (takt_barrier_try_wait(&successor.barrier) != TAKT_BUSY)
		bad("the successor goes on alone");
	end_successor();
}

/* Made or not, and taken or not: the next ones attach, and it works. */
static void check_attached(int is_done)
{
	int owner_died = 1;

	survivor = survivor_kept;
	check_status(is_done);
	need(takt_waiter_init(&survivor.waiter, &now.other, 0), "make the survivor's waiter");
	if (attach(&survivor, object) != TAKT_OK)
		bad("the survivor cannot attach");
	begin_successor();
	if (takt_mutex_try_lock(&successor.mutex, &owner_died) != TAKT_OK || owner_died ||
	    takt_mutex_try_lock(&survivor.mutex, &owner_died) != TAKT_BUSY)
		bad("the mutex does not work");
	end_successor();
	detach(&survivor);
}

/* -------------------------------------------------------------------------------------------------------- recovery */

/* The next process, killed in the state that the first death left. */
static void prepare_recovery(void)
{
	join("sleeper");
	need(attach(&mine, object), "attach");
}

static const struct operation recover_units = {.prepare = prepare_recovery, .operate = wait_for_unit};
static const struct operation recover_mutex = {.prepare = prepare_recovery, .operate = lock_mutex};
static const struct operation recover_rwlock = {.prepare = prepare_recovery, .operate = write_under_rwlock};

static void check_rwlock_recovery(int is_done)
{
	(void)is_done;
	check_rwlock(0, 1);
}

static void check_mutex_recovery(int is_done)
{
	(void)is_done;
	check_mutex(0);
}

static void check_units_recovery(int is_done)
{
	(void)is_done;
	check_held(0);
}

/* ---------------------------------------------------------------------------------------------------------- table */

#define ALONE(prepared, operated)                                                                                      \
	.accompany = begin, .operation = {.prepare = prepared, .operate = operated}, .tear_down = tear_down
#define MEETING(started, prepared, operated)                                                                           \
	.accompany = started, .operation = {.prepare = prepared, .operate = operated}, .dismiss = companion_dismiss,   \
	.tear_down = tear_down

const struct scenario sync_scenarios[] = {
	{.name = "semaphore: wait",
	 .set_up = set_up_units,
	 ALONE(prepare, wait_for_unit),
	 .check = check_held,
	 .recovery = &recover_units,
	 .check_recovery = check_units_recovery},
	{.name = "semaphore: post", .set_up = set_up_units, ALONE(prepare_with_unit, post_unit), .check = check_held},
	{.name = "semaphore: post, another waits",
	 .set_up = set_up_scarce,
	 MEETING(start_wanting, prepare_wanted, post_unit),
	 .check = check_wanted},
	{.name = "semaphore: post, counted", .set_up = set_up_bell, ALONE(prepare, post_unit), .check = check_posted},
	{.name = "semaphore: wait, counted",
	 .set_up = set_up_bell,
	 ALONE(prepare, wait_for_unit),
	 .check = check_consumed},
	{.name = "mutex: lock and unlock",
	 .set_up = set_up_door,
	 ALONE(prepare, lock_mutex),
	 .check = check_mutex,
	 .recovery = &recover_mutex,
	 .check_recovery = check_mutex_recovery},
	{.name = "rwlock: write",
	 .set_up = set_up_map,
	 ALONE(prepare, write_under_rwlock),
	 .check = check_writer,
	 .recovery = &recover_rwlock,
	 .recovery_is_long = 1,
	 .check_recovery = check_rwlock_recovery},
	{.name = "rwlock: read", .set_up = set_up_map, ALONE(prepare, read_under_rwlock), .check = check_reader},
	{.name = "events: set", .set_up = set_up_flags, ALONE(prepare, set_bits), .check = check_set},
	{.name = "events: take", .set_up = set_up_flags, ALONE(prepare, take_bits), .check = check_taken},
	{.name = "barrier: come, and give up",
	 .set_up = set_up_start,
	 ALONE(prepare, come_alone),
	 .check = check_barrier},
	{.name = "barrier: come last",
	 .set_up = set_up_companions_start,
	 MEETING(start_first, prepare, come_last),
	 .check = check_companion},
	{.name = "attach to a sync",
	 .set_up = set_up_door,
	 ALONE(prepare_to_attach, attach_object),
	 .check = check_mutex,
	 .pace = PACE_STRIDES},
	{.name = "attach to an absent sync",
	 .set_up = set_up_nothing,
	 ALONE(prepare_to_attach, attach_object),
	 .check = check_attached,
	 .pace = PACE_STRIDES},
};
const uint32_t sync_scenario_count = sizeof(sync_scenarios) / sizeof(sync_scenarios[0]);
