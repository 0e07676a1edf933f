/* SPDX-License-Identifier: Apache-2.0 */
/* The command thread: pipes become lines, at a bounded rate. */
#include "core/command.h"

#include <stdlib.h>

#include "core/command_line.h"
#include "core/line.h"
#include "core/node_event.h"
#include "core/segment.h"
#include "core/trace.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/pipe.h"
#include "platform/thread.h"

#define SOURCE_COUNT	    2u
#define CHUNK_BYTES	    256u
#define LINE_NS		    (100 * TAKT_NS_PER_US) /* of the rate: 10,000 lines a second; the rest waits in the pipe */
#define CREDIT_NS	    (10 * TAKT_NS_PER_MS)  /* after a rest 100 lines are obeyed at once */
#define FAILED_READS_MAX    5u
#define FAILED_PAUSE_NS	    (10 * TAKT_NS_PER_MS)
#define LOOK_NS		    (100 * TAKT_NS_PER_MS) /* the longest wait for a line, and so for the thread's end */
#define DESCRIPTOR_VARIABLE "TAKT_COMMAND_DESCRIPTOR"

/* The private state of a node's command thread. */
struct source {
	int *descriptor;
	struct takt_line_buffer buffer;
	uint32_t failed_count; /* reads in a row */
};

/* The system failed: perhaps it will not the next time. A pipe that cannot be read at all (the supervisor gave a writing end) would be
 * ready for ever, so it is given up. */
static void bear_failure(const struct takt_node *node, struct source *source)
{
	if (++source->failed_count < FAILED_READS_MAX) {
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + FAILED_PAUSE_NS);
		return;
	}
	takt_message(TAKT_ERROR, "node '%s': a command pipe cannot be read; commands through it are not heard any more",
		     node->name);
	takt_os_pipe_close(source->descriptor);
}

/* Reads what is there and obeys the lines that are complete. @retval what it costs of the rate: how many lines that were, and 1 for none,
 * so that a flood without a newline is bounded like any other */
static uint32_t serve(struct takt_node *node, struct source *source)
{
	char chunk[CHUNK_BYTES];
	uint32_t count, lines = 0;
	enum takt_status status = takt_os_pipe_read(*source->descriptor, chunk, sizeof(chunk), &count);
	if (status == TAKT_CLOSED)
		takt_os_pipe_close(source->descriptor);
	if (status == TAKT_SYSTEM)
		bear_failure(node, source);
	if (status != TAKT_OK)
		return 0;
	source->failed_count = 0;
	for (uint32_t at = 0; at < count;) {
		uint32_t used;
		const char *text;
		status = takt_line_collect(&source->buffer, chunk + at, count - at, &used, &text);
		at += used;
		if (status != TAKT_EMPTY) {
			takt_command_handle(node, text, status);
			lines++;
		}
	}
	return lines ? lines : 1;
}

/* A flood must not take the processor from the rest of the machine, nor for long at a time: a loop at ordinary priority that wakes up on the
 * same processor may have to wait for the end of this thread's slice, so what one read brought is followed by a pause, not by the next. */
static void keep_rate(uint64_t *paid_ns, uint32_t lines)
{
	uint64_t now_ns = takt_os_clock_now_ns();
	if (*paid_ns + CREDIT_NS < now_ns)
		*paid_ns = now_ns - CREDIT_NS;
	*paid_ns += lines * LINE_NS;
	if (*paid_ns > now_ns)
		(void)takt_os_clock_sleep_until(*paid_ns);
}

static void run_thread(void *argument)
{
	struct takt_node *node = argument;
	struct source sources[SOURCE_COUNT] = {{.descriptor = &node->command_pipe},
					       {.descriptor = &node->supervisor_pipe}};
	uint64_t paid_ns = takt_os_clock_now_ns();

	takt_trace_thread_touched();
	/* Relaxed: the pipe that wakes us orders it. */
	while (!atomic_load_explicit(&node->command_thread_ends, memory_order_relaxed)) {
		int descriptors[SOURCE_COUNT] = {node->command_pipe, node->supervisor_pipe};
		uint32_t ready_mask = 0, lines = 0;
		/* With a bound of its own: where the pipes are given up, nothing that is written wakes the thread at its end. */
		enum takt_status status =
			takt_os_pipe_wait(descriptors, SOURCE_COUNT, takt_os_clock_now_ns() + LOOK_NS, &ready_mask);
		if (status == TAKT_STOPPED) {
			/* An event loop that waits for descriptors may not have met the signal. */
			takt_command_wake_loop(node);
			return;
		}
		/* The system has no memory for the wait, say: a node that lives must hear commands again when it has. */
		if (status == TAKT_SYSTEM)
			(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + FAILED_PAUSE_NS);
		for (uint32_t i = 0; i < SOURCE_COUNT; i++)
			if (ready_mask >> i & 1u)
				lines += serve(node, &sources[i]);
		keep_rate(&paid_ns, lines);
	}
}

static void adopt_supervisor(struct takt_node *node)
{
	static int is_adopted;
	const char *text = getenv(DESCRIPTOR_VARIABLE);
	/* Once: after a node has left, the number may be another descriptor's. */
	if (text == NULL || is_adopted)
		return;
	is_adopted = 1;
	char *end;
	long descriptor = strtol(text, &end, 10);
	if (*end == '\0' && descriptor > 2 && descriptor < 65536 && takt_os_pipe_adopt((int)descriptor) == TAKT_OK)
		node->supervisor_pipe = (int)descriptor;
	else
		takt_message(TAKT_WARNING,
			     DESCRIPTOR_VARIABLE "=%.20s is no open pipe; the supervisor's commands are not heard",
			     text);
}

enum takt_status takt_commands_open(struct takt_node *node)
{
	struct takt_object_name object = takt_object_name("command", node->name);
	struct takt_os_rights rights;
	enum takt_status status = takt_config_rights_resolve(&node->config->rights, &rights);
	if (status != TAKT_OK)
		return status;
	rights.owner = TAKT_OS_ID_ANY;
	status = takt_os_fifo_create(node->domain.folder, object.text, &rights);
	/* A pipe left by an earlier life is this user's; another user's would obey that user, and tell it what commanders ask. */
	rights.owner = takt_os_user_id();
	if (status == TAKT_OK || status == TAKT_EXISTS)
		status = takt_os_fifo_open_reader(&node->command_pipe, node->domain.folder, object.text, &rights);
	if (status != TAKT_OK)
		return status;
	takt_command_mailbox_init(node);
	adopt_supervisor(node);
	return TAKT_OK;
}

enum takt_status takt_commands_start(struct takt_node *node)
{
	if (node->command_thread_runs)
		return TAKT_OK;
	enum takt_status status = takt_os_thread_start(&node->command_thread, "takt-command", run_thread, node);
	if (status == TAKT_OK)
		node->command_thread_runs = 1;
	return status;
}

void takt_commands_close(struct takt_node *node)
{
	if (node->command_thread_runs) {
		atomic_store_explicit(&node->command_thread_ends, 1, memory_order_relaxed);
		/* Our own end of the pipe wakes the thread. A full pipe has woken it already. */
		(void)!takt_os_pipe_write(node->command_pipe, "\n", 1);
		takt_os_thread_join(&node->command_thread);
		node->command_thread_runs = 0;
	}
	takt_os_pipe_close(&node->command_pipe);
	takt_os_pipe_close(&node->supervisor_pipe);
	takt_node_event_close(node, TAKT_NODE_COMMAND_EVENT);
}
