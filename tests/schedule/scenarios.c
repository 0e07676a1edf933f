/* SPDX-License-Identifier: Apache-2.0 */
/* Parties are a, b, c, d in a schedule. Each does three operations; each may die anywhere. What is done with queues stands in stage_queue.c. */
#include <stdio.h>
#include <string.h>

#include "core/lock.h"
#include "core/protocol/lock.h"
#include "core/protocol/ring.h"
#include "platform/clock.h"
#include "tests/schedule/scenario.h"
#include "tests/schedule/sim.h"
#include "tests/schedule/stage.h"
#include "tests/schedule/stage_queue.h"
#include "tests/schedule/steps.h"

#define OPERATIONS 3u

static void publish_thrice(uint32_t party)
{
	for (uint32_t i = 0; i < OPERATIONS; i++)
		stage_publish(party);
}

/* Over a depth of two the fourth sample is the first to fill a slot that held another. */
static void publish_four_times(uint32_t party)
{
	publish_thrice(party);
	stage_publish(party);
}

static void read_thrice(uint32_t party, int latest)
{
	for (uint32_t i = 0; i < OPERATIONS; i++)
		(void)(latest ? stage_read_latest(party) : stage_read_next(party));
}

static void borrow_thrice(uint32_t party, int latest)
{
	for (uint32_t i = 0; i < OPERATIONS; i++)
		(void)stage_borrow(party, latest);
}

/* ---------------------------------------------------------------------------------- a publisher and two readers */

static void run_readers(uint32_t party)
{
	if (party == 0)
		publish_four_times(party);
	else
		read_thrice(party, party == 2);
}

static void prepare_readers(uint32_t depth)
{
	stage_begin(3, &(struct stage_size){.depth = depth, .loans = 1, .publishers = 1}, run_readers);
	stage_publisher(0);
	stage_subscriber(1, 0);
	stage_subscriber(2, 0);
}

static void prepare_shallow(void)
{
	prepare_readers(2);
}

static void prepare_deep(void)
{
	prepare_readers(4);
}

/* ------------------------------------------------------------------------------------- two publishers, a reader */

static void run_two(uint32_t party)
{
	if (party < 2)
		publish_thrice(party);
	else
		read_thrice(party, 0);
}

static void prepare_two(void)
{
	stage_begin(3, &(struct stage_size){.depth = 4, .publishers = 2}, run_two);
	stage_publisher(0);
	stage_publisher(1);
	stage_subscriber(2, 0);
}

/* The lock is free and somebody sleeps for it: nobody will wake him. */
static void check_lock_sleepers(void)
{
	const struct takt_lock_shm *lock = &stage_topic()->lock;
	if (atomic_load_explicit(&lock->owner, memory_order_relaxed) != 0)
		return;
	for (uint32_t i = 0; i < machine.party_count; i++)
		if (machine.parties[i].state == PARTY_ASLEEP && machine.parties[i].word == (const void *)&lock->hint)
			machine_fail("%c sleeps for a lock that is free", 'a' + (int)i);
}

/* ---------------------------------------------------------------------------------------- borrow against publish */

static void run_borrow(uint32_t party)
{
	if (party == 0)
		publish_four_times(party);
	else
		borrow_thrice(party, party == 2);
}

static void prepare_borrow(void)
{
	stage_begin(3, &(struct stage_size){.depth = 2, .borrows = 2, .loans = 1, .publishers = 1}, run_borrow);
	stage_publisher(0);
	stage_subscriber(1, 1);
	stage_subscriber(2, 1);
}

/* ------------------------------------------------------------------------------------------ wait against publish */

/* What is there when it began to wait is its own to see: it may sleep through nothing. */
static void wait_thrice(uint32_t party)
{
	struct actor *actor = &actors[party];

	for (uint32_t i = 0; i < OPERATIONS; i++) {
		const enum takt_status status = takt_wait_until(&actor->waiter, machine.now_ns + STAGE_SLICE_NS);
		if (status != TAKT_OK && status != TAKT_TIMEOUT)
			machine_fail("waiting: %s", takt_status_name(status));
		if (!stage_read_next(party) && status == TAKT_OK)
			machine_fail("%c was told of news and found none", 'a' + (int)party);
		if (status == TAKT_TIMEOUT)
			return;
	}
}

static void run_wait(uint32_t party)
{
	if (party == 0)
		publish_thrice(party);
	else
		wait_thrice(party);
}

static void prepare_wait(void)
{
	stage_begin(3, &(struct stage_size){.depth = 4, .loans = 1, .publishers = 1, .waiters = 2}, run_wait);
	stage_publisher(0);
	stage_waiter(1, 0);
	stage_waiter(2, 1);
}

