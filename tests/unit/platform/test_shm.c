/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/platform/support.h"

#include <sys/sysmacros.h>

#include "platform/shm.h"
#include "platform/thread.h"

#define PAGE_BYTES   4096u
#define OBJECT_BYTES (64u * PAGE_BYTES)
#define NO_MADVISE   "the emulator takes madvise, does nothing, and counts its own page faults"

static int folder = -1;

static int start(void **state)
{
	if (scratch_set_up(state) != 0)
		return -1;
	return takt_os_folder_open_root(&folder) == TAKT_OK ? 0 : -1;
}

static int stop(void **state)
{
	takt_os_folder_close(&folder);
	return scratch_tear_down(state);
}

static struct stat stat_of(const char *name)
{
	struct stat found;

	assert_int_equal(fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW), 0);
	return found;
}

static void write_word(void *context, void *memory)
{
	memcpy(memory, context, sizeof(uint32_t));
}

static enum takt_status make(const char *name, uint32_t mode)
{
	const struct takt_os_rights rights = {TAKT_OS_ID_ANY, TAKT_OS_ID_ANY, mode};
	uint32_t word = 0x74616b74;

	return takt_os_shm_create(folder, name, OBJECT_BYTES, &rights, write_word, &word);
}

/* --- making --- */

static void a_new_object_has_its_size_contents_and_zeroes(void **state)
{
	struct takt_os_shm shm = {0};
	const unsigned char *bytes;
	unsigned sum = 0;
	uint32_t word;

	(void)state;
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_ONLY, &private_rights, OBJECT_BYTES),
			 TAKT_OK);
	assert_int_equal(shm.bytes, OBJECT_BYTES);
	bytes = shm.address;
	memcpy(&word, bytes, sizeof(word));
	assert_int_equal(word, 0x74616b74);
	for (size_t i = sizeof(word); i < OBJECT_BYTES; i++)
		sum |= bytes[i];
	assert_int_equal(sum, 0);
	assert_true((fcntl(shm.descriptor, F_GETFD) & FD_CLOEXEC) != 0);
	takt_os_shm_close(&shm);
	assert_int_equal(entry_count(folder), 1);
}

static void all_of_its_memory_is_reserved(void **state)
{
	(void)state;
	assert_int_equal(takt_os_shm_create(folder, "object", OBJECT_BYTES, &private_rights, NULL, NULL), TAKT_OK);
	assert_true(stat_of("object").st_blocks * 512 >= (blkcnt_t)OBJECT_BYTES);
}

static void no_bytes_make_an_empty_file(void **state)
{
	(void)state;
	assert_int_equal(takt_os_shm_create(folder, "live", 0, &private_rights, NULL, NULL), TAKT_OK);
	assert_int_equal(stat_of("live").st_size, 0);
	assert_true(S_ISREG(stat_of("live").st_mode));
}

static void a_taken_name_exists_and_nothing_is_changed(void **state)
{
	uint32_t other = 1;
	struct stat before;

	(void)state;
	assert_int_equal(make("object", 0600), TAKT_OK);
	before = stat_of("object");
	assert_int_equal(takt_os_shm_create(folder, "object", 1, &private_rights, write_word, &other), TAKT_EXISTS);
	assert_int_equal(stat_of("object").st_ino, before.st_ino);
	assert_int_equal(stat_of("object").st_size, before.st_size);
	assert_int_equal(entry_count(folder), 1);
	assert_int_equal(messages.count, 0);
	assert_int_equal(symlinkat("nowhere", folder, "link"), 0);
	assert_int_equal(make("link", 0600), TAKT_EXISTS);
}

#define MAKER_COUNT 8

static int make_at_once(_Atomic int *ready)
{
	atomic_fetch_add(ready, 1);
	if (!wait_for_flag(ready, MAKER_COUNT))
		return 99;
	return -(int)make("object", 0600);
}

