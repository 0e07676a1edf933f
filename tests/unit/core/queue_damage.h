/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_queue.c: segments whose constants somebody has changed, or that are gone. */
#ifndef TAKT_TEST_CORE_QUEUE_DAMAGE_H
#define TAKT_TEST_CORE_QUEUE_DAMAGE_H

#include "tests/unit/core/queue_support.h"

/* One word of an object that is not in use, changed and put back. */
static void with_word(const char *object, uint64_t offset, uint32_t word, const char *said)
{
	static struct takt_consumer consumer;
	char path[160];
	uint32_t before;

	(void)snprintf(path, sizeof(path), "%s/takt.test/%s", scratch, object);
	const int file = open(path, O_RDWR | O_CLOEXEC);
	assert_true(file >= 0 && pread(file, &before, sizeof(before), (off_t)offset) == sizeof(before));
	assert_true(pwrite(file, &word, sizeof(word), (off_t)offset) == sizeof(word));
	forget_said();
	assert_int_equal(takt_consumer_attach(&consumer, worker, "jobs", &takt_type_job), TAKT_CORRUPT);
	assert_said(object);
	assert_said(said);
	assert_true(pwrite(file, &before, sizeof(before), (off_t)offset) == sizeof(before));
	(void)close(file);
}

static void damaged_constants_are_refused(void **state)
{
	static struct takt_producer producer;

	(void)state;
	attach_producer(&producer, "jobs");
	takt_producer_detach(&producer);
	with_word("queue.jobs", offsetof(struct takt_queue_shm, depth), 3, "its depth is no power of two");
	with_word("queue.jobs", offsetof(struct takt_queue_shm, band_count), 0, "its number of bands is out of range");
	with_word("queue.jobs", offsetof(struct takt_queue_shm, band_count), TAKT_BAND_COUNT_MAX + 1,
		  "its number of bands is out of range");
	with_word("queue.jobs", offsetof(struct takt_queue_shm, slot_bytes), 64, "its payload does not fit");
	with_word("queue.jobs", offsetof(struct takt_queue_shm, slots_offset), 1u << 30, "its parts do not fit");
	with_word("state.jobs", offsetof(struct takt_queue_state_shm, depth), 8,
		  "it does not agree with the queue's items");
	with_word("state.jobs", offsetof(struct takt_queue_state_shm, entries_offset), 1u << 30,
		  "its parts do not fit");
	attach_producer(&producer, "jobs");
	push_jobs(&producer, 1, 1, 0);
	takt_producer_detach(&producer);
}

static void an_object_that_somebody_removed_is_named(void **state)
{
	static const char *const objects[] = {"state.jobs", "live.jobs"};
	static struct takt_producer producer;
	char path[160];

	(void)state;
	for (int i = 0; i < 2; i++) {
		attach_producer(&producer, "jobs");
		takt_producer_detach(&producer);
		(void)snprintf(path, sizeof(path), "%s/takt.test/%s", scratch, objects[i]);
		assert_int_equal(unlink(path), 0);
		forget_said();
		assert_int_equal(takt_producer_attach(&producer, boss, "jobs", &takt_type_job), TAKT_ABSENT);
		assert_said(objects[i]);
		assert_said("was removed while the domain lives");
		/* What is left would keep the rest from being made. */
		(void)snprintf(path, sizeof(path), "%s/takt.test/queue.jobs", scratch);
		assert_int_equal(unlink(path), 0);
	}
}

static struct takt_producer idle_producer;
static struct takt_waiter idle_waiter;

static int wait_for_the_parents(void *argument)
{
	struct job job = job_of(9);

	(void)argument;
	const struct takt_waiter_queue only = {.queue = &idle_producer.queue, .is_producer = 1};
	if (takt_queue_push_until(&idle_producer, &job, 0, NULL, soon()) != TAKT_CLOSED)
		return 1;
	return takt_waiter_wait_for(&idle_waiter, &only, soon()) == TAKT_CLOSED ? 0 : 2;
}

