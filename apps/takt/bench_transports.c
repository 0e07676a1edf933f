/* SPDX-License-Identifier: Apache-2.0 */
/* `transports`: takt beside every mechanism that a textbook on interprocess communication shows, reader asleep: one way, and as a stream. */
#include <stdio.h>

#include "apps/takt/bench_run.h"

/* What may be under way at the same time: less than the socket buffers that the system gives to anybody. */
#define UNDER_WAY_BYTES 65536u
#define DEPTH_MAX	64u
#define DEPTH_MIN	2u

static const struct {
	const struct takt_os_bench_channel *channel;
	int streams; /* 0: one message is all that it holds */
} others[] = {
	{&takt_os_bench_pipe, 1},	 {&takt_os_bench_fifo, 1},	    {&takt_os_bench_sysv_queue, 1},
	{&takt_os_bench_posix_queue, 1}, {&takt_os_bench_sysv_memory, 0},   {&takt_os_bench_posix_memory, 0},
	{&takt_os_bench_unix_stream, 1}, {&takt_os_bench_unix_datagram, 1}, {&takt_os_bench_udp, 1},
	{&takt_os_bench_tcp, 1},
};

static uint32_t depth_for(uint32_t bytes)
{
	uint32_t depth = DEPTH_MAX;

	while (depth > DEPTH_MIN && (uint64_t)depth * bytes > UNDER_WAY_BYTES)
		depth /= 2;
	return depth;
}

static void compare_streams(struct bench *bench, struct bench_case *wanted, const struct takt_os_bench_channel *channel)
{
	wanted->metric = BENCH_RATE;
	wanted->weight = 0.5;
	wanted->floor = bench_stream(channel, wanted->bytes, depth_for(wanted->bytes));
	wanted->takt = bench_stream(&bench_takt_wake, wanted->bytes, depth_for(wanted->bytes));
	wanted->floor.sleeps = wanted->takt.sleeps = 1;
	(void)bench_compare(bench, wanted);
}

void bench_transports(struct bench *bench)
{
	static const uint32_t own[] = {64, 1u << 20}, plotted[] = {64, 1024, 8192, 65536, 1u << 20};
	uint32_t sizes[BENCH_SIZES_MAX];
	uint32_t count =
		bench->options.plot ? bench_sizes(bench, plotted, 5, sizes) : bench_sizes(bench, own, 2, sizes);
	char size[32];

	for (uint32_t s = 0; s < count; s++) {
		for (uint32_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
			struct bench_case wanted = {.test = "transports",
						    .metric = BENCH_P50,
						    .bytes = sizes[s],
						    .pairs = bench->options.is_quick ? 2 : 5};
			(void)snprintf(wanted.name, sizeof(wanted.name), "%s, %s",
				       bench_size_name(sizes[s], size, sizeof(size)), others[i].channel->name);
			wanted.floor = bench_round_trip(others[i].channel, sizes[s]);
			wanted.takt = bench_round_trip(&bench_takt_wake, sizes[s]);
			(void)bench_compare(bench, &wanted);
			/* A quick look at large messages says enough with one way. */
			if (others[i].streams && !(bench->options.is_quick && sizes[s] > UNDER_WAY_BYTES))
				compare_streams(bench, &wanted, others[i].channel);
		}
	}
}