static void of_several_makers_exactly_one_makes_it(void **state)
{
	(void)state;
	for (int round = 0; round < 50; round++) {
		_Atomic int *ready = shared_memory(sizeof(*ready));
		pid_t makers[MAKER_COUNT];
		unsigned made = 0;
		unsigned existed = 0;

		for (int i = 0; i < MAKER_COUNT; i++) {
			makers[i] = fork();
			if (makers[i] == 0)
				_exit(make_at_once(ready));
		}
		for (int i = 0; i < MAKER_COUNT; i++) {
			int how = 0;

			assert_int_equal(waitpid(makers[i], &how, 0), makers[i]);
			assert_true(WIFEXITED(how));
			made += WEXITSTATUS(how) == TAKT_OK;
			existed += WEXITSTATUS(how) == -TAKT_EXISTS;
		}
		assert_int_equal(made, 1);
		assert_int_equal(existed, MAKER_COUNT - 1);
		assert_int_equal(entry_count(folder), 1);
		assert_int_equal(takt_os_folder_remove(folder, "object"), TAKT_OK);
		(void)munmap(ready, sizeof(*ready));
	}
}

static int make_0660(void *argument)
{
	(void)umask((mode_t) * (unsigned *)argument);
	return -(int)make("object", 0660);
}

static void the_umask_has_no_effect(void **state)
{
	unsigned masks[] = {0, 022, 077, 0777};

	(void)state;
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		assert_int_equal(in_child(make_0660, &masks[i]), TAKT_OK);
		assert_int_equal(stat_of("object").st_mode & 07777, 0660);
		assert_int_equal(takt_os_folder_remove(folder, "object"), TAKT_OK);
	}
}

static void everybody_may_never_write(void **state)
{
	static const uint32_t modes[] = {0666, 0602, 0777, 0, 04600, 01600};

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		forget_messages();
		assert_int_equal(make("object", modes[i]), TAKT_INVALID);
		assert_message_has("object");
		assert_message_has("refused");
	}
	assert_int_equal(entry_count(folder), 0);
}

static void a_name_that_leads_elsewhere_is_invalid(void **state)
{
	char long_name[TAKT_OS_NAME_MAX + 1];
	const char *names[] = {"", ".", "..", "a/b", "/dev/shm/x", long_name};
	struct takt_os_shm shm = {0};

	(void)state;
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[TAKT_OS_NAME_MAX] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(make(names[i], 0600), TAKT_INVALID);
		assert_int_equal(takt_os_shm_open(&shm, folder, names[i], TAKT_OS_READ_ONLY, &private_rights, 1),
				 TAKT_INVALID);
	}
	assert_int_equal(entry_count(folder), 0);
}

static void a_size_that_cannot_be_mapped_is_a_limit(void **state)
{
	(void)state;
	assert_int_equal(takt_os_shm_create(folder, "object", UINT64_MAX, &private_rights, NULL, NULL), TAKT_LIMIT);
	assert_int_equal(takt_os_shm_create(folder, "object", INT64_MAX, &private_rights, NULL, NULL), TAKT_LIMIT);
	assert_message_has("object");
	assert_int_equal(entry_count(folder), 0);
}

static void owner_and_group_are_given(void **state)
{
	const struct takt_os_rights rights = {SOMEBODY_ELSE, SOMEBODY_ELSE, 0640};

	(void)state;
	need_root();
	assert_int_equal(takt_os_shm_create(folder, "object", 1, &rights, NULL, NULL), TAKT_OK);
	assert_int_equal(stat_of("object").st_uid, SOMEBODY_ELSE);
	assert_int_equal(stat_of("object").st_gid, SOMEBODY_ELSE);
	assert_int_equal(stat_of("object").st_mode & 07777, 0640);
}

static int give_away(void *argument)
{
	const struct takt_os_rights rights = {0, 0, 0600};

	(void)argument;
	if (!become_somebody_else())
		return 99;
	return -(int)takt_os_shm_create(folder, "object", 1, &rights, NULL, NULL);
}

static void nobody_can_give_an_object_away_without_the_right(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(in_child(give_away, NULL), -TAKT_DENIED);
	assert_int_equal(entry_count(folder), 0);
}

static int make_without_rights(void *argument)
{
	(void)argument;
	return become_somebody_else() ? -(int)make("object", 0600) : 99;
}

static void an_ordinary_user_makes_objects_too(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(in_child(make_without_rights, NULL), TAKT_OK);
	assert_int_equal(stat_of("object").st_uid, SOMEBODY_ELSE);
}

static void who_may_not_write_the_folder_is_denied(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(chmod(scratch, 0755), 0);
	assert_int_equal(in_child(make_without_rights, NULL), -TAKT_DENIED);
	assert_int_equal(entry_count(folder), 0);
}

