/* SPDX-License-Identifier: Apache-2.0 */
/* A timerfd: a tick every millisecond. What it measures is how late a tick is. */
#include <sys/timerfd.h>
#include "pair.h"

#define PERIOD_NS UINT64_C(1000000)

static uint64_t await(int timer)
{
	uint64_t
		expirations; /* more than one: ticks that nobody read in time, and who does not add them up is late for ever */
	check(read(timer, &expirations, sizeof(expirations)) == sizeof(expirations), "read");
	return expirations;
}

/* Ten periods of work in one cycle. */
static void show_trap(int timer)
{
	uint64_t end_ns = clock_ns() + 10 * PERIOD_NS, cycles = 0, periods = 0;
	while (clock_ns() < end_ns)
		;
	for (; periods < 10; cycles++)
		periods += await(timer);
	printf("cycle too long: %s\n", cycles < periods ? "fewer ticks than periods" : "as many ticks as periods");
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv), ticks = 0;
	uint64_t late_ns = 0, due_ns = clock_ns() + PERIOD_NS;
	int timer = timerfd_create(CLOCK_MONOTONIC, 0); /* CLOCK_REALTIME would jump with the time of day */
	struct itimerspec beat = {.it_value = time_at(due_ns), .it_interval = {.tv_nsec = PERIOD_NS}};
	check(timer >= 0 && timerfd_settime(timer, TFD_TIMER_ABSTIME, &beat, NULL) == 0, "timerfd");
	if (count == 0) {
		show_trap(timer);
		return 0;
	}
	while (ticks < count) {
		uint64_t expirations = await(timer);
		ticks += (uint32_t)expirations;
		due_ns += (expirations - 1) * PERIOD_NS; /* of the last one */
		late_ns += clock_ns() - due_ns;
		due_ns += PERIOD_NS;
	}
	report(count, "periods", late_ns, count);
	return 0;
}
