/* SPDX-License-Identifier: Apache-2.0 */
/* Who writes into a node's pipe: right lines, wrong lines, bytes that are no lines, and pieces of lines. */
#include "tests/process/flood/flood.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/commander.h"
#include "platform/clock.h"
#include "platform/message.h"

#define VALID_ONE_IN	48u /* each takes until the next cycle, as long as ten lines are allowed to take */
#define MORTAL_PAUSE_NS (40 * TAKT_NS_PER_MS)
#define LONG_BYTES	20000u
#define GARBAGE_BYTES	200u

static char said_by_client[200];

uint64_t flood_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

int flood_open(uint32_t node_index)
{
	char path[128], name[FLOOD_NAME_BYTES];

	flood_node_name(node_index, name);
	(void)snprintf(path, sizeof(path), "%s/command.%s", flood_folder, name);
	return open(path, O_WRONLY | O_CLOEXEC);
}

uint32_t flood_valid_set(uint32_t writer, uint64_t tag, char *line, uint32_t line_bytes)
{
	const uint32_t full = (writer + 1) << FLOOD_TAG_SHIFT | (uint32_t)tag;

	return (uint32_t)snprintf(line, line_bytes, "set tag=%u hash=%u", full, flood_hash(full));
}

static uint32_t wrong_tag(uint64_t *random)
{
	return FLOOD_TAG_WRONG | (uint32_t)flood_random(random);
}

/* ----------------------------------------------------------------------------------------------------- wrong lines */

/* Each must be refused, and would show if it were not: its tag is wrong, or its level too high. The loop's value comes with a name that a
 * path, a link or a file could hide behind. */
static uint32_t write_wrong_text(char *line, uint32_t bytes, uint64_t *random)
{
	static const char *const forms[] = {
		"set tag=%u level=1001\n",
		"set level=1001 tag=%u\n",
		"set tag=%u hash=4294967296\n",
		"set tag=%u hash=-1\n",
		"set tag=%u hash=1.5\n",
		"set tag=%u hash=nan\n",
		"set tag=%u hash=0x1p99\n",
		"set tag=%u hash=\n",
		"set tag=%u =1\n",
		"set tag=%u nothing=1\n",
		"set tag=%u hash = 1\n",
		"set tag=%ux hash=1\n",
		"set tag=%u hash=1;level=2\n",
		"set tag=%u\xc2\xa0hash=1\n",
		"set tag=%u \x1b[2J hash=1\n",
		"sett tag=%u hash=1\n",
		"SET tag=%u hash=1\n",
		"set\x0btag=%u hash=1\n",
		" = set tag=%u hash=1\n",
		"get tag=%u\n",
		"tag=%u hash=1\n",
		"mark %u 1\n",
		"@../../tmp/x set tag=%u hash=1\n",
		"@/dev/null set tag=%u hash=1\n",
		"@reply./../x set tag=%u hash=1\n",
		"@reply. set tag=%u hash=1\n",
		"@command.node0 set tag=%u hash=1\n",
		"@reply.aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd set tag=%u hash=1\n",
		"@reply.X set tag=%u hash=1\n",
		"@ set tag=%u hash=1\n",
		"@@reply.x set tag=%u hash=1\n",
		"@reply.file set tag=%u level=1001\n",
		"@reply.link set tag=%u level=1001\n",
		"@reply.full set tag=%u level=1001\n",
		"@reply.nobody set tag=%u level=1001\n",
		"set tag=%u level=1001\r\n",
	};
	/* mark is the loop's own command: it is slow, like a set. */
	const uint32_t count = sizeof(forms) / sizeof(forms[0]);
	uint32_t which = (uint32_t)(flood_random(random) % count);

	if (strncmp(forms[which], "mark", 4) == 0 && flood_random(random) % 16 != 0)
		which = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	return (uint32_t)snprintf(line, bytes, forms[which], wrong_tag(random));
#pragma GCC diagnostic pop
}

/* Bytes of any value but a newline, and a first one that is no blank. */
static uint32_t write_garbage(char *line, uint64_t *random)
{
	const uint32_t count = 1 + (uint32_t)(flood_random(random) % GARBAGE_BYTES);

	for (uint32_t i = 0; i < count; i++) {
		const char byte = (char)flood_random(random);
		line[i] = byte == '\n' ? '\0' : byte;
	}
	line[0] = '\x01';
	line[count] = '\n';
	return count + 1;
}

