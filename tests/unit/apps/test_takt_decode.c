/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/takt/decode.h"
#include "apps/takt/json.h"

static struct takt_flat_type type;
static unsigned char payload[256];
static struct decode_selection all;

/* Adds a field behind the last one. */
static struct takt_flat_field *add(const char *name, const char *unit, uint32_t kind, uint32_t count)
{
	struct takt_flat_field *field = &type.fields[type.field_count++];

	(void)snprintf(field->name, sizeof(field->name), "%s", name);
	(void)snprintf(field->unit, sizeof(field->unit), "%s", unit);
	field->kind = kind;
	field->count = count;
	field->offset = type.bytes;
	type.bytes += count * takt_kind_bytes(kind);
	return field;
}

static int begin(void **state)
{
	(void)state;
	memset(&type, 0, sizeof(type));
	memset(payload, 0, sizeof(payload));
	(void)snprintf(type.name, sizeof(type.name), "sample");
	decode_select_all(&all, &type);
	return 0;
}

static void put(const struct takt_flat_field *field, const void *value, size_t bytes)
{
	memcpy(payload + field->offset, value, bytes);
}

#define EXPECT_NUMBER(kind, c_type, value, text) expect_number(kind, &(c_type){value}, sizeof(c_type), text)

static void expect_number(uint32_t kind, const void *value, size_t bytes, const char *expected)
{
	char text[DECODE_VALUE_BYTES];
	const struct takt_flat_field *field;

	(void)begin(NULL);
	/* A byte before it, so that nothing is aligned. */
	(void)add("before", "", TAKT_U8, 1);
	field = add("number", "", kind, 1);
	assert_int_equal(takt_kind_bytes(kind), bytes);
	put(field, value, bytes);
	assert_int_equal(decode_element(field, payload, 0, text, sizeof(text)), strlen(expected));
	assert_string_equal(text, expected);
}

static void integers_of_every_size_keep_their_ends(void **state)
{
	(void)state;
	EXPECT_NUMBER(TAKT_I8, int8_t, INT8_MIN, "-128");
	EXPECT_NUMBER(TAKT_U8, uint8_t, UINT8_MAX, "255");
	EXPECT_NUMBER(TAKT_I16, int16_t, INT16_MIN, "-32768");
	EXPECT_NUMBER(TAKT_U16, uint16_t, UINT16_MAX, "65535");
	EXPECT_NUMBER(TAKT_I32, int32_t, INT32_MIN, "-2147483648");
	EXPECT_NUMBER(TAKT_U32, uint32_t, UINT32_MAX, "4294967295");
	EXPECT_NUMBER(TAKT_I64, int64_t, INT64_MIN, "-9223372036854775808");
	EXPECT_NUMBER(TAKT_U64, uint64_t, UINT64_MAX, "18446744073709551615");
}

static void real_numbers_have_the_fewest_digits_that_give_them_back(void **state)
{
	(void)state;
	EXPECT_NUMBER(TAKT_F32, float, 0.1f, "0.1");
	EXPECT_NUMBER(TAKT_F32, float, -9.81f, "-9.81");
	EXPECT_NUMBER(TAKT_F32, float, 16777217.0f, "16777216");
	EXPECT_NUMBER(TAKT_F64, double, 0.1, "0.1");
	EXPECT_NUMBER(TAKT_F64, double, 1.0 / 3.0, "0.3333333333333333");
	EXPECT_NUMBER(TAKT_F64, double, 5e-324, "4.94065645841247e-324");
	EXPECT_NUMBER(TAKT_F32, float, (float)(1e300 * 1e300), "inf");
}

static void every_float_is_given_back_by_its_text(void **state)
{
	const struct takt_flat_field *field = add("number", "", TAKT_F32, 1);
	uint32_t bits = 1;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		char text[DECODE_VALUE_BYTES];
		float number, back;

		/* Source: Marsaglia, "Xorshift RNGs", 2003. */
		bits ^= bits << 13;
		bits ^= bits >> 17;
		bits ^= bits << 5;
		memcpy(&number, &bits, sizeof(number));
		if (number != number)
			continue;
		put(field, &number, sizeof(number));
		(void)decode_element(field, payload, 0, text, sizeof(text));
		back = strtof(text, NULL);
		assert_memory_equal(&back, &number, sizeof(back));
	}
}

static void a_bool_that_is_none_is_shown_as_its_number(void **state)
{
	(void)state;
	EXPECT_NUMBER(TAKT_BOOL, uint8_t, 0, "false");
	EXPECT_NUMBER(TAKT_BOOL, uint8_t, 1, "true");
	EXPECT_NUMBER(TAKT_BOOL, uint8_t, 7, "7");
}

