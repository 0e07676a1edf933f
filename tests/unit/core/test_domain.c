/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/domain_fixture.h"

#include "core/layout.h"
#include "core/segment.h"
#include "platform/thread.h"

#define NODES                                                                                                          \
	"nodes:\n"                                                                                                     \
	"  - {name: sensor, program: x, publishes: [imu]}\n"                                                           \
	"  - {name: control, program: x, publishes: [motor], subscribes: [imu], waiters: 2}\n"
static const char text[] = "domain: test\n"
			   "topics:\n"
			   "  - {name: imu, type: imu, bytes: 40, depth: 8, borrows: 3}\n"
			   "  - {name: motor, type: motor, bytes: 8}\n" NODES;

static enum takt_status open_text(struct takt_domain *domain, const char *config_text)
{
	const struct takt_config *config = fixture_parse(config_text);
	enum takt_status status = takt_domain_open(domain, config);

	takt_config_free(config);
	return status;
}

static void object_mode_is(const char *name, mode_t mode)
{
	char path[128];
	struct stat found;

	scratch_path(path, name);
	if (stat(path, &found) != 0)
		fail_msg("%s is not there", path);
	if ((found.st_mode & 07777) != mode)
		fail_msg("%s has mode %o, expected %o", name, found.st_mode & 07777, mode);
}

static void whoever_comes_first_creates_and_the_next_one_shares(void **state)
{
	struct takt_domain first = {0};
	struct takt_domain second = {0};

	(void)state;
	assert_int_equal(open_text(&first, text), TAKT_OK);
	assert_int_equal(open_text(&second, text), TAKT_OK);
	assert_true(first.instance != 0);
	assert_true(first.instance == second.instance);
	assert_int_equal(first.node_count, 2);
	assert_int_equal(first.waiter_count, 3);
	assert_int_equal(first.topic_count, 2);
	assert_int_equal(first.pin_count, 3);
	assert_string_equal(takt_domain_node(&first, 1)->name, "control");
	assert_int_equal(takt_domain_node(&first, 1)->waiter_first, 1);
	assert_string_equal(takt_domain_topic(&first, 0)->name, "imu");
	assert_int_equal(takt_domain_topic(&first, 0)->subscriber_mask, 6);
	assert_int_equal(takt_domain_topic(&first, 1)->pin_first, 3);
	assert_int_equal(takt_domain_topic_find(&first, "motor"), 1);
	assert_int_equal(takt_domain_topic_find(&first, "moto"), UINT32_MAX);
	assert_int_equal(takt_domain_node_find(&first, "sensor"), 0);
	assert_int_equal(takt_domain_node_find(&first, ""), UINT32_MAX);
	/* One memory. */
	atomic_store(&takt_domain_mask(&first, 1)->waiting, 77);
	assert_int_equal(atomic_load(&takt_domain_mask(&second, 1)->waiting), 77);
	takt_domain_close(&first);
	takt_domain_close(&first);
	takt_domain_close(&second);
	assert_nothing_said();
}

struct race {
	_Atomic int ready;
	_Atomic int go;
	uint64_t instances[2];
	_Atomic int slot;
};

static int open_at_once(void *argument)
{
	struct race *race = argument;
	struct takt_domain domain = {0};
	const struct takt_config *config = NULL;

	if (takt_config_parse(&config, text, (uint32_t)strlen(text), "test") != TAKT_OK)
		return 1;
	atomic_fetch_add(&race->ready, 1);
	if (!wait_for_flag(&race->go, 1))
		return 2;
	enum takt_status status = takt_domain_open(&domain, config);
	race->instances[atomic_fetch_add(&race->slot, 1)] = domain.instance;
	return status == TAKT_OK ? 0 : 3;
}

