/* SPDX-License-Identifier: Apache-2.0 */
/* `publish`: what a publish of 64 bytes costs the publisher, with subscribers that do not wait and with some that sleep. */
#include <stdio.h>
#include <string.h>

#include "apps/takt/bench_domain.h"
#include "apps/takt/bench_run.h"
#include "core/topic.h"
#include "core/waiter.h"
#include "platform/clock.h"

#define GOAL	     1.2
#define GOAL_READERS 1.05
#define BYTES	     64u
#define DEPTH	     64u
#define BATCH	     100u /* publishes between two looks at the clock */
#define READERS_MAX  64u
#define ASLEEP_NS    (150 * TAKT_NS_PER_US) /* after which a reader that has nothing to do sleeps */
#define WARM_BATCHES 20u

static struct takt_node nodes[READERS_MAX + 1];
static struct takt_publisher publisher;
static struct takt_subscriber subscribers[READERS_MAX];
static struct takt_waiter waiter;

/* ------------------------------------------------------------------------------------------------------- domain */

static void name_reader(char name[TAKT_NAME_BYTES], uint32_t index)
{
	(void)snprintf(name, TAKT_NAME_BYTES, "reader%u", index);
}

static enum takt_status prepare_takt(struct bench_burst *burst)
{
	struct bench_config config;
	char name[TAKT_NAME_BYTES];

	bench_config_begin(&config);
	bench_config_topic(&config, &(struct bench_topic){.name = "there", .bytes = BYTES, .depth = DEPTH});
	bench_config_nodes(&config);
	bench_config_node(&config, "writer", "there", "", 0);
	for (uint32_t i = 0; i < burst->subject->reader_count; i++) {
		name_reader(name, i);
		bench_config_node(&config, name, "", "there", 1);
	}
	return bench_config_write(&config, burst->folder);
}

static enum takt_status prepare_floor(struct bench_burst *burst)
{
	burst->link = (struct takt_os_bench_link){.channel = &takt_os_bench_seqlock, .bytes = BYTES};
	for (uint32_t i = 0; i < BENCH_SLEEPERS_MAX; i++)
		takt_os_bench_sem_init(&burst->shared->sems[i]);
	return burst->link.channel->create(&burst->link);
}

static void clean_up_floor(struct bench_burst *burst)
{
	burst->link.channel->destroy(&burst->link);
}

static enum takt_status join_writer(struct bench_burst *burst)
{
	enum takt_status status = bench_join(&nodes[0], burst->folder, "writer");
	return status == TAKT_OK ? takt_publisher_attach(&publisher, &nodes[0], "there", bench_type(BYTES)) : status;
}

static enum takt_status join_reader(struct bench_burst *burst, uint32_t index)
{
	char name[TAKT_NAME_BYTES];

	name_reader(name, index);
	enum takt_status status = bench_join(&nodes[1 + index], burst->folder, name);
	if (status != TAKT_OK)
		return status;
	return takt_subscriber_attach(&subscribers[index], &nodes[1 + index], "there", bench_type(BYTES), NULL);
}

/* --------------------------------------------------------------------------------------------- nobody waits */

/* The same loop for both: only the call differs, and both calls go through a pointer. */
typedef int (*publish_one)(struct bench_burst *burst, const void *message);

static int publish_floor(struct bench_burst *burst, const void *message)
{
	return takt_os_bench_seqlock.send(&burst->link, message);
}

static int publish_takt(struct bench_burst *burst, const void *message)
{
	(void)burst;
	return takt_publish(&publisher, message, NULL) == TAKT_OK;
}

static int publish_many(struct bench_burst *burst, publish_one publish)
{
	uint64_t message[BYTES / 8] = {0};

	for (uint32_t i = 0; i < WARM_BATCHES * BATCH; i++)
		if (!publish(burst, message))
			return 1;
	for (uint64_t at_ns = bench_begin(burst); at_ns < burst->shared->stop_ns;) {
		for (uint32_t i = 0; i < BATCH; i++) {
			message[0]++;
			if (!publish(burst, message))
				return 1;
		}
		uint64_t now_ns = takt_os_bench_now_ns();
		bench_histogram_add(&burst->shared->histogram, (now_ns - at_ns) * 10 / BATCH);
		at_ns = now_ns;
	}
	bench_end(burst);
	return 0;
}

static int run_takt(struct bench_burst *burst, uint32_t index)
{
	enum takt_status status = TAKT_OK;

	if (index == 0)
		status = join_writer(burst);
	for (uint32_t i = 0; index == 1 && i < burst->subject->reader_count && status == TAKT_OK; i++)
		status = join_reader(burst, i);
	if (status != TAKT_OK)
		return 1;
	bench_meet(burst);
	if (index == 0)
		return publish_many(burst, publish_takt);
	bench_idle(burst);
	return 0;
}

static int run_floor(struct bench_burst *burst, uint32_t index)
{
	burst->link.side = 0;
	if (burst->link.channel->attach(&burst->link) != TAKT_OK)
		return 1;
	bench_meet(burst);
	if (index == 0)
		return publish_many(burst, publish_floor);
	bench_idle(burst);
	return 0;
}

/* ------------------------------------------------------------------------------------------------ some sleep */

