/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two producers push 40,000 jobs to a queue with two bands, four consumers do them, and one consumer after the other is killed wherever
 * it happens to be and started again, without any cleaning. Every job is done; none is acknowledged twice; none is handed out twice but
 * marked. And a producer that is killed loses nothing that it had pushed.
 */
#include "tests/unit/core/domain_fixture.h"

#include "core/layout.h"
#include "core/protocol/queue.h"
#include "core/queue.h"
#include "core/waiter.h"

#define PRODUCERS	  2u
#define CONSUMERS	  4u
#define JOBS_PER_PRODUCER 20000u
#define JOBS		  (PRODUCERS * JOBS_PER_PRODUCER)
#define KILLS		  60u
#define BATCH		  3u

struct job {
	uint64_t index;
	uint64_t check[15];
};
TAKT_TYPE(job, struct job, TAKT_FIELD(struct job, index, TAKT_U64, 1, ""),
	  TAKT_FIELD(struct job, check, TAKT_U64, 15, ""));

static const char config[] = "domain: test\n"
			     "wait_slice_us: 2000\n"
			     "lock_bound_us: 1000000\n"
			     "queues: [{name: jobs, type: job, bytes: 128, depth: 16, bands: 2}]\n"
			     "nodes:\n"
			     "  - {name: p0, program: x, pushes: [jobs]}\n"
			     "  - {name: p1, program: x, pushes: [jobs]}\n"
			     "  - {name: c0, program: x, takes: [jobs]}\n"
			     "  - {name: c1, program: x, takes: [jobs]}\n"
			     "  - {name: c2, program: x, takes: [jobs]}\n"
			     "  - {name: c3, program: x, takes: [jobs]}\n";

/* What the processes tell the test. */
struct account {
	_Atomic uint32_t pushed[PRODUCERS]; /* jobs that a push has returned from */
	_Atomic uint32_t fresh[JOBS];	    /* times that it was handed out unmarked */
	_Atomic uint32_t marked[JOBS];	    /* and marked */
	_Atomic uint32_t acknowledged[JOBS];
	_Atomic uint32_t rounds[CONSUMERS]; /* times that it took something */
	_Atomic uint32_t wrong;
};

static struct account *account;

struct who {
	uint32_t index;
};

static struct job job_of(uint64_t index)
{
	struct job job = {.index = index};

	for (uint64_t i = 0; i < 15; i++)
		job.check[i] = (index + 1) * (i + 3) * UINT64_C(0x9e3779b97f4a7c15);
	return job;
}

static int produce(void *argument)
{
	static struct takt_producer producer;
	static struct takt_waiter waiter;
	const struct who *who = argument;
	const char name[] = {'p', (char)('0' + who->index), '\0'};
	struct takt_node *node;

	fixture_child_speaks();
	node = fixture_child_join(name);
	if (node == NULL || takt_producer_attach(&producer, node, "jobs", &takt_type_job) != TAKT_OK ||
	    takt_waiter_init(&waiter, node, 0) != TAKT_OK)
		return 1;
	takt_producer_waiter_set(&producer, &waiter);
	/* What it had begun when it was killed it begins once more: the test knows that this one job may be there twice. */
	for (uint32_t i = atomic_load(&account->pushed[who->index]); i < JOBS_PER_PRODUCER; i++) {
		struct job job = job_of(who->index * JOBS_PER_PRODUCER + i);

		if (takt_queue_push_until(&producer, &job, i & 1, NULL, takt_os_clock_now_ns() + LONG_NS) != TAKT_OK)
			return 2;
		atomic_store(&account->pushed[who->index], i + 1);
	}
	takt_producer_detach(&producer);
	takt_node_leave(node);
	return 0;
}

