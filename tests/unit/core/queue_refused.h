/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_queue.c: what is refused, and what a liar who may take from a queue can do to it: lose and repeat, never change. */
#ifndef TAKT_TEST_CORE_QUEUE_REFUSED_H
#define TAKT_TEST_CORE_QUEUE_REFUSED_H

#include "core/segment.h"
#include "tests/unit/core/queue_order.h"
#include "tests/unit/core/queue_support.h"

static void a_queue_handle_that_is_not_attached_answers_closed(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	static struct takt_node nobody;
	struct job job = job_of(1);
	struct takt_item item = {.number = 1};

	(void)state;
	assert_int_equal(takt_queue_push(&producer, &job, 0, NULL), TAKT_CLOSED);
	assert_int_equal(takt_queue_push_until(&producer, &job, 0, NULL, soon()), TAKT_CLOSED);
	assert_int_equal(takt_queue_take(&consumer, 0, &job, &item), TAKT_CLOSED);
	assert_int_equal(takt_queue_take_until(&consumer, 0, &job, &item, soon()), TAKT_CLOSED);
	assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_CLOSED);
	assert_int_equal(takt_queue_return(&consumer, &item), TAKT_CLOSED);
	assert_int_equal(takt_producer_has_room(&producer, 0), 0);
	assert_int_equal(takt_consumer_has_items(&consumer, TAKT_BAND_ANY), 0);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumer);
	assert_int_equal(takt_producer_attach(&producer, &nobody, "jobs", &takt_type_job), TAKT_CLOSED);
	assert_int_equal(takt_consumer_attach(&consumer, &nobody, "jobs", &takt_type_job), TAKT_CLOSED);
	assert_true(is_job(&job, 1) && item.number == 1);
}

static void what_the_config_does_not_give_a_node_is_refused(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	static struct takt_publisher publisher;
	static struct takt_subscriber subscriber;

	(void)state;
	forget_said();
	assert_int_equal(takt_producer_attach(&producer, worker, "jobs", &takt_type_job), TAKT_INVALID);
	assert_said("node 'worker' may not push to 'jobs': the config does not list it; add it to `pushes`");
	assert_int_equal(takt_consumer_attach(&consumer, boss, "jobs", &takt_type_job), TAKT_INVALID);
	assert_said("node 'boss' may not take from 'jobs': the config does not list it; add it to `takes`");
	assert_int_equal(takt_producer_attach(&producer, boss, "number", &takt_type_job), TAKT_INVALID);
	assert_said("node 'boss' may not push to 'number': that is a topic and no queue; publish it");
	assert_int_equal(takt_consumer_attach(&consumer, worker, "number", &takt_type_job), TAKT_INVALID);
	assert_said("node 'worker' may not take from 'number': that is a topic and no queue; subscribe to it");
	assert_int_equal(takt_publisher_attach(&publisher, boss, "jobs", &takt_type_job), TAKT_INVALID);
	assert_said("node 'boss' may not publish 'jobs': that is a queue and no topic; push to it");
	assert_int_equal(takt_subscriber_attach(&subscriber, worker, "jobs", &takt_type_job, NULL), TAKT_INVALID);
	assert_said("node 'worker' may not read 'jobs': that is a queue and no topic; take from it");
	assert_true(producer.queue.domain == NULL && consumer.queue.domain == NULL);
}

static void a_band_that_is_not_there_is_refused_and_said_once(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	struct job job = job_of(1);
	struct takt_item item = {0};

	(void)state;
	attach_producer(&producer, "jobs");
	attach_consumer(&consumer, worker, "jobs");
	forget_said();
	assert_int_equal(push_job(&producer, 1, 3), TAKT_INVALID);
	assert_said("queue 'jobs' has 3 bands, 0 to 2, and no band 3; raise `bands`");
	forget_said();
	assert_int_equal(push_job(&producer, 1, TAKT_BAND_ANY), TAKT_INVALID);
	assert_nothing_said();
	assert_int_equal(takt_queue_take(&consumer, 3, &job, &item), TAKT_INVALID);
	assert_said("no band 3");
	assert_int_equal(takt_queue_take_until(&consumer, 99, &job, &item, soon()), TAKT_INVALID);
	assert_int_equal(takt_consumer_has_items(&consumer, 3), 0);
	item.band = 3;
	item.number = 1;
	assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_INVALID);
	item.band = 0;
	item.number = 0;
	assert_int_equal(takt_queue_return(&consumer, &item), TAKT_INVALID);
	item.number = UINT64_MAX;
	assert_int_equal(takt_queue_return(&consumer, &item), TAKT_OVERTAKEN);
	assert_int_equal(counted(&producer.queue.state->pushed_count), 0);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumer);
}