/* --- when the system refuses --- */

static void a_full_file_system_is_said_with_numbers_and_a_remedy(void **state)
{
	(void)state;
	if (!scratch_is_small(256 * 1024)) {
		print_message("skipped: may not mount\n");
		skip();
	}
	takt_os_folder_close(&folder);
	folder = scratch_open();
	assert_int_equal(make("first", 0600), TAKT_OK);
	assert_int_equal(takt_os_shm_create(folder, "second", 1 << 20, &private_rights, NULL, NULL), TAKT_NO_SPACE);
	assert_message_has("'second': need 1048576 bytes, have 0 free in");
	assert_message_has("mount -o remount,size=1310720");
	assert_int_equal(entry_count(folder), 1);
	assert_int_equal(messages.count, 1);
	/* Joining must be possible where there is no room for a second domain. */
	assert_int_equal(make("first", 0600), TAKT_EXISTS);
}

static int make_far_too_much(void *argument)
{
	(void)argument;
	if (!refuse_call(SYS_fallocate, WHATEVER_ARGUMENT, 0, SECCOMP_RET_KILL_PROCESS))
		return CANNOT_REFUSE;
	return -(int)takt_os_shm_create(folder, "object", 1 << 20, &private_rights, NULL, NULL);
}

/* The kernel would fill all memory first, and call the OOM killer. */
static void what_certainly_does_not_fit_is_not_even_tried(void **state)
{
	(void)state;
	if (!scratch_is_small(256 * 1024)) {
		print_message("skipped: may not mount\n");
		skip();
	}
	takt_os_folder_close(&folder);
	folder = scratch_open();
	assert_int_equal(unless_unable(in_child(make_far_too_much, NULL)), -TAKT_NO_SPACE);
}

static int make_where_memory_runs_out(void *argument)
{
	(void)argument;
	if (!refuse_call(SYS_fallocate, WHATEVER_ARGUMENT, 0, with_error(ENOSPC)))
		return CANNOT_REFUSE;
	return make("object", 0600) == TAKT_NO_SPACE && strstr(messages.last, "need 262144 bytes") != NULL ? 0 : 1;
}

static void memory_that_runs_out_while_it_is_reserved_is_no_space(void **state)
{
	(void)state;
	assert_int_equal(unless_unable(in_child(make_where_memory_runs_out, NULL)), 0);
	assert_int_equal(entry_count(folder), 0);
}

static int make_where_signals_never_stop(void *argument)
{
	(void)argument;
	if (!refuse_call(SYS_fallocate, WHATEVER_ARGUMENT, 0, with_error(EINTR)))
		return CANNOT_REFUSE;
	return -(int)make("object", 0600);
}

static void endless_interruption_is_an_error_and_no_endless_loop(void **state)
{
	(void)state;
	assert_int_equal(unless_unable(in_child(make_where_signals_never_stop, NULL)), -TAKT_SYSTEM);
	assert_int_equal(entry_count(folder), 0);
}

static int make_with_a_refused_call(void *argument)
{
	const long number = *(long *)argument;

	if (!refuse_call(number, WHATEVER_ARGUMENT, 0, with_error(EPERM)))
		return CANNOT_REFUSE;
	return make("object", 0600) == TAKT_DENIED && messages.count == 1 && strstr(messages.last, "object") != NULL
		       ? 0
		       : 1;
}

static void a_refusal_anywhere_is_said_once_and_leaves_nothing(void **state)
{
	long calls[] = {SYS_fchmod, SYS_linkat, SYS_openat};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		assert_int_equal(unless_unable(in_child(make_with_a_refused_call, &calls[i])), 0);
		assert_int_equal(entry_count(folder), 0);
	}
}

static void die(void *context, void *memory)
{
	(void)context;
	*(unsigned char *)memory = 1;
	(void)raise(SIGKILL);
}

static int die_while_filling(void *argument)
{
	(void)argument;
	return -(int)takt_os_shm_create(folder, "object", OBJECT_BYTES, &private_rights, die, NULL);
}

static void a_killed_maker_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(in_child(die_while_filling, NULL), KILLED_BY(SIGKILL));
	assert_int_equal(entry_count(folder), 0);
}