/* Takes one, and others that wait, so that there is mostly something in hand to die with. @retval how many; 0: something is wrong */
static uint32_t take_some(struct takt_consumer *consumer, uint32_t band, struct takt_item items[BATCH],
			  struct job jobs[BATCH])
{
	enum takt_status status =
		takt_queue_take_until(consumer, band, &jobs[0], &items[0], takt_os_clock_now_ns() + LONG_NS);
	uint32_t count = 0;

	while (status == TAKT_OK) {
		struct job expected = job_of(jobs[count].index);

		if (jobs[count].index >= JOBS || memcmp(&jobs[count], &expected, sizeof(expected)) != 0) {
			atomic_store(&account->wrong, 1);
			return 0;
		}
		atomic_fetch_add(items[count].is_redelivered ? &account->marked[jobs[count].index]
							     : &account->fresh[jobs[count].index],
				 1);
		if (++count == BATCH)
			break;
		status = takt_queue_take(consumer, band, &jobs[count], &items[count]);
	}
	return status == TAKT_OK || status == TAKT_EMPTY ? count : 0;
}

static int consume(void *argument)
{
	static struct takt_consumer consumer;
	static struct takt_waiter waiter;
	const struct who *who = argument;
	const char name[] = {'c', (char)('0' + who->index), '\0'};
	/* One of them does the upper band only. */
	const uint32_t band = who->index == 3 ? 1 : TAKT_BAND_ANY;
	struct takt_item items[BATCH];
	struct job jobs[BATCH];
	struct takt_node *node;

	fixture_child_speaks();
	node = fixture_child_join(name);
	if (node == NULL || takt_consumer_attach(&consumer, node, "jobs", &takt_type_job) != TAKT_OK ||
	    takt_waiter_init(&waiter, node, 0) != TAKT_OK)
		return 1;
	takt_consumer_waiter_set(&consumer, &waiter);
	for (uint32_t round = 0;; round++) {
		uint32_t count = take_some(&consumer, band, items, jobs);

		if (count == 0)
			return 2;
		atomic_fetch_add(&account->rounds[who->index], 1);
		(void)sched_yield();
		/* Now and then it thinks better of one. */
		if (round % 97 == 96 && takt_queue_return(&consumer, &items[--count]) != TAKT_OK)
			return 3;
		while (count-- > 0) {
			if (takt_queue_acknowledge(&consumer, &items[count]) != TAKT_OK)
				return 4;
			atomic_fetch_add(&account->acknowledged[jobs[count].index], 1);
		}
	}
}

static void pause_for(uint64_t span_ns)
{
	(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + span_ns);
}

static uint32_t items_left(const struct takt_queue *queue)
{
	uint32_t count = 0;

	for (uint32_t b = 0; b < queue->band_count; b++)
		for (uint32_t i = 0; i <= queue->bands[b].depth_mask; i++)
			count += takt_sequence_is_full(&queue->bands[b],
						       atomic_load(&takt_band_entry(&queue->bands[b], i)->sequence),
						       i) != 0;
	return count;
}

/* Behind the producers' end. */
static void wait_until_nothing_is_left(const struct takt_queue *queue)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + LONG_NS;

	while (items_left(queue)) {
		if (takt_os_clock_now_ns() > end_ns)
			fail_msg("%u jobs are left and nobody does them", items_left(queue));
		pause_for(TAKT_NS_PER_MS);
	}
}

static const struct who all[] = {{0}, {1}, {2}, {3}};
static pid_t producers[PRODUCERS], consumers[CONSUMERS];

/* Or all is pushed, and it may never get anything. An emulated one is slow to begin, and would only ever be killed before it has. */
static void wait_until_it_works(uint32_t consumer, uint32_t rounds)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + LONG_NS;

	while (atomic_load(&account->rounds[consumer]) == rounds && takt_os_clock_now_ns() < end_ns &&
	       atomic_load(&account->pushed[0]) + atomic_load(&account->pushed[1]) < JOBS)
		(void)sched_yield();
}