/* A zero byte would end the text for a careless reader, and what stands before it is a set. */
static uint32_t write_zero(char *line, uint32_t bytes, uint64_t *random)
{
	const uint32_t length = (uint32_t)snprintf(line, bytes, "set tag=%u hash=1", wrong_tag(random));

	memcpy(line + length, "\0 level=1\n", 10);
	return length + 10;
}

static uint32_t wrong_line(char *line, uint32_t bytes, uint64_t *random)
{
	switch (flood_random(random) % 8) {
	case 0:
		return write_garbage(line, random);
	case 1:
		return write_zero(line, bytes, random);
	default:
		return write_wrong_text(line, bytes, random);
	}
}

/* ------------------------------------------------------------------------------------------------------- writers */

struct writer {
	struct flood_writer *own;
	uint32_t index;
	uint32_t node_index;
	int pipe;
	uint64_t random;
};

static void put(struct writer *writer, const char *line, uint32_t bytes)
{
	if (write(writer->pipe, line, bytes) != (ssize_t)bytes)
		atomic_fetch_add(&writer->own->failed, 1);
}

/* A valid line, in one of the ways that programs and shells end and begin one; sometimes as long as a line can be. A level alone is
 * valid too, and takes over whatever a refused line had left in a draft. */
static void write_valid(struct writer *writer)
{
	char line[FLOOD_PIPE_BYTES + 1];
	const uint64_t tag = atomic_load(&writer->own->tags);
	const uint64_t way = flood_random(&writer->random) % 8;
	/* Whatever a dying writer left must not swallow it where pieces are about. */
	const int needs_newline = atomic_load(&flood_page->phase) == FLOOD_DIRTY;
	uint32_t length = (uint32_t)snprintf(line, 2, "%s", way < 4 || needs_newline ? "\n" : "");

	if (way == 7) {
		length += (uint32_t)snprintf(line + length, sizeof(line) - length, "set level=%u\n",
					     (unsigned)(flood_random(&writer->random) % (FLOOD_LEVEL_MAX + 1)));
		put(writer, line, length);
		atomic_fetch_add(&writer->own->lines, 1);
		return;
	}
	if (tag >= FLOOD_TAGS_MAX)
		return;
	length += flood_valid_set(writer->index, tag, line + length, (uint32_t)sizeof(line) - length);
	if (way == 6) {
		memset(line + length, ' ', FLOOD_PIPE_BYTES - length);
		length = FLOOD_PIPE_BYTES - 1;
	} else if (way == 5) {
		line[length++] = '\r';
	}
	line[length++] = '\n';
	put(writer, line, length);
	atomic_fetch_add(&writer->own->lines, 1);
	atomic_fetch_add(&writer->own->tags, 1);
}

/* What no pipe takes whole: others' lines come in between, so it ends as several lines. All of it is refused. */
static void write_long(struct writer *writer)
{
	static char line[LONG_BYTES];
	const uint32_t bytes =
		FLOOD_PIPE_BYTES + 1 + (uint32_t)(flood_random(&writer->random) % (LONG_BYTES - FLOOD_PIPE_BYTES - 1));

	memset(line, 'x', bytes);
	line[0] = '\n';
	line[bytes - 1] = '\n';
	put(writer, line, bytes);
	/* A piece for each page that another's line can stand before. */
	atomic_fetch_add(&writer->own->pieces, bytes / FLOOD_PIPE_BYTES + 1);
}

static void write_steady(struct writer *writer, uint64_t line_count)
{
	char line[512];

	for (uint64_t i = 0; i < line_count && !atomic_load(&flood_page->writers_end); i++) {
		const uint64_t dice = flood_random(&writer->random);
		if (dice % VALID_ONE_IN == 0) {
			write_valid(writer);
		} else if (dice % 64 == 1 && atomic_load(&flood_page->phase) == FLOOD_DIRTY) {
			write_long(writer);
		} else {
			put(writer, line, wrong_line(line, sizeof(line), &writer->random));
			atomic_fetch_add(&writer->own->lines, 1);
			atomic_fetch_add(&writer->own->invalid, 1);
		}
	}
}

