/* SPDX-License-Identifier: Apache-2.0 */
/* What a config asks of a machine. */
#include "apps/takt/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "core/segment.h"
#include "platform/folder.h"

/* Descriptors. A node: what a program has anyway, roster, presence, pipes, and for each topic segment and presence file, opened once by
 * each publisher and subscriber of it. `takt run`: pipes and a handle for each node. Source: counted with the demo, and rounded up. */
#define FILES_OF_PROCESS 24
#define FILES_OF_TOPIC	 4
#define FILES_OF_CHILD	 8

static void add_user(struct doctor_need *need, const char *name)
{
	uint32_t id = takt_os_user_id();

	if (name != NULL && takt_os_user_find(name, &id) != TAKT_OK)
		return; /* `takt check` refuses such a config */
	for (uint32_t i = 0; i < need->user_count; i++)
		if (need->user_ids[i] == id)
			return;
	if (need->user_count == DOCTOR_USERS_MAX)
		return;
	need->users[need->user_count] = name;
	need->user_ids[need->user_count++] = id;
}

static void add_span(struct doctor_need *need, const char *name, uint64_t span_us)
{
	if (span_us == 0 || (need->shortest_us != 0 && span_us >= need->shortest_us))
		return;
	need->shortest_us = span_us;
	need->shortest_name = name;
}

static void add_bytes(struct doctor_need *need, uint64_t bytes)
{
	if (bytes > need->largest_bytes)
		need->largest_bytes = bytes;
}

static void add_topic(struct doctor_need *need, const struct takt_config_topic *topic)
{
	struct takt_topic_layout layout;

	takt_topic_layout(topic, &layout);
	add_bytes(need, layout.total_bytes);
	add_span(need, topic->name, topic->deadline_us);
	add_user(need, topic->rights.owner);
}

static void add_node(struct doctor_need *need, const struct takt_config_node *node)
{
	const struct takt_config_schedule *schedule = &node->schedule;

	add_span(need, node->name, node->period_us);
	if (schedule->policy == TAKT_POLICY_FIFO) {
		need->is_real_time = 1;
		if (schedule->priority > need->priority) {
			need->priority = schedule->priority;
			need->priority_node = node->name;
		}
	}
	for (uint32_t i = 0; i < schedule->cpus_count; i++) {
		need->cpus |= UINT64_C(1) << schedule->cpus[i];
		need->cpu_nodes[schedule->cpus[i]] = node->name;
	}
}

void doctor_need_find(struct doctor_need *need, const struct takt_config *config, const struct check_memory *memory)
{
	struct takt_roster_layout roster;
	uint64_t files_of_run;

	*need = (struct doctor_need){.is_real_time = config == NULL};
	need->files = FILES_OF_PROCESS;
	if (config == NULL) {
		add_user(need, NULL);
		return;
	}
	need->domain = config->domain;
	need->path = config->path;
	need->total_bytes = check_memory_total(memory);
	need->missing_bytes = check_memory_needed(memory);
	takt_roster_layout(config, &roster);
	add_bytes(need, roster.total_bytes);
	for (uint32_t i = 0; i < config->topics_count; i++)
		add_topic(need, &config->topics[i]);
	add_user(need, config->rights.owner);
	for (uint32_t i = 0; i < config->nodes_count; i++)
		add_node(need, &config->nodes[i]);
	need->files += (uint64_t)FILES_OF_TOPIC * config->topics_count;
	files_of_run = FILES_OF_PROCESS + (uint64_t)FILES_OF_CHILD * config->nodes_count;
	if (files_of_run > need->files)
		need->files = files_of_run;
	/* Folder, roster and presence; a segment and a presence file for each topic; segment and pipe for each node. */
	need->names = 3 + 2 * ((uint64_t)config->topics_count + config->nodes_count);
}
