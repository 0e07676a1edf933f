/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/loop_fixture.h"

#include <poll.h>
#include <sys/resource.h>

#include "core/descriptor.h"
#include "core/queue.h"
#include "tests/unit/core/random.h"

#define PERIOD_NS  (5 * TAKT_NS_PER_MS)
#define RACE_COUNT 20000u

struct sample {
	uint64_t value;
};
TAKT_TYPE(sample, struct sample, TAKT_FIELD(struct sample, value, TAKT_U64, 1, ""));

static const char config[] =
	"domain: test\n"
	"topics:\n"
	"  - {name: a, type: sample, bytes: 8, depth: 4}\n"
	"  - {name: b, type: sample, bytes: 8, depth: 4}\n"
	"queues:\n"
	"  - {name: jobs, type: sample, bytes: 8, depth: 4}\n"
	"nodes:\n"
	"  - {name: talker, program: x, publishes: [a, b], pushes: [jobs], waiters: 0}\n"
	"  - {name: dying, program: x, takes: [jobs], waiters: 0}\n"
	"  - {name: reader, program: x, subscribes: [a, b], takes: [jobs], waiters: 2, period_us: 5000, overrun: skip}\n"
	"  - {name: catcher, program: x, waiters: 1, period_us: 5000, overrun: catch_up}\n";

static struct takt_node *talker, *reader;
static struct takt_publisher publisher;
static struct takt_producer producer;
static struct takt_consumer consumer;
static struct takt_subscriber subscriber;
static struct takt_waiter waiter;
static struct takt_loop loop;
static struct takt_loop_descriptors cycle;
static struct takt_news_descriptor news;

static int set_up(void **state)
{
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(config);
	memset(&waiter, 0, sizeof(waiter));
	reader = fixture_join("reader");
	talker = fixture_join("talker");
	assert_int_equal(takt_publisher_attach(&publisher, talker, "a", &takt_type_sample), TAKT_OK);
	assert_int_equal(takt_subscriber_attach(&subscriber, reader, "a", &takt_type_sample, NULL), TAKT_OK);
	assert_int_equal(takt_waiter_init(&waiter, reader, 1), TAKT_OK);
	return 0;
}

static int tear_down(void **state)
{
	takt_news_descriptor_stop(&news);
	takt_loop_descriptors_close(&cycle);
	takt_loop_end(&loop);
	takt_publisher_detach(&publisher);
	takt_producer_detach(&producer);
	takt_consumer_detach(&consumer);
	takt_subscriber_detach(&subscriber);
	return fixture_tear_down(state);
}

static int is_readable_within(int descriptor, int ms)
{
	struct pollfd polled = {descriptor, POLLIN, 0};

	return poll(&polled, 1, ms) == 1 && (polled.revents & POLLIN) != 0;
}

static int is_readable(int descriptor)
{
	return is_readable_within(descriptor, 0);
}

static void await_readable(int descriptor)
{
	assert_true(is_readable_within(descriptor, 60000));
}

/* --- news --- */

static void start_news(void)
{
	assert_int_equal(takt_waiter_add(&waiter, &subscriber), TAKT_OK);
	assert_int_equal(takt_news_descriptor_start(&news, &waiter), TAKT_OK);
}

static void publish(uint64_t value)
{
	assert_int_equal(takt_publish(&publisher, &(struct sample){value}, NULL), TAKT_OK);
}

static uint32_t read_all(uint64_t *last)
{
	struct sample sample;
	uint32_t count = 0;

	while (takt_read_next(&subscriber, &sample, NULL) == TAKT_OK) {
		*last = sample.value;
		count++;
	}
	return count;
}

static uint64_t calls(void)
{
	return atomic_load(&news.call_count);
}

/* The helper sleeps until a publisher posts it: its bit is set. */
static void await_armed(void)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + LONG_NS;

	while ((atomic_load(&takt_domain_mask(&reader->domain, subscriber.topic_index)->waiting) & waiter.bit) == 0) {
		assert_true(takt_os_clock_now_ns() < end_ns);
		(void)sched_yield();
	}
}

