/* SPDX-License-Identifier: Apache-2.0 */
/* `transports`: takt beside every mechanism that a textbook on interprocess communication shows, one way, reader asleep. */
#include <stdio.h>

#include "apps/takt/bench_run.h"

static const struct takt_os_bench_channel *const others[] = {
	&takt_os_bench_pipe,	    &takt_os_bench_fifo,	  &takt_os_bench_sysv_queue,
	&takt_os_bench_posix_queue, &takt_os_bench_sysv_memory,	  &takt_os_bench_posix_memory,
	&takt_os_bench_unix_stream, &takt_os_bench_unix_datagram, &takt_os_bench_tcp,
};

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
				       bench_size_name(sizes[s], size, sizeof(size)), others[i]->name);
			wanted.floor = bench_round_trip(others[i], sizes[s]);
			wanted.takt = bench_round_trip(&bench_takt_wake, sizes[s]);
			(void)bench_compare(bench, &wanted);
		}
	}
}
