/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_queue.c: the config, the type and the shorthands that its suites share. */
#ifndef TAKT_TEST_CORE_QUEUE_SUPPORT_H
#define TAKT_TEST_CORE_QUEUE_SUPPORT_H

#include "core/layout.h"
#include "core/protocol/queue.h"
#include "core/queue.h"
#include "core/queue_segment.h"
#include "core/queue_view.h"
#include "core/topic.h"
#include "core/waiter.h"

/* Words that agree, so that a mixture of two items shows. */
struct job {
	uint64_t number;
	uint64_t check[3];
};
TAKT_TYPE(job, struct job, TAKT_FIELD(struct job, number, TAKT_U64, 1, ""),
	  TAKT_FIELD(struct job, check, TAKT_U64, 3, ""));

static const char queue_config[] =
	"domain: test\n"
	"lock_bound_us: 20000\n"
	"topics: [{name: number, type: job, bytes: 32}]\n"
	"queues:\n"
	"  - {name: jobs, type: job, bytes: 32, depth: 4, bands: 3}\n"
	"  - {name: newest, type: job, bytes: 32, depth: 4, when_full: drop_newest}\n"
	"  - {name: oldest, type: job, bytes: 32, depth: 4, bands: 2, when_full: drop_oldest}\n"
	"  - {name: limited, type: job, bytes: 32, depth: 4, deliveries: 2}\n"
	"nodes:\n"
	"  - {name: boss, program: x, pushes: [jobs, newest, oldest, limited], publishes: [number]}\n"
	"  - {name: worker, program: x, takes: [jobs, newest, oldest, limited], subscribes: [number]}\n"
	"  - {name: mate, program: x, takes: [jobs, limited]}\n"
	"  - {name: both, program: x, pushes: [jobs], takes: [jobs]}\n";

static struct takt_node *boss;
static struct takt_node *worker;

static int queue_set_up(void **state)
{
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(queue_config);
	boss = fixture_join("boss");
	worker = fixture_join("worker");
	return 0;
}

static struct job job_of(uint64_t number)
{
	return (struct job){number, {number * 3, ~number, number ^ 0x5a5a5a5a}};
}

static int is_job(const struct job *job, uint64_t number)
{
	struct job expected = job_of(number);

	return memcmp(job, &expected, sizeof(expected)) == 0;
}

static void attach_producer(struct takt_producer *producer, const char *queue)
{
	enum takt_status status = takt_producer_attach(producer, boss, queue, &takt_type_job);

	if (status != TAKT_OK)
		fail_msg("producer of %s: %s: %s", queue, takt_status_name(status), fixture.said);
}

static void attach_consumer(struct takt_consumer *consumer, struct takt_node *node, const char *queue)
{
	enum takt_status status = takt_consumer_attach(consumer, node, queue, &takt_type_job);

	if (status != TAKT_OK)
		fail_msg("consumer of %s: %s: %s", queue, takt_status_name(status), fixture.said);
}

static enum takt_status push_job(struct takt_producer *producer, uint64_t number, uint32_t band)
{
	struct job job = job_of(number);

	return takt_queue_push(producer, &job, band, NULL);
}

static void push_jobs(struct takt_producer *producer, uint64_t first, uint64_t last, uint32_t band)
{
	for (uint64_t number = first; number <= last; number++)
		assert_int_equal(push_job(producer, number, band), TAKT_OK);
}

/* Takes the next item and expects it to be this one. */
static struct takt_item take_job(struct takt_consumer *consumer, uint32_t band, uint64_t number)
{
	struct job job;
	struct takt_item item = {0};
	enum takt_status status = takt_queue_take(consumer, band, &job, &item);

	if (status != TAKT_OK)
		fail_msg("job %lu: %s: %s", (unsigned long)number, takt_status_name(status), fixture.said);
	if (!is_job(&job, number) || memcmp(item.payload, &job, sizeof(job)) != 0)
		fail_msg("a job of %lu, expected %lu (or it is torn)", (unsigned long)job.number,
			 (unsigned long)number);
	return item;
}

static void do_job(struct takt_consumer *consumer, uint32_t band, uint64_t number)
{
	struct takt_item item = take_job(consumer, band, number);

	assert_int_equal(takt_queue_acknowledge(consumer, &item), TAKT_OK);
}

static void nothing_waits(struct takt_consumer *consumer, uint32_t band)
{
	struct job job;
	struct takt_item item;

	assert_int_equal(takt_consumer_has_items(consumer, band), 0);
	assert_int_equal(takt_queue_take(consumer, band, &job, &item), TAKT_EMPTY);
}

static uint64_t counted(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static uint64_t soon(void)
{
	return takt_os_clock_now_ns() + LONG_NS;
}

#define QUEUE_TEST(test) cmocka_unit_test_setup_teardown(test, queue_set_up, fixture_tear_down)

#endif
