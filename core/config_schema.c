/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config_schema.h"

#include <cyaml/cyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config.h"
#include "core/limits.h"
#include "core/text.h"
#include "platform/message.h"

#define NEEDED	 CYAML_FLAG_POINTER
#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT_MAX (TAKT_CONFIG_TEXT_BYTES_MAX - 1)

#define TEXT(key, flags, structure, member) CYAML_FIELD_STRING_PTR(key, flags, structure, member, 0, TEXT_MAX)
#define LIST(key, structure, member, entry, count_max)                                                                 \
	CYAML_FIELD_SEQUENCE(key, OPTIONAL, structure, member, entry, 0, count_max)
/* That no list means all; so an empty one, which looks like none, is refused. */
#define LIST_OR_ALL(key, structure, member, entry, count_max)                                                          \
	CYAML_FIELD_SEQUENCE(key, OPTIONAL, structure, member, entry, 1, count_max)

#define RIGHTS(structure)                                                                                              \
	TEXT("owner", OPTIONAL, structure, rights.owner), TEXT("group", OPTIONAL, structure, rights.group),            \
		TEXT("mode", OPTIONAL, structure, rights.mode)

/* ------------------------------------------------------------------------------------------------ schema */

static const cyaml_schema_value_t text_entry = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, TEXT_MAX)};

