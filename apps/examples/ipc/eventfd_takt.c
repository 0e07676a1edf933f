/* SPDX-License-Identifier: Apache-2.0 */
/* Event flags: two processes wake each other by turns. A bit for each cause, and a name that any node can find. */
#include "takt_pair.h"

#define PING (1u << 0)
#define PONG (1u << 31)

static struct takt_events flags;

static void attach(const char *name)
{
	join(name);
	need(takt_events_attach(&flags, &waiter, "flags"), "attach");
	meet();
}

static void leave(void)
{
	takt_events_detach(&flags);
	takt_node_leave(&node);
}

static void post(uint32_t bits)
{
	need(takt_events_set(&flags, bits), "set");
}

static uint32_t await(uint32_t bits)
{
	uint32_t seen;
	need(takt_events_take_until(&flags, bits, TAKT_EVENTS_ANY, soon_ns(), &seen), "take");
	return seen & bits;
}

static void return_pings(uint32_t count)
{
	attach("giver");
	for (uint32_t i = 0; i < count; i++) {
		await(PING);
		post(PONG);
	}
	leave();
}

static void post_three(uint32_t unused)
{
	(void)unused;
	attach("giver");
	for (int cause = 0; cause < 3; cause++)
		post(1u << (uint32_t[]){1, 4, 9}[cause]);
	leave();
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv), turns = 0;
	pid_t other = count == 0 ? begin(post_three, 0) : begin(return_pings, count);
	attach("taker");
	if (count == 0) {
		check(end_of(other) == 0, "post");
		uint32_t seen = await(UINT32_MAX);
		printf("causes 1, 4 and 9 posted: one take gives");
		for (int bit = 0; bit < TAKT_EVENT_COUNT; bit++)
			if (seen >> bit & 1)
				printf(" %d", bit);
		printf("\n");
		leave();
		return 0;
	}
	uint64_t begin_ns = takt_now_ns();
	for (; turns < count; turns++) {
		post(PING);
		await(PONG);
	}
	report(turns, "wake-ups returned", takt_now_ns() - begin_ns, 2 * count);
	leave();
	return end_of(other);
}
