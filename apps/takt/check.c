/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/check.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/domain.h"
#include "core/queue_segment.h"
#include "core/segment.h"
#include "platform/folder.h"
#include "platform/message.h"

#define COUNT_OF(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

static const struct output_column topic_columns[] = {
	{"topic", "", OUTPUT_TEXT},	   {"type", "", OUTPUT_TEXT},	  {"payload", "B", OUTPUT_NUMBER},
	{"depth", "", OUTPUT_NUMBER},	   {"slots", "", OUTPUT_NUMBER},  {"segment", "B", OUTPUT_NUMBER},
	{"deadline", "us", OUTPUT_NUMBER}, {"rate", "Hz", OUTPUT_NUMBER}, {"bandwidth", "kB/s", OUTPUT_NUMBER},
	{"history", "ms", OUTPUT_NUMBER},  {"writers", "", OUTPUT_TEXT},  {"readers", "", OUTPUT_TEXT},
};

static const struct output_column queue_columns[] = {
	{"queue", "", OUTPUT_TEXT},	   {"type", "", OUTPUT_TEXT},	     {"payload", "B", OUTPUT_NUMBER},
	{"depth", "", OUTPUT_NUMBER},	   {"bands", "", OUTPUT_NUMBER},     {"when full", "", OUTPUT_TEXT},
	{"deliveries", "", OUTPUT_NUMBER}, {"segments", "B", OUTPUT_NUMBER}, {"producers", "", OUTPUT_TEXT},
	{"consumers", "", OUTPUT_TEXT},
};

static const struct output_column node_columns[] = {
	{"node", "", OUTPUT_TEXT},	{"program", "", OUTPUT_TEXT},	   {"period", "us", OUTPUT_NUMBER},
	{"policy", "", OUTPUT_TEXT},	{"cpus", "", OUTPUT_TEXT},	   {"restart", "", OUTPUT_TEXT},
	{"waiters", "", OUTPUT_NUMBER}, {"parameters", "", OUTPUT_NUMBER}, {"segment", "B", OUTPUT_NUMBER},
};

static const struct output_column memory_columns[] = {
	{"domain", "", OUTPUT_TEXT},	{"folder", "", OUTPUT_TEXT},	       {"topics", "B", OUTPUT_NUMBER},
	{"queues", "B", OUTPUT_NUMBER}, {"nodes", "B", OUTPUT_NUMBER},	       {"roster", "B", OUTPUT_NUMBER},
	{"total", "B", OUTPUT_NUMBER},	{"there already", "B", OUTPUT_NUMBER}, {"needed", "B", OUTPUT_NUMBER},
	{"free", "B", OUTPUT_NUMBER},
};

static const struct output_column finding_columns[] = {{"severity", "", OUTPUT_TEXT}, {"finding", "", OUTPUT_TEXT}};

/* ---------------------------------------------------------------------------------------------------- topics, nodes */

static void put_real_or_none(struct output_table *table, double number, uint32_t decimals)
{
	if (number > 0)
		output_cell_real(table, number, decimals);
	else
		output_cell_none(table);
}

static void put_topic(struct output_table *table, const struct takt_config *config,
		      const struct takt_config_topic *topic)
{
	struct check_names writers = check_writers(config, topic->name);
	struct check_names readers = check_readers(config, topic->name);
	double rate_hz = check_rate_hz(config, topic->name);
	struct takt_topic_layout layout;

	takt_topic_layout(topic, &layout);
	output_cell_text(table, topic->name);
	output_cell_text(table, topic->type);
	output_cell_count(table, topic->bytes);
	output_cell_count(table, topic->depth);
	output_cell_count(table, layout.slot_count);
	output_cell_count(table, layout.total_bytes);
	if (topic->deadline_us)
		output_cell_count(table, topic->deadline_us);
	else
		output_cell_none(table);
	put_real_or_none(table, rate_hz, 1);
	put_real_or_none(table, rate_hz * topic->bytes / 1e3, 1);
	/* How long a reader may be away and still miss nothing. */
	put_real_or_none(table, rate_hz > 0 ? (topic->depth - 2) * 1e3 / rate_hz : 0, 1);
	output_cell_text(table, writers.count ? writers.text : "nobody");
	output_cell_text(table, readers.count ? readers.text : "nobody");
}