static const cyaml_schema_field_t topic_fields[] = {
	TEXT("name", NEEDED, struct takt_config_raw_topic, name),
	TEXT("type", NEEDED, struct takt_config_raw_topic, type),
	TEXT("bytes", NEEDED, struct takt_config_raw_topic, bytes),
	TEXT("depth", OPTIONAL, struct takt_config_raw_topic, depth),
	TEXT("publishers", OPTIONAL, struct takt_config_raw_topic, publishers),
	TEXT("borrows", OPTIONAL, struct takt_config_raw_topic, borrows),
	TEXT("loans", OPTIONAL, struct takt_config_raw_topic, loans),
	TEXT("deadline_us", OPTIONAL, struct takt_config_raw_topic, deadline_us),
	RIGHTS(struct takt_config_raw_topic),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t queue_fields[] = {
	TEXT("name", NEEDED, struct takt_config_raw_queue, name),
	TEXT("type", NEEDED, struct takt_config_raw_queue, type),
	TEXT("bytes", NEEDED, struct takt_config_raw_queue, bytes),
	TEXT("depth", OPTIONAL, struct takt_config_raw_queue, depth),
	TEXT("bands", OPTIONAL, struct takt_config_raw_queue, bands),
	TEXT("when_full", OPTIONAL, struct takt_config_raw_queue, when_full),
	TEXT("deliveries", OPTIONAL, struct takt_config_raw_queue, deliveries),
	RIGHTS(struct takt_config_raw_queue),
	TEXT("take_owner", OPTIONAL, struct takt_config_raw_queue, take_rights.owner),
	TEXT("take_group", OPTIONAL, struct takt_config_raw_queue, take_rights.group),
	TEXT("take_mode", OPTIONAL, struct takt_config_raw_queue, take_rights.mode),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t sync_fields[] = {
	TEXT("name", NEEDED, struct takt_config_raw_sync, name),
	TEXT("kind", NEEDED, struct takt_config_raw_sync, kind),
	TEXT("initial", OPTIONAL, struct takt_config_raw_sync, initial),
	TEXT("maximum", OPTIONAL, struct takt_config_raw_sync, maximum),
	TEXT("undo", OPTIONAL, struct takt_config_raw_sync, undo),
	TEXT("members", OPTIONAL, struct takt_config_raw_sync, members),
	RIGHTS(struct takt_config_raw_sync),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t schedule_fields[] = {
	TEXT("policy", OPTIONAL, struct takt_config_raw_schedule, policy),
	TEXT("priority", OPTIONAL, struct takt_config_raw_schedule, priority),
	LIST("cpus", struct takt_config_raw_schedule, cpus, &text_entry, TAKT_CPU_COUNT_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t node_fields[] = {
	TEXT("name", NEEDED, struct takt_config_raw_node, name),
	TEXT("program", NEEDED, struct takt_config_raw_node, program),
	LIST("arguments", struct takt_config_raw_node, arguments, &text_entry, TAKT_ARGUMENT_COUNT_MAX),
	LIST("publishes", struct takt_config_raw_node, publishes, &text_entry, TAKT_TOPICS_PER_NODE_MAX),
	LIST("subscribes", struct takt_config_raw_node, subscribes, &text_entry, TAKT_TOPICS_PER_NODE_MAX),
	LIST("pushes", struct takt_config_raw_node, pushes, &text_entry, TAKT_QUEUES_PER_NODE_MAX),
	LIST("takes", struct takt_config_raw_node, takes, &text_entry, TAKT_QUEUES_PER_NODE_MAX),
	LIST("uses", struct takt_config_raw_node, uses, &text_entry, TAKT_SYNCS_PER_NODE_MAX),
	TEXT("waiters", OPTIONAL, struct takt_config_raw_node, waiters),
	TEXT("period_us", OPTIONAL, struct takt_config_raw_node, period_us),
	TEXT("spin_us", OPTIONAL, struct takt_config_raw_node, spin_us),
	TEXT("overrun", OPTIONAL, struct takt_config_raw_node, overrun),
	CYAML_FIELD_MAPPING("scheduler", CYAML_FLAG_OPTIONAL, struct takt_config_raw_node, schedule, schedule_fields),
	TEXT("restart", OPTIONAL, struct takt_config_raw_node, restart),
	LIST("parameters", struct takt_config_raw_node, parameters, &text_entry, TAKT_PARAMETER_COUNT_MAX),
	TEXT("parameter_file", OPTIONAL, struct takt_config_raw_node, parameter_file),
	TEXT("core_dumps", OPTIONAL, struct takt_config_raw_node, core_dumps),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t access_fields[] = {
	LIST_OR_ALL("users", struct takt_config_access, users, &text_entry, TAKT_ACCESS_LIST_MAX),
	LIST_OR_ALL("groups", struct takt_config_access, groups, &text_entry, TAKT_ACCESS_LIST_MAX),
	LIST_OR_ALL("nodes", struct takt_config_access, nodes, &text_entry, TAKT_NODE_COUNT_MAX),
	LIST_OR_ALL("commands", struct takt_config_access, commands, &text_entry, TAKT_ACCESS_LIST_MAX),
	LIST_OR_ALL("parameters", struct takt_config_access, parameters, &text_entry, TAKT_ACCESS_LIST_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t topic_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct takt_config_raw_topic, topic_fields)};
static const cyaml_schema_value_t queue_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct takt_config_raw_queue, queue_fields)};
static const cyaml_schema_value_t sync_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct takt_config_raw_sync, sync_fields)};
static const cyaml_schema_value_t node_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct takt_config_raw_node, node_fields)};

static const cyaml_schema_value_t access_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct takt_config_access, access_fields)};

static const cyaml_schema_field_t config_fields[] = {
	TEXT("domain", NEEDED, struct takt_config_raw, domain),
	RIGHTS(struct takt_config_raw),
	TEXT("wait_slice_us", OPTIONAL, struct takt_config_raw, wait_slice_us),
	TEXT("lock_bound_us", OPTIONAL, struct takt_config_raw, lock_bound_us),
	LIST("topics", struct takt_config_raw, topics, &topic_entry, TAKT_TOPIC_COUNT_MAX),
	LIST("queues", struct takt_config_raw, queues, &queue_entry, TAKT_QUEUE_COUNT_MAX),
	LIST("syncs", struct takt_config_raw, syncs, &sync_entry, TAKT_SYNC_COUNT_MAX),
	LIST("nodes", struct takt_config_raw, nodes, &node_entry, TAKT_NODE_COUNT_MAX),
	LIST_OR_ALL("access", struct takt_config_raw, access, &access_entry, TAKT_ACCESS_COUNT_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t config_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct takt_config_raw, config_fields)};

