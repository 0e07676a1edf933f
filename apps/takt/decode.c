/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/decode.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/escape.h"
#include "apps/takt/json.h"

/* --------------------------------------------------------------------------------------------------- selection */

void decode_select_all(struct decode_selection *selection, const struct takt_flat_type *type)
{
	selection->type = type;
	memset(selection->is_chosen, 1, sizeof(selection->is_chosen));
}

void decode_select_none(struct decode_selection *selection, const struct takt_flat_type *type)
{
	selection->type = type;
	memset(selection->is_chosen, 0, sizeof(selection->is_chosen));
}

uint32_t decode_select_add(struct decode_selection *selection, const char *name)
{
	size_t length = strlen(name);
	uint32_t count = 0;

	for (uint32_t i = 0; i < selection->type->field_count; i++) {
		const char *own = selection->type->fields[i].name;

		if (strncmp(own, name, length) != 0 || strchr(".[", own[length]) == NULL)
			continue;
		/* strchr also finds the end: the whole name. */
		selection->is_chosen[i] = 1;
		count++;
	}
	return count;
}

/* ----------------------------------------------------------------------------------------------------- elements */

/* One element in its own class. */
struct element {
	enum { ELEMENT_SIGNED, ELEMENT_UNSIGNED, ELEMENT_F32, ELEMENT_F64, ELEMENT_BOOL } class;
	int64_t signed_number;
	uint64_t unsigned_number;
	double real;
};

int decode_is_text(const struct takt_flat_field *field)
{
	return field->kind == TAKT_CHAR && field->count > 1;
}

/* The bytes of one element, whatever it is: all members begin where the union does. */
union bits {
	int8_t i8;
	uint8_t u8;
	int16_t i16;
	uint16_t u16;
	int32_t i32;
	uint32_t u32;
	int64_t i64;
	uint64_t u64;
	float f32;
	double f64;
};

static struct element make_signed(int64_t number)
{
	return (struct element){.class = ELEMENT_SIGNED, .signed_number = number};
}

static struct element make_unsigned(uint64_t number)
{
	return (struct element){.class = ELEMENT_UNSIGNED, .unsigned_number = number};
}

static struct element load(const struct takt_flat_field *field, const unsigned char *payload, uint32_t index)
{
	uint32_t bytes = takt_kind_bytes(field->kind);
	union bits bits = {.u64 = 0};

	memcpy(&bits, payload + field->offset + (size_t)index * bytes, bytes);
	switch (field->kind) {
	case TAKT_I8:
		return make_signed(bits.i8);
	case TAKT_I16:
		return make_signed(bits.i16);
	case TAKT_I32:
		return make_signed(bits.i32);
	case TAKT_I64:
		return make_signed(bits.i64);
	case TAKT_U16:
		return make_unsigned(bits.u16);
	case TAKT_U32:
		return make_unsigned(bits.u32);
	case TAKT_U64:
		return make_unsigned(bits.u64);
	case TAKT_F32:
		return (struct element){.class = ELEMENT_F32, .real = (double)bits.f32};
	case TAKT_F64:
		return (struct element){.class = ELEMENT_F64, .real = bits.f64};
	case TAKT_BOOL:
		/* Another process wrote it: 2 is not a bool, and is shown as the number that it is. */
		if (bits.u8 <= 1)
			return (struct element){.class = ELEMENT_BOOL, .unsigned_number = bits.u8};
		return make_unsigned(bits.u8);
	default:
		return make_unsigned(bits.u8);
	}
}

/* The fewest digits that give the same number back: 0.1, not 0.100000001. */
static int format_f32(char *text, uint32_t text_bytes, float number)
{
	int length = 0;

	for (int digits = 6; digits <= JSON_DIGITS_F32; digits++) {
		length = snprintf(text, text_bytes, "%.*g", digits, (double)number);
		if (strtof(text, NULL) == number)
			break;
	}
	return length;
}

