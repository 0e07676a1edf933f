/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One process publishes 200,000 samples as fast as it can, another reads them; the publisher is killed and started again twenty times
 * in between, without any cleaning. The account is exact to the sample, numbers are dense, and no sample is torn.
 */
#include "tests/unit/core/domain_fixture.h"

#include "core/layout.h"
#include "core/protocol/ring.h"
#include "core/topic.h"

#define SAMPLES	   200000u
#define LIVES	   21u
#define WORD_COUNT 511u

/* Every word follows from the first, so that a mixture of two samples shows. */
struct pattern {
	uint64_t words[WORD_COUNT];
	uint8_t tail[3];
};
TAKT_TYPE(pattern, struct pattern, TAKT_FIELD(struct pattern, words, TAKT_U64, WORD_COUNT, ""),
	  TAKT_FIELD(struct pattern, tail, TAKT_U8, 3, ""));

static const char config[] = "domain: test\n"
			     "topics:\n"
			     "  - {name: stream, type: pattern, bytes: 4096, depth: 16, borrows: 1, loans: 1}\n"
			     "  - {name: narrow, type: pattern, bytes: 4096, depth: 2, borrows: 1, loans: 1}\n"
			     "nodes:\n"
			     "  - {name: source, program: x, publishes: [stream, narrow]}\n"
			     "  - {name: sink, program: x, subscribes: [stream, narrow]}\n";

static void fill_pattern(struct pattern *pattern, uint64_t number)
{
	for (uint64_t i = 0; i < WORD_COUNT; i++)
		pattern->words[i] = number * UINT64_C(0x9e3779b97f4a7c15) + i * number;
	memset(pattern->tail, (int)(number & 0xff), sizeof(pattern->tail));
}

static int is_pattern(const struct pattern *pattern, uint64_t number)
{
	struct pattern expected;

	fill_pattern(&expected, number);
	return memcmp(pattern->words, expected.words, sizeof(expected.words)) == 0 &&
	       memcmp(pattern->tail, expected.tail, sizeof(expected.tail)) == 0;
}

/* What the two tell each other. */
struct progress {
	_Atomic uint64_t published; /* a lower bound: the last publish that returned */
	uint64_t goal;
	const char *topic;
};

/* Publishes until the goal, then stays to be killed. A sample's pattern follows from the number that it is going to have. */
static int publish_until_killed(void *argument)
{
	static struct takt_publisher publisher;
	struct progress *progress = argument;
	struct takt_node *node;
	struct pattern pattern = {0};

	fixture_child_speaks();
	node = fixture_child_join("source");
	if (node == NULL || takt_publisher_attach(&publisher, node, progress->topic, &takt_type_pattern) != TAKT_OK)
		return 1;
	uint64_t number = atomic_load(takt_ring_head(&publisher.ring)) + 1;
	for (; number <= progress->goal; number++) {
		enum takt_status status;

		if (number % 5 == 0) {
			struct takt_loan loan;

			if (takt_publisher_loan(&publisher, &loan) != TAKT_OK)
				return 2;
			fill_pattern(loan.payload, number);
			status = takt_publish_loan(&publisher, &loan, NULL);
		} else {
			fill_pattern(&pattern, number);
			status = takt_publish(&publisher, &pattern, NULL);
		}
		if (status != TAKT_OK)
			return 3;
		atomic_store(&progress->published, number);
		/* On few processors the reader would otherwise be lapped for whole time slices. */
		if (number % 64 == 0)
			(void)sched_yield();
	}
	for (;;)
		(void)pause();
}

struct reader {
	struct takt_subscriber subscriber;
	uint64_t last;
	uint64_t got;
	uint64_t lost;
	uint64_t overtaken;
	unsigned borrow_each; /* one sample of so many is read in place */
};

static void check_sample(struct reader *reader, const struct pattern *pattern, const struct takt_sample_info *info)
{
	if (!is_pattern(pattern, info->number))
		fail_msg("sample %lu is torn or another's", (unsigned long)info->number);
	assert_int_equal(info->number, reader->last + 1 + info->lost);
	reader->last = info->number;
	reader->got++;
	reader->lost += info->lost;
}