static void news_make_it_readable_and_draining_unreadable(void **state)
{
	uint64_t last = 0;

	(void)state;
	start_news();
	assert_false(is_readable(news.descriptor));
	assert_int_equal(takt_news_descriptor_drain(&news), TAKT_EMPTY);
	publish(7);
	await_readable(news.descriptor);
	assert_int_equal(takt_news_descriptor_drain(&news), TAKT_OK);
	assert_false(is_readable(news.descriptor));
	assert_int_equal(read_all(&last), 1);
	assert_int_equal(last, 7);
	assert_int_equal(takt_news_descriptor_arm(&news), TAKT_OK);
	publish(8);
	await_readable(news.descriptor);
}

static void what_came_before_the_start_is_news(void **state)
{
	(void)state;
	publish(1);
	start_news();
	await_readable(news.descriptor);
}

static void what_came_between_the_last_read_and_the_arming_is_news(void **state)
{
	uint64_t last = 0;

	(void)state;
	start_news();
	publish(1);
	await_readable(news.descriptor);
	assert_int_equal(takt_news_descriptor_drain(&news), TAKT_OK);
	assert_int_equal(read_all(&last), 1);
	publish(2);
	assert_int_equal(takt_news_descriptor_arm(&news), TAKT_OK);
	await_readable(news.descriptor);
}

static void what_is_left_unread_calls_again(void **state)
{
	struct sample sample;

	(void)state;
	publish(1);
	publish(2);
	start_news();
	for (uint64_t i = 1; i <= 2; i++) {
		await_readable(news.descriptor);
		assert_int_equal(takt_news_descriptor_drain(&news), TAKT_OK);
		assert_int_equal(takt_read_next(&subscriber, &sample, NULL), TAKT_OK);
		assert_int_equal(sample.value, i);
		assert_int_equal(takt_news_descriptor_arm(&news), TAKT_OK);
	}
	await_armed();
	assert_int_equal(calls(), 2);
	assert_false(is_readable(news.descriptor));
}

static void what_was_read_without_being_called_does_not_call_again(void **state)
{
	uint64_t last = 0;

	(void)state;
	start_news();
	publish(1);
	await_readable(news.descriptor);
	publish(2);
	assert_int_equal(takt_news_descriptor_drain(&news), TAKT_OK);
	assert_int_equal(read_all(&last), 2);
	assert_int_equal(takt_news_descriptor_arm(&news), TAKT_OK);
	await_armed();
	assert_int_equal(calls(), 1);
}

static void arming_twice_is_arming_once(void **state)
{
	(void)state;
	start_news();
	for (int i = 0; i < 5; i++)
		assert_int_equal(takt_news_descriptor_arm(&news), TAKT_OK);
	assert_int_equal(news.arm_count, 1);
	publish(1);
	await_readable(news.descriptor);
	assert_int_equal(calls(), 1);
}

/* What lies unread costs nothing: whatever is published, the helper keeps still, and its publisher wakes nobody. */
static void unread_samples_cost_neither_helper_nor_publisher(void **state)
{
	(void)state;
	start_news();
	await_armed();
	publish(0);
	await_readable(news.descriptor);
	const uint64_t turns = atomic_load(&news.turn_count), woken = publisher.woken_count;
	const uint64_t begin_ns = takt_os_clock_now_ns();
	for (uint64_t i = 1; i <= RACE_COUNT; i++)
		publish(i);
	const uint64_t seconds = (takt_os_clock_now_ns() - begin_ns) / TAKT_NS_PER_S;
	assert_int_equal(calls(), 1);
	assert_int_equal(publisher.woken_count, woken);
	/* One look a second whether it is to end, and the one that may have been under way. */
	assert_true(atomic_load(&news.turn_count) <= turns + seconds + 1);
}

