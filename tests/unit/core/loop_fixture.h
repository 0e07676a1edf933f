/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that runs a node's loop, can be held inside a cycle, and asks its node for things as an operator would. */
#ifndef TAKT_TEST_CORE_LOOP_FIXTURE_H
#define TAKT_TEST_CORE_LOOP_FIXTURE_H

#include "tests/unit/core/domain_fixture.h"

#include "core/command.h"
#include "core/commander.h"
#include "core/layout.h"
#include "core/loop.h"
#include "platform/thread.h"

struct looper {
	struct takt_node *node;
	struct takt_loop_options options;
	void (*on_cycle)(struct looper *looper); /* may be NULL */
	struct takt_loop loop;
	struct takt_os_thread thread;
	enum takt_status begun;
	enum takt_status ended; /* what the last takt_loop_next said */
	_Atomic int cycle_count;
	_Atomic int wants_hold; /* the next cycle lasts until it is 0 again */
	_Atomic int is_held;
	_Atomic int is_in_cycle;
};

static inline void loop_run(void *argument)
{
	struct looper *looper = argument;

	looper->begun = takt_loop_begin(&looper->loop, looper->node, &looper->options);
	if (looper->begun != TAKT_OK)
		return;
	while ((looper->ended = takt_loop_next(&looper->loop)) == TAKT_OK) {
		atomic_store(&looper->is_in_cycle, 1);
		if (looper->on_cycle)
			looper->on_cycle(looper);
		while (atomic_load(&looper->wants_hold)) {
			atomic_store(&looper->is_held, 1);
			(void)sched_yield();
		}
		atomic_store(&looper->is_held, 0);
		atomic_store(&looper->is_in_cycle, 0);
		atomic_fetch_add(&looper->cycle_count, 1);
	}
	takt_loop_end(&looper->loop);
}

static inline void loop_start(struct looper *looper)
{
	assert_int_equal(takt_os_thread_start(&looper->thread, "looper", loop_run, looper), TAKT_OK);
}

static inline void loop_hold(struct looper *looper)
{
	atomic_store(&looper->wants_hold, 1);
	assert_true(wait_for_flag(&looper->is_held, 1));
}

static inline void loop_release(struct looper *looper)
{
	atomic_store(&looper->wants_hold, 0);
}

/* Waits for `more` cycles that begin and end from now on. */
static inline void loop_await_cycles(struct looper *looper, int more)
{
	assert_true(wait_for_flag(&looper->cycle_count, atomic_load(&looper->cycle_count) + more + 1));
}

static inline void loop_join(struct looper *looper)
{
	atomic_store(&looper->wants_hold, 0);
	atomic_store(&looper->node->quit_wanted, 1);
	takt_os_thread_join(&looper->thread);
}

static inline struct takt_node_shm *node_shm(const struct takt_node *node)
{
	return node->segment.address;
}

static inline struct takt_loop_shm *loop_shm(const struct takt_node *node, uint32_t index)
{
	struct takt_loop_shm *loops = (void *)((unsigned char *)node->segment.address + node_shm(node)->loops_offset);

	return &loops[index];
}

/* Waits until the node's segment says so. */
static inline void await_state(const struct takt_node *node, enum takt_node_state state)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + LONG_NS;

	while (atomic_load(&node_shm(node)->state) != (uint32_t)state) {
		if (takt_os_clock_now_ns() > end_ns)
			fail_msg("the node is %s and not %s", takt_node_state_name(atomic_load(&node_shm(node)->state)),
				 takt_node_state_name((uint32_t)state));
		(void)sched_yield();
	}
}

/* --- asking --- */

static struct {
	char text[16384]; /* all lines, each with its newline */
	uint32_t line_count;
} answer;

static inline void keep_line(void *context, const char *line)
{
	size_t used = strlen(answer.text);

	(void)context;
	answer.line_count++;
	(void)snprintf(answer.text + used, sizeof(answer.text) - used, "%s\n", line);
}

/* Sends a line to a node of the domain `test` and keeps what it answers. */
static inline enum takt_status ask(const char *node, const char *text)
{
	memset(&answer, 0, sizeof(answer));
	return takt_command_send("test", node, text, takt_os_clock_now_ns() + LONG_NS, keep_line, NULL);
}

static inline void assert_answered(const char *part)
{
	if (strstr(answer.text, part) == NULL)
		fail_msg("the answer \"%s\" does not have \"%s\"", answer.text, part);
}

#endif
