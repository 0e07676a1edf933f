/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines as they come out of a pipe: the first byte says in which pieces, the rest is the stream. Whatever the pieces, the lines
 * are those of a plain split at the newlines; a line that was parsed reads the same when it is written again.
 */
#include "core/line.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "tests/fuzz/fuzz.h"

static int is_of(const char *text, const char *characters)
{
	return text[strspn(text, characters)] == '\0';
}

static void check_parsed(const struct takt_line *line)
{
	char again[sizeof(*line) + 8], error[128];
	static struct takt_line second;

	FUZZ_CHECK(line->verb[0] >= 'a' && line->verb[0] <= 'z');
	FUZZ_CHECK(is_of(line->verb, "abcdefghijklmnopqrstuvwxyz0123456789_-"));
	FUZZ_CHECK(strlen(line->arguments) == 0 || strchr(" \t\r", line->arguments[0]) == NULL);
	for (const char *at = line->arguments; *at; at++)
		FUZZ_CHECK((unsigned char)*at >= ' ' || *at == '\t' || *at == '\r');
	(void)snprintf(again, sizeof(again), "%s%s%s%s %s", line->reply[0] ? "@" : "", line->reply,
		       line->reply[0] ? " " : "", line->verb, line->arguments);
	FUZZ_CHECK(takt_line_parse(again, &second, error, sizeof(error)) == TAKT_OK);
	FUZZ_CHECK(strcmp(second.reply, line->reply) == 0 && strcmp(second.verb, line->verb) == 0);
	FUZZ_CHECK(strcmp(second.arguments, line->arguments) == 0);
}

static void check_line(const char *text)
{
	static struct takt_line line;
	char error[128] = "";
	enum takt_status status = takt_line_parse(text, &line, error, sizeof(error));

	FUZZ_CHECK(line.reply[0] == '\0' || takt_reply_name_is_valid(line.reply));
	FUZZ_CHECK(strchr(line.reply, '/') == NULL && strncmp(line.reply, "..", 2) != 0);
	if (status == TAKT_OK) {
		check_parsed(&line);
		return;
	}
	FUZZ_CHECK(status == TAKT_EMPTY || status == TAKT_INVALID);
	FUZZ_CHECK(line.verb[0] == '\0' && line.arguments[0] == '\0');
	FUZZ_CHECK((status == TAKT_INVALID) == (error[0] != '\0') && takt_text_is_printable(error));
}

/* The line that begins at `at`, by a plain look at the stream. */
static void check_collected(const uint8_t *at, const uint8_t *end, enum takt_status status, const char *text)
{
	const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
	size_t length = newline ? (size_t)(newline - at) : 0;

	FUZZ_CHECK(newline != NULL);
	FUZZ_CHECK((status == TAKT_LIMIT) == (length >= TAKT_LINE_BYTES_MAX));
	if (length >= TAKT_LINE_BYTES_MAX)
		length = TAKT_LINE_BYTES_MAX - 1;
	FUZZ_CHECK(strlen(text) == length);
	for (size_t i = 0; i < length; i++)
		FUZZ_CHECK((uint8_t)text[i] == (at[i] ? at[i] : 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct takt_line_buffer buffer;
	struct fuzz_input input = {data, size};
	uint32_t piece = (uint32_t)fuzz_number(&input, 1) + 1;
	const uint8_t *line = input.at, *end = input.at + input.left;

	memset(&buffer, 0, sizeof(buffer));
	while (input.left) {
		/* Pieces of one length, of twice that, and of a single byte. */
		uint32_t count = piece % 3 == 0 ? 1 : piece % 3 == 1 ? piece : 2 * piece, used = 0;
		const char *text = NULL;
		if (count > input.left)
			count = (uint32_t)input.left;
		enum takt_status status = takt_line_collect(&buffer, (const char *)input.at, count, &used, &text);
		FUZZ_CHECK(used >= 1 && used <= count && (status != TAKT_EMPTY || used == count));
		input.at += used;
		input.left -= used;
		if (status == TAKT_EMPTY)
			continue;
		check_collected(line, end, status, text);
		check_line(text);
		line = input.at;
	}
	/* What is left has no newline. */
	FUZZ_CHECK(line == end || memchr(line, '\n', (size_t)(end - line)) == NULL);
	return 0;
}
