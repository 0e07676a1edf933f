/* SPDX-License-Identifier: Apache-2.0 */
#include "core/loop.h"

#include "core/command.h"
#include "core/histogram.h"
#include "core/layout.h"
#include "core/parameter.h"
#include "core/segment.h"
#include "core/trace.h"
#include "platform/clock.h"
#include "platform/message.h"

#define STOPPED_POLL_NS	    (10 * TAKT_NS_PER_MS)
#define LONG_PERIOD_POLL_NS (100 * TAKT_NS_PER_MS) /* a slower loop looks for commands while it sleeps */

static struct takt_node_shm *shared_of(const struct takt_loop *loop)
{
	return loop->node->segment.address;
}

/* Relaxed: one writer, and a statistic orders nothing. */
static void put(_Atomic uint64_t *counter, uint64_t value)
{
	atomic_store_explicit(counter, value, memory_order_relaxed);
}

static void put_state(const struct takt_loop *loop, enum takt_node_state state)
{
	atomic_store_explicit(&shared_of(loop)->state, (uint32_t)state, memory_order_relaxed);
}

/* Event driven: from now on one period may pass without news. */
static void expect_news(struct takt_loop *loop)
{
	loop->news_until_ns = loop->period_ns ? takt_os_clock_now_ns() + loop->period_ns : TAKT_FOREVER;
}

/* ------------------------------------------------------------------------------------------------------- begin */

static enum takt_status check_options(const struct takt_loop *loop, const struct takt_loop_options *options)
{
	const struct takt_node *node = loop->node;
	uint32_t loop_count = node->waiter_count ? node->waiter_count : 1;
	if (options->loop_index >= loop_count) {
		takt_message(TAKT_ERROR, "node '%s': loop %u was asked for, the config allows %u; raise `waiters`",
			     node->name, options->loop_index + 1, loop_count);
		return TAKT_INVALID;
	}
	if (loop->period_ns == 0 && options->trigger_count == 0) {
		takt_message(TAKT_ERROR,
			     "node '%s': its loop has neither a period nor a trigger; write `period_us` in the config",
			     node->name);
		return TAKT_INVALID;
	}
	return TAKT_OK;
}

static enum takt_status add_triggers(struct takt_loop *loop, const struct takt_loop_options *options)
{
	enum takt_status status = TAKT_OK;
	if (loop->node->waiter_count == 0 && options->trigger_count == 0)
		return TAKT_OK;
	status = takt_waiter_init(&loop->waiter, loop->node, options->loop_index);
	for (uint32_t i = 0; i < options->trigger_count && status == TAKT_OK; i++)
		status = takt_waiter_add(&loop->waiter, options->triggers[i]);
	if (status == TAKT_OK && loop->is_first) {
		loop->waiter.executes_commands = 1;
		atomic_store_explicit(&loop->node->loop_waiter_plus_one, loop->node->waiter_first + 1,
				      memory_order_relaxed);
	}
	return status;
}

/* Scheduling, memory, stack: from here on this thread is real-time. */
static void become_real_time(const struct takt_loop *loop)
{
	takt_os_thread_name(loop->node->name);
	takt_os_thread_prefault_stack();
	/* Each says what is missing and how to get it; a demo on a laptop runs all the same. */
	enum takt_status scheduled = takt_node_schedule_thread(loop->node);
	enum takt_status locked = takt_os_memory_lock();
	if (locked == TAKT_OK)
		takt_trace_memory_locked();
	if (scheduled != TAKT_OK || locked != TAKT_OK)
		atomic_store_explicit(&shared_of(loop)->lacks_rights, 1, memory_order_relaxed);
}

static void clear_statistics(const struct takt_loop *loop)
{
	struct takt_loop_shm *statistics = loop->statistics;
	put(&statistics->period_ns, loop->is_event_driven ? 0 : loop->period_ns);
	put(&statistics->cycle_count, 0);
	put(&statistics->overrun_count, 0);
	put(&statistics->fault_count, 0);
	put(&statistics->switch_count, 0);
	put(&statistics->wake_count, 0);
	put(&statistics->spurious_count, 0);
	takt_histogram_clear(&statistics->jitter_ns);
	takt_histogram_clear(&statistics->duration_ns);
}

