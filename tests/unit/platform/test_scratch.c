/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/folder.h"
#include "platform/message.h"
#include "platform/scratch.h"

static char root[] = "/tmp/takt-test-scratch-XXXXXX";
static char said[512];

static void hear(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	(void)severity;
	(void)snprintf(said, sizeof(said), "%s", text);
}

static int set_up(void **state)
{
	(void)state;
	takt_message_handler_set(hear, NULL);
	return mkdtemp(root) == NULL || setenv("TMPDIR", root, 1) != 0;
}

static int tear_down(void **state)
{
	(void)state;
	takt_message_handler_set(NULL, NULL);
	return rmdir(root);
}

static void a_folder_is_new_and_only_this_users(void **state)
{
	char first[TAKT_OS_PATH_MAX];
	char second[TAKT_OS_PATH_MAX];
	struct stat found;
	(void)state;
	/* Whatever the umask leaves to others. */
	mode_t before = umask(0);
	assert_int_equal(takt_os_scratch_make(first, sizeof(first)), TAKT_OK);
	assert_int_equal(takt_os_scratch_make(second, sizeof(second)), TAKT_OK);
	(void)umask(before);
	assert_string_not_equal(first, second);
	assert_memory_equal(first, root, strlen(root));
	assert_true(takt_os_scratch_is_folder(first) && takt_os_scratch_is_folder(second));
	assert_int_equal(stat(first, &found), 0);
	assert_int_equal(found.st_mode & 0777, 0700);
	assert_int_equal(rmdir(first), 0);
	assert_int_equal(rmdir(second), 0);
	assert_false(takt_os_scratch_is_folder(first));
}

static void a_place_that_is_none_is_named(void **state)
{
	char path[TAKT_OS_PATH_MAX] = "as it was";
	char wanted[128];
	char deep[TAKT_OS_PATH_MAX + 1];
	(void)state;
	(void)snprintf(wanted, sizeof(wanted), "%s/none", root);
	assert_int_equal(setenv("TMPDIR", wanted, 1), 0);
	assert_int_equal(takt_os_scratch_make(path, sizeof(path)), TAKT_ABSENT);
	assert_non_null(strstr(said, wanted));
	assert_non_null(strstr(said, "TMPDIR names where"));
	memset(deep, 'x', TAKT_OS_PATH_MAX);
	deep[0] = '/';
	deep[TAKT_OS_PATH_MAX] = '\0';
	assert_int_equal(setenv("TMPDIR", deep, 1), 0);
	assert_int_equal(takt_os_scratch_make(path, sizeof(path)), TAKT_LIMIT);
	assert_non_null(strstr(said, "a shorter path is needed"));
	assert_int_equal(setenv("TMPDIR", root, 1), 0);
	/* The caller's room is a limit too. */
	assert_int_equal(takt_os_scratch_make(path, (uint32_t)strlen(root)), TAKT_LIMIT);
	assert_string_equal(path, "as it was");
}

static void without_tmpdir_it_is_tmp(void **state)
{
	char path[TAKT_OS_PATH_MAX];
	(void)state;
	assert_int_equal(setenv("TMPDIR", "", 1), 0);
	assert_int_equal(takt_os_scratch_make(path, sizeof(path)), TAKT_OK);
	assert_memory_equal(path, "/tmp/takt-", 10);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(setenv("TMPDIR", root, 1), 0);
}

static void a_link_leads_where_it_says_and_is_made_once(void **state)
{
	char folder[TAKT_OS_PATH_MAX];
	char link_path[TAKT_OS_PATH_MAX + 8];
	char target[PATH_MAX];
	(void)state;
	assert_int_equal(takt_os_scratch_make(folder, sizeof(folder)), TAKT_OK);
	(void)snprintf(link_path, sizeof(link_path), "%s/link", folder);
	assert_int_equal(takt_os_scratch_link(root, link_path), TAKT_OK);
	ssize_t length = readlink(link_path, target, sizeof(target));
	assert_int_equal(length, strlen(root));
	assert_memory_equal(target, root, strlen(root));
	assert_true(takt_os_scratch_is_folder(link_path));
	assert_int_not_equal(takt_os_scratch_link(root, link_path), TAKT_OK);
	assert_non_null(strstr(said, link_path));
	assert_int_equal(unlink(link_path), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_is_new_and_only_this_users),
		cmocka_unit_test(a_place_that_is_none_is_named),
		cmocka_unit_test(without_tmpdir_it_is_tmp),
		cmocka_unit_test(a_link_leads_where_it_says_and_is_made_once),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