static void a_forks_child_does_not_wait(void **state)
{
	(void)state;
	attach_producer(&idle_producer, "jobs");
	assert_int_equal(takt_waiter_init(&idle_waiter, boss, 0), TAKT_OK);
	push_jobs(&idle_producer, 1, 4, 0);
	assert_int_equal(in_child(wait_for_the_parents, NULL), 0);
	takt_producer_detach(&idle_producer);
}

/* A tool finds a queue that is not described, or whose presence file another locks whole. */
static void a_tool_is_told_what_is_missing(void **state)
{
	static struct takt_domain domain;
	static struct takt_producer producer;
	static struct takt_consumer consumer;
	struct takt_flat_type type;
	struct takt_queue tool = {0};
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1};
	char path[160];

	(void)state;
	assert_int_equal(takt_domain_attach(&domain, "test"), TAKT_OK);
	/* Made by one that was refused: nobody has described it. */
	struct takt_type other = takt_type_job;
	other.name = "other";
	assert_int_equal(takt_consumer_attach(&consumer, worker, "jobs", &other), TAKT_MISMATCH);
	assert_int_equal(takt_queue_attach_tool(&tool, &domain, "jobs", &type, TAKT_QUEUE_CONSUMER), TAKT_NOT_READY);
	assert_null(tool.domain);
	attach_producer(&producer, "jobs");
	takt_producer_detach(&producer);
	(void)snprintf(path, sizeof(path), "%s/takt.test/live.jobs", scratch);
	const int file = open(path, O_RDWR | O_CLOEXEC);
	assert_true(file >= 0 && fcntl(file, F_OFD_SETLK, &whole) == 0);
	assert_int_equal(takt_queue_attach_tool(&tool, &domain, "jobs", &type, TAKT_QUEUE_CONSUMER), TAKT_BUSY);
	assert_said("queue 'jobs': another process locks its whole presence file");
	(void)close(file);
	takt_domain_close(&domain);
}

static int hold_the_consumers_lock(void *argument)
{
	int taken_over;

	(void)argument;
	if (!child_joins(1, "both", "jobs") ||
	    takt_lock_take_until(&child_producer.queue.consumers, soon(), &taken_over) != TAKT_OK)
		return 1;
	atomic_store(&flags[0], 1);
	return wait_for_flag(&flags[1], 1) ? 0 : 2;
}

/* A push that has to drop the oldest needs the consumers' lock, which a living one may hold: then nothing is pushed, or dropped. */
static void dropping_waits_for_the_consumers_lock_within_its_bound(void **state)
{
	static struct takt_producer producer;

	(void)state;
	flags = shared_memory(2 * sizeof(int));
	attach_producer(&producer, "jobs");
	/* The test's own way to a queue that drops and that a child may hold: the policy is the handle's. */
	producer.queue.when_full = TAKT_WHEN_FULL_DROP_OLDEST;
	push_jobs(&producer, 1, 4, 0);
	pid_t child = start_child(hold_the_consumers_lock, NULL);
	assert_true(wait_for_flag(&flags[0], 1));
	assert_int_equal(push_job(&producer, 5, 0), TAKT_TIMEOUT);
	assert_int_equal(counted(&producer.queue.state->dropped_oldest_count), 0);
	atomic_store(&flags[1], 1);
	assert_int_equal(result_of_child(child), 0);
	assert_int_equal(push_job(&producer, 5, 0), TAKT_OK);
	assert_int_equal(counted(&producer.queue.state->dropped_oldest_count), 1);
	takt_producer_detach(&producer);
	(void)munmap((void *)flags, 2 * sizeof(int));
}

#define QUEUE_DAMAGE_TESTS                                                                                             \
	QUEUE_TEST(damaged_constants_are_refused), QUEUE_TEST(an_object_that_somebody_removed_is_named),               \
		QUEUE_TEST(a_forks_child_does_not_wait), QUEUE_TEST(a_tool_is_told_what_is_missing),                   \
		QUEUE_TEST(dropping_waits_for_the_consumers_lock_within_its_bound)

#endif
