/* SPDX-License-Identifier: Apache-2.0 */
/* `poll`: one-way latency to a reader that polls, against one sequence word beside the payload. */
#include <stdio.h>

#include "apps/takt/bench_run.h"

#define GOAL 1.15

void bench_poll(struct bench *bench)
{
	static const uint32_t own[] = {64};
	uint32_t sizes[BENCH_SIZES_MAX];
	uint32_t count = bench_sizes(bench, own, 1, sizes);
	char size[32];

	for (uint32_t i = 0; i < count; i++) {
		struct bench_case wanted = {.test = "poll", .metric = BENCH_P50, .bytes = sizes[i]};

		(void)snprintf(wanted.name, sizeof(wanted.name), "%s", bench_size_name(sizes[i], size, sizeof(size)));
		wanted.goal = sizes[i] == 64 ? GOAL : 0.0;
		wanted.floor = bench_round_trip(&takt_os_bench_word, sizes[i]);
		wanted.takt = bench_round_trip(&bench_takt_poll, sizes[i]);
		(void)bench_compare(bench, &wanted);
		/* What takt's own statistics cost: a clock reading and a histogram for each sample read. */
		(void)snprintf(wanted.name, sizeof(wanted.name), "%s, ages counted", size);
		wanted.goal = 0.0;
		wanted.takt = bench_round_trip(&bench_takt_poll_measured, sizes[i]);
		(void)bench_compare(bench, &wanted);
	}
}
