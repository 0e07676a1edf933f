/* SPDX-License-Identifier: Apache-2.0 */
/* The command thread: pipes and requests become lines, at a bounded rate. */
#include "core/command.h"

#include <stdlib.h>

#include "core/access.h"
#include "core/command_line.h"
#include "core/line.h"
#include "core/node_event.h"
#include "core/segment.h"
#include "core/trace.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/pipe.h"
#include "platform/request.h"
#include "platform/thread.h"

#define SOURCE_COUNT	    3u
#define REQUESTS	    2u /* the source that is a socket */
#define CHUNK_BYTES	    256u
#define LINE_NS		    (100 * TAKT_NS_PER_US) /* of the rate: 10,000 lines a second; the rest waits in the pipe */
#define CREDIT_NS	    (10 * TAKT_NS_PER_MS)  /* after a rest 100 lines are obeyed at once */
#define FAILED_READS_MAX    5u
#define FAILED_PAUSE_NS	    (10 * TAKT_NS_PER_MS)
#define LOOK_NS		    (100 * TAKT_NS_PER_MS) /* the longest wait for a line, and so for the thread's end */
#define DESCRIPTOR_VARIABLE "TAKT_COMMAND_DESCRIPTOR"
#define SOCKET_MODE_FOR_ALL 0666u
#define OWNERS_BITS	    0600u

#define AS_TEXT_(number) #number
#define AS_TEXT(number)	 AS_TEXT_(number)
#define TOO_LONG	 "the line is longer than " AS_TEXT(TAKT_LINE_BYTES_MAX) " bytes and was dropped"

/* The private state of a node's command thread. */
struct source {
	int *descriptor;
	struct takt_line_buffer buffer; /* of a socket: room for one request */
	uint32_t failed_count;		/* reads in a row */
};

/* The system failed: perhaps it will not the next time. A pipe that cannot be read at all (the supervisor gave a writing end) would be
 * ready for ever, so it is given up; a socket likewise. */
static void bear_failure(const struct takt_node *node, struct source *source)
{
	if (++source->failed_count < FAILED_READS_MAX) {
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + FAILED_PAUSE_NS);
		return;
	}
	takt_message(TAKT_ERROR,
		     "node '%s': a command pipe or socket cannot be read; commands through it are not heard any more",
		     node->name);
	takt_os_pipe_close(source->descriptor);
}

/* Reads what is there and obeys the lines that are complete. @retval what it costs of the rate: how many lines that were, and 1 for none,
 * so that a flood without a newline is bounded like any other */
static uint32_t serve_pipe(struct takt_node *node, struct source *source)
{
	static const struct takt_command_origin origin = {.sender = NULL, .answer = -1};
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
			takt_command_handle(node, &origin, text, status == TAKT_OK ? NULL : TOO_LONG);
			lines++;
		}
	}
	return lines ? lines : 1;
}

/* The same for one request. */
static uint32_t serve_request(struct takt_node *node, struct source *source)
{
	struct takt_os_request request = {.answer = -1};
	char *text = source->buffer.bytes;
	/* One byte is kept for the zero. */
	const enum takt_status status =
		takt_os_request_receive(*source->descriptor, text, sizeof(source->buffer.bytes) - 1, &request);
	if (status == TAKT_SYSTEM)
		bear_failure(node, source);
	if (status == TAKT_EMPTY || status == TAKT_SYSTEM)
		return 0;
	source->failed_count = 0;
	takt_line_terminate(text, request.bytes);
	takt_command_handle(node, &(struct takt_command_origin){.sender = &request.sender, .answer = request.answer},
			    text,
			    status == TAKT_OK	   ? NULL
			    : status == TAKT_LIMIT ? TOO_LONG
						   : "what came with the request is no socket of its sender's for the "
						     "answer, or this process has no descriptor left for it");
	takt_os_request_close(&request.answer);
	return 1;
}

static uint32_t serve(struct takt_node *node, struct source *sources, uint32_t index)
{
	return index == REQUESTS ? serve_request(node, &sources[index]) : serve_pipe(node, &sources[index]);
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
					       {.descriptor = &node->supervisor_pipe},
					       {.descriptor = &node->command_socket}};
	uint64_t paid_ns = takt_os_clock_now_ns();

	takt_trace_thread_touched();
	/* Relaxed: the pipe that wakes us orders it. */
	while (!atomic_load_explicit(&node->command_thread_ends, memory_order_relaxed)) {
		int descriptors[SOURCE_COUNT] = {node->command_pipe, node->supervisor_pipe, node->command_socket};
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
				lines += serve(node, sources, i);
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

/* Of a request the rules say who may give it, so everybody may; of a pipe's lines nobody knows the sender, so that with rules it is this
 * user's alone. */
static enum takt_status open_socket(struct takt_node *node, const struct takt_os_rights *rights)
{
	struct takt_object_name object = takt_object_name(TAKT_COMMAND_SOCKET_PREFIX, node->name);
	struct takt_os_rights may_send = *rights;
	enum takt_status status = takt_access_open(&node->access, node->config, node->name);
	if (node->access)
		may_send.mode = SOCKET_MODE_FOR_ALL;
	if (status == TAKT_OK)
		status = takt_os_request_bind(&node->command_socket, node->domain.folder, object.text, &may_send);
	return status;
}

enum takt_status takt_commands_open(struct takt_node *node)
{
	struct takt_object_name object = takt_object_name("command", node->name);
	struct takt_os_rights rights;
	enum takt_status status = takt_config_rights_resolve(&node->config->rights, &rights);
	if (status != TAKT_OK)
		return status;
	rights.owner = TAKT_OS_ID_ANY;
	status = open_socket(node, &rights);
	if (status != TAKT_OK)
		return status;
	if (node->access)
		rights.mode &= OWNERS_BITS;
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
	takt_os_request_close(&node->command_socket);
	takt_node_event_close(node, TAKT_NODE_COMMAND_EVENT);
}