/* --------------------------------------------------------------------------------- what libcyaml reports */

#define LEVEL_COUNT_MAX 8u
#define REPORT_BYTES	256u

/* One step of the backtrace: a key, or an entry of a list. */
struct level {
	char key[REPORT_BYTES / 4]; /* "": an entry */
	unsigned long entry_number; /* from 1 */
};

/* libcyaml reports by log lines: the reason, then the way to it, innermost first. */
struct report {
	char reason[REPORT_BYTES];
	struct level levels[LEVEL_COUNT_MAX];
	uint32_t level_count;
	int has_more_documents;
};

/* The rest of a text after a prefix, or NULL. */
static const char *after(const char *text, const char *prefix)
{
	const size_t bytes = strlen(prefix);

	return strncmp(text, prefix, bytes) == 0 ? text + bytes : NULL;
}

static void note_level(struct report *report, const char *line)
{
	const char *key = after(line, "  in mapping field '");
	const char *entry = after(line, "  in sequence entry '");
	struct level *level = &report->levels[report->level_count];

	if ((key == NULL && entry == NULL) || report->level_count == LEVEL_COUNT_MAX)
		return;
	if (key != NULL)
		(void)snprintf(level->key, sizeof(level->key), "%.*s", (int)strcspn(key, "'"), key);
	else
		level->entry_number = strtoul(entry, NULL, 10);
	report->level_count++;
}

static void note_line(cyaml_log_t severity, void *context, const char *format, va_list arguments)
{
	struct report *report = context;
	char line[REPORT_BYTES];
	const char *reason;

	(void)vsnprintf(line, sizeof(line), format, arguments);
	if (line[0] != '\0' && line[strlen(line) - 1] == '\n')
		line[strlen(line) - 1] = '\0'; /* only the last: a foreign key may have some of its own */
	reason = after(line, "Load: ");
	if (after(line, "Ignoring documents") != NULL)
		report->has_more_documents = 1;
	else if (reason == NULL)
		note_level(report, line);
	else if (severity == CYAML_LOG_ERROR && report->reason[0] == '\0' && after(reason, "Backtrace") == NULL)
		(void)snprintf(report->reason, sizeof(report->reason), "%s", reason);
}

static void append(char place[TAKT_CONFIG_PLACE_BYTES], const char *format, const char *key, unsigned long index)
{
	const size_t used = strlen(place);

	(void)snprintf(place + used, TAKT_CONFIG_PLACE_BYTES - used, format, key, index);
}

/* Puts the backtrace together as a place, outermost first, without the innermost `dropped` levels. */
static void place_of(const struct report *report, uint32_t dropped, char place[TAKT_CONFIG_PLACE_BYTES])
{
	place[0] = '\0';
	for (uint32_t i = report->level_count; i > dropped; i--) {
		const struct level *level = &report->levels[i - 1];

		if (level->key[0] == '\0')
			append(place, "%s[%lu]", "", level->entry_number - 1);
		else
			append(place, place[0] != '\0' ? ".%s" : "%s", level->key, 0);
	}
}

/* The keys that the mapping at a place may have. */
static const cyaml_schema_field_t *fields_at(const char *place)
{
	if (strstr(place, "scheduler") != NULL)
		return schedule_fields;
	if (after(place, "topics[") != NULL)
		return topic_fields;
	if (after(place, "queues[") != NULL)
		return queue_fields;
	if (after(place, "syncs[") != NULL)
		return sync_fields;
	if (after(place, "access[") != NULL)
		return access_fields;
	return after(place, "nodes[") != NULL ? node_fields : config_fields;
}

/* ------------------------------------------------------------------------------------------- the sentences */

static void list_keys(const cyaml_schema_field_t *fields, char keys[REPORT_BYTES])
{
	size_t used = 0;

	keys[0] = '\0';
	for (; fields->key != NULL && used < REPORT_BYTES; fields++)
		used += (size_t)snprintf(keys + used, REPORT_BYTES - used, " %s", fields->key);
}

