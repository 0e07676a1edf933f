/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/platform/support.h"

#include <limits.h>
#include <sys/ioctl.h>

#include "platform/file.h"

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	scratch_path(path, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

static enum takt_status get(const char *name, char *buffer, uint32_t bytes, uint32_t *count)
{
	char path[128];

	scratch_path(path, name);
	return takt_os_file_read(path, buffer, bytes, count);
}

static enum takt_status replace(const char *name, const char *text)
{
	char path[128];

	scratch_path(path, name);
	return takt_os_file_replace(path, text, (uint32_t)strlen(text));
}

static mode_t mode_of(const char *name)
{
	char path[128];
	struct stat found;

	scratch_path(path, name);
	assert_int_equal(lstat(path, &found), 0);
	return found.st_mode & 07777;
}

static unsigned file_count(void)
{
	int root = scratch_open();
	const unsigned count = entry_count(root);

	takt_os_folder_close(&root);
	return count;
}

/* --- reading --- */

static void a_file_is_read_whole_with_a_zero_behind_it(void **state)
{
	char buffer[64];
	uint32_t count = 0;

	(void)state;
	memset(buffer, 'x', sizeof(buffer));
	put("config", "domain robot\n");
	assert_int_equal(get("config", buffer, sizeof(buffer), &count), TAKT_OK);
	assert_int_equal(count, 13);
	assert_string_equal(buffer, "domain robot\n");
	put("empty", "");
	assert_int_equal(get("empty", buffer, sizeof(buffer), &count), TAKT_OK);
	assert_int_equal(count, 0);
	assert_string_equal(buffer, "");
}

static void one_byte_is_kept_for_the_zero(void **state)
{
	char buffer[8];
	uint32_t count = 77;

	(void)state;
	put("seven", "1234567");
	put("eight", "12345678");
	assert_int_equal(get("eight", buffer, sizeof(buffer), &count), TAKT_LIMIT);
	assert_int_equal(count, 77);
	assert_message_has("larger than the 7 bytes");
	assert_int_equal(get("seven", buffer, sizeof(buffer), &count), TAKT_OK);
	assert_int_equal(count, 7);
	assert_string_equal(buffer, "1234567");
}

static void an_absent_file_is_a_status_without_a_message(void **state)
{
	char buffer[8];
	uint32_t count = 77;

	(void)state;
	assert_int_equal(get("none", buffer, sizeof(buffer), &count), TAKT_ABSENT);
	assert_int_equal(get("none/none", buffer, sizeof(buffer), &count), TAKT_ABSENT);
	assert_int_equal(count, 77);
	assert_int_equal(messages.count, 0);
}

static void a_folder_is_no_file(void **state)
{
	char buffer[8];
	uint32_t count = 77;

	(void)state;
	assert_int_equal(get("", buffer, sizeof(buffer), &count), TAKT_SYSTEM);
	assert_int_equal(messages.count, 1);
	assert_message_has(scratch);
}

static int read_as_somebody_else(void *argument)
{
	char buffer[8];
	uint32_t count;

	(void)argument;
	if (!become_somebody_else())
		return 99;
	return get("secret", buffer, sizeof(buffer), &count) == TAKT_DENIED && messages.count == 1 ? 0 : 1;
}

static void another_users_secret_is_denied(void **state)
{
	char path[128];

	(void)state;
	need_root();
	put("secret", "x");
	scratch_path(path, "secret");
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(in_child(read_as_somebody_else, NULL), 0);
}

static void a_pipe_is_read_to_its_end(void **state)
{
	char path[64];
	char buffer[64];
	uint32_t count = 0;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "from a pipe", 11), 11);
	assert_int_equal(close(ends[1]), 0);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	assert_int_equal(takt_os_file_read(path, buffer, sizeof(buffer), &count), TAKT_OK);
	assert_string_equal(buffer, "from a pipe");
	assert_int_equal(close(ends[0]), 0);
}

/* --- replacing --- */

static void a_replaced_file_has_the_new_contents_and_the_old_mode(void **state)
{
	char buffer[64];
	char path[128];
	uint32_t count;

	(void)state;
	assert_int_equal(replace("gains", "kp=1\n"), TAKT_OK);
	assert_int_equal(get("gains", buffer, sizeof(buffer), &count), TAKT_OK);
	assert_string_equal(buffer, "kp=1\n");
	scratch_path(path, "gains");
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(replace("gains", ""), TAKT_OK);
	assert_int_equal(get("gains", buffer, sizeof(buffer), &count), TAKT_OK);
	assert_int_equal(count, 0);
	assert_int_equal(mode_of("gains"), 0640);
	assert_int_equal(file_count(), 1);
}

