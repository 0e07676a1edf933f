/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/domain_fixture.h"

#include "core/layout.h"
#include "core/topic.h"
#include "platform/thread.h"

static const char text[] = "domain: test\n"
			   "topics:\n"
			   "  - {name: imu, type: imu, bytes: 8}\n"
			   "nodes:\n"
			   "  - {name: sensor, program: x, publishes: [imu], waiters: 2}\n"
			   "  - {name: logger, program: x, subscribes: [imu], waiters: 3}\n"
			   "  - {name: silent, program: x, waiters: 0}\n";

static int node_set_up(void **state)
{
	(void)unsetenv("TAKT_CONFIG");
	(void)unsetenv("TAKT_NODE");
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(text);
	return 0;
}

static const struct takt_node_shm *shared_of(const struct takt_node *node)
{
	return node->segment.address;
}

static void a_node_that_joined_says_who_it_is(void **state)
{
	struct takt_node *logger = fixture_join("logger");
	struct takt_node *silent = fixture_join("silent");
	const struct takt_node_shm *shared = shared_of(logger);

	(void)state;
	assert_string_equal(logger->name, "logger");
	assert_int_equal(logger->node_index, 1);
	assert_int_equal(logger->waiter_first, 2);
	assert_int_equal(logger->waiter_count, 3);
	assert_int_equal(silent->waiter_count, 0);
	assert_true(logger->token != 0 && logger->token != silent->token && logger->token <= TAKT_OS_TOKEN_MAX);
	assert_true(atomic_load(&shared->token) == logger->token);
	assert_int_equal(atomic_load(&shared->process_id), getpid());
	assert_int_equal(atomic_load(&shared->state), TAKT_NODE_STARTING);
	assert_true(atomic_load(&shared->joined_ns) <= takt_now_ns());
	assert_string_equal(shared->segment.name, "logger");
	assert_int_equal(shared->segment.kind, TAKT_SEGMENT_NODE);
	assert_true(shared->segment.instance == logger->domain.instance);
	assert_int_equal(shared->loop_count, 3);
	assert_int_equal(shared_of(silent)->loop_count, 1);
	assert_int_equal(shared->subscription_count, 1);
	assert_true(atomic_load(&takt_domain_node(&silent->domain, 1)->token) == logger->token);
	assert_int_equal(takt_domain_ask(&silent->domain, logger->token), TAKT_OS_ALIVE);
	assert_int_equal(takt_node_set_ready(silent), TAKT_OK);
	assert_int_equal(takt_node_set_ready(silent), TAKT_OK);
	assert_int_equal(atomic_load(&shared_of(silent)->state), TAKT_NODE_READY);
	assert_nothing_said();
}

static int join_sensor(void *argument)
{
	static struct takt_node node;

	(void)argument;
	takt_message_handler_set(keep_message, NULL);
	enum takt_status status = takt_node_join(&node, fixture.config_path, "sensor");
	if (status == TAKT_BUSY)
		return strstr(messages.last, "node 'sensor' of domain 'test' runs already") != NULL ? 10 : 1;
	return status == TAKT_OK ? 0 : 2;
}

static void a_second_process_of_the_same_name_is_busy(void **state)
{
	static struct takt_node twin;
	struct takt_node *sensor = fixture_join("sensor");

	(void)state;
	assert_int_equal(in_child(join_sensor, NULL), 10);
	assert_int_equal(takt_node_join(&twin, fixture.config_path, "sensor"), TAKT_BUSY);
	assert_null(twin.config);
	assert_true(atomic_load(&takt_domain_node(&sensor->domain, 0)->token) == sensor->token);
	takt_node_leave(sensor);
	fixture.node_count--;
	assert_int_equal(in_child(join_sensor, NULL), 0);
	/* That one ended without leaving. */
	forget_said();
	(void)fixture_join("sensor");
	assert_nothing_said();
}

static int join_and_die(void *argument)
{
	struct takt_node *node;

	(void)argument;
	fixture_child_speaks();
	node = fixture_child_join("sensor");
	if (node == NULL || takt_node_set_ready(node) != TAKT_OK)
		return 1;
	(void)raise(SIGKILL);
	return 2;
}

static unsigned object_count(const struct takt_node *node)
{
	return entry_count(node->domain.folder);
}

