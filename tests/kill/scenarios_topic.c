/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on topics that exist: publish, loan, commit, read, borrow, return, wait, lock. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/layout.h"
#include "core/pool.h"
#include "core/protocol/ring.h"
#include "core/protocol/wait.h"
#include "platform/clock.h"
#include "tests/kill/check.h"
#include "tests/kill/scenario.h"
#include "tests/kill/stage.h"

#define FRESH	      1u
#define LAPPED	      (STAGE_DEPTH + 3)
#define SLEEP_MAX_NS  (2 * TAKT_NS_PER_S)
#define LOCK_BOUND_NS (20 * TAKT_NS_PER_MS)

/* The victim's own. */
static struct takt_node node;
static struct takt_publisher publisher;
static struct takt_subscriber subscriber;
static struct takt_waiter waiter;
static struct takt_loan loan;
static struct takt_borrow borrow;
static struct message message;

static void need(enum takt_status status, const char *what)
{
	if (status == TAKT_OK)
		return;
	(void)fprintf(stderr, "kill_every: the victim cannot %s: %s\n", what, takt_status_name(status));
	_exit(1);
}

/* ------------------------------------------------------------------------------------------------------- set up */

static void set_up_solo_fresh(void)
{
	stage_set_up(SOLO, FRESH);
}

static void set_up_solo(void)
{
	stage_set_up(SOLO, LAPPED);
}

static void set_up_pair(void)
{
	stage_set_up(PAIR, LAPPED);
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
	message = message_of(next_seed(now.topic, now.published + 1));
}

static void prepare_loan(void)
{
	prepare_publisher();
	need(takt_publisher_loan(&publisher, &loan), "take a loan");
	memcpy(loan.payload, &message, sizeof(message));
}

static void prepare_subscriber(void)
{
	const struct takt_subscriber_options options = {.history = STAGE_DEPTH - 2,
							.borrows = STAGE_BORROWS - now.reads.pin_count};

	join_victim();
	need(takt_subscriber_attach(&subscriber, &node, topic_name(now.topic), message_type, &options), "attach");
}

static void prepare_borrow(void)
{
	prepare_subscriber();
	need(takt_borrow_next(&subscriber, &borrow, NULL), "borrow");
}

static void prepare_waiter(void)
{
	prepare_subscriber();
	need(takt_waiter_init(&waiter, &node, 0), "make its waiter");
	need(takt_waiter_add(&waiter, &subscriber), "add to its waiter");
	while (takt_read_next(&subscriber, &message, NULL) == TAKT_OK)
		;
}

/* ------------------------------------------------------------------------------------------------------- operate */

static void publish(void)
{
	atomic_store(&control->status, takt_publish(&publisher, &message, NULL));
}

static void take_loan(void)
{
	atomic_store(&control->status, takt_publisher_loan(&publisher, &loan));
}

static void commit_loan(void)
{
	atomic_store(&control->status, takt_publish_loan(&publisher, &loan, NULL));
}

static void abandon_loan(void)
{
	takt_publisher_abandon(&publisher, &loan);
}

static void read_next(void)
{
	atomic_store(&control->status, takt_read_next(&subscriber, &message, NULL));
}

static void read_latest(void)
{
	atomic_store(&control->status, takt_read_latest(&subscriber, &message, NULL));
}

static void borrow_next(void)
{
	atomic_store(&control->status, takt_borrow_next(&subscriber, &borrow, NULL));
}

static void return_borrow(void)
{
	takt_return(&subscriber, &borrow);
}

/* Arms, looks, sleeps and disarms: at full speed it sleeps 200 us, stepped it finds its time up. */
static void wait_for_news(void)
{
	const uint64_t deadline_ns = takt_os_clock_now_ns() + 200 * TAKT_NS_PER_US;

	atomic_store(&control->status, takt_wait_until(&waiter, deadline_ns));
}

static void lock_and_unlock(void)
{
	int taken_over;

	atomic_store(&control->status,
		     takt_lock_take_until(&publisher.lock, takt_os_clock_now_ns() + LOCK_BOUND_NS, &taken_over));
	takt_lock_give(&publisher.lock);
}

static void detach_publisher(void)
{
	takt_publisher_detach(&publisher);
}

static void detach_subscriber(void)
{
	takt_subscriber_detach(&subscriber);
}

/* ------------------------------------------------------------------------------------------------------- recovery */

