/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/domain_fixture.h"

#include "core/layout.h"
#include "core/protocol/wait.h"
#include "core/topic.h"
#include "core/waiter.h"
#include "platform/thread.h"
#include "tests/unit/core/stepper.h"

#define SLICE_NS      (20 * TAKT_NS_PER_MS)
#define RACE_COUNT    20000u
#define TRIES_MAX     10u
#define STEP_STRIDE   7u /* instructions; the gap between a look and the arming behind it has more */
#define STEPS_MAX     100000u
#define DEFAULT_SLICE 10u /* ms */

struct sample {
	uint64_t value;
};
TAKT_TYPE(sample, struct sample, TAKT_FIELD(struct sample, value, TAKT_U64, 1, ""));

static const char config[] = "domain: test\n"
			     "wait_slice_us: 20000\n"
			     "topics:\n"
			     "  - {name: a, type: sample, bytes: 8}\n"
			     "  - {name: b, type: sample, bytes: 8}\n"
			     "nodes:\n"
			     "  - {name: talker, program: x, publishes: [a, b], waiters: 0}\n"
			     "  - {name: reader, program: x, subscribes: [a, b], waiters: 2}\n";

static struct takt_node *talker;
static struct takt_node *reader;
static struct takt_publisher publishers[2];
static struct takt_subscriber subscribers[2];
static struct takt_waiter waiter;

static int set_up(void **state)
{
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(config);
	reader = fixture_join("reader");
	memset(&waiter, 0, sizeof(waiter));
	assert_int_equal(takt_subscriber_attach(&subscribers[0], reader, "a", &takt_type_sample, NULL), TAKT_OK);
	assert_int_equal(takt_subscriber_attach(&subscribers[1], reader, "b", &takt_type_sample, NULL), TAKT_OK);
	assert_int_equal(takt_waiter_init(&waiter, reader, 0), TAKT_OK);
	assert_int_equal(takt_waiter_add(&waiter, &subscribers[0]), TAKT_OK);
	assert_int_equal(takt_waiter_add(&waiter, &subscribers[1]), TAKT_OK);
	return 0;
}

static int tear_down(void **state)
{
	for (uint32_t i = 0; i < 2; i++) {
		takt_publisher_detach(&publishers[i]);
		takt_subscriber_detach(&subscribers[i]);
	}
	return fixture_tear_down(state);
}

static void talk_here(void)
{
	talker = fixture_join("talker");
	assert_int_equal(takt_publisher_attach(&publishers[0], talker, "a", &takt_type_sample), TAKT_OK);
	assert_int_equal(takt_publisher_attach(&publishers[1], talker, "b", &takt_type_sample), TAKT_OK);
}

static void publish(uint32_t topic, uint64_t value)
{
	assert_int_equal(takt_publish(&publishers[topic], &(struct sample){value}, NULL), TAKT_OK);
}

static uint64_t take(uint32_t topic)
{
	struct sample sample = {0};

	assert_int_equal(takt_read_next(&subscribers[topic], &sample, NULL), TAKT_OK);
	return sample.value;
}

static uint64_t armed(uint32_t topic)
{
	return atomic_load(&takt_domain_mask(&reader->domain, topic)->waiting);
}

static uint64_t soon(void)
{
	return takt_os_clock_now_ns() + SHORT_NS;
}

static uint64_t much_later(void)
{
	return takt_os_clock_now_ns() + LONG_NS;
}

/* For other threads and processes: the bit is set, so the waiter sleeps or is about to look. 0 after LONG_NS. */
static int wait_until_armed(struct takt_mask_shm *mask)
{
	const uint64_t end_ns = much_later();

	while (atomic_load(&mask->waiting) == 0) {
		if (takt_os_clock_now_ns() > end_ns)
			return 0;
		(void)sched_yield();
	}
	return 1;
}

