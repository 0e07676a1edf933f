/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types described by macro and laid flat. What a wrong description does at compile time is shown by type_refused.c, which must not
 * compile; what C++ makes of the macros by type_cxx.cpp.
 */
#include "tests/unit/core/config_fixture.h"

#include <stdbool.h>

#include "core/type.h"

struct vec3 {
	double x, y, z;
};
TAKT_TYPE(vec3, struct vec3, TAKT_FIELD(struct vec3, x, TAKT_F64, 1, "m"), TAKT_FIELD(struct vec3, y, TAKT_F64, 1, "m"),
	  TAKT_FIELD(struct vec3, z, TAKT_F64, 1, "m"));

struct leg {
	float angle;
	uint8_t touches;
	char name[7];
};
TAKT_TYPE(leg, struct leg, TAKT_FIELD(struct leg, angle, TAKT_F32, 1, "rad"),
	  TAKT_FIELD(struct leg, touches, TAKT_BOOL, 1, ""), TAKT_FIELD(struct leg, name, TAKT_CHAR, 7, ""));

struct walker {
	struct vec3 position;
	struct leg legs[2];
	int16_t counts[4];
};
TAKT_TYPE(walker, struct walker, TAKT_NESTED(struct walker, position, vec3, 1),
	  TAKT_NESTED(struct walker, legs, leg, 2), TAKT_FIELD(struct walker, counts, TAKT_I16, 4, "\xc2\xb0"));

struct every {
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
	bool flag;
	char letter;
};
TAKT_TYPE(every, struct every, TAKT_FIELD(struct every, i8, TAKT_I8, 1, ""),
	  TAKT_FIELD(struct every, u8, TAKT_U8, 1, ""), TAKT_FIELD(struct every, i16, TAKT_I16, 1, ""),
	  TAKT_FIELD(struct every, u16, TAKT_U16, 1, ""), TAKT_FIELD(struct every, i32, TAKT_I32, 1, ""),
	  TAKT_FIELD(struct every, u32, TAKT_U32, 1, ""), TAKT_FIELD(struct every, i64, TAKT_I64, 1, ""),
	  TAKT_FIELD(struct every, u64, TAKT_U64, 1, ""), TAKT_FIELD(struct every, f32, TAKT_F32, 1, ""),
	  TAKT_FIELD(struct every, f64, TAKT_F64, 1, ""), TAKT_FIELD(struct every, flag, TAKT_BOOL, 1, ""),
	  TAKT_FIELD(struct every, letter, TAKT_CHAR, 1, ""));

static void flatten(struct takt_flat_type *flat, const struct takt_type *type)
{
	assert_int_equal(takt_type_flatten(flat, type), TAKT_OK);
	assert_int_equal(message_count, 0);
	assert_int_equal(takt_flat_type_check(flat), TAKT_OK);
	assert_int_equal(flat->hash, takt_flat_type_hash(flat));
}

static void is_field(const struct takt_flat_type *flat, uint32_t index, const char *name, uint32_t kind, uint32_t count,
		     size_t offset)
{
	assert_true(index < flat->field_count);
	assert_string_equal(flat->fields[index].name, name);
	assert_int_equal(flat->fields[index].kind, kind);
	assert_int_equal(flat->fields[index].count, count);
	assert_int_equal(flat->fields[index].offset, offset);
}

static void every_kind_has_its_size_and_name(void **state)
{
	struct takt_flat_type flat;

	(void)state;
	flatten(&flat, &takt_type_every);
	assert_int_equal(flat.field_count, 12);
	for (uint32_t i = 0; i < flat.field_count; i++) {
		assert_int_equal(flat.fields[i].kind, i + 1);
		assert_int_equal(takt_kind_bytes(i + 1), TAKT_KIND_BYTES(i + 1));
		assert_true(takt_kind_bytes(i + 1) > 0);
	}
	assert_string_equal(takt_kind_name(TAKT_I8), "i8");
	assert_string_equal(takt_kind_name(TAKT_F64), "f64");
	assert_string_equal(takt_kind_name(TAKT_BOOL), "bool");
	assert_string_equal(takt_kind_name(TAKT_CHAR), "char");
	for (uint32_t kind = TAKT_STRUCT; kind < 100; kind++) {
		assert_string_equal(takt_kind_name(kind), "?");
		assert_int_equal(takt_kind_bytes(kind), 0);
	}
	assert_string_equal(takt_kind_name(0), "?");
	assert_string_equal(takt_kind_name(UINT32_MAX), "?");
}