/* The name of what is killed: any system call of the making. */
static int die_at_a_call(void *argument)
{
	if (!refuse_call(*(long *)argument, WHATEVER_ARGUMENT, 0, SECCOMP_RET_KILL_PROCESS))
		return CANNOT_REFUSE;
	return -(int)make("object", 0600);
}

static void a_maker_killed_at_any_call_leaves_nothing(void **state)
{
	long calls[] = {SYS_openat, SYS_fallocate, SYS_fchmod, MAP_CALL, SYS_munmap, SYS_linkat};

	(void)state;
	if (UNDER_ADDRESS_SANITIZER) {
		print_message("skipped: the sanitizer makes such calls of its own\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		assert_int_equal(unless_unable(in_child(die_at_a_call, &calls[i])), KILLED_BY(SIGSYS));
		assert_int_equal(entry_count(folder), 0);
	}
}

#ifndef __O_TMPFILE
#define __O_TMPFILE 020000000
#endif

static int make_without_o_tmpfile(void *argument)
{
	(void)argument;
	if (!refuse_call(SYS_openat, 2, __O_TMPFILE, with_error(EOPNOTSUPP)))
		return CANNOT_REFUSE;
	if (make("object", 0640) != TAKT_OK)
		return 1;
	return make("object", 0640) == TAKT_EXISTS ? 0 : 2;
}

static void a_file_system_without_nameless_files_will_do(void **state)
{
	struct takt_os_shm shm = {0};

	(void)state;
	assert_int_equal(unless_unable(in_child(make_without_o_tmpfile, NULL)), 0);
	assert_int_equal(entry_count(folder), 1);
	assert_int_equal(stat_of("object").st_mode & 07777, 0640);
	assert_int_equal(stat_of("object").st_nlink, 1);
	assert_int_equal(takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_WRITE,
					  &(struct takt_os_rights){TAKT_OS_ID_ANY, TAKT_OS_ID_ANY, 0640}, OBJECT_BYTES),
			 TAKT_OK);
	takt_os_shm_close(&shm);
}

static int make_without_empty_path(void *argument)
{
	(void)argument;
	if (!refuse_call(SYS_linkat, 4, AT_EMPTY_PATH, with_error(ENOENT)))
		return CANNOT_REFUSE;
	return -(int)make("object", 0600);
}

static int make_without_empty_path_and_proc(void *argument)
{
	(void)argument;
	if (!refuse_call(SYS_linkat, 4, AT_EMPTY_PATH, with_error(ENOENT)) ||
	    !refuse_call(SYS_linkat, 4, AT_SYMLINK_FOLLOW, with_error(ENOENT)))
		return CANNOT_REFUSE;
	return -(int)make("object", 0600);
}

static void a_name_is_given_by_whichever_way_is_permitted(void **state)
{
	(void)state;
	assert_int_equal(unless_unable(in_child(make_without_empty_path, NULL)), TAKT_OK);
	assert_int_equal(entry_count(folder), 1);
	assert_int_equal(takt_os_folder_remove(folder, "object"), TAKT_OK);
	assert_int_equal(unless_unable(in_child(make_without_empty_path_and_proc, NULL)), TAKT_OK);
	assert_int_equal(entry_count(folder), 1);
}

/* --- opening --- */

static enum takt_status try_to_open(const struct takt_os_rights *rights, uint64_t bytes_min)
{
	struct takt_os_shm shm = {0};
	const enum takt_status status = takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_WRITE, rights, bytes_min);

	if (status != TAKT_OK)
		assert_null(shm.address);
	takt_os_shm_close(&shm);
	return status;
}

static void what_one_writes_the_other_reads(void **state)
{
	struct takt_os_shm writer = {0};
	struct takt_os_shm reader = {0};

	(void)state;
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(takt_os_shm_open(&writer, folder, "object", TAKT_OS_READ_WRITE, &private_rights, 1), TAKT_OK);
	assert_int_equal(takt_os_shm_open(&reader, folder, "object", TAKT_OS_READ_ONLY, &private_rights, 1), TAKT_OK);
	((unsigned char *)writer.address)[OBJECT_BYTES - 1] = 42;
	assert_int_equal(((unsigned char *)reader.address)[OBJECT_BYTES - 1], 42);
	takt_os_shm_close(&writer);
	takt_os_shm_close(&reader);
}

