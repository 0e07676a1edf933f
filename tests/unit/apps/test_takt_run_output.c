/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "apps/takt/run_output.h"

#define MS TAKT_NS_PER_MS
#define S  TAKT_NS_PER_S

/* What was emitted, each line ended by a bar. */
struct heard {
	char text[16384];
	uint32_t count;
};

static struct heard heard;
static struct run_output output;

static void hear(void *context, const char *text)
{
	struct heard *to = context;
	size_t used = strlen(to->text);

	to->count++;
	(void)snprintf(to->text + used, sizeof(to->text) - used, "%s|", text);
}

static int begin(void **state)
{
	(void)state;
	memset(&heard, 0, sizeof(heard));
	memset(&output, 0, sizeof(output));
	return 0;
}

static void take(const char *text, uint64_t now_ns)
{
	run_output_take(&output, text, (uint32_t)strlen(text), now_ns, hear, &heard);
}

static void lines_come_whole_however_they_are_cut(void **state)
{
	(void)state;
	take("one\ntw", S);
	assert_string_equal(heard.text, "one|");
	take("o", S);
	take("\n\nthree\n", S);
	assert_string_equal(heard.text, "one|two||three|");
}

static void what_is_left_at_the_end_is_shown(void **state)
{
	(void)state;
	take("last words", S);
	assert_int_equal(heard.count, 0);
	run_output_end(&output, S, hear, &heard);
	assert_string_equal(heard.text, "last words|");
}

static void an_unfinished_line_is_shown_after_a_while_and_its_end_is_no_line(void **state)
{
	(void)state;
	take("ready? ", S);
	run_output_tick(&output, S + RUN_PARTIAL_HOLD_NS - 1, hear, &heard);
	assert_int_equal(heard.count, 0);
	run_output_tick(&output, S + RUN_PARTIAL_HOLD_NS, hear, &heard);
	assert_string_equal(heard.text, "ready? |");
	take("\nnext\n", 2 * S);
	assert_string_equal(heard.text, "ready? |next|");
	take("\n", 2 * S);
	assert_string_equal(heard.text, "ready? |next||");
}

static void long_lines_come_in_pieces_without_loss(void **state)
{
	char line[3 * RUN_LINE_BYTES + 2];

	(void)state;
	memset(line, 'x', sizeof(line));
	line[2 * RUN_LINE_BYTES] = '\n';
	run_output_take(&output, line, 2 * RUN_LINE_BYTES + 1, S, hear, &heard);
	assert_int_equal(heard.count, 2);
	assert_int_equal(strlen(heard.text), 2 * RUN_LINE_BYTES + 2);
}

static void foreign_bytes_are_escaped(void **state)
{
	static const char bytes[] = "a\033[2J\0\x01\xff\xc2\x9b\t\xc2\xb5s\n";

	(void)state;
	run_output_take(&output, bytes, sizeof(bytes) - 1, S, hear, &heard);
	assert_string_equal(heard.text, "a\\x1b[2J\\x00\\x01\\xff\\xc2\\x9b \xc2\xb5s|");
}

static void the_longest_line_of_the_worst_bytes_fits(void **state)
{
	char bytes[RUN_LINE_BYTES];
	char text[RUN_TEXT_BYTES];

	(void)state;
	memset(bytes, 1, sizeof(bytes));
	run_output_escape(text, bytes, sizeof(bytes));
	assert_int_equal(strlen(text), 4 * RUN_LINE_BYTES);
	memset(bytes, 0, sizeof(bytes));
	run_output_escape(text, bytes, sizeof(bytes));
	assert_int_equal(strlen(text), 4 * RUN_LINE_BYTES);
}

static void a_flood_is_cut_and_counted(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < RUN_LINE_RATE + 7; i++)
		take("x\n", S + i);
	assert_int_equal(heard.count, RUN_LINE_RATE);
	begin(NULL);
	for (uint32_t i = 0; i < RUN_LINE_RATE + 7; i++)
		take("x\n", S + i);
	heard = (struct heard){.count = 0};
	run_output_tick(&output, S + RUN_RATE_WINDOW_NS - 1, hear, &heard);
	assert_int_equal(heard.count, 0);
	run_output_tick(&output, S + RUN_RATE_WINDOW_NS, hear, &heard);
	assert_string_equal(heard.text, "[7 lines dropped: more than 100 in a second]|");
	take("again\n", S + RUN_RATE_WINDOW_NS + 1);
	assert_int_equal(heard.count, 2);
}

static void what_was_dropped_is_said_at_the_end_too(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < RUN_LINE_RATE + 3; i++)
		take("x\n", S);
	heard = (struct heard){.count = 0};
	run_output_end(&output, S, hear, &heard);
	assert_string_equal(heard.text, "[3 lines dropped: more than 100 in a second]|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines_come_whole_however_they_are_cut, begin),
		cmocka_unit_test_setup(what_is_left_at_the_end_is_shown, begin),
		cmocka_unit_test_setup(an_unfinished_line_is_shown_after_a_while_and_its_end_is_no_line, begin),
		cmocka_unit_test_setup(long_lines_come_in_pieces_without_loss, begin),
		cmocka_unit_test_setup(foreign_bytes_are_escaped, begin),
		cmocka_unit_test_setup(the_longest_line_of_the_worst_bytes_fits, begin),
		cmocka_unit_test_setup(a_flood_is_cut_and_counted, begin),
		cmocka_unit_test_setup(what_was_dropped_is_said_at_the_end_too, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
