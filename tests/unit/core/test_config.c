/* SPDX-License-Identifier: Apache-2.0 */
/* A config as its users see it: loaded from a file or a text, complete, searched, freed. */
#include "tests/unit/core/config_fixture.h"

#include <time.h>

static const char whole[] = "# every key\n"
			    "domain: robot\n"
			    "owner: root\n"
			    "group: '1000'\n"
			    "mode: 0660\n"
			    "wait_slice_us: 5000\n"
			    "lock_bound_us: 2000\n"
			    "topics:\n"
			    "  - name: imu\n"
			    "    type: imu_sample\n"
			    "    bytes: 40\n"
			    "    depth: 32\n"
			    "    publishers: 2\n"
			    "    borrows: 3\n"
			    "    loans: 0\n"
			    "    deadline_us: 5000\n"
			    "    owner: sensor\n"
			    "    group: robot\n"
			    "    mode: \"0640\"\n"
			    "  - {name: motor, type: motor, bytes: 16}\n"
			    "nodes:\n"
			    "  - name: sensor\n"
			    "    program: ./sensor\n"
			    "    arguments: [--seed, '1', '']\n"
			    "    publishes: [imu]\n"
			    "    subscribes:\n"
			    "      - motor\n"
			    "    waiters: 0\n"
			    "    period_us: 1000\n"
			    "    overrun: catch_up\n"
			    "    scheduler: {policy: fifo, priority: 80, cpus: [1, 3]}\n"
			    "    restart: always\n"
			    "    parameters: [kp=1.5, name=a=b]\n"
			    "    parameter_file: sensor.txt\n"
			    "    core_dumps: yes\n"
			    "  - {name: logger, program: logger}\n";

static void every_key_arrives(void **state)
{
	const struct takt_config *config = accept(whole);
	const struct takt_config_topic *imu = &config->topics[0];
	const struct takt_config_node *sensor = &config->nodes[0];

	(void)state;
	assert_string_equal(config->domain, "robot");
	assert_string_equal(config->rights.owner, "root");
	assert_string_equal(config->rights.group, "1000");
	assert_int_equal(config->rights.mode, 0660);
	assert_int_equal(config->wait_slice_us, 5000);
	assert_int_equal(config->lock_bound_us, 2000);
	assert_int_equal(config->topics_count, 2);
	assert_string_equal(imu->name, "imu");
	assert_string_equal(imu->type, "imu_sample");
	assert_int_equal(imu->bytes, 40);
	assert_int_equal(imu->depth, 32);
	assert_int_equal(imu->publishers, 2);
	assert_int_equal(imu->borrows, 3);
	assert_int_equal(imu->loans, 0);
	assert_int_equal(imu->deadline_us, 5000);
	assert_string_equal(imu->rights.owner, "sensor");
	assert_string_equal(imu->rights.group, "robot");
	assert_int_equal(imu->rights.mode, 0640);
	assert_int_equal(config->nodes_count, 2);
	assert_string_equal(sensor->program, "./sensor");
	assert_int_equal(sensor->arguments_count, 3);
	assert_string_equal(sensor->arguments[2], "");
	assert_string_equal(sensor->publishes[0], "imu");
	assert_string_equal(sensor->subscribes[0], "motor");
	assert_int_equal(sensor->waiters, 0);
	assert_int_equal(sensor->period_us, 1000);
	assert_int_equal(sensor->overrun, TAKT_OVERRUN_CATCH_UP);
	assert_int_equal(sensor->schedule.policy, TAKT_POLICY_FIFO);
	assert_int_equal(sensor->schedule.priority, 80);
	assert_int_equal(sensor->schedule.cpus_count, 2);
	assert_int_equal(sensor->schedule.cpus[1], 3);
	assert_int_equal(sensor->restart, TAKT_RESTART_ALWAYS);
	assert_string_equal(sensor->parameters[1], "name=a=b");
	assert_string_equal(sensor->parameter_file, "sensor.txt");
	assert_int_equal(sensor->core_dumps, 1);
	takt_config_free(config);
}