struct other {
	uint64_t number;
	uint32_t check[6];
};
TAKT_TYPE(other, struct other, TAKT_FIELD(struct other, number, TAKT_U64, 1, ""),
	  TAKT_FIELD(struct other, check, TAKT_U32, 6, ""));

static void another_type_is_refused(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	struct takt_type type = takt_type_other;

	(void)state;
	assert_int_equal(takt_producer_attach(&producer, boss, "jobs", &type), TAKT_MISMATCH);
	assert_said("queue 'jobs' carries type 'job', but this program has type 'other'");
	type.name = "job";
	/* Who was refused has described nothing; the first producer does. */
	attach_consumer(&consumer, worker, "jobs");
	takt_consumer_detach(&consumer);
	attach_producer(&producer, "jobs");
	takt_producer_detach(&producer);
	assert_int_equal(takt_producer_attach(&producer, boss, "jobs", &type), TAKT_MISMATCH);
	assert_said("queue 'jobs': the layout of type 'job' differs");
	attach_producer(&producer, "jobs");
	takt_producer_detach(&producer);
}

/* Opens the running queue with a config that has one value changed. */
static void queue_differs_by(const char *was, const char *is, const char *said)
{
	static char text[sizeof(queue_config) + 64];
	const char *at = strstr(queue_config, was);
	struct takt_queue_mapping mapping = {0};

	assert_non_null(at);
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - queue_config), queue_config, is, at + strlen(was));
	const struct takt_config *config = fixture_parse(text);
	forget_said();
	assert_int_equal(takt_queue_segment_open(&mapping, &worker->domain, config, "newest", TAKT_OS_READ_ONLY,
						 TAKT_OS_READ_ONLY),
			 TAKT_MISMATCH);
	assert_null(mapping.items.address);
	assert_null(mapping.state.address);
	assert_said("queue 'newest'");
	assert_said(said);
	takt_config_free(config);
}

static void a_config_that_differs_in_one_value_is_told_which(void **state)
{
	static struct takt_producer producer;
	static const char line[] = "{name: newest, type: job, bytes: 32, depth: 4, when_full: drop_newest}";

	(void)state;
	attach_producer(&producer, "newest");
	queue_differs_by(line, "{name: newest, type: work, bytes: 32, depth: 4, when_full: drop_newest}",
			 "its type is job in the running domain and work in this config");
	queue_differs_by(line, "{name: newest, type: job, bytes: 40, depth: 4, when_full: drop_newest}",
			 "`bytes` is 32 in the running domain and 40");
	queue_differs_by(line, "{name: newest, type: job, bytes: 32, depth: 8, when_full: drop_newest}",
			 "`depth` is 4 in the running domain and 8");
	queue_differs_by(line, "{name: newest, type: job, bytes: 32, depth: 4, bands: 2, when_full: drop_newest}",
			 "`bands` is 1 in the running domain and 2");
	queue_differs_by(line, "{name: newest, type: job, bytes: 32, depth: 4, when_full: drop_oldest}",
			 "`when_full` is drop_newest in the running domain and drop_oldest");
	queue_differs_by(line, "{name: newest, type: job, bytes: 32, depth: 4, when_full: drop_newest, deliveries: 9}",
			 "`deliveries` is 0 in the running domain and 9");
	queue_differs_by("queues:\n", "queues:\n  - {name: first, type: job, bytes: 32}\n",
			 "its place in the list of queues");
	takt_producer_detach(&producer);
}