/* One call. 1 when there was a sample. */
static int read_once(struct reader *reader, unsigned round)
{
	struct takt_subscriber *subscriber = &reader->subscriber;
	struct takt_sample_info info;
	struct takt_borrow borrow;
	struct pattern pattern;
	enum takt_status status;

	if (round % reader->borrow_each == 0) {
		status = takt_borrow_next(subscriber, &borrow, &info);
		if (status == TAKT_OK) {
			check_sample(reader, borrow.payload, &info);
			assert_int_equal(takt_return(subscriber, &borrow), TAKT_OK);
		}
	} else {
		status = takt_read_next(subscriber, &pattern, &info);
		if (status == TAKT_OK)
			check_sample(reader, &pattern, &info);
	}
	assert_true(subscriber->got + subscriber->lost + subscriber->skipped == subscriber->next - subscriber->start);
	assert_true(status == TAKT_OK || status == TAKT_EMPTY || status == TAKT_OVERTAKEN);
	reader->overtaken += status == TAKT_OVERTAKEN;
	return status == TAKT_OK;
}

/* Reads until number `end` has been passed, within a bound. */
static void read_until(struct reader *reader, uint64_t end)
{
	const uint64_t deadline_ns = takt_os_clock_now_ns() + LONG_NS;

	for (unsigned round = 0; reader->subscriber.next <= end; round++) {
		if (read_once(reader, round))
			continue;
		assert_true(takt_os_clock_now_ns() < deadline_ns);
		(void)sched_yield();
	}
}

static struct progress *begin(struct reader *reader, const char *topic)
{
	struct progress *progress = shared_memory(sizeof(*progress));

	(void)fixture_config(config);
	struct takt_node *sink = fixture_join("sink");
	progress->goal = SAMPLES;
	progress->topic = topic;
	assert_int_equal(takt_subscriber_attach(&reader->subscriber, sink, topic, &takt_type_pattern,
						&(struct takt_subscriber_options){.borrows = 1}),
			 TAKT_OK);
	return progress;
}

/* A ring of two: what a reader copies or pins is often overtaken in that very moment. */
static void a_reader_that_is_always_overtaken_never_sees_a_torn_sample(void **state)
{
	static struct reader reader = {.borrow_each = 2};
	struct progress *progress = begin(&reader, "narrow");

	(void)state;
	pid_t child = start_child(publish_until_killed, progress);
	read_until(&reader, SAMPLES);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	assert_int_equal(reader.last, SAMPLES);
	assert_int_equal(reader.got + reader.lost, SAMPLES);
	takt_subscriber_detach(&reader.subscriber);
	(void)munmap(progress, sizeof(*progress));
}

static void the_account_is_exact_though_the_publisher_is_killed_twenty_times(void **state)
{
	static struct reader reader = {.borrow_each = 7};
	struct progress *progress = begin(&reader, "stream");

	(void)state;
	for (unsigned life = 1; life <= LIVES; life++) {
		/* Not progress->published: the last life may have died between a publish and saying so. */
		uint64_t done = takt_ring_newest(&reader.subscriber.ring);
		uint64_t kill_at;

		progress->goal = (uint64_t)SAMPLES * life / LIVES;
		/* Each life publishes one sample at least, the last one all that are left; where it is killed varies. */
		kill_at = life == LIVES ? SAMPLES : done + 1 + (progress->goal - done - 1) * (life % 5) / 5;
		pid_t child = start_child(publish_until_killed, progress);
		read_until(&reader, kill_at);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
		/* What it had published is there, whatever it was doing when it died. */
		read_until(&reader, atomic_load(&progress->published));
	}
	while (read_once(&reader, 1))
		;
	assert_int_equal(reader.last, SAMPLES);
	assert_int_equal(reader.got + reader.lost, SAMPLES);
	assert_int_equal(reader.subscriber.got, reader.got);
	assert_int_equal(reader.subscriber.lost, reader.lost);
	assert_int_equal(reader.subscriber.next, SAMPLES + 1);
	assert_true(reader.got > SAMPLES / 100);
	struct takt_topic_shm *topic = reader.subscriber.segment.address;
	assert_int_equal(atomic_load(&topic->head), SAMPLES);
	assert_int_equal(atomic_load(&topic->takeover_count), LIVES - 1);
	print_message("got %lu, lost %lu, overtaken %lu times\n", (unsigned long)reader.got, (unsigned long)reader.lost,
		      (unsigned long)reader.overtaken);
	takt_subscriber_detach(&reader.subscriber);
	(void)munmap(progress, sizeof(*progress));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_reader_that_is_always_overtaken_never_sees_a_torn_sample,
						fixture_set_up, fixture_tear_down),
		cmocka_unit_test_setup_teardown(the_account_is_exact_though_the_publisher_is_killed_twenty_times,
						fixture_set_up, fixture_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
