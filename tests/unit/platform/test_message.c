/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/platform/support.h"

static struct {
	void *context;
	enum takt_severity severity;
} seen;

static void see(void *context, enum takt_severity severity, const char *text)
{
	seen.context = context;
	seen.severity = severity;
	keep_message(NULL, severity, text);
}

static int start(void **state)
{
	(void)state;
	forget_messages();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	takt_message_handler_set(NULL, NULL);
	return 0;
}

static void a_handler_gets_the_sentence_and_its_severity(void **state)
{
	int context = 0;

	(void)state;
	takt_message_handler_set(see, &context);
	takt_message(TAKT_WARNING, "topic '%s': %d bytes", "imu", 12);
	assert_string_equal(messages.last, "topic 'imu': 12 bytes");
	assert_int_equal(seen.severity, TAKT_WARNING);
	assert_ptr_equal(seen.context, &context);
	assert_int_equal(messages.count, 1);
}

static void a_long_text_is_cut_and_shows_it(void **state)
{
	char text[2 * TAKT_MESSAGE_BYTES_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	takt_message_handler_set(see, NULL);
	takt_message(TAKT_INFO, "%s", text);
	assert_int_equal(strlen(messages.last), TAKT_MESSAGE_BYTES_MAX - 1);
	assert_string_equal(messages.last + TAKT_MESSAGE_BYTES_MAX - 5, "x...");
}

static void a_foreign_name_cannot_control_the_terminal_or_fake_a_line(void **state)
{
	(void)state;
	takt_message_handler_set(see, NULL);
	takt_message(TAKT_INFO, "name '%s'", "a\x1b[2J\nb\x7f\tµ");
	assert_string_equal(messages.last, "name 'a?[2J?b??µ'");
}

static void errno_is_left_alone(void **state)
{
	(void)state;
	takt_message_handler_set(see, NULL);
	errno = EXDEV;
	takt_message(TAKT_INFO, "%s", "text");
	assert_int_equal(errno, EXDEV);
}

/* What a child writes to its standard error, as one string. */
static int child_error_text(int (*body)(void *), char text[256])
{
	int ends[2];
	int how = 0;
	size_t done = 0;
	ssize_t got;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0)
		_exit(dup2(ends[1], STDERR_FILENO) < 0 ? 99 : body(NULL));
	assert_true(child > 0);
	(void)close(ends[1]);
	while (done < 255 && (got = read(ends[0], text + done, 255 - done)) > 0)
		done += (size_t)got;
	text[done] = '\0';
	(void)close(ends[0]);
	assert_int_equal(waitpid(child, &how, 0), child);
	return WIFSIGNALED(how) ? KILLED_BY(WTERMSIG(how)) : WEXITSTATUS(how);
}

static int say_two(void *argument)
{
	(void)argument;
	takt_message(TAKT_INFO, "first");
	takt_message(TAKT_ERROR, "second %d", 2);
	return 0;
}

static void without_a_handler_each_message_is_a_line_on_standard_error(void **state)
{
	char text[256];

	(void)state;
	assert_int_equal(child_error_text(say_two, text), 0);
	assert_string_equal(text, "takt: first\ntakt: second 2\n");
}

static int break_an_assertion(void *argument)
{
	(void)signal(SIGABRT, SIG_DFL);
	TAKT_ASSERT(argument != NULL);
	return 0;
}

static void a_bug_ends_the_process_with_file_line_and_condition(void **state)
{
	char text[256];

	(void)state;
	assert_int_equal(child_error_text(break_an_assertion, text), KILLED_BY(SIGABRT));
	assert_non_null(strstr(text, "test_message.c:"));
	assert_non_null(strstr(text, "argument != NULL does not hold\n"));
}

static int say_nothing(void *argument)
{
	(void)argument;
	TAKT_ASSERT(1 + 1 == 2);
	return 3;
}

static void a_condition_that_holds_has_no_effect(void **state)
{
	char text[256];

	(void)state;
	assert_int_equal(child_error_text(say_nothing, text), 3);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_handler_gets_the_sentence_and_its_severity, start, stop),
		cmocka_unit_test_setup_teardown(a_long_text_is_cut_and_shows_it, start, stop),
		cmocka_unit_test_setup_teardown(a_foreign_name_cannot_control_the_terminal_or_fake_a_line, start, stop),
		cmocka_unit_test_setup_teardown(errno_is_left_alone, start, stop),
		cmocka_unit_test_setup_teardown(without_a_handler_each_message_is_a_line_on_standard_error, start,
						stop),
		cmocka_unit_test_setup_teardown(a_bug_ends_the_process_with_file_line_and_condition, start, stop),
		cmocka_unit_test_setup_teardown(a_condition_that_holds_has_no_effect, start, stop),
	};

	return cmocka_run_group_tests_name("platform/message", tests, NULL, NULL);
}
