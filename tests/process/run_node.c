/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node for the tests of `takt run`, that behaves as its arguments say:
 *
 *	exit=CODE crash=1	end so after `after` cycles (default 10), or at once with after=0: before it is ready
 *	once=FILE		do that only while FILE exists, and remove it first: the next life is a good one
 *	ready=0			join, and never become ready
 *	deaf=1			ignore quit and SIGTERM
 *	say=TEXT		print it at the first cycle; `raw` and `flood` print escapes and 1000 lines
 *	publish=TOPIC read=TOPIC
 *				every cycle; a sample read is the origin of the one published
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/takt.h"
#include "platform/clock.h"

struct beat {
	uint64_t count;
};
TAKT_TYPE(beat, struct beat, TAKT_FIELD(struct beat, count, TAKT_U64, 1, ""));

static struct takt_node node;
static struct takt_loop loop;
static struct takt_publisher publisher;
static struct takt_subscriber subscriber;
static struct beat beat;

static int count;
static char **words;

static const char *word(const char *key)
{
	size_t length = strlen(key);

	for (int i = 1; i < count; i++)
		if (strncmp(words[i], key, length) == 0 && words[i][length] == '=')
			return words[i] + length + 1;
	return NULL;
}

static uint64_t number(const char *key, uint64_t otherwise)
{
	const char *text = word(key);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

static void misbehave(void)
{
	if (word("once") && remove(word("once")) != 0)
		return;
	if (word("crash"))
		abort();
	if (word("exit"))
		exit((int)number("exit", 0));
}

static void speak(const char *text)
{
	if (strcmp(text, "raw") == 0) {
		printf("red\033[31m\001\n");
	} else if (strcmp(text, "flood") == 0) {
		for (int i = 0; i < 1000; i++)
			printf("line %d\n", i);
	} else {
		printf("%s", text);
	}
	fflush(stdout);
}

static void cycle(void)
{
	struct takt_sample_info info;
	int has_origin = 0;

	while (subscriber.node && takt_read_next(&subscriber, &beat, &info) == TAKT_OK)
		has_origin = 1;
	beat.count++;
	if (publisher.node && takt_publish(&publisher, &beat, has_origin ? &info.origin : NULL) != TAKT_OK)
		exit(9);
}

static int join(void)
{
	if (takt_node_join(&node, NULL, NULL) != TAKT_OK)
		return 0;
	if (word("publish") && takt_publisher_attach(&publisher, &node, word("publish"), &takt_type_beat) != TAKT_OK)
		return 0;
	if (word("read") && takt_subscriber_attach(&subscriber, &node, word("read"), &takt_type_beat, NULL) != TAKT_OK)
		return 0;
	return 1;
}

int main(int argc, char **argv)
{
	count = argc;
	words = argv;
	const uint64_t after = number("after", 10);
	if (after == 0)
		misbehave();
	if (!join())
		return 1;
	if (word("deaf"))
		(void)signal(SIGTERM, SIG_IGN);
	while (number("ready", 1) == 0)
		if (takt_os_clock_sleep_until(takt_os_clock_now_ns() + TAKT_NS_PER_S) != TAKT_OK)
			return 0;
	if (takt_loop_begin(&loop, &node, &(struct takt_loop_options){.period_ns = 0}) != TAKT_OK)
		return 1;
	for (uint64_t cycles = 0; takt_loop_next(&loop) == TAKT_OK; cycles++) {
		if (cycles == 0 && word("say"))
			speak(word("say"));
		cycle();
		if (after && cycles == after)
			misbehave();
	}
	while (word("deaf"))
		(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + TAKT_NS_PER_S);
	takt_loop_end(&loop);
	takt_publisher_detach(&publisher);
	takt_subscriber_detach(&subscriber);
	takt_node_leave(&node);
	return 0;
}
