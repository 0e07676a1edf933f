/* SPDX-License-Identifier: Apache-2.0 */
/* Three of these begin every round together, and two of them at a time have a tool. When one dies the others are told. */
#include <inttypes.h>
#include <stdio.h>
#include <takt/takt.h>

#define SECOND UINT64_C(1000000000)

int main(void)
{
	static struct takt_node node;
	static struct takt_waiter waiter;
	static struct takt_barrier start;
	static struct takt_semaphore tools;
	enum takt_status status = TAKT_OK;
	if (takt_node_join(&node, NULL, NULL) != TAKT_OK || takt_waiter_init(&waiter, &node, 0) != TAKT_OK ||
	    takt_barrier_attach(&start, &waiter, "start") != TAKT_OK ||
	    takt_semaphore_attach(&tools, &waiter, "tools") != TAKT_OK || takt_node_set_ready(&node) != TAKT_OK)
		return 1;
	for (uint32_t round = 1; status != TAKT_STOPPED; round++) {
		status = takt_barrier_wait_until(&start, takt_now_ns() + 5 * SECOND);
		if (status == TAKT_ABSENT)
			printf("%s: somebody died, round %" PRIu32 " is broken\n", node.name, round);
		else if (status == TAKT_TIMEOUT)
			printf("%s: somebody has not come to round %" PRIu32 "\n", node.name, round);
		if (status == TAKT_OK && takt_semaphore_wait_until(&tools, takt_now_ns() + SECOND) == TAKT_OK) {
			printf("%s: works in round %" PRIu32 "\n", node.name, round);
			status = takt_wait_until(&waiter, takt_now_ns() + SECOND / 20);
			if (takt_semaphore_post(&tools) != TAKT_OK)
				return 1;
		}
		(void)fflush(stdout);
	}
	takt_semaphore_detach(&tools);
	takt_barrier_detach(&start);
	takt_node_leave(&node);
}
