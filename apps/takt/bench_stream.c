/* SPDX-License-Identifier: Apache-2.0 */
/* `stream`: samples per second from one process to another, by copy against a bare ring, and one-way latency in place. */
#include <stdio.h>

#include "apps/takt/bench_run.h"

#define GOAL_COPY      0.9
#define GOAL_LARGE     0.95
#define GOAL_IN_PLACE  1.3
#define LARGE_BYTES    (1u << 20)
#define IN_PLACE_DEPTH 4

/* About 64 KiB of ring, so that small samples are many and large ones still have room to overlap. */
static uint32_t depth_for(uint32_t bytes)
{
	uint32_t depth = 1024;

	while (depth > 8 && (uint64_t)depth * bytes > 65536)
		depth /= 2;
	return depth;
}

static void compare_copies(struct bench *bench, uint32_t bytes)
{
	struct bench_case wanted = {.test = "stream", .metric = BENCH_RATE, .bytes = bytes};
	char size[32];

	(void)snprintf(wanted.name, sizeof(wanted.name), "%s by copy", bench_size_name(bytes, size, sizeof(size)));
	wanted.goal = bytes >= LARGE_BYTES ? GOAL_LARGE : bytes == 64 ? GOAL_COPY : 0.0;
	wanted.floor = bench_stream(&takt_os_bench_ring, bytes, depth_for(bytes));
	wanted.takt = bench_stream(&bench_takt_poll, bytes, depth_for(bytes));
	(void)bench_compare(bench, &wanted);
	(void)snprintf(wanted.name, sizeof(wanted.name), "%s by copy, ages counted", size);
	wanted.goal = 0.0;
	wanted.takt = bench_stream(&bench_takt_poll_measured, bytes, depth_for(bytes));
	if (bytes == 64)
		(void)bench_compare(bench, &wanted);
}

static void compare_in_place(struct bench *bench, uint32_t bytes)
{
	struct bench_case wanted = {.test = "stream", .metric = BENCH_P50, .bytes = bytes, .goal = GOAL_IN_PLACE};
	char size[32];

	(void)snprintf(wanted.name, sizeof(wanted.name), "%s in place", bench_size_name(bytes, size, sizeof(size)));
	wanted.floor = bench_round_trip(&takt_os_bench_in_place, bytes);
	wanted.floor.depth = IN_PLACE_DEPTH;
	wanted.takt = bench_round_trip(&bench_takt_in_place, bytes);
	wanted.takt.depth = IN_PLACE_DEPTH;
	(void)bench_compare(bench, &wanted);
}

void bench_stream_test(struct bench *bench)
{
	static const uint32_t own[] = {64, 4096, 1u << 20},
			      plotted[] = {64, 256, 1024, 4096, 16384, 65536, 1u << 18, 1u << 20};
	uint32_t sizes[BENCH_SIZES_MAX];
	uint32_t count =
		bench->options.plot ? bench_sizes(bench, plotted, 8, sizes) : bench_sizes(bench, own, 3, sizes);

	for (uint32_t i = 0; i < count; i++)
		compare_copies(bench, sizes[i]);
	for (uint32_t i = 0; i < count; i++)
		compare_in_place(bench, sizes[i]);
}