/* They may be killed anywhere: while they join, sleep, hold a lock or a job. The test's clock decides where, and nothing hangs on it.
 * @retval producers that were killed */
static uint32_t kill_and_start_again(void)
{
	uint32_t rounds[CONSUMERS] = {0};
	uint32_t killed_producers = 0;
	unsigned seed = 4711;

	for (uint32_t kills = 0; kills < KILLS; kills++) {
		uint32_t victim = kills % CONSUMERS;

		/* Every other one while it is at work, the others wherever they are. */
		if (kills % 8 < CONSUMERS)
			wait_until_it_works(victim, rounds[victim]);
		pause_for((uint64_t)(rand_r(&seed) % 3000) * TAKT_NS_PER_US);
		assert_int_equal(kill(consumers[victim], SIGKILL), 0);
		assert_int_equal(result_of_child(consumers[victim]), KILLED_BY(SIGKILL));
		rounds[victim] = atomic_load(&account->rounds[victim]);
		consumers[victim] = start_child(consume, (void *)(uintptr_t)&all[victim]);
		if (kills % 10 != 9 || atomic_load(&account->pushed[0]) == JOBS_PER_PRODUCER)
			continue;
		(void)kill(producers[0], SIGKILL);
		killed_producers += result_of_child(producers[0]) == KILLED_BY(SIGKILL);
		producers[0] = start_child(produce, (void *)(uintptr_t)&all[0]);
	}
	return killed_producers;
}

/* @param twice jobs that may be there twice: their producer died between pushing and telling of it */
static void account_is_right(uint32_t twice)
{
	uint32_t untold = 0;

	assert_int_equal(atomic_load(&account->wrong), 0);
	for (uint32_t i = 0; i < JOBS; i++) {
		uint32_t fresh = atomic_load(&account->fresh[i]), marked = atomic_load(&account->marked[i]);
		uint32_t acknowledged = atomic_load(&account->acknowledged[i]);

		if (fresh + marked == 0)
			fail_msg("job %u was never done", i);
		if (fresh > 1 || acknowledged > 1) {
			assert_true(i < JOBS_PER_PRODUCER && twice > 0);
			twice--;
		}
		untold += acknowledged == 0;
	}
	/* A consumer that was killed between its acknowledgement and telling of it. */
	assert_true(untold <= KILLS);
}

static void every_job_is_done_whoever_dies(void **state)
{
	static struct takt_producer watcher;

	(void)state;
	account = shared_memory(sizeof(*account));
	(void)fixture_config(config);
	for (uint32_t i = 0; i < PRODUCERS; i++)
		producers[i] = start_child(produce, (void *)(uintptr_t)&all[i]);
	for (uint32_t i = 0; i < CONSUMERS; i++)
		consumers[i] = start_child(consume, (void *)(uintptr_t)&all[i]);
	uint32_t killed_producers = kill_and_start_again();
	for (uint32_t i = 0; i < PRODUCERS; i++)
		assert_int_equal(result_of_child(producers[i]), 0);
	struct takt_node *node = fixture_join("p0");
	assert_int_equal(takt_producer_attach(&watcher, node, "jobs", &takt_type_job), TAKT_OK);
	wait_until_nothing_is_left(&watcher.queue);
	for (uint32_t i = 0; i < CONSUMERS; i++) {
		(void)kill(consumers[i], SIGKILL);
		assert_int_equal(result_of_child(consumers[i]), KILLED_BY(SIGKILL));
	}
	account_is_right(killed_producers);
	assert_true(atomic_load(&watcher.queue.state->redelivered_count) > 0);
	print_message("%u consumers and %u producers killed; %lu jobs were a dead one's\n", KILLS, killed_producers,
		      (unsigned long)atomic_load(&watcher.queue.state->redelivered_count));
	takt_producer_detach(&watcher);
	(void)munmap(account, sizeof(*account));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_job_is_done_whoever_dies, fixture_set_up, fixture_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
