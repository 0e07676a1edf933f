/* SPDX-License-Identifier: Apache-2.0 */
/* One `takt run`: its state, shared by life, live line and report, and the steps of its life. */
#ifndef TAKT_APPS_TAKT_RUN_LIFE_H
#define TAKT_APPS_TAKT_RUN_LIFE_H

#include <stdint.h>
#include <stdio.h>

#include "apps/takt/run_node.h"
#include "apps/takt/run_options.h"
#include "core/config.h"
#include "core/domain.h"
#include "platform/service.h"

/* What a topic's segment says at one moment; zero while there is none. */
struct run_topic_mark {
	uint64_t head;
	uint64_t takeover_count;
	uint32_t origin_topic_plus_one; /* where its samples come from; 0: it has none */
};

enum run_moment {
	RUN_AT_BEGIN, /* before the first node was started */
	RUN_AT_READY, /* all nodes were ready: rates are measured from here ... */
	RUN_AT_STOP,  /* ... to here, where stopping began */
	RUN_AT_END,
	RUN_MOMENT_COUNT
};

struct run_topic {
	struct run_topic_mark marks[RUN_MOMENT_COUNT];
};

struct run {
	struct run_options options;
	const struct takt_config *config;
	struct run_place place;
	struct run_console console;
	struct takt_domain domain;
	int is_attached;
	struct run_node *nodes; /* those to be run, in the config's order */
	uint32_t node_count;
	uint32_t next; /* the node whose "ready" the following ones wait for; node_count: all are there */
	struct run_topic *topics;
	uint64_t moments_ns[RUN_MOMENT_COUNT]; /* 0: not yet */
	uint32_t stop_requests;
	struct takt_os_service service;
	char told[64]; /* what the service manager was told last */
	FILE *report;  /* NULL: none */
	int exit_code;
};

/* Looks at the domain, where it is there by now. @retval TAKT_OK @retval TAKT_ABSENT @retval others with a message */
TAKT_CHECKED enum takt_status run_attach(struct run *run);

/* Notes time and topics at a moment, the first time it is called for it. */
void run_mark(struct run *run, enum run_moment moment);

/* Starts what is due, and sees who has become ready. Not while stopping. */
void run_advance(struct run *run, uint64_t now_ns);

/* Takes the ends of processes, and decides what follows from each. */
void run_take_ends(struct run *run, uint64_t now_ns);

/* The next steps of stopping. */
void run_stop_nodes(struct run *run, uint64_t now_ns);

/* Begins to stop. @param exit_code of the whole run, unless it is worse already */
void run_begin_stop(struct run *run, int exit_code);

int run_is_stopping(const struct run *run);

/* 1 when no process is left. */
int run_is_over(const struct run *run);

#endif