static void killed_nodes_are_joined_again_and_leave_nothing_that_adds_up(void **state)
{
	struct takt_node *logger = fixture_join("logger");
	unsigned objects = 0;

	(void)state;
	for (unsigned round = 0; round < 30; round++) {
		assert_int_equal(in_child(join_and_die, NULL), KILLED_BY(SIGKILL));
		uint64_t dead = atomic_load(&takt_domain_node(&logger->domain, 0)->token);
		assert_int_equal(takt_domain_ask(&logger->domain, dead), TAKT_OS_DEAD);
		if (round == 0)
			objects = object_count(logger);
		assert_int_equal(object_count(logger), objects);
	}
	struct takt_node *sensor = fixture_join("sensor");
	assert_int_equal(atomic_load(&takt_domain_node(&logger->domain, 0)->joined_count), 31);
	assert_int_equal(atomic_load(&shared_of(sensor)->process_id), getpid());
	assert_nothing_said();
}

static void garbage_in_a_place_keeps_nobody_out(void **state)
{
	static const uint64_t garbage[] = {1, UINT64_MAX, TAKT_OS_TOKEN_MAX, UINT64_C(1) << 63, 12345};
	struct takt_node *logger = fixture_join("logger");

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		atomic_store(&takt_domain_node(&logger->domain, 0)->token, garbage[i]);
		takt_node_leave(fixture_join("sensor"));
		fixture.node_count--;
		assert_int_equal(atomic_load(&takt_domain_node(&logger->domain, 0)->token), 0);
	}
}

static void leaving_keeps_the_objects_and_nothing_else(void **state)
{
	static const char *const kept[] = {"takt.test/live", "takt.test/roster", "takt.test/node.sensor"};
	struct takt_node *sensor = fixture_join("sensor");
	struct takt_os_shm segment = {0};
	const struct takt_os_rights any = {TAKT_OS_ID_ANY, TAKT_OS_ID_ANY, 0};
	char path[128];
	struct stat found;
	int folder = -1;

	(void)state;
	assert_int_equal(takt_node_set_ready(sensor), TAKT_OK);
	takt_node_leave(sensor);
	takt_node_leave(sensor);
	fixture.node_count--;
	assert_null(sensor->config);
	for (unsigned i = 0; i < 3; i++) {
		scratch_path(path, kept[i]);
		assert_int_equal(stat(path, &found), 0);
	}
	assert_int_equal(takt_os_folder_open(&folder, "takt.test", NULL), TAKT_OK);
	assert_int_equal(entry_count(folder), 5); /* and its command pipe and socket */
	assert_int_equal(takt_os_shm_open(&segment, folder, "node.sensor", TAKT_OS_READ_ONLY, &any,
					  sizeof(struct takt_node_shm)),
			 TAKT_OK);
	assert_int_equal(atomic_load(&((const struct takt_node_shm *)segment.address)->state), TAKT_NODE_ENDED);
	takt_os_shm_close(&segment);
	takt_os_folder_close(&folder);
	static struct takt_node never;
	takt_node_leave(&never);
}

static int use_parents_node(void *argument)
{
	struct takt_node *node = argument;
	static struct takt_publisher publisher;

	if (atomic_load(&node->lost) != 1 || node->domain.live.descriptor != -1)
		return 1;
	if (takt_publisher_attach(&publisher, node, "imu", NULL) != TAKT_CLOSED)
		return 2;
	takt_node_leave(node);
	/* A membership of the child's own, beside the parent's. */
	return fixture_child_join("logger") != NULL ? 0 : 3;
}

static void a_forks_child_is_no_member_and_its_parent_stays_one(void **state)
{
	struct takt_node *sensor = fixture_join("sensor");
	struct takt_domain tool = {0};

	(void)state;
	assert_int_equal(in_child(use_parents_node, sensor), 0);
	assert_int_equal(takt_domain_attach(&tool, "test"), TAKT_OK);
	assert_int_equal(takt_domain_ask(&tool, sensor->token), TAKT_OS_ALIVE);
	assert_int_equal(atomic_load(&shared_of(sensor)->state), TAKT_NODE_STARTING);
	assert_true(atomic_load(&takt_domain_node(&tool, 0)->token) == sensor->token);
	takt_domain_close(&tool);
	assert_int_equal(in_child(join_sensor, NULL), 10);
}

struct orphan {
	_Atomic int lives;
	_Atomic int ends;
	_Atomic int ended;
};

static int leave_a_child_and_die(void *argument)
{
	struct orphan *orphan = argument;

	fixture_child_speaks();
	if (fixture_child_join("sensor") == NULL)
		return 1;
	if (fork() == 0) {
		atomic_store(&orphan->lives, 1);
		(void)wait_for_flag(&orphan->ends, 1);
		atomic_store(&orphan->ended, 1);
		_exit(0);
	}
	if (!wait_for_flag(&orphan->lives, 1))
		return 2;
	(void)raise(SIGKILL);
	return 3;
}

