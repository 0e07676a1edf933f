/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/encode_value.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TWO_TO_63 9223372036854775808.0
#define TWO_TO_64 18446744073709551616.0

/* All members begin where the union does. */
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

/* --------------------------------------------------------------------------------------------------------- reading */

/* strtod and its like also take blanks, hexadecimal and words; a number here begins as one. */
static int begins_as_number(const char *text)
{
	const char *digits = text + (text[0] == '-' || text[0] == '+');

	return (digits[0] >= '0' && digits[0] <= '9' && digits[1] != 'x' && digits[1] != 'X') || digits[0] == '.';
}

static int read_word(const char *text, struct encode_value *value)
{
	static const struct {
		const char *word;
		struct encode_value value;
	} words[] = {
		{"true", {ENCODE_BOOL, 0, 1, 0}},	  {"false", {ENCODE_BOOL, 0, 0, 0}},
		{"nan", {ENCODE_NOTHING, 0, 0, 0}},	  {"-nan", {ENCODE_NOTHING, 0, 0, 0}},
		{"null", {ENCODE_NOTHING, 0, 0, 0}},	  {"inf", {ENCODE_REAL, 0, 0, INFINITY}},
		{"-inf", {ENCODE_REAL, 0, 0, -INFINITY}},
	};

	for (uint32_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, text) == 0) {
			*value = words[i].value;
			return 1;
		}
	return 0;
}

int encode_value_read(const char *text, struct encode_value *value)
{
	char *end;

	if (!begins_as_number(text))
		return read_word(text, value);
	/* Whole numbers by their digits: a double would lose those above 2^53. But minus zero is a real one. Too many of them are no whole number of ours. */
	if (text[strspn(text, "+-0123456789")] == '\0' && strlen(text) <= 20 && strcmp(text, "-0") != 0) {
		const unsigned long long positive = strtoull(text, &end, 10);

		if (*end == '\0' && text[0] == '-')
			*value =
				(struct encode_value){.class = ENCODE_SIGNED, .signed_number = strtoll(text, NULL, 10)};
		else if (*end == '\0')
			*value = (struct encode_value){.class = ENCODE_UNSIGNED, .unsigned_number = positive};
		/* Both stop at their largest number: it must give the same digits back. */
		if (*end == '\0' && positive != UINT64_MAX && (text[0] != '-' || value->signed_number != INT64_MIN))
			return 1;
		if (strcmp(text, "18446744073709551615") == 0 || strcmp(text, "-9223372036854775808") == 0)
			return 1;
	}
	*value = (struct encode_value){.class = ENCODE_REAL, .real = strtod(text, &end)};
	return *end == '\0' && end != text;
}

/* --------------------------------------------------------------------------------------------------------- storing */

/* A whole number of another class as signed or unsigned. @retval 0 it is none */
static int make_whole(const struct encode_value *value, struct encode_value *whole)
{
	*whole = *value;
	if (value->class == ENCODE_SIGNED && value->signed_number >= 0) {
		whole->class = ENCODE_UNSIGNED;
		whole->unsigned_number = (uint64_t)value->signed_number;
	}
	if (value->class != ENCODE_REAL)
		return value->class == ENCODE_SIGNED || value->class == ENCODE_UNSIGNED;
	if (!isfinite(value->real) || trunc(value->real) != value->real)
		return 0;
	if (value->real < 0 && value->real >= -TWO_TO_63) {
		whole->class = ENCODE_SIGNED;
		whole->signed_number = (int64_t)value->real;
		return 1;
	}
	if (value->real < 0 || value->real >= TWO_TO_64)
		return 0;
	whole->class = ENCODE_UNSIGNED;
	whole->unsigned_number = (uint64_t)value->real;
	return 1;
}

/* The range of a kind of whole numbers. */
struct range {
	int64_t min;
	uint64_t max;
};

static struct range range_of(uint32_t kind)
{
	switch (kind) {
	case TAKT_I8:
		return (struct range){INT8_MIN, INT8_MAX};
	case TAKT_I16:
		return (struct range){INT16_MIN, INT16_MAX};
	case TAKT_I32:
		return (struct range){INT32_MIN, INT32_MAX};
	case TAKT_I64:
		return (struct range){INT64_MIN, INT64_MAX};
	case TAKT_U16:
		return (struct range){0, UINT16_MAX};
	case TAKT_U32:
		return (struct range){0, UINT32_MAX};
	case TAKT_U64:
		return (struct range){0, UINT64_MAX};
	case TAKT_BOOL:
		return (struct range){0, 1};
	default:
		return (struct range){0, UINT8_MAX};
	}
}