static void put_topics(struct output *output, const struct takt_config *config)
{
	struct output_table table;

	output_table_begin(&table, output, "topics", topic_columns, COUNT_OF(topic_columns));
	for (uint32_t i = 0; i < config->topics_count; i++)
		put_topic(&table, config, &config->topics[i]);
	output_table_end(&table);
}

static void put_queues(struct output *output, const struct takt_config *config)
{
	struct output_table table;

	if (config->queues_count == 0)
		return;
	output_table_begin(&table, output, "queues", queue_columns, COUNT_OF(queue_columns));
	for (uint32_t i = 0; i < config->queues_count; i++) {
		const struct takt_config_queue *queue = &config->queues[i];
		struct check_names producers = check_producers(config, queue->name);
		struct check_names consumers = check_consumers(config, queue->name);
		struct takt_queue_layout layout;

		takt_queue_layout(queue, &layout);
		output_cell_text(&table, queue->name);
		output_cell_text(&table, queue->type);
		output_cell_count(&table, queue->bytes);
		output_cell_count(&table, queue->depth);
		output_cell_count(&table, queue->bands);
		output_cell_text(&table, takt_when_full_name((uint32_t)queue->when_full));
		if (queue->deliveries)
			output_cell_count(&table, queue->deliveries);
		else
			output_cell_none(&table);
		output_cell_count(&table, layout.total_bytes + layout.state_bytes);
		output_cell_text(&table, producers.count ? producers.text : "nobody");
		output_cell_text(&table, consumers.count ? consumers.text : "nobody");
	}
	output_table_end(&table);
}

static void put_schedule(struct output_table *table, const struct takt_config_schedule *schedule)
{
	char policy[32] = "other";
	char cpus[CHECK_TEXT_BYTES] = "";
	size_t used = 0;

	if (schedule->policy == TAKT_POLICY_FIFO)
		(void)snprintf(policy, sizeof(policy), "fifo %u", schedule->priority);
	output_cell_text(table, policy);
	for (uint32_t i = 0; i < schedule->cpus_count && used < sizeof(cpus); i++)
		used += (size_t)snprintf(cpus + used, sizeof(cpus) - used, "%s%u", i ? "," : "", schedule->cpus[i]);
	output_cell_text(table, cpus[0] ? cpus : "any");
}

static void put_nodes(struct output *output, const struct takt_config *config)
{
	static const char *const restarts[] = {"never", "on failure", "always"};
	struct output_table table;

	output_table_begin(&table, output, "nodes", node_columns, COUNT_OF(node_columns));
	for (uint32_t i = 0; i < config->nodes_count; i++) {
		const struct takt_config_node *node = &config->nodes[i];
		struct takt_node_layout layout;

		takt_node_layout(node, &layout);
		output_cell_text(&table, node->name);
		if (node->program)
			output_cell_text(&table, node->program);
		else
			output_cell_none(&table);
		if (node->period_us)
			output_cell_count(&table, node->period_us);
		else
			output_cell_none(&table);
		put_schedule(&table, &node->schedule);
		output_cell_text(&table, restarts[node->restart]);
		output_cell_count(&table, node->waiters);
		output_cell_count(&table, node->parameters_count);
		output_cell_count(&table, layout.total_bytes);
	}
	output_table_end(&table);
}

/* ---------------------------------------------------------------------------------------------------------- memory */

