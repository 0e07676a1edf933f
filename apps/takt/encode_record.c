/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/encode_record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/encode_value.h"
#include "apps/takt/json.h"

#define COLUMNS_MAX ((uint32_t)(sizeof(((struct encode_columns *)0)->field) / sizeof(uint16_t)))
#define NO_FIELD    UINT16_MAX

_Static_assert(TAKT_FIELD_COUNT_MAX < NO_FIELD, "a field's index is a column's");

static enum takt_status refuse(struct encode_fault *fault, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static enum takt_status refuse(struct encode_fault *fault, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(fault->text, sizeof(fault->text), format, arguments);
	va_end(arguments);
	return TAKT_INVALID;
}

/* ------------------------------------------------------------------------------------------------------------ json */

static struct encode_value value_of(const struct json_value *json)
{
	switch (json_kind_of(json)) {
	case JSON_IS_INTEGER:
		return (struct encode_value){.class = ENCODE_SIGNED, .signed_number = json_integer_of(json)};
	case JSON_IS_REAL:
		return (struct encode_value){.class = ENCODE_REAL, .real = json_get_real(json)};
	case JSON_IS_BOOL:
		return (struct encode_value){.class = ENCODE_BOOL, .unsigned_number = json_bool_of(json) != 0};
	default:
		return (struct encode_value){.class = ENCODE_NOTHING};
	}
}

static int is_scalar(const struct json_value *json)
{
	const enum json_kind kind = json_kind_of(json);

	return kind != JSON_IS_OBJECT && kind != JSON_IS_ARRAY && kind != JSON_IS_TEXT;
}

static enum takt_status store_json(const struct takt_flat_field *field, unsigned char *payload, uint32_t index,
				   const struct json_value *json, struct encode_fault *fault)
{
	struct encode_value value;
	const char *wrong;

	if (!is_scalar(json))
		return refuse(fault, "field '%s': element %u is no number", field->name, index);
	value = value_of(json);
	wrong = encode_value_store(field, payload, index, &value);
	return wrong ? refuse(fault, "field '%s' (%s): element %u %s", field->name, takt_kind_name(field->kind), index,
			      wrong)
		     : TAKT_OK;
}

static enum takt_status encode_text(const struct takt_flat_field *field, unsigned char *payload, const char *text,
				    uint32_t bytes, struct encode_fault *fault)
{
	const char *wrong = encode_text_store(field, payload, text, bytes);

	return wrong ? refuse(fault, "field '%s' (char[%u]): its text %s", field->name, field->count, wrong) : TAKT_OK;
}

static enum takt_status encode_member(const struct takt_flat_field *field, unsigned char *payload,
				      const struct json_value *json, struct encode_fault *fault)
{
	enum takt_status status = TAKT_OK;
	uint32_t bytes;

	if (decode_is_text(field)) {
		if (json_kind_of(json) != JSON_IS_TEXT)
			return refuse(fault, "field '%s' is text and must be given as one", field->name);
		const char *text = json_text_of(json, &bytes);
		return encode_text(field, payload, text, bytes, fault);
	}
	if (field->count == 1)
		return store_json(field, payload, 0, json, fault);
	if (json_kind_of(json) != JSON_IS_ARRAY || json_get_count(json) != field->count)
		return refuse(fault, "field '%s' must be a list of %u numbers", field->name, field->count);
	for (uint32_t i = 0; i < field->count && status == TAKT_OK; i++)
		status = store_json(field, payload, i, json_get_item(json, i), fault);
	return status;
}

static int has_field(const void *context, const char *key)
{
	const struct takt_flat_type *type = context;

	for (uint32_t i = 0; i < type->field_count; i++)
		if (strcmp(type->fields[i].name, key) == 0)
			return 1;
	return 0;
}

enum takt_status encode_json(const struct takt_flat_type *type, const struct json_value *object, unsigned char *payload,
			     struct encode_fault *fault)
{
	enum takt_status status = TAKT_OK;
	const char *unknown;

	if (json_kind_of(object) != JSON_IS_OBJECT)
		return refuse(fault, "a sample is a JSON object, {\"field\": value, ...}");
	unknown = json_unknown_key(object, has_field, type);
	if (unknown)
		return refuse(fault, "type '%s' has no field '%.40s'", type->name, unknown);
	memset(payload, 0, type->bytes);
	for (uint32_t i = 0; i < type->field_count && status == TAKT_OK; i++) {
		const struct json_value *member = json_get_member(object, type->fields[i].name);

		if (member == NULL)
			return refuse(fault, "field '%s' is missing", type->fields[i].name);
		status = encode_member(&type->fields[i], payload, member, fault);
	}
	return status;
}

/* ------------------------------------------------------------------------------------------------------------- csv */

/* Cuts the next piece off a line, without its quotes. @retval NULL: its quotes do not end, or something stands behind them
 * Source: RFC 4180. */
static char *cut_piece(char **line)
{
	char *piece = *line;
	char *to = piece;

	if (*piece != '"') {
		char *end = piece + strcspn(piece, ",");

		*line = *end ? end + 1 : NULL;
		*end = '\0';
		return piece;
	}
	for (const char *from = piece + 1; *from; from++) {
		if (*from == '"' && from[1] != '"') {
			if (from[1] != ',' && from[1] != '\0')
				return NULL;
			*line = from[1] ? (char *)from + 2 : NULL;
			*to = '\0';
			return piece;
		}
		from += *from == '"';
		*to++ = *from;
	}
	return NULL;
}

/* "accel[2] (m/s^2)" to name and unit. */
static const char *cut_unit(char *head)
{
	char *open = strstr(head, " (");
	const size_t length = strlen(head);

	if (open == NULL || head[length - 1] != ')')
		return "";
	head[length - 1] = '\0';
	*open = '\0';
	return open + 2;
}

/* Finds "accel[2]": the field of that name, or an element of a list. @retval NO_FIELD: there is none */
static uint16_t find_column(const struct takt_flat_type *type, char *name, uint32_t *element)
{
	for (int is_list = 0; is_list < 2; is_list++) {
		char *bracket = strrchr(name, '[');
		char *end;

		*element = 0;
		if (is_list) {
			if (bracket == NULL || bracket[1] < '0' || bracket[1] > '9')
				return NO_FIELD;
			*element = (uint32_t)strtoul(bracket + 1, &end, 10);
			if (strcmp(end, "]") != 0)
				return NO_FIELD;
			*bracket = '\0';
		}
		for (uint32_t i = 0; i < type->field_count; i++) {
			const struct takt_flat_field *field = &type->fields[i];
			const int has_list = field->count > 1 && !decode_is_text(field);

			if (strcmp(field->name, name) == 0 && has_list == is_list && *element < field->count)
				return (uint16_t)i;
		}
	}
	return NO_FIELD;
}

static int is_about_the_sample(const char *name)
{
	return strcmp(name, "number") == 0 || strcmp(name, "publish_ns") == 0 || strcmp(name, "origin_ns") == 0;
}

static enum takt_status add_column(const struct takt_flat_type *type, char *head, struct encode_columns *columns,
				   struct encode_fault *fault)
{
	const char *unit = cut_unit(head);
	uint32_t element;
	uint16_t field = find_column(type, head, &element);

	if (field == NO_FIELD && !is_about_the_sample(head))
		return refuse(fault, "column '%.40s': type '%s' has no such field", head, type->name);
	if (field != NO_FIELD && unit[0] && strcmp(unit, type->fields[field].unit) != 0)
		return refuse(fault, "column '%.40s': its unit is '%.40s', and in type '%s' it is '%s'", head, unit,
			      type->name, type->fields[field].unit);
	for (uint32_t i = 0; field != NO_FIELD && i < columns->count; i++)
		if (columns->field[i] == field && columns->element[i] == element)
			return refuse(fault, "column '%.40s' stands there twice", head);
	columns->field[columns->count] = field;
	columns->element[columns->count++] = element;
	return TAKT_OK;
}

enum takt_status encode_csv_head(const struct takt_flat_type *type, char *line, struct encode_columns *columns,
				 struct encode_fault *fault)
{
	struct decode_selection all;
	enum takt_status status = TAKT_OK;
	uint32_t used = 0;

	columns->count = 0;
	while (line && status == TAKT_OK) {
		char *piece = cut_piece(&line);

		if (piece == NULL)
			status = refuse(fault, "the table's head has a quote that does not end");
		else if (columns->count == COLUMNS_MAX)
			status = refuse(fault, "the table's head has more than %u columns", COLUMNS_MAX);
		else
			status = add_column(type, piece, columns, fault);
	}
	for (uint32_t i = 0; i < columns->count; i++)
		used += columns->field[i] != NO_FIELD;
	decode_select_all(&all, type);
	if (status == TAKT_OK && used != decode_csv_columns(&all))
		status = refuse(fault, "the table's head has %u of the %u columns that type '%s' needs", used,
				decode_csv_columns(&all), type->name);
	if (status != TAKT_OK)
		columns->count = 0;
	return status;
}

static enum takt_status store_piece(const struct takt_flat_field *field, uint32_t element, const char *piece,
				    unsigned char *payload, struct encode_fault *fault)
{
	struct encode_value value;
	const char *wrong;

	if (decode_is_text(field))
		return encode_text(field, payload, piece, (uint32_t)strlen(piece), fault);
	if (!encode_value_read(piece, &value))
		return refuse(fault, "field '%s': '%.40s' is no number", field->name, piece);
	wrong = encode_value_store(field, payload, element, &value);
	return wrong ? refuse(fault, "field '%s' (%s): %.40s %s", field->name, takt_kind_name(field->kind), piece,
			      wrong)
		     : TAKT_OK;
}

enum takt_status encode_csv(const struct takt_flat_type *type, const struct encode_columns *columns, char *line,
			    unsigned char *payload, struct encode_fault *fault)
{
	enum takt_status status = TAKT_OK;
	uint32_t count = 0;

	memset(payload, 0, type->bytes);
	for (; line && status == TAKT_OK; count++) {
		char *piece = cut_piece(&line);

		if (piece == NULL)
			return refuse(fault, "a quote does not end in column %u", count + 1);
		if (count == columns->count)
			return refuse(fault, "the line has more columns than the head, which has %u", columns->count);
		if (columns->field[count] != NO_FIELD)
			status = store_piece(&type->fields[columns->field[count]], columns->element[count], piece,
					     payload, fault);
	}
	if (status == TAKT_OK && count != columns->count)
		return refuse(fault, "the line has %u columns and the head %u", count, columns->count);
	return status;
}
