/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/line.h"
#include "tests/unit/core/random.h"

#define ERROR_BYTES    128u
#define GARBAGE_ROUNDS 100000u

static struct takt_line_buffer buffer;
static struct takt_line line;
static char error[ERROR_BYTES];

static int set_up(void **state)
{
	(void)state;
	random_state = 7;
	memset(&buffer, 0, sizeof(buffer));
	memset(&line, 0, sizeof(line));
	return 0;
}

static enum takt_status parse(const char *text)
{
	memset(error, 0, sizeof(error));
	return takt_line_parse(text, &line, error, sizeof(error));
}

/* Offers bytes in chunks and calls back for each line that ends. */
static uint32_t feed(const char *bytes, uint32_t count, uint32_t chunk_bytes,
		     void (*on_line)(enum takt_status status, const char *text, void *context), void *context)
{
	uint32_t line_count = 0;

	for (uint32_t begin = 0; begin < count; begin += chunk_bytes) {
		uint32_t here = count - begin < chunk_bytes ? count - begin : chunk_bytes;

		for (uint32_t at = 0, used = 0; at < here; at += used) {
			const char *text = NULL;
			enum takt_status status =
				takt_line_collect(&buffer, bytes + begin + at, here - at, &used, &text);

			assert_true(used > 0 && used <= here - at);
			if (status == TAKT_EMPTY) {
				assert_int_equal(used, here - at);
				continue;
			}
			assert_non_null(text);
			line_count++;
			on_line(status, text, context);
		}
	}
	return line_count;
}

struct expected {
	const char *const *texts;
	uint32_t next;
};

static void expect_next(enum takt_status status, const char *text, void *context)
{
	struct expected *expected = context;

	assert_int_equal(status, TAKT_OK);
	assert_string_equal(text, expected->texts[expected->next++]);
}

static void lines_are_found_wherever_the_chunks_are_cut(void **state)
{
	static const char stream[] = "ping\n\n@reply.1 set kp=1.2 kd=3\nstatus\r\nlast one\n";
	static const char *const texts[] = {"ping", "", "@reply.1 set kp=1.2 kd=3", "status\r", "last one"};

	(void)state;
	for (uint32_t chunk = 1; chunk <= sizeof(stream); chunk++) {
		struct expected expected = {texts, 0};

		assert_int_equal(feed(stream, sizeof(stream) - 1, chunk, expect_next, &expected), 5);
	}
	/* One cut, at every place. */
	for (uint32_t cut = 0; cut < sizeof(stream) - 1; cut++) {
		struct expected expected = {texts, 0};
		uint32_t count = cut ? feed(stream, cut, cut, expect_next, &expected) : 0;

		count += feed(stream + cut, (uint32_t)sizeof(stream) - 1 - cut, 4096, expect_next, &expected);
		assert_int_equal(count, 5);
	}
}

static void count_status(enum takt_status status, const char *text, void *context)
{
	uint32_t *counts = context;

	counts[status == TAKT_LIMIT]++;
	counts[2] = (uint32_t)strlen(text);
}

static void the_longest_line_is_4096_bytes_with_its_newline(void **state)
{
	static char stream[2 * TAKT_LINE_BYTES_MAX];
	static const uint32_t lengths[] = {4094, 4095, 4096, 5000, 8191};

	(void)state;
	for (uint32_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		for (uint32_t chunk = 1; chunk <= 4096; chunk += 1365) {
			uint32_t counts[3] = {0};
			int fits = lengths[i] < TAKT_LINE_BYTES_MAX;

			memset(stream, 'x', sizeof(stream));
			stream[lengths[i]] = '\n';
			assert_int_equal(feed(stream, lengths[i] + 1, chunk, count_status, counts), 1);
			assert_int_equal(counts[0], fits);
			assert_int_equal(counts[1], !fits);
			if (fits)
				assert_int_equal(counts[2], lengths[i]);
			/* The next line begins afresh. */
			assert_int_equal(feed("ping\n", 5, chunk, count_status, counts), 1);
			assert_int_equal(counts[0], fits + 1);
			assert_int_equal(counts[2], 4);
		}
	}
	memset(stream, 'v', 30);
	memset(stream + 30, ' ', 1);
	memset(stream + 31, 'a', 4095 - 31);
	stream[4095] = '\0';
	assert_int_equal(parse(stream), TAKT_OK);
	assert_int_equal(strlen(line.arguments), 4095 - 31);
}

static void a_zero_byte_does_not_hide_the_rest_of_a_line(void **state)
{
	static const char stream[] = "ping\0quit\nping\n";
	uint32_t used = 0;
	const char *text = NULL;

	(void)state;
	assert_int_equal(takt_line_collect(&buffer, stream, sizeof(stream) - 1, &used, &text), TAKT_OK);
	assert_int_equal(used, 10);
	assert_int_equal(strlen(text), 9);
	assert_int_equal(parse(text), TAKT_INVALID);
	assert_non_null(strstr(error, "byte 5"));
	assert_int_equal(takt_line_collect(&buffer, stream + used, 5, &used, &text), TAKT_OK);
	assert_string_equal(text, "ping");
}

static void control_bytes_are_refused_but_for_tab_and_return(void **state)
{
	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		char text[] = "set a=?";
		int is_control = (byte < 0x20 && byte != '\t' && byte != '\r') || byte == 0x7f;

		text[6] = (char)byte;
		if (byte == '\n')
			continue; /* ends a line and never stands in one */
		assert_int_equal(parse(text), is_control ? TAKT_INVALID : TAKT_OK);
		assert_int_equal(error[0] != '\0', is_control);
	}
}

