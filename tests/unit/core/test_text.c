/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/config_fixture.h"

#include "core/text.h"

static void printable_text_is_utf8_without_control_characters(void **state)
{
	static const char *const good[] = {
		"",	   "rad/s", "m/s^2", " ~", "\xc2\xb0\x43", "\xc2\xb5m", "\xe2\x84\xa6", "\xf0\x9f\xa4\x96",
		"\xc2\xa0"};
	static const char *const bad[] = {"\n",
					  "a\tb",
					  "\x1b[2J",
					  "\x7f",
					  "\x80",
					  "\xc2",
					  "\xc2\x41",
					  "\xe2\x84",
					  "\xf0\x9f\xa4",
					  "\xc0\xaf",
					  "\xe0\x80\xaf",
					  "\xed\xa0\x80",
					  "\xf4\x90\x80\x80",
					  "\xff",
					  "\xc2\x85",
					  "\xe2\x80\xae",
					  "\xe2\x80\x8b",
					  "\xef\xbb\xbf",
					  "\xf0\x80\x80\xaf"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!takt_text_is_printable(good[i]))
			fail_msg("good text %zu is refused", i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (takt_text_is_printable(bad[i]))
			fail_msg("bad text %zu is taken", i);
}

static const char *nearest_of_three(const char *word, const char *a, const char *b, const char *c)
{
	struct takt_text_nearest nearest = {.word = word};

	takt_text_nearest_offer(&nearest, a);
	takt_text_nearest_offer(&nearest, b);
	takt_text_nearest_offer(&nearest, c);
	return nearest.found;
}

static void the_nearest_word_is_found(void **state)
{
	(void)state;
	assert_string_equal(nearest_of_three("imuu", "motor", "imu", "state"), "imu");
	assert_string_equal(nearest_of_three("dpeth", "depth", "deadline", "type"), "depth");
	assert_string_equal(nearest_of_three("bod", "body", "bed", "bode"), "body");
	assert_string_equal(nearest_of_three("wheels", "wheelie", "wheel", "heels_"), "wheel");
}

static void a_far_word_is_not_offered(void **state)
{
	char longer[TAKT_TEXT_NEAREST_BYTES + 2];

	(void)state;
	assert_null(nearest_of_three("temperature", "imu", "motor", "state"));
	assert_null(nearest_of_three("xy", "ab", "cd", "ef"));
	assert_null(nearest_of_three("", "a", "b", "cd"));
	memset(longer, 'a', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_null(nearest_of_three(longer, longer, "a", "b"));
	longer[sizeof(longer) - 2] = '\0';
	assert_ptr_equal(nearest_of_three(longer, "a", longer, "b"), longer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		caught(printable_text_is_utf8_without_control_characters),
		caught(the_nearest_word_is_found),
		caught(a_far_word_is_not_offered),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
