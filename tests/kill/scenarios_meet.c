/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations on topics while another process depends on the victim: it sleeps until news come, waits for the lock or holds it. What the
 * dead one owed must not cost it more than a slice.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/layout.h"
#include "core/protocol/lock.h"
#include "core/protocol/ring.h"
#include "core/protocol/wait.h"
#include "core/publish_right.h"
#include "platform/clock.h"
#include "tests/kill/between.h"
#include "tests/kill/check.h"
#include "tests/kill/companion.h"
#include "tests/kill/scenario.h"
#include "tests/kill/stage.h"

#define PUBLISHED	(STAGE_DEPTH + 3)
#define LOCK_BOUND_NS	(20 * TAKT_NS_PER_MS)
#define COMPANIONS_SEED (UINT64_C(1) << 41)

/* The victim's own, and in another process the companion's. */
static struct takt_node node;
static struct takt_publisher publisher;
static struct takt_subscriber subscriber;
static struct takt_waiter waiter;
static struct takt_loan loan;
static struct message message;

static void need(enum takt_status status, const char *what)
{
	if (status == TAKT_OK)
		return;
	(void)fprintf(stderr, "kill_every: a process cannot %s: %s\n", what, takt_status_name(status));
	_exit(1);
}

/* -------------------------------------------------------------------------------------------------- the companion */

static void be_done(enum takt_status status)
{
	companion_is_done(status);
	takt_publisher_detach(&publisher);
	takt_subscriber_detach(&subscriber);
	takt_node_leave(&node);
	_exit(0);
}

static void sleep_until_news(void)
{
	need(takt_node_join(&node, "kill", "sleeper"), "join as the sleeper");
	need(takt_subscriber_attach(&subscriber, &node, topic_name(now.topic), message_type, NULL), "attach");
	need(takt_waiter_init(&waiter, &node, 0), "sleep");
	need(takt_waiter_add(&waiter, &subscriber), "sleep");
	while (takt_read_next(&subscriber, &message, NULL) == TAKT_OK)
		;
	companion_is_ready();
	be_done(takt_wait_until(&waiter, takt_os_clock_now_ns() + COMPANION_SLEEP_NS));
}

static void join_other(void)
{
	need(takt_node_join(&node, "kill", "other"), "join as the companion");
	need(takt_publisher_attach(&publisher, &node, "pair", message_type), "attach as the companion");
	/* So long that a companion which sleeps to its end instead of slices is found out. */
	publisher.lock_bound_ns = COMPANION_SLEEP_NS;
	message = message_of(COMPANIONS_SEED);
}

static void publish_when_told(void)
{
	join_other();
	companion_is_ready();
	companion_wait_for_word();
	be_done(takt_publish(&publisher, &message, NULL));
}

static void hold_when_told(void)
{
	join_other();
	companion_is_ready();
	companion_wait_for_word();
	need(takt_publisher_lock(&publisher), "take the lock");
	atomic_store(&control->companion_state, COMPANION_HOLDS);
	companion_wait_for_word();
	takt_lock_give(&publisher.lock);
	be_done(TAKT_OK);
}

static void start_sleeper(void)
{
	struct takt_mask_shm *mask = takt_domain_mask(&now.reader.domain, now.topic);

	companion_start(sleep_until_news);
	while (atomic_load(&mask->waiting) == 0)
		(void)sched_yield();
}

static void start_publisher(void)
{
	companion_start(publish_when_told);
}

static void start_holder(void)
{
	companion_start(hold_when_told);
}

/* --------------------------------------------------------------------------------------------------------- set up */

static void set_up_sleeper(enum stage_topic topic)
{
	stage_set_up(topic, PUBLISHED);
	/* So that the names of its objects are the stage's. */
	need(takt_node_join(&node, "kill", "sleeper"), "be the sleeper");
	takt_node_leave(&node);
	stage_keep();
}

static void set_up_solo_sleeper(void)
{
	set_up_sleeper(SOLO);
}

static void set_up_pair_sleeper(void)
{
	set_up_sleeper(PAIR);
}

/* The companion is the second publisher, not the harness. */
static void set_up_pair(void)
{
	stage_set_up(PAIR, PUBLISHED);
	takt_publisher_detach(&now.publishes);
	takt_node_leave(&now.other);
	stage_keep();
}

static void join_victim(void)
{
	need(takt_node_join(&node, "kill", "victim"), "join");
	atomic_store(&control->token, node.token);
}

static void prepare_publisher(void)
{
	join_victim();
	need(takt_publisher_attach(&publisher, &node, topic_name(now.topic), message_type), "attach");
	message = message_of(victims_seed(now.published + 1, 1));
}

static void prepare_loan(void)
{
	prepare_publisher();
	need(takt_publisher_loan(&publisher, &loan), "take a loan");
	memcpy(loan.payload, &message, sizeof(message));
}

