/* SPDX-License-Identifier: Apache-2.0 */
#include "core/type.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "platform/message.h"

#define NESTING_MAX 8u /* described types inside one another; deeper is a mistake more often than a message */

static const struct {
	const char *name;
	uint32_t bytes;
} kinds[] = {
	[TAKT_I8] = {"i8", 1},	 [TAKT_U8] = {"u8", 1},	  [TAKT_I16] = {"i16", 2},   [TAKT_U16] = {"u16", 2},
	[TAKT_I32] = {"i32", 4}, [TAKT_U32] = {"u32", 4}, [TAKT_I64] = {"i64", 8},   [TAKT_U64] = {"u64", 8},
	[TAKT_F32] = {"f32", 4}, [TAKT_F64] = {"f64", 8}, [TAKT_BOOL] = {"bool", 1}, [TAKT_CHAR] = {"char", 1},
};

static int kind_is_known(uint32_t kind)
{
	return kind >= TAKT_I8 && kind <= TAKT_CHAR;
}

const char *takt_kind_name(uint32_t kind)
{
	return kind_is_known(kind) ? kinds[kind].name : "?";
}

uint32_t takt_kind_bytes(uint32_t kind)
{
	return kind_is_known(kind) ? kinds[kind].bytes : 0;
}

/* ctype.h follows the locale; names do not. */
static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static int is_letter(char c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_';
}

int takt_name_is_valid(const char *name)
{
	uint32_t length = 0;

	if (!is_lower(name[0]))
		return 0;
	for (; length < TAKT_NAME_BYTES && name[length] != '\0'; length++)
		if (!is_lower(name[length]) && !is_digit(name[length]) && name[length] != '_')
			return 0;
	return length < TAKT_NAME_BYTES;
}

/* ------------------------------------------------------------------------------------------- laying flat */

/* The way from the outermost type to the one being laid flat. */
struct descent {
	struct takt_flat_type *flat;
	const struct takt_type *chain[NESTING_MAX];
	uint32_t depth;
};

static enum takt_status flatten_into(struct descent *descent, const struct takt_type *type, const char *prefix,
				     uint32_t offset);

static int is_identifier(const char *name)
{
	if (!is_letter(name[0]))
		return 0;
	for (; *name != '\0'; name++)
		if (!is_letter(*name) && !is_digit(*name))
			return 0;
	return 1;
}

static enum takt_status check_extent(const struct takt_type *type, const struct takt_type_field *field)
{
	const uint64_t element = field->kind == TAKT_STRUCT ? field->nested->bytes : takt_kind_bytes(field->kind);
	const uint64_t end = field->offset + element * field->count;

	if (field->count == 0 || end > type->bytes) {
		takt_message(TAKT_ERROR,
			     "type '%s': field '%s' has %u elements and ends at byte %llu of %u; describe it by "
			     "TAKT_FIELD or TAKT_NESTED, which take both from the struct",
			     type->name, field->name, (unsigned)field->count, (unsigned long long)end,
			     (unsigned)type->bytes);
		return TAKT_INVALID;
	}
	return TAKT_OK;
}

static enum takt_status check_field(const struct takt_type *type, const struct takt_type_field *field)
{
	if (!is_identifier(field->name)) {
		takt_message(TAKT_ERROR, "type '%s': a field is called '%s'; use letters, digits and _ only",
			     type->name, field->name);
		return TAKT_INVALID;
	}
	if (field->kind == TAKT_STRUCT ? field->nested == NULL : !kind_is_known(field->kind)) {
		takt_message(TAKT_ERROR, "type '%s': field '%s' is of kind %u, which is none of TAKT_I8 to TAKT_CHAR%s",
			     type->name, field->name, (unsigned)field->kind,
			     field->kind == TAKT_STRUCT ? " and names no nested type" : "");
		return TAKT_INVALID;
	}
	if (!takt_text_is_printable(field->unit)) {
		takt_message(TAKT_ERROR, "type '%s': the unit of field '%s' is not printable text", type->name,
			     field->name);
		return TAKT_INVALID;
	}
	if (strlen(field->unit) >= TAKT_FIELD_UNIT_BYTES) {
		takt_message(TAKT_ERROR, "type '%s': the unit of field '%s', '%s', is longer than %u bytes", type->name,
			     field->name, field->unit, TAKT_FIELD_UNIT_BYTES - 1);
		return TAKT_LIMIT;
	}
	return check_extent(type, field);
}