static void nested_types_are_laid_flat(void **state)
{
	struct takt_flat_type flat;

	(void)state;
	flatten(&flat, &takt_type_walker);
	assert_string_equal(flat.name, "walker");
	assert_int_equal(flat.bytes, sizeof(struct walker));
	assert_int_equal(flat.field_count, 3 + 2 * 3 + 1);
	is_field(&flat, 0, "position.x", TAKT_F64, 1, 0);
	is_field(&flat, 2, "position.z", TAKT_F64, 1, 16);
	is_field(&flat, 3, "legs[0].angle", TAKT_F32, 1, offsetof(struct walker, legs[0].angle));
	is_field(&flat, 6, "legs[1].angle", TAKT_F32, 1, offsetof(struct walker, legs[1].angle));
	is_field(&flat, 7, "legs[1].touches", TAKT_BOOL, 1, offsetof(struct walker, legs[1].touches));
	is_field(&flat, 8, "legs[1].name", TAKT_CHAR, 7, offsetof(struct walker, legs[1].name));
	is_field(&flat, 9, "counts", TAKT_I16, 4, offsetof(struct walker, counts));
	assert_string_equal(flat.fields[0].unit, "m");
	assert_string_equal(flat.fields[6].unit, "rad");
	assert_string_equal(flat.fields[9].unit, "\xc2\xb0");
}

/* ------------------------------------------------------------------------------------------------- hash */

static void the_hash_is_that_of_every_machine(void **state)
{
	struct takt_flat_type flat;

	(void)state;
	flatten(&flat, &takt_type_vec3);
	assert_true(flat.hash ==
		    UINT64_C(0xdc044cf40969fbf0)); /* FNV-1a of the description, computed by another program */
}

static void the_hash_changes_with_everything_that_is_described(void **state)
{
	struct takt_flat_type flat;
	uint64_t hashes[9];

	(void)state;
	flatten(&flat, &takt_type_walker);
	hashes[0] = flat.hash;
	flat.name[0] = 'W';
	hashes[1] = takt_flat_type_hash(&flat);
	flat.bytes++;
	hashes[2] = takt_flat_type_hash(&flat);
	flat.fields[4].name[0] = 'L';
	hashes[3] = takt_flat_type_hash(&flat);
	flat.fields[4].unit[0] = 'm';
	hashes[4] = takt_flat_type_hash(&flat);
	flat.fields[4].kind = TAKT_U8;
	hashes[5] = takt_flat_type_hash(&flat);
	flat.fields[4].count = 2;
	hashes[6] = takt_flat_type_hash(&flat);
	flat.fields[4].offset--;
	hashes[7] = takt_flat_type_hash(&flat);
	flat.field_count--;
	hashes[8] = takt_flat_type_hash(&flat);
	for (size_t i = 0; i < 9; i++) {
		assert_true(hashes[i] != 0);
		for (size_t j = 0; j < i; j++)
			assert_true(hashes[i] != hashes[j]);
	}
}

static void the_hash_does_not_see_what_stands_behind_a_text(void **state)
{
	struct takt_flat_type flat;

	(void)state;
	flatten(&flat, &takt_type_vec3);
	flat.fields[0].name[10] = 'x';
	flat.fields[0].unit[5] = 'x';
	assert_true(takt_flat_type_hash(&flat) == flat.hash);
}

static void the_hash_of_damaged_memory_is_bounded(void **state)
{
	static struct takt_flat_type flat;

	(void)state;
	memset(&flat, 0xff, sizeof(flat));
	assert_true(takt_flat_type_hash(&flat) != 0);
}

/* ----------------------------------------------------------------------------------------- wrong descriptions */

static void is_refused(enum takt_status expected, const struct takt_type *type, const char *first, const char *second)
{
	static struct takt_flat_type flat;
	static struct takt_flat_type before;

	memset(&flat, 0x5a, sizeof(flat));
	memset(&before, 0x5a, sizeof(before));
	message_count = 0;
	assert_int_equal(takt_type_flatten(&flat, type), expected);
	assert_int_equal(message_count, 1);
	message_says(first);
	message_says(second);
	assert_memory_equal(&flat, &before, sizeof(flat));
}

