/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/platform/support.h"

static const struct takt_os_rights somebody_elses = {SOMEBODY_ELSE, SOMEBODY_ELSE, 0600};

static struct takt_os_rights with_mode(uint32_t mode)
{
	struct takt_os_rights rights = private_rights;

	rights.mode = mode;
	return rights;
}

static struct stat stat_of(const char *name)
{
	char path[128];
	struct stat found;

	scratch_path(path, name);
	assert_int_equal(lstat(path, &found), 0);
	return found;
}

static unsigned root_entry_count(void)
{
	int root = scratch_open();
	const unsigned count = entry_count(root);

	takt_os_folder_close(&root);
	return count;
}

static void the_root_is_what_the_environment_names(void **state)
{
	(void)state;
	assert_string_equal(takt_os_folder_root(), scratch);
	(void)setenv("TAKT_SHM_FOLDER", "", 1);
	assert_string_equal(takt_os_folder_root(), "/dev/shm");
	(void)unsetenv("TAKT_SHM_FOLDER");
	assert_string_equal(takt_os_folder_root(), "/dev/shm");
}

static void a_root_that_is_not_there_is_absent_and_said(void **state)
{
	int folder = -7;

	(void)state;
	(void)setenv("TAKT_SHM_FOLDER", "/nowhere/at/all", 1);
	assert_int_equal(takt_os_folder_open_root(&folder), TAKT_ABSENT);
	assert_message_has("/nowhere/at/all");
	assert_message_has("TAKT_SHM_FOLDER");
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &private_rights), TAKT_ABSENT);
	assert_int_equal(folder, -7);
}

static void without_rights_nothing_is_made(void **state)
{
	int folder = -7;

	(void)state;
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", NULL), TAKT_ABSENT);
	assert_int_equal(folder, -7);
	assert_int_equal(root_entry_count(), 0);
	assert_int_equal(messages.count, 0);
}

static void the_folders_mode_follows_from_the_objects_mode(void **state)
{
	static const struct {
		uint32_t objects;
		mode_t folder;
	} modes[] = {{0600, 01700}, {0660, 01770}, {0664, 01775}, {0640, 01750}, {0644, 01755}, {0400, 01500}};

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		const struct takt_os_rights rights = with_mode(modes[i].objects);
		int folder = -1;

		assert_int_equal(takt_os_folder_open(&folder, "takt.x", &rights), TAKT_OK);
		assert_int_equal(stat_of("takt.x").st_mode & 07777, modes[i].folder);
		assert_true((fcntl(folder, F_GETFD) & FD_CLOEXEC) != 0);
		takt_os_folder_close(&folder);
		assert_int_equal(folder, -1);
		assert_int_equal(takt_os_folder_remove_self("takt.x"), TAKT_OK);
	}
}

static int make_0664(void *argument)
{
	const struct takt_os_rights rights = with_mode(0664);
	int folder = -1;

	(void)umask((mode_t) * (unsigned *)argument);
	return takt_os_folder_open(&folder, "takt.x", &rights) == TAKT_OK && umask(0) == *(unsigned *)argument ? 0 : 1;
}

static void the_umask_has_no_effect(void **state)
{
	unsigned masks[] = {0, 022, 077, 0777};

	(void)state;
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		assert_int_equal(in_child(make_0664, &masks[i]), 0);
		assert_int_equal(stat_of("takt.x").st_mode & 07777, 01775);
		assert_int_equal(takt_os_folder_remove_self("takt.x"), TAKT_OK);
	}
}

static void an_existing_folder_with_the_same_rights_is_opened(void **state)
{
	int first = -1;
	int second = -1;
	int third = -1;

	(void)state;
	assert_int_equal(takt_os_folder_open(&first, "takt.x", &private_rights), TAKT_OK);
	assert_int_equal(takt_os_folder_open(&second, "takt.x", &private_rights), TAKT_OK);
	assert_int_equal(takt_os_folder_open(&third, "takt.x", NULL), TAKT_OK);
	takt_os_folder_close(&first);
	takt_os_folder_close(&second);
	takt_os_folder_close(&third);
	takt_os_folder_close(&third);
	assert_int_equal(root_entry_count(), 1);
}

