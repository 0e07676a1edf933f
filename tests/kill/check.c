/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kill/check.h"

#include <string.h>

#include "core/layout.h"
#include "core/protocol/ring.h"
#include "core/protocol/lock.h"
#include "platform/clock.h"
#include "tests/kill/stage.h"
#include "tests/kill/world.h"

#define SLOT_COUNT_MAX 64u

static struct takt_node successor;
static struct takt_publisher follows;
static struct takt_subscriber successor_reads;

/* ------------------------------------------------------------------------------------------------------ reading */

static void check_account(const struct takt_subscriber *subscriber)
{
	if (subscriber->got + subscriber->lost + subscriber->skipped != subscriber->next - subscriber->start)
		bad("got %llu + lost %llu + skipped %llu is not next %llu - start %llu",
		    (unsigned long long)subscriber->got, (unsigned long long)subscriber->lost,
		    (unsigned long long)subscriber->skipped, (unsigned long long)subscriber->next,
		    (unsigned long long)subscriber->start);
}

static void check_sample(const struct message *message, uint64_t number)
{
	if (!message_is_whole(message))
		bad("sample %llu is torn", (unsigned long long)number);
	if (now.topic == SOLO && message->seed != number)
		bad("sample %llu holds the payload of %llu", (unsigned long long)number,
		    (unsigned long long)message->seed);
	if (number >= STAGE_NUMBER_MAX) {
		bad("a number that nobody used: %llu", (unsigned long long)number);
		return;
	}
	if (now.seeds[number] != 0 && now.seeds[number] != message->seed)
		bad("number %llu was used twice", (unsigned long long)number);
	now.seeds[number] = message->seed;
}

/* Reads to the end. @retval the newest number read so far */
static uint64_t read_all(void)
{
	struct message message;
	struct takt_sample_info info;
	enum takt_status status;

	while ((status = takt_read_next(&now.reads, &message, &info)) == TAKT_OK) {
		check_account(&now.reads);
		check_sample(&message, info.number);
		if (info.lost != 0)
			bad("%llu samples lost before %llu", (unsigned long long)info.lost,
			    (unsigned long long)info.number);
	}
	if (status != TAKT_EMPTY)
		bad("reading ended with %s", takt_status_name(status));
	check_account(&now.reads);
	return now.reads.next - 1;
}

static void check_latest(uint64_t newest)
{
	/* A copy of the handle: looking at the newest must not move the reader's place. */
	struct takt_subscriber looks = now.reads;
	struct message message;
	struct takt_sample_info info;
	const enum takt_status status = takt_read_latest(&looks, &message, &info);

	if (newest == 0 && status == TAKT_EMPTY)
		return;
	if (status != TAKT_OK) {
		bad("the newest sample cannot be read: %s", takt_status_name(status));
		return;
	}
	if (info.number != newest)
		bad("the newest sample is %llu and %llu was read", (unsigned long long)info.number,
		    (unsigned long long)newest);
	check_sample(&message, info.number);
	check_account(&looks);
}

static void check_held(void)
{
	if (now.held.payload == NULL)
		return;
	const struct message *message = now.held.payload;
	if (!message_is_whole(message) || message->seed != now.held_seed)
		bad("a borrowed sample was overwritten");
}

/* ----------------------------------------------------------------------------------------------------- capacity */

/* Every slot has exactly one name: one cell or one spare. The only publisher keeps to itself which slot its next sample fills. */
static void check_names(enum stage_topic topic)
{
	uint32_t names[SLOT_COUNT_MAX] = {0};
	const struct takt_topic_shm *shared = world_object(topic == SOLO ? "topic.solo" : "topic.pair");
	const unsigned char *base = (const unsigned char *)shared;
	const _Atomic uint64_t *cells = (const void *)(base + shared->cells_offset);
	const struct takt_spare_shm *spares = (const void *)(base + shared->spares_offset);

	for (uint32_t i = 0; i < shared->depth; i++)
		names[atomic_load(&cells[i]) & TAKT_CELL_SLOT_MASK & (SLOT_COUNT_MAX - 1)]++;
	for (uint32_t i = 0; i < shared->spare_count; i++)
		names[(i == follows.spare_index ? follows.slot_index : atomic_load(&spares[i].slot_index)) &
		      (SLOT_COUNT_MAX - 1)]++;
	for (uint32_t i = 0; i < shared->slot_count; i++)
		if (names[i] != 1)
			bad("slot %u has %u names", i, names[i]);
	if (topic == PAIR && atomic_load(&shared->lock.owner) != 0)
		bad("the lock is held by %#llx", (unsigned long long)atomic_load(&shared->lock.owner));
}