static void a_passed_deadline_is_a_look(void **state)
{
	(void)state;
	talk_here();
	assert_int_equal(takt_wait_until(&waiter, 0), TAKT_TIMEOUT);
	publish(0, 5);
	assert_int_equal(takt_wait_until(&waiter, 0), TAKT_OK);
	assert_int_equal(take(0), 5);
	assert_int_equal(takt_wait_until(&waiter, 1), TAKT_TIMEOUT);
	assert_int_equal(waiter.wake_count + waiter.slice_count, 0);
}

static void without_news_it_times_out_and_takes_its_bits_back(void **state)
{
	uint64_t deadline_ns = soon();

	(void)state;
	assert_int_equal(takt_wait_until(&waiter, deadline_ns), TAKT_TIMEOUT);
	assert_true(takt_os_clock_now_ns() >= deadline_ns);
	assert_true(waiter.slice_count >= 1);
	assert_int_equal(waiter.wake_count, 0);
	assert_int_equal(armed(0) | armed(1), 0);
}

static void news_before_the_wait_is_found_at_once(void **state)
{
	(void)state;
	talk_here();
	publish(1, 1);
	assert_int_equal(takt_wait_until(&waiter, much_later()), TAKT_OK);
	assert_int_equal(waiter.wake_count + waiter.slice_count, 0);
	assert_int_equal(armed(0) | armed(1), 0);
	assert_false(takt_subscriber_has_news(&subscribers[0]));
	assert_int_equal(take(1), 1);
}

/* --- talkers in other threads and processes --- */

static void talk_when_armed(void *argument)
{
	uint32_t *topic = argument;

	if (wait_until_armed(publishers[*topic].mask) &&
	    takt_publish(&publishers[*topic], &(struct sample){77}, NULL) != TAKT_OK)
		abort();
}

static void news_during_the_sleep_wakes_whichever_topic_it_is(void **state)
{
	(void)state;
	talk_here();
	/* Slices that never end: what is found was found by a look or by a wake-up. */
	waiter.slice_ns = LONG_NS;
	for (uint32_t topic = 0; topic < 2; topic++) {
		struct takt_os_thread thread = {.run = NULL};

		assert_int_equal(takt_os_thread_start(&thread, "talker", talk_when_armed, &topic), TAKT_OK);
		assert_int_equal(takt_wait_until(&waiter, much_later()), TAKT_OK);
		takt_os_thread_join(&thread);
		assert_int_equal(take(topic), 77);
		assert_int_equal(waiter.slice_count, 0);
		assert_int_equal(armed(0) | armed(1), 0);
	}
	assert_true(publishers[0].woken_count <= 1 && publishers[1].woken_count <= 1);
}

static _Atomic uint32_t is_about_to_wait;

static void talk_when_told(void *argument)
{
	while (atomic_load(&is_about_to_wait) == 0)
		(void)sched_yield();
	if (takt_publish(argument, &(struct sample){88}, NULL) != TAKT_OK)
		abort();
}

static void news_while_it_polls_need_no_waking(void **state)
{
	(void)state;
	talk_here();
	takt_waiter_spin_set(&waiter, UINT64_MAX);
	assert_int_equal(waiter.spin_ns, TAKT_SPIN_US_MAX * TAKT_NS_PER_US);
	waiter.spin_ns = LONG_NS; /* longer than a user may: the machine may be busy */
	/* The talker may be so quick that the first look finds it: once more. */
	for (uint32_t i = 0; i < RACE_COUNT && waiter.spun_count == 0; i++) {
		struct takt_os_thread thread = {.run = NULL};

		atomic_store(&is_about_to_wait, 0);
		assert_int_equal(takt_os_thread_start(&thread, "talker", talk_when_told, &publishers[1]), TAKT_OK);
		atomic_store(&is_about_to_wait, 1);
		assert_int_equal(takt_wait_until(&waiter, much_later()), TAKT_OK);
		takt_os_thread_join(&thread);
		assert_int_equal(take(1), 88);
	}
	assert_int_equal(waiter.spun_count, 1);
	assert_int_equal(waiter.wake_count + waiter.slice_count, 0);
	assert_int_equal(publishers[1].woken_count, 0);
	assert_int_equal(armed(0) | armed(1), 0);
}