static _Atomic int said_last;

static void talk_at_random(void *argument)
{
	(void)argument;
	for (uint64_t i = 1; i <= RACE_COUNT; i++) {
		(void)!takt_publish(&publisher, &(struct sample){i}, NULL);
		for (uint64_t pause = next_random() % 400; pause > 0; pause--)
			__asm__ volatile("");
		if (next_random() % 8 == 0)
			(void)sched_yield();
	}
	atomic_store(&said_last, 1);
}

static void no_wake_up_is_lost_in_20000_publishes(void **state)
{
	struct takt_os_thread thread = {0};
	uint64_t last = 0, turns = 0;

	(void)state;
	start_news();
	assert_int_equal(takt_os_thread_start(&thread, "talker", talk_at_random, NULL), TAKT_OK);
	while (last < RACE_COUNT) {
		/* Were one lost, nothing would make it readable after the last publish. */
		await_readable(news.descriptor);
		assert_int_equal(takt_news_descriptor_drain(&news), TAKT_OK);
		(void)read_all(&last);
		turns++;
		assert_int_equal(takt_news_descriptor_arm(&news), TAKT_OK);
	}
	takt_os_thread_join(&thread);
	assert_int_equal(subscriber.got + subscriber.lost, RACE_COUNT);
	assert_true(calls() <= news.arm_count);
	assert_true(turns <= RACE_COUNT + 1);
}

/* --- queues --- */

static int take_one_and_die(void *argument)
{
	static struct takt_consumer taker;
	struct sample sample;
	struct takt_item item;
	struct takt_node *node;

	(void)argument;
	fixture_child_speaks();
	node = fixture_child_join("dying");
	if (node == NULL || takt_consumer_attach(&taker, node, "jobs", &takt_type_sample) != TAKT_OK ||
	    takt_queue_take(&taker, TAKT_BAND_ANY, &sample, &item) != TAKT_OK)
		return 1;
	return raise(SIGKILL);
}

static void items_and_what_the_dead_had_are_news_too(void **state)
{
	struct sample sample = {5};
	struct takt_item item;

	(void)state;
	assert_int_equal(takt_producer_attach(&producer, talker, "jobs", &takt_type_sample), TAKT_OK);
	assert_int_equal(takt_consumer_attach(&consumer, reader, "jobs", &takt_type_sample), TAKT_OK);
	assert_int_equal(takt_waiter_add_consumer(&waiter, &consumer, TAKT_BAND_ANY), TAKT_OK);
	assert_int_equal(takt_news_descriptor_start(&news, &waiter), TAKT_OK);
	assert_int_equal(takt_queue_push(&producer, &sample, 0, NULL), TAKT_OK);
	await_readable(news.descriptor);
	/* Another takes it, and dies of it. */
	assert_int_equal(in_child(take_one_and_die, NULL), KILLED_BY(SIGKILL));
	assert_int_equal(takt_news_descriptor_drain(&news), TAKT_OK);
	consumer.queue.look_ns = TAKT_FOREVER;
	assert_int_equal(takt_queue_take(&consumer, TAKT_BAND_ANY, &sample, &item), TAKT_EMPTY);
	assert_int_equal(takt_news_descriptor_arm(&news), TAKT_OK);
	await_readable(news.descriptor);
	assert_int_equal(takt_news_descriptor_drain(&news), TAKT_OK);
	assert_int_equal(takt_queue_take(&consumer, TAKT_BAND_ANY, &sample, &item), TAKT_OK);
	assert_int_equal(item.is_redelivered, 1);
	assert_int_equal(takt_queue_acknowledge(&consumer, &item), TAKT_OK);
}

/* --- bad input, ends --- */