static void another_mode_is_a_mismatch_that_names_both(void **state)
{
	const struct takt_os_rights rights = with_mode(0660);
	int folder = -1;

	(void)state;
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &private_rights), TAKT_OK);
	takt_os_folder_close(&folder);
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &rights), TAKT_MISMATCH);
	assert_int_equal(folder, -1);
	assert_message_has("takt.x");
	assert_message_has("mode is 01700, expected 01770");
}

static void everybody_may_never_write(void **state)
{
	static const uint32_t modes[] = {0666, 0602, 0, 01600, 04755};
	int folder = -1;

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		const struct takt_os_rights rights = with_mode(modes[i]);

		forget_messages();
		assert_int_equal(takt_os_folder_open(&folder, "takt.x", &rights), TAKT_INVALID);
		assert_message_has("refused");
	}
	assert_int_equal(root_entry_count(), 0);
}

static void owner_and_group_are_given_and_compared(void **state)
{
	struct takt_os_rights rights = somebody_elses;
	int folder = -1;

	(void)state;
	need_root();
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &rights), TAKT_OK);
	takt_os_folder_close(&folder);
	assert_int_equal(stat_of("takt.x").st_uid, SOMEBODY_ELSE);
	assert_int_equal(stat_of("takt.x").st_gid, SOMEBODY_ELSE);
	assert_int_equal(stat_of("takt.x").st_mode & 07777, 01700);
	rights.owner = 0;
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &rights), TAKT_MISMATCH);
	assert_message_has("owner is uid 65534, expected uid 0");
	rights.owner = SOMEBODY_ELSE;
	rights.group = 0;
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &rights), TAKT_MISMATCH);
	assert_message_has("group is gid 65534, expected gid 0");
}

static void another_users_folder_is_refused_unless_a_common_group_was_named(void **state)
{
	struct takt_os_rights rights = somebody_elses;
	int folder = -1;

	(void)state;
	need_root();
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &rights), TAKT_OK);
	takt_os_folder_close(&folder);
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &private_rights), TAKT_MISMATCH);
	assert_message_has("another user's");
	rights.owner = TAKT_OS_ID_ANY;
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &rights), TAKT_OK);
	takt_os_folder_close(&folder);
}

static int open_as_somebody_else(void *argument)
{
	int folder = -1;

	if (!become_somebody_else())
		return 99;
	return -(int)takt_os_folder_open(&folder, "takt.x", argument);
}

static void a_folder_of_root_is_accepted_by_others(void **state)
{
	struct takt_os_rights rights = with_mode(0664);
	int folder = -1;

	(void)state;
	need_root();
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &rights), TAKT_OK);
	takt_os_folder_close(&folder);
	assert_int_equal(in_child(open_as_somebody_else, &rights), TAKT_OK);
}

static void a_folder_that_one_may_not_enter_is_denied(void **state)
{
	struct takt_os_rights rights = private_rights;
	int folder = -1;

	(void)state;
	need_root();
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &rights), TAKT_OK);
	takt_os_folder_close(&folder);
	assert_int_equal(in_child(open_as_somebody_else, &rights), -TAKT_DENIED);
}

static void nobody_can_give_a_folder_away_without_the_right(void **state)
{
	struct takt_os_rights rights = {0, 0, 0600};

	(void)state;
	need_root();
	assert_int_equal(in_child(open_as_somebody_else, &rights), -TAKT_DENIED);
	assert_int_equal(root_entry_count(), 0);
}

static void a_link_or_a_file_in_its_place_is_a_mismatch(void **state)
{
	char path[128];
	int folder = -1;

	(void)state;
	scratch_path(path, "takt.x");
	assert_int_equal(symlink("/tmp", path), 0);
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", NULL), TAKT_MISMATCH);
	assert_message_has("symbolic link");
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &private_rights), TAKT_MISMATCH);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &private_rights), TAKT_MISMATCH);
	assert_message_has("no folder");
	assert_int_equal(folder, -1);
}

static void a_name_that_leads_elsewhere_is_invalid(void **state)
{
	char long_name[TAKT_OS_NAME_MAX + 1];
	const char *names[] = {"", ".", "..", "a/b", "../x", "/tmp", long_name};
	int folder = -1;

	(void)state;
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[TAKT_OS_NAME_MAX] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(takt_os_folder_open(&folder, names[i], &private_rights), TAKT_INVALID);
		assert_int_equal(takt_os_folder_remove_self(names[i]), TAKT_INVALID);
	}
	long_name[TAKT_OS_NAME_MAX - 1] = '\0';
	assert_int_equal(takt_os_folder_open(&folder, long_name, &private_rights), TAKT_OK);
	takt_os_folder_close(&folder);
}