static int replace_with_umask(void *argument)
{
	(void)argument;
	(void)umask(027);
	return -(int)replace("new", "x");
}

static void a_new_files_mode_follows_the_umask(void **state)
{
	(void)state;
	assert_int_equal(in_child(replace_with_umask, NULL), TAKT_OK);
	assert_int_equal(mode_of("new"), 0640);
}

static int make_all_with_no_umask(void *argument)
{
	char path[128];

	(void)argument;
	(void)umask(0);
	scratch_path(path, "stream");
	FILE *file = takt_os_file_write(path);
	if (file == NULL || fputs("x", file) < 0 || fclose(file) != 0)
		return 1;
	scratch_path(path, "folder");
	return replace("new", "x") == TAKT_OK && takt_os_file_make_folder(path) == TAKT_OK ? 0 : 2;
}

static void nothing_is_made_writable_for_everybody(void **state)
{
	(void)state;
	assert_int_equal(in_child(make_all_with_no_umask, NULL), 0);
	assert_int_equal(mode_of("new"), 0664);
	assert_int_equal(mode_of("stream"), 0664);
	assert_int_equal(mode_of("folder"), 0775);
}

static void a_written_file_begins_anew_and_keeps_its_mode(void **state)
{
	char path[128];
	char buffer[64];
	uint32_t count;

	(void)state;
	put("log", "a longer text");
	scratch_path(path, "log");
	assert_int_equal(chmod(path, 0600), 0);
	FILE *file = takt_os_file_write(path);
	assert_non_null(file);
	assert_true(fputs("short", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(get("log", buffer, sizeof(buffer), &count), TAKT_OK);
	assert_string_equal(buffer, "short");
	assert_int_equal(mode_of("log"), 0600);
	assert_null(takt_os_file_write("/nowhere/at/all"));
}

static void a_folder_that_is_not_there_is_absent(void **state)
{
	(void)state;
	assert_int_equal(replace("none/gains", "x"), TAKT_ABSENT);
	assert_int_equal(messages.count, 1);
	assert_int_equal(file_count(), 0);
}

static void a_path_that_is_too_long_is_a_limit(void **state)
{
	char path[TAKT_OS_PATH_MAX];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(takt_os_file_replace(path, "x", 1), TAKT_LIMIT);
}

static void what_is_no_file_is_not_replaced(void **state)
{
	char path[128];

	(void)state;
	scratch_path(path, "pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(replace("pipe", "x"), TAKT_SYSTEM);
	scratch_path(path, "folder");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(replace("folder", "x"), TAKT_SYSTEM);
	assert_int_equal(file_count(), 2);
}

static void on_a_full_file_system_the_old_file_stays(void **state)
{
	static char much[128 * 1024];
	char buffer[64];
	char path[128];
	uint32_t count;

	(void)state;
	if (!scratch_is_small(64 * 1024)) {
		print_message("skipped: may not mount\n");
		skip();
	}
	assert_int_equal(replace("gains", "old"), TAKT_OK);
	memset(much, 'x', sizeof(much));
	scratch_path(path, "gains");
	assert_int_equal(takt_os_file_replace(path, much, sizeof(much)), TAKT_NO_SPACE);
	assert_int_equal(messages.count, 1);
	assert_message_has("gains");
	assert_int_equal(get("gains", buffer, sizeof(buffer), &count), TAKT_OK);
	assert_string_equal(buffer, "old");
	assert_int_equal(file_count(), 1);
}

static int replace_with_a_refused_call(void *argument)
{
	if (!refuse_call(*(long *)argument, WHATEVER_ARGUMENT, 0, with_error(EIO)))
		return CANNOT_REFUSE;
	return replace("gains", "new") == TAKT_SYSTEM && messages.count == 1 ? 0 : 1;
}

static void a_refusal_anywhere_leaves_the_old_file_and_nothing_else(void **state)
{
	long calls[] = {SYS_write, SYS_fchmod, SYS_fsync,
#ifdef SYS_rename
			SYS_rename
#else
			SYS_renameat
#endif
	};
	char buffer[64];
	uint32_t count;

	(void)state;
	put("gains", "old");
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		assert_int_equal(unless_unable(in_child(replace_with_a_refused_call, &calls[i])), 0);
		assert_int_equal(get("gains", buffer, sizeof(buffer), &count), TAKT_OK);
		assert_string_equal(buffer, "old");
		assert_int_equal(file_count(), 1);
	}
}

#define VERSION_BYTES 20000u

/* Every byte of a version is the same letter. */
static int replace_many_times(void *argument)
{
	static char version[VERSION_BYTES + 1];

	(void)argument;
	for (int i = 0; i < 300; i++) {
		memset(version, 'a' + i % 26, VERSION_BYTES);
		if (replace("versions", version) != TAKT_OK)
			return 1;
	}
	return 0;
}

static void a_reader_sees_the_old_or_the_new_file_and_nothing_between(void **state)
{
	static char buffer[VERSION_BYTES + 2];
	pid_t writer;
	int how = 0;
	unsigned seen = 0;

	(void)state;
	assert_int_equal(in_child(replace_many_times, NULL), 0);
	writer = start_child(replace_many_times, NULL);
	while (waitpid(writer, &how, WNOHANG) == 0) {
		uint32_t count = 0;

		assert_int_equal(get("versions", buffer, sizeof(buffer), &count), TAKT_OK);
		assert_int_equal(count, VERSION_BYTES);
		for (uint32_t i = 1; i < count; i++)
			if (buffer[i] != buffer[0])
				fail_msg("byte %u is of another version", i);
		seen++;
	}
	assert_int_equal(how, 0);
	assert_true(seen > 0);
}

static void several_writers_leave_one_of_their_files_and_nothing_else(void **state)
{
	char buffer[VERSION_BYTES + 2];
	uint32_t count;
	pid_t writers[3];

	(void)state;
	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++)
		writers[i] = start_child(replace_many_times, NULL);
	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		int how = 0;
		assert_int_equal(waitpid(writers[i], &how, 0), writers[i]);
		assert_int_equal(how, 0);
	}
	assert_int_equal(get("versions", buffer, sizeof(buffer), &count), TAKT_OK);
	assert_int_equal(count, VERSION_BYTES);
	for (uint32_t i = 1; i < count; i++)
		assert_int_equal(buffer[i], buffer[0]);
	assert_int_equal(file_count(), 1);
}

