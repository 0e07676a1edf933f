/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on topics that exist: publish, loan, commit, read, borrow, return, wait, lock. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/layout.h"
#include "core/pool.h"
#include "core/protocol/ring.h"
#include "core/publish_right.h"
#include "platform/clock.h"
#include "tests/kill/check.h"
#include "tests/kill/scenario.h"
#include "tests/kill/stage.h"

#define FRESH	      1u
#define LAPPED	      (STAGE_DEPTH + 3)
#define SPIN_NS	      (20 * TAKT_NS_PER_US)
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

static void set_up_solo_borrowed(void)
{
	stage_set_up(SOLO, LAPPED);
	stage_age_borrow();
}

static void set_up_pair_borrowed(void)
{
	stage_set_up(PAIR, LAPPED);
	stage_age_borrow();
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

/* The only publisher has lent its slot and published another one meanwhile. */
static void prepare_older_loan(void)
{
	prepare_loan();
	need(takt_publish(&publisher, &message, NULL), "publish while a loan is out");
	message = message_of(victims_seed(now.published + 2, 1));
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

/* It polls before it sleeps. */
static void prepare_spinner(void)
{
	prepare_waiter();
	takt_waiter_spin_set(&waiter, SPIN_NS);
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

static void borrow_latest(void)
{
	atomic_store(&control->status, takt_borrow_latest(&subscriber, &borrow, NULL));
}

static void return_borrow(void)
{
	atomic_store(&control->status, takt_return(&subscriber, &borrow));
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

static void try_and_unlock(void)
{
	const int is_taken = takt_lock_try_take(&publisher.lock);

	atomic_store(&control->status, is_taken ? TAKT_OK : TAKT_BUSY);
	if (is_taken)
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
	message = message_of(victims_seed(takt_ring_newest(&publisher.ring) + 1, 2));
	need(takt_publish(&publisher, &message, NULL), "publish behind the dead one");
	atomic_store(&control->status, TAKT_OK);
}

static void attach_and_borrow(void)
{
	const struct takt_subscriber_options options = {.history = STAGE_DEPTH - 2,
							.borrows = STAGE_BORROWS - now.reads.pin_count};

	need(takt_subscriber_attach(&subscriber, &node, topic_name(now.topic), message_type, &options), "follow");
	need(takt_borrow_next(&subscriber, &borrow, NULL), "borrow behind the dead one");
}

/* What comes before is the attaching that domain_scenarios kill; from here on the dead one's leavings are touched. */
#define FOLLOW_SOLO                                                                                                    \
	{                                                                                                              \
		join_victim, attach_and_publish, (void (*)(void))takt_pool_rebuild                                     \
	}
#define FOLLOW_PAIR                                                                                                    \
	{                                                                                                              \
		join_victim, attach_and_publish, (void (*)(void))takt_publisher_lock                                   \
	}
static const struct operation follow_solo = FOLLOW_SOLO;
static const struct operation follow_pair = FOLLOW_PAIR;
static const struct operation follow_borrower = {join_victim, attach_and_borrow, (void (*)(void))takt_domain_ask};

/* The predecessor died in the worst place: its sample has a cell, and no head tells of it. */
static int cell_is_ahead_of_head(void)
{
	return takt_ring_newest(&now.reads.ring) > now.published;
}

static void set_up_dead(enum stage_topic topic)
{
	const struct operation operation = {prepare_publisher, publish, NULL};

	stage_set_up(topic, LAPPED);
	/* So that the samples of three lives are not too many for a reader that reads none of them meanwhile. */
	while (takt_read_next(&now.reads, &message, NULL) == TAKT_OK)
		;
	victim_start(&operation);
	victim_run_until(cell_is_ahead_of_head);
	victim_kill();
	now.published++;
	stage_keep();
}

static void set_up_dead_solo(void)
{
	set_up_dead(SOLO);
}

static void set_up_dead_pair(void)
{
	set_up_dead(PAIR);
}

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

static void check_one_more_after_one(int is_done)
{
	check_topic(is_done ? 2 : 1, 2);
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

/* ---------------------------------------------------------------------------------------------------------- table */

#define TEAR_DOWN		  .tear_down = stage_tear_down
#define PLAIN(prepared, operated) .operation = {.prepare = prepared, .operate = operated}
#define FOLLOWED(by, checked)	  .recovery = &by, .check_recovery = checked

const struct scenario topic_scenarios[] = {
	{"publish, fresh ring", set_up_solo_fresh, NULL, PLAIN(prepare_publisher, publish), check_one_more, TEAR_DOWN},
	{"publish, lapped ring", set_up_solo, NULL, PLAIN(prepare_publisher, publish), check_one_more, TEAR_DOWN,
	 FOLLOWED(follow_solo, check_up_to_two)},
	{"publish, two publishers", set_up_pair, NULL, PLAIN(prepare_publisher, publish), check_one_more, TEAR_DOWN,
	 FOLLOWED(follow_pair, check_up_to_two)},
	{"publish over a borrow", set_up_solo_borrowed, NULL, PLAIN(prepare_publisher, publish), check_one_more,
	 TEAR_DOWN, FOLLOWED(follow_solo, check_up_to_two), .recovery_is_long = 1},
	{"publish over a borrow, pair", set_up_pair_borrowed, NULL, PLAIN(prepare_publisher, publish), check_one_more,
	 TEAR_DOWN, FOLLOWED(follow_pair, check_up_to_two), .recovery_is_long = 1},
	{"loan", set_up_solo, NULL, PLAIN(prepare_publisher, take_loan), check_no_more, TEAR_DOWN},
	{"commit", set_up_solo, NULL, PLAIN(prepare_loan, commit_loan), check_one_more, TEAR_DOWN,
	 FOLLOWED(follow_solo, check_up_to_two)},
	{"publish, a loan is out", set_up_solo, NULL, PLAIN(prepare_loan, publish), check_one_more, TEAR_DOWN,
	 FOLLOWED(follow_solo, check_up_to_two), .recovery_is_long = 1},
	{"commit behind a publish", set_up_solo, NULL, PLAIN(prepare_older_loan, commit_loan), check_one_more_after_one,
	 TEAR_DOWN},
	{"abandon", set_up_solo, NULL, PLAIN(prepare_loan, abandon_loan), check_nothing_added, TEAR_DOWN},
	{"abandon, two publishers", set_up_pair, NULL, PLAIN(prepare_loan, abandon_loan), check_nothing_added,
	 TEAR_DOWN},
	{"loan, two publishers", set_up_pair, NULL, PLAIN(prepare_publisher, take_loan), check_no_more, TEAR_DOWN},
	{"commit, two publishers", set_up_pair, NULL, PLAIN(prepare_loan, commit_loan), check_one_more, TEAR_DOWN,
	 FOLLOWED(follow_pair, check_up_to_two)},
	{"read next", set_up_solo, NULL, PLAIN(prepare_subscriber, read_next), check_no_more, TEAR_DOWN},
	{"read latest", set_up_solo, NULL, PLAIN(prepare_subscriber, read_latest), check_no_more, TEAR_DOWN},
	{"borrow", set_up_solo, NULL, PLAIN(prepare_subscriber, borrow_next), check_no_more, TEAR_DOWN,
	 FOLLOWED(follow_borrower, check_nothing_added)},
	{"borrow latest", set_up_solo, NULL, PLAIN(prepare_subscriber, borrow_latest), check_no_more, TEAR_DOWN},
	{"return", set_up_solo, NULL, PLAIN(prepare_borrow, return_borrow), check_nothing_added, TEAR_DOWN},
	{"wait", set_up_solo, NULL, PLAIN(prepare_waiter, wait_for_news), check_nothing_added, TEAR_DOWN},
	{"wait, polling first", set_up_solo, NULL, PLAIN(prepare_spinner, wait_for_news), check_nothing_added,
	 TEAR_DOWN},
	/* The states that these leave differ from those of a publish in the sample only. */
	{"try the lock", set_up_pair, NULL, PLAIN(prepare_publisher, try_and_unlock), check_no_more, TEAR_DOWN,
	 FOLLOWED(follow_pair, check_up_to_two), .recovery_is_long = 1},
	{"lock and unlock", set_up_pair, NULL, PLAIN(prepare_publisher, lock_and_unlock), check_no_more, TEAR_DOWN,
	 FOLLOWED(follow_pair, check_up_to_two), .recovery_is_long = 1},
	{"take over, one publisher", set_up_dead_solo, NULL, .operation = FOLLOW_SOLO, .check = check_one_more,
	 TEAR_DOWN, FOLLOWED(follow_solo, check_up_to_two), .recovery_is_long = 1},
	{"take over, two publishers", set_up_dead_pair, NULL, .operation = FOLLOW_PAIR, .check = check_one_more,
	 TEAR_DOWN, FOLLOWED(follow_pair, check_up_to_two), .recovery_is_long = 1},
	{"detach a publisher", set_up_solo, NULL, PLAIN(prepare_publisher, detach_publisher), check_nothing_added,
	 TEAR_DOWN},
	{"detach one of two publishers", set_up_pair, NULL, PLAIN(prepare_publisher, detach_publisher),
	 check_nothing_added, TEAR_DOWN},
	{"detach a subscriber", set_up_solo, NULL, PLAIN(prepare_borrow, detach_subscriber), check_nothing_added,
	 TEAR_DOWN},
};
const uint32_t topic_scenario_count = sizeof(topic_scenarios) / sizeof(topic_scenarios[0]);