#define MAKER_COUNT 8

struct race {
	_Atomic int ready;
	ino_t inodes[MAKER_COUNT];
};

static int make_at_once(struct race *race, int number)
{
	const struct takt_os_rights rights = with_mode(0660);
	struct stat found;
	int folder = -1;

	atomic_fetch_add(&race->ready, 1);
	if (!wait_for_flag(&race->ready, MAKER_COUNT))
		return 1;
	if (takt_os_folder_open(&folder, "takt.x", &rights) != TAKT_OK || fstat(folder, &found) != 0)
		return 2;
	race->inodes[number] = found.st_ino;
	return (found.st_mode & 07777) == 01770 ? 0 : 3;
}

static void several_makers_at_once_all_get_the_same_whole_folder(void **state)
{
	(void)state;
	for (int round = 0; round < 50; round++) {
		struct race *race = shared_memory(sizeof(*race));
		pid_t makers[MAKER_COUNT];

		for (int i = 0; i < MAKER_COUNT; i++) {
			makers[i] = fork();
			if (makers[i] == 0)
				_exit(make_at_once(race, i));
		}
		for (int i = 0; i < MAKER_COUNT; i++) {
			int how = -1;

			assert_int_equal(waitpid(makers[i], &how, 0), makers[i]);
			assert_int_equal(how, 0);
			assert_int_equal(race->inodes[i], race->inodes[0]);
		}
		assert_int_equal(root_entry_count(), 1);
		assert_int_equal(takt_os_folder_remove_self("takt.x"), TAKT_OK);
		(void)munmap(race, sizeof(*race));
	}
}

static int make_and_die_before_the_name(void *argument)
{
	int folder = -1;

	if (!refuse_call(SYS_renameat2, WHATEVER_ARGUMENT, 0, SECCOMP_RET_KILL_PROCESS))
		return CANNOT_REFUSE;
	return -(int)takt_os_folder_open(&folder, "takt.x", argument);
}

static int make_where_no_name_can_be_kept(void *argument)
{
	int folder = -1;

	if (!refuse_call(SYS_renameat2, WHATEVER_ARGUMENT, 0, with_error(EINVAL)))
		return CANNOT_REFUSE;
	return takt_os_folder_open(&folder, "takt.x", argument) != TAKT_OK && folder == -1 && messages.count == 1 &&
			       strstr(messages.last, "renameat2 is missing") && strstr(messages.last, "takt doctor")
		       ? 0
		       : 1;
}

static void a_system_without_renameat2_is_named_and_nothing_is_left(void **state)
{
	struct takt_os_rights rights = with_mode(0660);

	(void)state;
	assert_int_equal(unless_unable(in_child(make_where_no_name_can_be_kept, &rights)), 0);
	assert_int_equal(root_entry_count(), 0);
}

static void what_killed_makers_leave_is_finished_by_the_next(void **state)
{
	struct takt_os_rights rights = with_mode(0660);
	int folder = -1;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(unless_unable(in_child(make_and_die_before_the_name, &rights)), KILLED_BY(SIGSYS));
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", NULL), TAKT_ABSENT);
	assert_int_equal(root_entry_count(), 1);
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &rights), TAKT_OK);
	takt_os_folder_close(&folder);
	assert_int_equal(root_entry_count(), 1);
	assert_int_equal(stat_of("takt.x").st_mode & 07777, 01770);
}

struct listing {
	unsigned count;
	unsigned files;
	unsigned fifos;
	unsigned folders;
	unsigned others;
	int folder;
};

static void list_and_remove(void *context, const struct takt_os_entry *entry)
{
	struct listing *listing = context;

	listing->count++;
	listing->files += entry->kind == TAKT_OS_FILE;
	listing->fifos += entry->kind == TAKT_OS_FIFO;
	listing->folders += entry->kind == TAKT_OS_FOLDER;
	listing->others += entry->kind == TAKT_OS_OTHER;
	if (entry->kind != TAKT_OS_FOLDER && takt_os_folder_remove(listing->folder, entry->name) != TAKT_OK)
		listing->count = 1000;
}

