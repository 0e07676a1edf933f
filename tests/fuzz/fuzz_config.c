/* SPDX-License-Identifier: Apache-2.0 */
/* A config's text. What is accepted is complete, in range and fits a domain; what is refused says why and leaves nothing. */
#include <string.h>

#include "core/config.h"
#include "core/segment.h"
#include "core/text.h"
#include "core/type.h"
#include "tests/fuzz/fuzz.h"

static const struct takt_config untouched;

static void check_rights(const struct takt_config_rights *rights)
{
	FUZZ_CHECK((rights->mode & ~0777u) == 0 && (rights->mode & 0002u) == 0);
}

static void check_topic(const struct takt_config *config, uint32_t index)
{
	const struct takt_config_topic *topic = &config->topics[index];
	uint32_t publisher_count = 0;
	struct takt_topic_layout layout;

	FUZZ_CHECK(takt_name_is_valid(topic->name) && takt_name_is_valid(topic->type));
	FUZZ_CHECK(takt_config_topic_find(config, topic->name) == index);
	FUZZ_CHECK(topic->bytes >= 1 && topic->bytes <= TAKT_PAYLOAD_BYTES_MAX);
	FUZZ_CHECK(topic->depth >= TAKT_DEPTH_MIN && topic->depth <= TAKT_DEPTH_MAX);
	FUZZ_CHECK((topic->depth & (topic->depth - 1)) == 0);
	FUZZ_CHECK(topic->publishers >= 1 && topic->publishers <= TAKT_PUBLISHER_COUNT_MAX);
	FUZZ_CHECK(topic->borrows <= TAKT_BORROW_COUNT_MAX && topic->loans <= TAKT_LOAN_COUNT_MAX);
	FUZZ_CHECK(topic->deadline_us <= TAKT_CONFIG_SPAN_US_MAX);
	check_rights(&topic->rights);
	for (uint32_t i = 0; i < config->nodes_count; i++)
		publisher_count += (uint32_t)takt_config_publishes(&config->nodes[i], topic->name);
	FUZZ_CHECK(publisher_count <= topic->publishers);
	takt_topic_layout(topic, &layout);
	FUZZ_CHECK(takt_segment_holds(layout.total_bytes, layout.slots_offset, layout.slot_count, layout.slot_bytes));
	/* A cell has 16 bits for its slot. */
	FUZZ_CHECK(layout.slot_count <= 0x10000 && layout.slot_bytes >= topic->bytes);
}

static void check_uses(const struct takt_config *config, char *const *topics, uint32_t count)
{
	FUZZ_CHECK(count <= TAKT_TOPICS_PER_NODE_MAX);
	for (uint32_t i = 0; i < count; i++) {
		FUZZ_CHECK(takt_config_topic_find(config, topics[i]) != UINT32_MAX);
		for (uint32_t earlier = 0; earlier < i; earlier++)
			FUZZ_CHECK(strcmp(topics[earlier], topics[i]) != 0);
	}
}

static void check_node(const struct takt_config *config, uint32_t index)
{
	const struct takt_config_node *node = &config->nodes[index];

	FUZZ_CHECK(takt_name_is_valid(node->name) && takt_config_node_find(config, node->name) == index);
	FUZZ_CHECK(node->program == NULL || (node->program[0] && takt_text_is_printable(node->program)));
	FUZZ_CHECK(node->parameter_file == NULL || takt_text_is_printable(node->parameter_file));
	FUZZ_CHECK(node->arguments_count <= TAKT_ARGUMENT_COUNT_MAX);
	FUZZ_CHECK(node->waiters <= TAKT_WAITERS_PER_NODE_MAX && node->spin_us <= TAKT_SPIN_US_MAX);
	FUZZ_CHECK(node->period_us == 0 || (node->period_us >= 10 && node->period_us <= TAKT_CONFIG_SPAN_US_MAX));
	FUZZ_CHECK((node->schedule.policy == TAKT_POLICY_FIFO) == (node->schedule.priority != 0));
	FUZZ_CHECK(node->schedule.priority <= 99 && node->schedule.cpus_count <= TAKT_CPU_COUNT_MAX);
	for (uint32_t i = 0; i < node->schedule.cpus_count; i++)
		FUZZ_CHECK(node->schedule.cpus[i] < TAKT_CPU_COUNT_MAX);
	FUZZ_CHECK(node->overrun <= TAKT_OVERRUN_CATCH_UP && node->restart <= TAKT_RESTART_ALWAYS);
	FUZZ_CHECK(node->core_dumps <= 1 && node->parameters_count <= TAKT_PARAMETER_COUNT_MAX);
	for (uint32_t i = 0; i < node->parameters_count; i++)
		FUZZ_CHECK(strchr(node->parameters[i], '=') != NULL && takt_text_is_printable(node->parameters[i]));
	check_uses(config, node->publishes, node->publishes_count);
	check_uses(config, node->subscribes, node->subscribes_count);
}

static void check_config(const struct takt_config *config)
{
	struct takt_roster_layout layout;

	FUZZ_CHECK(takt_name_is_valid(config->domain));
	FUZZ_CHECK(config->topics_count <= TAKT_TOPIC_COUNT_MAX && config->nodes_count <= TAKT_NODE_COUNT_MAX);
	FUZZ_CHECK(config->wait_slice_us >= 100 && config->wait_slice_us <= 1000000);
	FUZZ_CHECK(config->lock_bound_us >= 10 && config->lock_bound_us <= 1000000);
	check_rights(&config->rights);
	for (uint32_t i = 0; i < config->topics_count; i++)
		check_topic(config, i);
	for (uint32_t i = 0; i < config->nodes_count; i++)
		check_node(config, i);
	takt_roster_layout(config, &layout);
	FUZZ_CHECK(layout.waiter_count <= TAKT_WAITER_COUNT_MAX);
	FUZZ_CHECK(layout.total_bytes >= sizeof(struct takt_roster_shm));
	FUZZ_CHECK(takt_config_bytes(config) >= layout.total_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct takt_config *config = &untouched;

	fuzz_listen();
	enum takt_status status = takt_config_parse(&config, (const char *)data, (uint32_t)size, "fuzz.yaml");
	if (status == TAKT_OK) {
		FUZZ_CHECK(config != &untouched && fuzz_said.error_count == 0);
		check_config(config);
		takt_config_free(config);
		return 0;
	}
	FUZZ_CHECK(config == &untouched);
	FUZZ_CHECK(status == TAKT_INVALID || status == TAKT_LIMIT);
	FUZZ_CHECK(fuzz_said.error_count == 1 && strncmp(fuzz_said.last, "fuzz.yaml", 9) == 0);
	return 0;
}
