/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/check.h"

#include "core/domain.h"
#include "core/segment.h"
#include "platform/folder.h"

uint64_t check_memory_total(const struct check_memory *memory)
{
	return memory->topics_bytes + memory->queues_bytes + memory->nodes_bytes + memory->roster_bytes;
}

uint64_t check_memory_needed(const struct check_memory *memory)
{
	uint64_t total = check_memory_total(memory);

	return total > memory->there_bytes ? total - memory->there_bytes : 0;
}

static void add_there(void *context, const struct takt_os_entry *entry)
{
	struct check_memory *memory = context;

	if (entry->kind == TAKT_OS_FILE)
		memory->there_bytes += entry->bytes;
}

static void look_at_machine(struct check_memory *memory, const struct takt_config *config)
{
	struct takt_domain names;
	uint64_t total_bytes;
	int folder;

	if (takt_os_folder_open_root(&folder) == TAKT_OK) {
		memory->is_known = takt_os_folder_space(folder, &memory->free_bytes, &total_bytes) == TAKT_OK;
		takt_os_folder_close(&folder);
	}
	takt_domain_set_names(&names, config->domain);
	if (takt_os_folder_open(&folder, names.folder_name, NULL) != TAKT_OK)
		return;
	(void)!takt_os_folder_each(folder, add_there, memory);
	takt_os_folder_close(&folder);
}

struct check_memory check_memory_measure(const struct takt_config *config)
{
	struct check_memory memory = {0};
	struct takt_roster_layout roster;

	takt_roster_layout(config, &roster);
	memory.roster_bytes = roster.total_bytes;
	for (uint32_t i = 0; i < config->topics_count; i++) {
		struct takt_topic_layout layout;

		takt_topic_layout(&config->topics[i], &layout);
		memory.topics_bytes += layout.total_bytes;
	}
	for (uint32_t i = 0; i < config->queues_count; i++) {
		struct takt_queue_layout layout;

		takt_queue_layout(&config->queues[i], &layout);
		memory.queues_bytes += layout.total_bytes + layout.state_bytes;
	}
	for (uint32_t i = 0; i < config->nodes_count; i++) {
		struct takt_node_layout layout;

		takt_node_layout(&config->nodes[i], &layout);
		memory.nodes_bytes += layout.total_bytes;
	}
	look_at_machine(&memory, config);
	return memory;
}