static void each_shows_every_object_and_its_kind_while_they_are_removed(void **state)
{
	struct listing listing = {.folder = scratch_open()};
	const int root = listing.folder;
	char too_long[TAKT_OS_NAME_MAX + 1];

	(void)state;
	memset(too_long, 'y', sizeof(too_long) - 1);
	too_long[TAKT_OS_NAME_MAX] = '\0';
	assert_int_equal(mkfifoat(root, "pipe", 0600), 0);
	assert_int_equal(mkdirat(root, "folder", 0700), 0);
	assert_int_equal(symlinkat("nowhere", root, "link"), 0);
	assert_int_equal(close(openat(root, too_long, O_CREAT | O_WRONLY, 0600)), 0);
	for (int i = 0; i < 20; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "file%d", i);
		assert_int_equal(close(openat(root, name, O_CREAT | O_WRONLY, 0600)), 0);
	}
	assert_int_equal(takt_os_folder_each(root, list_and_remove, &listing), TAKT_OK);
	assert_int_equal(listing.count, 23);
	assert_int_equal(listing.files, 20);
	assert_int_equal(listing.fifos, 1);
	assert_int_equal(listing.folders, 1);
	assert_int_equal(listing.others, 1);
	assert_int_equal(entry_count(root), 1);
	takt_os_folder_close(&listing.folder);
}

static void a_look_says_what_the_system_says(void **state)
{
	struct takt_os_entry entry;
	int root = scratch_open();
	const int file = openat(root, "object", O_CREAT | O_WRONLY, 0600);

	(void)state;
	assert_int_equal(ftruncate(file, 12345), 0);
	assert_int_equal(fchmod(file, 0640), 0);
	(void)close(file);
	assert_int_equal(takt_os_folder_look(root, "object", &entry), TAKT_OK);
	assert_string_equal(entry.name, "object");
	assert_int_equal(entry.kind, TAKT_OS_FILE);
	assert_int_equal(entry.rights.owner, takt_os_user_id());
	assert_int_equal(entry.rights.mode, 0640);
	assert_int_equal(entry.bytes, 12345);
	assert_in_range(entry.changed_wall_ns, takt_os_clock_wall_ns() - LONG_NS, takt_os_clock_wall_ns() + LONG_NS);
	assert_int_equal(symlinkat("object", root, "link"), 0);
	assert_int_equal(takt_os_folder_look(root, "link", &entry), TAKT_OK);
	assert_int_equal(entry.kind, TAKT_OS_OTHER);
	memset(&entry, 7, sizeof(entry));
	assert_int_equal(takt_os_folder_look(root, "none", &entry), TAKT_ABSENT);
	assert_int_equal(entry.name[0], 7);
	takt_os_folder_close(&root);
}

