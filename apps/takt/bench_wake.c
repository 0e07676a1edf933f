/* SPDX-License-Identifier: Apache-2.0 */
/* `wake`: one-way latency to a reader that sleeps, against bare semaphores; and to one that spins before it sleeps, against polling. */
#include <stdio.h>

#include "apps/takt/bench_run.h"

#define GOAL	  1.05
#define GOAL_SPIN 1.15

void bench_wake(struct bench *bench)
{
	static const uint32_t own[] = {64};
	uint32_t sizes[BENCH_SIZES_MAX];
	uint32_t count = bench_sizes(bench, own, 1, sizes);
	char size[32];

	for (uint32_t i = 0; i < count; i++) {
		struct bench_case wanted = {.test = "wake", .metric = BENCH_P50, .bytes = sizes[i]};

		(void)snprintf(wanted.name, sizeof(wanted.name), "%s", bench_size_name(sizes[i], size, sizeof(size)));
		wanted.goal = sizes[i] == 64 ? GOAL : 0.0;
		wanted.floor = bench_round_trip(&takt_os_bench_sems, sizes[i]);
		wanted.takt = bench_round_trip(&bench_takt_wake, sizes[i]);
		(void)bench_compare(bench, &wanted);
		if (bench->machine.cpu_count < 2)
			continue;
		/* Without another processor's wake-up from idle, which on some machines hides everything else. */
		(void)snprintf(wanted.name, sizeof(wanted.name), "%s, both on one CPU", size);
		wanted.goal = 0.0;
		wanted.floor.shares_cpu = wanted.takt.shares_cpu = 1;
		(void)bench_compare(bench, &wanted);
		(void)snprintf(wanted.name, sizeof(wanted.name), "%s, spinning 20 us first", size);
		wanted.goal = sizes[i] == 64 ? GOAL_SPIN : 0.0;
		wanted.floor = bench_round_trip(&takt_os_bench_word, sizes[i]);
		wanted.takt = bench_round_trip(&bench_takt_spin, sizes[i]);
		(void)bench_compare(bench, &wanted);
	}
}
