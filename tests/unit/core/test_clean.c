/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/domain_fixture.h"

#include <utime.h>

#include "core/queue.h"
#include "core/topic.h"
#include "platform/pipe.h"

static const char text[] = "domain: test\n"
			   "topics:\n"
			   "  - {name: imu, type: number, bytes: 8, publishers: 2}\n"
			   "queues: [{name: jobs, type: number, bytes: 8}]\n"
			   "nodes:\n"
			   "  - {name: sensor, program: x, publishes: [imu], pushes: [jobs]}\n"
			   "  - {name: logger, program: x, subscribes: [imu]}\n";

struct number {
	uint64_t value;
};
TAKT_TYPE(number, struct number, TAKT_FIELD(struct number, value, TAKT_U64, 1, ""));

/* What a clean-up reported. */
static struct {
	char names[64][TAKT_OS_NAME_MAX];
	enum takt_status results[64];
	unsigned count;
} reported;

static void keep_report(void *context, const char *object, enum takt_status result)
{
	(void)context;
	if (reported.count < 64) {
		(void)snprintf(reported.names[reported.count], TAKT_OS_NAME_MAX, "%s", object);
		reported.results[reported.count++] = result;
	}
}

static enum takt_status clean(void)
{
	memset(&reported, 0, sizeof(reported));
	return takt_domain_clean("test", keep_report, NULL);
}

static void was_reported(const char *object, enum takt_status result)
{
	for (unsigned i = 0; i < reported.count; i++) {
		if (strcmp(reported.names[i], object) == 0) {
			assert_int_equal(reported.results[i], result);
			return;
		}
	}
	fail_msg("nothing was reported of %s", object);
}

static unsigned place_in_report(const char *object)
{
	unsigned place = 0;

	while (place < reported.count && strcmp(reported.names[place], object) != 0)
		place++;
	return place;
}

static int is_there(const char *name)
{
	struct stat found;
	char path[128];

	scratch_path(path, name);
	return lstat(path, &found) == 0;
}

static void make_file(const char *name)
{
	char path[128];

	scratch_path(path, name);
	int descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(descriptor >= 0);
	(void)close(descriptor);
}

static void make_old_fifo(const char *name, mode_t mode)
{
	const struct utimbuf long_ago = {1000000, 1000000};
	char path[128];

	scratch_path(path, name);
	assert_int_equal(mkfifo(path, mode), 0);
	assert_int_equal(utime(path, &long_ago), 0);
}

/* A domain that has lived: a member that joined, published and left. */
static void leave_a_domain_behind(void)
{
	static struct takt_producer producer;
	struct takt_publisher publisher = {0};
	struct takt_node *node;

	(void)fixture_config(text);
	node = fixture_join("sensor");
	assert_int_equal(takt_publisher_attach(&publisher, node, "imu", &takt_type_number), TAKT_OK);
	takt_publisher_detach(&publisher);
	assert_int_equal(takt_producer_attach(&producer, node, "jobs", &takt_type_number), TAKT_OK);
	takt_producer_detach(&producer);
	takt_node_leave(node);
	fixture.node_count--;
}

static void a_domain_without_members_is_removed_whole(void **state)
{
	(void)state;
	leave_a_domain_behind();
	assert_true(is_there("takt.test/topic.imu"));
	assert_int_equal(clean(), TAKT_OK);
	was_reported("roster", TAKT_OK);
	was_reported("topic.imu", TAKT_OK);
	was_reported("live.imu", TAKT_OK);
	was_reported("queue.jobs", TAKT_OK);
	was_reported("state.jobs", TAKT_OK);
	was_reported("live.jobs", TAKT_OK);
	was_reported("node.sensor", TAKT_OK);
	was_reported("live", TAKT_OK);
	/* What a segment's users count on goes behind it. */
	assert_true(place_in_report("topic.imu") < place_in_report("live.imu"));
	assert_true(place_in_report("queue.jobs") < place_in_report("live.jobs"));
	assert_true(place_in_report("queue.jobs") < place_in_report("state.jobs"));
	assert_string_equal(reported.names[reported.count - 1], "live");
	assert_false(is_there("takt.test"));
	assert_int_equal(clean(), TAKT_ABSENT);
	assert_int_equal(reported.count, 0);
}

static void nothing_is_touched_while_a_member_lives(void **state)
{
	(void)state;
	(void)fixture_config(text);
	(void)fixture_join("logger");
	assert_int_equal(clean(), TAKT_BUSY);
	assert_int_equal(reported.count, 0);
	assert_true(is_there("takt.test/roster"));
	assert_true(is_there("takt.test/live"));
	assert_true(is_there("takt.test/node.logger"));
}

static int live_as_sensor(void *argument)
{
	_Atomic int *joined = argument;

	fixture_child_speaks();
	if (fixture_child_join("sensor") == NULL)
		return 1;
	atomic_store(joined, 1);
	for (;;)
		(void)pause();
}