static void remove_removes_objects_and_no_folders(void **state)
{
	int root = scratch_open();

	(void)state;
	assert_int_equal(close(openat(root, "object", O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(mkdirat(root, "folder", 0700), 0);
	assert_int_equal(takt_os_folder_remove(root, "object"), TAKT_OK);
	assert_int_equal(takt_os_folder_remove(root, "object"), TAKT_ABSENT);
	assert_int_not_equal(takt_os_folder_remove(root, "folder"), TAKT_OK);
	assert_message_has("folder");
	assert_int_equal(entry_count(root), 1);
	takt_os_folder_close(&root);
}

static int remove_as_somebody_else(void *argument)
{
	return become_somebody_else() ? -(int)takt_os_folder_remove(*(int *)argument, "object") : 99;
}

static void nobody_removes_another_users_object(void **state)
{
	int root = scratch_open();

	(void)state;
	need_root();
	assert_int_equal(close(openat(root, "object", O_CREAT | O_WRONLY, 0666)), 0);
	assert_int_equal(in_child(remove_as_somebody_else, &root), -TAKT_DENIED);
	assert_int_equal(entry_count(root), 1);
	takt_os_folder_close(&root);
}

static void only_an_empty_folder_removes_itself(void **state)
{
	int folder = -1;

	(void)state;
	assert_int_equal(takt_os_folder_remove_self("takt.x"), TAKT_ABSENT);
	assert_int_equal(takt_os_folder_open(&folder, "takt.x", &private_rights), TAKT_OK);
	assert_int_equal(close(openat(folder, "object", O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(takt_os_folder_remove_self("takt.x"), TAKT_BUSY);
	assert_int_equal(takt_os_folder_remove(folder, "object"), TAKT_OK);
	assert_int_equal(takt_os_folder_remove_self("takt.x"), TAKT_OK);
	takt_os_folder_close(&folder);
	assert_int_equal(root_entry_count(), 0);
}

static void space_is_that_of_the_file_system(void **state)
{
	uint64_t free_bytes = 0;
	uint64_t total_bytes = 0;
	int root = scratch_open();

	(void)state;
	assert_int_equal(takt_os_folder_space(root, &free_bytes, &total_bytes), TAKT_OK);
	assert_in_range(free_bytes, 1, total_bytes);
	takt_os_folder_close(&root);
	if (!scratch_is_small(1 << 20)) {
		print_message("second half skipped: may not mount\n");
		return;
	}
	root = scratch_open();
	assert_int_equal(takt_os_folder_space(root, &free_bytes, &total_bytes), TAKT_OK);
	assert_int_equal(total_bytes, 1 << 20);
	takt_os_folder_close(&root);
	free_bytes = 7;
	assert_int_equal(takt_os_folder_space(-1, &free_bytes, &total_bytes), TAKT_SYSTEM);
	assert_int_equal(free_bytes, 7);
}

static void users_and_groups_are_found_by_name_and_by_number(void **state)
{
	static const char *const none[] = {"",		 "no such user",	"-1", "12x", "4294967295",
					   "4294967296", "99999999999999999999"};
	uint32_t id = 7;

	(void)state;
	assert_int_equal(takt_os_user_find("root", &id), TAKT_OK);
	assert_int_equal(id, 0);
	assert_int_equal(takt_os_group_find("root", &id), TAKT_OK);
	assert_int_equal(id, 0);
	assert_int_equal(takt_os_user_find("1000", &id), TAKT_OK);
	assert_int_equal(id, 1000);
	assert_int_equal(takt_os_group_find("4294967294", &id), TAKT_OK);
	assert_int_equal(id, 4294967294u);
	id = 7;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(takt_os_user_find(none[i], &id), TAKT_ABSENT);
		assert_int_equal(takt_os_group_find(none[i], &id), TAKT_ABSENT);
	}
	assert_int_equal(id, 7);
	assert_int_equal(takt_os_user_id(), geteuid());
	assert_int_equal(takt_os_group_id(), getegid());
}

#define WITH_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_set_up, scratch_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SCRATCH(the_root_is_what_the_environment_names),
		WITH_SCRATCH(a_root_that_is_not_there_is_absent_and_said),
		WITH_SCRATCH(without_rights_nothing_is_made),
		WITH_SCRATCH(the_folders_mode_follows_from_the_objects_mode),
		WITH_SCRATCH(the_umask_has_no_effect),
		WITH_SCRATCH(an_existing_folder_with_the_same_rights_is_opened),
		WITH_SCRATCH(another_mode_is_a_mismatch_that_names_both),
		WITH_SCRATCH(everybody_may_never_write),
		WITH_SCRATCH(owner_and_group_are_given_and_compared),
		WITH_SCRATCH(another_users_folder_is_refused_unless_a_common_group_was_named),
		WITH_SCRATCH(a_folder_of_root_is_accepted_by_others),
		WITH_SCRATCH(a_folder_that_one_may_not_enter_is_denied),
		WITH_SCRATCH(nobody_can_give_a_folder_away_without_the_right),
		WITH_SCRATCH(a_link_or_a_file_in_its_place_is_a_mismatch),
		WITH_SCRATCH(a_name_that_leads_elsewhere_is_invalid),
		WITH_SCRATCH(several_makers_at_once_all_get_the_same_whole_folder),
		WITH_SCRATCH(a_system_without_renameat2_is_named_and_nothing_is_left),
		WITH_SCRATCH(what_killed_makers_leave_is_finished_by_the_next),
		WITH_SCRATCH(each_shows_every_object_and_its_kind_while_they_are_removed),
		WITH_SCRATCH(a_look_says_what_the_system_says),
		WITH_SCRATCH(remove_removes_objects_and_no_folders),
		WITH_SCRATCH(nobody_removes_another_users_object),
		WITH_SCRATCH(only_an_empty_folder_removes_itself),
		WITH_SCRATCH(space_is_that_of_the_file_system),
		WITH_SCRATCH(users_and_groups_are_found_by_name_and_by_number),
	};

	return cmocka_run_group_tests_name("platform/folder", tests, NULL, NULL);
}