static void a_dead_nodes_living_child_does_not_keep_it_alive(void **state)
{
	struct orphan *orphan = shared_memory(sizeof(*orphan));

	(void)state;
	assert_int_equal(in_child(leave_a_child_and_die, orphan), KILLED_BY(SIGKILL));
	(void)fixture_join("sensor");
	atomic_store(&orphan->ends, 1);
	assert_true(wait_for_flag(&orphan->ended, 1));
	(void)munmap(orphan, sizeof(*orphan));
}

static void an_unknown_node_or_config_is_absent(void **state)
{
	static struct takt_node node;

	(void)state;
	assert_int_equal(takt_node_join(&node, fixture.config_path, "sensors"), TAKT_ABSENT);
	assert_said("node 'sensors': ");
	assert_said("config.yaml lists no such node");
	assert_int_equal(takt_node_join(&node, "/dev/shm/takt-no-such-config.yaml", "sensor"), TAKT_ABSENT);
	assert_said("takt-no-such-config.yaml");
	forget_said();
	assert_int_equal(takt_node_join(&node, NULL, "sensor"), TAKT_ABSENT);
	assert_said("set TAKT_CONFIG");
	assert_int_equal(takt_node_join(&node, fixture.config_path, NULL), TAKT_ABSENT);
	assert_said("set TAKT_NODE");
	assert_int_equal(takt_node_join(&node, fixture.config_path, ""), TAKT_ABSENT);
	assert_null(node.config);
	struct takt_domain tool = {0};
	assert_int_equal(takt_domain_attach(&tool, "test"), TAKT_ABSENT); /* nothing was made */
}

static void the_environment_names_config_and_node(void **state)
{
	static struct takt_node node;

	(void)state;
	(void)setenv("TAKT_CONFIG", fixture.config_path, 1);
	(void)setenv("TAKT_NODE", "logger", 1);
	assert_int_equal(takt_node_join(&node, NULL, NULL), TAKT_OK);
	assert_string_equal(node.name, "logger");
	takt_node_leave(&node);
	assert_int_equal(takt_node_join(&node, NULL, "sensor"), TAKT_OK); /* what is given counts */
	assert_string_equal(node.name, "sensor");
	takt_node_leave(&node);
	(void)unsetenv("TAKT_CONFIG");
	(void)unsetenv("TAKT_NODE");
}

static int ask_for_an_end(void *argument)
{
	struct takt_node *node;

	(void)argument;
	fixture_child_speaks();
	node = fixture_child_join("sensor");
	if (node == NULL || takt_node_should_quit(node))
		return 1;
	(void)raise(SIGTERM);
	return takt_node_should_quit(node) ? 0 : 2;
}

static void sigterm_asks_a_node_to_quit(void **state)
{
	(void)state;
	assert_int_equal(in_child(ask_for_an_end, NULL), 0);
}

static void states_have_names(void **state)
{
	(void)state;
	assert_string_equal(takt_node_state_name(TAKT_NODE_ABSENT), "absent");
	assert_string_equal(takt_node_state_name(TAKT_NODE_RUNNING), "running");
	assert_string_equal(takt_node_state_name(TAKT_NODE_ENDED), "ended");
	assert_string_equal(takt_node_state_name(TAKT_NODE_ENDED + 1), "unknown");
	assert_string_equal(takt_node_state_name(UINT32_MAX), "unknown");
}

#define NODE_TEST(test) cmocka_unit_test_setup_teardown(test, node_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(a_node_that_joined_says_who_it_is),
		NODE_TEST(a_second_process_of_the_same_name_is_busy),
		NODE_TEST(killed_nodes_are_joined_again_and_leave_nothing_that_adds_up),
		NODE_TEST(garbage_in_a_place_keeps_nobody_out),
		NODE_TEST(leaving_keeps_the_objects_and_nothing_else),
		NODE_TEST(a_forks_child_is_no_member_and_its_parent_stays_one),
		NODE_TEST(a_dead_nodes_living_child_does_not_keep_it_alive),
		NODE_TEST(an_unknown_node_or_config_is_absent),
		NODE_TEST(the_environment_names_config_and_node),
		NODE_TEST(sigterm_asks_a_node_to_quit),
		cmocka_unit_test(states_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