/* Nobody can run: whoever sleeps has no news, or the wake-up was lost. */
static void check_wait_sleepers(void)
{
	for (uint32_t i = 0; i < machine.party_count; i++)
		if (machine.parties[i].state == PARTY_ASLEEP && actors[i].waiter.node &&
		    takt_subscriber_has_news(&actors[i].subscriber))
			machine_fail("%c sleeps and there is news", 'a' + (int)i);
}

/* Time passes: of those who sleep though there is news, none does so for longer than a slice from now. */
static void check_wait_bound(void)
{
	for (uint32_t i = 0; i < machine.party_count; i++)
		if (machine.parties[i].state == PARTY_ASLEEP && actors[i].waiter.node &&
		    takt_subscriber_has_news(&actors[i].subscriber) &&
		    machine.parties[i].deadline_ns > machine.now_ns + STAGE_SLICE_NS)
			machine_fail("%c sleeps longer than a slice past its news", 'a' + (int)i);
}

/* ------------------------------------------------------------------------------------------- loans and abandoning */

static void run_loan(uint32_t party)
{
	if (party == 1) {
		publish_thrice(party);
	} else if (party == 2) {
		(void)stage_read_latest(party);
	} else {
		stage_loan(party);
		stage_publish_loan(party);
		stage_loan(party);
		stage_abandon(party);
	}
}

static void prepare_loan(void)
{
	stage_begin(3, &(struct stage_size){.depth = 2, .loans = 1, .publishers = 2}, run_loan);
	stage_publisher(0);
	stage_publisher(1);
	stage_subscriber(2, 0);
}

/* --------------------------------------------------------------- two followers of a publisher, and a borrower */

/* Both want to follow: one at a time, so the one who comes second waits for the first one's end. */
static void follow(uint32_t party)
{
	const uint32_t other = 3 - party;

	machine_wait_end(0);
	enum takt_status status = stage_attach(party);
	if (status == TAKT_BUSY) {
		machine_wait_end(other);
		status = stage_attach(party);
	}
	if (status != TAKT_OK) {
		machine_fail("following: %s", takt_status_name(status));
		return;
	}
	stage_publish(party);
	stage_publish(party);
}

static void run_follow(uint32_t party)
{
	if (party == 0)
		publish_thrice(party);
	else if (party == 3)
		(void)stage_borrow(party, 1);
	else
		follow(party);
}

static void prepare_follow(void)
{
	stage_begin(4, &(struct stage_size){.depth = 2, .borrows = 1, .publishers = 1}, run_follow);
	stage_publisher(0);
	stage_keep_publisher(1);
	stage_keep_publisher(2);
	stage_subscriber(3, 1);
}

/* --------------------------------------------------------------------- two subscribers take a dead one's pins */

static void run_pins(uint32_t party)
{
	if (party == 3) {
		publish_four_times(party);
		return;
	}
	if (party != 0) {
		machine_wait_end(0);
		const enum takt_status status = steps_pins_take(&actors[party].subscriber, 1);
		if (status != TAKT_OK)
			machine_fail("a pin of two for the two who live: %s", takt_status_name(status));
		if (status != TAKT_OK)
			return;
	}
	(void)stage_borrow(party, 1);
	if (party != 0)
		steps_pins_give(&actors[party].subscriber);
}

static void prepare_pins(void)
{
	stage_begin(4, &(struct stage_size){.depth = 2, .borrows = 2, .publishers = 1}, run_pins);
	stage_publisher(3);
	stage_subscriber(0, 2);
	stage_keep_subscriber(1);
	stage_keep_subscriber(2);
}

/* ------------------------------------------------------------------------------------- join against leave and claim */

/* Nobody else is in a place that is mine: written in, and found as it was. */
static void be_alone(uint32_t party, _Atomic uint64_t *place)
{
	atomic_store_explicit(place, party + 1, memory_order_relaxed);
	if (atomic_load_explicit(place, memory_order_relaxed) != party + 1)
		machine_fail("%c shares a place with another", 'a' + (int)party);
}

static void run_place(uint32_t party)
{
	for (uint32_t i = 0; i < OPERATIONS; i++) {
		if (steps_place_claim(&nodes[party]) != TAKT_OK)
			continue;
		be_alone(party, stage_scratch(0));
		/* The last one ends without leaving, as a process that is killed does. */
		if (i + 1 < OPERATIONS)
			steps_place_leave(&nodes[party]);
	}
}

static void prepare_place(void)
{
	stage_begin(3, &(struct stage_size){.depth = 2, .publishers = 1}, run_place);
}

