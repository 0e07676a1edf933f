/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command reports: sections of rows and columns, as an aligned table for people, as JSON, or as CSV.
 *
 *	struct output output;
 *	struct output_table table;
 *	output_begin(&output, format);
 *	output_table_begin(&table, &output, NULL, columns, 2);
 *	output_cell_text(&table, "imu");		// one call per column, row after row
 *	output_cell_real(&table, 0.25, 3);
 *	output_table_end(&table);
 *	return output_end(&output);
 *
 * JSON: without section names a list of objects, with names an object of lists; a record is an object. Keys are column names and
 * their units, "age_ms". CSV: a header line, then rows; further sections follow behind a blank line and "# name".
 * All text is escaped here (escape.h); give it as it came.
 */
#ifndef APPS_TAKT_OUTPUT_H
#define APPS_TAKT_OUTPUT_H

#include <stdint.h>
#include <stdio.h>

enum output_format { OUTPUT_TABLE = 0, OUTPUT_JSON = 1, OUTPUT_CSV = 2 };
enum output_kind { OUTPUT_TEXT = 0, OUTPUT_NUMBER = 1 };
enum output_accent { OUTPUT_PLAIN = 0, OUTPUT_GOOD = 1, OUTPUT_WARN = 2, OUTPUT_BAD = 3 };

struct json_value;

struct output_column {
	const char *name;
	const char *unit; /* "" for none; letters only: "ms", "us", "Hz" */
	enum output_kind kind;
};

struct output {
	FILE *file;
	enum output_format format;
	uint32_t is_coloured;
	uint32_t column_limit; /* of the terminal; 0: none */
	uint32_t section_count;
	struct json_value *json;
};

struct output_cell;

struct output_table {
	struct output *output;
	const char *name;
	const struct output_column *columns;
	uint32_t column_count;
	uint32_t cell_count;
	uint32_t cell_capacity;
	struct output_cell *cells;
};

/* "table", "json", "csv". @retval 0 when it is none of them */
int output_format_find(const char *word, enum output_format *format);

/* 1 where colour is wanted: standard output is a terminal that knows it, and NO_COLOR is not set. */
int output_is_coloured(void);

/* Begins a report on standard output; the second form on any file. */
void output_begin(struct output *output, enum output_format format);
void output_begin_on(struct output *output, enum output_format format, FILE *file, uint32_t is_coloured);

/* Ends it. @retval the exit code: 0, or 1 when it could not be written, with a message */
int output_end(struct output *output);

/* Begins a section. @param name NULL: the report's only section @param columns must live until the end of the section */
void output_table_begin(struct output_table *table, struct output *output, const char *name,
			const struct output_column *columns, uint32_t column_count);

/* The next cell of the present row. A row ends with its last column. */
void output_cell_text(struct output_table *table, const char *text);
void output_cell_count(struct output_table *table, uint64_t number);
void output_cell_real(struct output_table *table, double number, uint32_t decimals);
/* A number that is text already ("1.25"); anything else counts as text. */
void output_cell_number(struct output_table *table, const char *text);
/* Nothing to say: "-", null, an empty field. */
void output_cell_none(struct output_table *table);
/* Colours the cell before. */
void output_cell_accent(struct output_table *table, enum output_accent accent);

/* Prints the section: as rows, or, for a record of one row, one line per column. */
void output_table_end(struct output_table *table);
void output_record_end(struct output_table *table);

#endif