static void an_empty_set_and_a_waiter_that_is_taken_are_refused(void **state)
{
	static struct takt_news_descriptor second;

	(void)state;
	assert_int_equal(takt_news_descriptor_start(&news, &waiter), TAKT_INVALID);
	assert_said("waits for nothing");
	start_news();
	assert_int_equal(takt_news_descriptor_start(&second, &waiter), TAKT_BUSY);
	assert_said("has a news descriptor already");
	assert_null(second.node);
	takt_news_descriptor_stop(&second);
	/* Once it is stopped, another may have it. */
	takt_news_descriptor_stop(&news);
	assert_int_equal(takt_news_descriptor_start(&second, &waiter), TAKT_OK);
	takt_news_descriptor_stop(&second);
	takt_news_descriptor_stop(&second);
	assert_int_equal(takt_news_descriptor_drain(&second), TAKT_CLOSED);
	assert_int_equal(takt_news_descriptor_arm(&second), TAKT_CLOSED);
}

static void without_descriptors_nothing_starts_and_nothing_is_left(void **state)
{
	struct rlimit before, none;

	(void)state;
	assert_int_equal(takt_waiter_add(&waiter, &subscriber), TAKT_OK);
	assert_int_equal(takt_loop_begin(&loop, reader, &(struct takt_loop_options){0}), TAKT_OK);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	const enum takt_status news_status = takt_news_descriptor_start(&news, &waiter);
	const enum takt_status cycle_status = takt_loop_descriptors_open(&cycle, &loop);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(news_status, TAKT_NO_SPACE);
	assert_int_equal(cycle_status, TAKT_NO_SPACE);
	assert_null(news.node);
	assert_null(cycle.loop);
	start_news();
	assert_int_equal(takt_loop_descriptors_open(&cycle, &loop), TAKT_OK);
}

/* Room for one more: the timer is given back when there is none for the commands. */
static void half_the_descriptors_are_none(void **state)
{
	struct rlimit before, one;

	(void)state;
	assert_int_equal(takt_loop_begin(&loop, reader, &(struct takt_loop_options){0}), TAKT_OK);
	const int lowest = dup(STDIN_FILENO);
	assert_true(lowest >= 0 && close(lowest) == 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	one = before;
	one.rlim_cur = (rlim_t)lowest + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &one), 0);
	const enum takt_status status = takt_loop_descriptors_open(&cycle, &loop);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(status, TAKT_NO_SPACE);
	assert_said("eventfd");
	assert_null(cycle.loop);
	assert_int_equal(dup(STDIN_FILENO), lowest);
	assert_int_equal(close(lowest), 0);
}

static int use_in_child(void *argument)
{
	(void)argument;
	fixture_child_speaks();
	if (fcntl(news.descriptor, F_GETFD) != -1 || fcntl(cycle.period, F_GETFD) != -1 ||
	    fcntl(cycle.command, F_GETFD) != -1)
		return 1;
	if (takt_news_descriptor_drain(&news) != TAKT_CLOSED || takt_news_descriptor_arm(&news) != TAKT_CLOSED ||
	    takt_loop_descriptors_next(&cycle) != TAKT_CLOSED)
		return 2;
	/* A number that is another file's by now is left alone. */
	const int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
	takt_news_descriptor_stop(&news);
	takt_loop_descriptors_close(&cycle);
	if (fcntl(other, F_GETFD) == -1)
		return 3;
	if (takt_news_descriptor_start(&news, &waiter) != TAKT_CLOSED ||
	    takt_loop_descriptors_open(&cycle, &loop) != TAKT_CLOSED)
		return 4;
	return 0;
}

static void a_forks_child_has_none_of_them(void **state)
{
	(void)state;
	start_news();
	assert_int_equal(takt_loop_begin(&loop, reader, &(struct takt_loop_options){0}), TAKT_OK);
	assert_int_equal(takt_loop_descriptors_open(&cycle, &loop), TAKT_OK);
	assert_int_equal(in_child(use_in_child, NULL), 0);
	publish(1);
	await_readable(news.descriptor);
}

