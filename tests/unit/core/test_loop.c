/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/loop_fixture.h"

#include "core/topic.h"

#define PERIOD_NS   (2 * TAKT_NS_PER_MS)
#define FRESH_PAGES 8

struct sample {
	uint64_t value;
};
TAKT_TYPE(sample, struct sample, TAKT_FIELD(struct sample, value, TAKT_U64, 1, ""));

static const char config[] =
	"domain: test\n"
	"topics:\n"
	"  - {name: a, type: sample, bytes: 8}\n"
	"nodes:\n"
	"  - {name: talker, program: x, publishes: [a], waiters: 0, period_us: 2000}\n"
	"  - {name: skipper, program: x, subscribes: [a], waiters: 2, period_us: 2000, overrun: skip}\n"
	"  - {name: catcher, program: x, waiters: 1, period_us: 2000, overrun: catch_up}\n"
	"  - {name: still, program: x, waiters: 1}\n";

static struct takt_loop loop;
static struct takt_publisher publisher;
static struct takt_subscriber subscriber;
static struct looper looper;

static int set_up(void **state)
{
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(config);
	memset(&loop, 0, sizeof(loop));
	memset(&looper, 0, sizeof(looper));
	return 0;
}

static int tear_down(void **state)
{
	takt_loop_end(&loop);
	takt_publisher_detach(&publisher);
	takt_subscriber_detach(&subscriber);
	return fixture_tear_down(state);
}

static const struct takt_loop_options as_configured;

static struct takt_node *begin(const char *name)
{
	struct takt_node *node = fixture_join(name);

	assert_int_equal(takt_loop_begin(&loop, node, &as_configured), TAKT_OK);
	return node;
}

static void next_cycle(void)
{
	assert_int_equal(takt_loop_next(&loop), TAKT_OK);
}

static void work_until(uint64_t end_ns)
{
	while (takt_os_clock_now_ns() < end_ns)
		;
}

/* --- time --- */

static void periods_are_absolute_and_do_not_drift(void **state)
{
	uint64_t first_due_ns = 0, due_before_ns = 0, overruns_before = 0;

	(void)state;
	(void)begin("talker");
	for (uint64_t i = 0; i < 100; i++) {
		next_cycle();
		assert_int_equal(loop.cycle_count, i + 1);
		assert_int_equal(loop.cause, TAKT_CAUSE_PERIOD);
		assert_true(loop.cycle_begin_ns >= loop.due_ns);
		if (i == 0)
			first_due_ns = loop.due_ns;
		else
			assert_true(loop.due_ns - due_before_ns ==
				    PERIOD_NS * (1 + loop.overrun_count - overruns_before));
		due_before_ns = loop.due_ns;
		overruns_before = loop.overrun_count;
	}
	/* Every period had its cycle or was counted, however long the cycles and the sleeps took. */
	assert_true(loop.due_ns - first_due_ns == PERIOD_NS * (99 + loop.overrun_count));
}

static void a_skipper_passes_over_the_periods_it_missed(void **state)
{
	uint64_t due_ns, overruns;

	(void)state;
	(void)begin("skipper");
	next_cycle();
	for (uint32_t i = 0; i < 5; i++) {
		due_ns = loop.due_ns;
		overruns = loop.overrun_count;
		/* Just past the third period from now: the two before it are missed, and perhaps more on a busy machine. */
		work_until(due_ns + 3 * PERIOD_NS);
		next_cycle();
		assert_true(loop.overrun_count >= overruns + 2);
		assert_true(loop.due_ns == due_ns + PERIOD_NS * (1 + loop.overrun_count - overruns));
	}
	assert_int_equal(loop.cycle_count, 6);
}

static void a_catcher_runs_a_cycle_for_every_period(void **state)
{
	uint64_t due_ns, overruns;

	(void)state;
	(void)begin("catcher");
	next_cycle();
	due_ns = loop.due_ns;
	overruns = loop.overrun_count;
	work_until(due_ns + 4 * PERIOD_NS);
	for (uint64_t i = 1; i <= 4; i++) {
		next_cycle();
		assert_true(loop.due_ns == due_ns + i * PERIOD_NS);
		/* Late, so there was no sleep. */
		assert_true(loop.cycle_begin_ns >= loop.due_ns + (4 - i) * PERIOD_NS);
	}
	/* The periods that began late by a whole one: 1, 2 and 3. The fourth came in time unless the machine was busy. */
	assert_true(loop.overrun_count >= overruns + 3);
	assert_true(loop.overrun_count <= overruns + 4);
	next_cycle();
	assert_true(loop.due_ns == due_ns + 5 * PERIOD_NS);
	assert_int_equal(loop.cycle_count, 6);
}

