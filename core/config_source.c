/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcyaml loads a config but tells no lines afterwards, and those in its messages are of the value before the wrong one. So a
 * refusal walks the text once more with libyaml, on which libcyaml rests, and finds the place exactly.
 */
#include "core/config_source.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "platform/message.h"

#define WALK_DEPTH_MAX	16u /* a config has five levels; what lies deeper is not looked for */
#define WALK_PATH_BYTES (TAKT_CONFIG_PLACE_BYTES + 64)
#define SENTENCE_BYTES	(TAKT_MESSAGE_BYTES_MAX / 2)
#define ACCESS		"access"

/* A list or a mapping that the walk is in. */
struct level {
	size_t path_bytes; /* of the walk's path while the walk stands at this level itself */
	uint32_t index;	   /* lists: of the next entry */
	int is_mapping;
	int has_key; /* mappings: the next node is the value of the key that was read */
};

struct walk {
	const char *place;
	char *value; /* NULL: nobody asks for it */
	uint32_t value_bytes;
	size_t line; /* of the longest part of `place` that was found; from 0 */
	size_t column;
	size_t found_bytes;
	struct level levels[WALK_DEPTH_MAX];
	uint32_t depth;
	char path[WALK_PATH_BYTES];
};

/* The last of several equals wins: a key that stands twice is reported where it is too much. */
static void compare_path(struct walk *walk, const yaml_event_t *event)
{
	const size_t bytes = strlen(walk->path);

	if (strncmp(walk->path, walk->place, bytes) != 0 || bytes < walk->found_bytes)
		return;
	if (bytes > 0 && strchr(".[", walk->place[bytes]) == NULL) /* also finds the terminating zero */
		return;
	walk->found_bytes = bytes;
	walk->line = event->start_mark.line;
	walk->column = event->start_mark.column;
}

static void keep_value(struct walk *walk, const yaml_event_t *event)
{
	if (walk->value != NULL && event->type == YAML_SCALAR_EVENT && strcmp(walk->path, walk->place) == 0)
		(void)snprintf(walk->value, walk->value_bytes, "%s", (const char *)event->data.scalar.value);
}

static void append(struct walk *walk, const struct level *level, const char *format, const char *key)
{
	(void)snprintf(walk->path + level->path_bytes, sizeof(walk->path) - level->path_bytes, format, key);
}

/* A scalar, an alias, or the begin of a list or mapping: puts its path together. */
static void begin_node(struct walk *walk, const yaml_event_t *event)
{
	struct level *level = walk->depth > 0 ? &walk->levels[walk->depth - 1] : NULL;
	char index[24];

	if (level == NULL) {
		compare_path(walk, event);
	} else if (!level->is_mapping) {
		(void)snprintf(index, sizeof(index), "[%u]", (unsigned)level->index++);
		append(walk, level, "%s", index);
		compare_path(walk, event);
	} else if (!level->has_key) {
		append(walk, level, level->path_bytes > 0 ? ".%s" : "%s",
		       event->type == YAML_SCALAR_EVENT ? (const char *)event->data.scalar.value : "?");
		compare_path(walk, event);
		return;
	}
	keep_value(walk, event);
}

/* A node is complete: a key awaits its value, a value makes room for the next key. */
static void end_node(struct walk *walk)
{
	struct level *level;

	if (walk->depth == 0)
		return;
	level = &walk->levels[walk->depth - 1];
	level->has_key = level->is_mapping && !level->has_key;
	if (!level->has_key)
		walk->path[level->path_bytes] = '\0';
}

static void enter(struct walk *walk, int is_mapping)
{
	struct level *level = &walk->levels[walk->depth++];

	level->path_bytes = strlen(walk->path);
	level->index = 0;
	level->is_mapping = is_mapping;
	level->has_key = 0;
}

/* Returns 0 when there is nothing further to walk. */
static int step(struct walk *walk, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
	case YAML_ALIAS_EVENT:
		begin_node(walk, event);
		end_node(walk);
		return 1;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		if (walk->depth == WALK_DEPTH_MAX)
			return 0;
		begin_node(walk, event);
		enter(walk, event->type == YAML_MAPPING_START_EVENT);
		return 1;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		walk->depth--;
		end_node(walk);
		return 1;
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_END_EVENT:
		return 0;
	default:
		return 1;
	}
}

/* Ends at the end of the first document, or where the parser finds a fault. */
static void walk_text(struct walk *walk, yaml_parser_t *parser, const struct takt_config_source *source)
{
	yaml_event_t event;
	int goes_on = 1;

	yaml_parser_set_input_string(parser, (const unsigned char *)source->text, source->bytes);
	while (goes_on && yaml_parser_parse(parser, &event)) {
		goes_on = step(walk, &event);
		yaml_event_delete(&event);
	}
}

static void find(struct walk *walk, const struct takt_config_source *source)
{
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		return; /* no memory: the sentence says line 1 */
	walk_text(walk, &parser, source);
	yaml_parser_delete(&parser);
}

