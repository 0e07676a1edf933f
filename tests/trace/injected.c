/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nodes of tests/trace/injected.yaml, with faults whose figures are known:
 *	source	cycles of 2 ms: publishes burst and step; in the one at half time it sleeps SLEEP_NS between the two
 *	relay	answers each step, with the step's origin
 *	sink	reads each answer; looks at burst only when all is over, so that it has lost all but the newest few
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/takt.h"
#include "platform/clock.h"

#define CYCLES	 200u /* unless the program is told another number */
#define SLEEP_NS (5 * TAKT_NS_PER_MS)

struct count {
	uint64_t number;
	uint64_t reserved;
};
TAKT_TYPE(count, struct count, TAKT_FIELD(struct count, number, TAKT_U64, 1, ""),
	  TAKT_FIELD(struct count, reserved, TAKT_U64, 1, ""));

static struct takt_node node;
static struct takt_loop loop;
static struct count count;
static uint64_t cycles = CYCLES;

#define MUST(call)                                                                                                     \
	do {                                                                                                           \
		enum takt_status must = (call);                                                                        \
		if (must != TAKT_OK) {                                                                                 \
			(void)fprintf(stderr, "%s:%d: " #call ": %s\n", __FILE__, __LINE__, takt_status_name(must));   \
			return 1;                                                                                      \
		}                                                                                                      \
	} while (0)

static void say_ready(void)
{
	(void)printf("ready\n");
	(void)fflush(stdout);
}

static int run_source(void)
{
	static struct takt_publisher step, burst;
	MUST(takt_publisher_attach(&step, &node, "step", &takt_type_count));
	MUST(takt_publisher_attach(&burst, &node, "burst", &takt_type_count));
	MUST(takt_loop_begin(&loop, &node, &(struct takt_loop_options){0}));
	while (loop.cycle_count < cycles && takt_loop_next(&loop) == TAKT_OK) {
		count.number = loop.cycle_count;
		MUST(takt_publish(&burst, &count, NULL));
		if (loop.cycle_count == cycles / 2)
			(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + SLEEP_NS);
		MUST(takt_publish(&step, &count, NULL));
	}
	/* The last cycle's end is counted by the call that finds no other. */
	takt_loop_end(&loop);
	takt_publisher_detach(&step);
	takt_publisher_detach(&burst);
	return 0;
}

static int run_relay(void)
{
	static struct takt_subscriber step;
	static struct takt_publisher answer;
	struct takt_subscriber *triggers[] = {&step};
	struct takt_sample_info info;
	MUST(takt_subscriber_attach(&step, &node, "step", &takt_type_count, NULL));
	MUST(takt_publisher_attach(&answer, &node, "answer", &takt_type_count));
	MUST(takt_loop_begin(&loop, &node, &(struct takt_loop_options){.triggers = triggers, .trigger_count = 1}));
	say_ready();
	while (step.next <= cycles && takt_loop_next(&loop) == TAKT_OK)
		while (takt_read_next(&step, &count, &info) == TAKT_OK)
			MUST(takt_publish(&answer, &count, &info.origin));
	takt_loop_end(&loop);
	takt_subscriber_detach(&step);
	takt_publisher_detach(&answer);
	return 0;
}

static int run_sink(void)
{
	static struct takt_subscriber answer, burst;
	struct takt_subscriber *triggers[] = {&answer};
	struct takt_sample_info info;
	uint64_t got = 0;
	MUST(takt_subscriber_attach(&answer, &node, "answer", &takt_type_count, NULL));
	MUST(takt_subscriber_attach(&burst, &node, "burst", &takt_type_count, NULL));
	MUST(takt_loop_begin(&loop, &node, &(struct takt_loop_options){.triggers = triggers, .trigger_count = 1}));
	say_ready();
	while (answer.next <= cycles && takt_loop_next(&loop) == TAKT_OK)
		while (takt_read_next(&answer, &count, &info) == TAKT_OK)
			continue;
	while (takt_read_next(&burst, &count, &info) == TAKT_OK)
		got++;
	(void)printf("%llu\n", (unsigned long long)(cycles - got));
	takt_loop_end(&loop);
	takt_subscriber_detach(&answer);
	takt_subscriber_detach(&burst);
	return 0;
}

int main(int word_count, char **words)
{
	int result = 1;
	if (word_count > 1)
		cycles = strtoull(words[1], NULL, 10);
	MUST(takt_node_join(&node, NULL, NULL));
	if (strcmp(node.name, "source") == 0)
		result = run_source();
	else if (strcmp(node.name, "relay") == 0)
		result = run_relay();
	else if (strcmp(node.name, "sink") == 0)
		result = run_sink();
	takt_node_leave(&node);
	return result;
}