static void an_end_is_told_once_and_the_helper_rests(void **state)
{
	(void)state;
	start_news();
	atomic_store(&reader->quit_wanted, 1);
	await_readable(news.descriptor);
	assert_int_equal(takt_news_descriptor_drain(&news), TAKT_OK);
	assert_int_equal(takt_news_descriptor_arm(&news), TAKT_OK);
	takt_news_descriptor_stop(&news);
}

/* --- periods --- */

static void open_cycle(struct takt_node *node)
{
	assert_int_equal(takt_loop_begin(&loop, node, &(struct takt_loop_options){0}), TAKT_OK);
	assert_int_equal(takt_loop_descriptors_open(&cycle, &loop), TAKT_OK);
}

static enum takt_status next(void)
{
	return takt_loop_descriptors_next(&cycle);
}

static void the_timer_is_readable_when_a_cycle_is_due_and_not_before(void **state)
{
	uint64_t first_ns;

	(void)state;
	open_cycle(reader);
	/* The first cycle is due at once. */
	await_readable(cycle.command);
	assert_int_equal(next(), TAKT_OK);
	first_ns = loop.due_ns;
	for (uint64_t i = 1; i <= 50; i++) {
		while (next() == TAKT_EMPTY)
			await_readable(cycle.period);
		assert_int_equal(loop.cycle_count, i + 1);
		assert_int_equal(loop.cause, TAKT_CAUSE_PERIOD);
		assert_true(loop.cycle_begin_ns >= loop.due_ns);
		/* Absolute: each period had its cycle or was counted. */
		assert_true(loop.due_ns - first_ns == PERIOD_NS * (i + loop.overrun_count));
	}
	assert_int_equal(atomic_load(&loop_shm(reader, 0)->cycle_count), 51);
}

static void work_until(uint64_t end_ns)
{
	while (takt_os_clock_now_ns() < end_ns)
		;
}

static void overruns_are_counted_as_the_loop_does(void **state)
{
	(void)state;
	open_cycle(reader);
	assert_int_equal(next(), TAKT_OK);
	const uint64_t due_ns = loop.due_ns;
	work_until(due_ns + 3 * PERIOD_NS);
	enum takt_status status = next();
	assert_true(loop.overrun_count >= 2);
	assert_true(loop.due_ns == due_ns + PERIOD_NS * (1 + loop.overrun_count));
	assert_true(status == TAKT_OK || status == TAKT_EMPTY);
}

static void a_catcher_gets_each_period_in_one_turn(void **state)
{
	uint32_t cycles = 0;

	(void)state;
	open_cycle(fixture_join("catcher"));
	assert_int_equal(next(), TAKT_OK);
	const uint64_t due_ns = loop.due_ns;
	work_until(due_ns + 4 * PERIOD_NS);
	while (next() == TAKT_OK)
		cycles++;
	assert_true(cycles >= 4);
	assert_true(loop.due_ns == due_ns + PERIOD_NS * (cycles + 1));
	assert_true(loop.overrun_count >= 2);
}

static void an_event_driven_loop_runs_for_news_and_after_a_period_without(void **state)
{
	struct takt_subscriber *triggers[] = {&subscriber};
	uint64_t last = 0;

	(void)state;
	assert_int_equal(takt_loop_begin(&loop, reader,
					 &(struct takt_loop_options){.period_ns = 300 * TAKT_NS_PER_MS,
								     .triggers = triggers,
								     .trigger_count = 1}),
			 TAKT_OK);
	assert_int_equal(takt_loop_descriptors_open(&cycle, &loop), TAKT_OK);
	start_news();
	assert_int_equal(next(), TAKT_EMPTY);
	publish(3);
	await_readable(news.descriptor);
	assert_int_equal(takt_news_descriptor_drain(&news), TAKT_OK);
	assert_int_equal(next(), TAKT_OK);
	assert_int_equal(loop.cause, TAKT_CAUSE_NEWS);
	assert_int_equal(read_all(&last), 1);
	const uint64_t read_ns = takt_os_clock_now_ns();
	assert_int_equal(next(), TAKT_EMPTY);
	await_readable(cycle.period);
	assert_true(takt_os_clock_now_ns() >= read_ns + 300 * TAKT_NS_PER_MS);
	assert_int_equal(next(), TAKT_OK);
	assert_int_equal(loop.cause, TAKT_CAUSE_TIMEOUT);
}

