/* SPDX-License-Identifier: Apache-2.0 */
/* The few things that takt says in JSON. json.c is the only file of this app that knows the library (jansson). */
#ifndef APPS_TAKT_JSON_H
#define APPS_TAKT_JSON_H

#include <stdint.h>
#include <stdio.h>

#define JSON_DIGITS_F32	   9  /* decimal digits that give back every float */
#define JSON_DIGITS_F64	   17 /* and every double */
#define JSON_DIGITS_REPORT 15 /* figures that were rounded for people keep looking rounded */

enum json_style { JSON_ONE_LINE, JSON_INDENTED };

/* An object or an array. Members are added to objects by key; to arrays with a key of NULL. */
struct json_value;

struct json_value *json_make_object(void);
struct json_value *json_make_array(void);
/* Frees it with all that it holds; NULL is allowed. */
void json_free(struct json_value *value);

/* New members belong to their parent. */
struct json_value *json_add_object(struct json_value *parent, const char *key);
struct json_value *json_add_array(struct json_value *parent, const char *key);
/* Text that is no UTF-8 becomes null: escape foreign text first. */
void json_add_text(struct json_value *parent, const char *key, const char *text);
void json_add_signed(struct json_value *parent, const char *key, int64_t number);
/* Above 2^63 - 1 it is written as a real number and loses its low digits, as it would in most readers. */
void json_add_unsigned(struct json_value *parent, const char *key, uint64_t number);
/* JSON knows no infinity and no NaN: null. */
void json_add_real(struct json_value *parent, const char *key, double number);
void json_add_bool(struct json_value *parent, const char *key, int is_true);
void json_add_null(struct json_value *parent, const char *key);

/* Writes it and a newline. @param digits significant digits of real numbers, 1 to 17 */
void json_print(FILE *file, const struct json_value *value, enum json_style style, uint32_t digits);

/* ------------------------------------------------------------------------------------------------------- reading */

/* @retval NULL it is no JSON; else to be freed with json_free */
struct json_value *json_read(const char *text, uint32_t bytes);
/* Parts of a value that was read; they belong to it. NULL value is allowed everywhere: whatever is not there is NULL, 0 or "". */
const struct json_value *json_get_member(const struct json_value *object, const char *key);
const struct json_value *json_get_item(const struct json_value *array, uint32_t index);
uint32_t json_get_count(const struct json_value *array);
const char *json_get_text(const struct json_value *value);
double json_get_real(const struct json_value *value);

/* The same of what comes from elsewhere, one value with nothing behind it, in which a key stands once. @param fault what is wrong
 * @retval to be freed with json_free; NULL: it is none */
struct json_value *json_parse(const char *text, uint32_t bytes, char *fault, uint32_t fault_bytes);
enum json_kind {
	JSON_IS_OBJECT,
	JSON_IS_ARRAY,
	JSON_IS_TEXT,
	JSON_IS_INTEGER,
	JSON_IS_REAL,
	JSON_IS_BOOL,
	JSON_IS_NULL
};
enum json_kind json_kind_of(const struct json_value *value);
/* A key of an object that `is_known` does not know; NULL: it knows all. */
const char *json_unknown_key(const struct json_value *object, int (*is_known)(const void *context, const char *key),
			     const void *context);
const char *json_text_of(const struct json_value *text, uint32_t *bytes);
int64_t json_integer_of(const struct json_value *integer);
int json_bool_of(const struct json_value *value);

#endif