static void absent_keys_have_their_defaults(void **state)
{
	const struct takt_config *config = accept(
		"domain: robot\ntopics:\n  - {name: imu, type: imu, bytes: 40}\nnodes:\n  - {name: a, program: a}\n");
	const struct takt_config_topic *topic = &config->topics[0];
	const struct takt_config_node *node = &config->nodes[0];

	(void)state;
	assert_int_equal(config->rights.mode, 0600);
	assert_null(config->rights.owner);
	assert_null(config->rights.group);
	assert_int_equal(config->wait_slice_us * 1000, TAKT_WAIT_SLICE_NS_DEFAULT);
	assert_int_equal(config->lock_bound_us * 1000, TAKT_LOCK_BOUND_NS_DEFAULT);
	assert_int_equal(topic->depth, 16);
	assert_int_equal(topic->publishers, 1);
	assert_int_equal(topic->borrows, 0);
	assert_int_equal(topic->loans, 2);
	assert_int_equal(topic->deadline_us, 0);
	assert_int_equal(node->waiters, 1);
	assert_int_equal(node->period_us, 0);
	assert_int_equal(node->overrun, TAKT_OVERRUN_SKIP);
	assert_int_equal(node->restart, TAKT_RESTART_ON_FAILURE);
	assert_int_equal(node->schedule.policy, TAKT_POLICY_OTHER);
	assert_int_equal(node->schedule.cpus_count, 0);
	assert_int_equal(node->arguments_count, 0);
	assert_int_equal(node->core_dumps, 0);
	assert_null(node->parameter_file);
	assert_string_equal(config->path, "");
	assert_string_equal(config->folder, ".");
	takt_config_free(config);
}

static void a_domain_alone_is_a_config(void **state)
{
	const struct takt_config *config = accept("domain: robot");

	(void)state;
	assert_int_equal(config->topics_count, 0);
	assert_int_equal(config->nodes_count, 0);
	assert_int_equal(takt_config_topic_find(config, "imu"), UINT32_MAX);
	takt_config_free(config);
}

static void topics_inherit_the_rights_that_they_do_not_state(void **state)
{
	const struct takt_config *config = accept("domain: robot\nowner: root\nmode: 0640\ntopics:\n"
						  "  - {name: a, type: a, bytes: 1, group: users}\n"
						  "  - {name: b, type: b, bytes: 1, mode: 0o660, owner: me}\n");

	(void)state;
	assert_string_equal(config->topics[0].rights.owner, "root");
	assert_string_equal(config->topics[0].rights.group, "users");
	assert_int_equal(config->topics[0].rights.mode, 0640);
	assert_string_equal(config->topics[1].rights.owner, "me");
	assert_null(config->topics[1].rights.group);
	assert_int_equal(config->topics[1].rights.mode, 0660);
	takt_config_free(config);
}

static void topics_and_nodes_are_found_by_name(void **state)
{
	const struct takt_config *config = accept(whole);

	(void)state;
	assert_int_equal(takt_config_topic_find(config, "motor"), 1);
	assert_int_equal(takt_config_topic_find(config, "moto"), UINT32_MAX);
	assert_int_equal(takt_config_node_find(config, "logger"), 1);
	assert_int_equal(takt_config_node_find(config, "imu"), UINT32_MAX);
	assert_true(takt_config_publishes(&config->nodes[0], "imu"));
	assert_false(takt_config_publishes(&config->nodes[0], "motor"));
	assert_true(takt_config_subscribes(&config->nodes[0], "motor"));
	assert_false(takt_config_subscribes(&config->nodes[1], "motor"));
	takt_config_free(config);
}

/* ------------------------------------------------------------------------------------------------ files */

static void write_file(const char *path, const char *text, size_t bytes)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, bytes, file), bytes);
	assert_int_equal(fclose(file), 0);
}

static void a_file_is_loaded_with_its_folder(void **state)
{
	const struct takt_config *config = NULL;

	(void)state;
	write_file("./test_config.yaml", whole, sizeof(whole) - 1);
	assert_int_equal(takt_config_load(&config, "./test_config.yaml"), TAKT_OK);
	assert_string_equal(config->path, "./test_config.yaml");
	assert_string_equal(config->folder, ".");
	takt_config_free(config);
	assert_int_equal(remove("./test_config.yaml"), 0);
}

static void an_absent_file_is_named(void **state)
{
	const struct takt_config *config = NULL;

	(void)state;
	assert_int_equal(takt_config_load(&config, "/nonexistent/robot.yaml"), TAKT_ABSENT);
	assert_null(config);
	assert_int_equal(message_count, 1);
	message_says("/nonexistent/robot.yaml");
	message_says("check the path");
}

/* One byte too many in a file, and in a text; the same less one byte is read. */
static void a_giant_file_is_over_the_limit(void **state)
{
	const struct takt_config *config = NULL;
	char *text = malloc(TAKT_CONFIG_BYTES_MAX + 1);

	(void)state;
	assert_non_null(text);
	memset(text, '#', TAKT_CONFIG_BYTES_MAX + 1);
	memcpy(text, "domain: robot\n", 14);
	write_file("./test_config_giant.yaml", text, TAKT_CONFIG_BYTES_MAX + 1);
	assert_int_equal(takt_config_load(&config, "./test_config_giant.yaml"), TAKT_LIMIT);
	assert_int_equal(message_count, 1);
	message_says("test_config_giant.yaml");
	message_says("1048576");
	assert_int_equal(takt_config_parse(&config, text, TAKT_CONFIG_BYTES_MAX + 1, "giant"), TAKT_LIMIT);
	assert_int_equal(message_count, 2);
	message_says("1048576");
	assert_null(config);
	write_file("./test_config_giant.yaml", text, TAKT_CONFIG_BYTES_MAX);
	assert_int_equal(takt_config_load(&config, "./test_config_giant.yaml"), TAKT_OK);
	takt_config_free(config);
	assert_int_equal(remove("./test_config_giant.yaml"), 0);
	free(text);
}

