/* SPDX-License-Identifier: Apache-2.0 */
/* Segments that somebody shrinks or punches while others read, publish and wait: errors, and nobody dies. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/clock.h"
#include "tests/hostile/hostile.h"

#define BEFORE_CALLS 400u  /* honest calls before the cut */
#define AFTER_CALLS  4000u /* and behind it */
#define WORKER_COUNT 5u
#define FIRST_READER 2u
#define PAGE_BYTES   4096u

static const struct {
	enum role role;
	const char *node;
} cast[WORKER_COUNT] = {
	{PUBLISH_CLEAN, "good"}, {PUBLISH_MIXED, "mixer"}, {READ, "reader"}, {BORROW, "borrower"}, {WAIT, "sleeper"},
};
static struct worker workers[WORKER_COUNT];
static const char *const objects[] = {"topic.mixed", "topic.mixed", "roster", "node.reader"};

static int has_failed(void)
{
	for (unsigned i = 0; i < WORKER_COUNT; i++)
		if (atomic_load(&page->places[i].failures))
			return 1;
	return 0;
}

static void play(uint32_t place_index, uint64_t seed)
{
	uint64_t random = seed | 1;

	(void)place_index;
	for (unsigned i = 0; i < WORKER_COUNT; i++)
		worker_begin(&workers[i], cast[i].role, cast[i].node, i, world_random(&random));
	atomic_fetch_add(&page->ready_count, 1);
	for (uint64_t turn = 0; !atomic_load(&page->publishers_end) && !has_failed(); turn++)
		worker_step(&workers[turn % 64 ? world_random(&random) % (WORKER_COUNT - 1) : WORKER_COUNT - 1]);
	for (unsigned i = WORKER_COUNT; i-- > 0 && !has_failed();)
		worker_end(&workers[i]);
	_Exit(has_failed());
}

static uint64_t calls(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < WORKER_COUNT; i++)
		sum += atomic_load(&page->places[i].operations);
	return sum;
}

/* Until so many more calls have been made. 0: the process has ended. */
static int await_calls(uint64_t count)
{
	const uint64_t end = calls() + count;

	while (calls() < end)
		if (children_watch(takt_os_clock_now_ns() + TAKT_NS_PER_MS) == 0)
			return 0;
	return 1;
}

/* @retval 1 nothing of it is left: whoever uses it must notice */
static int damage(const char *object, uint64_t *random)
{
	char path[PATH_BYTES];
	struct stat found;

	world_path(path, object);
	const int file = open(path, O_RDWR | O_CLOEXEC);
	if (file < 0 || fstat(file, &found) != 0)
		exit(2);
	const off_t pages = found.st_size / (off_t)PAGE_BYTES;
	const off_t left = world_random(random) % 2 ? 0 : (off_t)(world_random(random) % (uint64_t)(pages + 1));
	const int punches = world_random(random) % 3 == 0;
	int result = punches ? fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, left * (off_t)PAGE_BYTES,
					 found.st_size - left * (off_t)PAGE_BYTES)
			     : ftruncate(file, left * (off_t)PAGE_BYTES);
	(void)close(file);
	if (result != 0)
		exit(2);
	return left == 0;
}

/* By those who read it. */
static uint64_t reports_of(enum topic topic)
{
	uint64_t sum = 0;

	for (unsigned i = FIRST_READER; i < WORKER_COUNT; i++)
		sum += atomic_load(&page->places[i].reports[topic]);
	return sum;
}

static void one_round(uint64_t *random)
{
	const char *object = objects[world_random(random) % (sizeof(objects) / sizeof(objects[0]))];

	atomic_store(&page->publishers_end, 0);
	atomic_store(&page->ready_count, 0);
	atomic_store(&page->may_be_cut, 1);
	child_start(object, 0, play, world_random(random));
	while (atomic_load(&page->ready_count) == 0 && children_watch(takt_os_clock_now_ns() + TAKT_NS_PER_MS))
		;
	if (!await_calls(BEFORE_CALLS))
		return;
	const uint64_t reports = reports_of(MIXED);
	const int must_be_told = damage(object, random) && object == objects[0];
	atomic_fetch_add(&page->mutations, 1);
	if (!await_calls(AFTER_CALLS))
		return;
	atomic_store(&page->publishers_end, 1);
	while (children_watch(UINT64_MAX))
		;
	if (failure_count == 0 && must_be_told && reports_of(MIXED) == reports)
		fail("%s was cut off to nothing, and nobody said so", object);
}

void cut_run(uint64_t rounds, uint64_t seed)
{
	uint64_t random = seed | 1, told = 0;

	for (uint64_t i = 0; i < rounds && failure_count == 0; i++) {
		const uint64_t before = reports_of(MIXED);
		one_round(&random);
		told += reports_of(MIXED) != before;
		/* What is left of the domain is cleaned away like any other; the next round begins with a new one. */
		if (!world_end() && failure_count == 0)
			fail("a domain whose segment was cut off cannot be cleaned");
		world_begin(2000);
		world_freeze();
	}
	(void)printf("cuts: %llu rounds, the topic was reported in %llu\n", (unsigned long long)rounds,
		     (unsigned long long)told);
}