static void two_processes_that_create_at_once_get_one_domain(void **state)
{
	struct race *race = shared_memory(sizeof(*race));

	(void)state;
	for (unsigned round = 0; round < 100; round++) {
		memset(race, 0, sizeof(*race));
		pid_t one = start_child(open_at_once, race);
		pid_t two = start_child(open_at_once, race);

		assert_true(wait_for_flag(&race->ready, 2));
		atomic_store(&race->go, 1);
		assert_int_equal(result_of_child(one), 0);
		assert_int_equal(result_of_child(two), 0);
		assert_true(race->instances[0] != 0);
		assert_true(race->instances[0] == race->instances[1]);
		assert_int_equal(takt_domain_clean("test", fixture_ignore_report, NULL), TAKT_OK);
	}
	(void)munmap(race, sizeof(*race));
}

#define TOPICS "topics:\n  - {name: imu, type: imu, bytes: 40, depth: 8, borrows: 3}\n"
#define MOTOR  "  - {name: motor, type: motor, bytes: 8}\n"

static const struct {
	const char *text;
	const char *said;
} other_configs[] = {
	{"domain: test\n" TOPICS MOTOR "nodes:\n  - {name: sensors, program: x, publishes: [imu]}\n",
	 "node 1 is 'sensor' in the running domain and 'sensors' in"},
	{"domain: test\n" TOPICS MOTOR "nodes:\n  - {name: sensor, program: x, waiters: 4}\n",
	 "`waiters` of node sensor is 1 in the running domain and 4 in"},
	{"domain: test\n" TOPICS MOTOR "nodes:\n  - {name: sensor, program: x}\n",
	 "the number of nodes is 2 in the running domain and 1 in"},
	{"domain: test\n" TOPICS MOTOR NODES "  - {name: logger, program: x}\n",
	 "the number of nodes is 2 in the running domain and 3 in"},
	{"domain: test\ntopics:\n" MOTOR "  - {name: imu, type: imu, bytes: 40, borrows: 3}\n" NODES,
	 "topic 1 is 'imu' in the running domain and 'motor' in"},
	{"domain: test\ntopics:\n  - {name: imu, type: imu, bytes: 40, borrows: 4}\n" MOTOR NODES,
	 "`borrows` of topic imu is 3 in the running domain and 4 in"},
	{"domain: test\n" TOPICS MOTOR "  - {name: extra, type: extra, bytes: 8}\n" NODES,
	 "the number of topics is 2 in the running domain and 3 in"},
	{"domain: test\n" TOPICS MOTOR "nodes:\n  - {name: sensor, program: x, publishes: [imu]}\n"
	 "  - {name: control, program: x, waiters: 2}\n",
	 "the set of subscribers (as waiter bits) of topic imu is 6 in the running domain and 0 in"},
	{"domain: test\nmode: '0660'\n" TOPICS MOTOR NODES, "mode"},
};

static void a_different_config_is_refused_with_the_first_difference(void **state)
{
	struct takt_domain first = {0};
	struct takt_domain second = {0};

	(void)state;
	assert_int_equal(open_text(&first, text), TAKT_OK);
	for (size_t i = 0; i < sizeof(other_configs) / sizeof(other_configs[0]); i++) {
		forget_said();
		assert_int_equal(open_text(&second, other_configs[i].text), TAKT_MISMATCH);
		assert_said(other_configs[i].said);
		assert_int_equal(messages.count, 1);
	}
	assert_said("expected 01770");
	/* What neither sizes nor orders may differ. */
	assert_int_equal(open_text(&second, "domain: test\nwait_slice_us: 700\n" TOPICS MOTOR
					    "nodes:\n  - {name: sensor, program: y, period_us: 500}\n"
					    "  - {name: control, program: x, subscribes: [imu], waiters: 2}\n"),
			 TAKT_OK);
	takt_domain_close(&second);
	takt_domain_close(&first);
}

