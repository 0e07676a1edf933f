/* SPDX-License-Identifier: Apache-2.0 */
/* One run of the comparison: which peers take part, what could not be measured, and the report. */
#ifndef TESTS_BENCH_PEERS_PLAN_H
#define TESTS_BENCH_PEERS_PLAN_H

#include "apps/takt/bench_run.h"
#include "tests/bench/peers/peers.h"

#define PLAN_LEFT_OUT_MAX 256

struct plan_peer {
	const struct peer *peer;
	uint32_t is_wanted;
	uint32_t is_started;
	char version[PEER_VERSION_BYTES];
	char reason[PEER_REASON_BYTES]; /* why it is left out altogether; "" takes part */
};

/* A row that is not there. */
struct plan_gap {
	const char *test;
	const char *peer;
	uint32_t bytes;
	char reason[PEER_REASON_BYTES];
};

struct plan {
	struct bench bench;
	struct plan_peer peers[PEERS_MAX];
	uint32_t peer_count;
	struct plan_gap gaps[PLAN_LEFT_OUT_MAX];
	uint32_t gap_count;
};

/* Tries each wanted peer with one short exchange, then measures. */
void plan_run(struct plan *plan);

/* @retval 0, or 1 when it could not be written */
int plan_report(const struct plan *plan);

#endif