static void prepare_waiter(void)
{
	join_victim();
	need(takt_subscriber_attach(&subscriber, &node, "pair", message_type, NULL), "attach");
	need(takt_waiter_init(&waiter, &node, 0), "make its waiter");
	need(takt_waiter_add(&waiter, &subscriber), "add to its waiter");
	while (takt_read_next(&subscriber, &message, NULL) == TAKT_OK)
		;
	before_sleep = companion_tell;
}

/* Holds the lock, and the companion waits for it. */
static void prepare_contended(void)
{
	prepare_publisher();
	need(takt_publisher_lock(&publisher), "take the lock");
	companion_tell();
	while ((atomic_load(&publisher.lock.shared->owner) & TAKT_LOCK_CONTENDED) == 0)
		(void)sched_yield();
}

/* The companion holds the lock, and gives it when the victim sleeps. */
static void prepare_for_holder(void)
{
	prepare_publisher();
	companion_tell();
	while (atomic_load(&control->companion_state) != COMPANION_HOLDS)
		(void)sched_yield();
	before_sleep = companion_tell;
}

/* -------------------------------------------------------------------------------------------------------- operate */

static void publish(void)
{
	atomic_store(&control->status, takt_publish(&publisher, &message, NULL));
}

static void commit_loan(void)
{
	atomic_store(&control->status, takt_publish_loan(&publisher, &loan, NULL));
}

static void wait_for_news(void)
{
	atomic_store(&control->status, takt_wait_until(&waiter, takt_os_clock_now_ns() + COMPANION_SLEEP_NS));
}

static void unlock(void)
{
	takt_lock_give(&publisher.lock);
	atomic_store(&control->status, TAKT_OK);
}

/* Its next turn comes behind the one who has waited. */
static void unlock_and_publish(void)
{
	takt_lock_give(&publisher.lock);
	publish();
}

static void lock_and_unlock(void)
{
	int taken_over = 0;
	const uint64_t deadline_ns = takt_os_clock_now_ns() + COMPANION_SLEEP_NS;

	atomic_store(&control->status, takt_lock_take_until(&publisher.lock, deadline_ns, &taken_over));
	takt_lock_give(&publisher.lock);
}

/* ---------------------------------------------------------------------------------------------------------- check */

static void check_status(int is_done)
{
	if (is_done && atomic_load(&control->status) != TAKT_OK)
		bad("the operation itself failed: %s", takt_status_name(atomic_load(&control->status)));
}

/* A sleeper wakes within a slice of the sample: the dead one's if there is one, else of the next publisher's. */
static void check_sleeper(int is_done)
{
	const uint64_t died_ns = takt_os_clock_now_ns();
	const int has_news = takt_ring_newest(&now.reads.ring) > now.published;

	check_status(is_done);
	if (has_news)
		companion_await(died_ns, STAGE_SLICE_NS);
	check_topic(is_done ? 1 : 0, 1);
	if (!has_news)
		companion_await(takt_os_clock_now_ns(), STAGE_SLICE_NS);
}

/* The companion's sample, and perhaps one of the victim's. */
static void check_both(int is_done, uint32_t victims)
{
	check_status(is_done);
	companion_await(takt_os_clock_now_ns(), TAKT_LOCK_SLICE_NS);
	check_topic(1 + (is_done ? victims : 0), 1 + victims);
}

static void check_companions(int is_done)
{
	check_both(is_done, 0);
}

static void check_companions_and_own(int is_done)
{
	check_both(is_done, 1);
}

static void check_no_sample(int is_done)
{
	check_status(is_done);
	companion_await(takt_os_clock_now_ns(), TAKT_LOCK_SLICE_NS);
	check_topic(0, 0);
}

/* ---------------------------------------------------------------------------------------------------------- table */

#define MEETING(prepared, operated)                                                                                    \
	.operation = {.prepare = prepared, .operate = operated}, .dismiss = companion_dismiss,                         \
	.tear_down = stage_tear_down

const struct scenario meet_scenarios[] = {
	{"publish to a sleeper", set_up_solo_sleeper, start_sleeper, MEETING(prepare_publisher, publish),
	 .check = check_sleeper},
	{"publish to a sleeper, pair", set_up_pair_sleeper, start_sleeper, MEETING(prepare_publisher, publish),
	 .check = check_sleeper},
	{"commit to a sleeper", set_up_solo_sleeper, start_sleeper, MEETING(prepare_loan, commit_loan),
	 .check = check_sleeper},
	{"wait, and a post comes", set_up_pair, start_publisher, MEETING(prepare_waiter, wait_for_news),
	 .check = check_companions},
	{"unlock, another waits", set_up_pair, start_publisher, MEETING(prepare_contended, unlock),
	 .check = check_companions},
	{"unlock and publish again", set_up_pair, start_publisher, MEETING(prepare_contended, unlock_and_publish),
	 .check = check_companions_and_own},
	{"lock, another holds it", set_up_pair, start_holder, MEETING(prepare_for_holder, lock_and_unlock),
	 .check = check_no_sample},
};
const uint32_t meet_scenario_count = sizeof(meet_scenarios) / sizeof(meet_scenarios[0]);
