/* SPDX-License-Identifier: Apache-2.0 */
/* The program that another one becomes is this one: an argument makes it play its part. */
#include "tests/unit/platform/support.h"

#include <limits.h>

#include "platform/foreign.h"

static char self[512];

static void the_number_is_the_one_left_behind(void **state)
{
	(void)state;
	assert_int_equal(open("/no/such/file", O_RDONLY), -1);
	assert_int_equal(takt_os_foreign_error(), ENOENT);
}

static void numbers_of_either_sign_have_a_meaning(void **state)
{
	static const struct {
		int error;
		enum takt_status status;
	} meanings[] = {
		{0, TAKT_OK},
		{EAGAIN, TAKT_EMPTY},
		{ETIMEDOUT, TAKT_TIMEOUT},
		{ENODEV, TAKT_CLOSED},
		{ENXIO, TAKT_CLOSED},
		{EBUSY, TAKT_BUSY},
		{EINVAL, TAKT_INVALID},
		{ERANGE, TAKT_INVALID},
		{ENOSYS, TAKT_UNSUPPORTED},
		{ENOENT, TAKT_ABSENT},
		{EACCES, TAKT_DENIED},
		{EPERM, TAKT_DENIED},
		{ENOMEM, TAKT_NO_SPACE},
		{EIO, TAKT_SYSTEM},
		{INT_MAX, TAKT_SYSTEM},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		assert_int_equal(takt_os_foreign_status(meanings[i].error), meanings[i].status);
		assert_int_equal(takt_os_foreign_status(-meanings[i].error), meanings[i].status);
	}
	assert_int_equal(takt_os_foreign_status(INT_MIN), TAKT_SYSTEM);
}

/* Runs in a child: becomes this program again, with one argument. */
static int become_other(void *argument)
{
	char *arguments[] = {self, argument, NULL};

	if (setenv("TAKT_TEST_KEPT", "kept", 1) != 0)
		return 99;
	(void)!takt_os_program_become(self, arguments);
	return 98;
}

static void the_other_program_has_arguments_and_environment(void **state)
{
	char part[] = "other";

	(void)state;
	assert_int_equal(in_child(become_other, part), 42);
}

static int become_nothing(void *argument)
{
	char *arguments[] = {self, NULL};

	return takt_os_program_become(argument, arguments) == TAKT_ABSENT ? 0 : 1;
}

static int become_text(void *argument)
{
	char *arguments[] = {self, NULL};
	char path[] = "/tmp/takt-foreign-XXXXXX";
	int descriptor = mkstemp(path);

	(void)argument;
	if (descriptor < 0 || close(descriptor) != 0)
		return 99;
	enum takt_status status = takt_os_program_become(path, arguments);
	(void)unlink(path);
	return status == TAKT_DENIED ? 0 : 1;
}

static void what_cannot_be_run_leaves_the_program_as_it_is(void **state)
{
	char path[] = "/no/such/program";

	(void)state;
	assert_int_equal(in_child(become_nothing, path), 0);
	assert_int_equal(in_child(become_text, NULL), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_number_is_the_one_left_behind),
		cmocka_unit_test(numbers_of_either_sign_have_a_meaning),
		cmocka_unit_test(the_other_program_has_arguments_and_environment),
		cmocka_unit_test(what_cannot_be_run_leaves_the_program_as_it_is),
	};

	if (argc > 1)
		return strcmp(argv[1], "other") == 0 && getenv("TAKT_TEST_KEPT") != NULL ? 42 : 97;
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length <= 0)
		return 1;
	self[length] = '\0';
	/* Under emulation, a script that runs this program there. */
	if (getenv("TAKT_TEST_SELF") != NULL)
		(void)snprintf(self, sizeof(self), "%s", getenv("TAKT_TEST_SELF"));
	(void)argv;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
