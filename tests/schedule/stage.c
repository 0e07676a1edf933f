/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/schedule/stage.h"

#include <stdio.h>
#include <string.h>

#include "core/protocol/ring.h"
#include "platform/clock.h"
#include "tests/schedule/scenario.h"
#include "tests/schedule/sim.h"
#include "tests/schedule/steps.h"

#define TYPE_HASH UINT64_C(0x7a6b)

struct actor actors[STAGE_NODE_COUNT];
struct takt_node nodes[STAGE_NODE_COUNT];
struct ledger ledger;

static struct stage_size size;
static struct takt_topic_constants constants;
static struct takt_config config = {.wait_slice_us = STAGE_SLICE_NS / 1000, .lock_bound_us = 1000000};
static struct takt_config_node config_node = {.waiters = 1};
static char topic_text[] = "topic";
static struct takt_config_topic config_topic = {.name = topic_text};
/* One writer each and no reader here: neither points nor part of the copies. */
static struct takt_publication_shm publications[STAGE_NODE_COUNT];
static struct takt_subscription_shm subscriptions[STAGE_NODE_COUNT];
static uint32_t topic_offset, scratch_offset;

_Static_assert(sizeof(struct actor) % 8 == 0 && sizeof(struct ledger) % 8 == 0, "kept in whole words");

struct takt_topic_shm *stage_topic(void)
{
	return (void *)(machine_arena + topic_offset);
}

struct takt_roster_shm *stage_roster(void)
{
	return (void *)machine_arena;
}

uint64_t stage_cells_offset(void)
{
	return topic_offset + constants.cells_offset;
}

uint64_t stage_spares_offset(void)
{
	return topic_offset + constants.spares_offset;
}

uint64_t stage_slots_offset(void)
{
	return topic_offset + constants.slots_offset;
}

_Atomic uint64_t *stage_scratch(uint32_t index)
{
	return (_Atomic uint64_t *)(void *)(machine_arena + scratch_offset) + index;
}

/* --------------------------------------------------------------------------------------------------------- layout */

static uint32_t place(uint32_t *used, uint32_t bytes)
{
	const uint32_t at = *used;
	*used += (bytes + TAKT_CACHE_LINE_BYTES - 1) / TAKT_CACHE_LINE_BYTES * TAKT_CACHE_LINE_BYTES;
	return at;
}

static void lay_out_roster(struct takt_domain *domain, uint32_t *used)
{
	*domain = (struct takt_domain){.name = "schedule",
				       .roster = {.address = machine_arena},
				       .node_count = 1,
				       .waiter_count = size.waiters,
				       .topic_count = 1,
				       .mask_count = 1,
				       .pin_count = size.borrows};
	(void)place(used, sizeof(struct takt_roster_shm));
	domain->nodes_offset = place(used, sizeof(struct takt_roster_node_shm));
	domain->waiters_offset = place(used, size.waiters * (uint32_t)sizeof(struct takt_roster_waiter_shm));
	domain->topics_offset = place(used, sizeof(struct takt_roster_topic_shm));
	domain->masks_offset = place(used, sizeof(struct takt_mask_shm));
	domain->pins_offset = place(used, size.borrows * (uint32_t)sizeof(struct takt_pin_shm));
}

static void lay_out_topic(uint32_t *used)
{
	const uint32_t spares = size.borrows + size.loans + size.publishers;
	topic_offset = place(used, sizeof(struct takt_topic_shm));
	constants = (struct takt_topic_constants){
		.depth = size.depth,
		.slot_count = size.depth + spares,
		.spare_count = spares,
		.payload_bytes = sizeof(struct message),
		.slot_bytes = sizeof(struct takt_slot_shm) + sizeof(struct message),
		.borrow_count = size.borrows,
		.loan_count = size.loans,
		.publisher_count_max = size.publishers,
	};
	constants.cells_offset = place(used, size.depth * (uint32_t)sizeof(uint64_t)) - topic_offset;
	constants.spares_offset = place(used, spares * (uint32_t)sizeof(struct takt_spare_shm)) - topic_offset;
	constants.slots_offset = place(used, constants.slot_count * constants.slot_bytes) - topic_offset;
	scratch_offset = place(used, TAKT_CACHE_LINE_BYTES);
}

