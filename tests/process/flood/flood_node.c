/* SPDX-License-Identifier: Apache-2.0 */
/* A node with parameters, a command and a loop of 1 kHz, that looks in each cycle at what is in force. */
#include "tests/process/flood/flood.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "core/takt.h"

#include "core/layout.h"
#include "platform/clock.h"
#include "platform/message.h"

#define PERIOD_NS	 (TAKT_NS_PER_MS)
#define NOT_APPLIED_TEXT "ok accepted, not applied"

struct flood_set {
	uint32_t tag;
	uint32_t hash;
	uint32_t level;
};
TAKT_PARAMETERS(flood_set, struct flood_set, TAKT_PARAMETER(struct flood_set, tag, TAKT_U32, 0, 0, 4294967295.0, ""),
		TAKT_PARAMETER(struct flood_set, hash, TAKT_U32, 0, 0, 4294967295.0, ""),
		TAKT_PARAMETER(struct flood_set, level, TAKT_U32, 0, 0, FLOOD_LEVEL_MAX, "mm"));

static struct takt_node node;
static struct takt_loop loop;
static struct takt_parameters parameters;
static struct flood_set sets[TAKT_PARAMETER_SET_COUNT];
static struct flood_node *place;

uint32_t flood_hash(uint32_t tag)
{
	tag ^= tag >> 16;
	tag *= UINT32_C(0x7feb352d);
	tag ^= tag >> 15;
	tag *= UINT32_C(0x846ca68b);
	return tag ^ tag >> 16;
}

void flood_node_name(uint32_t index, char name[FLOOD_NAME_BYTES])
{
	(void)snprintf(name, FLOOD_NAME_BYTES, "node%u", index);
}

static void add(_Atomic uint64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* Answers to lines without a reply name. */
static void hear(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	(void)severity;
	add(&place->messages);
	if (strstr(text, NOT_APPLIED_TEXT) != NULL)
		add(&place->not_applied);
}

/* A command of the node's own: runs between two cycles. Its arguments are a tag and its hash. */
static enum takt_status mark(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	unsigned tag, hash;

	(void)context;
	if (sscanf(arguments, "%u %u", &tag, &hash) != 2 || hash != flood_hash(tag))
		return TAKT_INVALID;
	(void)snprintf(reply, reply_bytes, "%u", tag);
	return TAKT_OK;
}
static const struct takt_command commands[] = {{"mark", "mark TAG HASH: compares them", mark, NULL}};

/* --------------------------------------------------------------------------------------------------------- a cycle */

static void look_at_set(void)
{
	static uint32_t last_tag;
	const struct flood_set *set = takt_parameters_read(&parameters);

	if (set->level > FLOOD_LEVEL_MAX)
		add(&place->wrong);
	if (set->tag == last_tag)
		return;
	last_tag = set->tag;
	const uint32_t writer = (set->tag >> FLOOD_TAG_SHIFT) - 1;
	const uint32_t tag = set->tag & ((1u << FLOOD_TAG_SHIFT) - 1);
	if (set->hash != flood_hash(set->tag))
		add(&place->torn);
	if (writer >= FLOOD_WRITER_COUNT || tag >= FLOOD_TAGS_MAX) {
		add(&place->wrong);
		return;
	}
	if (place->seen[writer][tag] != 0)
		add(&place->twice);
	else
		add(&place->applied);
	place->seen[writer][tag] = 1;
}

static uint64_t count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	uint64_t count = 0;

	while (folder != NULL && readdir(folder) != NULL)
		count++;
	if (folder != NULL)
		(void)closedir(folder);
	return count;
}

static uint64_t private_bytes(void)
{
	unsigned long long kilobytes = 0;
	char line[128];
	FILE *file = fopen("/proc/self/status", "r");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "RssAnon: %llu", &kilobytes) == 1)
			break;
	if (file != NULL)
		(void)fclose(file);
	return kilobytes * 1024;
}

static void measure_when_asked(void)
{
	if (!atomic_load(&place->measure))
		return;
	const uint32_t at = place->measured_count++ != 0;
	place->memory_bytes[at] = private_bytes();
	place->descriptors[at] = count_descriptors();
	atomic_store(&place->measure, 0);
}

static void copy_counts(void)
{
	const struct takt_node_shm *shared = node.segment.address;

	/* Refused first: a line is counted before it is refused, so refused never passes commands. */
	atomic_store(&place->refused, atomic_load(&shared->refused_count));
	atomic_store(&place->commands, atomic_load(&shared->command_count));
}

int flood_run_node(uint32_t index)
{
	char name[FLOOD_NAME_BYTES];

	place = &flood_page->nodes[index];
	takt_message_handler_set(hear, NULL);
	flood_node_name(index, name);
	if (takt_node_join(&node, flood_config_path, name) != TAKT_OK ||
	    takt_parameters_init(&parameters, &node, &takt_parameters_flood_set, sets) != TAKT_OK ||
	    takt_commands_set(&node, commands, 1) != TAKT_OK ||
	    takt_loop_begin(&loop, &node, &(struct takt_loop_options){.period_ns = PERIOD_NS}) != TAKT_OK)
		return 2;
	/* What was said before is no answer. */
	atomic_store(&place->messages, 0);
	atomic_store(&place->is_ready, 1);
	while (!atomic_load(&flood_page->nodes_end) && takt_loop_next(&loop) == TAKT_OK) {
		look_at_set();
		copy_counts();
		measure_when_asked();
		add(&place->cycles);
		if (loop.cycle_begin_ns - loop.due_ns > atomic_load(&place->longest_late_ns))
			atomic_store(&place->longest_late_ns, loop.cycle_begin_ns - loop.due_ns);
	}
	const int was_asked = (int)atomic_load(&flood_page->nodes_end);
	takt_loop_end(&loop);
	takt_node_leave(&node);
	return was_asked ? 0 : 3;
}