static enum takt_status refuse_unknown_key(const struct takt_config_source *source, const struct report *report,
					   const char *key)
{
	struct takt_text_nearest nearest = {.word = key};
	char place[TAKT_CONFIG_PLACE_BYTES];
	char object[TAKT_CONFIG_SAID_BYTES];
	char keys[REPORT_BYTES];
	const cyaml_schema_field_t *fields;

	place_of(report, 0, place);
	takt_config_object_at(source, place, object);
	fields = fields_at(place);
	for (const cyaml_schema_field_t *field = fields; field->key != NULL; field++)
		takt_text_nearest_offer(&nearest, field->key);
	list_keys(fields, keys);
	append(place, place[0] != '\0' ? ".%s" : "%s", key, 0);
	if (nearest.found != NULL)
		return takt_config_refuse(source, TAKT_INVALID, place, "%s: there is no key '%s'%s; did you mean '%s'?",
					  object, key, fields == schedule_fields ? " in scheduler" : "", nearest.found);
	return takt_config_refuse(source, TAKT_INVALID, place,
				  "%s: there is no key '%s'%s; remove it, or use one of:%s", object, key,
				  fields == schedule_fields ? " in scheduler" : "", keys);
}

static enum takt_status refuse_missing_key(const struct takt_config_source *source, const struct report *report,
					   const char *key)
{
	char place[TAKT_CONFIG_PLACE_BYTES];
	char object[TAKT_CONFIG_SAID_BYTES];

	place_of(report, 1, place);
	takt_config_object_at(source, place, object);
	return takt_config_refuse(source, TAKT_INVALID, place, "%s: the key '%s' is missing; add a line `%s: ...`",
				  object, key, key);
}

static enum takt_status refuse_doubled_key(const struct takt_config_source *source, const struct report *report,
					   const char *key)
{
	char place[TAKT_CONFIG_PLACE_BYTES];
	char object[TAKT_CONFIG_SAID_BYTES];

	place_of(report, 0, place);
	takt_config_object_at(source, place, object);
	return takt_config_refuse(source, TAKT_INVALID, place,
				  "%s: the key '%s' stands here a second time; keep one of them", object, key);
}

/* libcyaml's and libyaml's words for a shape, in those of a person who writes a config. */
static const char *shape(const char *word)
{
	if (after(word, "MAPPING") != NULL)
		return "keys with values (`key: value`)";
	if (after(word, "SEQUENCE") != NULL)
		return "a list (`[a, b]`, or lines that begin with `- `)";
	return "a single value";
}

static enum takt_status refuse_shape(const struct takt_config_source *source, const struct report *report,
				     const char *expected)
{
	const char *found = strstr(expected, "event: ");
	char place[TAKT_CONFIG_PLACE_BYTES];
	char object[TAKT_CONFIG_SAID_BYTES];

	place_of(report, 0, place);
	takt_config_object_at(source, place, object);
	return takt_config_refuse(source, TAKT_INVALID, place, "%s: %s must be %s and is %s", object,
				  place[0] != '\0' ? place : "it", shape(expected),
				  shape(found != NULL ? found + strlen("event: ") : ""));
}

/* A list with too many entries, or one too long text. */
static enum takt_status refuse_excess(const struct takt_config_source *source, const struct report *report)
{
	const char *entries = after(report->reason, "Excessive entries (");
	char place[TAKT_CONFIG_PLACE_BYTES];
	char object[TAKT_CONFIG_SAID_BYTES];

	place_of(report, entries != NULL, place);
	takt_config_object_at(source, place, object);
	if (entries != NULL)
		return takt_config_refuse(source, TAKT_LIMIT, place,
					  "%s: %s has more than %lu entries, takt's limit; remove some", object, place,
					  strtoul(entries, NULL, 10));
	return takt_config_refuse(source, TAKT_LIMIT, place, "%s: %s is longer than %u bytes; shorten it", object,
				  place, TEXT_MAX);
}

static enum takt_status refuse_empty(const struct takt_config_source *source, const struct report *report)
{
	char place[TAKT_CONFIG_PLACE_BYTES];
	char object[TAKT_CONFIG_SAID_BYTES];

