/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bench_domain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/file.h"
#include "platform/folder.h"
#include "platform/message.h"

#define CONFIG_FILE "config.yaml"
#define LINE_BYTES  16384

void bench_config_add(struct bench_config *config, const char *format, ...)
{
	char line[LINE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof(line)) {
		config->has_failed = 1;
		return;
	}
	if (config->text == NULL || config->bytes + (uint32_t)length + 1 > config->capacity) {
		uint32_t capacity = 2 * (config->capacity + LINE_BYTES);
		char *text = realloc(config->text, capacity);
		if (text == NULL) {
			config->has_failed = 1;
			return;
		}
		config->text = text;
		config->capacity = capacity;
	}
	memcpy(config->text + config->bytes, line, (size_t)length + 1);
	config->bytes += (uint32_t)length;
}

void bench_config_begin(struct bench_config *config)
{
	*config = (struct bench_config){0};
	bench_config_add(config, "domain: " BENCH_DOMAIN "\ntopics:\n");
}

void bench_config_topic(struct bench_config *config, const struct bench_topic *topic)
{
	bench_config_add(config, "  - {name: %s, type: bytes, bytes: %u, depth: %u, borrows: %u, loans: %u}\n",
			 topic->name, topic->bytes, topic->depth, topic->borrows, topic->loans);
}

void bench_config_nodes(struct bench_config *config)
{
	bench_config_add(config, "nodes:\n");
}

void bench_config_node(struct bench_config *config, const char *name, const char *publishes, const char *subscribes,
		       uint32_t waiters)
{
	bench_config_add(config, "  - {name: %s, program: bench, publishes: [%s], subscribes: [%s], waiters: %u}\n",
			 name, publishes, subscribes, waiters);
}

enum takt_status bench_config_write(struct bench_config *config, const char *folder)
{
	char path[TAKT_OS_PATH_MAX];
	enum takt_status status = TAKT_NO_SPACE;

	(void)snprintf(path, sizeof(path), "%.400s/" CONFIG_FILE, folder);
	if (config->has_failed)
		takt_message(TAKT_ERROR, "bench: no memory is left for a config");
	else
		status = takt_os_file_replace(path, config->text, config->bytes);
	free(config->text);
	*config = (struct bench_config){0};
	return status;
}

enum takt_status bench_config_pair(const char *folder, const struct bench_topic *topic)
{
	struct bench_config config;
	struct bench_topic there = *topic, back = *topic;

	(void)snprintf(there.name, sizeof(there.name), "there");
	(void)snprintf(back.name, sizeof(back.name), "back");
	bench_config_begin(&config);
	bench_config_topic(&config, &there);
	bench_config_topic(&config, &back);
	bench_config_nodes(&config);
	bench_config_node(&config, "left", "there", "back", 1);
	bench_config_node(&config, "right", "back", "there", 1);
	return bench_config_write(&config, folder);
}

enum takt_status bench_join(struct takt_node *node, const char *folder, const char *name)
{
	char path[TAKT_OS_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%.400s/" CONFIG_FILE, folder);
	return takt_node_join(node, path, name);
}

const struct takt_type *bench_type(uint32_t bytes)
{
	static struct takt_type_field field = {.name = "bytes", .unit = "", .kind = TAKT_U8};
	static struct takt_type type = {.name = "bytes", .fields = &field, .field_count = 1, .alignment = 8};

	field.count = bytes;
	type.bytes = bytes;
	return &type;
}