static void check_place(void)
{
	machine_act_as(MACHINE_SUCCESSOR);
	const enum takt_status status = steps_place_claim(&nodes[MACHINE_SUCCESSOR]);
	if (status != TAKT_OK)
		machine_fail("a place that nobody living has cannot be claimed: %s", takt_status_name(status));
	if (atomic_load_explicit(&takt_domain_node(&nodes[0].domain, 0)->token, memory_order_relaxed) !=
	    nodes[MACHINE_SUCCESSOR].token)
		machine_fail("a place was claimed and names another");
}

/* --------------------------------------------------------------------------------------- a lock and three parties */

static struct takt_lock locks[MACHINE_PARTY_COUNT_MAX + 1];
static struct takt_os_presence lock_presence[MACHINE_PARTY_COUNT_MAX + 1];

/* A count that is wrong if two count at once, and a note of who is at it; a dead owner's may be half done. */
static void lock_once(uint32_t party)
{
	int taken_over = 0;
	const uint64_t bound_ns = 100 * TAKT_LOCK_SLICE_NS;

	if (!takt_lock_try_take(&locks[party])) {
		const enum takt_status status =
			takt_lock_take_until(&locks[party], machine.now_ns + bound_ns, &taken_over);
		if (status != TAKT_OK) {
			machine_fail("a lock: %s", takt_status_name(status));
			return;
		}
	}
	if (taken_over && machine.death_count == 0)
		machine_fail("a lock of the living was taken over");
	_Atomic uint64_t *inside = stage_scratch(0);
	if (atomic_load_explicit(inside, memory_order_relaxed) != 0 && !taken_over)
		machine_fail("two are inside one lock");
	be_alone(party, inside);
	atomic_store_explicit(inside, 0, memory_order_relaxed);
	takt_lock_give(&locks[party]);
}

static void run_lock(uint32_t party)
{
	/* The third one is there to sleep beside another. */
	for (uint32_t i = 0; i < (party < 2 ? OPERATIONS : 1); i++)
		lock_once(party);
}

static void bind_lock(uint32_t actor)
{
	machine_act_as(actor);
	lock_presence[actor].descriptor = sim_descriptor(SIM_FILE_TOPIC, actor);
	if (takt_os_presence_hold(&lock_presence[actor], nodes[actor].token) != TAKT_OK)
		machine_fail("a token that is taken");
	takt_lock_init(&locks[actor], &stage_topic()->lock, &lock_presence[actor], nodes[actor].token);
}

static void prepare_lock(void)
{
	stage_begin(3, &(struct stage_size){.depth = 2, .publishers = 2}, run_lock);
	for (uint32_t i = 0; i < 3; i++) {
		machine_keep(i, &locks[i], sizeof(locks[i]));
		bind_lock(i);
	}
}

static void check_lock_end(void)
{
	bind_lock(MACHINE_SUCCESSOR);
	lock_once(MACHINE_SUCCESSOR);
	if (atomic_load_explicit(&stage_topic()->lock.owner, memory_order_relaxed) != 0)
		machine_fail("the lock is held at the end");
}

const struct scenario scenarios[] = {
	{"publish, depth 2", 3, 3, prepare_shallow, run_readers, NULL, NULL, stage_check_topic},
	{"publish, depth 4", 3, 3, prepare_deep, run_readers, NULL, NULL, stage_check_topic},
	{"two publishers", 3, 3, prepare_two, run_two, check_lock_sleepers, NULL, stage_check_topic},
	{"borrow", 3, 3, prepare_borrow, run_borrow, NULL, NULL, stage_check_topic},
	{"wait", 3, 3, prepare_wait, run_wait, check_wait_sleepers, check_wait_bound, stage_check_topic},
	{"loan", 3, 3, prepare_loan, run_loan, check_lock_sleepers, NULL, stage_check_topic},
	{"follow", 4, 3, prepare_follow, run_follow, NULL, NULL, stage_check_topic},
	{"pins", 4, 3, prepare_pins, run_pins, NULL, NULL, stage_check_topic},
	{"place", 3, 3, prepare_place, run_place, NULL, NULL, check_place},
	{"lock", 3, 3, prepare_lock, run_lock, check_lock_sleepers, NULL, check_lock_end},
	{"queue, take and ack", 3, 3, stage_queue_prepare_take, stage_queue_run_take, stage_queue_check_idle, NULL,
	 stage_queue_check_end},
	{"queue, two producers", 3, 3, stage_queue_prepare_producers, stage_queue_run_producers, stage_queue_check_idle,
	 NULL, stage_queue_check_end},
	{"queue, drop and take", 3, 2, stage_queue_prepare_drop, stage_queue_run_drop, stage_queue_check_idle, NULL,
	 stage_queue_check_end},
	{"queue, wait", 3, 1, stage_queue_prepare_wait, stage_queue_run_wait, stage_queue_check_idle, NULL,
	 stage_queue_check_end},
};
const uint32_t scenario_count = sizeof(scenarios) / sizeof(scenarios[0]);