__attribute__((cold)) enum takt_status takt_loop_begin(struct takt_loop *loop, struct takt_node *node,
						       const struct takt_loop_options *options)
{
	TAKT_ASSERT(loop->node == NULL && node->config != NULL);
	*loop = (struct takt_loop){.node = node};
	loop->period_ns = options->period_ns ? options->period_ns : node->own->period_us * TAKT_NS_PER_US;
	loop->is_event_driven = options->trigger_count != 0;
	loop->loop_index = options->loop_index;
	loop->is_first = options->loop_index == 0;
	loop->catches_up = node->own->overrun == TAKT_OVERRUN_CATCH_UP;
	enum takt_status status = check_options(loop, options);
	if (status == TAKT_OK)
		status = add_triggers(loop, options);
	/* The command thread first: it inherits nothing of what this thread becomes. */
	if (status == TAKT_OK)
		status = takt_node_set_ready(node);
	if (status != TAKT_OK) {
		if (loop->is_first)
			atomic_store_explicit(&node->loop_waiter_plus_one, 0, memory_order_relaxed);
		*loop = (struct takt_loop){0};
		return status;
	}
	struct takt_node_layout layout;
	takt_node_layout(node->own, &layout);
	struct takt_loop_shm *loops = (void *)((unsigned char *)node->segment.address + layout.loops_offset);
	loop->statistics = &loops[options->loop_index];
	clear_statistics(loop);
	if (loop->is_first && node->parameters)
		takt_parameters_loop_begin(node->parameters);
	takt_trace_loop_begun(loop, options->loop_index);
	become_real_time(loop);
	takt_os_thread_usage(&loop->usage);
	loop->due_ns = takt_os_clock_now_ns();
	expect_news(loop);
	return TAKT_OK;
}

__attribute__((cold)) void takt_loop_end(struct takt_loop *loop)
{
	if (loop->node == NULL)
		return;
	takt_trace_loop_ended();
	if (loop->is_first) {
		atomic_store_explicit(&loop->node->loop_waiter_plus_one, 0, memory_order_relaxed);
		if (loop->node->parameters)
			takt_parameters_loop_end(loop->node->parameters);
	}
	*loop = (struct takt_loop){0};
}

/* -------------------------------------------------------------------------------------------------------- next */

static void count_cycle(struct takt_loop *loop)
{
	struct takt_loop_shm *statistics = loop->statistics;
	struct takt_os_usage usage;
	uint64_t end_ns = takt_os_clock_now_ns();
	takt_os_thread_usage(&usage);
	takt_histogram_add(&statistics->duration_ns, end_ns - loop->cycle_begin_ns);
	uint64_t faults = usage.faults_minor + usage.faults_major - loop->usage.faults_minor - loop->usage.faults_major;
	put(&statistics->fault_count, atomic_load_explicit(&statistics->fault_count, memory_order_relaxed) + faults);
	put(&statistics->switch_count, atomic_load_explicit(&statistics->switch_count, memory_order_relaxed) +
					       usage.switches_involuntary - loop->usage.switches_involuntary);
	put(&statistics->wake_count, loop->waiter.wake_count);
	put(&statistics->spurious_count, loop->waiter.spurious_count);
	takt_trace_cycle_ended(loop, end_ns, faults, usage.switches_involuntary - loop->usage.switches_involuntary);
	loop->usage = usage;
}

/* The next period's time, after those that were missed, by policy. */
static void advance(struct takt_loop *loop)
{
	uint64_t now_ns = takt_os_clock_now_ns();
	loop->due_ns += loop->period_ns;
	if (now_ns < loop->due_ns + loop->period_ns)
		return;
	/* A whole period has passed without its cycle beginning. */
	uint64_t missed = (now_ns - loop->due_ns) / loop->period_ns;
	takt_trace_cycle_overrun(loop, loop->due_ns, now_ns, missed);
	if (loop->catches_up) {
		loop->overrun_count++;
	} else {
		loop->overrun_count += missed;
		loop->due_ns += missed * loop->period_ns;
	}
}