static void put_memory(struct output *output, const struct takt_config *config, const struct check_memory *memory)
{
	struct output_table table;
	struct takt_domain names;
	char folder[TAKT_OS_PATH_MAX];

	takt_domain_set_names(&names, config->domain);
	(void)snprintf(folder, sizeof(folder), "%s/%s", takt_os_folder_root(), names.folder_name);
	output_table_begin(&table, output, "memory", memory_columns, COUNT_OF(memory_columns));
	output_cell_text(&table, config->domain);
	output_cell_text(&table, folder);
	output_cell_count(&table, memory->topics_bytes);
	output_cell_count(&table, memory->queues_bytes);
	output_cell_count(&table, memory->nodes_bytes);
	output_cell_count(&table, memory->roster_bytes);
	output_cell_count(&table, check_memory_total(memory));
	output_cell_count(&table, memory->there_bytes);
	output_cell_count(&table, check_memory_needed(memory));
	if (memory->is_known)
		output_cell_count(&table, memory->free_bytes);
	else
		output_cell_none(&table);
	output_record_end(&table);
}

/* -------------------------------------------------------------------------------------------------------- findings */

struct findings {
	struct output_table table;
	uint32_t error_count;
};

/* In the report, and errors on standard error too: a script that throws the report away still hears why. */
static void add_finding(void *context, enum check_severity severity, const char *text)
{
	struct findings *findings = context;
	int is_error = severity == CHECK_ERROR;

	output_cell_text(&findings->table, is_error ? "error" : "warning");
	output_cell_accent(&findings->table, is_error ? OUTPUT_BAD : OUTPUT_WARN);
	output_cell_text(&findings->table, text);
	findings->error_count += (uint32_t)is_error;
	if (is_error)
		takt_message(TAKT_ERROR, "%s", text);
}

static int put_findings(struct output *output, const struct takt_config *config, const struct check_memory *memory)
{
	struct findings findings = {.error_count = 0};

	output_table_begin(&findings.table, output, "findings", finding_columns, COUNT_OF(finding_columns));
	check_refuse(config, add_finding, &findings);
	if (memory->is_known && check_memory_needed(memory) > memory->free_bytes) {
		char text[CHECK_TEXT_BYTES];

		(void)snprintf(text, sizeof(text),
			       "domain '%s' needs %" PRIu64 " bytes in %s, have %" PRIu64
			       "; enlarge that tmpfs, or lower `depth` or `bytes`",
			       config->domain, check_memory_needed(memory), takt_os_folder_root(), memory->free_bytes);
		add_finding(&findings, CHECK_ERROR, text);
	}
	check_warn(config, add_finding, &findings);
	if (findings.table.cell_count == 0) {
		output_cell_text(&findings.table, "ok");
		output_cell_accent(&findings.table, OUTPUT_GOOD);
		output_cell_text(&findings.table, "nothing stands against this config on this machine");
	}
	output_table_end(&findings.table);
	return findings.error_count ? EXIT_FAILED : EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct options options;
	const struct takt_config *config;
	struct output output;
	int code = options_parse(&options, &check_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (takt_config_load(&config, options.arguments[0]) != TAKT_OK)
		return EXIT_FAILED;
	struct check_memory memory = check_memory_measure(config);
	output_begin(&output, options.format);
	put_topics(&output, config);
	put_queues(&output, config);
	put_nodes(&output, config);
	put_memory(&output, config, &memory);
	code = put_findings(&output, config, &memory);
	if (output_end(&output) != EXIT_OK)
		code = EXIT_FAILED;
	takt_config_free(config);
	return code;
}

const struct command check_command = {
	.name = "check",
	.path = "takt check",
	.usage = "CONFIG [options]",
	.summary = "says what a config means, and refuses what cannot work on this machine",
	.details =
		"Bytes of every segment and in all, bandwidth where periods are known, who writes and reads what. Exit code 1: the\n"
		"config is wrong, a program, user or group is missing, or the memory does not suffice.",
	.options = OPTIONS_FORMAT,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
