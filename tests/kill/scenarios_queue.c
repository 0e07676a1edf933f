/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on queues that exist: push, take, acknowledge, give back, drop the oldest, find a dead consumer's items, detach. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/queue.h"
#include "core/queue_view.h"
#include "tests/kill/scenario.h"
#include "tests/kill/stage.h"

#define DEPTH	 4u
#define VICTIMS	 50u /* the seed that the victim pushes */
#define SEED_MAX 64u
#define REFILL	 20u /* what the survivors push when all is empty */

/* The victim's own. */
static struct takt_node node;
static struct takt_producer producer;
static struct takt_consumer consumer;
static struct takt_item item;

/* The survivors', attached anew behind each death. */
static struct takt_producer pushes;
static struct takt_consumer takes;
static const char *queue_name;

/* What they found: how often each seed, and how often marked. */
static uint32_t found[SEED_MAX], marked[SEED_MAX];

static void need(enum takt_status status, const char *what)
{
	if (status == TAKT_OK)
		return;
	(void)fprintf(stderr, "kill_every: %s: cannot %s: %s\n", queue_name, what, takt_status_name(status));
	_exit(1);
}

static void push_seed(struct takt_producer *by, uint64_t seed)
{
	struct message message = message_of(seed);
	need(takt_queue_push(by, &message, 0, NULL), "push");
}

/* ------------------------------------------------------------------------------------------------------- set up */

static void set_up(const char *name, uint64_t count)
{
	stage_set_up(SOLO, 1);
	queue_name = name;
	need(takt_producer_attach(&pushes, &now.other, queue_name, message_type), "attach");
	for (uint64_t seed = 1; seed <= count; seed++)
		push_seed(&pushes, seed);
	takt_producer_detach(&pushes);
	stage_keep();
}

static void set_up_two(void)
{
	set_up("jobs", 2);
}

static void set_up_full(void)
{
	set_up("newest_jobs", DEPTH);
}

static void join_victim(void)
{
	need(takt_node_join(&node, "kill", "victim"), "join");
	atomic_store(&control->token, node.token);
}

static void prepare_producer(void)
{
	join_victim();
	need(takt_producer_attach(&producer, &node, queue_name, message_type), "attach");
}

static void prepare_consumer(void)
{
	join_victim();
	need(takt_consumer_attach(&consumer, &node, queue_name, message_type), "attach");
}

static void prepare_item(void)
{
	prepare_consumer();
	need(takt_queue_take(&consumer, TAKT_BAND_ANY, NULL, &item), "take");
}

/* ------------------------------------------------------------------------------------------------------- operate */

static void push(void)
{
	struct message message = message_of(VICTIMS);
	atomic_store(&control->status, takt_queue_push(&producer, &message, 0, NULL));
}

static void take(void)
{
	struct message message;
	atomic_store(&control->status, takt_queue_take(&consumer, TAKT_BAND_ANY, &message, &item));
}

static void acknowledge(void)
{
	atomic_store(&control->status, takt_queue_acknowledge(&consumer, &item));
}

static void give_back(void)
{
	atomic_store(&control->status, takt_queue_return(&consumer, &item));
}

static void detach_consumer(void)
{
	takt_consumer_detach(&consumer);
}

static void prepare_both(void)
{
	prepare_consumer();
	need(takt_queue_take(&consumer, TAKT_BAND_ANY, NULL, &item), "take");
	need(takt_queue_take(&consumer, TAKT_BAND_ANY, NULL, &item), "take");
}

/* A consumer has died with both items in work. */
static void set_up_dead(void)
{
	const struct operation operation = {prepare_both, detach_consumer, NULL};

	set_up("jobs", 2);
	victim_start(&operation);
	victim_kill();
	stage_keep();
}

/* ---------------------------------------------------------------------------------------------------------- check */

static void note(const struct message *message, const struct takt_item *taken)
{
	if (!message_is_whole(message) || message->seed >= SEED_MAX) {
		bad("item %llu is torn or another's", (unsigned long long)taken->number);
		return;
	}
	found[message->seed]++;
	marked[message->seed] += taken->is_redelivered;
}

/* Takes and acknowledges all that is there; what comes out of it is in the order of its numbers. */
static void drain(void)
{
	enum takt_status status;
	struct message message;
	struct takt_item taken;
	uint64_t last = 0;

	while ((status = takt_queue_take(&takes, TAKT_BAND_ANY, &message, &taken)) == TAKT_OK) {
		note(&message, &taken);
		if (taken.number <= last)
			bad("item %llu comes behind %llu", (unsigned long long)taken.number, (unsigned long long)last);
		last = taken.number;
		if (takt_queue_acknowledge(&takes, &taken) != TAKT_OK)
			bad("item %llu cannot be acknowledged", (unsigned long long)taken.number);
	}
	if (status != TAKT_EMPTY)
		bad("taking fails: %s", takt_status_name(status));
}

/* No slot is lost, and no number is used twice. */
static void capacity_is_whole(void)
{
	for (uint64_t i = 0; i < DEPTH; i++) {
		struct message message = message_of(REFILL + i);
		enum takt_status status = takt_queue_push(&pushes, &message, 0, NULL);
		if (status != TAKT_OK)
			bad("push %llu into an empty queue: %s", (unsigned long long)i, takt_status_name(status));
	}
	if (takt_producer_has_room(&pushes, 0))
		bad("the queue holds more than its depth");
	drain();
	for (uint64_t i = 0; i < DEPTH; i++)
		if (found[REFILL + i] != 1)
			bad("a survivor's item was found %u times", found[REFILL + i]);
}