static int write_where_one_may_only_read(void *argument)
{
	struct takt_os_shm shm = {0};

	(void)argument;
	(void)signal(SIGSEGV, SIG_DFL);
	if (takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_ONLY, &private_rights, 1) != TAKT_OK)
		return 1;
	*(volatile unsigned char *)shm.address = 1;
	return 0;
}

static void a_reader_cannot_write(void **state)
{
	(void)state;
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(in_child(write_where_one_may_only_read, NULL), KILLED_BY(SIGSEGV));
}

static void absence_is_a_status_without_a_message(void **state)
{
	(void)state;
	assert_int_equal(try_to_open(&private_rights, 1), TAKT_ABSENT);
	assert_int_equal(messages.count, 0);
}

static void another_owner_group_or_mode_is_a_mismatch_that_names_both(void **state)
{
	struct takt_os_rights rights = {0, TAKT_OS_ID_ANY, 0600};

	(void)state;
	need_root();
	assert_int_equal(make("object", 0640), TAKT_OK);
	assert_int_equal(fchownat(folder, "object", SOMEBODY_ELSE, SOMEBODY_ELSE, 0), 0);
	assert_int_equal(try_to_open(&rights, 1), TAKT_MISMATCH);
	assert_message_has("shared memory 'object' in /dev/shm/takt-test-");
	assert_message_has("owner is uid 65534, expected uid 0; another user put it there");
	rights = (struct takt_os_rights){SOMEBODY_ELSE, 0, 0600};
	assert_int_equal(try_to_open(&rights, 1), TAKT_MISMATCH);
	assert_message_has("group is gid 65534, expected gid 0");
	rights = (struct takt_os_rights){SOMEBODY_ELSE, SOMEBODY_ELSE, 0600};
	assert_int_equal(try_to_open(&rights, 1), TAKT_MISMATCH);
	assert_message_has("mode is 0640, expected 0600");
	rights.mode = 0640;
	assert_int_equal(try_to_open(&rights, 1), TAKT_OK);
	rights = (struct takt_os_rights){TAKT_OS_ID_ANY, TAKT_OS_ID_ANY, 0};
	assert_int_equal(try_to_open(&rights, 1), TAKT_OK);
	assert_int_equal(messages.count, 3);
}

static void whatever_is_no_file_is_a_mismatch_and_never_opened(void **state)
{
	char path[128];

	(void)state;
	scratch_path(path, "object");
	assert_int_equal(symlink("/dev/shm", path), 0);
	assert_int_equal(try_to_open(&private_rights, 1), TAKT_MISMATCH);
	assert_message_has("a symbolic link, expected a file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(try_to_open(&private_rights, 1), TAKT_MISMATCH);
	assert_message_has("a named pipe, expected a file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0600), 0);
	assert_int_equal(try_to_open(&private_rights, 1), TAKT_MISMATCH);
	assert_message_has("a folder, expected a file");
	assert_int_equal(rmdir(path), 0);
	if (geteuid() == 0 && mknod(path, S_IFCHR | 0600, makedev(1, 3)) == 0) {
		assert_int_equal(try_to_open(&private_rights, 1), TAKT_MISMATCH);
		assert_message_has("a device, expected a file");
	}
}

static void a_link_to_a_right_object_is_not_followed(void **state)
{
	(void)state;
	assert_int_equal(make("real", 0600), TAKT_OK);
	assert_int_equal(symlinkat("real", folder, "object"), 0);
	assert_int_equal(try_to_open(&private_rights, 1), TAKT_MISMATCH);
}

static void a_shorter_object_is_corrupt(void **state)
{
	(void)state;
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(try_to_open(&private_rights, OBJECT_BYTES), TAKT_OK);
	assert_int_equal(try_to_open(&private_rights, OBJECT_BYTES + 1), TAKT_CORRUPT);
	assert_message_has("truncated: it has 262144 bytes, expected at least 262145");
	assert_int_equal(takt_os_folder_remove(folder, "object"), TAKT_OK);
	assert_int_equal(takt_os_shm_create(folder, "object", 0, &private_rights, NULL, NULL), TAKT_OK);
	assert_int_equal(try_to_open(&private_rights, 0), TAKT_CORRUPT);
}

static int open_as_somebody_else(void *argument)
{
	const struct takt_os_rights rights = {0, 0, 0644};
	struct takt_os_shm shm = {0};

	(void)argument;
	if (!become_somebody_else())
		return 99;
	if (takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_ONLY, &rights, 1) != TAKT_OK)
		return 1;
	takt_os_shm_close(&shm);
	if (takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_WRITE, &rights, 1) != TAKT_DENIED)
		return 2;
	if (shm.address != NULL || strstr(messages.last, "for writing (it is of uid 0, gid 0, mode 0644;") == NULL)
		return 3;
	return 0;
}

