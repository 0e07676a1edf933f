/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions that came from outside: which are believed, and how two differ in words. */
#include "tests/unit/core/config_fixture.h"

#include "core/type.h"

#define COMPARED_BYTES 256

static struct takt_flat_type imu(void)
{
	struct takt_flat_type flat = {
		.name = "imu",
		.bytes = 40,
		.field_count = 3,
		.fields = {{"gyro", "rad/s", TAKT_F32, 3, 0},
			   {"legs[0].angle", "", TAKT_F64, 2, 16},
			   {"flags", "", TAKT_U32, 2, 32}},
	};

	flat.hash = takt_flat_type_hash(&flat);
	return flat;
}

static void is_corrupt(const struct takt_flat_type *flat, const char *first, const char *second)
{
	message_count = 0;
	assert_int_equal(takt_flat_type_check(flat), TAKT_CORRUPT);
	assert_int_equal(message_count, 1);
	message_says(first);
	message_says(second);
}

static void an_honest_description_is_believed(void **state)
{
	struct takt_flat_type flat = imu();

	(void)state;
	assert_int_equal(takt_flat_type_check(&flat), TAKT_OK);
	flat.fields[1].offset = 0; /* a union */
	assert_int_equal(takt_flat_type_check(&flat), TAKT_OK);
	assert_int_equal(message_count, 0);
}

static void a_description_of_an_impossible_type_is_corrupt(void **state)
{
	struct takt_flat_type flat = imu();

	(void)state;
	flat.name[0] = '\x1b';
	is_corrupt(&flat, "'?mu'", "no name");
	memset(flat.name, 'a', sizeof(flat.name));
	is_corrupt(&flat, "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'", "no name");
	flat = imu();
	flat.bytes = 0;
	is_corrupt(&flat, "type 'imu'", "size");
	flat.bytes = TAKT_PAYLOAD_BYTES_MAX + 1;
	is_corrupt(&flat, "type 'imu'", "size");
	flat = imu();
	flat.field_count = 0;
	is_corrupt(&flat, "type 'imu'", "number of fields");
	flat.field_count = TAKT_FIELD_COUNT_MAX + 1;
	is_corrupt(&flat, "type 'imu'", "number of fields");
	flat.field_count = UINT32_MAX;
	is_corrupt(&flat, "type 'imu'", "number of fields");
}

static void field_is_corrupt(struct takt_flat_field field, const char *words)
{
	struct takt_flat_type flat = imu();

	flat.fields[1] = field;
	is_corrupt(&flat, "type 'imu' is damaged: field 2 of 3", words);
}

static void a_description_of_an_impossible_field_is_corrupt(void **state)
{
	struct takt_flat_field endless = {"a", "", TAKT_U8, 1, 0};

	(void)state;
	field_is_corrupt((struct takt_flat_field){"", "", TAKT_U8, 1, 0}, "name");
	field_is_corrupt((struct takt_flat_field){"a b", "", TAKT_U8, 1, 0}, "name");
	field_is_corrupt((struct takt_flat_field){"a\x1b", "", TAKT_U8, 1, 0}, "name");
	field_is_corrupt((struct takt_flat_field){"[0]", "", TAKT_U8, 1, 0}, "name");
	field_is_corrupt((struct takt_flat_field){"a", "\x1b[2J", TAKT_U8, 1, 0}, "unit");
	field_is_corrupt((struct takt_flat_field){"a", "", 0, 1, 0}, "kind");
	field_is_corrupt((struct takt_flat_field){"a", "", TAKT_STRUCT, 1, 0}, "kind");
	field_is_corrupt((struct takt_flat_field){"a", "", TAKT_U8, 0, 0}, "no element");
	field_is_corrupt((struct takt_flat_field){"a", "", TAKT_U8, 1, 40}, "outside");
	field_is_corrupt((struct takt_flat_field){"a", "", TAKT_U8, 41, 0}, "outside");
	field_is_corrupt((struct takt_flat_field){"a", "", TAKT_U64, 0x20000000, 8}, "outside");
	field_is_corrupt((struct takt_flat_field){"a", "", TAKT_U64, 1, UINT32_MAX - 3}, "outside");
	memset(endless.name, 'a', sizeof(endless.name));
	field_is_corrupt(endless, "does not end");
	endless = (struct takt_flat_field){"a", "", TAKT_U8, 1, 0};
	memset(endless.unit, 'a', sizeof(endless.unit));
	field_is_corrupt(endless, "does not end");
}