/* ------------------------------------------------------------------------------------------------------- liars */

/* Whoever may take can store anything into the state: items are lost or repeated, and none that comes out was changed. */
static void no_scribbling_over_the_state_changes_what_an_item_says(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	uint64_t got = 0;

	(void)state;
	memset(&model, 0, sizeof(model));
	model.seed = 0x9e3779b97f4a7c15;
	attach_producer(&producer, "oldest");
	attach_consumer(&consumer, worker, "oldest");
	/* Bands and entries, not the locks: who scribbles over those stops the queue. */
	struct takt_queue_layout layout;
	takt_queue_layout(&worker->config->queues[2], &layout);
	_Atomic uint64_t *words = (void *)((unsigned char *)consumer.queue.state + layout.bands_offset);
	uint64_t word_count = (layout.state_bytes - layout.bands_offset) / 8;
	for (uint32_t round = 0; round < 100000; round++) {
		struct job job;
		struct takt_item item;
		uint64_t lie = model_random(3) ? model_random(64) : model_random(UINT64_MAX);

		(void)!push_job(&producer, round + 1, round & 1);
		if (model_random(4) == 0)
			atomic_store(&words[model_random(word_count)], lie);
		enum takt_status status = takt_queue_take(&consumer, TAKT_BAND_ANY, &job, &item);
		if (status != TAKT_OK)
			continue;
		if (!is_job(&job, job.number) || job.number == 0 || job.number > round + 1)
			fail_msg("round %u: a job that nobody pushed: %lu", round, (unsigned long)job.number);
		got++;
		status = takt_queue_acknowledge(&consumer, &item);
		assert_int_equal(status, TAKT_OK);
	}
	assert_true(got > 1000);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumer);
}

static void an_item_that_no_producer_wrote_is_dropped_and_said_once(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	struct job job;
	struct takt_item item;

	(void)state;
	attach_producer(&producer, "jobs");
	attach_consumer(&consumer, worker, "jobs");
	for (int i = 0; i < 2; i++) {
		atomic_store(&takt_band_entry(&consumer.queue.bands[0], 0)->sequence, 1);
		atomic_store(&takt_band_entry(&consumer.queue.bands[0], 0)->leased, 0);
		atomic_store(&takt_band_shared(&consumer.queue.bands[0])->head, 0);
		atomic_store(&takt_band_shared(&consumer.queue.bands[0])->tail, 1);
		forget_said();
		assert_int_equal(takt_queue_take(&consumer, TAKT_BAND_ANY, &job, &item), TAKT_CORRUPT);
		if (i == 0)
			assert_said("queue 'jobs': its state tells of item 1, which no producer wrote");
		else
			assert_nothing_said();
		nothing_waits(&consumer, TAKT_BAND_ANY);
	}
	push_jobs(&producer, 1, 4, 0);
	for (uint64_t number = 1; number <= 4; number++)
		do_job(&consumer, 0, number);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumer);
}

static void a_lease_that_a_liar_took_is_told(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;

	(void)state;
	attach_producer(&producer, "jobs");
	attach_consumer(&consumer, worker, "jobs");
	push_jobs(&producer, 1, 1, 0);
	struct takt_item item = take_job(&consumer, 0, 1);
	atomic_store(&takt_band_entry(&consumer.queue.bands[0], 0)->token, 4711);
	assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_OVERTAKEN);
	assert_int_equal(takt_queue_return(&consumer, &item), TAKT_OVERTAKEN);
	/* Nobody is 4711: the item comes again. */
	consumer.queue.look_ns = 0;
	do_job(&consumer, 0, 1);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumer);
}

