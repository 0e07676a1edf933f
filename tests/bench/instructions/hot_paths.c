/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks each hot path TURNS times, in a function of its own that callgrind knows by its symbol: path_NAME is counted, what aside_NAME
 * does in between is not. instructions.sh runs it; alone it shows only that the paths can be walked.
 *
 *	hot_paths		walks all; TAKT_SHM_FOLDER names a folder for this run alone
 *	hot_paths --list	the functions of the paths
 *	hot_paths --turns	how often a path walks
 *	hot_paths --build	the compiler, architecture and build that the counts hold for
 */
#include <stdio.h>
#include <string.h>

#include "platform/clock.h"
#include "tests/bench/instructions/stage.h"

/* Even: a spare, a histogram's bucket and the like come in turns. */
#define TURNS 1000

/* Neither inlined nor cloned: callgrind knows a function by its symbol. */
#define NOT_INLINED    __attribute__((noinline))
#define ALWAYS_INLINED inline __attribute__((always_inline))

#if defined(__clang__)
#define COMPILER "clang"
#elif defined(__GNUC__)
#define COMPILER "gcc"
#else
#define COMPILER "cc"
#endif
#if defined(__x86_64__)
#define ARCHITECTURE "x86_64"
#elif defined(__aarch64__)
#define ARCHITECTURE "aarch64"
#elif defined(__arm__)
#define ARCHITECTURE "arm"
#else
#define ARCHITECTURE "unknown"
#endif

static struct stage_sample sample;
static struct takt_sample_info info;

/* ------------------------------------------------------------------------------------------------------- aside */

static NOT_INLINED void aside_publish(enum stage_topic topic)
{
	sample.words[0]++;
	stage_require(takt_publish(&stage.publishers[topic], &sample, NULL) == TAKT_OK, "cannot publish aside");
}

static NOT_INLINED void aside_read(enum stage_topic topic)
{
	stage_require(takt_read_next(&stage.subscribers[topic], &sample, NULL) == TAKT_OK, "cannot read aside");
}

/* What earlier paths have published and nobody has read: the first turn would count a loss, and old samples have new largest ages. */
static NOT_INLINED void aside_catch_up(enum stage_topic topic)
{
	stage_require(takt_read_latest(&stage.subscribers[topic], &sample, NULL) == TAKT_OK, "cannot catch up");
}

/* A path that took another turn than its name says would be counted as what it is not. */
static NOT_INLINED void aside_check(unsigned good_count, const char *path)
{
	stage_require(good_count == TURNS, path);
}

/* ----------------------------------------------------------------------------------------------------- publish */

static ALWAYS_INLINED void publish(enum stage_topic topic)
{
	unsigned good = 0;
	for (unsigned i = 0; i < TURNS; i++)
		good += takt_publish(&stage.publishers[topic], &sample, NULL) == TAKT_OK;
	aside_check(good, "publish");
}

static NOT_INLINED void path_publish_64(void)
{
	publish(STAGE_QUIET);
}

static NOT_INLINED void path_publish_64_declared_1(void)
{
	publish(STAGE_DECLARED_1);
}

static NOT_INLINED void path_publish_64_declared_16(void)
{
	publish(STAGE_DECLARED_16);
}

static NOT_INLINED void path_publish_64_shared(void)
{
	publish(STAGE_SHARED);
}

static NOT_INLINED void path_publish_64_depth_4(void)
{
	publish(STAGE_DEPTH_4);
}

static NOT_INLINED void path_publish_64_depth_4096(void)
{
	publish(STAGE_DEPTH_4096);
}

static NOT_INLINED void path_publish_64_topics_1(void)
{
	publish(STAGE_TOPICS_1);
}

static NOT_INLINED void path_publish_64_topics_200(void)
{
	publish(STAGE_TOPICS_200);
}

static NOT_INLINED void path_loan_publish(void)
{
	struct takt_publisher *publisher = &stage.publishers[STAGE_LENT];
	struct takt_loan loan;
	unsigned good = 0;
	for (unsigned i = 0; i < TURNS; i++)
		good += takt_publisher_loan(publisher, &loan) == TAKT_OK &&
			takt_publish_loan(publisher, &loan, NULL) == TAKT_OK;
	aside_check(good, "loan and publish");
}

/* -------------------------------------------------------------------------------------------------------- read */

static ALWAYS_INLINED void read_next(enum stage_topic topic)
{
	unsigned good = 0;
	aside_catch_up(topic);
	for (unsigned i = 0; i < TURNS; i++) {
		aside_publish(topic);
		good += takt_read_next(&stage.subscribers[topic], &sample, &info) == TAKT_OK;
	}
	aside_check(good, "read");
}

static NOT_INLINED void path_read_next_64(void)
{
	read_next(STAGE_QUIET);
}

static NOT_INLINED void path_read_next_64_depth_4(void)
{
	read_next(STAGE_DEPTH_4);
}

static NOT_INLINED void path_read_next_64_depth_4096(void)
{
	read_next(STAGE_DEPTH_4096);
}

static NOT_INLINED void path_read_next_64_topics_1(void)
{
	read_next(STAGE_TOPICS_1);
}

static NOT_INLINED void path_read_next_64_topics_200(void)
{
	read_next(STAGE_TOPICS_200);
}