/* As core/topic_segment.c fills a new topic. */
static void fill_topic(void)
{
	struct takt_topic_shm *topic = stage_topic();
	_Atomic uint64_t *cells = (void *)((unsigned char *)topic + constants.cells_offset);
	struct takt_spare_shm *spares = (void *)((unsigned char *)topic + constants.spares_offset);

	for (uint32_t i = 0; i < size.depth; i++)
		atomic_store_explicit(&cells[i], i, memory_order_relaxed);
	for (uint32_t i = 0; i < constants.spare_count; i++)
		atomic_store_explicit(&spares[i].slot_index, size.depth + i, memory_order_relaxed);
	atomic_store_explicit(&topic->description.type_hash, TYPE_HASH, memory_order_relaxed);
}

/* Times, origins and statistics: nobody here decides anything by them, or looks at them. */
static void ignore_words(void)
{
	struct takt_topic_shm *topic = stage_topic();

	machine_ignore(&topic->publisher_token, 2 * sizeof(uint64_t));	   /* and takeover_count */
	machine_ignore(&topic->lock.takeover_count, 3 * sizeof(uint64_t)); /* and the longest wait and hold */
	for (uint32_t i = 0; i < constants.slot_count; i++)
		machine_ignore((unsigned char *)topic + constants.slots_offset + i * constants.slot_bytes +
				       offsetof(struct takt_slot_shm, publish_ns),
			       sizeof(struct takt_slot_shm) - offsetof(struct takt_slot_shm, publish_ns));
}

void stage_begin(uint32_t party_count, const struct stage_size *wanted, void (*run)(uint32_t party))
{
	struct takt_domain domain;
	uint32_t used = 0;

	size = *wanted;
	lay_out_roster(&domain, &used);
	lay_out_topic(&used);
	machine_begin(party_count, used, run);
	memset(actors, 0, sizeof(actors));
	memset(nodes, 0, sizeof(nodes));
	ledger = (struct ledger){{0}, {0}, {0}};
	machine_keep(MACHINE_NOBODY, &ledger, sizeof(ledger));
	fill_topic();
	ignore_words();
	config.topics = &config_topic;
	config.topics_count = 1;
	for (uint32_t i = 0; i < STAGE_NODE_COUNT; i++) {
		nodes[i] = (struct takt_node){.name = "node", .domain = domain, .config = &config, .own = &config_node};
		nodes[i].token = i + 1;
		nodes[i].waiter_first = i;
		nodes[i].waiter_count = 1;
		nodes[i].domain.live.descriptor = sim_descriptor(SIM_FILE_MEMBERS, i);
		machine_act_as(i);
		if (i < party_count && takt_os_presence_hold(&nodes[i].domain.live, nodes[i].token) != TAKT_OK)
			machine_fail("a party cannot be present");
	}
}

/* -------------------------------------------------------------------------------------------------------- handles */

static void require(enum takt_status status, const char *what)
{
	if (status != TAKT_OK)
		machine_fail("%s: %s", what, takt_status_name(status));
}

/* As takt_publisher_attach makes it, without the files. */
enum takt_status stage_attach(uint32_t party)
{
	struct takt_publisher *publisher = &actors[party].publisher;
	struct takt_node *node = &nodes[party];

	*publisher = (struct takt_publisher){.token = node->token,
					     .subscriber_mask = UINT64_MAX,
					     .lock_bound_ns = config.lock_bound_us * TAKT_NS_PER_US,
					     .mask = takt_domain_mask(&node->domain, 0),
					     .statistics = &publications[party],
					     .spare_index = UINT32_MAX,
					     .loan_count_max = size.loans,
					     .is_shared = size.publishers > 1};
	publisher->segment.address = stage_topic();
	publisher->presence.descriptor = sim_descriptor(SIM_FILE_TOPIC, party);
	takt_topic_segment_ring(&publisher->ring, &publisher->segment, &constants, &node->domain, TAKT_OS_READ_WRITE);
	const enum takt_status status = steps_publisher_attach(publisher, &constants);
	if (status == TAKT_OK)
		publisher->node = node;
	return status;
}

