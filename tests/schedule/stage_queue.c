/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/schedule/stage_queue.h"

#include <string.h>

#include "core/config.h"
#include "core/layout.h"
#include "core/protocol/queue.h"
#include "core/queue_view.h"
#include "core/waiter.h"
#include "platform/clock.h"
#include "tests/schedule/machine.h"
#include "tests/schedule/sim.h"
#include "tests/schedule/stage.h"

#define DEPTH	  2u
#define ITEM_MAX  16u
#define TYPE_HASH UINT64_C(0x7a6b)

struct slot {
	struct takt_item_shm item;
	uint64_t words[2];
};

/* What one actor has. */
static struct {
	struct takt_producer producer;
	struct takt_consumer consumer;
	struct takt_waiter waiter;
} own[STAGE_NODE_COUNT];

/* What is known of each item, which is named by who pushed it and how many he had pushed. */
static struct {
	uint8_t push_begun[ITEM_MAX];
	uint8_t pushed[ITEM_MAX];
	uint8_t holder_plus_one[ITEM_MAX];
	uint8_t end_begun[ITEM_MAX]; /* acknowledgements */
	uint8_t ended[ITEM_MAX];
} known;

static struct takt_config config = {.wait_slice_us = STAGE_SLICE_NS / 1000, .lock_bound_us = 1000000};
static struct takt_config_node config_node = {.waiters = 1};
/* Described already, and nobody changes it: no part of the arena. */
static struct takt_queue_shm described;
static uint32_t band_offset, entries_offset, slots_offset, state_offset;
static uint32_t when_full;

static struct takt_queue_state_shm *state(void)
{
	return (void *)(machine_arena + state_offset);
}

static struct takt_band make_band(void)
{
	return (struct takt_band){.shared = machine_arena + band_offset,
				  .entries = machine_arena + entries_offset,
				  .slots = machine_arena + slots_offset,
				  .depth_mask = DEPTH - 1,
				  .slot_bytes = sizeof(struct slot),
				  .payload_bytes = 2 * sizeof(uint64_t)};
}

/* --------------------------------------------------------------------------------------------------------- layout */

static uint32_t place(uint32_t *used, uint32_t bytes)
{
	const uint32_t at = *used;
	*used += (bytes + TAKT_CACHE_LINE_BYTES - 1) / TAKT_CACHE_LINE_BYTES * TAKT_CACHE_LINE_BYTES;
	return at;
}

static uint32_t lay_out(struct takt_domain *domain, uint32_t waiter_count)
{
	uint32_t used = 0;

	*domain = (struct takt_domain){.name = "schedule",
				       .roster = {.address = machine_arena},
				       .node_count = 1,
				       .waiter_count = waiter_count,
				       .mask_count = 2};
	domain->nodes_offset = place(&used, sizeof(struct takt_roster_node_shm));
	domain->waiters_offset = place(&used, waiter_count * (uint32_t)sizeof(struct takt_roster_waiter_shm));
	domain->masks_offset = place(&used, 2 * (uint32_t)sizeof(struct takt_mask_shm));
	band_offset = place(&used, sizeof(struct takt_band_shm));
	entries_offset = place(&used, DEPTH * (uint32_t)sizeof(struct takt_entry_shm));
	slots_offset = place(&used, DEPTH * (uint32_t)sizeof(struct slot));
	/* The histogram of waiting times, which is the state's end and large, lies behind all that is copied. */
	state_offset = place(&used, offsetof(struct takt_queue_state_shm, waiting_ns));
	return used;
}

/* Times, origins and statistics: nobody here decides anything by them, or looks at them. */
static void ignore_words(uint32_t used)
{
	struct takt_lock_shm *const locks[] = {&state()->producers, &state()->consumers};
	struct takt_band_shm *band = (void *)(machine_arena + band_offset);

	for (uint32_t i = 0; i < 2; i++)
		machine_ignore(&locks[i]->takeover_count, 3 * sizeof(uint64_t));
	machine_ignore(&state()->pushed_count, offsetof(struct takt_queue_state_shm, waiting_ns) -
						       offsetof(struct takt_queue_state_shm, pushed_count));
	machine_ignore(&band->filled_count, 2 * sizeof(uint64_t));
	machine_ignore(&band->freed_count, sizeof(uint64_t));
	for (uint32_t i = 0; i < DEPTH; i++)
		machine_ignore(machine_arena + slots_offset + i * sizeof(struct slot) +
				       offsetof(struct takt_item_shm, push_ns),
			       4 * sizeof(uint64_t));
	machine_ignore(machine_arena + used, MACHINE_ARENA_BYTES - used);
}