	place_of(report, 1, place); /* without the entry that is not there */
	takt_config_object_at(source, place, object);
	return takt_config_refuse(source, TAKT_INVALID, place,
				  "%s: %s is an empty list; write who or what it is, or remove the key", object, place);
}

static enum takt_status refuse_other(const struct takt_config_source *source, const struct report *report,
				     cyaml_err_t error)
{
	char place[TAKT_CONFIG_PLACE_BYTES];

	place_of(report, 0, place);
	if (error == CYAML_ERR_ALIAS)
		return takt_config_refuse(
			source, TAKT_INVALID, place,
			"'*' refers to another part of the file (a YAML alias), which takt does not follow; "
			"write the value out, or put it in quotes if the star belongs to it");
	if (error == CYAML_ERR_INTERNAL_ERROR)
		return takt_config_refuse(source, TAKT_INVALID, place,
					  "after this comes a key that is a list or a mapping; a key is a single word");
	return takt_config_refuse(source, TAKT_INVALID, place, "%s: %s", cyaml_strerror(error), report->reason);
}

static enum takt_status refuse(const struct takt_config_source *source, const struct report *report, cyaml_err_t error)
{
	const char *key;

	if (error == CYAML_ERR_LIBYAML_PARSER)
		return takt_config_refuse_syntax(source);
	if (error == CYAML_ERR_OOM || error == CYAML_ERR_LIBYAML_PARSER_INIT || error == CYAML_ERR_LIBYAML_EVENT_INIT) {
		takt_message(TAKT_ERROR, "%s: no memory left to read it", source->name);
		return TAKT_NO_SPACE;
	}
	key = after(report->reason, "Unexpected key: ");
	if (key != NULL)
		return refuse_unknown_key(source, report, key);
	key = after(report->reason, "Missing required mapping field: ");
	if (key != NULL)
		return refuse_missing_key(source, report, key);
	key = after(report->reason, "Mapping field already seen: ");
	if (key != NULL)
		return refuse_doubled_key(source, report, key);
	key = after(report->reason, "Expecting ");
	if (key != NULL)
		return refuse_shape(source, report, key);
	if (error == CYAML_ERR_SEQUENCE_ENTRIES_MAX || error == CYAML_ERR_STRING_LENGTH_MAX)
		return refuse_excess(source, report);
	if (error == CYAML_ERR_SEQUENCE_ENTRIES_MIN)
		return refuse_empty(source, report);
	return refuse_other(source, report, error);
}

/* --------------------------------------------------------------------------------------------------- load */

/* Aliases are off: they would let a few lines stand for a great many, and nothing in a config needs them. */
static const cyaml_config_t quiet = {.mem_fn = cyaml_mem, .flags = CYAML_CFG_NO_ALIAS};

enum takt_status takt_config_raw_load(struct takt_config_raw **raw, const struct takt_config_source *source)
{
	struct report report = {.level_count = 0};
	cyaml_config_t config = quiet;
	cyaml_data_t *data = NULL;
	cyaml_err_t error;

	config.log_fn = note_line;
	config.log_ctx = &report;
	config.log_level = CYAML_LOG_WARNING;
	error = cyaml_load_data((const uint8_t *)source->text, source->bytes, &config, &config_schema, &data, NULL);
	if (error != CYAML_OK)
		return refuse(source, &report, error);
	if (data == NULL) {
		takt_message(TAKT_ERROR, "%s: the config is empty; it begins with a line `domain: NAME`", source->name);
		return TAKT_INVALID;
	}
	if (report.has_more_documents) {
		takt_message(TAKT_ERROR,
			     "%s: a second document begins at a line `---`; a config is one document: remove the line",
			     source->name);
		takt_config_raw_free(data);
		return TAKT_INVALID;
	}
	*raw = data;
	return TAKT_OK;
}

void takt_config_raw_free(struct takt_config_raw *raw)
{
	if (raw != NULL) /* it fails only without a configuration or a schema */
		(void)cyaml_free(&quiet, &config_schema, raw, 0);
}