/* Killed between its two last steps; or somebody else's file of that name: it gives way, as it would have to its writer. */
static void what_a_killed_writer_left_is_gone_with_the_next_save(void **state)
{
	char buffer[64];
	uint32_t count;

	(void)state;
	put("gains", "old");
	put("gains.new", "killed");
	assert_int_equal(replace("gains", "new"), TAKT_OK);
	assert_int_equal(get("gains", buffer, sizeof(buffer), &count), TAKT_OK);
	assert_string_equal(buffer, "new");
	assert_int_equal(file_count(), 1);
}

/* --- listing --- */

struct names {
	char all[256];
};

static void append(void *context, const char *name)
{
	struct names *names = context;

	(void)strcat(names->all, name);
	(void)strcat(names->all, " ");
}

static void names_are_sorted_by_bytes(void **state)
{
	struct names names = {""};

	(void)state;
	put("b", "");
	put("a10", "");
	put("B", "");
	put("a9", "");
	put(".hidden", "");
	assert_int_equal(takt_os_file_list(scratch, append, &names), TAKT_OK);
	assert_string_equal(names.all, ".hidden B a10 a9 b ");
}

static void a_folder_that_cannot_be_listed_is_a_status(void **state)
{
	struct names names = {""};
	char path[128];

	(void)state;
	scratch_path(path, "none");
	assert_int_equal(takt_os_file_list(path, append, &names), TAKT_ABSENT);
	put("file", "");
	scratch_path(path, "file");
	assert_int_equal(takt_os_file_list(path, append, &names), TAKT_SYSTEM);
	assert_string_equal(names.all, "");
}

/* --- the terminal --- */

static int look_at_no_terminal(void *argument)
{
	int ends[2];

	(void)argument;
	if (pipe(ends) != 0 || dup2(ends[1], STDOUT_FILENO) < 0)
		return 1;
	return takt_os_output_is_terminal() == 0 && takt_os_terminal_columns() == 0 ? 0 : 2;
}

static void a_pipe_is_no_terminal(void **state)
{
	(void)state;
	assert_int_equal(in_child(look_at_no_terminal, NULL), 0);
}

static int look_at_a_terminal(void *argument)
{
	const struct winsize size = {.ws_row = 24, .ws_col = 123};
	const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	char name[64];
	int other_end;

	(void)argument;
	if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0 ||
	    ptsname_r(terminal, name, sizeof(name)) != 0)
		return 77;
	other_end = open(name, O_RDWR | O_NOCTTY);
	if (other_end < 0 || ioctl(terminal, TIOCSWINSZ, &size) != 0 || dup2(other_end, STDOUT_FILENO) < 0)
		return 77;
	return takt_os_output_is_terminal() == 1 && takt_os_terminal_columns() == 123 ? 0 : 1;
}