static void one_field_is_refused(enum takt_status expected, struct takt_type_field field, const char *words)
{
	const struct takt_type type = {"broken", &field, 1, 8, 4};

	is_refused(expected, &type, "type 'broken'", words);
}

static void wrong_fields_are_refused(void **state)
{
	(void)state;
	one_field_is_refused(TAKT_INVALID, (struct takt_type_field){"a-b", "", NULL, TAKT_U8, 1, 0},
			     "'a-b'; use letters");
	one_field_is_refused(TAKT_INVALID, (struct takt_type_field){"", "", NULL, TAKT_U8, 1, 0}, "use letters");
	one_field_is_refused(TAKT_INVALID, (struct takt_type_field){"4x", "", NULL, TAKT_U8, 1, 0}, "use letters");
	one_field_is_refused(TAKT_INVALID, (struct takt_type_field){"a.b", "", NULL, TAKT_U8, 1, 0}, "use letters");
	one_field_is_refused(TAKT_INVALID, (struct takt_type_field){"a", "", NULL, 0, 1, 0}, "kind 0");
	one_field_is_refused(TAKT_INVALID, (struct takt_type_field){"a", "", NULL, 99, 1, 0}, "kind 99");
	one_field_is_refused(TAKT_INVALID, (struct takt_type_field){"a", "", NULL, TAKT_STRUCT, 1, 0},
			     "no nested type");
	one_field_is_refused(TAKT_INVALID, (struct takt_type_field){"a", "\n", NULL, TAKT_U8, 1, 0}, "not printable");
	one_field_is_refused(TAKT_LIMIT, (struct takt_type_field){"a", "123456789012", NULL, TAKT_U8, 1, 0},
			     "longer than 11");
	one_field_is_refused(TAKT_INVALID, (struct takt_type_field){"a", "", NULL, TAKT_U8, 0, 0}, "0 elements");
	one_field_is_refused(TAKT_INVALID, (struct takt_type_field){"a", "", NULL, TAKT_U8, 9, 0},
			     "ends at byte 9 of 8");
	one_field_is_refused(TAKT_INVALID, (struct takt_type_field){"a", "", NULL, TAKT_U64, 1, 1},
			     "ends at byte 9 of 8");
	one_field_is_refused(TAKT_INVALID, (struct takt_type_field){"a", "", NULL, TAKT_U64, UINT32_MAX, UINT32_MAX},
			     "of 8");
	one_field_is_refused(TAKT_INVALID, (struct takt_type_field){"a", "", &takt_type_vec3, TAKT_STRUCT, 1, 0},
			     "byte 24 of 8");
}

static void wrong_types_are_refused(void **state)
{
	static const struct takt_type_field field = {"a", "", NULL, TAKT_U8, 1, 0};

	(void)state;
	is_refused(TAKT_INVALID, &(struct takt_type){"empty", &field, 0, 8, 1}, "'empty'", "no field");
	is_refused(TAKT_INVALID, &(struct takt_type){"Upper", &field, 1, 8, 1}, "'Upper'", "a letter first");
	is_refused(TAKT_LIMIT, &(struct takt_type){"a2345678901234567890123456789012", &field, 1, 8, 1},
		   "a2345678901234567890123456789012", "1 to 31");
	is_refused(TAKT_LIMIT, &(struct takt_type){"wide", &field, 1, 8, 64}, "'wide'", "aligned to 64");
	is_refused(TAKT_LIMIT, &(struct takt_type){"large", &field, 1, TAKT_PAYLOAD_BYTES_MAX + 1, 1}, "'large'",
		   "67108865");
}

static const struct takt_type loop_type;
static const struct takt_type_field inner_loop_fields[] = {{"outer", "", &loop_type, TAKT_STRUCT, 1, 0}};
static const struct takt_type inner_loop_type = {"inner", inner_loop_fields, 1, 8, 4};
static const struct takt_type_field loop_fields[] = {{"inner", "", &inner_loop_type, TAKT_STRUCT, 1, 0}};
static const struct takt_type loop_type = {"outer", loop_fields, 1, 8, 4};

