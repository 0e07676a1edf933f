/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a config as a whole although each of its values is right. */
#include "tests/unit/core/config_fixture.h"

#define TOPICS                                                                                                         \
	"domain: robot\ntopics:\n  - {name: imu, type: imu, bytes: 40}\n  - {name: motor, type: motor, bytes: 16, publishers: 2}\n"

static void names_are_unique(void **state)
{
	(void)state;
	refused(TOPICS "  - {name: imu, type: other, bytes: 40}\n", "5:6: ", "topic 'imu' stands twice", "entry 1",
		"entry 3", "another name");
	refused(TOPICS "nodes:\n  - name: a\n    program: x\n  - program: y\n    name: a\n",
		"9:5: ", "node 'a' stands twice", "entry 1", "entry 2");
	takt_config_free(accept(TOPICS "nodes:\n  - {name: imu, program: x}\n"));
}

static void a_topic_that_nobody_declares_is_named_with_the_nearest(void **state)
{
	(void)state;
	refused(TOPICS "nodes:\n  - {name: a, program: a, subscribes: [motor, imuu]}\n",
		"6:47: ", "node 'a' subscribes 'imuu', which no topic is called", "did you mean 'imu'?");
	refused(TOPICS "nodes:\n  - name: a\n    program: a\n    publishes:\n      - temperature\n",
		"9:9: ", "node 'a' publishes 'temperature'", "add it under `topics:`");
	refused("domain: robot\nnodes:\n  - {name: a, program: a, publishes: ['']}\n", "3:39: ", "publishes ''");
}

static void a_node_names_a_topic_once_in_a_list(void **state)
{
	(void)state;
	refused(TOPICS "nodes:\n  - {name: a, program: a, publishes: [imu, imu]}\n",
		"6:44: ", "node 'a' publishes 'imu' twice", "remove one");
	refused(TOPICS "nodes:\n  - {name: a, program: a, subscribes: [imu, imu]}\n",
		"6:45: ", "subscribes 'imu' twice");
	takt_config_free(accept(TOPICS "nodes:\n  - {name: a, program: a, publishes: [imu], subscribes: [imu]}\n"));
}

static void a_topic_has_no_more_publishing_nodes_than_it_declares(void **state)
{
	(void)state;
	refused(TOPICS
		"nodes:\n  - {name: a, program: x, publishes: [imu]}\n  - {name: b, program: x, publishes: [imu]}\n",
		"7:39: ", "node 'b' publishes 'imu', which 'a' publishes too", "publishers: 1",
		"write `publishers: 2`");
	takt_config_free(accept(
		TOPICS
		"nodes:\n  - {name: a, program: x, publishes: [motor]}\n  - {name: b, program: x, publishes: [motor]}\n"));
	refused(TOPICS
		"nodes:\n  - {name: a, program: x, publishes: [motor]}\n  - {name: b, program: x, publishes: [motor]}\n"
		"  - {name: c, program: x, publishes: [imu, motor]}\n",
		"8:44: ", "node 'c'", "write `publishers: 3`");
}

static void a_topic_that_nobody_publishes_is_allowed(void **state)
{
	(void)state;
	takt_config_free(accept(TOPICS "nodes:\n  - {name: a, program: x, subscribes: [imu]}\n"));
}

#define RULES "domain: robot\nnodes:\n  - {name: sensor, program: x}\naccess:\n"

static void a_rule_says_for_whom_where_and_what(void **state)
{
	const struct takt_config *config =
		accept(RULES "  - {users: [anna, \"1000\"], groups: [tuners], nodes: [sensor], commands: [set, stop], "
			     "parameters: [kp, kd]}\n  - {groups: [operators]}\n");

	(void)state;
	assert_int_equal(config->access_count, 2);
	assert_int_equal(config->access[0].users_count, 2);
	assert_string_equal(config->access[0].users[1], "1000");
	assert_string_equal(config->access[0].groups[0], "tuners");
	assert_string_equal(config->access[0].nodes[0], "sensor");
	assert_string_equal(config->access[0].commands[1], "stop");
	assert_int_equal(config->access[0].parameters_count, 2);
	assert_int_equal(config->access[1].nodes_count, 0);
	takt_config_free(config);
	config = accept("domain: robot\n");
	assert_int_equal(config->access_count, 0);
	takt_config_free(config);
}

static void a_rule_that_would_mean_something_else_is_refused(void **state)
{
	(void)state;
	refused(RULES "  - {commands: [stop]}\n", "5:5: ", "access rule 1: it says for nobody",
		"`users:` or `groups:`");
	refused(RULES "  - {users: [anna], nodes: [senso]}\n", "5:29: ", "access rule 1: no node is called 'senso'",
		"did you mean 'sensor'?");
	refused(RULES "  - {users: [a], nodes: [elsewhere]}\n", "5:26: ", "no node is called 'elsewhere'",
		"name one of `nodes:`");
	refused(RULES "  - {users: [anna], commands: [stop], parameters: [kp]}\n", "5:5: ", "`commands` has no set");
	takt_config_free(accept(RULES "  - {users: [anna], parameters: [kp]}\n"));
	refused(RULES "  - {users: [anna, \"a b\"]}\n", "5:20: ", "'a b' under `users` is no name");
	refused(RULES "  - {groups: ['']}\n", "5:15: ", "'' under `groups` is no name");
	refused(RULES "  - {users: [a], commands: [\"set kp\"]}\n", "5:29: ", "'set kp' under `commands`");
	refused(RULES "  - {users: [a], parameters: [\"kp=1\"]}\n", "5:31: ", "'kp=1' under `parameters`");
}