static void attach_and_publish(void)
{
	need(takt_publisher_attach(&publisher, &node, topic_name(now.topic), message_type), "follow");
	/* SOLO: the predecessor's number may have been used, so the number is looked up, as a publisher would not. */
	message = message_of(next_seed(now.topic, takt_ring_newest(&publisher.ring) + 1));
	need(takt_publish(&publisher, &message, NULL), "publish behind the dead one");
}

static void attach_and_borrow(void)
{
	const struct takt_subscriber_options options = {.history = STAGE_DEPTH - 2,
							.borrows = STAGE_BORROWS - now.reads.pin_count};

	need(takt_subscriber_attach(&subscriber, &node, topic_name(now.topic), message_type, &options), "follow");
	need(takt_borrow_next(&subscriber, &borrow, NULL), "borrow behind the dead one");
}

/* What comes before is the attaching that domain_scenarios kill; from here on the dead one's leavings are touched. */
static const struct operation follow_solo = {join_victim, attach_and_publish, (void (*)(void))takt_pool_rebuild};
static const struct operation follow_pair = {join_victim, attach_and_publish, (void (*)(void))takt_lock_take_until};
static const struct operation follow_borrower = {join_victim, attach_and_borrow, (void (*)(void))takt_domain_ask};

/* ---------------------------------------------------------------------------------------------------------- check */

static void check_one_more(int is_done)
{
	if (is_done && atomic_load(&control->status) != TAKT_OK)
		bad("the operation itself failed: %s", takt_status_name(atomic_load(&control->status)));
	check_topic(is_done ? 1 : 0, 1);
}

static void check_no_more(int is_done)
{
	if (is_done && atomic_load(&control->status) != TAKT_OK)
		bad("the operation itself failed: %s", takt_status_name(atomic_load(&control->status)));
	check_topic(0, 0);
}

static void check_up_to_two(int is_done)
{
	check_topic(is_done ? 1 : 0, 2);
}

static void check_nothing_added(int is_done)
{
	(void)is_done;
	check_topic(0, 0);
}

/* ------------------------------------------------------------------------------------------ somebody sleeps meanwhile */

static pid_t sleeper;

static void set_up_sleeper(void)
{
	static struct takt_node joins_once;

	stage_set_up(SOLO, LAPPED);
	/* So that the names of its objects are the stage's. */
	need(takt_node_join(&joins_once, "kill", "sleeper"), "be the sleeper");
	takt_node_leave(&joins_once);
	stage_keep();
}

static void sleep_until_news(void)
{
	need(takt_node_join(&node, "kill", "sleeper"), "join as the sleeper");
	need(takt_subscriber_attach(&subscriber, &node, "solo", message_type, NULL), "attach as the sleeper");
	need(takt_waiter_init(&waiter, &node, 0), "sleep");
	need(takt_waiter_add(&waiter, &subscriber), "sleep");
	while (takt_read_next(&subscriber, &message, NULL) == TAKT_OK)
		;
	atomic_store(&control->sleeper_state, 1);
	atomic_store(&control->sleeper_status, takt_wait_until(&waiter, takt_os_clock_now_ns() + SLEEP_MAX_NS));
	atomic_store(&control->sleeper_end_ns, takt_os_clock_now_ns());
	atomic_store(&control->sleeper_state, 2);
	_exit(0);
}

static void start_sleeper(void)
{
	struct takt_mask_shm *mask = takt_domain_mask(&now.reader.domain, SOLO);

	atomic_store(&control->sleeper_state, 0);
	sleeper = fork();
	if (sleeper == 0)
		sleep_until_news();
	/* On the one CPU that all share: yielding lets it run until it sleeps. */
	while (atomic_load(&control->sleeper_state) == 0 || atomic_load(&mask->waiting) == 0)
		(void)sched_yield();
}

/* It wakes within a slice of the sample: the dead one's if there is one, else of the next publisher's. */
static void await_sleeper(uint64_t news_ns)
{
	while (atomic_load(&control->sleeper_state) != 2 && takt_os_clock_now_ns() < news_ns + 2 * SLEEP_MAX_NS)
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + 100 * TAKT_NS_PER_US);
	if (atomic_load(&control->sleeper_state) != 2)
		bad("the sleeper never woke");
	else if (atomic_load(&control->sleeper_status) != TAKT_OK)
		bad("the sleeper missed the sample: %s", takt_status_name(atomic_load(&control->sleeper_status)));
	else if (atomic_load(&control->sleeper_end_ns) > news_ns + STAGE_SLICE_NS + STAGE_ALLOWANCE_NS)
		bad("the sleeper woke %llu ms late",
		    (unsigned long long)((atomic_load(&control->sleeper_end_ns) - news_ns) / TAKT_NS_PER_MS));
	(void)kill(sleeper, SIGKILL);
	(void)waitpid(sleeper, NULL, 0);
}

