/* SPDX-License-Identifier: Apache-2.0 */
/* The state of one `takt run`: shared by its life (run.c), its live line and its report. */
#ifndef TAKT_APPS_TAKT_RUN_LIFE_H
#define TAKT_APPS_TAKT_RUN_LIFE_H

#include <stdint.h>

#include "apps/takt/run_node.h"
#include "apps/takt/run_options.h"
#include "core/config.h"
#include "core/domain.h"

/* One topic's counters at three moments. */
struct run_topic {
	uint64_t head_begin; /* when the run began */
	uint64_t head_ready; /* when all nodes were ready: from here the rate is measured */
	uint64_t head_stop;  /* when stopping began: until here */
	uint64_t head_end;
	uint64_t takeovers_begin;
	uint64_t takeovers_end;
	uint32_t origin_topic_index; /* of the newest sample; UINT32_MAX: not known */
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
	uint32_t next; /* the node whose "ready" the next one waits for; node_count: all are there */
	struct run_topic *topics;
	uint64_t begin_ns;
	uint64_t ready_ns; /* 0: not all ready yet */
	uint64_t stop_ns;  /* 0: not stopping */
	uint32_t stop_requests;
	int exit_code;
};

#endif