static void options_come_before_the_config(void **state)
{
	struct takt_node *node = fixture_join("talker");

	(void)state;
	assert_int_equal(takt_loop_begin(&loop, node, &(struct takt_loop_options){.period_ns = TAKT_NS_PER_MS}),
			 TAKT_OK);
	assert_int_equal(loop.period_ns, TAKT_NS_PER_MS);
	takt_loop_end(&loop);
	assert_int_equal(takt_loop_begin(&loop, node, &as_configured), TAKT_OK);
	assert_int_equal(loop.period_ns, PERIOD_NS);
}

static void a_loop_without_period_and_trigger_or_waiter_is_refused(void **state)
{
	struct takt_subscriber *triggers[] = {&subscriber};
	struct takt_node *still = fixture_join("still");
	struct takt_node *talker = fixture_join("talker");

	(void)state;
	forget_said();
	assert_int_equal(takt_loop_begin(&loop, still, &as_configured), TAKT_INVALID);
	assert_said("write `period_us`");
	assert_null(loop.node);
	assert_int_equal(takt_loop_begin(&loop, still, &(struct takt_loop_options){.period_ns = 1, .loop_index = 1}),
			 TAKT_INVALID);
	assert_said("raise `waiters`");
	assert_int_equal(takt_loop_begin(&loop, talker,
					 &(struct takt_loop_options){.triggers = triggers, .trigger_count = 1}),
			 TAKT_LIMIT);
	assert_null(loop.node);
	assert_int_equal(atomic_load(&talker->loop_waiter_plus_one), 0);
	assert_int_equal(atomic_load(&node_shm(talker)->state), TAKT_NODE_STARTING);
}

/* --- events --- */

static void trigger_on_a(struct takt_node *node, uint64_t period_ns)
{
	static struct takt_subscriber *triggers[] = {&subscriber};

	assert_int_equal(takt_subscriber_attach(&subscriber, node, "a", &takt_type_sample, NULL), TAKT_OK);
	looper.node = node;
	looper.options = (struct takt_loop_options){.triggers = triggers, .trigger_count = 1, .period_ns = period_ns};
}

static void talk_here(void)
{
	struct takt_node *talker = fixture_join("talker");

	assert_int_equal(takt_publisher_attach(&publisher, talker, "a", &takt_type_sample), TAKT_OK);
}

static void publish(uint64_t value)
{
	assert_int_equal(takt_publish(&publisher, &(struct sample){value}, NULL), TAKT_OK);
}

static _Atomic int news_count, timeout_count, wrong_count;

static void take_news(struct looper *of)
{
	struct sample sample;

	if (of->loop.cause == TAKT_CAUSE_NEWS && takt_read_next(&subscriber, &sample, NULL) == TAKT_OK)
		atomic_fetch_add(&news_count, 1);
	else if (of->loop.cause == TAKT_CAUSE_TIMEOUT && !takt_subscriber_has_news(&subscriber))
		atomic_fetch_add(&timeout_count, 1);
	else if (of->loop.cause != TAKT_CAUSE_TIMEOUT) /* a time-out that news overtook is no mistake */
		atomic_fetch_add(&wrong_count, 1);
}

static void start_on_events(uint64_t period_ns)
{
	atomic_store(&news_count, 0);
	atomic_store(&timeout_count, 0);
	atomic_store(&wrong_count, 0);
	trigger_on_a(fixture_join("skipper"), period_ns);
	looper.on_cycle = take_news;
	loop_start(&looper);
}

static void news_makes_cycles_and_silence_makes_none(void **state)
{
	(void)state;
	talk_here();
	start_on_events(LONG_NS);
	for (int i = 1; i <= 20; i++) {
		publish((uint64_t)i);
		assert_true(wait_for_flag(&news_count, i));
	}
	loop_join(&looper);
	assert_int_equal(atomic_load(&news_count), 20);
	assert_int_equal(atomic_load(&looper.cycle_count), 20);
	assert_int_equal(atomic_load(&timeout_count) + atomic_load(&wrong_count), 0);
	assert_int_equal(atomic_load(&loop_shm(looper.node, 0)->period_ns), 0);
}

static void without_news_an_event_driven_cycle_comes_after_one_period(void **state)
{
	(void)state;
	talk_here();
	start_on_events(PERIOD_NS);
	assert_true(wait_for_flag(&timeout_count, 10));
	publish(1);
	assert_true(wait_for_flag(&news_count, 1));
	assert_true(wait_for_flag(&timeout_count, 12));
	loop_join(&looper);
	assert_int_equal(atomic_load(&news_count), 1);
	assert_int_equal(atomic_load(&wrong_count), 0);
}