static void begin(uint32_t party_count, uint32_t waiter_count, enum takt_when_full policy, void (*run)(uint32_t party))
{
	struct takt_domain domain;
	const uint32_t used = lay_out(&domain, waiter_count ? waiter_count : 1);

	when_full = (uint32_t)policy;
	machine_begin(party_count, used, run);
	memset(own, 0, sizeof(own));
	memset(actors, 0, sizeof(actors));
	memset(nodes, 0, sizeof(nodes));
	memset(&known, 0, sizeof(known));
	machine_keep(MACHINE_NOBODY, &known, sizeof(known));
	for (uint32_t i = 0; i < DEPTH; i++)
		atomic_store_explicit(&((struct takt_entry_shm *)(void *)(machine_arena + entries_offset))[i].sequence,
				      i, memory_order_relaxed);
	atomic_store_explicit(&described.description.type_hash, TYPE_HASH, memory_order_relaxed);
	ignore_words(used);
	for (uint32_t i = 0; i < STAGE_NODE_COUNT; i++) {
		nodes[i] = (struct takt_node){.name = "node", .domain = domain, .config = &config, .own = &config_node};
		nodes[i].token = i + 1;
		nodes[i].waiter_first = i < waiter_count ? i : 0;
		nodes[i].waiter_count = 1;
	}
}

/* As takt_queue_attach makes it, without the files. */
static void attach(struct takt_queue *queue, uint32_t party)
{
	*queue = (struct takt_queue){.node = &nodes[party],
				     .domain = &nodes[party].domain,
				     .state = state(),
				     .masks = takt_domain_mask(&nodes[party].domain, 0),
				     .producer_mask = UINT64_MAX,
				     .consumer_mask = UINT64_MAX,
				     .token = nodes[party].token,
				     .lock_bound_ns = config.lock_bound_us * TAKT_NS_PER_US,
				     .type_hash = TYPE_HASH,
				     .band_count = 1,
				     .when_full = when_full};
	queue->items_segment.address = &described;
	queue->state_segment.address = state();
	queue->presence.descriptor = sim_descriptor(SIM_FILE_TOPIC, party);
	queue->bands[0] = make_band();
	machine_act_as(party);
	if (takt_os_presence_hold(&queue->presence, queue->token) != TAKT_OK)
		machine_fail("a token that is taken");
	takt_lock_init(&queue->producers, &state()->producers, &queue->presence, queue->token);
	takt_lock_init(&queue->consumers, &state()->consumers, &queue->presence, queue->token);
}

static void producer(uint32_t party)
{
	machine_keep(party, &own[party].producer, sizeof(own[party].producer));
	attach(&own[party].producer.queue, party);
}

static void consumer(uint32_t party)
{
	machine_keep(party, &own[party].consumer, sizeof(own[party].consumer));
	attach(&own[party].consumer.queue, party);
}

static void waiter(uint32_t party, struct takt_queue *queue)
{
	machine_keep(party, &own[party].waiter, sizeof(own[party].waiter));
	machine_act_as(party);
	if (takt_waiter_init(&own[party].waiter, &nodes[party], 0) != TAKT_OK)
		machine_fail("making a waiter");
	queue->waiter = &own[party].waiter;
}

/* --------------------------------------------------------------------------------------------------------- items */

/* @param until 1: waits for room @retval 1 it was pushed */
static int push(uint32_t party, uint32_t index, int until)
{
	struct takt_producer *queue = &own[party].producer;
	const uint32_t name = party * 4 + index;
	const uint64_t words[2] = {name, ~(uint64_t)name};

	known.push_begun[name] = 1;
	const enum takt_status status =
		until ? takt_queue_push_until(queue, words, 0, NULL, machine.now_ns + STAGE_SLICE_NS)
		      : takt_queue_push(queue, words, 0, NULL);
	if (status == TAKT_OK)
		known.pushed[name] = 1;
	else if (status == TAKT_FULL || (until && status == TAKT_TIMEOUT))
		known.push_begun[name] = 0;
	else
		machine_fail("pushing: %s", takt_status_name(status));
	return status == TAKT_OK;
}

static void check_taken(uint32_t party, const uint64_t words[2])
{
	const uint32_t name = (uint32_t)words[0];

	if (words[1] != ~words[0] || name >= ITEM_MAX || !known.push_begun[name]) {
		machine_fail("an item that nobody pushed: %llx", (unsigned long long)words[0]);
		return;
	}
	if (known.ended[name])
		machine_fail("%c takes item %u, which was acknowledged", 'a' + (int)party, name);
	const uint32_t holder = known.holder_plus_one[name];
	if (holder && holder - 1 < machine.party_count && machine.parties[holder - 1].state != PARTY_DEAD)
		machine_fail("%c takes item %u, on which %c works", 'a' + (int)party, name, 'a' + (int)holder - 1);
	known.holder_plus_one[name] = (uint8_t)(party + 1);
}