static void look(void)
{
	const uint64_t began_ns = takt_now_ns();

	memset(found, 0, sizeof(found));
	memset(marked, 0, sizeof(marked));
	need(takt_producer_attach(&pushes, &now.other, queue_name, message_type), "attach behind the dead one");
	need(takt_consumer_attach(&takes, &now.reader, queue_name, message_type), "attach behind the dead one");
	drain();
	note_recovery(began_ns);
	capacity_is_whole();
	takt_consumer_detach(&takes);
	takt_producer_detach(&pushes);
}

static void is_there(uint64_t seed, uint32_t min, uint32_t max)
{
	if (found[seed] < min || found[seed] > max)
		bad("item %llu was found %u times, expected %u to %u", (unsigned long long)seed, found[seed], min, max);
}

static void succeeded(int is_done)
{
	if (is_done && atomic_load(&control->status) != TAKT_OK)
		bad("the operation itself failed: %s", takt_status_name(atomic_load(&control->status)));
}

static void check_pushed(int is_done)
{
	succeeded(is_done);
	look();
	is_there(1, 1, 1);
	is_there(2, 1, 1);
	is_there(VICTIMS, is_done ? 1 : 0, 1);
}

/* What was handed out is marked; what was not may not be. */
static void check_both(uint32_t first_marked_min)
{
	look();
	is_there(1, 1, 1);
	is_there(2, 1, 1);
	if (marked[1] < first_marked_min || marked[2] != 0)
		bad("marked: the first item %u times, the second %u", marked[1], marked[2]);
}

static void check_taken(int is_done)
{
	succeeded(is_done);
	check_both(is_done ? 1 : 0);
}

static void check_given_back(int is_done)
{
	succeeded(is_done);
	check_both(1);
}

static void check_detached(int is_done)
{
	(void)is_done;
	check_both(1);
}

static void check_acknowledged(int is_done)
{
	succeeded(is_done);
	look();
	is_there(1, 0, is_done ? 0 : 1);
	is_there(2, 1, 1);
	if (marked[1] != found[1])
		bad("the first item was handed out before, and is not marked");
}

/* The oldest made room, or did not yet; what makes the room is there only where it did. */
static void check_dropped(int is_done)
{
	succeeded(is_done);
	look();
	is_there(1, 0, is_done ? 0 : 1);
	is_there(VICTIMS, is_done ? 1 : 0, 1);
	if (found[1] && found[VICTIMS])
		bad("there is one item more than fits");
	for (uint64_t seed = 2; seed <= DEPTH; seed++)
		is_there(seed, 1, 1);
}

static void check_found_dead(int is_done)
{
	succeeded(is_done);
	look();
	is_there(1, 1, 1);
	is_there(2, 1, 1);
	if (marked[1] + marked[2] != 2)
		bad("a dead one's items are not marked");
}

/* --------------------------------------------------------------------------------------------------------- table */

#define TEAR_DOWN		  .tear_down = stage_tear_down
#define PLAIN(prepared, operated) .operation = {.prepare = prepared, .operate = operated}
#define FOLLOWED(by, checked)	  .recovery = &by, .check_recovery = checked

static const struct operation follow_producer = {prepare_producer, push, NULL};
static const struct operation follow_consumer = {prepare_consumer, take, NULL};

static void check_pushed_twice(int is_done)
{
	(void)is_done;
	look();
	is_there(1, 1, 1);
	is_there(2, 1, 1);
	is_there(VICTIMS, is_done ? 1 : 0, 2);
}

static void check_taken_twice(int is_done)
{
	(void)is_done;
	look();
	is_there(1, 1, 1);
	is_there(2, 1, 1);
}

const struct scenario queue_scenarios[] = {
	{"push", set_up_two, NULL, PLAIN(prepare_producer, push), check_pushed, TEAR_DOWN,
	 FOLLOWED(follow_producer, check_pushed_twice), .pace = PACE_STRIDES, .recovery_is_long = 1},
	{"push, drop the oldest", set_up_full, NULL, PLAIN(prepare_producer, push), check_dropped, TEAR_DOWN,
	 .pace = PACE_STRIDES},
	{"take", set_up_two, NULL, PLAIN(prepare_consumer, take), check_taken, TEAR_DOWN,
	 FOLLOWED(follow_consumer, check_taken_twice), .pace = PACE_STRIDES, .recovery_is_long = 1},
	{"acknowledge", set_up_two, NULL, PLAIN(prepare_item, acknowledge), check_acknowledged, TEAR_DOWN},
	{"give back", set_up_two, NULL, PLAIN(prepare_item, give_back), check_given_back, TEAR_DOWN,
	 .pace = PACE_STRIDES},
	{"detach a consumer", set_up_two, NULL, PLAIN(prepare_item, detach_consumer), check_detached, TEAR_DOWN,
	 .pace = PACE_STRIDES},
	{"take a dead one's", set_up_dead, NULL, PLAIN(prepare_consumer, take), check_found_dead, TEAR_DOWN,
	 .pace = PACE_STRIDES},
};
const uint32_t queue_scenario_count = sizeof(queue_scenarios) / sizeof(queue_scenarios[0]);
