/* SPDX-License-Identifier: Apache-2.0 */
/* A made machine: a folder of the test's below which its files of /proc, /sys and so on stand. Behind tests/unit/platform/support.h. */
#ifndef TAKT_TEST_MADE_ROOT_H
#define TAKT_TEST_MADE_ROOT_H

static char root[] = "/tmp/takt-test-machine.XXXXXX";

/* Writes root/path, and makes the folders that it is in. */
static void put(const char *path, const char *text)
{
	char whole[512];
	FILE *file;

	assert_in_range(snprintf(whole, sizeof(whole), "%s%s", root, path), 1, sizeof(whole) - 1);
	for (char *slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(whole, 0700);
		*slash = '/';
	}
	file = fopen(whole, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int make_root(void **state)
{
	(void)state;
	(void)strcpy(root + strlen(root) - 6, "XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", root);
	return system(command);
}

#endif