static NOT_INLINED void path_read_next_empty(void)
{
	unsigned good = 0;
	for (unsigned i = 0; i < TURNS; i++)
		good += takt_read_next(&stage.subscribers[STAGE_QUIET], &sample, &info) == TAKT_EMPTY;
	aside_check(good, "read where there is nothing");
}

static NOT_INLINED void path_read_latest_64(void)
{
	unsigned good = 0;
	aside_catch_up(STAGE_QUIET);
	for (unsigned i = 0; i < TURNS; i++) {
		aside_publish(STAGE_QUIET);
		good += takt_read_latest(&stage.subscribers[STAGE_QUIET], &sample, &info) == TAKT_OK &&
			!info.is_repeated;
	}
	aside_check(good, "read the latest");
}

static NOT_INLINED void path_borrow_return(void)
{
	struct takt_subscriber *subscriber = &stage.subscribers[STAGE_LENT];
	struct takt_borrow borrow;
	unsigned good = 0;
	aside_catch_up(STAGE_LENT);
	for (unsigned i = 0; i < TURNS; i++) {
		aside_publish(STAGE_LENT);
		good += takt_borrow_next(subscriber, &borrow, &info) == TAKT_OK &&
			takt_return(subscriber, &borrow) == TAKT_OK;
	}
	aside_check(good, "borrow and return");
}

/* -------------------------------------------------------------------------------------------------------- wait */

static NOT_INLINED void path_has_news(void)
{
	unsigned good = 0;
	aside_publish(STAGE_DECLARED_1);
	for (unsigned i = 0; i < TURNS; i++)
		good += takt_subscriber_has_news(&stage.subscribers[STAGE_DECLARED_1]) == 1;
	aside_check(good, "has news");
}

static NOT_INLINED void path_wait_until_news_there(void)
{
	unsigned good = 0;
	aside_publish(STAGE_DECLARED_1);
	for (unsigned i = 0; i < TURNS; i++)
		good += takt_wait_until(&stage.waiter, TAKT_FOREVER) == TAKT_OK;
	aside_check(good, "wait where there is news");
}

static NOT_INLINED void path_loop_next_news_there(void)
{
	unsigned good = 0;
	for (unsigned i = 0; i < TURNS; i++) {
		aside_publish(STAGE_NEWS);
		good += takt_loop_next(&stage.event_loop) == TAKT_OK;
		aside_read(STAGE_NEWS);
	}
	aside_check(good, "a cycle for news");
}

static NOT_INLINED void path_loop_next_period(void)
{
	unsigned good = 0;
	for (unsigned i = 0; i < TURNS; i++)
		good += takt_loop_next(&stage.period_loop) == TAKT_OK;
	aside_check(good, "a cycle of a period");
}

/* -------------------------------------------------------------------------------------------------------- main */

#define PATH(name)                                                                                                     \
	{                                                                                                              \
		"path_" #name, path_##name                                                                             \
	}

static const struct {
	const char *name;
	void (*walk)(void);
} paths[] = {
	PATH(publish_64),
	PATH(publish_64_declared_1),
	PATH(publish_64_declared_16),
	PATH(publish_64_shared),
	PATH(publish_64_depth_4),
	PATH(publish_64_depth_4096),
	PATH(publish_64_topics_1),
	PATH(publish_64_topics_200),
	PATH(loan_publish),
	PATH(read_latest_64),
	PATH(read_next_64),
	PATH(read_next_64_depth_4),
	PATH(read_next_64_depth_4096),
	PATH(read_next_64_topics_1),
	PATH(read_next_64_topics_200),
	PATH(read_next_empty),
	PATH(borrow_return),
	PATH(has_news),
	PATH(wait_until_news_there),
	PATH(loop_next_news_there),
	PATH(loop_next_period),
};

#define PATH_COUNT (sizeof(paths) / sizeof(paths[0]))

/* First turns cost more: the type is compared once, a smallest and a largest age are found. */
static void warm_up(void)
{
	for (unsigned topic = 0; topic < STAGE_TOPIC_COUNT; topic++) {
		aside_publish(topic);
		if (topic != STAGE_DECLARED_1 && topic != STAGE_DECLARED_16 && topic != STAGE_NEWS)
			aside_read(topic);
	}
	stage_require(takt_loop_next(&stage.event_loop) == TAKT_OK, "no first cycle for news");
	aside_read(STAGE_NEWS);
	stage_require(takt_loop_next(&stage.period_loop) == TAKT_OK, "no first cycle of a period");
}

static int walk(void)
{
	stage_begin();
	warm_up();
	for (unsigned i = 0; i < PATH_COUNT; i++)
		paths[i].walk();
	stage_end();
	return 0;
}

static int list(void)
{
	for (unsigned i = 0; i < PATH_COUNT; i++)
		(void)printf("%s\n", paths[i].name);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		return walk();
	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	if (argc == 2 && strcmp(argv[1], "--turns") == 0)
		return printf("%d\n", TURNS) < 0;
	if (argc == 2 && strcmp(argv[1], "--build") == 0)
		return printf(COMPILER " %s, " ARCHITECTURE ", " TAKT_BENCH_BUILD "\n", __VERSION__) < 0;
	(void)fprintf(stderr, "usage: %s [--list|--turns|--build]\n", argv[0]);
	return 2;
}