/* Only the first loop: a command may touch what that loop's cycle touches. */
static inline void run_commands(const struct takt_loop *loop)
{
	if (loop->is_first)
		takt_commands_run(loop->node);
}

static int is_stop_wanted(const struct takt_loop *loop)
{
	/* Relaxed: it carries no data. */
	return atomic_load_explicit(&loop->node->stop_wanted, memory_order_relaxed) != 0;
}

/* @retval TAKT_EMPTY no cycle now: the node is to stop */
static enum takt_status wait_for_period(struct takt_loop *loop)
{
	loop->cause = TAKT_CAUSE_PERIOD;
	while (takt_os_clock_now_ns() + LONG_PERIOD_POLL_NS < loop->due_ns) {
		enum takt_status status = takt_os_clock_sleep_until(takt_os_clock_now_ns() + LONG_PERIOD_POLL_NS);
		if (status != TAKT_OK || takt_node_should_quit(loop->node))
			return TAKT_STOPPED;
		run_commands(loop);
		if (is_stop_wanted(loop))
			return TAKT_EMPTY;
	}
	enum takt_status status = takt_os_clock_sleep_until(loop->due_ns);
	return status == TAKT_OK && is_stop_wanted(loop) ? TAKT_EMPTY : status;
}

/* Whether a trigger has news: what woke the loop may have been only a command. The cycle was due when the news was published. */
static inline int find_news(struct takt_loop *loop)
{
	for (uint32_t i = 0; i < loop->waiter.subscriber_count; i++) {
		const struct takt_subscriber *subscriber = loop->waiter.subscribers[i];
		if (!takt_subscriber_has_news(subscriber))
			continue;
		uint64_t published_ns = takt_subscriber_news_ns(subscriber);
		if (published_ns && published_ns < loop->due_ns)
			loop->due_ns = published_ns;
		return 1;
	}
	return 0;
}

/* @retval TAKT_EMPTY no cycle now: the node is to stop */
static enum takt_status wait_for_news(struct takt_loop *loop)
{
	uint64_t deadline_ns = loop->period_ns ? takt_os_clock_now_ns() + loop->period_ns : TAKT_FOREVER;
	for (;;) {
		enum takt_status status = takt_wait_until(&loop->waiter, deadline_ns);
		loop->cause = status == TAKT_TIMEOUT ? TAKT_CAUSE_TIMEOUT : TAKT_CAUSE_NEWS;
		if (status != TAKT_OK && status != TAKT_TIMEOUT)
			return status;
		loop->due_ns = status == TAKT_TIMEOUT ? deadline_ns : takt_os_clock_now_ns();
		run_commands(loop);
		if (is_stop_wanted(loop))
			return TAKT_EMPTY;
		if (status == TAKT_TIMEOUT)
			return TAKT_OK;
		if (find_news(loop))
			return TAKT_OK;
	}
}

/* Obeys commands until the node is started again. */
static enum takt_status stay_stopped(struct takt_loop *loop)
{
	put_state(loop, TAKT_NODE_STOPPED);
	while (is_stop_wanted(loop)) {
		run_commands(loop);
		if (takt_node_should_quit(loop->node) ||
		    takt_os_clock_sleep_until(takt_os_clock_now_ns() + STOPPED_POLL_NS) != TAKT_OK)
			return TAKT_STOPPED;
	}
	put_state(loop, TAKT_NODE_RUNNING);
	/* Periods that passed meanwhile were not missed. */
	loop->due_ns = takt_os_clock_now_ns();
	return TAKT_OK;
}

