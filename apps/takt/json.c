/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/json.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "platform/message.h"

static json_t *inside(const struct json_value *value)
{
	return (json_t *)(uintptr_t)value;
}

/* A tool that has no memory left for its report cannot give one. */
static json_t *made(json_t *value)
{
	if (value == NULL) {
		takt_message(TAKT_ERROR, "no memory is left for the JSON report");
		exit(1);
	}
	return value;
}

/* Gives `child` to its parent. */
static struct json_value *add(struct json_value *parent, const char *key, json_t *child)
{
	int failed = key ? json_object_set_new_nocheck(inside(parent), key, made(child))
			 : json_array_append_new(inside(parent), made(child));

	(void)made(failed ? NULL : inside(parent));
	return (struct json_value *)child;
}

struct json_value *json_make_object(void)
{
	return (struct json_value *)made(json_object());
}

struct json_value *json_make_array(void)
{
	return (struct json_value *)made(json_array());
}

void json_free(struct json_value *value)
{
	json_decref(inside(value));
}

struct json_value *json_add_object(struct json_value *parent, const char *key)
{
	return add(parent, key, json_object());
}

struct json_value *json_add_array(struct json_value *parent, const char *key)
{
	return add(parent, key, json_array());
}

void json_add_text(struct json_value *parent, const char *key, const char *text)
{
	json_t *value = json_string(text);

	(void)add(parent, key, value ? value : json_null());
}

void json_add_signed(struct json_value *parent, const char *key, int64_t number)
{
	(void)add(parent, key, json_integer(number));
}

void json_add_unsigned(struct json_value *parent, const char *key, uint64_t number)
{
	if (number > INT64_MAX)
		json_add_real(parent, key, (double)number);
	else
		json_add_signed(parent, key, (int64_t)number);
}

void json_add_real(struct json_value *parent, const char *key, double number)
{
	(void)add(parent, key, isfinite(number) ? json_real(number) : json_null());
}

void json_add_bool(struct json_value *parent, const char *key, int is_true)
{
	(void)add(parent, key, json_boolean(is_true));
}

void json_add_null(struct json_value *parent, const char *key)
{
	(void)add(parent, key, json_null());
}

void json_print(FILE *file, const struct json_value *value, enum json_style style, uint32_t digits)
{
	size_t flags = style == JSON_INDENTED ? JSON_INDENT(2) : JSON_COMPACT;

	/* A failure to write is found by whoever closes the file. */
	(void)json_dumpf(inside(value), file, flags | JSON_REAL_PRECISION(digits));
	(void)fputc('\n', file);
}

/* ------------------------------------------------------------------------------------------------------- reading */

struct json_value *json_read(const char *text, uint32_t bytes)
{
	return (struct json_value *)json_loadb(text, bytes, 0, NULL);
}

const struct json_value *json_get_member(const struct json_value *object, const char *key)
{
	return (const struct json_value *)json_object_get(inside(object), key);
}

const struct json_value *json_get_item(const struct json_value *array, uint32_t index)
{
	return (const struct json_value *)json_array_get(inside(array), index);
}

uint32_t json_get_count(const struct json_value *array)
{
	return (uint32_t)json_array_size(inside(array));
}

const char *json_get_text(const struct json_value *value)
{
	const char *text = json_string_value(inside(value));

	return text ? text : "";
}

double json_get_real(const struct json_value *value)
{
	return json_number_value(inside(value));
}

struct json_value *json_parse(const char *text, uint32_t bytes, char *fault, uint32_t fault_bytes)
{
	json_error_t error;
	json_t *value = json_loadb(text, bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

	if (value == NULL)
		(void)snprintf(fault, fault_bytes, "%s", error.text);
	return (struct json_value *)value;
}

enum json_kind json_kind_of(const struct json_value *value)
{
	switch (json_typeof(inside(value))) {
	case JSON_OBJECT:
		return JSON_IS_OBJECT;
	case JSON_ARRAY:
		return JSON_IS_ARRAY;
	case JSON_STRING:
		return JSON_IS_TEXT;
	case JSON_INTEGER:
		return JSON_IS_INTEGER;
	case JSON_REAL:
		return JSON_IS_REAL;
	case JSON_NULL:
		return JSON_IS_NULL;
	default:
		return JSON_IS_BOOL;
	}
}

const char *json_unknown_key(const struct json_value *object, int (*is_known)(const void *context, const char *key),
			     const void *context)
{
	json_t *members = inside(object);

	for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at))
		if (!is_known(context, json_object_iter_key(at)))
			return json_object_iter_key(at);
	return NULL;
}

const char *json_text_of(const struct json_value *text, uint32_t *bytes)
{
	*bytes = (uint32_t)json_string_length(inside(text));
	return json_string_value(inside(text));
}

int64_t json_integer_of(const struct json_value *integer)
{
	return json_integer_value(inside(integer));
}

int json_bool_of(const struct json_value *value)
{
	return json_boolean_value(inside(value));
}