static void a_stop_reaches_a_loop_that_waits_for_news_and_makes_no_cycle(void **state)
{
	(void)state;
	talk_here();
	start_on_events(LONG_NS);
	publish(1);
	assert_true(wait_for_flag(&news_count, 1));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask("skipper", "stop"), TAKT_OK);
		await_state(looper.node, TAKT_NODE_STOPPED);
		assert_int_equal(ask("skipper", "start"), TAKT_OK);
		await_state(looper.node, TAKT_NODE_RUNNING);
	}
	publish(2);
	assert_true(wait_for_flag(&news_count, 2));
	loop_join(&looper);
	assert_int_equal(atomic_load(&looper.cycle_count), 2);
	assert_int_equal(atomic_load(&wrong_count), 0);
}

/* --- stop, start, quit --- */

static void a_stopped_loop_runs_no_cycles_until_it_is_started(void **state)
{
	int before;

	(void)state;
	looper.node = fixture_join("talker");
	assert_int_equal(atomic_load(&node_shm(looper.node)->state), TAKT_NODE_STARTING);
	loop_start(&looper);
	await_state(looper.node, TAKT_NODE_RUNNING);
	loop_await_cycles(&looper, 2);
	assert_int_equal(ask("talker", "stop"), TAKT_OK);
	await_state(looper.node, TAKT_NODE_STOPPED);
	before = atomic_load(&looper.cycle_count);
	/* A dozen periods, by the clock that the loop has too. */
	assert_int_equal(takt_os_clock_sleep_until(takt_os_clock_now_ns() + 12 * PERIOD_NS), TAKT_OK);
	assert_int_equal(atomic_load(&looper.cycle_count), before);
	uint64_t overruns = atomic_load(&loop_shm(looper.node, 0)->overrun_count);
	assert_int_equal(ask("talker", "start"), TAKT_OK);
	loop_await_cycles(&looper, 2);
	await_state(looper.node, TAKT_NODE_RUNNING);
	/* The periods of the stop were not missed: had they been counted, there would be 12 more. */
	assert_true(atomic_load(&loop_shm(looper.node, 0)->overrun_count) < overruns + 12);
	loop_join(&looper);
	assert_int_equal(looper.ended, TAKT_STOPPED);
}

static void a_quit_ends_a_loop_in_every_state(void **state)
{
	(void)state;
	looper.node = fixture_join("talker");
	loop_start(&looper);
	loop_await_cycles(&looper, 1);
	assert_int_equal(ask("talker", "stop"), TAKT_OK);
	await_state(looper.node, TAKT_NODE_STOPPED);
	assert_int_equal(ask("talker", "quit"), TAKT_OK);
	takt_os_thread_join(&looper.thread);
	assert_int_equal(looper.ended, TAKT_STOPPED);
	/* And one that waits for news without a period. */
	memset(&looper, 0, sizeof(looper));
	trigger_on_a(fixture_join("skipper"), LONG_NS);
	loop_start(&looper);
	await_state(looper.node, TAKT_NODE_READY);
	assert_int_equal(ask("skipper", "quit"), TAKT_OK);
	takt_os_thread_join(&looper.thread);
	assert_int_equal(looper.ended, TAKT_STOPPED);
	assert_int_equal(atomic_load(&looper.cycle_count), 0);
}

static void a_loop_slower_than_a_person_obeys_at_once(void **state)
{
	(void)state;
	looper.node = fixture_join("still");
	looper.options.period_ns = LONG_NS;
	loop_start(&looper);
	assert_true(wait_for_flag(&looper.cycle_count, 1));
	assert_int_equal(ask("still", "stop"), TAKT_OK);
	await_state(looper.node, TAKT_NODE_STOPPED);
	assert_int_equal(ask("still", "start"), TAKT_OK);
	await_state(looper.node, TAKT_NODE_RUNNING);
	assert_int_equal(ask("still", "quit"), TAKT_OK);
	takt_os_thread_join(&looper.thread);
	assert_int_equal(looper.ended, TAKT_STOPPED);
}

/* --- statistics --- */

static uint64_t faults_of(const struct takt_node *node)
{
	return atomic_load(&loop_shm(node, 0)->fault_count);
}