static enum takt_status check_type(const struct descent *descent, const struct takt_type *type)
{
	for (uint32_t i = 0; i < descent->depth; i++)
		if (descent->chain[i] == type) {
			takt_message(TAKT_ERROR, "type '%s' contains itself; a message has a fixed size", type->name);
			return TAKT_INVALID;
		}
	if (descent->depth == NESTING_MAX) {
		takt_message(TAKT_ERROR, "type '%s': types are nested deeper than %u in '%s'", type->name, NESTING_MAX,
			     descent->chain[0]->name);
		return TAKT_LIMIT;
	}
	if (!takt_name_is_valid(type->name)) {
		takt_message(TAKT_ERROR, "type '%s': a type's name is 1 to %u of a-z, 0-9 and _, a letter first",
			     type->name, TAKT_NAME_BYTES - 1);
		return strlen(type->name) >= TAKT_NAME_BYTES ? TAKT_LIMIT : TAKT_INVALID;
	}
	if (type->field_count == 0) {
		takt_message(TAKT_ERROR, "type '%s' describes no field", type->name);
		return TAKT_INVALID;
	}
	if (type->bytes > TAKT_PAYLOAD_BYTES_MAX || type->alignment > TAKT_PAYLOAD_ALIGNMENT) {
		takt_message(TAKT_ERROR, "type '%s' has %u bytes aligned to %u; at most %u aligned to %u are possible",
			     type->name, (unsigned)type->bytes, (unsigned)type->alignment, TAKT_PAYLOAD_BYTES_MAX,
			     TAKT_PAYLOAD_ALIGNMENT);
		return TAKT_LIMIT;
	}
	return TAKT_OK;
}

static enum takt_status add_field(struct takt_flat_type *flat, const struct takt_type_field *field, const char *name,
				  uint32_t offset)
{
	struct takt_flat_field *to = &flat->fields[flat->field_count];

	if (flat->field_count == TAKT_FIELD_COUNT_MAX) {
		takt_message(TAKT_ERROR,
			     "type '%s': '%s' would be field %u and %u are possible; split the message, or make an "
			     "array of a primitive instead of an array of structs",
			     flat->name, name, TAKT_FIELD_COUNT_MAX + 1, TAKT_FIELD_COUNT_MAX);
		return TAKT_LIMIT;
	}
	memcpy(to->name, name, strlen(name));
	memcpy(to->unit, field->unit, strlen(field->unit));
	to->kind = field->kind;
	to->count = field->count;
	to->offset = offset;
	flat->field_count++;
	return TAKT_OK;
}

/* Every element adds a field or more, so TAKT_FIELD_COUNT_MAX bounds the loop whatever `count` says. */
static enum takt_status add_nested(struct descent *descent, const struct takt_type_field *field, const char *name,
				   uint32_t offset)
{
	char element[TAKT_FIELD_NAME_BYTES + 16];
	enum takt_status status = TAKT_OK;

	for (uint32_t i = 0; i < field->count && status == TAKT_OK; i++) {
		if (field->count == 1)
			(void)snprintf(element, sizeof(element), "%s.", name);
		else
			(void)snprintf(element, sizeof(element), "%s[%u].", name, (unsigned)i);
		status = flatten_into(descent, field->nested, element, offset + i * field->nested->bytes);
	}
	return status;
}

static enum takt_status flatten_field(struct descent *descent, const struct takt_type *type, uint32_t field_index,
				      const char *prefix, uint32_t offset)
{
	const struct takt_type_field *field = &type->fields[field_index];
	char name[TAKT_FIELD_NAME_BYTES];
	enum takt_status status = check_field(type, field);
	int length;

	if (status != TAKT_OK)
		return status;
	length = snprintf(name, sizeof(name), "%s%s", prefix, field->name);
	if (length < 0 || (size_t)length >= sizeof(name)) {
		takt_message(TAKT_ERROR,
			     "type '%s': field '%s%s' has a name longer than %u bytes; shorten the members' names",
			     descent->flat->name, prefix, field->name, TAKT_FIELD_NAME_BYTES - 1);
		return TAKT_LIMIT;
	}
	if (field->kind == TAKT_STRUCT)
		return add_nested(descent, field, name, offset + field->offset);
	return add_field(descent->flat, field, name, offset + field->offset);
}

static enum takt_status flatten_into(struct descent *descent, const struct takt_type *type, const char *prefix,
				     uint32_t offset)
{
	enum takt_status status = check_type(descent, type);

	if (status != TAKT_OK)
		return status;
	descent->chain[descent->depth++] = type;
	for (uint32_t i = 0; i < type->field_count && status == TAKT_OK; i++)
		status = flatten_field(descent, type, i, prefix, offset);
	descent->depth--;
	return status;
}

enum takt_status takt_type_flatten(struct takt_flat_type *flat, const struct takt_type *type)
{
	struct takt_flat_type result;
	struct descent descent = {.flat = &result};
	enum takt_status status;

	memset(&result, 0, sizeof(result));
	(void)snprintf(result.name, sizeof(result.name), "%s", type->name);
	result.bytes = type->bytes;
	status = flatten_into(&descent, type, "", 0);
	if (status != TAKT_OK)
		return status;
	result.hash = takt_flat_type_hash(&result);
	*flat = result;
	return TAKT_OK;
}
