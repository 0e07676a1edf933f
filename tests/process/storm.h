/* SPDX-License-Identifier: Apache-2.0 */
/* What the storm's processes share, and what each of them does until it is killed. */
#ifndef TAKT_TEST_STORM_H
#define TAKT_TEST_STORM_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/node.h"
#include "core/topic.h"

#define STORM_LOCK_BOUND_NS (UINT64_C(5) * 1000000)
#define STORM_TOPIC_COUNT   2u
enum storm_topic { STORM_SOLO = 0, STORM_SHARED = 1 };

struct storm_message {
	uint64_t seed;
	uint64_t words[15];
};

/* One process's place in the shared page. A process that is killed leaves its figures to the next in its place. */
struct storm_place {
	_Atomic uint64_t
		stop_count; /* raised when the storm stops it and when it goes on: a time measured across is none */
	_Atomic uint64_t published; /* publishes that returned TAKT_OK */
	_Atomic uint64_t timeouts;
	_Atomic uint64_t publish_ns_max;
	_Atomic uint64_t done; /* borrows, answered commands */
	_Atomic uint64_t torn;
	_Atomic uint64_t wrong; /* statuses and numbers that must not be */
	_Atomic uint64_t got[STORM_TOPIC_COUNT];
	_Atomic uint64_t lost[STORM_TOPIC_COUNT];
	_Atomic uint64_t start[STORM_TOPIC_COUNT];
	_Atomic uint64_t next[STORM_TOPIC_COUNT];
	char said[256]; /* the first message of an outcome that is wrong */
};

#define STORM_PLACE_COUNT 8u

struct storm_page {
	_Atomic uint32_t publishers_end;
	_Atomic uint32_t readers_end;
	_Atomic uint32_t readers_ready;
	struct storm_place places[STORM_PLACE_COUNT];
};
extern struct storm_page *storm_page;
extern const char *storm_config_path;
extern const struct takt_type *const storm_type;
extern const char *const storm_topic_names[STORM_TOPIC_COUNT];

/* One kind of process: what it is called in the config, and what it does. */
struct storm_role {
	const char *node;
	void (*run)(struct storm_place *place, const struct storm_role *role, uint64_t seed);
	enum storm_topic topic;
	int is_mortal;
};
void storm_publish(struct storm_place *place, const struct storm_role *role, uint64_t seed);
void storm_read(struct storm_place *place, const struct storm_role *role, uint64_t seed);
void storm_borrow(struct storm_place *place, const struct storm_role *role, uint64_t seed);
void storm_command(struct storm_place *place, const struct storm_role *role, uint64_t seed);

uint64_t storm_random(uint64_t *state);
void storm_fill(struct storm_message *message, uint64_t seed);
int storm_is_whole(const struct storm_message *message);

/* Owners of a lock that are stopped, zombies, forked, or large when they die. @retval how many checks failed */
uint32_t storm_owners(void);

#endif