/* Depth, deadline and so on stand in the topics, which the roster knows nothing of. */
static void creating_again_compares_the_topics_too(void **state)
{
	static const char other[] = "domain: test\n"
				    "topics:\n"
				    "  - {name: imu, type: imu, bytes: 40, depth: 8, borrows: 3}\n"
				    "  - {name: motor, type: motor, bytes: 8, depth: 32}\n" NODES;
	const struct takt_config *same = fixture_parse(text);
	const struct takt_config *deeper = fixture_parse(other);
	uint32_t created = 0;

	(void)state;
	assert_int_equal(takt_domain_create(same, &created), TAKT_OK);
	assert_int_equal(created, 4);
	assert_int_equal(takt_domain_create(same, &created), TAKT_OK);
	assert_int_equal(created, 0);
	assert_int_equal(messages.count, 0);
	created = 77;
	assert_int_equal(takt_domain_create(deeper, &created), TAKT_MISMATCH);
	assert_int_equal(created, 77);
	assert_said("topic 'motor': `depth`");
	takt_config_free(same);
	takt_config_free(deeper);
}

static void the_umask_changes_no_mode(void **state)
{
	static const mode_t masks[] = {0, 077, 0777};
	static const char shared[] = "domain: test\nmode: '0640'\n" TOPICS MOTOR NODES;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct takt_domain domain = {0};
		mode_t before = umask(masks[i]);
		enum takt_status status = open_text(&domain, shared);

		(void)umask(before);
		assert_int_equal(status, TAKT_OK);
		object_mode_is("takt.test", 01750);
		object_mode_is("takt.test/live", 0640);
		object_mode_is("takt.test/roster", 0640);
		takt_domain_close(&domain);
		assert_int_equal(takt_domain_clean("test", fixture_ignore_report, NULL), TAKT_OK);
	}
}

static void a_full_file_system_is_an_error_that_leaves_nothing_half_done(void **state)
{
	static const char large[] =
		"domain: test\ntopics:\n  - {name: imu, type: imu, bytes: 1000000, depth: 64}\n" MOTOR NODES;
	const struct takt_config *config;
	uint32_t created = 0;
	struct stat found;
	char path[128];

	(void)state;
	if (!scratch_is_small(256 * 1024)) {
		print_message("skipped: this user may not mount a small tmpfs\n");
		skip();
	}
	config = fixture_parse(large);
	assert_int_equal(takt_domain_create(config, &created), TAKT_NO_SPACE);
	assert_int_equal(created, 0);
	assert_said("need ");
	assert_said("have ");
	scratch_path(path, "takt.test/topic.imu");
	assert_int_equal(stat(path, &found), -1);
	takt_config_free(config);
	assert_int_equal(takt_domain_clean("test", fixture_ignore_report, NULL), TAKT_OK);
}

static void a_folder_of_another_user_is_refused(void **state)
{
	struct takt_domain domain = {0};
	char path[128];

	(void)state;
	need_root();
	scratch_path(path, "takt.test");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chown(path, SOMEBODY_ELSE, SOMEBODY_ELSE), 0);
	assert_int_equal(chmod(path, 01700), 0);
	assert_int_equal(open_text(&domain, text), TAKT_MISMATCH);
	assert_said("65534");
	int folder = scratch_open();
	assert_int_equal(entry_count(folder), 1);
	takt_os_folder_close(&folder);
	assert_int_equal(rmdir(path), 0);
}

static void a_roster_of_another_user_is_refused(void **state)
{
	struct takt_domain domain = {0};
	static const char owned[] = "domain: test\nowner: root\n" TOPICS MOTOR NODES;
	char path[128];

	(void)state;
	need_root();
	assert_int_equal(open_text(&domain, owned), TAKT_OK);
	takt_domain_close(&domain);
	scratch_path(path, "takt.test/roster");
	assert_int_equal(chown(path, SOMEBODY_ELSE, SOMEBODY_ELSE), 0);
	assert_int_equal(open_text(&domain, owned), TAKT_MISMATCH);
	assert_said("roster");
	assert_said("65534");
}

