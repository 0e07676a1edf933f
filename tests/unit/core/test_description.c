/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/domain_fixture.h"

#include "core/description.h"

struct pose {
	double x;
	float y[2];
};
TAKT_TYPE(pose, struct pose, TAKT_FIELD(struct pose, x, TAKT_F64, 1, "m"),
	  TAKT_FIELD(struct pose, y, TAKT_F32, 2, "m"));

struct turn {
	double x;
	uint32_t y[2];
};
TAKT_TYPE(turn, struct turn, TAKT_FIELD(struct turn, x, TAKT_F64, 1, "m"),
	  TAKT_FIELD(struct turn, y, TAKT_U32, 2, "m"));

static struct takt_description_shm shared;
static struct takt_field_shm fields[TAKT_FIELD_COUNT_MAX];
static struct takt_description_view view;
static struct takt_flat_type pose;

static int set_up(void **state)
{
	memset(&shared, 0, sizeof(shared));
	memset(fields, 0, sizeof(fields));
	view = (struct takt_description_view){.shared = &shared,
					      .fields = fields,
					      .kind = "queue",
					      .name = "jobs",
					      .type_name = "pose",
					      .payload_bytes = sizeof(struct pose)};
	return fixture_set_up(state) != 0 || takt_type_flatten(&pose, &takt_type_pose) != TAKT_OK;
}

static void what_is_written_is_read(void **state)
{
	struct takt_flat_type read = {.field_count = 77};

	(void)state;
	assert_int_equal(takt_description_read(&view, &read), TAKT_NOT_READY);
	assert_int_equal(read.field_count, 77);
	assert_int_equal(takt_description_compare(&view, &pose), TAKT_OK);
	takt_description_write(&shared, fields, &pose);
	assert_int_equal(takt_description_read(&view, &read), TAKT_OK);
	assert_true(read.hash == pose.hash && read.field_count == 2 && read.bytes == sizeof(struct pose));
	assert_string_equal(read.fields[1].name, "y");
	assert_string_equal(read.fields[1].unit, "m");
	assert_int_equal(read.fields[1].count, 2);
	assert_int_equal(takt_description_compare(&view, &pose), TAKT_OK);
	assert_nothing_said();
}

static void it_is_written_once(void **state)
{
	struct takt_field_shm before[2];

	(void)state;
	takt_description_write(&shared, fields, &pose);
	memcpy(before, fields, sizeof(before));
	pose.fields[0].offset = 8;
	takt_description_write(&shared, fields, &pose);
	assert_memory_equal(before, fields, sizeof(before));
}

static void the_first_difference_is_named(void **state)
{
	struct takt_type turn = takt_type_turn;
	struct takt_flat_type other;

	(void)state;
	takt_description_write(&shared, fields, &pose);
	turn.name = "pose";
	assert_int_equal(takt_type_flatten(&other, &turn), TAKT_OK);
	assert_int_equal(takt_description_compare(&view, &other), TAKT_MISMATCH);
	assert_said("queue 'jobs': the layout of type 'pose' differs");
	assert_said("there: the queue");
	view.payload_bytes = 8;
	assert_int_equal(takt_description_compare(&view, &pose), TAKT_MISMATCH);
	assert_said("queue 'jobs': type 'pose' has 8 bytes in the config and 16 in this program; write `bytes: 16`");
	view.type_name = "turn";
	assert_int_equal(takt_description_compare(&view, &pose), TAKT_MISMATCH);
	assert_said("queue 'jobs' carries type 'turn', but this program has type 'pose'");
}

static void a_damaged_one_is_refused(void **state)
{
	struct takt_flat_type read;

	(void)state;
	takt_description_write(&shared, fields, &pose);
	fields[1].count = 3;
	assert_int_equal(takt_description_read(&view, &read), TAKT_CORRUPT);
	assert_said("queue.jobs: is damaged: its description does not agree with its own checksum");
	atomic_store(&shared.field_count, TAKT_FIELD_COUNT_MAX + 1);
	assert_int_equal(takt_description_read(&view, &read), TAKT_CORRUPT);
	assert_said("its description has too many fields");
	pose.hash++;
	assert_int_equal(takt_description_compare(&view, &pose), TAKT_CORRUPT);
}

#define DESCRIPTION_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESCRIPTION_TEST(what_is_written_is_read),
		DESCRIPTION_TEST(it_is_written_once),
		DESCRIPTION_TEST(the_first_difference_is_named),
		DESCRIPTION_TEST(a_damaged_one_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
