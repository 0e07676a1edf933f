/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node that publishes as fast as it can: as many samples as its first argument says, or, for 0, until it is killed. With `die` behind it,
 * that many cycles of a loop with a sample in each, and at the end of the last one it kills itself: between two events, not within one.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/takt.h"

struct drop {
	uint64_t number;
};
TAKT_TYPE(drop, struct drop, TAKT_FIELD(struct drop, number, TAKT_U64, 1, ""));

static struct takt_node node;
static struct takt_publisher publisher;
static struct takt_loop loop;

static int pour(uint64_t count)
{
	struct drop drop = {0};

	for (uint64_t i = 0; count == 0 || i < count; i++) {
		drop.number = i;
		if (takt_publish(&publisher, &drop, NULL) != TAKT_OK)
			return 1;
	}
	return 0;
}

static int die(uint64_t cycles)
{
	struct drop drop = {0};

	if (takt_loop_begin(&loop, &node, &(struct takt_loop_options){0}) != TAKT_OK)
		return 1;
	while (takt_loop_next(&loop) == TAKT_OK) {
		drop.number = loop.cycle_count;
		if (takt_publish(&publisher, &drop, NULL) != TAKT_OK)
			return 1;
		if (loop.cycle_count == cycles)
			return raise(SIGKILL);
	}
	return 1;
}

int main(int argc, char **argv)
{
	const uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;

	if (takt_node_join(&node, NULL, NULL) != TAKT_OK ||
	    takt_publisher_attach(&publisher, &node, "drops", &takt_type_drop) != TAKT_OK)
		return 1;
	(void)printf("ready\n");
	(void)fflush(stdout);
	if (argc > 2 && strcmp(argv[2], "die") == 0 ? die(count) : pour(count))
		return 1;
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
	return 0;
}