/* Killed anywhere. In a dirty phase it leaves pieces behind; a piece that happens to be a whole command would be one, which takt cannot
 * know, so pieces here end inside a verb, a name, or behind an equals sign. */
static void write_until_killed(struct writer *writer)
{
	static const char *const pieces[] = {"s",
					     "set",
					     "set tag=4294967295 hash=",
					     "set tag=4294967295 has",
					     "set tag=4294967295 level=1001",
					     "\x80\xff",
					     "@reply.",
					     "@reply.x se"};
	char line[128];

	for (;;) {
		const uint64_t tag = atomic_load(&writer->own->tags);
		if (tag >= FLOOD_TAGS_MAX)
			(void)pause();
		line[0] = '\n';
		const uint32_t length = 1 + flood_valid_set(writer->index, tag, line + 1, sizeof(line) - 2);
		line[length] = '\n';
		atomic_store(&writer->own->begun, tag + 1);
		put(writer, line, length + 1);
		atomic_store(&writer->own->tags, tag + 1);
		if (atomic_load(&flood_page->phase) == FLOOD_DIRTY) {
			const char *piece =
				pieces[flood_random(&writer->random) % (sizeof(pieces) / sizeof(pieces[0]))];
			atomic_fetch_add(&writer->own->pieces, 1);
			put(writer, piece, (uint32_t)strlen(piece));
		}
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() +
						flood_random(&writer->random) % MORTAL_PAUSE_NS);
	}
}

static void keep_said(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	(void)severity;
	(void)snprintf(said_by_client, sizeof(said_by_client), "%.190s", text);
}

static void keep_answer(void *context, const char *line)
{
	(void)context;
	(void)snprintf(said_by_client, sizeof(said_by_client), "%.190s", line);
}

int flood_ask(uint32_t node_index, const char *text, char *said, uint32_t said_bytes)
{
	char name[FLOOD_NAME_BYTES];

	takt_message_handler_set(keep_said, NULL);
	said_by_client[0] = '\0';
	flood_node_name(node_index, name);
	const enum takt_status status =
		takt_command_send(FLOOD_DOMAIN, name, text, takt_os_clock_now_ns() + flood_patience_ns, keep_answer,
				  NULL);
	(void)snprintf(said, said_bytes, "%.60s: %s: %.120s", text, takt_status_name(status), said_by_client);
	return status == TAKT_OK && strncmp(said_by_client, "ok", 2) == 0 &&
	       strstr(said_by_client, "not applied") == NULL;
}

/* Takt's own client among the others: whatever stands before its line, it is obeyed and answered. */
static void operate(struct writer *writer)
{
	struct flood_writer *own = writer->own;
	char text[128], said[200];

	while (!atomic_load(&flood_page->writers_end)) {
		const uint64_t tag = atomic_load(&own->tags);
		const uint64_t way = flood_random(&writer->random) % 4;
		const uint32_t full = (uint32_t)flood_random(&writer->random);
		if (way == 0)
			(void)snprintf(text, sizeof(text), "mark %u %u", full, flood_hash(full));
		else if (way == 1)
			(void)snprintf(text, sizeof(text), "get level");
		else
			(void)flood_valid_set(writer->index, tag, text, sizeof(text));
		atomic_store(&own->begun, tag + 1);
		if (!flood_ask(writer->node_index, text, said, sizeof(said)) && atomic_fetch_add(&own->failed, 1) == 0)
			memcpy(own->said, said, sizeof(own->said));
		atomic_fetch_add(&own->lines, 1);
		if (way > 1)
			atomic_fetch_add(&own->tags, 1);
	}
}

int flood_run_writer(uint32_t node_index, enum flood_writer_kind kind, uint64_t seed, uint64_t line_count)
{
	struct writer writer = {.own = &flood_page->nodes[node_index].writers[kind],
				.index = (uint32_t)kind,
				.node_index = node_index,
				.pipe = flood_open(node_index),
				.random = seed | 1};

	(void)signal(SIGPIPE, SIG_IGN);
	if (writer.pipe < 0)
		return 2;
	if (kind == FLOOD_OPERATOR)
		operate(&writer);
	else if (kind == FLOOD_MORTAL)
		write_until_killed(&writer);
	else
		write_steady(&writer, line_count);
	(void)close(writer.pipe);
	return 0;
}