static void who_may_only_read_is_denied_to_write(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(make("object", 0644), TAKT_OK);
	assert_int_equal(in_child(open_as_somebody_else, NULL), 0);
}

static int open_where_no_memory_may_be_mapped(void *argument)
{
	struct takt_os_shm shm = {0};

	(void)argument;
	if (!refuse_call(MAP_CALL, 3, MAP_SHARED, with_error(EAGAIN)))
		return CANNOT_REFUSE;
	if (takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_ONLY, &private_rights, 1) != TAKT_NO_SPACE)
		return 1;
	return shm.address == NULL && strstr(messages.last, "ulimit -l") != NULL ? 0 : 2;
}

static void a_refused_mapping_is_no_space_with_a_remedy(void **state)
{
	(void)state;
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(unless_unable(in_child(open_where_no_memory_may_be_mapped, NULL)), 0);
}

/* --- prefaulting --- */

__attribute__((no_sanitize("address", "undefined"))) static void touch_all(unsigned char *bytes, int write)
{
	for (size_t offset = 0; offset < OBJECT_BYTES; offset += PAGE_BYTES) {
		volatile unsigned char *byte = bytes + offset;

		if (write)
			*byte = 1;
		else
			(void)*byte;
	}
}

static uint64_t faults_of_touching(enum takt_os_access access)
{
	struct takt_os_shm shm = {0};
	struct takt_os_usage before;
	struct takt_os_usage after;

	assert_int_equal(takt_os_shm_open(&shm, folder, "object", access, &private_rights, OBJECT_BYTES), TAKT_OK);
	assert_int_equal(takt_os_shm_prefault(&shm, "object"), TAKT_OK);
	takt_os_thread_usage(&before);
	takt_os_thread_usage(&before);
	touch_all(shm.address, access == TAKT_OS_READ_WRITE);
	takt_os_thread_usage(&after);
	takt_os_shm_close(&shm);
	return after.faults_minor + after.faults_major - before.faults_minor - before.faults_major;
}

static void after_prefaulting_no_access_faults(void **state)
{
	(void)state;
	need_a_real_kernel(NO_MADVISE);
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(faults_of_touching(TAKT_OS_READ_ONLY), 0);
	assert_int_equal(faults_of_touching(TAKT_OS_READ_WRITE), 0);
}

/* A mapping that lost its right to write shows whether prefaulting writes: on x86 nothing else does. */
static int prefault_what_cannot_be_written(void *argument)
{
	struct takt_os_shm shm = {0};

	(void)argument;
	(void)signal(SIGSEGV, SIG_DFL);
	if (takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_WRITE, &private_rights, 1) != TAKT_OK ||
	    mprotect(shm.address, OBJECT_BYTES, PROT_READ) != 0)
		return 1;
	return -(int)takt_os_shm_prefault(&shm, "object");
}

static void a_writable_mapping_is_prefaulted_by_writing(void **state)
{
	(void)state;
	need_a_real_kernel(NO_MADVISE);
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(in_child(prefault_what_cannot_be_written, NULL), KILLED_BY(SIGSEGV));
}

static int prefault_on_an_old_kernel(void *argument)
{
	(void)argument;
	if (!refuse_call(SYS_madvise, WHATEVER_ARGUMENT, 0, with_error(EINVAL)))
		return CANNOT_REFUSE;
	return faults_of_touching(TAKT_OS_READ_ONLY) == 0 && faults_of_touching(TAKT_OS_READ_WRITE) == 0 ? 0 : 1;
}

static void an_old_kernel_prefaults_as_well(void **state)
{
	(void)state;
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(unless_unable(in_child(prefault_on_an_old_kernel, NULL)), 0);
}