void stage_make_subscriber(uint32_t party)
{
	struct takt_subscriber *subscriber = &actors[party].subscriber;
	struct takt_node *node = &nodes[party];

	*subscriber = (struct takt_subscriber){.node = node,
					       .mask = takt_domain_mask(&node->domain, 0),
					       .statistics = &subscriptions[party],
					       .type_hash = TYPE_HASH,
					       .type_is_checked = 1};
	subscriber->segment.address = stage_topic();
	takt_topic_segment_ring(&subscriber->ring, &subscriber->segment, &constants, &node->domain, TAKT_OS_READ_ONLY);
	/* From the first sample on, were it lost or not. */
	steps_start_choose(subscriber, STAGE_NUMBER_MAX);
}

void stage_keep_publisher(uint32_t party)
{
	machine_keep(party, &actors[party].publisher, sizeof(actors[party].publisher));
	machine_keep(party, &actors[party].loan, sizeof(actors[party].loan));
}

void stage_keep_subscriber(uint32_t party)
{
	machine_keep(party, &actors[party].subscriber, sizeof(actors[party].subscriber));
	machine_keep(party, &actors[party].borrow, sizeof(actors[party].borrow));
	stage_make_subscriber(party);
}

void stage_publisher(uint32_t party)
{
	machine_act_as(party);
	stage_keep_publisher(party);
	require(stage_attach(party), "attaching a publisher");
}

void stage_subscriber(uint32_t party, uint32_t pins)
{
	machine_act_as(party);
	stage_keep_subscriber(party);
	require(steps_pins_take(&actors[party].subscriber, pins), "taking pins");
}

void stage_waiter(uint32_t party, uint32_t index)
{
	stage_subscriber(party, 0);
	machine_keep(party, &actors[party].waiter, offsetof(struct takt_waiter, subscribers) + sizeof(void *));
	machine_keep(party, &actors[party].waiter.subscriber_count,
		     sizeof(struct takt_waiter) - offsetof(struct takt_waiter, subscriber_count));
	nodes[party].waiter_first = index;
	require(takt_waiter_init(&actors[party].waiter, &nodes[party], 0), "making a waiter");
	require(takt_waiter_add(&actors[party].waiter, &actors[party].subscriber), "adding to a waiter");
}

/* -------------------------------------------------------------------------------------------------------- samples */

static uint64_t check_word(uint64_t seed)
{
	return seed * UINT64_C(0x9e3779b97f4a7c15) ^ UINT64_C(0x5851f42d4c957f2d);
}

static void check_sample(uint64_t number, struct message message)
{
	const uint32_t party = (uint32_t)(message.seed >> 8), index = (uint32_t)(message.seed & 255u);

	if (message.check != check_word(message.seed)) {
		machine_fail("sample %llu is torn", (unsigned long long)number);
		return;
	}
	if (number == 0 || number >= STAGE_NUMBER_MAX || party >= STAGE_NODE_COUNT || index == 0 ||
	    index > ledger.begun[party]) {
		machine_fail("sample %llu holds what nobody published: %llx", (unsigned long long)number,
			     (unsigned long long)message.seed);
		return;
	}
	for (uint32_t i = 1; i < STAGE_NUMBER_MAX; i++) {
		if (ledger.seeds[i] == 0 || ledger.seeds[i] >> 8 != party)
			continue;
		if ((ledger.seeds[i] == message.seed) != (i == number) ||
		    (i < number) != (ledger.seeds[i] < message.seed && i != number))
			machine_fail("numbers %u and %llu hold %x and %llx", i, (unsigned long long)number,
				     ledger.seeds[i], (unsigned long long)message.seed);
	}
	if (ledger.seeds[number] && ledger.seeds[number] != message.seed)
		machine_fail("number %llu was used twice", (unsigned long long)number);
	ledger.seeds[number] = (uint16_t)message.seed;
}

static struct message make(uint32_t party)
{
	const uint64_t seed = (uint64_t)party << 8 | ++ledger.begun[party];
	return (struct message){seed, check_word(seed)};
}

