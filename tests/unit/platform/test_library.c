/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/platform/support.h"

#include <pthread.h>

#include "platform/library.h"

static size_t default_stack_bytes(void)
{
	pthread_attr_t attributes;
	size_t bytes = 0;

	assert_int_equal(pthread_getattr_default_np(&attributes), 0);
	assert_int_equal(pthread_attr_getstacksize(&attributes, &bytes), 0);
	(void)pthread_attr_destroy(&attributes);
	return bytes;
}

static void a_loaded_library_s_functions_are_found(void **state)
{
	size_t before = default_stack_bytes();
	void *library = NULL;
	char why[256] = "";
	double (*cosine)(double);

	(void)state;
	assert_int_equal(takt_os_library_load("libm.so.6", &library, why, sizeof(why)), TAKT_OK);
	cosine = (double (*)(double))takt_os_library_find(library, "cos");
	assert_non_null(cosine);
	assert_true(cosine(0.0) == 1.0);
	assert_null(takt_os_library_find(library, "takt_has_no_such_function"));
	/* Threads that this program starts later have the stacks that they had. */
	assert_int_equal(default_stack_bytes(), before);
}

static void a_library_that_is_missing_is_named(void **state)
{
	void *library = &library;
	char why[256] = "";

	(void)state;
	assert_int_equal(takt_os_library_load("libtakt-none.so.9", &library, why, sizeof(why)), TAKT_ABSENT);
	assert_non_null(strstr(why, "libtakt-none.so.9: cannot open"));
	assert_ptr_equal(library, &library);
}

static void a_file_that_is_no_library_is_refused(void **state)
{
	static const char path[] = "/dev/shm/takt-test-library.so";
	void *library = NULL;
	char why[256] = "";
	FILE *file = fopen(path, "w");

	(void)state;
	assert_non_null(file);
	assert_true(fputs("no library\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(takt_os_library_load(path, &library, why, sizeof(why)), TAKT_ABSENT);
	assert_int_equal(unlink(path), 0);
	assert_non_null(strstr(why, path));
	assert_null(library);
}

static void a_reason_is_cut_to_its_room(void **state)
{
	void *library = NULL;
	char why[8] = "abcdefg";

	(void)state;
	assert_int_equal(takt_os_library_load("libtakt-none.so.9", &library, why, 4), TAKT_ABSENT);
	assert_string_equal(why, "lib");
	assert_int_equal(why[4], 'e');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loaded_library_s_functions_are_found),
		cmocka_unit_test(a_library_that_is_missing_is_named),
		cmocka_unit_test(a_file_that_is_no_library_is_refused),
		cmocka_unit_test(a_reason_is_cut_to_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