static void what_a_killed_member_left_is_removed(void **state)
{
	_Atomic int *joined = shared_memory(sizeof(*joined));

	(void)state;
	(void)fixture_config(text);
	pid_t child = start_child(live_as_sensor, (void *)(uintptr_t)joined);
	assert_true(wait_for_flag(joined, 1));
	assert_int_equal(clean(), TAKT_BUSY);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	assert_int_equal(clean(), TAKT_OK);
	assert_false(is_there("takt.test"));
	(void)munmap((void *)(uintptr_t)joined, sizeof(*joined));
}

static void foreign_files_are_kept_and_named(void **state)
{
	char path[128];

	(void)state;
	leave_a_domain_behind();
	make_file("takt.test/notes");
	make_file("takt.test/roster.bak");
	make_file("takt.test/command.sensor.txt"); /* a file where takt has pipes */
	make_old_fifo("takt.test/topic.fifo", 0600);
	scratch_path(path, "takt.test/topic.folder");
	assert_int_equal(mkdir(path, 0700), 0);
	scratch_path(path, "takt.test/topic.link");
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(clean(), TAKT_DENIED);
	was_reported("notes", TAKT_INVALID);
	was_reported("roster.bak", TAKT_INVALID);
	was_reported("command.sensor.txt", TAKT_INVALID);
	was_reported("topic.fifo", TAKT_INVALID);
	was_reported("topic.folder", TAKT_INVALID);
	was_reported("topic.link", TAKT_INVALID);
	was_reported("topic.imu", TAKT_OK);
	assert_true(is_there("takt.test/notes"));
	assert_true(is_there("takt.test/topic.link"));
	assert_false(is_there("takt.test/roster"));
	assert_int_equal(nftw(path, remove_entry, 4, FTW_PHYS), 0);
	static const char *const rest[] = {"notes", "roster.bak", "command.sensor.txt", "topic.fifo", "topic.folder"};
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/takt.test/%s", scratch, rest[i]);
		assert_int_equal(remove(path), 0);
	}
	assert_int_equal(clean(), TAKT_OK);
}

static void unfinished_objects_of_killed_makers_are_removed(void **state)
{
	(void)state;
	leave_a_domain_behind();
	make_file("takt.test/.new-0123456789abcdef");
	make_old_fifo("takt.test/.new-fedcba9876543210", 0600);
	assert_int_equal(clean(), TAKT_OK);
	assert_false(is_there("takt.test"));
}

