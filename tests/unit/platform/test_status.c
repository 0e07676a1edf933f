/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/platform/support.h"

static void every_status_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int a = 0; a > -TAKT_STATUS_COUNT; a--) {
		const char *name = takt_status_name((enum takt_status)a);

		assert_non_null(name);
		assert_string_not_equal(name, "");
		assert_string_not_equal(name, "unknown status");
		for (int b = 0; b > a; b--)
			assert_string_not_equal(name, takt_status_name((enum takt_status)b));
	}
}

static void names_belong_to_their_numbers(void **state)
{
	(void)state;
	assert_string_equal(takt_status_name(TAKT_OK), "ok");
	assert_string_equal(takt_status_name(TAKT_TIMEOUT), "timeout");
	assert_string_equal(takt_status_name(TAKT_NOT_READY), "not ready");
	assert_string_equal(takt_status_name(TAKT_NO_SPACE), "no space");
	assert_string_equal(takt_status_name(TAKT_STOPPED), "stopped");
	assert_int_equal(TAKT_STOPPED, 1 - TAKT_STATUS_COUNT);
}

static void a_number_that_is_no_status_has_a_name_too(void **state)
{
	(void)state;
	assert_string_equal(takt_status_name((enum takt_status)1), "unknown status");
	assert_string_equal(takt_status_name((enum takt_status) - TAKT_STATUS_COUNT), "unknown status");
	assert_string_equal(takt_status_name((enum takt_status)INT32_MIN), "unknown status");
	assert_string_equal(takt_status_name((enum takt_status)INT32_MAX), "unknown status");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status_has_a_name_of_its_own),
		cmocka_unit_test(names_belong_to_their_numbers),
		cmocka_unit_test(a_number_that_is_no_status_has_a_name_too),
	};

	return cmocka_run_group_tests_name("platform/status", tests, NULL, NULL);
}