static enum takt_status wait_for_cycle(struct takt_loop *loop)
{
	enum takt_status status;
	if (!loop->is_event_driven && loop->cycle_count)
		advance(loop);
	do {
		status = is_stop_wanted(loop) ? stay_stopped(loop) : TAKT_OK;
		if (status == TAKT_OK)
			status = loop->is_event_driven ? wait_for_news(loop) : wait_for_period(loop);
	} while (status == TAKT_EMPTY);
	return status;
}

static inline void end_cycle(struct takt_loop *loop)
{
	if (!loop->is_in_cycle)
		return;
	count_cycle(loop);
	loop->is_in_cycle = 0;
	if (loop->is_first && loop->node->parameters)
		takt_parameters_offline(loop->node->parameters);
}

static inline void begin_cycle(struct takt_loop *loop)
{
	if (loop->is_first && loop->node->parameters)
		takt_parameters_online(loop->node->parameters);
	if (loop->cycle_count == 0)
		put_state(loop, TAKT_NODE_RUNNING);
	loop->cycle_begin_ns = takt_os_clock_now_ns();
	loop->cycle_count++;
	loop->is_in_cycle = 1;
	takt_histogram_add(&loop->statistics->jitter_ns,
			   loop->cycle_begin_ns > loop->due_ns ? loop->cycle_begin_ns - loop->due_ns : 0);
	put(&loop->statistics->cycle_begin_ns, loop->cycle_begin_ns);
	put(&loop->statistics->cycle_count, loop->cycle_count);
	put(&loop->statistics->overrun_count, loop->overrun_count);
	takt_trace_cycle_begun(loop);
}

enum takt_status takt_loop_next(struct takt_loop *loop)
{
	end_cycle(loop);
	enum takt_status status = wait_for_cycle(loop);
	if (status != TAKT_OK || takt_node_should_quit(loop->node))
		return TAKT_STOPPED;
	run_commands(loop);
	begin_cycle(loop);
	return TAKT_OK;
}

/* -------------------------------------------------------------------------------------------------- without waiting */

/* 1 while the node is stopped by command. */
static int is_stopped(struct takt_loop *loop)
{
	if (is_stop_wanted(loop)) {
		put_state(loop, TAKT_NODE_STOPPED);
		loop->is_stopped = 1;
	} else if (loop->is_stopped) {
		loop->is_stopped = 0;
		put_state(loop, TAKT_NODE_RUNNING);
		/* Periods that passed meanwhile were not missed. */
		loop->due_ns = takt_os_clock_now_ns();
		expect_news(loop);
	}
	return (int)loop->is_stopped;
}

static enum takt_status find_cycle(struct takt_loop *loop)
{
	uint64_t now_ns = takt_os_clock_now_ns();
	if (!loop->is_event_driven) {
		loop->cause = TAKT_CAUSE_PERIOD;
		return now_ns >= loop->due_ns ? TAKT_OK : TAKT_EMPTY;
	}
	loop->due_ns = now_ns;
	loop->cause = TAKT_CAUSE_NEWS;
	if (find_news(loop))
		return TAKT_OK;
	if (now_ns < loop->news_until_ns)
		return TAKT_EMPTY;
	loop->cause = TAKT_CAUSE_TIMEOUT;
	loop->due_ns = loop->news_until_ns;
	return TAKT_OK;
}

enum takt_status takt_loop_try_next(struct takt_loop *loop)
{
	if (loop->is_in_cycle) {
		end_cycle(loop);
		if (loop->is_event_driven)
			expect_news(loop);
		else
			advance(loop);
	}
	if (takt_node_should_quit(loop->node))
		return TAKT_STOPPED;
	run_commands(loop);
	if (is_stopped(loop) || find_cycle(loop) != TAKT_OK)
		return TAKT_EMPTY;
	begin_cycle(loop);
	return TAKT_OK;
}

uint64_t takt_loop_due_ns(const struct takt_loop *loop)
{
	if (loop->is_stopped)
		return TAKT_FOREVER;
	return loop->is_event_driven ? loop->news_until_ns : loop->due_ns;
}