static void put(const struct takt_flat_field *field, unsigned char *payload, uint32_t index, const union bits *bits)
{
	const uint32_t bytes = takt_kind_bytes(field->kind);

	memcpy(payload + field->offset + (size_t)index * bytes, bits, bytes);
}

static void put_whole(const struct takt_flat_field *field, unsigned char *payload, uint32_t index, uint64_t number)
{
	union bits bits = {.u64 = 0};

	switch (takt_kind_bytes(field->kind)) {
	case 1:
		bits.u8 = (uint8_t)number;
		break;
	case 2:
		bits.u16 = (uint16_t)number;
		break;
	case 4:
		bits.u32 = (uint32_t)number;
		break;
	default:
		bits.u64 = number;
		break;
	}
	put(field, payload, index, &bits);
}

static const char *store_whole(const struct takt_flat_field *field, unsigned char *payload, uint32_t index,
			       const struct encode_value *value)
{
	const struct range range = range_of(field->kind);
	struct encode_value whole;

	if (value->class == ENCODE_BOOL && field->kind == TAKT_BOOL) {
		put_whole(field, payload, index, value->unsigned_number);
		return NULL;
	}
	if (!make_whole(value, &whole))
		return "is no whole number";
	if (whole.class == ENCODE_SIGNED ? whole.signed_number < range.min : whole.unsigned_number > range.max)
		return "is out of its kind's range";
	put_whole(field, payload, index,
		  whole.class == ENCODE_SIGNED ? (uint64_t)whole.signed_number : whole.unsigned_number);
	return NULL;
}

static const char *store_real(const struct takt_flat_field *field, unsigned char *payload, uint32_t index,
			      const struct encode_value *value)
{
	union bits bits = {.u64 = 0};
	double real = value->real;

	if (value->class == ENCODE_BOOL)
		return "is no number";
	if (value->class == ENCODE_NOTHING)
		real = NAN;
	else if (value->class == ENCODE_SIGNED)
		real = (double)value->signed_number;
	else if (value->class == ENCODE_UNSIGNED)
		real = (double)value->unsigned_number;
	if (field->kind == TAKT_F64) {
		bits.f64 = real;
	} else {
		if (isfinite(real) && fabs(real) > (double)FLT_MAX)
			return "is out of its kind's range";
		bits.f32 = (float)real;
	}
	put(field, payload, index, &bits);
	return NULL;
}

const char *encode_value_store(const struct takt_flat_field *field, unsigned char *payload, uint32_t index,
			       const struct encode_value *value)
{
	if (index >= field->count)
		return "has too many elements";
	if (field->kind == TAKT_F32 || field->kind == TAKT_F64)
		return store_real(field, payload, index, value);
	return store_whole(field, payload, index, value);
}

/* ------------------------------------------------------------------------------------------------------------ text */

static int digit_of(char character)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *found = character ? strchr(digits, character) : NULL;
	const int index = found ? (int)(found - digits) : -1;

	return index < 16 ? index : index - 6;
}

/* The byte that an escape means, "\\" or "\xNN". @retval how long it is; 0: it is none */
static uint32_t unescape(const char *text, uint32_t bytes, char *meant)
{
	if (bytes >= 2 && text[1] == '\\') {
		*meant = '\\';
		return 2;
	}
	if (bytes < 4 || text[1] != 'x')
		return 0;
	const int high = digit_of(text[2]);
	const int low = digit_of(text[3]);
	if (high < 0 || low < 0)
		return 0;
	*meant = (char)(high * 16 + low);
	return 4;
}

const char *encode_text_store(const struct takt_flat_field *field, unsigned char *payload, const char *text,
			      uint32_t bytes)
{
	uint32_t used = 0;

	for (uint32_t at = 0; at < bytes;) {
		char meant = text[at];
		uint32_t length = 1;

		if (meant == '\\')
			length = unescape(text + at, bytes - at, &meant);
		if (length == 0)
			return "has a backslash that is neither \\\\ nor \\xNN";
		if (used == field->count)
			return "is longer than its field";
		/* It would end the text, and what stands behind it would be lost to every reader. */
		if (meant == '\0')
			return "has a zero in it";
		payload[field->offset + used++] = (unsigned char)meant;
		at += length;
	}
	return NULL;
}
