/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/encode.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/decode.h"
#include "core/text.h"

#define NUMBER_BYTES 64 /* longest number as text */

/* Whole numbers of a kind; the largest of u64 is read apart. */
static const struct {
	uint32_t kind;
	int64_t min;
	uint64_t max;
} ranges[] = {
	{TAKT_I8, INT8_MIN, INT8_MAX},	  {TAKT_U8, 0, UINT8_MAX},	    {TAKT_I16, INT16_MIN, INT16_MAX},
	{TAKT_U16, 0, UINT16_MAX},	  {TAKT_I32, INT32_MIN, INT32_MAX}, {TAKT_U32, 0, UINT32_MAX},
	{TAKT_I64, INT64_MIN, INT64_MAX}, {TAKT_U64, 0, UINT64_MAX},	    {TAKT_CHAR, 0, UINT8_MAX},
};

/* Decimal or 0x; digits only behind the sign. @retval 1 it is one that fits */
static int read_whole(uint32_t kind, const char *text, uint64_t *bits)
{
	const int is_negative = text[0] == '-';
	const char *digits = text + is_negative;
	const int is_hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	uint64_t number = 0;

	digits += is_hex ? 2 : 0;
	if (*digits == '\0')
		return 0;
	for (; *digits; digits++) {
		const char *all = "0123456789abcdef0123456789ABCDEF";
		const char *at = strchr(all, *digits);
		uint64_t digit = at ? (uint64_t)(at - all) % 16 : 16, base = is_hex ? 16 : 10;

		if (digit >= base || number > (UINT64_MAX - digit) / base)
			return 0;
		number = number * base + digit;
	}
	for (uint32_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (ranges[i].kind != kind)
			continue;
		*bits = is_negative ? -number : number;
		/* -min is 2^63 for i64, and that is one more than its largest. */
		return is_negative ? number <= (uint64_t)0 - (uint64_t)ranges[i].min : number <= ranges[i].max;
	}
	return 0;
}

static int read_real(uint32_t kind, const char *text, uint64_t *bits)
{
	char *end;
	double number = strtod(text, &end);
	float narrow = (float)number;

	if (end == text || *end != '\0' || strchr(" \t\n\v\f\r", text[0]))
		return 0;
	/* Too large for the kind is no infinity that somebody wrote. */
	if (!isfinite(kind == TAKT_F32 ? (double)narrow : number) && strpbrk(text, "nN") == NULL)
		return 0;
	*bits = 0;
	memcpy(bits, kind == TAKT_F32 ? (const void *)&narrow : (const void *)&number, takt_kind_bytes(kind));
	return 1;
}

static int read_bool(const char *text, uint64_t *bits)
{
	*bits = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
	return *bits || strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
}

/* Stores the low bytes of a number as the kind has them. */
static void store(unsigned char *at, uint32_t kind, uint64_t bits)
{
	const uint8_t u8 = (uint8_t)bits;
	const uint16_t u16 = (uint16_t)bits;
	const uint32_t u32 = (uint32_t)bits;

	if (kind == TAKT_F32 || kind == TAKT_F64)
		memcpy(at, &bits, takt_kind_bytes(kind));
	else if (takt_kind_bytes(kind) == 1)
		memcpy(at, &u8, sizeof(u8));
	else if (takt_kind_bytes(kind) == 2)
		memcpy(at, &u16, sizeof(u16));
	else if (takt_kind_bytes(kind) == 4)
		memcpy(at, &u32, sizeof(u32));
	else
		memcpy(at, &bits, sizeof(bits));
}

static int refuse(char why[ENCODE_WHY_BYTES], const struct takt_flat_field *field, const char *text)
{
	(void)snprintf(why, ENCODE_WHY_BYTES, "'%.60s' is no %s for field '%s'%s", text, takt_kind_name(field->kind),
		       field->name,
		       field->kind == TAKT_BOOL ? ": true or false"
		       : field->kind == TAKT_F32 || field->kind == TAKT_F64
			       ? ": a number such as 1.5 or 2e-3"
			       : ": a whole number in the kind's range, decimal or 0x");
	return 0;
}

