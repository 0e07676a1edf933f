/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hot paths are walked on: domains in the folder that TAKT_SHM_FOLDER names, whose nodes all live in this one process, and a
 * clock of our own.
 */
#ifndef TAKT_BENCH_INSTRUCTIONS_STAGE_H
#define TAKT_BENCH_INSTRUCTIONS_STAGE_H

#include <stdint.h>

#include "core/takt.h"

struct stage_sample {
	uint64_t words[8];
};

enum stage_topic {
	STAGE_QUIET,	  /* one reader, which never waits: the config gives it no waiter */
	STAGE_DECLARED_1, /* one reader that could wait */
	STAGE_DECLARED_16,
	STAGE_SHARED, /* two publishers */
	STAGE_LENT,   /* two loans and two borrows */
	STAGE_DEPTH_4,
	STAGE_DEPTH_4096,
	STAGE_NEWS,	  /* triggers the event-driven loop */
	STAGE_TOPICS_1,	  /* alone in its domain */
	STAGE_TOPICS_200, /* the last of 200 */
	STAGE_TOPIC_COUNT
};

struct stage {
	struct takt_publisher publishers[STAGE_TOPIC_COUNT];
	struct takt_subscriber subscribers[STAGE_TOPIC_COUNT];
	struct takt_waiter waiter; /* on STAGE_DECLARED_1 */
	struct takt_loop event_loop;
	struct takt_loop period_loop;
};

extern struct stage stage;

/* Makes it all, or ends the program with a message. From here on this thread's clock is the stage's: each look at it costs the same few
 * instructions and moves it by a microsecond, and a sleep is a jump. */
void stage_begin(void);
void stage_end(void);

/* Ends the program with this message unless the condition holds. */
void stage_require(int condition, const char *what);

#endif