void stage_publish(uint32_t party)
{
	const struct message message = make(party);
	const enum takt_status status = takt_publish(&actors[party].publisher, &message, NULL);

	if (status != TAKT_OK)
		machine_fail("publishing: %s", takt_status_name(status));
	ledger.completed[party]++;
}

void stage_loan(uint32_t party)
{
	const enum takt_status status = takt_publisher_loan(&actors[party].publisher, &actors[party].loan);

	if (status != TAKT_OK)
		machine_fail("a loan: %s", takt_status_name(status));
}

void stage_publish_loan(uint32_t party)
{
	struct message *in_place = actors[party].loan.payload;

	if (in_place == NULL)
		return;
	*in_place = make(party);
	const enum takt_status status = takt_publish_loan(&actors[party].publisher, &actors[party].loan, NULL);
	if (status != TAKT_OK)
		machine_fail("publishing a loan: %s", takt_status_name(status));
	ledger.completed[party]++;
}

void stage_abandon(uint32_t party)
{
	struct message *in_place = actors[party].loan.payload;

	if (in_place == NULL)
		return;
	/* Half of something that will never be a sample. */
	in_place->seed = UINT64_MAX;
	takt_publisher_abandon(&actors[party].publisher, &actors[party].loan);
}

void stage_check_account(const struct takt_subscriber *subscriber)
{
	if (subscriber->got + subscriber->lost + subscriber->skipped != subscriber->next - subscriber->start)
		machine_fail("got %llu + lost %llu + skipped %llu is not next %llu - start %llu",
			     (unsigned long long)subscriber->got, (unsigned long long)subscriber->lost,
			     (unsigned long long)subscriber->skipped, (unsigned long long)subscriber->next,
			     (unsigned long long)subscriber->start);
}

/* A read that found nothing is right if there was nothing to find, or if it was overtaken and says so. */
static int judge(uint32_t party, enum takt_status status)
{
	stage_check_account(&actors[party].subscriber);
	if (status != TAKT_OK && status != TAKT_EMPTY && status != TAKT_OVERTAKEN)
		machine_fail("reading: %s", takt_status_name(status));
	return status == TAKT_OK;
}

static int finish_read(uint32_t party, enum takt_status status, uint64_t before, const struct message *message,
		       const struct takt_sample_info *info)
{
	if (!judge(party, status))
		return 0;
	if (info->number < before && !info->is_repeated)
		machine_fail("sample %llu was read after %llu", (unsigned long long)info->number,
			     (unsigned long long)before - 1);
	check_sample(info->number, *message);
	return 1;
}

int stage_read_next(uint32_t party)
{
	struct takt_sample_info info = {0};
	struct message message = {0, 0};
	const uint64_t before = actors[party].subscriber.next;
	const enum takt_status status = takt_read_next(&actors[party].subscriber, &message, &info);

	return finish_read(party, status, before, &message, &info);
}

int stage_read_latest(uint32_t party)
{
	struct takt_sample_info info = {0};
	struct message message = {0, 0};
	const uint64_t before = actors[party].subscriber.next;
	const enum takt_status status = takt_read_latest(&actors[party].subscriber, &message, &info);

	if (status == TAKT_EMPTY && actors[party].subscriber.got)
		machine_fail("a topic from which %c has read is called empty", 'a' + (int)party);
	return finish_read(party, status, before, &message, &info);
}

int stage_borrow(uint32_t party, int latest)
{
	struct actor *actor = &actors[party];
	struct takt_sample_info info = {0};
	const uint64_t before = actor->subscriber.next;
	const enum takt_status status = latest ? takt_borrow_latest(&actor->subscriber, &actor->borrow, &info)
					       : takt_borrow_next(&actor->subscriber, &actor->borrow, &info);

	if (!judge(party, status))
		return 0;
	/* As long as it is held it stays what it is. */
	const volatile struct message *in_place = actor->borrow.payload;
	for (uint32_t i = 0; i < 2; i++) {
		const struct message message = {in_place->seed, in_place->check};
		(void)finish_read(party, status, before, &message, &info);
	}
	if (takt_return(&actor->subscriber, &actor->borrow) != TAKT_OK)
		machine_fail("%c is told that a sample changed which nobody touched", 'a' + (int)party);
	return 1;
}