static void a_refused_config_leaves_the_result_untouched(void **state)
{
	const struct takt_config *config = accept(whole);
	const struct takt_config *before = config;

	(void)state;
	assert_int_equal(try_text(&config, "domain: Robot"), TAKT_INVALID);
	assert_ptr_equal(config, before);
	takt_config_free(config);
	takt_config_free(NULL);
}

/* Every beginning of a good config is either good too or refused with one sentence; none crashes or leaks. */
static void every_truncation_is_answered(void **state)
{
	unsigned refused_count = 0;

	(void)state;
	for (uint32_t bytes = 0; bytes < sizeof(whole) - 1; bytes++) {
		const struct takt_config *config = NULL;
		enum takt_status status;

		message_count = 0;
		status = takt_config_parse(&config, whole, bytes, "test.yaml");
		assert_int_equal(message_count, status == TAKT_OK ? 0 : 1);
		refused_count += status != TAKT_OK;
		takt_config_free(config);
	}
	assert_true(refused_count > 100);
}

/* Every single byte replaced by bytes that mean something to YAML, or nothing to anybody. */
static void every_damaged_byte_is_answered(void **state)
{
	static const char damage[] = {'\0', '\xff', '\t', '\n', '[', '{', '"', '*', '-', '9'};
	char text[sizeof(whole)];
	unsigned refused_count = 0;

	(void)state;
	for (uint32_t at = 0; at < sizeof(whole) - 1; at++) {
		for (size_t i = 0; i < sizeof(damage); i++) {
			const struct takt_config *config = NULL;
			enum takt_status status;

			memcpy(text, whole, sizeof(whole));
			text[at] = damage[i];
			message_count = 0;
			status = takt_config_parse(&config, text, sizeof(whole) - 1, "test.yaml");
			assert_int_equal(message_count, status == TAKT_OK ? 0 : 1);
			refused_count += status != TAKT_OK;
			takt_config_free(config);
		}
	}
	assert_true(refused_count > sizeof(whole));
}

/* As many topics as there may be, each named by a node, and a fault in the last line, which makes the text be read again. A
 * quadratic reader would need minutes; the bound is far from both. */
static void the_largest_config_is_read_at_once(void **state)
{
	static char text[TAKT_CONFIG_BYTES_MAX];
	const struct takt_config *config = NULL;
	size_t used = (size_t)snprintf(text, sizeof(text), "domain: robot\ntopics:\n");
	clock_t begin;

	(void)state;
	for (unsigned i = 0; i < TAKT_TOPIC_COUNT_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "  - {name: topic_%u, type: type_%u, bytes: 1024, depth: 64}\n", i, i);
	used += (size_t)snprintf(text + used, sizeof(text) - used, "nodes:\n");
	for (unsigned i = 0; i < TAKT_NODE_COUNT_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "  - {name: node_%u, program: p, waiters: 0, publishes: [topic_%u, topic_%u], "
					 "subscribes: [topic_1023, topic_1022, topic_1021]}\n",
					 i, 4 * i, 4 * i + 1);
	begin = clock();
	assert_int_equal(takt_config_parse(&config, text, (uint32_t)used, "test.yaml"), TAKT_OK);
	assert_int_equal(config->topics_count, TAKT_TOPIC_COUNT_MAX);
	takt_config_free(config);
	snprintf(text + used, sizeof(text) - used, "  - {name: one_too_many, program: p}\n");
	config = NULL;
	assert_int_equal(takt_config_parse(&config, text, (uint32_t)strlen(text), "test.yaml"), TAKT_LIMIT);
	assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 10.0);
	message_says("nodes has more than 256 entries");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		caught(every_key_arrives),
		caught(absent_keys_have_their_defaults),
		caught(a_domain_alone_is_a_config),
		caught(topics_inherit_the_rights_that_they_do_not_state),
		caught(topics_and_nodes_are_found_by_name),
		caught(a_file_is_loaded_with_its_folder),
		caught(an_absent_file_is_named),
		caught(a_giant_file_is_over_the_limit),
		caught(a_refused_config_leaves_the_result_untouched),
		caught(every_truncation_is_answered),
		caught(every_damaged_byte_is_answered),
		caught(the_largest_config_is_read_at_once),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