static void text_is_escaped_and_ends_with_its_array(void **state)
{
	char text[64];
	const struct takt_flat_field *field = add("text", "", TAKT_CHAR, 4);

	(void)state;
	put(field, "a\033bc", 4);
	/* Right behind the array: not part of it. */
	payload[4] = 'X';
	assert_int_equal(decode_element(field, payload, 0, text, sizeof(text)), 7);
	assert_string_equal(text, "a\\x1bbc");
}

static void a_name_chooses_its_field_and_all_below_it(void **state)
{
	struct decode_selection selection;

	(void)state;
	(void)add("place.x", "m", TAKT_F64, 1);
	(void)add("place.y", "m", TAKT_F64, 1);
	(void)add("place2", "m", TAKT_F64, 1);
	(void)add("legs[1].angle", "rad", TAKT_F32, 1);
	decode_select_none(&selection, &type);
	assert_int_equal(decode_select_add(&selection, "plac"), 0);
	assert_int_equal(decode_select_add(&selection, "place"), 2);
	assert_int_equal(decode_select_add(&selection, "place2"), 1);
	assert_int_equal(decode_select_add(&selection, "legs"), 1);
	assert_int_equal(decode_select_add(&selection, ""), 0);
	assert_int_equal(decode_csv_columns(&selection), 4);
}

/* Runs a printer into memory. */
static void expect_printed(void (*print)(FILE *file), const char *expected)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *file = open_memstream(&text, &bytes);

	assert_non_null(file);
	print(file);
	(void)fclose(file);
	assert_string_equal(text, expected);
	free(text);
}

static void print_text(FILE *file)
{
	decode_print_text(file, &all, payload);
}

static void print_csv(FILE *file)
{
	decode_print_csv_head(file, &all);
	(void)fputc('\n', file);
	decode_print_csv(file, &all, payload);
}

static void print_json(FILE *file)
{
	struct json_value *object = json_make_object();

	decode_add_json(json_add_object(object, "fields"), &all, payload);
	decode_add_json_units(json_add_object(object, "units"), &all);
	json_print(file, object, JSON_ONE_LINE, decode_json_digits(&type));
	json_free(object);
}

static void fill_sample(void)
{
	put(add("tilt", "rad", TAKT_F32, 1), &(float){0.1f}, 4);
	put(add("pair", "", TAKT_I16, 2), (int16_t[]){-1, 2}, 4);
	put(add("name", "", TAKT_CHAR, 8), "a,\"b\"", 6);
	put(add("on", "", TAKT_BOOL, 1), &(uint8_t){1}, 1);
}

static void a_person_sees_names_values_and_units(void **state)
{
	(void)state;
	fill_sample();
	expect_printed(print_text, "  tilt  0.1 rad\n  pair  [-1, 2]\n  name  \"a,\"b\"\"\n  on    true\n");
}

static void a_person_sees_the_first_of_many_elements(void **state)
{
	(void)state;
	(void)add("zeros", "V", TAKT_U8, 20);
	expect_printed(print_text, "  zeros  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, and 4 more] V\n");
}

static void csv_has_a_column_for_each_element_with_its_unit(void **state)
{
	(void)state;
	fill_sample();
	expect_printed(print_csv, ",tilt (rad),pair[0],pair[1],name,on\n,0.1,-1,2,\"a,\"\"b\"\"\",true");
}

static void json_has_numbers_lists_and_units(void **state)
{
	(void)state;
	fill_sample();
	expect_printed(print_json, "{\"fields\":{\"tilt\":0.1,\"pair\":[-1,2],\"name\":\"a,\\\"b\\\"\",\"on\":true},"
				   "\"units\":{\"tilt\":\"rad\"}}\n");
}

static void what_json_cannot_say_is_null(void **state)
{
	(void)state;
	put(add("nan", "", TAKT_F64, 1), &(uint64_t){UINT64_C(0x7ff8000000000000)}, 8);
	expect_printed(print_json, "{\"fields\":{\"nan\":null},\"units\":{}}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(integers_of_every_size_keep_their_ends, begin),
		cmocka_unit_test_setup(real_numbers_have_the_fewest_digits_that_give_them_back, begin),
		cmocka_unit_test_setup(every_float_is_given_back_by_its_text, begin),
		cmocka_unit_test_setup(a_bool_that_is_none_is_shown_as_its_number, begin),
		cmocka_unit_test_setup(text_is_escaped_and_ends_with_its_array, begin),
		cmocka_unit_test_setup(a_name_chooses_its_field_and_all_below_it, begin),
		cmocka_unit_test_setup(a_person_sees_names_values_and_units, begin),
		cmocka_unit_test_setup(a_person_sees_the_first_of_many_elements, begin),
		cmocka_unit_test_setup(csv_has_a_column_for_each_element_with_its_unit, begin),
		cmocka_unit_test_setup(json_has_numbers_lists_and_units, begin),
		cmocka_unit_test_setup(what_json_cannot_say_is_null, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
