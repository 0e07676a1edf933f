/* SPDX-License-Identifier: Apache-2.0 */
/* One parameter's value: in a set, as a number, as text. Pure; internal to core. */
#ifndef TAKT_CORE_PARAMETER_VALUE_H
#define TAKT_CORE_PARAMETER_VALUE_H

#include "core/parameter.h"

#define TAKT_PARAMETER_TEXT_BYTES 48 /* holds any value as text */

/* The value in a set, as a number; and back. The number is in the field's range, and whole where the field is: checked before. */
double takt_parameter_load(const unsigned char *set, const struct takt_parameter_field *field);
void takt_parameter_store(unsigned char *set, const struct takt_parameter_field *field, double number);

/* The number that the field keeps of `number`: rounded for TAKT_F32. */
double takt_parameter_as_kept(const struct takt_parameter_field *field, double number);

/* 1 for kinds that hold whole numbers only. */
int takt_parameter_is_whole(uint32_t kind);

/* What a kind can hold at all. */
void takt_parameter_range(uint32_t kind, double *min, double *max);

/* The shortest text that reads back as the same value. */
void takt_parameter_print(const struct takt_parameter_field *field, double number, char *text, uint32_t text_bytes);

/* Decimal numbers, and true and false for TAKT_BOOL. @retval 1 it is one  @retval 0 it is none; `number` may have been written */
int takt_parameter_parse(const struct takt_parameter_field *field, const char *text, double *number);

#endif