/* One publish at a time, each when all have read the last one and gone back to sleep. */
static int publish_to_sleepers(struct bench_burst *burst, publish_one publish)
{
	uint64_t message[BYTES / 8] = {0};
	uint32_t sleeper_count = burst->subject->process_count - 1;
	uint32_t wanted = 0;

	for (uint64_t at_ns = bench_begin(burst); at_ns < burst->shared->stop_ns;) {
		message[0]++;
		takt_os_bench_sleep_until(takt_os_bench_now_ns() + ASLEEP_NS);
		at_ns = takt_os_bench_now_ns();
		if (!publish(burst, message))
			return 1;
		bench_histogram_add(&burst->shared->histogram, (takt_os_bench_now_ns() - at_ns) * 10);
		wanted += sleeper_count;
		while (atomic_load_explicit(&burst->shared->acknowledged_count, memory_order_relaxed) != wanted)
			takt_os_bench_sleep_until(takt_os_bench_now_ns() + ASLEEP_NS);
	}
	bench_end(burst);
	message[0] = UINT64_MAX;
	return !publish(burst, message);
}

static void acknowledge(struct bench_burst *burst)
{
	/* Relaxed: a count, nothing hangs on when it is seen. */
	atomic_fetch_add_explicit(&burst->shared->acknowledged_count, 1, memory_order_relaxed);
}

static int publish_floor_and_post(struct bench_burst *burst, const void *message)
{
	takt_os_bench_seqlock.send(&burst->link, message);
	for (uint32_t i = 0; i + 1 < burst->subject->process_count; i++)
		takt_os_bench_sem_post(&burst->shared->sems[i]);
	return 1;
}

static int run_floor_sleepers(struct bench_burst *burst, uint32_t index)
{
	burst->link.side = 0;
	if (burst->link.channel->attach(&burst->link) != TAKT_OK)
		return 1;
	bench_meet(burst);
	if (index == 0)
		return publish_to_sleepers(burst, publish_floor_and_post);
	for (;;) {
		if (!takt_os_bench_sem_wait(&burst->shared->sems[index - 1]))
			return 1;
		if (atomic_load_explicit(&burst->shared->is_over, memory_order_acquire))
			return 0;
		acknowledge(burst);
	}
}

static int sleep_and_read(struct bench_burst *burst, struct takt_subscriber *subscriber)
{
	uint64_t message[BYTES / 8];

	for (;;) {
		if (takt_wait_until(&waiter, TAKT_FOREVER) != TAKT_OK ||
		    takt_read_next(subscriber, message, NULL) != TAKT_OK)
			return 1;
		if (message[0] == UINT64_MAX)
			return 0;
		acknowledge(burst);
	}
}

static int run_takt_sleepers(struct bench_burst *burst, uint32_t index)
{
	enum takt_status status;

	if (index == 0) {
		status = join_writer(burst);
	} else {
		status = join_reader(burst, index - 1);
		if (status == TAKT_OK)
			status = takt_waiter_init(&waiter, &nodes[index], 0);
		if (status == TAKT_OK)
			status = takt_waiter_add(&waiter, &subscribers[index - 1]);
	}
	if (status != TAKT_OK)
		return 1;
	bench_meet(burst);
	return index == 0 ? publish_to_sleepers(burst, publish_takt) : sleep_and_read(burst, &subscribers[index - 1]);
}

/* ------------------------------------------------------------------------------------------------------ subjects */

static struct bench_subject takt_with(uint32_t reader_count)
{
	return (struct bench_subject){.run = run_takt,
				      .prepare = prepare_takt,
				      .process_count = 2,
				      .reader_count = reader_count};
}

static const struct bench_subject idle_floor = {.run = run_floor,
						.prepare = prepare_floor,
						.clean_up = clean_up_floor,
						.process_count = 2};

const struct bench_row *bench_publish_compare(struct bench *bench, const char *test, const char *name)
{
	struct bench_case wanted = {.test = test, .metric = BENCH_P50, .floor = idle_floor, .takt = takt_with(1)};

	/* A process that registers with LTTng's daemon takes its time. */
	wanted.pairs = bench->options.is_quick ? 2 : 0;
	(void)snprintf(wanted.name, sizeof(wanted.name), "%s", name);
	return bench_compare(bench, &wanted);
}

static void compare_idle(struct bench *bench)
{
	static const uint32_t counts[] = {0, 1, 4, 16, 64};
	struct bench_case wanted = {.test = "publish", .metric = BENCH_P50, .goal = GOAL, .floor = idle_floor};

	for (uint32_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		(void)snprintf(wanted.name, sizeof(wanted.name), "%u subscriber%s, none waits", counts[i],
			       counts[i] == 1 ? "" : "s");
		wanted.takt = takt_with(counts[i]);
		(void)bench_compare(bench, &wanted);
	}
	(void)snprintf(wanted.name, sizeof(wanted.name), "64 subscribers against none");
	wanted.goal = GOAL_READERS;
	wanted.floor = takt_with(0);
	wanted.takt = takt_with(READERS_MAX);
	(void)bench_compare(bench, &wanted);
}

static void compare_sleeping(struct bench *bench)
{
	static const uint32_t counts[] = {0, 1, 4, 16};
	struct bench_case wanted = {.test = "publish", .metric = BENCH_P50, .pairs = bench->options.is_quick ? 2 : 7};

	for (uint32_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		uint32_t process_count = 1 + counts[i];
		(void)snprintf(wanted.name, sizeof(wanted.name), "%u sleeping subscriber%s, one at a time", counts[i],
			       counts[i] == 1 ? "" : "s");
		wanted.floor = (struct bench_subject){.run = run_floor_sleepers,
						      .prepare = prepare_floor,
						      .clean_up = clean_up_floor,
						      .process_count = process_count};
		wanted.takt = (struct bench_subject){.run = run_takt_sleepers,
						     .prepare = prepare_takt,
						     .process_count = process_count,
						     .reader_count = counts[i]};
		(void)bench_compare(bench, &wanted);
	}
}

void bench_publish(struct bench *bench)
{
	compare_idle(bench);
	compare_sleeping(bench);
}
