/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apps/takt/escape.h"

static void expect(const char *text, size_t bytes, const char *expected)
{
	char escaped[256];

	assert_int_equal(escape_text(escaped, sizeof(escaped), text, bytes), strlen(expected));
	assert_string_equal(escaped, expected);
}

static void printable_text_stays(void **state)
{
	(void)state;
	expect("", 0, "");
	expect("imu 1.5 m/s^2", 13, "imu 1.5 m/s^2");
	expect("\xc2\xb0"
	       "C \xce\xa9 \xf0\x9f\xa4\x96",
	       11,
	       "\xc2\xb0"
	       "C \xce\xa9 \xf0\x9f\xa4\x96");
}

static void control_bytes_are_shown_in_hexadecimal(void **state)
{
	(void)state;
	expect("\033[31mred", 8, "\\x1b[31mred");
	expect("a\nb\rc\td\x7f", 8, "a\\x0ab\\x0dc\\x09d\\x7f");
	/* C1: what some terminals take for ESC [. */
	expect("\xc2\x9b"
	       "2J",
	       4, "\\xc2\\x9b2J");
	/* Right-to-left override. */
	expect("\xe2\x80\xae"
	       "x",
	       4, "\\xe2\\x80\\xaex");
}

static void bytes_that_are_no_utf8_are_shown_in_hexadecimal(void **state)
{
	(void)state;
	expect("\xff\xfe", 2, "\\xff\\xfe");
	expect("\x80", 1, "\\x80");
	expect("\xc0\xaf", 2, "\\xc0\\xaf");
	expect("\xed\xa0\x80", 3, "\\xed\\xa0\\x80");
	expect("a\xe2\x82", 3, "a\\xe2\\x82");
	expect("\xe2"
	       "ab",
	       3,
	       "\\xe2"
	       "ab");
}

static void a_backslash_cannot_pretend_to_be_an_escape(void **state)
{
	(void)state;
	expect("\\x1b", 4, "\\\\x1b");
}

static void text_ends_at_a_zero_or_at_its_bytes(void **state)
{
	(void)state;
	expect("ab\0cd", 5, "ab");
	expect("abcdef", 3, "abc");
	/* A character that begins before the end and would go on behind it. */
	expect("a\xc2\xb0", 2, "a\\xc2");
}

static void what_does_not_fit_is_cut_between_two_characters(void **state)
{
	char escaped[8];

	(void)state;
	assert_int_equal(escape_text(escaped, 6, "abc\033d", 5), 3);
	assert_string_equal(escaped, "abc");
	assert_int_equal(escape_text(escaped, 3, "a\xc2\xb0", 3), 1);
	assert_string_equal(escaped, "a");
	assert_int_equal(escape_text(escaped, 1, "abc", 3), 0);
	assert_string_equal(escaped, "");
}

/* Every pair of bytes: nothing but printable ASCII or a whole character comes out, and never more than was promised. */
static void no_two_bytes_get_through_that_a_terminal_would_obey(void **state)
{
	char escaped[ESCAPE_BYTES(2)];

	(void)state;
	for (uint32_t pair = 0; pair < 65536; pair++) {
		char text[2] = {(char)(pair >> 8), (char)(pair & 0xff)};
		size_t length = escape_text(escaped, sizeof(escaped), text, sizeof(text));

		assert_true(length <= 8);
		assert_int_equal(strlen(escaped), length);
		for (size_t i = 0; i < length; i++) {
			unsigned char byte = (unsigned char)escaped[i];

			assert_true(byte >= ' ' && byte != 0x7f);
			/* A byte above ASCII is the first of a two-byte character, or follows one. */
			assert_true(byte < 0x80 || (byte >= 0xc2 && i + 1 < length) ||
				    (i > 0 && (unsigned char)escaped[i - 1] >= 0xc2));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printable_text_stays),
		cmocka_unit_test(control_bytes_are_shown_in_hexadecimal),
		cmocka_unit_test(bytes_that_are_no_utf8_are_shown_in_hexadecimal),
		cmocka_unit_test(a_backslash_cannot_pretend_to_be_an_escape),
		cmocka_unit_test(text_ends_at_a_zero_or_at_its_bytes),
		cmocka_unit_test(what_does_not_fit_is_cut_between_two_characters),
		cmocka_unit_test(no_two_bytes_get_through_that_a_terminal_would_obey),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