static void a_terminal_has_its_width(void **state)
{
	const int result = in_child(look_at_a_terminal, NULL);

	(void)state;
	if (result == 77) {
		print_message("skipped: no pseudo-terminals here\n");
		skip();
	}
	assert_int_equal(result, 0);
}

static void a_folder_is_made_once_and_never_over_a_file(void **state)
{
	char path[128];

	(void)state;
	scratch_path(path, "logs");
	assert_int_equal(takt_os_file_make_folder(path), TAKT_OK);
	assert_int_equal(takt_os_file_make_folder(path), TAKT_OK);
	put("file", "text");
	scratch_path(path, "file");
	assert_int_not_equal(takt_os_file_make_folder(path), TAKT_OK);
	scratch_path(path, "no/parent");
	assert_int_equal(takt_os_file_make_folder(path), TAKT_ABSENT);
}

static void an_absolute_path_has_no_detours(void **state)
{
	char path[128], wanted[PATH_MAX], found[PATH_MAX];

	(void)state;
	put("file", "text");
	scratch_path(path, "file");
	assert_non_null(realpath(path, wanted));
	scratch_path(path, "././/file");
	assert_int_equal(takt_os_file_absolute(path, found, sizeof(found)), TAKT_OK);
	assert_string_equal(found, wanted);
	assert_int_equal(takt_os_file_absolute(path, found, (uint32_t)strlen(wanted)), TAKT_LIMIT);
	scratch_path(path, "absent");
	assert_int_equal(takt_os_file_absolute(path, found, sizeof(found)), TAKT_ABSENT);
}

static void a_program_is_a_file_that_may_be_executed(void **state)
{
	char path[128];

	(void)state;
	put("tool", "#!/bin/sh\n");
	scratch_path(path, "tool");
	assert_int_equal(chmod(path, 0644), 0);
	assert_false(takt_os_file_is_program(path));
	assert_int_equal(chmod(path, 0755), 0);
	assert_true(takt_os_file_is_program(path));
	scratch_path(path, "absent");
	assert_false(takt_os_file_is_program(path));
	scratch_path(path, "");
	assert_false(takt_os_file_is_program(path));
}

#define WITH_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_set_up, scratch_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SCRATCH(a_file_is_read_whole_with_a_zero_behind_it),
		WITH_SCRATCH(one_byte_is_kept_for_the_zero),
		WITH_SCRATCH(an_absent_file_is_a_status_without_a_message),
		WITH_SCRATCH(a_folder_is_no_file),
		WITH_SCRATCH(another_users_secret_is_denied),
		WITH_SCRATCH(a_pipe_is_read_to_its_end),
		WITH_SCRATCH(a_replaced_file_has_the_new_contents_and_the_old_mode),
		WITH_SCRATCH(a_new_files_mode_follows_the_umask),
		WITH_SCRATCH(nothing_is_made_writable_for_everybody),
		WITH_SCRATCH(a_written_file_begins_anew_and_keeps_its_mode),
		WITH_SCRATCH(a_folder_that_is_not_there_is_absent),
		WITH_SCRATCH(a_path_that_is_too_long_is_a_limit),
		WITH_SCRATCH(what_is_no_file_is_not_replaced),
		WITH_SCRATCH(on_a_full_file_system_the_old_file_stays),
		WITH_SCRATCH(a_refusal_anywhere_leaves_the_old_file_and_nothing_else),
		WITH_SCRATCH(a_reader_sees_the_old_or_the_new_file_and_nothing_between),
		WITH_SCRATCH(several_writers_leave_one_of_their_files_and_nothing_else),
		WITH_SCRATCH(what_a_killed_writer_left_is_gone_with_the_next_save),
		WITH_SCRATCH(names_are_sorted_by_bytes),
		WITH_SCRATCH(a_folder_that_cannot_be_listed_is_a_status),
		WITH_SCRATCH(a_folder_is_made_once_and_never_over_a_file),
		WITH_SCRATCH(an_absolute_path_has_no_detours),
		WITH_SCRATCH(a_program_is_a_file_that_may_be_executed),
		WITH_SCRATCH(a_pipe_is_no_terminal),
		WITH_SCRATCH(a_terminal_has_its_width),
	};

	return cmocka_run_group_tests_name("platform/file", tests, NULL, NULL);
}
