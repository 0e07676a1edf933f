/* SPDX-License-Identifier: Apache-2.0 */
#include "core/parameter_value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/type.h"

double takt_parameter_load(const unsigned char *set, const struct takt_parameter_field *field)
{
	union {
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
	} value;
	memcpy(&value, set + field->offset, takt_kind_bytes(field->kind));
	switch (field->kind) {
	case TAKT_I8:
		return value.i8;
	case TAKT_U8:
	case TAKT_BOOL:
		return value.u8;
	case TAKT_I16:
		return value.i16;
	case TAKT_U16:
		return value.u16;
	case TAKT_I32:
		return value.i32;
	case TAKT_U32:
		return value.u32;
	case TAKT_I64:
		return (double)value.i64;
	case TAKT_U64:
		return (double)value.u64;
	case TAKT_F32:
		return (double)value.f32;
	default:
		return value.f64;
	}
}

/* The number is in the field's range, and whole where the field is: checked before. */
void takt_parameter_store(unsigned char *set, const struct takt_parameter_field *field, double number)
{
	int64_t whole =
		field->kind == TAKT_F32 || field->kind == TAKT_F64 || field->kind == TAKT_U64 ? 0 : (int64_t)number;
	int8_t i8 = (int8_t)whole;
	int16_t i16 = (int16_t)whole;
	int32_t i32 = (int32_t)whole;
	uint64_t u64 = field->kind == TAKT_U64 ? (uint64_t)number : 0;
	float f32 = (float)number;
	unsigned char *at = set + field->offset;
	switch (field->kind) {
	case TAKT_I8:
	case TAKT_U8:
	case TAKT_BOOL:
		memcpy(at, &i8, 1);
		break;
	case TAKT_I16:
	case TAKT_U16:
		memcpy(at, &i16, 2);
		break;
	case TAKT_I32:
	case TAKT_U32:
		memcpy(at, &i32, 4);
		break;
	case TAKT_I64:
		memcpy(at, &whole, 8);
		break;
	case TAKT_U64:
		memcpy(at, &u64, 8);
		break;
	case TAKT_F32:
		memcpy(at, &f32, 4);
		break;
	default:
		memcpy(at, &number, 8);
		break;
	}
}

/* A number as a field's kind keeps it: 0.7 becomes the float nearest to it, and so passes a limit that was written 0.7f. */
double takt_parameter_as_kept(const struct takt_parameter_field *field, double number)
{
	static const double float_edge =
		3.4028235677973366e38; /* what rounds to infinity and not to the largest float */
	return field->kind == TAKT_F32 && fabs(number) < float_edge ? (double)(float)number : number;
}

int takt_parameter_is_whole(uint32_t kind)
{
	return kind != TAKT_F32 && kind != TAKT_F64;
}

/* What a kind can hold at all. 2^53 is where doubles stop being able to count. */
void takt_parameter_range(uint32_t kind, double *min, double *max)
{
	static const double integer_max = 9007199254740992.0;
	uint32_t bits = 8 * takt_kind_bytes(kind);
	if (!takt_parameter_is_whole(kind)) {
		*max = kind == TAKT_F32 ? 3.4028234663852886e38 : 1.7976931348623157e308;
		*min = -*max;
		return;
	}
	int is_signed = kind == TAKT_I8 || kind == TAKT_I16 || kind == TAKT_I32 || kind == TAKT_I64;
	*max = kind == TAKT_BOOL ? 1.0 : bits == 64 ? integer_max : ldexp(1.0, (int)bits - is_signed) - 1.0;
	*min = is_signed ? -*max - (bits == 64 ? 0.0 : 1.0) : 0.0;
}

void takt_parameter_print(const struct takt_parameter_field *field, double number, char *text, uint32_t text_bytes)
{
	/* The shortest text that reads back as the same value. */
	for (int digits = 6; digits <= 17; digits++) {
		(void)snprintf(text, text_bytes, "%.*g", digits, number);
		double back = strtod(text, NULL);
		if (field->kind == TAKT_F32 ? (float)back == (float)number : back == number)
			return;
	}
}

int takt_parameter_parse(const struct takt_parameter_field *field, const char *text, double *number)
{
	if (field->kind == TAKT_BOOL && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) {
		*number = text[0] == 't';
		return 1;
	}
	/* strtod would take blanks, hexadecimal, infinities and nan: a person never means them here. */
	if (text[0] == '\0' || strspn(text, "+-.0123456789eE") != strlen(text))
		return 0;
	char *end;
	*number = strtod(text, &end);
	return *end == '\0' && isfinite(*number);
}
