/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold when all parties have ended, however they ended. */
#include <stdio.h>

#include "core/protocol/ring.h"
#include "tests/schedule/scenario.h"
#include "tests/schedule/sim.h"
#include "tests/schedule/stage.h"
#include "tests/schedule/steps.h"

#define SLOT_COUNT_MAX 32u

static const struct takt_ring *ring_of_successor(void)
{
	return &actors[MACHINE_SUCCESSOR].publisher.ring;
}

/* Every slot has exactly one name: one cell or one spare. The only publisher keeps to itself which slot its next sample fills. */
static void check_names(void)
{
	const struct takt_publisher *successor = &actors[MACHINE_SUCCESSOR].publisher;
	const struct takt_ring *ring = &successor->ring;
	uint32_t names[SLOT_COUNT_MAX] = {0};

	for (uint32_t i = 0; i <= ring->depth_mask; i++)
		names[atomic_load_explicit(takt_ring_cell(ring, i), memory_order_relaxed) & (SLOT_COUNT_MAX - 1)]++;
	for (uint32_t i = 0; i < ring->spare_count; i++) {
		const uint32_t named =
			atomic_load_explicit(&takt_ring_spare(ring, i)->slot_index, memory_order_relaxed);
		names[(i == successor->spare_index ? successor->slot_index : named) & (SLOT_COUNT_MAX - 1)]++;
	}
	for (uint32_t i = 0; i < ring->slot_count; i++)
		if (names[i] != 1)
			machine_fail("slot %u has %u names", i, names[i]);
}

static void check_lock(void)
{
	const uint64_t owner = atomic_load_explicit(&stage_topic()->lock.owner, memory_order_relaxed);
	if (owner)
		machine_fail("the lock is held by %#llx", (unsigned long long)owner);
}

static void check_loans(void)
{
	struct takt_publisher *publisher = &actors[MACHINE_SUCCESSOR].publisher;
	struct takt_loan loans[4] = {{0}}, over = {0};

	for (uint32_t i = 0; i < publisher->loan_count_max; i++)
		if (takt_publisher_loan(publisher, &loans[i]) != TAKT_OK)
			machine_fail("loan %u of %u is gone", i + 1, publisher->loan_count_max);
	if (takt_publisher_loan(publisher, &over) != TAKT_FULL)
		machine_fail("there is a loan too many");
	for (uint32_t i = 0; i < publisher->loan_count_max; i++)
		if (loans[i].payload)
			takt_publisher_abandon(publisher, &loans[i]);
}

/* All of them: everybody has ended, so each pin is free or a dead one's. */
static void check_pins(void)
{
	struct takt_subscriber *subscriber = &actors[MACHINE_SUCCESSOR].subscriber;
	const uint32_t wanted = subscriber->ring.pin_count;
	struct takt_borrow borrows[TAKT_BORROWS_PER_SUBSCRIBER_MAX] = {{0}};

	if (wanted == 0)
		return;
	const enum takt_status status = steps_pins_take(subscriber, wanted);
	if (status != TAKT_OK) {
		machine_fail("the borrows are not free: %s", takt_status_name(status));
		return;
	}
	for (uint32_t i = 0; i < wanted; i++)
		if (takt_borrow_latest(subscriber, &borrows[i], NULL) != TAKT_OK)
			machine_fail("borrow %u of %u is gone", i + 1, wanted);
	stage_publish(MACHINE_SUCCESSOR);
	for (uint32_t i = 0; i < wanted; i++)
		if (borrows[i].payload && takt_return(subscriber, &borrows[i]) != TAKT_OK)
			machine_fail("borrow %u of %u did not stay as it was", i + 1, wanted);
	steps_pins_give(subscriber);
}

static uint64_t completed(void)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < STAGE_NODE_COUNT; i++)
		sum += ledger.completed[i];
	return sum;
}

static uint64_t begun(void)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < STAGE_NODE_COUNT; i++)
		sum += ledger.begun[i];
	return sum;
}

/* Reads what the ring holds, all of it whole. @retval the newest number */
static uint64_t read_all(void)
{
	struct takt_subscriber *subscriber = &actors[MACHINE_SUCCESSOR].subscriber;
	uint32_t count = 0;

	while (stage_read_next(MACHINE_SUCCESSOR))
		count++;
	if (count > subscriber->ring.depth_mask + 1)
		machine_fail("%u samples are read from a ring of %u", count, subscriber->ring.depth_mask + 1);
	return subscriber->next - 1;
}

void stage_check_topic(void)
{
	const uint64_t published_min = completed(), published_max = begun();

	machine_act_as(MACHINE_SUCCESSOR);
	if (takt_os_presence_hold(&nodes[MACHINE_SUCCESSOR].domain.live, nodes[MACHINE_SUCCESSOR].token) != TAKT_OK)
		machine_fail("the successor cannot be present");
	stage_make_subscriber(MACHINE_SUCCESSOR);
	const enum takt_status status = stage_attach(MACHINE_SUCCESSOR);
	if (status != TAKT_OK) {
		machine_fail("the successor cannot publish: %s", takt_status_name(status));
		return;
	}
	uint64_t newest = read_all();
	if (newest < published_min || newest > published_max)
		machine_fail("%llu samples are there; %llu were published, %llu begun", (unsigned long long)newest,
			     (unsigned long long)published_min, (unsigned long long)published_max);
	check_lock();
	check_names();
	check_loans();
	for (uint32_t i = 0; i <= ring_of_successor()->depth_mask + 1; i++) {
		stage_publish(MACHINE_SUCCESSOR);
		if (read_all() != ++newest)
			machine_fail("sample %llu is not the newest", (unsigned long long)newest);
	}
	check_pins();
	check_names();
	check_lock();
}