enum takt_status takt_config_refuse(const struct takt_config_source *source, enum takt_status status, const char *place,
				    const char *format, ...)
{
	struct walk walk = {.place = place};
	char sentence[SENTENCE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	find(&walk, source);
	takt_message(TAKT_ERROR, "%s:%zu:%zu: %s", source->name, walk.line + 1, walk.column + 1, sentence);
	return status;
}

void takt_config_value_at(const struct takt_config_source *source, const char *place, char *value, uint32_t bytes)
{
	struct walk walk = {.place = place, .value = value, .value_bytes = bytes};

	value[0] = '\0';
	find(&walk, source);
}

void takt_config_object_at(const struct takt_config_source *source, const char *place,
			   char said[TAKT_CONFIG_SAID_BYTES])
{
	const char *bracket = strchr(place, '[');
	const char *kind = strncmp(place, "topics[", 7) == 0   ? "topic"
			   : strncmp(place, "queues[", 7) == 0 ? "queue"
			   : strncmp(place, "syncs[", 6) == 0  ? "sync"
			   : strncmp(place, "nodes[", 6) == 0  ? "node"
			   : strncmp(place, "access[", 7) == 0 ? ACCESS
							       : NULL;
	unsigned long index = 0;
	char name_place[48];
	char name[40];

	if (kind == NULL) {
		(void)snprintf(said, TAKT_CONFIG_SAID_BYTES, "the config");
		return;
	}
	index = strtoul(bracket + 1, NULL, 10);
	if (strcmp(kind, ACCESS) == 0) { /* its rules have no names */
		(void)snprintf(said, TAKT_CONFIG_SAID_BYTES, ACCESS " rule %lu", index + 1);
		return;
	}
	(void)snprintf(name_place, sizeof(name_place), "%ss[%lu].name", kind, index);
	takt_config_value_at(source, name_place, name, sizeof(name));
	if (name[0] != '\0')
		(void)snprintf(said, TAKT_CONFIG_SAID_BYTES, "%s '%s'", kind, name);
	else
		(void)snprintf(said, TAKT_CONFIG_SAID_BYTES, "%s %lu of the list", kind, index + 1);
}

/* ------------------------------------------------------------------------------------------------ no YAML */

/* Bytes that are no text at all: the parser tells how many lie before them. */
static enum takt_status refuse_bytes(const struct takt_config_source *source, const yaml_parser_t *parser)
{
	const size_t offset = parser->problem_offset < source->bytes ? parser->problem_offset : source->bytes;
	size_t line = 1;

	for (size_t i = 0; i < offset; i++)
		line += source->text[i] == '\n';
	takt_message(TAKT_ERROR,
		     "%s:%zu: not a text file: %s (byte %zu); a config is YAML in UTF-8: is this the right file?",
		     source->name, line, parser->problem, offset);
	return TAKT_INVALID;
}

/* Tabs where only spaces may stand: the mistake that libyaml's own words explain worst. */
static int is_indented_by_tab(const struct takt_config_source *source, size_t line)
{
	uint32_t at = 0;

	for (; line > 0 && at < source->bytes; at++)
		line -= source->text[at] == '\n';
	while (at < source->bytes && source->text[at] == ' ')
		at++;
	return at < source->bytes && source->text[at] == '\t';
}

static enum takt_status refuse_structure(const struct takt_config_source *source, const yaml_parser_t *parser)
{
	const char *remedy = "look there for a missing quote, bracket, colon or space, or a wrong indentation";
	char context[SENTENCE_BYTES / 2] = "";

	if (is_indented_by_tab(source, parser->problem_mark.line))
		remedy = "indent with spaces; YAML does not allow tabs";
	if (parser->context != NULL)
		(void)snprintf(context, sizeof(context), " %s that begins in line %zu", parser->context,
			       parser->context_mark.line + 1);
	takt_message(TAKT_ERROR, "%s:%zu:%zu: not valid YAML: %s%s; %s", source->name, parser->problem_mark.line + 1,
		     parser->problem_mark.column + 1, parser->problem, context, remedy);
	return TAKT_INVALID;
}

static enum takt_status refuse_memory(const struct takt_config_source *source)
{
	takt_message(TAKT_ERROR, "%s: no memory left to read it", source->name);
	return TAKT_NO_SPACE;
}

/* To the fault, which may lie behind the first document and deeper than a walk goes. */
static void parse_to_fault(yaml_parser_t *parser, const struct takt_config_source *source)
{
	yaml_event_t event;
	int goes_on = 1;

	yaml_parser_set_input_string(parser, (const unsigned char *)source->text, source->bytes);
	while (goes_on && yaml_parser_parse(parser, &event)) {
		goes_on = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
}

enum takt_status takt_config_refuse_syntax(const struct takt_config_source *source)
{
	enum takt_status status;
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		return refuse_memory(source);
	parse_to_fault(&parser, source);
	if (parser.problem == NULL) /* it is YAML after all: what failed was not the text */
		status = refuse_memory(source);
	else if (parser.error == YAML_READER_ERROR)
		status = refuse_bytes(source, &parser);
	else
		status = refuse_structure(source, &parser);
	yaml_parser_delete(&parser);
	return status;
}