static void check_sleeper(int is_done)
{
	const uint64_t died_ns = takt_os_clock_now_ns();
	const int has_news = takt_ring_newest(&now.reads.ring) > now.published;

	if (has_news)
		await_sleeper(died_ns);
	check_topic(is_done ? 1 : 0, 1);
	if (!has_news)
		await_sleeper(takt_os_clock_now_ns());
}

/* ---------------------------------------------------------------------------------------------------------- table */

#define TEAR_DOWN		  .tear_down = stage_tear_down
#define PLAIN(prepared, operated) .operation = {.prepare = prepared, .operate = operated}
#define FOLLOWED(by, checked)	  .recovery = &by, .check_recovery = checked

const struct scenario topic_scenarios[] = {
	{"publish, fresh ring", set_up_solo_fresh, NULL, PLAIN(prepare_publisher, publish), check_one_more, TEAR_DOWN},
	{"publish, lapped ring", set_up_solo, NULL, PLAIN(prepare_publisher, publish), check_one_more, TEAR_DOWN,
	 FOLLOWED(follow_solo, check_up_to_two)},
	{"publish to a sleeper", set_up_sleeper, start_sleeper, PLAIN(prepare_publisher, publish), check_sleeper,
	 TEAR_DOWN},
	{"publish, two publishers", set_up_pair, NULL, PLAIN(prepare_publisher, publish), check_one_more, TEAR_DOWN,
	 FOLLOWED(follow_pair, check_up_to_two)},
	{"loan", set_up_solo, NULL, PLAIN(prepare_publisher, take_loan), check_no_more, TEAR_DOWN},
	{"commit", set_up_solo, NULL, PLAIN(prepare_loan, commit_loan), check_one_more, TEAR_DOWN,
	 FOLLOWED(follow_solo, check_up_to_two)},
	{"abandon", set_up_solo, NULL, PLAIN(prepare_loan, abandon_loan), check_nothing_added, TEAR_DOWN},
	{"loan, two publishers", set_up_pair, NULL, PLAIN(prepare_publisher, take_loan), check_no_more, TEAR_DOWN},
	{"commit, two publishers", set_up_pair, NULL, PLAIN(prepare_loan, commit_loan), check_one_more, TEAR_DOWN,
	 FOLLOWED(follow_pair, check_up_to_two)},
	{"read next", set_up_solo, NULL, PLAIN(prepare_subscriber, read_next), check_no_more, TEAR_DOWN},
	{"read latest", set_up_solo, NULL, PLAIN(prepare_subscriber, read_latest), check_no_more, TEAR_DOWN},
	{"borrow", set_up_solo, NULL, PLAIN(prepare_subscriber, borrow_next), check_no_more, TEAR_DOWN,
	 FOLLOWED(follow_borrower, check_nothing_added)},
	{"return", set_up_solo, NULL, PLAIN(prepare_borrow, return_borrow), check_nothing_added, TEAR_DOWN},
	{"wait", set_up_solo, NULL, PLAIN(prepare_waiter, wait_for_news), check_nothing_added, TEAR_DOWN},
	{"lock and unlock", set_up_pair, NULL, PLAIN(prepare_publisher, lock_and_unlock), check_no_more, TEAR_DOWN,
	 FOLLOWED(follow_pair, check_up_to_two)},
	{"detach a publisher", set_up_solo, NULL, PLAIN(prepare_publisher, detach_publisher), check_nothing_added,
	 TEAR_DOWN, PACE_STRIDES},
	{"detach one of two publishers", set_up_pair, NULL, PLAIN(prepare_publisher, detach_publisher),
	 check_nothing_added, TEAR_DOWN, PACE_STRIDES},
	{"detach a subscriber", set_up_solo, NULL, PLAIN(prepare_borrow, detach_subscriber), check_nothing_added,
	 TEAR_DOWN, PACE_STRIDES},
};
const uint32_t topic_scenario_count = sizeof(topic_scenarios) / sizeof(topic_scenarios[0]);