static void a_loops_descriptors_are_opened_once(void **state)
{
	static struct takt_loop_descriptors second;
	static struct takt_loop other;

	(void)state;
	open_cycle(reader);
	assert_int_equal(takt_loop_descriptors_open(&second, &loop), TAKT_BUSY);
	assert_said("open already");
	takt_loop_descriptors_close(&second);
	assert_int_equal(takt_loop_descriptors_next(&second), TAKT_CLOSED);
	/* Another thread's loop has no commands. */
	assert_int_equal(takt_loop_begin(&other, reader, &(struct takt_loop_options){.loop_index = 1}), TAKT_OK);
	assert_int_equal(takt_loop_descriptors_open(&second, &other), TAKT_OK);
	assert_int_equal(second.command, -1);
	assert_true(second.period >= 0);
	takt_loop_descriptors_close(&second);
	takt_loop_end(&other);
	/* Closed and opened again. */
	takt_loop_descriptors_close(&cycle);
	assert_int_equal(takt_loop_descriptors_open(&cycle, &loop), TAKT_OK);
}

/* --- commands: asked by another thread, obeyed by this one's event loop --- */

static _Atomic int asked_count;
static const char *question;

static void ask_it(void *argument)
{
	(void)argument;
	/* Right behind another, which wakes the loop too. */
	(void)ask("reader", "start");
	(void)ask("reader", question);
	atomic_fetch_add(&asked_count, 1);
}

/* Runs the event loop, with only the command's descriptor in it, until the answer is there or a turn says more than to wait. */
static enum takt_status obey(const char *text)
{
	struct takt_os_thread asker = {0};
	enum takt_status status = TAKT_EMPTY;

	question = text;
	atomic_store(&asked_count, 0);
	assert_int_equal(takt_os_thread_start(&asker, "asker", ask_it, NULL), TAKT_OK);
	while (!atomic_load(&asked_count) && status == TAKT_EMPTY)
		if (is_readable_within(cycle.command, 10))
			status = next();
	takt_os_thread_join(&asker);
	return status;
}

static enum takt_status double_it(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	(*(uint32_t *)context)++;
	(void)snprintf(reply, reply_bytes, "%d", atoi(arguments) * 2);
	return TAKT_OK;
}

/* A loop whose period is hours away, so that nothing but commands moves it. */
static void open_slow_cycle(void)
{
	assert_int_equal(takt_loop_begin(&loop, reader, &(struct takt_loop_options){.period_ns = 3600 * TAKT_NS_PER_S}),
			 TAKT_OK);
	assert_int_equal(takt_loop_descriptors_open(&cycle, &loop), TAKT_OK);
	assert_int_equal(next(), TAKT_OK);
	assert_int_equal(next(), TAKT_EMPTY);
	assert_false(is_readable(cycle.command));
	assert_false(is_readable(cycle.period));
}

static void a_command_makes_it_readable_and_is_obeyed_in_the_loop(void **state)
{
	static uint32_t handled;
	static struct takt_command commands[] = {
		{.verb = "double", .help = "twice", .handler = double_it, .context = &handled}};

	(void)state;
	handled = 0;
	assert_int_equal(takt_commands_set(reader, commands, 1), TAKT_OK);
	open_slow_cycle();
	for (uint32_t i = 1; i <= 20; i++) {
		assert_int_equal(obey("double 21"), TAKT_EMPTY);
		assert_answered("ok 42");
		assert_int_equal(handled, i);
	}
	assert_int_equal(loop.cycle_count, 1);
}

