/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/takt/options.h"
#include "apps/takt/output.h"

static const struct output_column columns[] = {{"topic", "", OUTPUT_TEXT},
					       {"count", "", OUTPUT_NUMBER},
					       {"age p99.9", "ms", OUTPUT_NUMBER},
					       {"data", "", OUTPUT_TEXT}};

static void put_rows(struct output *output, const char *name)
{
	struct output_table table;

	output_table_begin(&table, output, name, columns, 4);
	output_cell_text(&table, "imu");
	output_cell_count(&table, UINT64_C(18446744073709551615));
	output_cell_real(&table, 0.25, 3);
	output_cell_text(&table, "fresh");
	output_cell_accent(&table, OUTPUT_GOOD);
	output_cell_text(&table, "a,\"b\"\033[2J");
	output_cell_count(&table, 7);
	output_cell_none(&table);
	output_cell_text(&table, "STALE");
	output_cell_accent(&table, OUTPUT_BAD);
	output_table_end(&table);
}

static void put_record(struct output *output, const char *name)
{
	struct output_table table;

	output_table_begin(&table, output, name, columns, 4);
	output_cell_text(&table, "imu");
	output_cell_number(&table, "-12");
	output_cell_number(&table, "1.5e3");
	output_cell_number(&table, "12 apples");
	output_record_end(&table);
}

static void one_table(struct output *output)
{
	put_rows(output, NULL);
}

static void one_record(struct output *output)
{
	put_record(output, NULL);
}

static void two_sections(struct output *output)
{
	put_record(output, "first");
	put_record(output, "second");
}

static uint32_t column_limit;

static void expect(enum output_format format, uint32_t is_coloured, void (*put)(struct output *), const char *expected)
{
	struct output output;
	char *text = NULL;
	size_t bytes = 0;
	FILE *file = open_memstream(&text, &bytes);

	assert_non_null(file);
	output_begin_on(&output, format, file, is_coloured);
	output.column_limit = column_limit;
	put(&output);
	assert_int_equal(output_end(&output), 0);
	(void)fclose(file);
	assert_string_equal(text, expected);
	free(text);
}

static void a_table_is_aligned_and_escaped(void **state)
{
	(void)state;
	expect(OUTPUT_TABLE, 0, one_table,
	       "topic                        count  age p99.9 ms  data\n"
	       "imu           18446744073709551615         0.250  fresh\n"
	       "a,\"b\"\\x1b[2J                     7             -  STALE\n");
}

static void hops(struct output *output)
{
	static const struct output_column hop_columns[] = {{"topic", "", OUTPUT_TEXT},
							   {"reader", "", OUTPUT_TEXT},
							   {"span", "", OUTPUT_TEXT},
							   {"p50", "us", OUTPUT_NUMBER}};
	static const char *const rows[][3] = {{"imu", "controller", "age"},
					      {"imu", "controller", "wake"},
					      {"imu", "logger", "age"}};
	struct output_table table;

	output_table_begin(&table, output, "hops", hop_columns, 4);
	for (uint32_t i = 0; i < 3; i++) {
		for (uint32_t k = 0; k < 3; k++)
			output_cell_text(&table, rows[i][k]);
		output_cell_count(&table, 100000 + i);
	}
	output_table_end(&table);
}

/* Closer together, and as many of the first columns apart as must, each value once; what would not fit so either stays as it is. */
static void what_is_too_wide_for_the_terminal_is_stacked(void **state)
{
	static const char flat[] = "hops\ntopic  reader      span  p50 us\nimu    controller  age   100000\n"
				   "imu    controller  wake  100001\nimu    logger      age   100002\n";
	static const char close[] = "hops\ntopic reader     span p50 us\nimu   controller age  100000\n"
				    "imu   controller wake 100001\nimu   logger     age  100002\n";
	static const char by_topic[] = "hops\ntopic\n  reader      span  p50 us\nimu\n  controller  age   100000\n"
				       "  controller  wake  100001\n  logger      age   100002\n";
	static const char by_reader[] = "hops\ntopic  reader\n  span  p50 us\nimu  controller\n  age   100000\n"
					"  wake  100001\nimu  logger\n  age   100002\n";
	static const struct {
		uint32_t limit;
		const char *text;
	} cases[] = {{0, flat},	     {31, flat},     {30, close},     {28, close},
		     {27, by_topic}, {26, by_topic}, {14, by_reader}, {7, flat}};
	(void)state;
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		column_limit = cases[i].limit;
		expect(OUTPUT_TABLE, 0, hops, cases[i].text);
	}
	column_limit = 14;
	expect(OUTPUT_CSV, 0, one_record, "topic,count,age p99.9_ms,data\nimu,-12,1.5e3,12 apples\n");
	column_limit = 0;
}