static int format_f64(char *text, uint32_t text_bytes, double number)
{
	int length = 0;

	for (int digits = 15; digits <= JSON_DIGITS_F64; digits++) {
		length = snprintf(text, text_bytes, "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	return length;
}

static int format(char *text, uint32_t text_bytes, const struct element *element)
{
	switch (element->class) {
	case ELEMENT_SIGNED:
		return snprintf(text, text_bytes, "%" PRId64, element->signed_number);
	case ELEMENT_F32:
		return isfinite(element->real) ? format_f32(text, text_bytes, (float)element->real)
					       : snprintf(text, text_bytes, "%g", element->real);
	case ELEMENT_F64:
		return isfinite(element->real) ? format_f64(text, text_bytes, element->real)
					       : snprintf(text, text_bytes, "%g", element->real);
	case ELEMENT_BOOL:
		return snprintf(text, text_bytes, "%s", element->unsigned_number ? "true" : "false");
	default:
		return snprintf(text, text_bytes, "%" PRIu64, element->unsigned_number);
	}
}

uint32_t decode_element(const struct takt_flat_field *field, const unsigned char *payload, uint32_t element, char *text,
			uint32_t text_bytes)
{
	if (decode_is_text(field))
		return (uint32_t)escape_text(text, text_bytes, (const char *)payload + field->offset, field->count);
	struct element loaded = load(field, payload, element);
	int length = format(text, text_bytes, &loaded);

	return length > 0 && (uint32_t)length < text_bytes ? (uint32_t)length : 0;
}

/* A whole char field, escaped, in memory that is used again. NULL: no memory. */
static const char *text_of(const struct takt_flat_field *field, const unsigned char *payload)
{
	static char *text;
	static size_t text_bytes;
	size_t wanted = ESCAPE_BYTES((size_t)field->count);

	if (wanted > text_bytes) {
		char *larger = realloc(text, wanted);

		if (larger == NULL)
			return NULL;
		text = larger;
		text_bytes = wanted;
	}
	(void)decode_element(field, payload, 0, text, (uint32_t)text_bytes);
	return text;
}

/* --------------------------------------------------------------------------------------------------------- text */

static uint32_t name_width(const struct decode_selection *selection)
{
	uint32_t width = 0;

	for (uint32_t i = 0; i < selection->type->field_count; i++) {
		uint32_t own = (uint32_t)strlen(selection->type->fields[i].name);

		if (selection->is_chosen[i] && own > width)
			width = own;
	}
	return width;
}

static void print_values(FILE *file, const struct takt_flat_field *field, const unsigned char *payload)
{
	uint32_t shown = field->count < DECODE_SHOWN_MAX ? field->count : DECODE_SHOWN_MAX;
	char text[DECODE_VALUE_BYTES];

	if (decode_is_text(field)) {
		const char *whole = text_of(field, payload);

		(void)fprintf(file, "\"%s\"", whole ? whole : "");
		return;
	}
	if (field->count > 1)
		(void)fputc('[', file);
	for (uint32_t i = 0; i < shown; i++) {
		(void)decode_element(field, payload, i, text, sizeof(text));
		(void)fprintf(file, "%s%s", i ? ", " : "", text);
	}
	if (shown < field->count)
		(void)fprintf(file, ", and %u more", field->count - shown);
	if (field->count > 1)
		(void)fputc(']', file);
}

void decode_print_text(FILE *file, const struct decode_selection *selection, const unsigned char *payload)
{
	int width = (int)name_width(selection);

	for (uint32_t i = 0; i < selection->type->field_count; i++) {
		const struct takt_flat_field *field = &selection->type->fields[i];
		char unit[ESCAPE_BYTES(TAKT_FIELD_UNIT_BYTES)];

		if (!selection->is_chosen[i])
			continue;
		(void)escape_text(unit, sizeof(unit), field->unit, sizeof(field->unit));
		(void)fprintf(file, "  %-*s  ", width, field->name);
		print_values(file, field, payload);
		(void)fprintf(file, "%s%s\n", unit[0] ? " " : "", unit);
	}
}

/* ---------------------------------------------------------------------------------------------------------- csv */

static uint32_t column_count(const struct takt_flat_field *field)
{
	return decode_is_text(field) ? 1 : field->count;
}

uint32_t decode_csv_columns(const struct decode_selection *selection)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < selection->type->field_count; i++)
		if (selection->is_chosen[i])
			count += column_count(&selection->type->fields[i]);
	return count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
}

/* In quotes where it must be. Source: RFC 4180. */
static void put_quoted(FILE *file, const char *text)
{
	if (text[strcspn(text, ",\"")] == '\0') {
		(void)fputs(text, file);
		return;
	}
	(void)fputc('"', file);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			(void)fputc('"', file);
		(void)fputc(*text, file);
	}
	(void)fputc('"', file);
}