static void a_type_that_contains_itself_is_refused(void **state)
{
	(void)state;
	is_refused(TAKT_INVALID, &loop_type, "'outer'", "contains itself");
	is_refused(TAKT_INVALID, &inner_loop_type, "'inner'", "contains itself");
}

static void nesting_has_a_limit(void **state)
{
	static const struct takt_type_field leaf = {"a", "", NULL, TAKT_U8, 1, 0};
	struct takt_type types[9] = {{"level", &leaf, 1, 8, 4}};
	struct takt_type_field fields[9];
	struct takt_flat_type flat;

	(void)state;
	for (int i = 1; i < 9; i++) {
		fields[i] = (struct takt_type_field){"n", "", &types[i - 1], TAKT_STRUCT, 1, 0};
		types[i] = (struct takt_type){"level", &fields[i], 1, 8, 4};
	}
	flatten(&flat, &types[7]);
	is_field(&flat, 0, "n.n.n.n.n.n.n.a", TAKT_U8, 1, 0);
	is_refused(TAKT_LIMIT, &types[8], "'level'", "deeper than 8");
}

struct crowd {
	struct leg legs[43];
};
TAKT_TYPE(crowd, struct crowd, TAKT_NESTED(struct crowd, legs, leg, 43));

struct company {
	struct leg legs[42];
	uint16_t rest[2];
};
TAKT_TYPE(company, struct company, TAKT_NESTED(struct company, legs, leg, 42),
	  TAKT_FIELD(struct company, rest, TAKT_U16, 2, ""));

static void fields_have_a_limit(void **state)
{
	struct takt_flat_type flat;

	(void)state;
	flatten(&flat, &takt_type_company);
	assert_int_equal(flat.field_count, 127);
	is_refused(TAKT_LIMIT, &takt_type_crowd, "type 'crowd': 'legs[42].name' would be field 129", "128");
}

static void a_flat_name_has_a_limit(void **state)
{
	static const struct takt_type_field inner_fields[] = {{"a23456789012345678901", "", NULL, TAKT_U8, 1, 0}};
	static const struct takt_type inner = {"inner", inner_fields, 1, 1, 1};
	static const struct takt_type_field fits[] = {{"b2345678901234567", "", &inner, TAKT_STRUCT, 1, 0}};
	static const struct takt_type_field is_too_long[] = {{"b23456789012345678", "", &inner, TAKT_STRUCT, 1, 0}};
	struct takt_flat_type flat;

	(void)state;
	flatten(&flat, &(struct takt_type){"outer", fits, 1, 1, 1});
	assert_int_equal(strlen(flat.fields[0].name), TAKT_FIELD_NAME_BYTES - 1);
	is_refused(TAKT_LIMIT, &(struct takt_type){"outer", is_too_long, 1, 1, 1}, "type 'outer'",
		   "'b23456789012345678.a23456789012345678901' has a name longer than 39");
}

/* ------------------------------------------------------------------------------------------------- names */

static void names_are_lower_case_words(void **state)
{
	static const char *const good[] = {"a", "imu", "robot_state", "a2345678901234567890123456789_1"};
	static const char *const bad[] = {"",	 "_a",	"1a",  "A",	   "aB",  "a-b",
					  "a b", "a/b", "a.b", "\xc3\xa4", "a\n", "a23456789012345678901234567890_1"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(takt_name_is_valid(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(takt_name_is_valid(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		caught(every_kind_has_its_size_and_name),
		caught(nested_types_are_laid_flat),
		caught(the_hash_is_that_of_every_machine),
		caught(the_hash_changes_with_everything_that_is_described),
		caught(the_hash_does_not_see_what_stands_behind_a_text),
		caught(the_hash_of_damaged_memory_is_bounded),
		caught(wrong_fields_are_refused),
		caught(wrong_types_are_refused),
		caught(a_type_that_contains_itself_is_refused),
		caught(nesting_has_a_limit),
		caught(fields_have_a_limit),
		caught(a_flat_name_has_a_limit),
		caught(names_are_lower_case_words),
	};

	return cmocka_run_group_tests_name("type", tests, NULL, NULL);
}