/* A system that takes the pages for present already does nothing, and says so by 0: their first write must still not fault. */
static int prefault_what_counts_as_present(void *argument)
{
	(void)argument;
	/* Locking would bring the pages in too. */
	if (!refuse_call(SYS_madvise, WHATEVER_ARGUMENT, 0, with_error(0)) ||
	    !refuse_call(SYS_mlock, WHATEVER_ARGUMENT, 0, with_error(EPERM)))
		return CANNOT_REFUSE;
	return faults_of_touching(TAKT_OS_READ_WRITE) == 0 ? 0 : 1;
}

static void what_counts_as_present_is_made_writable_as_well(void **state)
{
	(void)state;
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(unless_unable(in_child(prefault_what_counts_as_present, NULL)), 0);
}

#define COUNT_TO 2000000u

static int count_in_the_first_word(void *argument)
{
	_Atomic uint32_t *word = argument;

	for (uint32_t i = 0; i < COUNT_TO; i++)
		atomic_fetch_add_explicit(word, 1, memory_order_relaxed);
	return 0;
}

static int prefault_while_others_write(void *argument)
{
	struct takt_os_shm shm = {0};
	_Atomic uint32_t *word;
	int how = 0;
	pid_t writer;

	(void)argument;
	if (!refuse_call(SYS_madvise, WHATEVER_ARGUMENT, 0, with_error(EINVAL)))
		return CANNOT_REFUSE;
	if (takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_WRITE, &private_rights, 1) != TAKT_OK)
		return 1;
	word = shm.address;
	atomic_store(word, 0);
	writer = fork();
	if (writer == 0)
		_exit(count_in_the_first_word(shm.address));
	while (waitpid(writer, &how, WNOHANG) == 0)
		if (takt_os_shm_prefault(&shm, "object") != TAKT_OK)
			return 2;
	return atomic_load(word) == COUNT_TO ? 0 : 3;
}

static void prefaulting_destroys_nothing_that_others_write(void **state)
{
	(void)state;
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(unless_unable(in_child(prefault_while_others_write, NULL)), 0);
}

static int prefault_without_the_right_to_lock(void *argument)
{
	struct takt_os_shm shm = {0};

	(void)argument;
	if (!refuse_call(SYS_mlock, WHATEVER_ARGUMENT, 0, with_error(EPERM)))
		return CANNOT_REFUSE;
	if (takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_WRITE, &private_rights, 1) != TAKT_OK)
		return 1;
	if (takt_os_shm_prefault(&shm, "object") != TAKT_OK || takt_os_shm_prefault(&shm, "object") != TAKT_OK)
		return 2;
	if (messages.count != 1)
		return 3;
	return strstr(messages.last, "ulimit -l") != NULL &&
			       strstr(messages.last, "setcap cap_ipc_lock+ep /") != NULL &&
			       strstr(messages.last, "LimitMEMLOCK=") != NULL
		       ? 0
		       : 4;
}

static void a_missing_right_to_lock_is_said_once_and_is_no_error(void **state)
{
	(void)state;
	if (UNDER_ADDRESS_SANITIZER) {
		print_message("skipped: the sanitizer does not lock memory\n");
		skip();
	}
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(unless_unable(in_child(prefault_without_the_right_to_lock, NULL)), 0);
}

static int prefault_what_was_cut_off(void *argument)
{
	const int old_kernel = *(int *)argument;
	struct takt_os_shm shm = {0};

	if (takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_WRITE, &private_rights, 1) != TAKT_OK)
		return 1;
	if (old_kernel && !refuse_call(SYS_madvise, WHATEVER_ARGUMENT, 0, with_error(EINVAL)))
		return CANNOT_REFUSE;
	if (ftruncate(shm.descriptor, PAGE_BYTES) != 0)
		return 2;
	return takt_os_shm_prefault(&shm, "object") == TAKT_SYSTEM && messages.count == 1 ? 0 : 3;
}

static void an_object_that_a_peer_cut_off_is_an_error_and_no_crash(void **state)
{
	int old_kernel = 0;

	(void)state;
	need_a_real_kernel(NO_MADVISE);
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(in_child(prefault_what_was_cut_off, &old_kernel), 0);
	assert_int_equal(takt_os_folder_remove(folder, "object"), TAKT_OK);
	assert_int_equal(make("object", 0600), TAKT_OK);
	old_kernel = 1;
	assert_int_equal(unless_unable(in_child(prefault_what_was_cut_off, &old_kernel)), 0);
}

/* --- the end --- */

