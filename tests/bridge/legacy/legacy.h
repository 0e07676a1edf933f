/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs as they were written before takt: they know this struct, the bare system calls, and nothing of takt.
 *	PROGRAM send WHERE FIRST LAST	sends samples FIRST to LAST
 *	PROGRAM receive WHERE LAST	prints what comes until sample LAST has, or exits with 3 after 20 s
 */
#ifndef TESTS_BRIDGE_LEGACY_H
#define TESTS_BRIDGE_LEGACY_H

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S 20

struct measure {
	uint64_t count;
	double value;
	int32_t status;
	char unit[4];
};

static inline struct measure measure_of(uint64_t count)
{
	return (struct measure){count, (double)count * -0.25, (int32_t)count - 5, "bar"};
}

static inline void show(const struct measure *measure)
{
	(void)printf("%" PRIu64 " %g %" PRId32 " %.4s\n", measure->count, measure->value, measure->status,
		     measure->unit);
	(void)fflush(stdout);
}

static inline void need(int condition, const char *what)
{
	if (condition)
		return;
	(void)fprintf(stderr, "legacy: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* 1 while there is patience left; gives the processor away. */
static inline int go_on(void)
{
	static time_t end;
	const struct timespec pause = {0, 1000000};
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (end == 0)
		end = now.tv_sec + PATIENCE_S;
	(void)nanosleep(&pause, NULL);
	return now.tv_sec < end;
}

/* Prints one after the other until the last. @param receive 1 it has got one */
static inline int receive_all(int (*receive)(struct measure *measure), uint64_t last)
{
	struct measure measure = {.count = 0};

	while (measure.count < last)
		if (receive(&measure))
			show(&measure);
		else if (!go_on())
			return 3;
	return 0;
}

static inline void send_all(void (*send_one)(const struct measure *measure), char **argv)
{
	const uint64_t last = strtoull(argv[4], NULL, 10);

	for (uint64_t count = strtoull(argv[3], NULL, 10); count <= last; count++) {
		const struct measure measure = measure_of(count);

		send_one(&measure);
	}
}

static inline int is_send(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "send") == 0)
		return 1;
	need(argc >= 4 && strcmp(argv[1], "receive") == 0, "usage: send WHERE FIRST LAST, or receive WHERE LAST");
	return 0;
}

#endif