static void behind_the_polling_it_sleeps_and_no_deadline_is_passed(void **state)
{
	struct takt_os_thread thread = {.run = NULL};
	uint32_t topic = 0;

	(void)state;
	talk_here();
	waiter.slice_ns = LONG_NS;
	takt_waiter_spin_set(&waiter, TAKT_NS_PER_US);
	assert_int_equal(takt_os_thread_start(&thread, "talker", talk_when_armed, &topic), TAKT_OK);
	assert_int_equal(takt_wait_until(&waiter, much_later()), TAKT_OK);
	takt_os_thread_join(&thread);
	assert_int_equal(take(0), 77);
	assert_int_equal(waiter.spun_count + waiter.slice_count, 0);
	/* The deadline lies inside the polling: nothing is armed, nothing slept. */
	waiter.spin_ns = LONG_NS;
	waiter.wake_count = 0;
	assert_int_equal(takt_wait_until(&waiter, soon()), TAKT_TIMEOUT);
	assert_int_equal(waiter.wake_count + waiter.slice_count + waiter.spun_count, 0);
}

static _Atomic uint64_t taken_count;

/* A varied distance on both sides, so that some publishes hit the moments between look, arming and sleep. */
static void spend(uint64_t turns)
{
	for (volatile uint64_t k = 0; k < turns; k++)
		;
}

static void race(void *argument)
{
	(void)argument;
	for (uint64_t i = 0; i < RACE_COUNT; i++) {
		while (atomic_load(&taken_count) < i)
			(void)sched_yield();
		spend(i * 7 % 300);
		if (takt_publish(&publishers[i & 1], &(struct sample){i}, NULL) != TAKT_OK)
			abort();
	}
}

static void no_news_is_slept_through_when_it_races_with_arming(void **state)
{
	struct takt_os_thread thread = {.run = NULL};

	(void)state;
	talk_here();
	waiter.slice_ns = LONG_NS;
	atomic_store(&taken_count, 0);
	assert_int_equal(takt_os_thread_start(&thread, "racer", race, NULL), TAKT_OK);
	for (uint64_t i = 0; i < RACE_COUNT; i++) {
		if (takt_wait_until(&waiter, TAKT_FOREVER) != TAKT_OK)
			fail();
		assert_int_equal(take(i & 1), i);
		atomic_store(&taken_count, i + 1);
		spend(i * 13 % 700);
	}
	takt_os_thread_join(&thread);
	assert_int_equal(waiter.slice_count, 0);
	assert_int_equal(armed(0) | armed(1), 0);
}

static int wait_step_by_step(void *argument)
{
	struct takt_node *node = fixture_child_join("reader");
	struct sample sample;

	(void)argument;
	if (node == NULL || takt_subscriber_attach(&subscribers[0], node, "a", &takt_type_sample, NULL) != TAKT_OK ||
	    takt_waiter_init(&waiter, node, 0) != TAKT_OK || takt_waiter_add(&waiter, &subscribers[0]) != TAKT_OK)
		return 1;
	waiter.slice_ns = LONG_NS;
	if (!step_begin())
		return CANNOT_REFUSE;
	for (;;) {
		step_mark();
		if (takt_wait_until(&waiter, TAKT_FOREVER) != TAKT_OK || waiter.slice_count != 0 ||
		    takt_read_next(&subscribers[0], &sample, NULL) != TAKT_OK)
			return 2;
	}
}

static void leave_reader(void)
{
	takt_subscriber_detach(&subscribers[0]);
	takt_subscriber_detach(&subscribers[1]);
	takt_node_leave(reader);
	fixture.node_count--;
}