static void check_loans(struct takt_publisher *publisher)
{
	struct takt_loan loans[STAGE_LOANS] = {{0}}, over = {0};

	for (uint32_t i = 0; i < STAGE_LOANS; i++)
		if (takt_publisher_loan(publisher, &loans[i]) != TAKT_OK)
			bad("loan %u of %u is gone", i + 1, STAGE_LOANS);
	if (takt_publisher_loan(publisher, &over) != TAKT_FULL)
		bad("there is a loan too many");
	for (uint32_t i = 0; i < STAGE_LOANS; i++)
		if (loans[i].payload)
			takt_publisher_abandon(publisher, &loans[i]);
}

static void check_borrows(void)
{
	const uint32_t wanted = STAGE_BORROWS - now.reads.pin_count;
	const struct takt_subscriber_options options = {.borrows = wanted};
	struct takt_borrow borrows[STAGE_BORROWS] = {{0}};
	struct takt_sample_info info;
	enum takt_status status =
		takt_subscriber_attach(&successor_reads, &successor, topic_name(now.topic), message_type, &options);

	if (status != TAKT_OK) {
		bad("the dead subscriber's borrows are not free: %s", takt_status_name(status));
		return;
	}
	for (uint32_t i = 0; i < wanted; i++) {
		if (takt_borrow_latest(&successor_reads, &borrows[i], &info) != TAKT_OK)
			bad("borrow %u of %u is gone", i + 1, wanted);
		else
			check_sample(borrows[i].payload, info.number);
	}
	for (uint32_t i = 0; i < wanted; i++)
		if (borrows[i].payload && takt_return(&successor_reads, &borrows[i]) != TAKT_OK)
			bad("borrow %u was not kept", i + 1);
	takt_subscriber_detach(&successor_reads);
}

/* ----------------------------------------------------------------------------------------------------- going on */

/* With news there nobody sleeps; one who did would be up after a slice. */
static void wait_for(uint64_t expected)
{
	const uint64_t began_ns = takt_os_clock_now_ns();

	if (takt_wait_until(&now.waiter, began_ns + STAGE_LOCK_NS) != TAKT_OK)
		bad("a waiter does not see sample %llu", (unsigned long long)expected);
	const uint64_t took_ns = takt_os_clock_now_ns() - began_ns;
	if (took_ns > STAGE_SLICE_NS + STAGE_ALLOWANCE_NS)
		bad("a waiter with news slept %llu us", (unsigned long long)(took_ns / TAKT_NS_PER_US));
}

static void publish_one(struct takt_publisher *publisher, uint64_t expected)
{
	const struct message message = message_of(next_seed(now.topic, expected));
	const uint64_t began_ns = takt_os_clock_now_ns();
	const enum takt_status status = takt_publish(publisher, &message, NULL);
	const uint64_t took_ns = takt_os_clock_now_ns() - began_ns;

	if (status != TAKT_OK)
		bad("publishing failed: %s", takt_status_name(status));
	if (took_ns > TAKT_LOCK_SLICE_NS + STAGE_LOCK_NS + STAGE_ALLOWANCE_NS)
		bad("publishing took %llu us", (unsigned long long)(took_ns / TAKT_NS_PER_US));
	wait_for(expected);
	const uint64_t newest = read_all();
	if (newest != expected)
		bad("the newest number is %llu, expected %llu", (unsigned long long)newest,
		    (unsigned long long)expected);
}

