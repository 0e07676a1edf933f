/* SPDX-License-Identifier: Apache-2.0 */
/* What completion says of a command line; what lives is tests/man/completion.py's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps/takt/complete.h"

#define OUTPUT_BYTES 4096
#define WORDS_MAX    300

static const struct option_text own[] = {
	{"kind", "red|green", "a colour", 'k', 0},
	{"deep", NULL, "line one\nline two", 0, 1000},
	{"out", "FOLDER", "a place", 0, 1001},
};
static const char *const choices[] = {"poll", "wake", NULL};
static const struct command leaf = {.name = "leaf",
				    .path = "root leaf",
				    .usage = "CONFIG [TEST...] [options]",
				    .summary = "does",
				    .arguments_max = 9,
				    .own = own,
				    .own_count = 3,
				    .choices = choices};
static const struct command *const children[] = {&leaf};
static const struct command root = {
	.name = "root", .path = "root", .usage = "", .summary = "", .children = children, .child_count = 1};

/* Standard output goes to a file meanwhile. */
static FILE *caught;
static int standard_output;
static char said[OUTPUT_BYTES];

static void capture_begin(void)
{
	(void)fflush(stdout);
	caught = tmpfile();
	assert_non_null(caught);
	standard_output = dup(STDOUT_FILENO);
	assert_true(standard_output >= 0 && dup2(fileno(caught), STDOUT_FILENO) == STDOUT_FILENO);
}

static void capture_end(void)
{
	(void)fflush(stdout);
	assert_int_equal(dup2(standard_output, STDOUT_FILENO), STDOUT_FILENO);
	(void)close(standard_output);
	rewind(caught);
	said[fread(said, 1, sizeof(said) - 1, caught)] = '\0';
	(void)fclose(caught);
}

static void expect_line(const char *line, const char *expected)
{
	static char copy[OUTPUT_BYTES];
	char *words[WORDS_MAX];
	int count = 0;

	(void)snprintf(copy, sizeof(copy), "%s", line);
	for (char *at = copy; count < WORDS_MAX; at = strchr(at, ' ') + 1) {
		words[count++] = at;
		if (strchr(at, ' ') == NULL)
			break;
	}
	for (int i = 0; i + 1 < count; i++)
		words[i][strcspn(words[i], " ")] = '\0';
	capture_begin();
	int code = complete(&root, count, words);
	capture_end();
	assert_int_equal(code, 0);
	assert_string_equal(said, expected);
}

static void words_are_completed_by_the_tables(void **state)
{
	(void)state;
	expect_line("", "leaf\tdoes\nhelp\texplains a command\n");
	expect_line("l", "leaf\tdoes\n");
	expect_line("-", "--help\tthis text\n");
	expect_line("help l", "leaf\tdoes\n");
	expect_line("help leaf -", "");
	expect_line("nothing ", "");
	expect_line("leaf ", ":files *.yaml\n");
	expect_line("leaf a.yaml ", "poll\t\nwake\t\n");
	expect_line("leaf a.yaml poll ", "wake\t\n");
	expect_line("leaf --d", "--deep\tline one\n");
	expect_line("leaf a.yaml -- --d", "");
}

static void values_of_options_are_completed(void **state)
{
	(void)state;
	expect_line("leaf --kind ", "red\t\ngreen\t\n");
	expect_line("leaf --kind=g", "--kind=green\t\n");
	expect_line("leaf -k r", "red\t\n");
	expect_line("leaf -kr", "-kred\t\n");
	expect_line("leaf --out ", ":folders\n");
	/* An option's value is no argument. */
	expect_line("leaf --kind red ", ":files *.yaml\n");
	expect_line("leaf --kind=red a.yaml w", "wake\t\n");
}

static void nonsense_offers_nothing_and_harms_nothing(void **state)
{
	static char line[OUTPUT_BYTES] = "leaf";

	(void)state;
	expect_line("leaf --", "--kind\ta colour\n--deep\tline one\n--out\ta place\n--help\tthis text\n");
	expect_line("leaf --=", "");
	for (uint32_t i = 0; i < 2 * COMPLETE_ARGUMENTS_MAX; i++)
		strcat(line, " a");
	expect_line(line, "");
}

/* Names and values of other processes: nothing that a shell or a terminal would obey. */
static void what_a_shell_would_obey_is_not_offered(void **state)
{
	static const char *const harmful[] = {"$(reboot)", "a b", "a;b", "a\033[2J", "a\nb", "`a`", "a'", "\xc2\x9b"};
	const struct complete complete = {.word = "", .before = "--x=", .before_length = 4};

	(void)state;
	capture_begin();
	for (uint32_t i = 0; i < sizeof(harmful) / sizeof(harmful[0]); i++)
		complete_offer(&complete, harmful[i], "");
	complete_offer(&complete, "legs[1].angle", "a\033b\nc");
	capture_end();
	assert_string_equal(said, "--x=legs[1].angle\ta\\x1bb\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_completed_by_the_tables),
		cmocka_unit_test(values_of_options_are_completed),
		cmocka_unit_test(nonsense_offers_nothing_and_harms_nothing),
		cmocka_unit_test(what_a_shell_would_obey_is_not_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
