/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node's command pipe and its socket: the first byte says which, and in which pieces the stream arrives; on the socket each piece is a
 * request. Every line that is not blank is answered by exactly one "ok" or "error:", what is refused changes no parameter, and the node's
 * own counters agree with that.
 */
#include "core/command.h"

#include <stdio.h>
#include <string.h>

#include "core/command_line.h"
#include "core/layout.h"
#include "core/line.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/thread.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_domain.h"

#define FUZZ_PIECE_MAX 128u

static struct takt_node node;
static struct takt_parameters parameters;
static struct fuzz_gains sets[TAKT_PARAMETER_SET_COUNT];
static struct takt_os_thread loop;
static uint32_t answer_count;

/* What every answer to the line at hand begins with. The line may hold anything, an "ok" too: only what follows this is an answer. */
static char answer_prefix[TAKT_MESSAGE_BYTES_MAX];

/* An answer without a reply pipe is a message: command 'VERB ARGUMENTS': TEXT, control characters made visible. */
static void expect_answers(const struct takt_line *line)
{
	(void)snprintf(answer_prefix, sizeof(answer_prefix), "command '%s%s%.80s': ", line->verb,
		       line->arguments[0] ? " " : "", line->arguments);
	for (char *at = answer_prefix; *at; at++)
		if ((unsigned char)*at < ' ' || *at == '\x7f')
			*at = '?';
	answer_count = 0;
}

static void count_answer(const char *text)
{
	size_t prefix_bytes = strlen(answer_prefix);

	if (strncmp(text, answer_prefix, prefix_bytes) != 0)
		return;
	text += prefix_bytes;
	answer_count += strcmp(text, "ok") == 0 || strncmp(text, "ok ", 3) == 0 || strncmp(text, "error: ", 7) == 0;
}

static enum takt_status obey(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	(void)context;
	FUZZ_CHECK(strlen(arguments) < TAKT_MAILBOX_TEXT_BYTES && reply_bytes >= TAKT_MAILBOX_TEXT_BYTES);
	if (arguments[0] == 'x')
		return TAKT_INVALID;
	memcpy(reply, arguments, strlen(arguments) + 1);
	return TAKT_OK;
}

/* Runs the node's own commands, as a loop would between two cycles. */
static void run_loop(void *argument)
{
	struct takt_roster_waiter_shm *waiter = argument;

	for (;;) {
		uint32_t prepared = takt_os_sem_prepare(&waiter->wake);
		takt_commands_run(&node);
		(void)takt_os_sem_wait_until(&waiter->wake, prepared, takt_os_clock_now_ns() + TAKT_NS_PER_S);
	}
}

static void set_up(void)
{
	static const struct takt_command own[] = {{.verb = "own", .help = "own TEXT: says it", .handler = obey}};

	if (node.config)
		return;
	fuzz_domain_join(&node, "victim");
	FUZZ_CHECK(takt_parameters_init(&parameters, &node, &takt_parameters_fuzz_gains, sets) == TAKT_OK);
	FUZZ_CHECK(takt_commands_set(&node, own, 1) == TAKT_OK);
	atomic_store_explicit(&node.loop_waiter_plus_one, node.waiter_first + 1, memory_order_relaxed);
	FUZZ_CHECK(takt_os_thread_start(&loop, "fuzz-loop", run_loop,
					takt_domain_waiter(&node.domain, node.waiter_first)) == TAKT_OK);
}

static void handle(const struct takt_command_origin *origin, const char *text, const char *wrong)
{
	static struct takt_line line;
	const struct takt_node_shm *shared = node.segment.address;
	struct fuzz_gains before;
	char error[160];
	uint64_t commands = atomic_load_explicit(&shared->command_count, memory_order_relaxed);
	uint64_t refused = atomic_load_explicit(&shared->refused_count, memory_order_relaxed);
	int is_blank = takt_line_parse(text, &line, error, sizeof(error)) == TAKT_EMPTY && wrong == NULL;

	memcpy(&before, parameters.current, sizeof(before));
	expect_answers(&line);
	takt_command_handle(&node, origin, text, wrong);
	FUZZ_CHECK(answer_count == !is_blank);
	commands = atomic_load_explicit(&shared->command_count, memory_order_relaxed) - commands;
	refused = atomic_load_explicit(&shared->refused_count, memory_order_relaxed) - refused;
	FUZZ_CHECK(commands == !is_blank && refused <= commands);
	if (refused)
		FUZZ_CHECK(memcmp(&before, parameters.current, sizeof(before)) == 0);
	fuzz_domain_check_gains(&parameters);
}

static void write_pipe(struct fuzz_input *input, uint32_t piece)
{
	static const struct takt_command_origin origin = {.sender = NULL, .answer = -1};
	static struct takt_line_buffer buffer;

	memset(&buffer, 0, sizeof(buffer));
	while (input->left) {
		uint32_t count = piece < input->left ? piece : (uint32_t)input->left, used = 0;
		const char *text = NULL;
		enum takt_status status = takt_line_collect(&buffer, (const char *)input->at, count, &used, &text);

		input->at += used;
		input->left -= used;
		if (status != TAKT_EMPTY)
			handle(&origin, text, status == TAKT_OK ? NULL : "too long");
	}
}

static void send_requests(struct fuzz_input *input, uint32_t piece)
{
	static const struct takt_os_sender sender = {.user = 65534};
	static const struct takt_command_origin origin = {.sender = &sender, .answer = -1};

	while (input->left) {
		char text[FUZZ_PIECE_MAX + 1];
		uint32_t count = (uint32_t)fuzz_bytes(input, text, piece);

		takt_line_terminate(text, count);
		handle(&origin, text, NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	uint32_t first = (uint32_t)fuzz_number(&input, 1);

	fuzz_listen();
	fuzz_said.on_message = NULL;
	set_up();
	fuzz_said.on_message = count_answer;
	int descriptor = fuzz_free_descriptor();
	if (first < FUZZ_PIECE_MAX)
		write_pipe(&input, first + 1);
	else
		send_requests(&input, first - FUZZ_PIECE_MAX + 1);
	atomic_store_explicit(&node.quit_wanted, 0, memory_order_relaxed);
	atomic_store_explicit(&node.stop_wanted, 0, memory_order_relaxed);
	FUZZ_CHECK(fuzz_free_descriptor() == descriptor);
	return 0;
}
