/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `takt bench transports` measured last on this machine, kept for `takt ipc advise`: one JSON file of the user's,
 * takt/bench-transports.json below XDG_STATE_HOME, or below ~/.local/state.
 */
#ifndef APPS_TAKT_BENCH_STORE_H
#define APPS_TAKT_BENCH_STORE_H

#include <stdint.h>

#include "apps/takt/bench_run.h"
#include "platform/status.h"

#define BENCH_STORE_ROWS_MAX 128

struct bench_store_row {
	char transport[48];
	uint32_t bytes;	   /* of a message */
	double one_way_ns; /* median, to a reader that sleeps */
	double p99_ns;	   /* 0: not known */
	double takt_ns;	   /* takt's, of the same run, in turns with it */
	double takt_p99_ns;
	double per_s; /* messages of a stream; 0: not known, or it holds one message only */
	double takt_per_s;
};

struct bench_store {
	char path[TAKT_OS_PATH_MAX];
	char processor[96];
	char system[96];
	uint64_t wall_s; /* when */
	uint32_t is_quick;
	uint32_t load_count;
	uint32_t row_count;
	struct bench_store_row rows[BENCH_STORE_ROWS_MAX];
};

/* Keeps the rows of the test `transports`, if there are any; says where, or why it could not. */
void bench_store_write(const struct bench *bench);

/* @retval TAKT_OK @retval TAKT_ABSENT nothing has been kept, without a message; `path` says where it would be, "" nowhere
 * @retval TAKT_CORRUPT it is no such file, with a message @retval others, with a message */
TAKT_CHECKED enum takt_status bench_store_read(struct bench_store *store);

#endif
