/* SPDX-License-Identifier: Apache-2.0 */
/* A loop with a period of a millisecond. What it measures is how late a cycle begins. */
#include "takt_pair.h"

#define PERIOD_NS UINT64_C(1000000)

int main(int argc, char **argv)
{
	static struct takt_loop loop;
	uint32_t count = wanted_count(argc, argv);
	uint64_t late_ns = 0, cycles = 0, wanted = count == 0 ? 2 : count;
	need(takt_node_join(&node, NULL, "taker"), "join");
	need(takt_loop_begin(&loop, &node, &(struct takt_loop_options){.period_ns = PERIOD_NS}), "loop");
	while (cycles + loop.overrun_count < wanted && takt_loop_next(&loop) == TAKT_OK) {
		cycles++;
		late_ns += loop.cycle_begin_ns - loop.due_ns;
		/* The trap: ten periods of work in the first cycle. */
		while (count == 0 && cycles == 1 && takt_now_ns() < loop.cycle_begin_ns + 10 * PERIOD_NS)
			;
	}
	if (count == 0)
		printf("cycle too long: %s\n",
		       loop.overrun_count >= 9 ? "the loop has counted the overruns" : "no overrun counted");
	else
		report(count, "periods", late_ns, count);
	takt_loop_end(&loop);
	takt_node_leave(&node);
	return 0;
}
