/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a node, or somebody in its place, answers to a commander. The first byte says in which pieces; the reads of the answer are
 * replaced at link time, all else is real. The commander's lines are those of a plain split, up to the first that ends the answer.
 */
#include "core/commander.h"

#include <string.h>

#include "core/domain.h"
#include "core/limits.h"
#include "platform/clock.h"
#include "platform/pipe.h"
#include "platform/request.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_domain.h"

enum takt_status __wrap_takt_os_pipe_wait(const int *descriptors, uint32_t count, uint64_t deadline_ns,
					  uint32_t *ready_mask);
enum takt_status __wrap_takt_os_pipe_read(int descriptor, void *buffer, uint32_t bytes, uint32_t *count);

static struct fuzz_input answer; /* what is still to come */
static uint32_t piece;
static struct fuzz_input expected; /* of it, what was not handed out as a line */
static int has_ended;

enum takt_status __wrap_takt_os_pipe_wait(const int *descriptors, uint32_t count, uint64_t deadline_ns,
					  uint32_t *ready_mask)
{
	FUZZ_CHECK(count == 1 && descriptors[0] >= 0 && deadline_ns > 0);
	*ready_mask = answer.left != 0;
	return answer.left ? TAKT_OK : TAKT_TIMEOUT;
}

enum takt_status __wrap_takt_os_pipe_read(int descriptor, void *buffer, uint32_t bytes, uint32_t *count)
{
	FUZZ_CHECK(descriptor >= 0);
	*count = (uint32_t)fuzz_bytes(&answer, buffer, piece < bytes ? piece : bytes);
	return *count ? TAKT_OK : TAKT_EMPTY;
}

static int ends(const char *line)
{
	return strcmp(line, "ok") == 0 || strncmp(line, "ok ", 3) == 0 || strncmp(line, "error:", 6) == 0;
}

/* Lines that are too long are dropped by takt_line_collect's caller; they count as no line. */
static void skip_long_lines(void)
{
	for (;;) {
		const uint8_t *newline = expected.left ? memchr(expected.at, '\n', expected.left) : NULL;
		size_t length = newline ? (size_t)(newline - expected.at) : 0;
		if (newline == NULL || length < TAKT_LINE_BYTES_MAX)
			return;
		expected.at += length + 1;
		expected.left -= length + 1;
	}
}

static void check_line(void *context, const char *line)
{
	(void)context;
	FUZZ_CHECK(!has_ended);
	skip_long_lines();
	const uint8_t *newline = expected.left ? memchr(expected.at, '\n', expected.left) : NULL;
	FUZZ_CHECK(newline != NULL && strlen(line) == (size_t)(newline - expected.at));
	for (size_t i = 0; line[i]; i++)
		FUZZ_CHECK((uint8_t)line[i] == (expected.at[i] ? expected.at[i] : 1));
	expected.left -= (size_t)(newline - expected.at) + 1;
	expected.at = newline + 1;
	has_ended = ends(line);
}

/* The node's socket has a reader: this process. */
static void drain(const struct takt_node *node)
{
	char line[TAKT_LINE_BYTES_MAX];
	struct takt_os_request request;

	FUZZ_CHECK(takt_os_request_receive(node->command_socket, line, sizeof(line), &request) == TAKT_OK);
	FUZZ_CHECK(request.bytes == 4 && memcmp(line, "ping", 4) == 0);
	takt_os_request_close(&request.answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct takt_node node;

	fuzz_listen();
	if (node.config == NULL)
		fuzz_domain_join(&node, "victim");
	answer = (struct fuzz_input){data, size};
	piece = (uint32_t)fuzz_number(&answer, 1) + 1;
	expected = answer;
	has_ended = 0;
	int descriptor = fuzz_free_descriptor();
	enum takt_status status = takt_command_send(FUZZ_DOMAIN, "victim", "ping", TAKT_NS_PER_S, check_line, NULL);
	drain(&node);
	FUZZ_CHECK(status == TAKT_OK || status == TAKT_INVALID || status == TAKT_TIMEOUT);
	FUZZ_CHECK(has_ended == (status != TAKT_TIMEOUT));
	FUZZ_CHECK((status == TAKT_TIMEOUT) == (fuzz_said.error_count == 1));
	skip_long_lines();
	if (!has_ended)
		FUZZ_CHECK(expected.left == 0 || memchr(expected.at, '\n', expected.left) == NULL);
	FUZZ_CHECK(fuzz_free_descriptor() == descriptor);
	return 0;
}