static void a_removed_object_is_noticed_and_still_usable(void **state)
{
	struct takt_os_shm shm = {0};

	(void)state;
	assert_int_equal(takt_os_shm_has_name(&shm), 0);
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_WRITE, &private_rights, 1), TAKT_OK);
	assert_int_equal(takt_os_shm_has_name(&shm), 1);
	assert_int_equal(takt_os_folder_remove(folder, "object"), TAKT_OK);
	assert_int_equal(takt_os_shm_has_name(&shm), 0);
	((unsigned char *)shm.address)[0] = 1;
	takt_os_shm_close(&shm);
}

static void closing_twice_or_never_opened_is_safe(void **state)
{
	struct takt_os_shm shm = {0};

	(void)state;
	takt_os_shm_close(&shm);
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_WRITE, &private_rights, 1), TAKT_OK);
	takt_os_shm_close(&shm);
	assert_null(shm.address);
	takt_os_shm_close(&shm);
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
}

#include "tests/unit/platform/shm_cut.h"

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHM_CUT_TESTS,
		WITH_FOLDER(a_new_object_has_its_size_contents_and_zeroes),
		WITH_FOLDER(all_of_its_memory_is_reserved),
		WITH_FOLDER(no_bytes_make_an_empty_file),
		WITH_FOLDER(a_taken_name_exists_and_nothing_is_changed),
		WITH_FOLDER(of_several_makers_exactly_one_makes_it),
		WITH_FOLDER(the_umask_has_no_effect),
		WITH_FOLDER(everybody_may_never_write),
		WITH_FOLDER(a_name_that_leads_elsewhere_is_invalid),
		WITH_FOLDER(a_size_that_cannot_be_mapped_is_a_limit),
		WITH_FOLDER(owner_and_group_are_given),
		WITH_FOLDER(nobody_can_give_an_object_away_without_the_right),
		WITH_FOLDER(an_ordinary_user_makes_objects_too),
		WITH_FOLDER(who_may_not_write_the_folder_is_denied),
		WITH_FOLDER(a_full_file_system_is_said_with_numbers_and_a_remedy),
		WITH_FOLDER(what_certainly_does_not_fit_is_not_even_tried),
		WITH_FOLDER(memory_that_runs_out_while_it_is_reserved_is_no_space),
		WITH_FOLDER(endless_interruption_is_an_error_and_no_endless_loop),
		WITH_FOLDER(a_refusal_anywhere_is_said_once_and_leaves_nothing),
		WITH_FOLDER(a_killed_maker_leaves_nothing),
		WITH_FOLDER(a_maker_killed_at_any_call_leaves_nothing),
		WITH_FOLDER(a_file_system_without_nameless_files_will_do),
		WITH_FOLDER(a_name_is_given_by_whichever_way_is_permitted),
		WITH_FOLDER(what_one_writes_the_other_reads),
		WITH_FOLDER(a_reader_cannot_write),
		WITH_FOLDER(absence_is_a_status_without_a_message),
		WITH_FOLDER(another_owner_group_or_mode_is_a_mismatch_that_names_both),
		WITH_FOLDER(whatever_is_no_file_is_a_mismatch_and_never_opened),
		WITH_FOLDER(a_link_to_a_right_object_is_not_followed),
		WITH_FOLDER(a_shorter_object_is_corrupt),
		WITH_FOLDER(who_may_only_read_is_denied_to_write),
		WITH_FOLDER(a_refused_mapping_is_no_space_with_a_remedy),
		WITH_FOLDER(after_prefaulting_no_access_faults),
		WITH_FOLDER(a_writable_mapping_is_prefaulted_by_writing),
		WITH_FOLDER(an_old_kernel_prefaults_as_well),
		WITH_FOLDER(what_counts_as_present_is_made_writable_as_well),
		WITH_FOLDER(prefaulting_destroys_nothing_that_others_write),
		WITH_FOLDER(a_missing_right_to_lock_is_said_once_and_is_no_error),
		WITH_FOLDER(an_object_that_a_peer_cut_off_is_an_error_and_no_crash),
		WITH_FOLDER(a_removed_object_is_noticed_and_still_usable),
		WITH_FOLDER(closing_twice_or_never_opened_is_safe),
	};

	return cmocka_run_group_tests_name("platform/shm", tests, NULL, NULL);
}