static void make_folder(const char *name)
{
	char path[128];

	scratch_path(path, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

/* As core/domain.h and platform/linux/folder.c name it; the hash is any. */
#define UNNAMED ".new-takt.test-0123456789abcdef"

static void a_folder_that_a_killed_maker_had_not_named_is_removed(void **state)
{
	(void)state;
	make_folder(UNNAMED);
	assert_int_equal(clean(), TAKT_OK);
	was_reported(UNNAMED, TAKT_OK);
	assert_false(is_there(UNNAMED));
	assert_int_equal(clean(), TAKT_ABSENT);
	leave_a_domain_behind();
	make_folder(UNNAMED);
	assert_int_equal(clean(), TAKT_OK);
	assert_false(is_there(UNNAMED));
	assert_false(is_there("takt.test"));
}

static void another_domains_unnamed_folder_and_one_that_is_not_empty_stay(void **state)
{
	char path[128];

	(void)state;
	make_folder(".new-takt.test_2-0123456789abcdef");
	assert_int_equal(clean(), TAKT_ABSENT);
	make_folder(UNNAMED);
	make_file(UNNAMED "/notes");
	assert_int_equal(clean(), TAKT_DENIED);
	was_reported(UNNAMED, TAKT_INVALID);
	assert_true(is_there(UNNAMED "/notes"));
	assert_true(is_there(".new-takt.test_2-0123456789abcdef"));
	scratch_path(path, UNNAMED "/notes");
	assert_int_equal(remove(path), 0);
	assert_int_equal(clean(), TAKT_OK);
	scratch_path(path, ".new-takt.test_2-0123456789abcdef");
	assert_int_equal(remove(path), 0);
}

static void answers_that_nobody_waits_for_are_removed_though_members_live(void **state)
{
	char path[128];

	(void)state;
	(void)fixture_config(text);
	(void)fixture_join("logger");
	make_old_fifo("takt.test/reply.orphan", 0600);
	make_old_fifo("takt.test/reply.awaited", 0600);
	scratch_path(path, "takt.test/reply.awaited");
	int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_int_equal(clean(), TAKT_BUSY);
	assert_int_equal(reported.count, 1);
	was_reported("reply.orphan", TAKT_OK);
	assert_false(is_there("takt.test/reply.orphan"));
	assert_true(is_there("takt.test/reply.awaited"));
	(void)close(reader);
}

/* A commander makes its pipe and opens it a moment later: between the two it is nobody's to remove. */
static void an_answer_pipe_made_just_now_is_left_alone(void **state)
{
	char path[128];

	(void)state;
	(void)fixture_config(text);
	(void)fixture_join("logger");
	scratch_path(path, "takt.test/reply.young");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(clean(), TAKT_BUSY);
	assert_true(is_there("takt.test/reply.young"));
}

static void a_folder_without_a_presence_file_is_removed(void **state)
{
	char path[128];

	(void)state;
	leave_a_domain_behind();
	scratch_path(path, "takt.test/live");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(clean(), TAKT_OK);
	assert_false(is_there("takt.test"));
	scratch_path(path, "takt.test");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(clean(), TAKT_OK);
	assert_false(is_there("takt.test"));
}

static void another_users_domain_is_denied(void **state)
{
	(void)state;
	need_root();
	leave_a_domain_behind();
	pid_t child = fork();
	if (child == 0) {
		fixture_child_speaks();
		if (freopen("/dev/null", "w", stderr) == NULL || !become_somebody_else())
			_exit(2);
		_exit(clean() == TAKT_DENIED ? 0 : 1);
	}
	assert_int_equal(result_of_child(child), 0);
	assert_true(is_there("takt.test/roster"));
	assert_int_equal(clean(), TAKT_OK);
}

/* ------------------------------------------------------------------------------------------- join against clean */

#define RACE_ROUNDS 300

struct race {
	_Atomic int ends;
	_Atomic unsigned cleaned;
};

static int clean_again_and_again(void *argument)
{
	struct race *race = argument;

	fixture_child_speaks();
	while (!atomic_load(&race->ends)) {
		enum takt_status status = takt_domain_clean("test", fixture_ignore_report, NULL);

		if (status == TAKT_OK)
			atomic_fetch_add(&race->cleaned, 1);
		else if (status != TAKT_BUSY && status != TAKT_ABSENT)
			return 10 - (int)status;
	}
	return 0;
}

/* Joins, and proves that what it joined is the domain that others find. */
static int join_again_and_again(void *argument)
{
	static struct takt_node node;

	(void)argument;
	fixture_child_speaks();
	for (unsigned round = 0; round < RACE_ROUNDS; round++) {
		struct takt_domain found = {0};

		enum takt_status status = TAKT_BUSY;

		/* Two cleaners without a pause may keep a joiner out for its whole bound: it is told so, and may try again. */
		for (unsigned i = 0; i < 20 && status == TAKT_BUSY; i++)
			status = takt_node_join(&node, fixture.config_path, "sensor");
		if (status != TAKT_OK)
			return 1;
		if (takt_domain_attach(&found, "test") != TAKT_OK)
			return 2;
		if (found.instance != node.domain.instance || takt_domain_ask(&found, node.token) != TAKT_OS_ALIVE)
			return 3;
		if (!takt_os_shm_has_name(&node.segment) || !takt_os_shm_has_name(&node.domain.roster))
			return 4;
		takt_domain_close(&found);
		takt_node_leave(&node);
	}
	return 0;
}

static void nobody_who_joins_is_cleaned_away(void **state)
{
	struct race *race = shared_memory(sizeof(*race));

	(void)state;
	(void)fixture_config(text);
	pid_t cleaner = start_child(clean_again_and_again, race);
	pid_t other_cleaner = start_child(clean_again_and_again, race);
	int joined = in_child(join_again_and_again, NULL);
	atomic_store(&race->ends, 1);
	assert_int_equal(result_of_child(cleaner), 0);
	assert_int_equal(result_of_child(other_cleaner), 0);
	assert_int_equal(joined, 0);
	assert_true(atomic_load(&race->cleaned) > 0);
	(void)munmap(race, sizeof(*race));
}

#define CLEAN_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLEAN_TEST(a_domain_without_members_is_removed_whole),
		CLEAN_TEST(nothing_is_touched_while_a_member_lives),
		CLEAN_TEST(what_a_killed_member_left_is_removed),
		CLEAN_TEST(foreign_files_are_kept_and_named),
		CLEAN_TEST(unfinished_objects_of_killed_makers_are_removed),
		CLEAN_TEST(a_folder_that_a_killed_maker_had_not_named_is_removed),
		CLEAN_TEST(another_domains_unnamed_folder_and_one_that_is_not_empty_stay),
		CLEAN_TEST(answers_that_nobody_waits_for_are_removed_though_members_live),
		CLEAN_TEST(an_answer_pipe_made_just_now_is_left_alone),
		CLEAN_TEST(a_folder_without_a_presence_file_is_removed),
		CLEAN_TEST(another_users_domain_is_denied),
		CLEAN_TEST(nobody_who_joins_is_cleaned_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