static void a_folder_that_is_a_link_is_refused(void **state)
{
	struct takt_domain domain = {0};
	char target[128];
	char path[128];

	(void)state;
	scratch_path(target, "elsewhere");
	scratch_path(path, "takt.test");
	assert_int_equal(mkdir(target, 01700), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_true(open_text(&domain, text) != TAKT_OK);
	assert_said("a symbolic link");
	assert_int_equal(takt_domain_attach(&domain, "test") == TAKT_OK, 0);
	assert_true(takt_domain_clean("test", fixture_ignore_report, NULL) != TAKT_OK);
	assert_int_equal(rmdir(target), 0); /* still empty */
	assert_int_equal(unlink(path), 0);
}

static void names_that_are_none_are_refused(void **state)
{
	static const char *const names[] = {"", "a/b", "../etc", ".", "Test", "1st", "a b", "t\xc3\xa4kt"};
	struct takt_domain domain = {0};
	char name[301];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(takt_domain_attach(&domain, name), TAKT_INVALID);
	assert_int_equal(takt_domain_clean(name, fixture_ignore_report, NULL), TAKT_INVALID);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		forget_said();
		assert_int_equal(takt_domain_attach(&domain, names[i]), TAKT_INVALID);
		assert_said("is no name of a domain");
		assert_int_equal(takt_domain_clean(names[i], fixture_ignore_report, NULL), TAKT_INVALID);
	}
	name[32] = '\0';
	assert_int_equal(takt_domain_attach(&domain, name), TAKT_INVALID);
	name[31] = '\0';
	assert_int_equal(takt_domain_attach(&domain, name), TAKT_ABSENT);
}

static void a_shared_memory_folder_that_is_absent_is_said_once(void **state)
{
	struct takt_domain domain = {0};

	(void)state;
	(void)setenv("TAKT_SHM_FOLDER", "/dev/shm/takt-no-such-folder", 1);
	enum takt_status status = open_text(&domain, text);
	(void)setenv("TAKT_SHM_FOLDER", scratch, 1);
	assert_int_equal(status, TAKT_ABSENT);
	assert_int_equal(messages.count, 1);
}

#include "tests/unit/core/domain_attach.h"
#include "tests/unit/core/domain_queues.h"

#define DOMAIN_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DOMAIN_TEST(whoever_comes_first_creates_and_the_next_one_shares),
		DOMAIN_TEST(two_processes_that_create_at_once_get_one_domain),
		DOMAIN_TEST(a_different_config_is_refused_with_the_first_difference),
		DOMAIN_TEST(creating_again_compares_the_topics_too),
		DOMAIN_TEST(a_queues_objects_have_rights_of_their_own),
		DOMAIN_TEST(creating_again_compares_the_queues_too),
		DOMAIN_TEST(a_config_with_other_queues_is_refused_with_the_first_difference),
		DOMAIN_TEST(a_tool_finds_a_queue_by_its_name),
		DOMAIN_TEST(the_umask_changes_no_mode),
		DOMAIN_TEST(a_full_file_system_is_an_error_that_leaves_nothing_half_done),
		DOMAIN_TEST(a_folder_of_another_user_is_refused),
		DOMAIN_TEST(a_roster_of_another_user_is_refused),
		DOMAIN_TEST(a_folder_that_is_a_link_is_refused),
		DOMAIN_TEST(names_that_are_none_are_refused),
		DOMAIN_TEST(a_shared_memory_folder_that_is_absent_is_said_once),
		DOMAIN_TEST(tools_attach_for_reading_and_are_no_members),
		DOMAIN_TEST(a_tool_cannot_write_the_roster),
		DOMAIN_TEST(attaching_to_nothing_is_absent),
		DOMAIN_TEST(create_makes_every_object_once),
		DOMAIN_TEST(a_clean_up_that_does_not_end_is_busy),
		DOMAIN_TEST(only_held_tokens_live),
		DOMAIN_TEST(a_damaged_roster_is_refused),
		DOMAIN_TEST(a_roster_with_too_few_waiters_or_pins_is_refused),
		DOMAIN_TEST(no_scribbling_over_the_roster_crashes_who_opens_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