static int read_element(const struct takt_flat_field *field, const char *text, uint64_t *bits,
			char why[ENCODE_WHY_BYTES])
{
	int is_right;

	if (field->kind == TAKT_F32 || field->kind == TAKT_F64)
		is_right = read_real(field->kind, text, bits);
	else if (field->kind == TAKT_BOOL)
		is_right = read_bool(text, bits);
	else
		is_right = read_whole(field->kind, text, bits);
	return is_right ? 1 : refuse(why, field, text);
}

static int encode_text(const struct takt_flat_field *field, unsigned char *at, const char *text,
		       char why[ENCODE_WHY_BYTES])
{
	size_t bytes = strlen(text);

	if (bytes > field->count) {
		(void)snprintf(why, ENCODE_WHY_BYTES, "field '%s' holds %u bytes of text, and these are %zu",
			       field->name, field->count, bytes);
		return 0;
	}
	/* A text that fills the array ends with it: no zero follows. */
	for (uint32_t i = 0; i < field->count; i++)
		at[i] = i < bytes ? (unsigned char)text[i] : 0;
	return 1;
}

/* "1,2,3": checked as a whole before anything is stored. */
static int encode_list(const struct takt_flat_field *field, unsigned char *at, const char *list,
		       char why[ENCODE_WHY_BYTES])
{
	const uint32_t bytes = takt_kind_bytes(field->kind);
	uint32_t count = 1;
	uint64_t bits = 0;

	for (const char *comma = strchr(list, ','); comma; comma = strchr(comma + 1, ','))
		count++;
	if (count != 1 && count != field->count) {
		(void)snprintf(why, ENCODE_WHY_BYTES,
			       "field '%s' has %u elements, and these are %u; give all of them, or one for all",
			       field->name, field->count, count);
		return 0;
	}
	for (int stores = 0; stores < 2; stores++) {
		const char *element = list;

		for (uint32_t i = 0; i < field->count; i++) {
			char text[NUMBER_BYTES];

			(void)snprintf(text, sizeof(text), "%.*s", (int)strcspn(element, ","), element);
			if (!read_element(field, text, &bits, why))
				return 0;
			if (stores)
				store(at + (size_t)i * bytes, field->kind, bits);
			if (count > 1)
				element += strcspn(element, ",") + 1;
		}
	}
	return 1;
}

static int no_field(const struct takt_flat_type *type, const char *name, char why[ENCODE_WHY_BYTES])
{
	struct takt_text_nearest nearest = {.word = name};
	size_t used;

	for (uint32_t i = 0; i < type->field_count; i++)
		takt_text_nearest_offer(&nearest, type->fields[i].name);
	used = (size_t)snprintf(why, ENCODE_WHY_BYTES, "type '%s' has no field '%.40s'; ", type->name, name);
	if (nearest.found)
		used += (size_t)snprintf(why + used, ENCODE_WHY_BYTES - used,
					 "did you mean '%s'? There are:", nearest.found);
	else
		used += (size_t)snprintf(why + used, ENCODE_WHY_BYTES - used, "there are:");
	for (uint32_t i = 0; i < type->field_count && used < ENCODE_WHY_BYTES; i++)
		used += (size_t)snprintf(why + used, ENCODE_WHY_BYTES - used, " %s", type->fields[i].name);
	return 0;
}

int encode_field(const struct takt_flat_type *type, unsigned char *payload, const char *assignment,
		 char why[ENCODE_WHY_BYTES])
{
	const size_t name_bytes = strcspn(assignment, "=");
	char name[TAKT_FIELD_NAME_BYTES];

	if (assignment[name_bytes] == '\0') {
		(void)snprintf(why, ENCODE_WHY_BYTES, "'%.60s' is not of the form FIELD=VALUE", assignment);
		return 0;
	}
	(void)snprintf(name, sizeof(name), "%.*s", (int)name_bytes, assignment);
	for (uint32_t i = 0; i < type->field_count; i++) {
		const struct takt_flat_field *field = &type->fields[i];

		if (name_bytes >= sizeof(name) || strcmp(field->name, name) != 0)
			continue;
		return decode_is_text(field)
			       ? encode_text(field, payload + field->offset, assignment + name_bytes + 1, why)
			       : encode_list(field, payload + field->offset, assignment + name_bytes + 1, why);
	}
	return no_field(type, name, why);
}