#define QUEUES                                                                                                         \
	"domain: robot\ntopics: [{name: imu, type: imu, bytes: 4}]\nqueues:\n  - {name: jobs, type: job, bytes: 4}\n"

static void a_queue_is_pushed_to_and_taken_from_and_is_no_topic(void **state)
{
	(void)state;
	takt_config_free(accept(QUEUES "nodes:\n  - {name: a, program: x, pushes: [jobs], takes: [jobs]}\n"));
	refused(QUEUES "  - {name: jobs, type: job, bytes: 4}\n", "5:6: ", "queue 'jobs' stands twice", "entry 1",
		"entry 2");
	refused(QUEUES "  - {name: imu, type: job, bytes: 4}\n", "5:6: ", "queue 'imu' has the name of a topic");
	refused(QUEUES "nodes:\n  - {name: a, program: x, pushes: [job]}\n",
		"6:36: ", "node 'a' pushes 'job', which no queue is called", "did you mean 'jobs'?");
	refused(QUEUES "nodes:\n  - {name: a, program: x, takes: [unlike]}\n",
		"6:35: ", "node 'a' takes 'unlike', which no queue is called", "add it under `queues:`");
	refused(QUEUES "nodes:\n  - {name: a, program: x, takes: [imu]}\n",
		"6:35: ", "node 'a' takes 'imu', which is a topic", "write it under `publishes` or `subscribes`");
	refused(QUEUES "nodes:\n  - {name: a, program: x, publishes: [jobs]}\n",
		"6:39: ", "node 'a' publishes 'jobs', which is a queue", "write it under `pushes` or `takes`");
	refused(QUEUES "nodes:\n  - {name: a, program: x, takes: [jobs, jobs]}\n",
		"6:41: ", "node 'a' takes 'jobs' twice");
}

#define SYNCS "domain: robot\nsyncs:\n  - {name: door, kind: mutex}\n"

static void a_sync_is_declared_once_and_used_by_nodes_that_can_wait(void **state)
{
	(void)state;
	refused(SYNCS "  - {name: door, kind: rwlock}\n", "4:6: ", "sync 'door' stands twice");
	refused(SYNCS "nodes:\n  - {name: a, program: x, uses: [doar]}\n",
		"5:34: ", "node 'a' uses 'doar', which no sync is called", "did you mean 'door'?");
	refused(SYNCS "nodes:\n  - {name: a, program: x, uses: [quite_other]}\n", "5:34: ", "add it under `syncs:`");
	refused(SYNCS "nodes:\n  - {name: a, program: x, uses: [door, door]}\n", "5:40: ", "uses 'door' twice");
	refused(SYNCS "nodes:\n  - {name: a, program: x, uses: [door], waiters: 0}\n", "5:27: ", "node 'a' uses 'door'",
		"write `waiters: 1` or more");
	const struct takt_config *config = accept(SYNCS "nodes:\n  - {name: a, program: x, uses: [door]}\n");
	assert_true(takt_config_uses(&config->nodes[0], "door"));
	assert_false(takt_config_uses(&config->nodes[0], "window"));
	takt_config_free(config);
}

static void a_domain_has_64_waiters(void **state)
{
	char text[8192];
	size_t used = (size_t)snprintf(text, sizeof(text), "domain: robot\nnodes:\n");

	(void)state;
	for (int i = 0; i < 8; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "  - {name: n%d, program: x, waiters: 8}\n",
					 i);
	takt_config_free(accept(text));
	snprintf(text + used, sizeof(text) - used,
		 "  - {name: last, program: x, waiters: 0}\n  - {name: over, program: x}\n");
	over_limit(text, "12:5: ", "node 'over'", "has 65", "64 are possible", "write `waiters: 0`");
}

static void a_parameter_is_set_once(void **state)
{
	(void)state;
	refused(NODE("parameters: [kp=1, kpp=2, kp=3]"), "7:31: ", "node 'sensor'", "parameter 'kp' is set twice",
		"keep one");
	takt_config_free(accept(NODE("parameters: [kp=1, kpp=1, k=1]")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		caught(names_are_unique),
		caught(a_topic_that_nobody_declares_is_named_with_the_nearest),
		caught(a_node_names_a_topic_once_in_a_list),
		caught(a_topic_has_no_more_publishing_nodes_than_it_declares),
		caught(a_topic_that_nobody_publishes_is_allowed),
		caught(a_rule_says_for_whom_where_and_what),
		caught(a_rule_that_would_mean_something_else_is_refused),
		caught(a_queue_is_pushed_to_and_taken_from_and_is_no_topic),
		caught(a_sync_is_declared_once_and_used_by_nodes_that_can_wait),
		caught(a_domain_has_64_waiters),
		caught(a_parameter_is_set_once),
	};

	return cmocka_run_group_tests_name("config_check", tests, NULL, NULL);
}
