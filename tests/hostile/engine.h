/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the liar share. */
#ifndef TAKT_TEST_HOSTILE_ENGINE_H
#define TAKT_TEST_HOSTILE_ENGINE_H

#include "platform/presence.h"
#include "tests/hostile/hostile.h"

#define TAKT_CONTENDED_BIT (UINT64_C(1) << 63)

enum target_index { TARGET_ROSTER, TARGET_OWN, TARGET_MIXED, TARGET_COUNT };
enum live_index { LIVE_DOMAIN, LIVE_CLEAN, LIVE_FAIR, LIVE_MIXED, LIVE_COUNT };

/* One segment, mapped for writing, and what stood there at first. */
struct target {
	unsigned char *base;
	unsigned char *copy;
	size_t bytes;
};

struct engine {
	uint64_t random;
	unsigned roles;
	uint64_t own_token; /* held by the liar itself: it lives */
	struct target targets[TARGET_COUNT];
	int live[LIVE_COUNT]; /* descriptors of presence files */
};

uint64_t engine_random(struct engine *engine);
/* Something that could hurt in the place of `now`. */
uint64_t engine_value(struct engine *engine, uint64_t now);
void engine_store(const struct target *target, size_t offset, uint64_t value, unsigned bytes);
uint64_t engine_load(const struct target *target, size_t offset);
void engine_presence_open(struct engine *engine);

#endif