static void the_segment_says_what_the_loop_counted(void **state)
{
	static struct takt_histogram jitter, duration;
	struct takt_node *node = begin("skipper");
	struct takt_loop_shm *shared = loop_shm(node, 0);
	uint64_t longest_ns = 0;

	(void)state;
	for (uint32_t i = 0; i < 30; i++) {
		next_cycle();
		assert_int_equal(atomic_load(&shared->cycle_count), loop.cycle_count);
		assert_true(atomic_load(&shared->cycle_begin_ns) == loop.cycle_begin_ns);
		assert_int_equal(atomic_load(&shared->overrun_count), loop.overrun_count);
		if (loop.cycle_begin_ns - loop.due_ns > longest_ns)
			longest_ns = loop.cycle_begin_ns - loop.due_ns;
		work_until(loop.cycle_begin_ns + (i == 7 ? 3 * PERIOD_NS : PERIOD_NS / 8));
	}
	takt_histogram_copy(&jitter, &shared->jitter_ns);
	takt_histogram_copy(&duration, &shared->duration_ns);
	assert_int_equal(jitter.count, 30);
	assert_true(jitter.max == longest_ns);
	assert_int_equal(duration.count, 29);
	assert_true(duration.min >= PERIOD_NS / 8 && duration.max >= 3 * PERIOD_NS);
	assert_int_equal(atomic_load(&shared->period_ns), PERIOD_NS);
	assert_true(loop.overrun_count >= 2);
	assert_int_equal(atomic_load(&loop_shm(node, 1)->cycle_count), 0);
}

static void a_second_loop_counts_for_itself_and_starts_at_zero(void **state)
{
	struct takt_node *node = begin("skipper");

	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		next_cycle();
	looper.node = node;
	looper.options.loop_index = 1;
	loop_start(&looper);
	loop_await_cycles(&looper, 3);
	loop_join(&looper);
	assert_true(atomic_load(&loop_shm(node, 1)->cycle_count) >= 3);
	assert_int_equal(atomic_load(&loop_shm(node, 0)->cycle_count), 5);
	assert_true(atomic_load(&node->loop_waiter_plus_one) != 0);
	takt_loop_end(&loop);
	assert_int_equal(atomic_load(&node->loop_waiter_plus_one), 0);
	atomic_store(&node->quit_wanted, 0);
	assert_int_equal(takt_loop_begin(&loop, node, &as_configured), TAKT_OK);
	assert_int_equal(atomic_load(&loop_shm(node, 0)->cycle_count), 0);
}

static void page_faults_are_counted(void **state)
{
	const size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	struct takt_node *node = begin("talker");
	volatile unsigned char *fresh;
	uint64_t before;

	(void)state;
	fresh = mmap(NULL, FRESH_PAGES * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(fresh != MAP_FAILED);
	(void)madvise((void *)(uintptr_t)fresh, FRESH_PAGES * page_bytes, MADV_NOHUGEPAGE);
	next_cycle();
	before = faults_of(node);
	for (size_t i = 0; i < FRESH_PAGES; i++)
		fresh[i * page_bytes] = 1;
	next_cycle();
	assert_true(faults_of(node) >= before + FRESH_PAGES);
	assert_int_equal(munmap((void *)(uintptr_t)fresh, FRESH_PAGES * page_bytes), 0);
}

static void a_cycle_makes_no_page_fault_by_itself(void **state)
{
	struct takt_node *node;
	uint64_t before;

	(void)state;
	need_a_real_kernel("the kernel counts the emulator's own page faults with the thread's");
	node = begin("talker");
	for (uint32_t i = 0; i < 10; i++)
		next_cycle();
	before = faults_of(node);
	for (uint32_t i = 0; i < 100; i++)
		next_cycle();
	assert_int_equal(faults_of(node), before);
}

#define looping(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		looping(periods_are_absolute_and_do_not_drift),
		looping(a_skipper_passes_over_the_periods_it_missed),
		looping(a_catcher_runs_a_cycle_for_every_period),
		looping(options_come_before_the_config),
		looping(a_loop_without_period_and_trigger_or_waiter_is_refused),
		looping(news_makes_cycles_and_silence_makes_none),
		looping(without_news_an_event_driven_cycle_comes_after_one_period),
		looping(a_stop_reaches_a_loop_that_waits_for_news_and_makes_no_cycle),
		looping(a_stopped_loop_runs_no_cycles_until_it_is_started),
		looping(a_quit_ends_a_loop_in_every_state),
		looping(a_loop_slower_than_a_person_obeys_at_once),
		looping(the_segment_says_what_the_loop_counted),
		looping(a_second_loop_counts_for_itself_and_starts_at_zero),
		looping(page_faults_are_counted),
		looping(a_cycle_makes_no_page_fault_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