static void acknowledge(uint32_t party, const struct takt_item *item, uint32_t name)
{
	known.end_begun[name]++;
	const enum takt_status status = takt_queue_acknowledge(&own[party].consumer, item);
	if (status != TAKT_OK)
		machine_fail("acknowledging: %s", takt_status_name(status));
	known.holder_plus_one[name] = 0;
	known.ended[name]++;
}

static void give_back(uint32_t party, const struct takt_item *item, uint32_t name)
{
	known.holder_plus_one[name] = 0;
	const enum takt_status status = takt_queue_return(&own[party].consumer, item);
	if (status != TAKT_OK)
		machine_fail("giving back: %s", takt_status_name(status));
}

/* Takes one and acknowledges it, or gives it back. @retval 1 there was one */
static int take(uint32_t party, int until, int gives_back)
{
	struct takt_consumer *queue = &own[party].consumer;
	struct takt_item item;
	uint64_t words[2] = {0, 0};
	const enum takt_status status =
		until ? takt_queue_take_until(queue, TAKT_BAND_ANY, words, &item, machine.now_ns + STAGE_SLICE_NS)
		      : takt_queue_take(queue, TAKT_BAND_ANY, words, &item);

	if (status == TAKT_EMPTY || (until && status == TAKT_TIMEOUT))
		return 0;
	if (status != TAKT_OK) {
		machine_fail("taking: %s", takt_status_name(status));
		return 0;
	}
	check_taken(party, words);
	if (gives_back)
		give_back(party, &item, (uint32_t)words[0] % ITEM_MAX);
	else
		acknowledge(party, &item, (uint32_t)words[0] % ITEM_MAX);
	return 1;
}

/* --------------------------------------------------------------------------------------------- take against ack */

void stage_queue_run_take(uint32_t party)
{
	for (uint32_t i = 0; i < 3; i++) {
		if (party == 0)
			(void)push(party, i, 0);
		else
			(void)take(party, 0, party == 2 && i == 0);
	}
}

void stage_queue_prepare_take(void)
{
	begin(3, 0, TAKT_WHEN_FULL_BLOCK, stage_queue_run_take);
	producer(0);
	consumer(1);
	consumer(2);
}

/* ------------------------------------------------------------------------------------------------- two producers */

void stage_queue_run_producers(uint32_t party)
{
	for (uint32_t i = 0; i < 3; i++) {
		if (party == 2)
			(void)take(party, 0, 0);
		else
			(void)push(party, i, 0);
	}
}

void stage_queue_prepare_producers(void)
{
	begin(3, 0, TAKT_WHEN_FULL_BLOCK, stage_queue_run_producers);
	producer(0);
	producer(1);
	consumer(2);
}

/* --------------------------------------------------------------------------------------- drop oldest against take */

void stage_queue_run_drop(uint32_t party)
{
	for (uint32_t i = 0; i < (party == 0 ? 4u : 3u); i++) {
		if (party == 0)
			(void)push(party, i, 0);
		else
			(void)take(party, 0, 0);
	}
}

void stage_queue_prepare_drop(void)
{
	begin(3, 0, TAKT_WHEN_FULL_DROP_OLDEST, stage_queue_run_drop);
	producer(0);
	consumer(1);
	consumer(2);
}

/* -------------------------------------------------------------------------------------------------------- waiting */

void stage_queue_run_wait(uint32_t party)
{
	for (uint32_t i = 0; i < 3; i++)
		if (!(party == 0 ? push(party, i, 1) : take(party, 1, 0)))
			return;
}

void stage_queue_prepare_wait(void)
{
	begin(3, 3, TAKT_WHEN_FULL_BLOCK, stage_queue_run_wait);
	producer(0);
	waiter(0, &own[0].producer.queue);
	consumer(1);
	waiter(1, &own[1].consumer.queue);
	consumer(2);
	waiter(2, &own[2].consumer.queue);
}

/* Who pauses behind a contended lock goes on by itself, and looks at the truth then. */
static int somebody_goes_on(void)
{
	for (uint32_t i = 0; i < machine.party_count; i++)
		if (machine.parties[i].state == PARTY_ASLEEP && machine.parties[i].word == NULL)
			return 1;
	return 0;
}

