/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a node's program is started, restarted, given up and forced to end. Pure: time is an argument, and nothing here starts,
 * kills or says anything.
 */
#ifndef TAKT_APPS_TAKT_RUN_CHILD_H
#define TAKT_APPS_TAKT_RUN_CHILD_H

#include <stdint.h>

#include "core/config.h"
#include "platform/clock.h"

#define RUN_READY_BOUND_NS   (10 * TAKT_NS_PER_S)   /* from start to "ready" */
#define RUN_BACKOFF_FIRST_NS (100 * TAKT_NS_PER_MS) /* before the second restart; the first comes at once */
#define RUN_BACKOFF_MAX_NS   (5 * TAKT_NS_PER_S)
#define RUN_HEALTH_NS	     (10 * TAKT_NS_PER_S) /* up for so long: the next restart comes at once again */
#define RUN_CRASH_COUNT	     5			  /* so many ends ... */
#define RUN_CRASH_WINDOW_NS  (10 * TAKT_NS_PER_S) /* ... within this span are a crash loop */

#define RUN_STOP_BOUND_NS  (2 * TAKT_NS_PER_S) /* for each step of stopping */
#define RUN_HURRY_BOUND_NS (200 * TAKT_NS_PER_MS)

enum run_phase {
	RUN_WAITING,  /* to be started at start_due_ns */
	RUN_STARTING, /* runs, and has not said that it is ready */
	RUN_UP,
	RUN_DOWN /* has ended and stays so */
};

struct run_child {
	enum takt_restart restart;
	enum run_phase phase;
	uint64_t start_due_ns;
	uint64_t started_ns;
	uint64_t ready_ns;
	uint64_t ended_ns;
	uint64_t crash_ns[RUN_CRASH_COUNT]; /* the last ends that ask for a restart, a ring */
	uint32_t crash_count;
	uint32_t backoff_step;
	uint32_t restart_count;
	uint32_t was_ready;  /* 1: at least once */
	uint32_t has_failed; /* 1: its last end was a failure */
};

enum run_verdict {
	RUN_STAYS_DOWN, /* its policy wants no restart */
	RUN_RESTARTS,	/* at start_due_ns */
	RUN_GIVES_UP	/* a crash loop */
};

void run_child_init(struct run_child *child, enum takt_restart restart);
void run_child_started(struct run_child *child, uint64_t now_ns);
void run_child_ready(struct run_child *child, uint64_t now_ns);

/* Its process has ended. @param failed 1: by a signal or with an exit code other than 0 */
enum run_verdict run_child_ended(struct run_child *child, int failed, uint64_t now_ns);

/* 1 when it is to be started now; 1 when it has not become ready within the bound. */
int run_child_is_due(const struct run_child *child, uint64_t now_ns);
int run_child_is_late(const struct run_child *child, uint64_t now_ns);

/* How a process that still runs is asked to end, ever more clearly. */
enum run_stop_step {
	RUN_STOP_NONE, /* nothing now: before the first step, or wait */
	RUN_STOP_QUIT,
	RUN_STOP_TERMINATE,
	RUN_STOP_KILL,
	RUN_STOP_LOST /* even that did not end it: leave it */
};

struct run_stop {
	enum run_stop_step step;
	uint64_t since_ns;
};

/**
 * The step to take now, RUN_STOP_NONE while the present one still has time.
 * @param hears 1: the node is ready, so it reads its command pipe  @param hurry how often a person asked again
 */
enum run_stop_step run_stop_next(struct run_stop *stop, int hears, uint32_t hurry, uint64_t now_ns);

#endif