static void a_queue_that_is_cut_off_is_told_once_and_hurts_nobody(void **state)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	static const char *const objects[] = {"state.jobs", "queue.jobs"};
	struct job job;
	struct takt_item item;
	char path[160];

	(void)state;
	need_a_working_mremap();
	/* glibc ends a process that meets a scribbled sem_t. */
	if (takt_os_sem_kind() == TAKT_OS_SEM_POSIX)
		skip();
	for (int i = 0; i < 2; i++) {
		attach_producer(&producer, "jobs");
		attach_consumer(&consumer, worker, "jobs");
		push_jobs(&producer, 1, 2, 0);
		take_job(&consumer, 0, 1);
		(void)snprintf(path, sizeof(path), "%s/takt.test/%s", scratch, objects[i]);
		assert_int_equal(truncate(path, 0), 0);
		forget_said();
		/* The first call that touches it may still go through on what is left in its place. */
		(void)!push_job(&producer, 3, 0);
		(void)!takt_queue_take(&consumer, 0, &job, &item);
		if (i == 1)
			(void)!takt_queue_take(&consumer, TAKT_BAND_ANY, &job, &item);
		assert_int_equal(push_job(&producer, 4, 0), TAKT_CORRUPT);
		assert_int_equal(takt_queue_take(&consumer, 0, &job, &item), TAKT_CORRUPT);
		assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_CORRUPT);
		assert_said("queue 'jobs': a segment of it was cut off while it was in use");
		forget_said();
		assert_int_equal(push_job(&producer, 5, 0), TAKT_CORRUPT);
		assert_nothing_said();
		takt_producer_detach(&producer);
		takt_consumer_detach(&consumer);
		/* It is refused to who comes now, until it is gone. */
		assert_int_equal(takt_producer_attach(&producer, boss, "jobs", &takt_type_job), TAKT_CORRUPT);
		for (int o = 0; o < 2; o++) {
			(void)snprintf(path, sizeof(path), "%s/takt.test/%s", scratch, objects[o]);
			assert_int_equal(unlink(path), 0);
		}
	}
}

/* As a tool does it: by the segments alone, waking nobody. */
static void a_tool_pushes_and_takes_without_being_a_node(void **state)
{
	static struct takt_producer producer, tool_producer;
	static struct takt_consumer tool_consumer;
	static struct takt_domain domain;
	struct takt_flat_type type;
	struct job job = job_of(7);

	(void)state;
	attach_producer(&producer, "jobs");
	assert_int_equal(takt_domain_attach(&domain, "test"), TAKT_OK);
	assert_int_equal(takt_queue_attach_tool(&tool_producer.queue, &domain, "jobs", &type, TAKT_QUEUE_PRODUCER),
			 TAKT_OK);
	assert_int_equal(takt_queue_attach_tool(&tool_consumer.queue, &domain, "jobs", &type, TAKT_QUEUE_CONSUMER),
			 TAKT_OK);
	assert_string_equal(type.name, "job");
	assert_int_equal(type.bytes, 32);
	assert_int_equal(takt_queue_push(&tool_producer, &job, 1, NULL), TAKT_OK);
	do_job(&tool_consumer, TAKT_BAND_ANY, 7);
	assert_int_equal(takt_queue_attach_tool(&(struct takt_queue){0}, &domain, "newest", &type, TAKT_QUEUE_CONSUMER),
			 TAKT_ABSENT);
	takt_producer_detach(&tool_producer);
	takt_consumer_detach(&tool_consumer);
	takt_domain_close(&domain);
	takt_producer_detach(&producer);
}

#define QUEUE_REFUSED_TESTS                                                                                            \
	QUEUE_TEST(a_queue_handle_that_is_not_attached_answers_closed),                                                \
		QUEUE_TEST(what_the_config_does_not_give_a_node_is_refused),                                           \
		QUEUE_TEST(a_band_that_is_not_there_is_refused_and_said_once), QUEUE_TEST(another_type_is_refused),    \
		QUEUE_TEST(a_config_that_differs_in_one_value_is_told_which),                                          \
		QUEUE_TEST(no_scribbling_over_the_state_changes_what_an_item_says),                                    \
		QUEUE_TEST(an_item_that_no_producer_wrote_is_dropped_and_said_once),                                   \
		QUEUE_TEST(a_lease_that_a_liar_took_is_told),                                                          \
		QUEUE_TEST(a_queue_that_is_cut_off_is_told_once_and_hurts_nobody),                                     \
		QUEUE_TEST(a_tool_pushes_and_takes_without_being_a_node)

#endif
