/* SPDX-License-Identifier: Apache-2.0 */
/* Two eventfds: two processes wake each other by turns. */
#include <sys/eventfd.h>
#include "pair.h"

static int ping, pong;

static void post(int event)
{
	uint64_t one = 1;
	check(write(event, &one, sizeof(one)) == sizeof(one), "write");
}

static uint64_t await(int event)
{
	uint64_t posts;
	check(read(event, &posts, sizeof(posts)) == sizeof(posts), "read");
	return posts;
}

static void return_pings(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		await(ping);
		post(pong);
	}
}

static void send_pings(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		post(ping);
		await(pong);
	}
}

/* Three causes, one number: that something was, and how often, but not what. */
static void show_trap(void)
{
	for (int cause = 0; cause < 3; cause++)
		post(ping);
	printf("causes 1, 4 and 9 posted: one read gives %" PRIu64 "\n", await(ping));
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	ping = eventfd(0, 0); /* handed on by fork, or over a socket: it has no name */
	pong = eventfd(0, 0);
	check(ping >= 0 && pong >= 0, "eventfd");
	if (count == 0) {
		show_trap();
		return 0;
	}
	report(count, "wake-ups returned", play_both(return_pings, send_pings, count), 2 * count);
	return 0;
}