void decode_print_csv_head(FILE *file, const struct decode_selection *selection)
{
	for (uint32_t i = 0; i < selection->type->field_count; i++) {
		const struct takt_flat_field *field = &selection->type->fields[i];
		uint32_t columns = column_count(field);

		for (uint32_t element = 0; selection->is_chosen[i] && element < columns; element++) {
			char unit[ESCAPE_BYTES(TAKT_FIELD_UNIT_BYTES)];
			char index[16] = "";
			char head[TAKT_FIELD_NAME_BYTES + sizeof(unit) + sizeof(index) + 4];

			(void)escape_text(unit, sizeof(unit), field->unit, sizeof(field->unit));
			if (columns > 1)
				(void)snprintf(index, sizeof(index), "[%u]", element);
			(void)snprintf(head, sizeof(head), "%s%s%s%s%s", field->name, index, unit[0] ? " (" : "", unit,
				       unit[0] ? ")" : "");
			(void)fputc(',', file);
			put_quoted(file, head);
		}
	}
}

void decode_print_csv(FILE *file, const struct decode_selection *selection, const unsigned char *payload)
{
	for (uint32_t i = 0; i < selection->type->field_count; i++) {
		const struct takt_flat_field *field = &selection->type->fields[i];
		char text[DECODE_VALUE_BYTES];

		if (!selection->is_chosen[i])
			continue;
		if (decode_is_text(field)) {
			const char *whole = text_of(field, payload);

			(void)fputc(',', file);
			put_quoted(file, whole ? whole : "");
			continue;
		}
		for (uint32_t element = 0; element < field->count; element++) {
			(void)decode_element(field, payload, element, text, sizeof(text));
			(void)fputc(',', file);
			(void)fputs(text, file);
		}
	}
}

/* --------------------------------------------------------------------------------------------------------- json */

static void add_element(struct json_value *parent, const char *key, const struct element *element)
{
	char text[DECODE_VALUE_BYTES];

	switch (element->class) {
	case ELEMENT_SIGNED:
		json_add_signed(parent, key, element->signed_number);
		break;
	case ELEMENT_BOOL:
		json_add_bool(parent, key, element->unsigned_number != 0);
		break;
	case ELEMENT_F32:
		/* The double that is nearest to the float's own short text. */
		(void)format(text, sizeof(text), element);
		json_add_real(parent, key, strtod(text, NULL));
		break;
	case ELEMENT_F64:
		json_add_real(parent, key, element->real);
		break;
	default:
		json_add_unsigned(parent, key, element->unsigned_number);
		break;
	}
}

void decode_add_json(struct json_value *object, const struct decode_selection *selection, const unsigned char *payload)
{
	for (uint32_t i = 0; i < selection->type->field_count; i++) {
		const struct takt_flat_field *field = &selection->type->fields[i];
		struct json_value *list;

		if (!selection->is_chosen[i])
			continue;
		if (decode_is_text(field)) {
			const char *whole = text_of(field, payload);

			json_add_text(object, field->name, whole ? whole : "");
			continue;
		}
		list = field->count > 1 ? json_add_array(object, field->name) : object;
		for (uint32_t element = 0; element < field->count; element++) {
			struct element loaded = load(field, payload, element);

			add_element(list, field->count > 1 ? NULL : field->name, &loaded);
		}
	}
}

void decode_add_json_units(struct json_value *object, const struct decode_selection *selection)
{
	for (uint32_t i = 0; i < selection->type->field_count; i++) {
		const struct takt_flat_field *field = &selection->type->fields[i];
		char unit[ESCAPE_BYTES(TAKT_FIELD_UNIT_BYTES)];

		if (selection->is_chosen[i] && escape_text(unit, sizeof(unit), field->unit, sizeof(field->unit)) > 0)
			json_add_text(object, field->name, unit);
	}
}

uint32_t decode_json_digits(const struct takt_flat_type *type)
{
	for (uint32_t i = 0; i < type->field_count; i++)
		if (type->fields[i].kind == TAKT_F64 || type->fields[i].kind == TAKT_U64)
			return JSON_DIGITS_F64;
	return JSON_DIGITS_F32;
}
