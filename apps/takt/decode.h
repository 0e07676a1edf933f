/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payload bytes by their description: as text, JSON, CSV. The description is checked (takt_flat_type_check) before it comes here, and
 * the payload has `type->bytes` bytes. Real numbers are written with as many digits as give back the same number, and no more.
 */
#ifndef APPS_TAKT_DECODE_H
#define APPS_TAKT_DECODE_H

#include <stdint.h>
#include <stdio.h>

#include "core/type.h"

#define DECODE_VALUE_BYTES     40   /* any number as text */
#define DECODE_CSV_COLUMNS_MAX 4096 /* array elements each get a column */
#define DECODE_SHOWN_MAX       16   /* array elements that a person is shown */

struct json_value;

/* Which fields are wanted. */
struct decode_selection {
	const struct takt_flat_type *type;
	unsigned char is_chosen[TAKT_FIELD_COUNT_MAX];
};

void decode_select_all(struct decode_selection *selection, const struct takt_flat_type *type);
void decode_select_none(struct decode_selection *selection, const struct takt_flat_type *type);
/* Adds a field by its whole name, or all below it: "position" is also "position.x"; "legs" also "legs[0].angle".
 * @retval how many fields that are */
uint32_t decode_select_add(struct decode_selection *selection, const char *name);

/* One element of a field as text: a number, "true", or for TAKT_CHAR with several elements the whole text, escaped.
 * @param element below field->count; 0 for text @retval its length */
uint32_t decode_element(const struct takt_flat_field *field, const unsigned char *payload, uint32_t element, char *text,
			uint32_t text_bytes);

/* 1 for characters that are one text rather than numbers of their own. */
int decode_is_text(const struct takt_flat_field *field);

/* One line per field: name, value or values, unit. */
void decode_print_text(FILE *file, const struct decode_selection *selection, const unsigned char *payload);

/* Columns that the chosen fields have in CSV. */
uint32_t decode_csv_columns(const struct decode_selection *selection);
/* ",name (unit)" for each column, and ",value": each with a comma before it. */
void decode_print_csv_head(FILE *file, const struct decode_selection *selection);
void decode_print_csv(FILE *file, const struct decode_selection *selection, const unsigned char *payload);

/* One member per field: a number, a text, or a list; and the units of those that have one. */
void decode_add_json(struct json_value *object, const struct decode_selection *selection, const unsigned char *payload);
void decode_add_json_units(struct json_value *object, const struct decode_selection *selection);
/* Significant digits that the type's real numbers need in JSON. */
uint32_t decode_json_digits(const struct takt_flat_type *type);

#endif
