/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain with one topic in the machine's arena, the handles of the parties, and what is known of the samples. The layout is that of
 * core/layout.h; the parts that nobody changes while it runs (names, types, statistics of one writer) are as small as can be.
 */
#ifndef TAKT_TEST_SCHEDULE_STAGE_H
#define TAKT_TEST_SCHEDULE_STAGE_H

#include <stdint.h>

#include "core/layout.h"
#include "core/node.h"
#include "core/topic.h"
#include "core/waiter.h"
#include "tests/schedule/machine.h"

#define STAGE_NUMBER_MAX 32u
#define STAGE_SLICE_NS	 UINT64_C(10000000)
#define STAGE_NODE_COUNT (MACHINE_PARTY_COUNT_MAX + 1) /* the last is the successor's */

struct stage_size {
	uint32_t depth;
	uint32_t borrows;
	uint32_t loans;
	uint32_t publishers;
	uint32_t waiters;
};

struct message {
	uint64_t seed; /* who published it and which of its samples it is */
	uint64_t check;
};

/* What one actor has. */
struct actor {
	struct takt_publisher publisher;
	struct takt_subscriber subscriber;
	struct takt_waiter waiter;
	struct takt_borrow borrow;
	struct takt_loan loan;
};
extern struct actor actors[STAGE_NODE_COUNT];
extern struct takt_node nodes[STAGE_NODE_COUNT];

/* What is known of the samples. */
struct ledger {
	uint16_t seeds[STAGE_NUMBER_MAX]; /* what each number was seen to hold; 0: not seen */
	uint16_t begun[STAGE_NODE_COUNT + 3];
	uint16_t completed[STAGE_NODE_COUNT + 3]; /* padded to whole words */
};
extern struct ledger ledger;

/* An empty topic and nobody there. Each actor acts as a process of its own. */
void stage_begin(uint32_t party_count, const struct stage_size *size, void (*run)(uint32_t party));
/* Handles that are attached before anything is scheduled; kept. */
void stage_publisher(uint32_t party);
/* @param pins that it takes */
void stage_subscriber(uint32_t party, uint32_t pins);
/* @param index of the waiter in the domain */
void stage_waiter(uint32_t party, uint32_t index);
/* A reader from the first sample on, without pins; not kept. */
void stage_make_subscriber(uint32_t party);
/* Kept, and attached by the party itself; a subscriber lacks only its pins. */
void stage_keep_publisher(uint32_t party);
void stage_keep_subscriber(uint32_t party);

/* Where things lie in the arena. */
uint64_t stage_cells_offset(void);
uint64_t stage_spares_offset(void);
uint64_t stage_slots_offset(void);
struct takt_topic_shm *stage_topic(void);
struct takt_roster_shm *stage_roster(void);
/* A word behind the topic that is no part of takt: what a lock guards. */
_Atomic uint64_t *stage_scratch(uint32_t index);

/* --- what parties do; each looks at what it got */

enum takt_status stage_attach(uint32_t party);
void stage_publish(uint32_t party);
void stage_loan(uint32_t party);
void stage_publish_loan(uint32_t party);
void stage_abandon(uint32_t party);
/* @retval 1 a sample was there */
int stage_read_next(uint32_t party);
int stage_read_latest(uint32_t party);
/* Borrows the next or the newest sample, reads it in place twice and returns it. */
int stage_borrow(uint32_t party, int latest);
void stage_check_account(const struct takt_subscriber *subscriber);

/* --- when all have ended */

/* A successor recovers: publishes, reads everything, has all loans and borrows; every slot has one name, the lock is free, and there
 * are as many samples as were published. */
void stage_check_topic(void);

#endif
