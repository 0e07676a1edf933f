/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The domain in which the victim dies, and those who survive it: a reader that holds a borrowed sample, a second publisher of the
 * shared topic, a waiter. They live in the harness's own process, attached before the victim is forked; their private state
 * is put back with the world for each kill.
 */
#ifndef TAKT_TEST_KILL_STAGE_H
#define TAKT_TEST_KILL_STAGE_H

#include <stdint.h>

#include "core/node.h"
#include "core/topic.h"
#include "core/waiter.h"
#include "tests/kill/world.h"

#define STAGE_DEPTH	 4u
#define STAGE_BORROWS	 3u
#define STAGE_LOANS	 2u
#define STAGE_SLICE_NS	 (UINT64_C(1) * 1000000)
#define STAGE_LOCK_NS	 (UINT64_C(50) * 1000000)
#define STAGE_NUMBER_MAX 128u
/* What a shared machine may add to a bound before it counts as broken: an unbounded wait lasts seconds here. */
#define STAGE_ALLOWANCE_NS (UINT64_C(500) * 1000000)

struct message {
	uint64_t seed; /* on `solo` the sample's own number */
	uint64_t words[3];
};

enum stage_topic { SOLO = 0, PAIR = 1 };

struct survivors {
	struct takt_node reader, other;
	struct takt_subscriber reads;
	struct takt_publisher publishes; /* PAIR only */
	struct takt_waiter waiter;
	struct takt_borrow held;
	uint64_t held_seed;
	uint64_t seeds[STAGE_NUMBER_MAX]; /* what each number was seen to hold; 0: not seen */
	uint64_t seed_count;
	uint64_t published; /* samples before the victim */
	enum stage_topic topic;
};
extern struct survivors now;

extern const struct takt_type *const message_type;
const char *topic_name(enum stage_topic topic);
/* The number that the next sample will have is known on a topic with one publisher only; elsewhere seeds are merely unique. */
struct message message_of(uint64_t seed);
int message_is_whole(const struct message *message);
uint64_t next_seed(enum stage_topic topic, uint64_t number);
/* One that no survivor uses, nor the victim's other lives, so that a mixture of two samples is seen; on `solo` the sample's number. */
uint64_t victims_seed(uint64_t number, uint64_t life);

/* Loads the config once: YAML is not what is killed here, and joining finds it loaded. */
void stage_begin(void);
void stage_end(void);
const struct takt_config *stage_config(void);
const char *stage_parameter_file(void);

/* A domain with `topic` in use: `published` samples by a publisher that has left, and the survivors. */
void stage_set_up(enum stage_topic topic, uint32_t published);
/* One sample more, and the reader has read all: the next one takes the cell of the sample that it has borrowed. */
void stage_age_borrow(void);
/* Keeps world and survivors as they are now; puts them back. */
void stage_keep(void);
void stage_put_back(const struct world *world);
extern struct world stage_world;
/* All survivors leave; then nothing may be left behind a clean-up. */
void stage_tear_down(void);
/* takt_domain_clean, and what it left. 0: nothing */
uint32_t stage_clean(void);

/* A failed check: counted, and the first of them printed with the point at which the victim died. */
void bad(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern uint32_t bad_count;
extern char kill_point[160];
/* How long the survivors' next successful operation took. */
void note_recovery(uint64_t began_ns);
extern uint64_t recovery_ns_max;

#endif