static void colour_changes_no_width(void **state)
{
	(void)state;
	expect(OUTPUT_TABLE, 1, one_record,
	       "topic      imu\ncount      -12\nage p99.9  1.5e3 ms\ndata       12 apples\n");
	expect(OUTPUT_CSV, 1, one_record, "topic,count,age p99.9_ms,data\nimu,-12,1.5e3,12 apples\n");
	expect(OUTPUT_TABLE, 1, one_table,
	       "\033[1mtopic\033[0m                        \033[1mcount\033[0m  \033[1mage p99.9 ms\033[0m  \033[1mdata\033[0m\n"
	       "imu           18446744073709551615         0.250  \033[32mfresh\033[0m\n"
	       "a,\"b\"\\x1b[2J                     7             -  \033[31mSTALE\033[0m\n");
}

static void csv_is_quoted_where_it_must_be(void **state)
{
	(void)state;
	expect(OUTPUT_CSV, 0, one_table,
	       "topic,count,age p99.9_ms,data\n"
	       "imu,18446744073709551615,0.250,fresh\n"
	       "\"a,\"\"b\"\"\\x1b[2J\",7,,STALE\n");
	expect(OUTPUT_CSV, 0, two_sections,
	       "# first\ntopic,count,age p99.9_ms,data\nimu,-12,1.5e3,12 apples\n"
	       "\n# second\ntopic,count,age p99.9_ms,data\nimu,-12,1.5e3,12 apples\n");
}

static void json_has_numbers_null_and_units_in_keys(void **state)
{
	(void)state;
	expect(OUTPUT_JSON, 0, one_table,
	       "[\n  {\n    \"topic\": \"imu\",\n    \"count\": 1.84467440737096e19,\n    \"age_p99_9_ms\": 0.25,\n"
	       "    \"data\": \"fresh\"\n  },\n  {\n    \"topic\": \"a,\\\"b\\\"\\\\x1b[2J\",\n    \"count\": 7,\n"
	       "    \"age_p99_9_ms\": null,\n    \"data\": \"STALE\"\n  }\n]\n");
	expect(OUTPUT_JSON, 0, one_record,
	       "{\n  \"topic\": \"imu\",\n  \"count\": -12,\n  \"age_p99_9_ms\": 1500.0,\n  \"data\": \"12 apples\"\n}\n");
}

static void sections_become_members(void **state)
{
	static const char record[] = "{\n    \"topic\": \"imu\",\n    \"count\": -12,\n    \"age_p99_9_ms\": 1500.0,\n"
				     "    \"data\": \"12 apples\"\n  }";
	char expected[512];

	(void)state;
	(void)snprintf(expected, sizeof(expected), "{\n  \"first\": %s,\n  \"second\": %s\n}\n", record, record);
	expect(OUTPUT_JSON, 0, two_sections, expected);
}

static void a_report_that_cannot_be_written_fails(void **state)
{
	struct output output;
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	output_begin_on(&output, OUTPUT_CSV, full, 0);
	put_rows(&output, NULL);
	assert_int_equal(output_end(&output), 1);
	(void)fclose(full);
}

static void only_the_three_formats_are_known(void **state)
{
	enum output_format format = OUTPUT_TABLE;

	(void)state;
	assert_true(output_format_find("csv", &format) && format == OUTPUT_CSV);
	assert_true(output_format_find("json", &format) && format == OUTPUT_JSON);
	assert_false(output_format_find("JSON", &format));
	assert_false(output_format_find("", &format));
	assert_int_equal(format, OUTPUT_JSON);
}

static void durations_have_units_and_bounds(void **state)
{
	static const char *const wrong[] = {"",	   "s",	  "-1s", "+1s", " 1s", "1x",	"1 s",
					    "inf", "nan", "0",	 "0s",	"25h", "1e300", "0x"};
	uint64_t duration_ns = 0;

	(void)state;
	assert_true(options_read_duration("10s", &duration_ns) && duration_ns == UINT64_C(10000000000));
	assert_true(options_read_duration("500ms", &duration_ns) && duration_ns == 500000000);
	assert_true(options_read_duration("1.5", &duration_ns) && duration_ns == 1500000000);
	assert_true(options_read_duration("2m", &duration_ns) && duration_ns == UINT64_C(120000000000));
	assert_true(options_read_duration("24h", &duration_ns) && duration_ns == UINT64_C(86400000000000));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		duration_ns = 7;
		assert_false(options_read_duration(wrong[i], &duration_ns));
		assert_int_equal(duration_ns, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_is_aligned_and_escaped),
		cmocka_unit_test(what_is_too_wide_for_the_terminal_is_stacked),
		cmocka_unit_test(colour_changes_no_width),
		cmocka_unit_test(csv_is_quoted_where_it_must_be),
		cmocka_unit_test(json_has_numbers_null_and_units_in_keys),
		cmocka_unit_test(sections_become_members),
		cmocka_unit_test(a_report_that_cannot_be_written_fails),
		cmocka_unit_test(only_the_three_formats_are_known),
		cmocka_unit_test(durations_have_units_and_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
