/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text from elsewhere on its way to a terminal: escaped whole, in a small buffer, as a node's output in pieces, and compared with words.
 * The first byte sizes buffer and pieces.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/escape.h"
#include "apps/takt/run_output.h"
#include "core/text.h"
#include "tests/fuzz/fuzz.h"

static uint64_t emitted_bytes;

static void emit(void *context, const char *text)
{
	uint32_t *line_count = context;

	(*line_count)++;
	emitted_bytes += strlen(text);
	FUZZ_CHECK(strlen(text) < RUN_TEXT_BYTES && takt_text_is_printable(text));
}

static void check_output(const char *bytes, uint32_t count, uint32_t piece)
{
	static struct run_output output;
	uint32_t line_count = 0, newline_count = 0;
	uint64_t now_ns = 5 * RUN_RATE_WINDOW_NS;

	memset(&output, 0, sizeof(output));
	emitted_bytes = 0;
	for (uint32_t at = 0; at < count; at += piece) {
		uint32_t taken = count - at < piece ? count - at : piece;
		run_output_take(&output, bytes + at, taken, now_ns, emit, &line_count);
		now_ns += RUN_PARTIAL_HOLD_NS / 3;
		run_output_tick(&output, now_ns, emit, &line_count);
	}
	run_output_end(&output, now_ns, emit, &line_count);
	for (uint32_t i = 0; i < count; i++)
		newline_count += bytes[i] == '\n';
	FUZZ_CHECK(output.count == 0);
	/* Nothing is silently swallowed: what was dropped has been said, in a line of its own. */
	FUZZ_CHECK(count == 0 || line_count >= 1 || newline_count == count);
	if (newline_count < RUN_LINE_RATE / 2 && count < RUN_LINE_BYTES)
		FUZZ_CHECK(emitted_bytes >= count - newline_count);
}

static void check_escape(const char *text, size_t length, size_t room)
{
	char *whole = malloc(ESCAPE_BYTES(length));
	char *cut = malloc(room);

	FUZZ_CHECK(whole != NULL && cut != NULL);
	size_t whole_length = escape_text(whole, ESCAPE_BYTES(length), text, length);
	size_t cut_length = escape_text(cut, room, text, length);
	FUZZ_CHECK(strlen(whole) == whole_length && strlen(cut) == cut_length && cut_length < room);
	FUZZ_CHECK(takt_text_is_printable(whole) && takt_text_is_printable(cut));
	FUZZ_CHECK(strncmp(whole, cut, cut_length) == 0);
	FUZZ_CHECK(whole_length < room ? cut_length == whole_length : cut_length + 4 >= room);
	/* A text that may be shown is shown as it is, but for backslashes. */
	if (takt_text_is_printable(text) && strchr(text, '\\') == NULL)
		FUZZ_CHECK(strcmp(whole, text) == 0);
	free(whole);
	free(cut);
}

/* The C library's own decoder is a second opinion: what may be shown is UTF-8, in as few bytes as it needs. */
static void check_utf8(const char *text)
{
	static const char *locale;

	if (locale == NULL)
		locale = setlocale(LC_CTYPE, "C.UTF-8");
	FUZZ_CHECK(locale != NULL);
	if (takt_text_is_printable(text))
		FUZZ_CHECK(mbstowcs(NULL, text, 0) != (size_t)-1);
}

static void check_nearest(const char *word)
{
	struct takt_text_nearest nearest = {.word = word};

	takt_text_nearest_offer(&nearest, "subscribes");
	takt_text_nearest_offer(&nearest, "imu");
	FUZZ_CHECK(nearest.found == NULL || nearest.steps <= TAKT_TEXT_NEAREST_STEPS_MAX);
	takt_text_nearest_offer(&nearest, word);
	if (word[0] && strlen(word) <= TAKT_TEXT_NEAREST_BYTES)
		FUZZ_CHECK(nearest.found != NULL && nearest.steps == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	uint32_t sized = (uint32_t)fuzz_number(&input, 1) + 1;
	char *text = malloc(input.left + 1);

	FUZZ_CHECK(text != NULL);
	if (input.left)
		memcpy(text, input.at, input.left);
	text[input.left] = '\0';
	check_output(text, (uint32_t)input.left, sized);
	check_escape(text, strlen(text), sized);
	check_utf8(text);
	check_nearest(text);
	free(text);
	return 0;
}