static void stop_and_start_and_quit_are_obeyed(void **state)
{
	(void)state;
	open_slow_cycle();
	assert_int_equal(obey("stop"), TAKT_EMPTY);
	/* The answer may be there before the event. */
	while (!loop.is_stopped)
		assert_int_equal(next(), TAKT_EMPTY);
	await_state(reader, TAKT_NODE_STOPPED);
	assert_true(takt_loop_due_ns(&loop) == TAKT_FOREVER);
	enum takt_status status = obey("start");
	while (status == TAKT_EMPTY)
		status = next();
	/* Started again: a cycle is due now. */
	assert_int_equal(status, TAKT_OK);
	assert_int_equal(loop.cycle_count, 2);
	await_state(reader, TAKT_NODE_RUNNING);
	status = obey("quit");
	while (status == TAKT_EMPTY)
		status = next();
	assert_int_equal(status, TAKT_STOPPED);
}

static int end_by_signal(void *argument)
{
	static struct takt_loop child_loop;
	static struct takt_loop_descriptors child_cycle;
	struct takt_node *node;

	(void)argument;
	fixture_child_speaks();
	node = fixture_child_join("catcher");
	if (node == NULL ||
	    takt_loop_begin(&child_loop, node, &(struct takt_loop_options){.period_ns = 3600 * TAKT_NS_PER_S}) !=
		    TAKT_OK ||
	    takt_loop_descriptors_open(&child_cycle, &child_loop) != TAKT_OK)
		return 1;
	while (takt_loop_descriptors_next(&child_cycle) == TAKT_OK)
		;
	/* As if the signal had come just before the wait: it interrupts nothing. */
	(void)raise(SIGTERM);
	if (!is_readable_within(child_cycle.command, 60000))
		return 2;
	return takt_loop_descriptors_next(&child_cycle) == TAKT_STOPPED ? 0 : 3;
}

static void a_signal_makes_it_readable_whenever_it_came(void **state)
{
	(void)state;
	assert_int_equal(in_child(end_by_signal, NULL), 0);
}

#define IN_DOMAIN(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DOMAIN(news_make_it_readable_and_draining_unreadable),
		IN_DOMAIN(what_came_before_the_start_is_news),
		IN_DOMAIN(what_came_between_the_last_read_and_the_arming_is_news),
		IN_DOMAIN(what_is_left_unread_calls_again),
		IN_DOMAIN(what_was_read_without_being_called_does_not_call_again),
		IN_DOMAIN(arming_twice_is_arming_once),
		IN_DOMAIN(unread_samples_cost_neither_helper_nor_publisher),
		IN_DOMAIN(no_wake_up_is_lost_in_20000_publishes),
		IN_DOMAIN(items_and_what_the_dead_had_are_news_too),
		IN_DOMAIN(an_empty_set_and_a_waiter_that_is_taken_are_refused),
		IN_DOMAIN(without_descriptors_nothing_starts_and_nothing_is_left),
		IN_DOMAIN(half_the_descriptors_are_none),
		IN_DOMAIN(a_forks_child_has_none_of_them),
		IN_DOMAIN(an_end_is_told_once_and_the_helper_rests),
		IN_DOMAIN(the_timer_is_readable_when_a_cycle_is_due_and_not_before),
		IN_DOMAIN(overruns_are_counted_as_the_loop_does),
		IN_DOMAIN(a_catcher_gets_each_period_in_one_turn),
		IN_DOMAIN(an_event_driven_loop_runs_for_news_and_after_a_period_without),
		IN_DOMAIN(a_loops_descriptors_are_opened_once),
		IN_DOMAIN(a_command_makes_it_readable_and_is_obeyed_in_the_loop),
		IN_DOMAIN(stop_and_start_and_quit_are_obeyed),
		IN_DOMAIN(a_signal_makes_it_readable_whenever_it_came),
	};

	return cmocka_run_group_tests_name("core/descriptor", tests, NULL, NULL);
}