static void a_line_is_reply_verb_and_arguments(void **state)
{
	(void)state;
	assert_int_equal(parse("ping"), TAKT_OK);
	assert_string_equal(line.reply, "");
	assert_string_equal(line.verb, "ping");
	assert_string_equal(line.arguments, "");
	assert_int_equal(parse(" \t@reply.0a_-  set   kp=1.2\tkd=3  \r"), TAKT_OK);
	assert_string_equal(line.reply, "reply.0a_-");
	assert_string_equal(line.verb, "set");
	assert_string_equal(line.arguments, "kp=1.2\tkd=3");
	assert_int_equal(parse("quit\r"), TAKT_OK);
	assert_string_equal(line.verb, "quit");
	assert_string_equal(line.reply, "");
}

static void blank_lines_are_nothing(void **state)
{
	static const char *const blanks[] = {"", " ", "\t", "\r", " \t \r"};

	(void)state;
	for (uint32_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++)
		assert_int_equal(parse(blanks[i]), TAKT_EMPTY);
}

static void what_is_no_verb_is_refused_with_a_reason(void **state)
{
	static const char *const wrong[] = {"Ping",	  "1st",
					    "_x",	  "-x",
					    "pi!ng",	  "=",
					    "@reply.1",	  "@reply.1 ",
					    "@reply.1 9", "a2345678901234567890123456789012"};

	(void)state;
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(parse(wrong[i]), TAKT_INVALID);
		assert_string_equal(line.verb, "");
		assert_non_null(strstr(error, "help"));
	}
	/* Whoever asked is told: the reply name of a line with a wrong verb is kept. */
	assert_int_equal(parse("@reply.1 9"), TAKT_INVALID);
	assert_string_equal(line.reply, "reply.1");
	assert_int_equal(parse("@reply.1 set kp=\x7f"), TAKT_INVALID);
	assert_string_equal(line.reply, "reply.1");
	assert_non_null(strstr(error, "byte 17 of the line is 0x7f"));
	assert_int_equal(parse("a234567890123456789012345678901"), TAKT_OK);
}

static void only_names_of_answers_are_reply_names(void **state)
{
	static const char *const right[] = {"reply.1", "reply.a_b-c.d", "reply..", "reply.0123456789012345678901234_"};
	static const char *const wrong[] = {
		"",	      "reply",	   "reply.",	     "Reply.1",	  "reply.A",
		"roster",     "topic.imu", "reply/1",	     "reply.1/",  "reply.../x",
		"../reply.1", "xreply.1",  "reply.\xc3\xa4", "command.a", "reply.0123456789012345678901234_5"};

	(void)state;
	for (uint32_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		assert_true(takt_reply_name_is_valid(right[i]));
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[64];

		assert_false(takt_reply_name_is_valid(wrong[i]));
		(void)snprintf(text, sizeof(text), "@%s ping", wrong[i]);
		assert_int_equal(parse(text), TAKT_INVALID);
		assert_string_equal(line.reply, "");
		assert_string_equal(line.verb, "");
		assert_non_null(strstr(error, "reply."));
	}
}

struct search {
	char wanted[32];
	uint32_t found;
};

static void look_for(enum takt_status status, const char *text, void *context)
{
	struct search *search = context;
	enum takt_status parsed;

	assert_true(status == TAKT_OK || status == TAKT_LIMIT);
	assert_true(strlen(text) < TAKT_LINE_BYTES_MAX);
	if (status != TAKT_OK)
		return;
	parsed = parse(text);
	assert_true(parsed == TAKT_OK || parsed == TAKT_EMPTY || parsed == TAKT_INVALID);
	if (parsed == TAKT_INVALID)
		assert_true(error[0] != '\0' && memchr(error, '\0', sizeof(error)) != NULL);
	search->found += strcmp(text, search->wanted) == 0;
}

/* Garbage without a newline at its end is what a dead sender leaves; the newline in front of the next line ends it. */
static void a_good_line_behind_garbage_is_found_exactly_once(void **state)
{
	static char stream[12000];

	(void)state;
	for (uint32_t round = 0; round < GARBAGE_ROUNDS; round++) {
		/* Mostly short, now and then longer than a line may be. */
		uint32_t garbage = (uint32_t)(next_random() % (round % 64 ? 100 : 10000));
		uint32_t only_text = round % 2;
		struct search search = {.found = 0};
		uint32_t length;

		for (uint32_t i = 0; i < garbage; i++)
			stream[i] = (char)(only_text ? ' ' + next_random() % 95 : next_random());
		(void)snprintf(search.wanted, sizeof(search.wanted), "@reply.%u set a=%u", round, garbage);
		length = garbage + (uint32_t)snprintf(stream + garbage, 64, "\n%s\n", search.wanted);
		assert_true(feed(stream, length, 1 + (uint32_t)(next_random() % 5000), look_for, &search) >= 2);
		assert_int_equal(search.found, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines_are_found_wherever_the_chunks_are_cut, set_up),
		cmocka_unit_test_setup(the_longest_line_is_4096_bytes_with_its_newline, set_up),
		cmocka_unit_test_setup(a_zero_byte_does_not_hide_the_rest_of_a_line, set_up),
		cmocka_unit_test_setup(control_bytes_are_refused_but_for_tab_and_return, set_up),
		cmocka_unit_test_setup(a_line_is_reply_verb_and_arguments, set_up),
		cmocka_unit_test_setup(blank_lines_are_nothing, set_up),
		cmocka_unit_test_setup(what_is_no_verb_is_refused_with_a_reason, set_up),
		cmocka_unit_test_setup(only_names_of_answers_are_reply_names, set_up),
		cmocka_unit_test_setup(a_good_line_behind_garbage_is_found_exactly_once, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