/* The same without luck: the waiter stands still at an instruction, every few of them, while something is published. A look that was left
 * out, or an arming behind the look, lets it sleep for a slice, which here never ends in time. */
static void news_at_any_instruction_of_the_wait_is_found(void **state)
{
	enum step_place place = STEP_STOPPED;
	cpu_set_t before;
	uint32_t rounds = 0;
	int how;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	leave_reader();
	talk_here();
	pid_t child = start_child(wait_step_by_step, NULL);
	step_share_a_cpu(child);
	assert_int_equal(waitpid(child, &how, 0), child);
	if (WIFEXITED(how) && WEXITSTATUS(how) == CANNOT_REFUSE) {
		print_message("skipped: no ptrace here\n");
		assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
		skip();
	}
	assert_true(WIFSTOPPED(how));
	for (uint32_t steps = 0; place == STEP_STOPPED && steps < STEPS_MAX; steps += STEP_STRIDE, rounds++) {
		place = step_on(child, steps);
		assert_int_not_equal(place, STEP_ENDED);
		publish(0, steps);
		assert_true(step_to_mark(child, place));
	}
	assert_int_equal(place, STEP_ASLEEP);
	assert_true(rounds > 10);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

struct child {
	int loses_the_post;
	uint64_t taken_ns;
	uint64_t published_ns;
	_Atomic int stop;
};

static int talk_in_child(void *argument)
{
	static struct takt_publisher publisher;
	struct child *child = argument;
	struct takt_node *node = fixture_child_join("talker");

	if (node == NULL || takt_publisher_attach(&publisher, node, "a", &takt_type_sample) != TAKT_OK)
		return 1;
	if (!wait_until_armed(publisher.mask))
		return 2;
	child->taken_ns = takt_os_clock_now_ns();
	if (child->loses_the_post && takt_wait_collect(publisher.mask, UINT64_MAX) == 0)
		return 3;
	if (takt_publish(&publisher, &(struct sample){9}, NULL) != TAKT_OK)
		return 4;
	child->published_ns = takt_os_clock_now_ns();
	return 0; /* without leaving: as if killed */
}

static void news_from_another_process_wakes(void **state)
{
	struct child *child = shared_memory(sizeof(*child));
	pid_t pid = start_child(talk_in_child, child);

	(void)state;
	waiter.slice_ns = LONG_NS;
	assert_int_equal(takt_wait_until(&waiter, much_later()), TAKT_OK);
	assert_int_equal(result_of_child(pid), 0);
	assert_int_equal(take(0), 9);
	assert_int_equal(waiter.slice_count, 0);
	assert_int_equal(munmap(child, sizeof(*child)), 0);
}

static void a_post_that_died_with_its_publisher_costs_one_slice(void **state)
{
	struct child *child = shared_memory(sizeof(*child));

	(void)state;
	for (uint32_t i = 0; i < TRIES_MAX; i++) {
		*child = (struct child){.loses_the_post = 1};
		waiter.slice_ns = TAKT_NS_PER_S / 4;
		waiter.slice_count = waiter.wake_count = 0;
		pid_t pid = start_child(talk_in_child, child);

		assert_int_equal(takt_wait_until(&waiter, much_later()), TAKT_OK);
		uint64_t found_ns = takt_os_clock_now_ns();
		assert_int_equal(result_of_child(pid), 0);
		assert_int_equal(take(0), 9);
		/* The child was held up and the waiter armed again in between, or we were: not what this test is about. */
		if (waiter.wake_count || found_ns - child->taken_ns > waiter.slice_ns * 2)
			continue;
		/* Slices may have ended before the child came; the one in which it died is the last. */
		assert_true(waiter.slice_count >= 1);
		assert_true(found_ns - child->published_ns <= waiter.slice_ns * 2);
		assert_int_equal(munmap(child, sizeof(*child)), 0);
		return;
	}
	fail_msg("the machine was too busy for the test in %u tries", TRIES_MAX);
}

static int storm(void *argument)
{
	struct child *child = argument;
	struct takt_node *node = fixture_child_join("talker");

	if (node == NULL)
		return 1;
	/* The reader's first waiter; the talker has none. */
	while (!atomic_load(&child->stop))
		takt_os_sem_post(&takt_domain_waiter(&node->domain, 0)->wake);
	return 0;
}

static void a_storm_of_posts_without_news_costs_a_bounded_number_of_wakes(void **state)
{
	struct child *child = shared_memory(sizeof(*child));
	uint64_t slices = 20;
	uint64_t wakes_per_slice = waiter.subscriber_count + 2;

	(void)state;
	*child = (struct child){0};
	pid_t pid = start_child(storm, child);
	uint64_t begin_ns = takt_os_clock_now_ns();
	/* Until the storm is felt, then a while of it. */
	while (waiter.wake_count == 0 && takt_os_clock_now_ns() < begin_ns + LONG_NS)
		assert_int_equal(takt_wait_until(&waiter, soon()), TAKT_TIMEOUT);
	waiter.wake_count = waiter.spurious_count = 0;
	assert_int_equal(takt_wait_until(&waiter, takt_os_clock_now_ns() + slices * SLICE_NS), TAKT_TIMEOUT);
	atomic_store(&child->stop, 1);
	assert_int_equal(result_of_child(pid), 0);
	assert_true(waiter.wake_count > 0);
	assert_true(waiter.wake_count <= (slices + 1) * wakes_per_slice);
	assert_true(waiter.spurious_count == waiter.wake_count);
	assert_int_equal(armed(0) | armed(1), 0);
	assert_int_equal(munmap(child, sizeof(*child)), 0);
}

/* --- the set --- */

static void a_topic_taken_out_is_no_news(void **state)
{
	(void)state;
	talk_here();
	publish(0, 1);
	takt_waiter_remove(&waiter, &subscribers[0]);
	takt_waiter_remove(&waiter, &subscribers[0]);
	assert_int_equal(waiter.subscriber_count, 1);
	assert_int_equal(takt_wait_until(&waiter, soon()), TAKT_TIMEOUT);
	publish(1, 2);
	assert_int_equal(takt_wait_until(&waiter, soon()), TAKT_OK);
	assert_int_equal(take(1), 2);
	assert_int_equal(takt_waiter_add(&waiter, &subscribers[0]), TAKT_OK);
	assert_int_equal(takt_wait_until(&waiter, soon()), TAKT_OK);
	assert_int_equal(take(0), 1);
}

static void a_set_has_a_limit(void **state)
{
	(void)state;
	for (uint32_t i = 2; i < TAKT_TOPICS_PER_NODE_MAX; i++)
		assert_int_equal(takt_waiter_add(&waiter, &subscribers[0]), TAKT_OK);
	assert_int_equal(takt_waiter_add(&waiter, &subscribers[0]), TAKT_LIMIT);
	assert_int_equal(waiter.subscriber_count, TAKT_TOPICS_PER_NODE_MAX);
}

static void an_empty_set_waits_for_its_deadline(void **state)
{
	static struct takt_waiter empty;

	(void)state;
	assert_int_equal(takt_waiter_init(&empty, reader, 1), TAKT_OK);
	assert_int_equal(takt_wait_until(&empty, soon()), TAKT_TIMEOUT);
	assert_int_equal(takt_wait_until(&empty, 0), TAKT_TIMEOUT);
}

/* It polls first: what comes meanwhile is found without a sleep, and without that it sleeps in the end. */
static void a_wait_may_poll_before_it_sleeps(void **state)
{
	const struct {
		uint64_t wakes, slices;
	} before = {waiter.wake_count, waiter.slice_count};

	(void)state;
	takt_waiter_spin_set(&waiter, UINT64_MAX);
	assert_int_equal(waiter.spin_ns, TAKT_SPIN_US_MAX * TAKT_NS_PER_US);
	assert_int_equal(takt_wait_until(&waiter, takt_os_clock_now_ns() + 100000), TAKT_TIMEOUT);
	assert_int_equal(waiter.spun_count, 0);
	assert_int_equal(waiter.slice_count, before.slices);
	assert_int_equal(takt_wait_until(&waiter, takt_os_clock_now_ns() + 2 * TAKT_NS_PER_MS), TAKT_TIMEOUT);
	assert_int_equal(waiter.wake_count, before.wakes);
}

static void a_waiter_of_a_node_that_has_not_joined_is_closed(void **state)
{
	static struct takt_node nobody;
	static struct takt_waiter none;

	(void)state;
	assert_int_equal(takt_waiter_init(&none, &nobody, 0), TAKT_CLOSED);
	assert_null(none.node);
}

static void more_waiters_than_the_config_has_are_refused(void **state)
{
	static struct takt_waiter third;

	(void)state;
	forget_said();
	assert_int_equal(takt_waiter_init(&third, reader, 2), TAKT_LIMIT);
	assert_said("raise `waiters`");
	assert_null(third.node);
	talk_here();
	assert_int_equal(takt_waiter_init(&third, talker, 0), TAKT_LIMIT);
	assert_int_equal(takt_wait_until(&third, much_later()), TAKT_CLOSED);
}

static void bits_of_a_dead_occupant_are_cleared_and_no_others(void **state)
{
	struct takt_mask_shm *mask_a = takt_domain_mask(&reader->domain, 0);
	struct takt_mask_shm *mask_b = takt_domain_mask(&reader->domain, 1);

	(void)state;
	assert_int_equal(waiter.bit, 1);
	atomic_store(&mask_a->waiting, UINT64_MAX);
	atomic_store(&mask_b->waiting, 3);
	assert_int_equal(takt_waiter_init(&waiter, reader, 0), TAKT_OK);
	assert_true(atomic_load(&mask_a->waiting) == UINT64_MAX - 1);
	assert_true(atomic_load(&mask_b->waiting) == 2);
}

/* --- ends --- */

static int wait_in_child(void *argument)
{
	(void)argument;
	return takt_wait_until(&waiter, much_later()) == TAKT_CLOSED ? 0 : 1;
}

static void a_forks_child_has_no_waiter(void **state)
{
	(void)state;
	talk_here();
	publish(0, 1);
	assert_int_equal(in_child(wait_in_child, NULL), 0);
	assert_int_equal(takt_wait_until(&waiter, much_later()), TAKT_OK);
}

static void a_quit_ends_the_wait(void **state)
{
	(void)state;
	atomic_store(&reader->quit_wanted, 1);
	assert_int_equal(takt_wait_until(&waiter, much_later()), TAKT_STOPPED);
	assert_int_equal(armed(0) | armed(1), 0);
}

static void commands_and_stops_are_news_to_a_loop_and_to_nobody_else(void **state)
{
	(void)state;
	atomic_store(&reader->mail_waits, 1);
	assert_int_equal(takt_wait_until(&waiter, soon()), TAKT_TIMEOUT);
	waiter.executes_commands = 1;
	assert_int_equal(takt_wait_until(&waiter, much_later()), TAKT_OK);
	atomic_store(&reader->mail_waits, 0);
	assert_int_equal(takt_wait_until(&waiter, soon()), TAKT_TIMEOUT);
	atomic_store(&reader->stop_wanted, 1);
	assert_int_equal(takt_wait_until(&waiter, much_later()), TAKT_OK);
}

/* Processor time, not time: an idle node costs 2 % at most, one look a slice. */
static void an_idle_waiter_costs_nearly_nothing(void **state)
{
	struct takt_os_usage before, after;
	uint64_t begin_ns = takt_os_clock_now_ns();

	(void)state;
	waiter.slice_ns = DEFAULT_SLICE * TAKT_NS_PER_MS;
	takt_os_thread_usage(&before);
	assert_int_equal(takt_wait_until(&waiter, begin_ns + TAKT_NS_PER_S), TAKT_TIMEOUT);
	takt_os_thread_usage(&after);
	uint64_t slices_max = (takt_os_clock_now_ns() - begin_ns) / waiter.slice_ns + 2;

	assert_true(after.cpu_ns - before.cpu_ns < TAKT_NS_PER_S / 50);
	assert_int_equal(waiter.wake_count, 0);
	assert_true(waiter.slice_count >= 1 && waiter.slice_count <= slices_max);
	assert_true(after.switches_voluntary - before.switches_voluntary <= slices_max + 2);
}

#define waiting(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* The wake words are this process's own then: news come with the slices, and somebody says why. */
static void a_waiter_whose_roster_was_cut_off_says_so_and_looks_every_slice(void **state)
{
	char path[160];

	(void)state;
	need_a_working_mremap();
	/* A sem_t that was cut off ends its users inside libc, like a scribbled one. */
	if (takt_os_sem_kind() == TAKT_OS_SEM_POSIX)
		skip();
	(void)snprintf(path, sizeof(path), "%s/takt.test/roster", scratch);
	talker = fixture_join("talker");
	assert_int_equal(takt_publisher_attach(&publishers[0], talker, "a", &takt_type_sample), TAKT_OK);
	assert_int_equal(truncate(path, 0), 0);
	for (unsigned i = 0; i < 3; i++) {
		struct sample sample = {i};

		const uint64_t deadline_ns = takt_os_clock_now_ns() + 3 * SLICE_NS;
		assert_int_equal(takt_wait_until(&waiter, deadline_ns), TAKT_TIMEOUT);
		assert_true(takt_os_clock_now_ns() >= deadline_ns);
		assert_int_equal(takt_publish(&publishers[0], &sample, NULL), TAKT_OK);
		assert_int_equal(takt_wait_until(&waiter, deadline_ns), TAKT_OK);
		assert_int_equal(takt_read_next(&subscribers[0], &sample, NULL), TAKT_OK);
	}
	assert_int_equal(messages.count, 1);
	assert_said("domain 'test': its roster was cut off while it was in use");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		waiting(a_passed_deadline_is_a_look),
		waiting(without_news_it_times_out_and_takes_its_bits_back),
		waiting(news_before_the_wait_is_found_at_once),
		waiting(news_while_it_polls_need_no_waking),
		waiting(behind_the_polling_it_sleeps_and_no_deadline_is_passed),
		waiting(news_during_the_sleep_wakes_whichever_topic_it_is),
		waiting(no_news_is_slept_through_when_it_races_with_arming),
		waiting(news_at_any_instruction_of_the_wait_is_found),
		waiting(news_from_another_process_wakes),
		waiting(a_post_that_died_with_its_publisher_costs_one_slice),
		waiting(a_storm_of_posts_without_news_costs_a_bounded_number_of_wakes),
		waiting(a_topic_taken_out_is_no_news),
		waiting(a_set_has_a_limit),
		waiting(an_empty_set_waits_for_its_deadline),
		waiting(more_waiters_than_the_config_has_are_refused),
		waiting(a_waiter_of_a_node_that_has_not_joined_is_closed),
		waiting(a_wait_may_poll_before_it_sleeps),
		waiting(bits_of_a_dead_occupant_are_cleared_and_no_others),
		waiting(a_forks_child_has_no_waiter),
		waiting(a_quit_ends_the_wait),
		waiting(commands_and_stops_are_news_to_a_loop_and_to_nobody_else),
		waiting(an_idle_waiter_costs_nearly_nothing),
		waiting(a_waiter_whose_roster_was_cut_off_says_so_and_looks_every_slice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
