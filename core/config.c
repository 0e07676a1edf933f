/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_check.h"
#include "core/config_complete.h"
#include "core/config_schema.h"
#include "core/config_source.h"
#include "platform/file.h"
#include "platform/message.h"

/* A config and all that it rests on. Callers see the first member. */
struct loaded_config {
	struct takt_config config;
	struct takt_config_raw *raw; /* owns every text and list of texts */
	uint32_t *cpus;		     /* TAKT_CPU_COUNT_MAX for each node */
	char *path;
	char *folder;
};

_Static_assert(offsetof(struct loaded_config, config) == 0, "takt_config_free takes the one for the other");

static void release(struct loaded_config *loaded)
{
	if (loaded == NULL)
		return;
	takt_config_raw_free(loaded->raw);
	free(loaded->config.topics);
	free(loaded->config.queues);
	free(loaded->config.syncs);
	free(loaded->config.nodes);
	free(loaded->cpus);
	free(loaded->path);
	free(loaded->folder);
	free(loaded);
}

/* calloc, but an empty list is a NULL that is no failure. */
static int allocate(void **memory, size_t count, size_t bytes)
{
	*memory = count > 0 ? calloc(count, bytes) : NULL;
	return count == 0 || *memory != NULL;
}

static char *copy_text(const char *text, size_t bytes)
{
	char *copy = malloc(bytes + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, text, bytes);
	copy[bytes] = '\0';
	return copy;
}

/* The part of a path before its last slash; "." without one, "/" when that is the root. */
static char *copy_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return copy_text(".", 1);
	return slash == path ? copy_text("/", 1) : copy_text(path, (size_t)(slash - path));
}

static struct loaded_config *allocate_for(struct takt_config_raw *raw, const char *path)
{
	struct loaded_config *loaded = calloc(1, sizeof(*loaded));
	struct takt_config *config;
	void *topics = NULL;
	void *queues = NULL;
	void *syncs = NULL;
	void *nodes = NULL;
	void *cpus = NULL;

	if (loaded == NULL)
		return NULL;
	loaded->path = copy_text(path, strlen(path));
	loaded->folder = copy_folder(path);
	if (loaded->path == NULL || loaded->folder == NULL ||
	    !allocate(&topics, raw->topics_count, sizeof(*config->topics)) ||
	    !allocate(&queues, raw->queues_count, sizeof(*config->queues)) ||
	    !allocate(&syncs, raw->syncs_count, sizeof(*config->syncs)) ||
	    !allocate(&nodes, raw->nodes_count, sizeof(*config->nodes)) ||
	    !allocate(&cpus, raw->nodes_count, TAKT_CPU_COUNT_MAX * sizeof(*loaded->cpus))) {
		free(topics);
		free(queues);
		free(syncs);
		free(nodes);
		free(cpus);
		release(loaded);
		return NULL;
	}
	loaded->raw = raw;
	loaded->cpus = cpus;
	config = &loaded->config;
	config->topics = topics;
	config->topics_count = raw->topics_count;
	config->queues = queues;
	config->queues_count = raw->queues_count;
	config->syncs = syncs;
	config->syncs_count = raw->syncs_count;
	config->nodes = nodes;
	config->nodes_count = raw->nodes_count;
	config->path = loaded->path;
	config->folder = loaded->folder;
	for (uint32_t i = 0; i < raw->nodes_count; i++)
		config->nodes[i].schedule.cpus = loaded->cpus + (size_t)i * TAKT_CPU_COUNT_MAX;
	return loaded;
}

/* @param path "" for text */
static enum takt_status parse(const struct takt_config **config, const struct takt_config_source *source,
			      const char *path)
{
	struct takt_config_raw *raw = NULL;
	struct loaded_config *loaded;
	enum takt_status status = takt_config_raw_load(&raw, source);

	if (status != TAKT_OK)
		return status;
	loaded = allocate_for(raw, path);
	if (loaded == NULL) {
		takt_message(TAKT_ERROR, "%s: no memory left for the config", source->name);
		takt_config_raw_free(raw);
		return TAKT_NO_SPACE;
	}
	status = takt_config_complete(&loaded->config, raw, source);
	if (status == TAKT_OK)
		status = takt_config_check(&loaded->config, source);
	if (status == TAKT_OK)
		*config = &loaded->config;
	else
		release(loaded);
	return status;
}

enum takt_status takt_config_parse(const struct takt_config **config, const char *text, uint32_t bytes,
				   const char *name)
{
	const struct takt_config_source source = {.name = name, .text = text, .bytes = bytes};

	if (bytes > TAKT_CONFIG_BYTES_MAX) {
		takt_message(TAKT_ERROR,
			     "%s: %u bytes are more than the %u that a config may have; is this the right file?", name,
			     (unsigned)bytes, TAKT_CONFIG_BYTES_MAX);
		return TAKT_LIMIT;
	}
	return parse(config, &source, "");
}

enum takt_status takt_config_load(const struct takt_config **config, const char *path)
{
	const uint32_t room = TAKT_CONFIG_BYTES_MAX + 1; /* the reader keeps a zero */
	struct takt_config_source source = {.name = path};
	char *text = malloc(room);
	enum takt_status status;

	if (text == NULL) {
		takt_message(TAKT_ERROR, "%s: no memory left to read the config", path);
		return TAKT_NO_SPACE;
	}
	status = takt_os_file_read(path, text, room, &source.bytes);
	source.text = text;
	if (status == TAKT_ABSENT)
		takt_message(TAKT_ERROR, "%s: there is no such config file; check the path", path);
	if (status == TAKT_OK)
		status = parse(config, &source, path);
	free(text);
	return status;
}

void takt_config_free(const struct takt_config *config)
{
	/* It was handed out as const; the memory never was. */
	release((struct loaded_config *)(uintptr_t)config);
}

uint32_t takt_config_topic_find(const struct takt_config *config, const char *name)
{
	for (uint32_t i = 0; i < config->topics_count; i++)
		if (strcmp(config->topics[i].name, name) == 0)
			return i;
	return UINT32_MAX;
}

uint32_t takt_config_queue_find(const struct takt_config *config, const char *name)
{
	for (uint32_t i = 0; i < config->queues_count; i++)
		if (strcmp(config->queues[i].name, name) == 0)
			return i;
	return UINT32_MAX;
}

uint32_t takt_config_sync_find(const struct takt_config *config, const char *name)
{
	for (uint32_t i = 0; i < config->syncs_count; i++)
		if (strcmp(config->syncs[i].name, name) == 0)
			return i;
	return UINT32_MAX;
}

uint32_t takt_config_node_find(const struct takt_config *config, const char *name)
{
	for (uint32_t i = 0; i < config->nodes_count; i++)
		if (strcmp(config->nodes[i].name, name) == 0)
			return i;
	return UINT32_MAX;
}

static int has_text(char *const *texts, uint32_t count, const char *text)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(texts[i], text) == 0)
			return 1;
	return 0;
}

int takt_config_publishes(const struct takt_config_node *node, const char *topic)
{
	return has_text(node->publishes, node->publishes_count, topic);
}

int takt_config_subscribes(const struct takt_config_node *node, const char *topic)
{
	return has_text(node->subscribes, node->subscribes_count, topic);
}

int takt_config_pushes(const struct takt_config_node *node, const char *queue)
{
	return has_text(node->pushes, node->pushes_count, queue);
}

int takt_config_takes(const struct takt_config_node *node, const char *queue)
{
	return has_text(node->takes, node->takes_count, queue);
}

int takt_config_uses(const struct takt_config_node *node, const char *sync)
{
	return has_text(node->uses, node->uses_count, sync);
}