/* The next process of the victim's name, which is also its topic's next publisher. */
static int succeed(uint64_t newest)
{
	const uint64_t began_ns = takt_os_clock_now_ns();
	enum takt_status status = takt_node_join(&successor, "kill", "victim");

	if (status != TAKT_OK) {
		bad("a new node of the victim's name cannot join: %s", takt_status_name(status));
		return 0;
	}
	status = takt_publisher_attach(&follows, &successor, topic_name(now.topic), message_type);
	if (status != TAKT_OK) {
		bad("a new publisher cannot follow: %s", takt_status_name(status));
		takt_node_leave(&successor);
		return 0;
	}
	publish_one(&follows, newest + 1);
	note_recovery(began_ns);
	return 1;
}

void check_topic(uint64_t added_min, uint64_t added_max)
{
	uint64_t newest = read_all();

	check_latest(newest);
	check_held();
	if (newest < now.published + added_min || newest > now.published + added_max)
		bad("%llu samples are there; %llu were, and the victim made %llu to %llu", (unsigned long long)newest,
		    (unsigned long long)now.published, (unsigned long long)added_min, (unsigned long long)added_max);
	/* The one who lives goes on first: the dead one's lock is its to take over. */
	if (now.publishes.node) {
		const uint64_t began_ns = takt_os_clock_now_ns();
		publish_one(&now.publishes, ++newest);
		note_recovery(began_ns);
	}
	if (!succeed(newest))
		return;
	newest++;
	check_loans(&follows);
	for (uint32_t i = 0; i < 2 * STAGE_DEPTH + 1; i++)
		publish_one(now.publishes.node && i % 2 ? &now.publishes : &follows, ++newest);
	check_held();
	if (now.held.payload && takt_return(&now.reads, &now.held) != TAKT_OK)
		bad("a survivor's borrow was not kept");
	check_borrows();
	publish_one(&follows, ++newest);
	check_names(now.topic);
	takt_publisher_detach(&follows);
	takt_node_leave(&successor);
	if (!world_has_same_names(&stage_world))
		bad("the domain's folder has other names than before");
}

/* ------------------------------------------------------------------------------------------------- whole domains */

static void use_topic(enum stage_topic topic)
{
	now.topic = topic;
	now.publishes = (struct takt_publisher){0};
	memset(now.seeds, 0, sizeof(now.seeds));
	enum takt_status status = takt_publisher_attach(&follows, &successor, topic_name(topic), message_type);
	if (status == TAKT_OK)
		status = takt_subscriber_attach(&now.reads, &now.reader, topic_name(topic), message_type,
						&(struct takt_subscriber_options){.history = STAGE_DEPTH - 2});
	if (status == TAKT_OK)
		status = takt_waiter_init(&now.waiter, &now.reader, 0);
	if (status == TAKT_OK)
		status = takt_waiter_add(&now.waiter, &now.reads);
	if (status != TAKT_OK) {
		bad("topic %s cannot be used: %s", topic_name(topic), takt_status_name(status));
	} else {
		uint64_t newest = read_all();
		check_loans(&follows);
		for (uint32_t i = 0; i < STAGE_DEPTH + 1; i++)
			publish_one(&follows, ++newest);
		check_borrows();
		check_names(topic);
	}
	takt_subscriber_detach(&now.reads);
	takt_publisher_detach(&follows);
}

void check_domain(void)
{
	const uint64_t began_ns = takt_os_clock_now_ns();
	uint32_t created = 0;
	enum takt_status status = takt_domain_create(stage_config(), &created);

	if (status == TAKT_OK)
		status = takt_node_join(&successor, "kill", "victim");
	note_recovery(began_ns);
	if (status == TAKT_OK)
		status = takt_node_join(&now.reader, "kill", "reader");
	if (status != TAKT_OK) {
		bad("the domain cannot be used: %s", takt_status_name(status));
	} else {
		use_topic(SOLO);
		use_topic(PAIR);
	}
	takt_node_leave(&now.reader);
	takt_node_leave(&successor);
	if (stage_clean() != 0)
		bad("something was left behind the clean-up");
}