static void noise_is_corrupt(void **state)
{
	static struct takt_flat_type flat;
	uint32_t random = 7;

	(void)state;
	for (int round = 0; round < 1000; round++) {
		for (size_t i = 0; i < sizeof(flat); i++)
			((unsigned char *)&flat)[i] = (unsigned char)((random = random * 1664525u + 1013904223u) >> 24);
		assert_int_equal(takt_flat_type_check(&flat), TAKT_CORRUPT);
	}
}

static void differ(const struct takt_flat_type *here, const struct takt_flat_type *there, const char *words)
{
	char text[COMPARED_BYTES];

	assert_int_equal(takt_flat_type_compare(here, there, text, sizeof(text)), TAKT_MISMATCH);
	assert_string_equal(text, words);
}

static void equal_types_have_no_difference(void **state)
{
	const struct takt_flat_type here = imu();
	char text[COMPARED_BYTES] = "before";

	(void)state;
	assert_int_equal(takt_flat_type_compare(&here, &here, text, sizeof(text)), TAKT_OK);
	assert_string_equal(text, "");
}

static void the_first_difference_is_said_in_words(void **state)
{
	const struct takt_flat_type here = imu();
	struct takt_flat_type there = imu();

	(void)state;
	memcpy(there.fields[0].name, "accel", 6);
	memcpy(there.fields[0].unit, "m/s^2", 6);
	there.fields[2].count = 1;
	differ(&here, &there, "field 1 is 'gyro' f32[3] rad/s here and 'accel' f32[3] m/s^2 there");
	there = imu();
	there.fields[2].count = 1;
	differ(&here, &there, "field 3 is 'flags' u32[2] here and 'flags' u32 there");
	there = imu();
	there.fields[1].kind = TAKT_I64;
	differ(&here, &there, "field 2 is 'legs[0].angle' f64[2] here and 'legs[0].angle' i64[2] there");
	there = imu();
	there.fields[1].unit[0] = 'm';
	differ(&here, &there, "field 2 is 'legs[0].angle' f64[2] here and 'legs[0].angle' f64[2] m there");
	there = imu();
	there.fields[1].offset = 12;
	differ(&here, &there,
	       "field 2 is 'legs[0].angle' f64[2] at byte 16 here and 'legs[0].angle' f64[2] at byte 12 there");
	there = imu();
	there.field_count = 2;
	differ(&here, &there, "field 3 is 'flags' u32[2] here and absent there");
	differ(&there, &here, "field 3 is absent here and 'flags' u32[2] there");
	there = imu();
	there.bytes = 48;
	differ(&here, &there, "the struct has 40 bytes here and 48 there");
	there = imu();
	memcpy(there.name, "motor", 6);
	there.bytes = 48;
	differ(&here, &there, "the type is 'imu' here and 'motor' there");
}

static void the_longest_difference_fits(void **state)
{
	struct takt_flat_type here = imu();
	struct takt_flat_type there = imu();
	char text[COMPARED_BYTES];

	(void)state;
	memset(here.fields[0].name, 'a', TAKT_FIELD_NAME_BYTES);
	memset(here.fields[0].unit, 'u', TAKT_FIELD_UNIT_BYTES);
	here.fields[0].count = UINT32_MAX;
	here.fields[0].offset = UINT32_MAX;
	there.fields[0] = here.fields[0];
	there.fields[0].offset--;
	assert_int_equal(takt_flat_type_compare(&here, &there, text, sizeof(text)), TAKT_MISMATCH);
	assert_true(strlen(text) < sizeof(text) - 1);
	assert_string_equal(text + strlen(text) - 6, " there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		caught(an_honest_description_is_believed),
		caught(a_description_of_an_impossible_type_is_corrupt),
		caught(a_description_of_an_impossible_field_is_corrupt),
		caught(noise_is_corrupt),
		caught(equal_types_have_no_difference),
		caught(the_first_difference_is_said_in_words),
		caught(the_longest_difference_fits),
	};

	return cmocka_run_group_tests_name("flat_type", tests, NULL, NULL);
}