void stage_queue_check_idle(void)
{
	const struct takt_band band = make_band();

	for (uint32_t i = 0; i < machine.party_count; i++) {
		const struct party *party = &machine.parties[i];
		if (party->state != PARTY_ASLEEP)
			continue;
		struct takt_lock_shm *const locks[] = {&state()->producers, &state()->consumers};
		for (uint32_t l = 0; l < 2; l++)
			if (party->word == (const void *)&locks[l]->hint &&
			    atomic_load_explicit(&locks[l]->owner, memory_order_relaxed) == 0)
				machine_fail("%c sleeps for a lock that is free", 'a' + (int)i);
		const struct takt_os_sem *wake = &takt_domain_waiter(&nodes[i].domain, nodes[i].waiter_first)->wake;
		if (own[i].waiter.node == NULL || party->word != (const void *)wake || somebody_goes_on())
			continue;
		if (own[i].producer.queue.domain && takt_band_find_room(&band) != TAKT_QUEUE_NONE)
			machine_fail("%c sleeps and there is room", 'a' + (int)i);
		if (own[i].consumer.queue.domain && takt_band_find_item(&band) != TAKT_QUEUE_NONE)
			machine_fail("%c sleeps and there is an item", 'a' + (int)i);
	}
}

/* ----------------------------------------------------------------------------------------------------------- end */

static uint32_t drain(uint64_t drained[ITEM_MAX])
{
	struct takt_item item;
	uint64_t words[2], last = 0;
	uint32_t count = 0;
	enum takt_status status;

	while ((status = takt_queue_take(&own[MACHINE_SUCCESSOR].consumer, TAKT_BAND_ANY, words, &item)) == TAKT_OK) {
		if (words[1] != ~words[0] || words[0] >= ITEM_MAX || !known.push_begun[words[0]])
			machine_fail("an item that nobody pushed is left: %llx", (unsigned long long)words[0]);
		else
			drained[words[0]]++;
		if (item.number <= last)
			machine_fail("item %llu comes behind %llu", (unsigned long long)item.number,
				     (unsigned long long)last);
		last = item.number;
		count++;
		if (takt_queue_acknowledge(&own[MACHINE_SUCCESSOR].consumer, &item) != TAKT_OK)
			machine_fail("what is left cannot be acknowledged");
		if (count > 2 * DEPTH)
			break;
	}
	if (status != TAKT_EMPTY && count <= 2 * DEPTH)
		machine_fail("taking what is left: %s", takt_status_name(status));
	return count;
}

/* What a producer pushed and nobody acknowledged is there, unless it was dropped; what somebody acknowledged is not. */
static void check_items(const uint64_t drained[ITEM_MAX])
{
	uint32_t missing = 0, which = 0;

	for (uint32_t i = 0; i < ITEM_MAX; i++) {
		if (drained[i] + known.ended[i] > 1 || known.ended[i] > 1)
			machine_fail("item %u was done %u times and is left %u times", i, known.ended[i],
				     (uint32_t)drained[i]);
		/* Who died in the middle of an acknowledgement may have done it. */
		if (known.pushed[i] && drained[i] + known.ended[i] + known.end_begun[i] == 0)
			missing++, which = i;
	}
	const uint64_t dropped = atomic_load_explicit(&state()->dropped_oldest_count, memory_order_relaxed);
	if (missing > dropped || (machine.death_count == 0 && missing != dropped))
		machine_fail("%u items are missing, item %u for one, and %llu were dropped", missing, which,
			     (unsigned long long)dropped);
}

void stage_queue_check_end(void)
{
	uint64_t drained[ITEM_MAX] = {0}, refilled[ITEM_MAX] = {0};

	attach(&own[MACHINE_SUCCESSOR].consumer.queue, MACHINE_SUCCESSOR);
	own[MACHINE_SUCCESSOR].producer.queue = own[MACHINE_SUCCESSOR].consumer.queue;
	if (drain(drained) > DEPTH)
		machine_fail("more is left than fits");
	check_items(drained);
	/* No slot is lost. The handle is both sides': one after the other. */
	for (uint32_t i = 0; i < DEPTH; i++) {
		const uint64_t words[2] = {ITEM_MAX - 1, ~(uint64_t)(ITEM_MAX - 1)};
		known.push_begun[ITEM_MAX - 1] = 1;
		if (takt_queue_push(&own[MACHINE_SUCCESSOR].producer, words, 0, NULL) != TAKT_OK)
			machine_fail("slot %u of %u is lost", i + 1, DEPTH);
	}
	if (drain(refilled) != DEPTH)
		machine_fail("what was pushed behind them all is not there");
	if (atomic_load_explicit(&state()->producers.owner, memory_order_relaxed) ||
	    atomic_load_explicit(&state()->consumers.owner, memory_order_relaxed))
		machine_fail("a lock is held at the end");
}
