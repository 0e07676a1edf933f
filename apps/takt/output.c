/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/escape.h"
#include "apps/takt/json.h"
#include "apps/takt/output_table.h"
#include "platform/file.h"
#include "platform/message.h"

#define NUMBER_BYTES 64

int output_format_find(const char *word, enum output_format *format)
{
	static const char *const words[] = {"table", "json", "csv"};

	for (uint32_t i = 0; i < 3; i++) {
		if (strcmp(word, words[i]) == 0) {
			*format = (enum output_format)i;
			return 1;
		}
	}
	return 0;
}

/* Source: no-color.org, for NO_COLOR that is set and not empty. */
int output_is_coloured(void)
{
	const char *refused = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if ((refused && *refused) || (terminal && strcmp(terminal, "dumb") == 0))
		return 0;
	return takt_os_output_is_terminal();
}

void output_begin_on(struct output *output, enum output_format format, FILE *file, uint32_t is_coloured)
{
	*output = (struct output){.file = file, .format = format, .is_coloured = is_coloured && format == OUTPUT_TABLE};
}

void output_begin(struct output *output, enum output_format format)
{
	output_begin_on(output, format, stdout, (uint32_t)output_is_coloured());
	output->column_limit = takt_os_terminal_columns();
}

int output_end(struct output *output)
{
	if (output->json) {
		json_print(output->file, output->json, JSON_INDENTED, JSON_DIGITS_REPORT);
		json_free(output->json);
		output->json = NULL;
	}
	if (fflush(output->file) == 0 && !ferror(output->file))
		return 0;
	perror("takt: the report could not be written");
	return 1;
}

/* ------------------------------------------------------------------------------------------------------- cells */

static void *grown(void *memory, size_t bytes)
{
	void *larger = realloc(memory, bytes);

	if (larger == NULL) {
		takt_message(TAKT_ERROR, "no memory is left for the report");
		exit(1);
	}
	return larger;
}

void output_table_begin(struct output_table *table, struct output *output, const char *name,
			const struct output_column *columns, uint32_t column_count)
{
	*table =
		(struct output_table){.output = output, .name = name, .columns = columns, .column_count = column_count};
}

static struct output_cell *next_cell(struct output_table *table)
{
	if (table->cell_count == table->cell_capacity) {
		table->cell_capacity = table->cell_capacity ? 2 * table->cell_capacity : 64;
		table->cells = grown(table->cells, table->cell_capacity * sizeof(*table->cells));
	}
	table->cells[table->cell_count] = (struct output_cell){0};
	return &table->cells[table->cell_count++];
}

void output_cell_text(struct output_table *table, const char *text)
{
	struct output_cell *cell = next_cell(table);
	size_t bytes = strlen(text);

	cell->text = grown(NULL, ESCAPE_BYTES(bytes));
	(void)escape_text(cell->text, ESCAPE_BYTES(bytes), text, bytes);
}

static void add_number(struct output_table *table, const char *text)
{
	output_cell_text(table, text);
	table->cells[table->cell_count - 1].is_number = 1;
}

void output_cell_count(struct output_table *table, uint64_t number)
{
	char text[NUMBER_BYTES];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	add_number(table, text);
}

void output_cell_real(struct output_table *table, double number, uint32_t decimals)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "%.*f", (int)decimals, number);
	if (isfinite(number))
		add_number(table, text);
	else
		output_cell_none(table);
}

void output_cell_number(struct output_table *table, const char *text)
{
	char *end;
	double number = strtod(text, &end);

	if (end != text && *end == '\0' && isfinite(number))
		add_number(table, text);
	else
		output_cell_text(table, text);
}

void output_cell_none(struct output_table *table)
{
	(void)next_cell(table);
}

void output_cell_accent(struct output_table *table, enum output_accent accent)
{
	TAKT_ASSERT(table->cell_count > 0);
	table->cells[table->cell_count - 1].accent = accent;
}

/* --------------------------------------------------------------------------------------------------------- csv */

/* Source: RFC 4180, with a plain newline at the end of a row. */
static void put_csv(FILE *file, const char *text)
{
	if (text[strcspn(text, ",\"\r\n")] == '\0') {
		(void)fputs(text, file);
		return;
	}
	(void)fputc('"', file);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			(void)fputc('"', file);
		(void)fputc(*text, file);
	}
	(void)fputc('"', file);
}

static void print_csv(const struct output_table *table)
{
	FILE *file = table->output->file;
	char head[OUTPUT_HEAD_BYTES];

	if (table->output->section_count)
		(void)fputc('\n', file);
	if (table->name)
		(void)fprintf(file, "# %s\n", table->name);
	for (uint32_t i = 0; i < table->column_count; i++) {
		output_head(head, &table->columns[i], "_");
		put_csv(file, head);
		(void)fputc(i + 1 == table->column_count ? '\n' : ',', file);
	}
	for (uint32_t i = 0; i < table->cell_count; i++) {
		put_csv(file, table->cells[i].text ? table->cells[i].text : "");
		(void)fputc((i + 1) % table->column_count ? ',' : '\n', file);
	}
}

/* -------------------------------------------------------------------------------------------------------- json */

/* "p99 9" is "p99_9": keys that a program can write without quotes. */
static void key_of(char key[OUTPUT_HEAD_BYTES], const struct output_column *column)
{
	output_head(key, column, "_");
	for (char *at = key; *at != '\0'; at++)
		if (strchr(" -/.", *at))
			*at = '_';
}

static void add_cell(struct json_value *row, const char *key, const struct output_cell *cell)
{
	if (cell->text == NULL)
		json_add_null(row, key);
	else if (!cell->is_number)
		json_add_text(row, key, cell->text);
	else if (strpbrk(cell->text, ".eE"))
		json_add_real(row, key, strtod(cell->text, NULL));
	else if (cell->text[0] == '-')
		json_add_signed(row, key, strtoll(cell->text, NULL, 10));
	else
		json_add_unsigned(row, key, strtoull(cell->text, NULL, 10));
}

static void add_row(struct json_value *row, const struct output_table *table, uint32_t first)
{
	char key[OUTPUT_HEAD_BYTES];

	for (uint32_t i = 0; i < table->column_count; i++) {
		key_of(key, &table->columns[i]);
		add_cell(row, key, &table->cells[first + i]);
	}
}

static void add_section(const struct output_table *table, int is_record)
{
	struct output *output = table->output;
	struct json_value *section;

	if (output->json == NULL)
		output->json = table->name || is_record ? json_make_object() : json_make_array();
	if (is_record) {
		add_row(table->name ? json_add_object(output->json, table->name) : output->json, table, 0);
		return;
	}
	section = table->name ? json_add_array(output->json, table->name) : output->json;
	for (uint32_t i = 0; i < table->cell_count; i += table->column_count)
		add_row(json_add_object(section, NULL), table, i);
}

/* --------------------------------------------------------------------------------------------------------- end */

static void end_section(struct output_table *table, int is_record)
{
	TAKT_ASSERT(table->cell_count % table->column_count == 0);
	TAKT_ASSERT(!is_record || table->cell_count == table->column_count);
	if (table->output->format == OUTPUT_JSON)
		add_section(table, is_record);
	else if (table->output->format == OUTPUT_CSV)
		print_csv(table);
	else if (is_record)
		output_print_record(table);
	else
		output_print_rows(table);
	table->output->section_count++;
	for (uint32_t i = 0; i < table->cell_count; i++)
		free(table->cells[i].text);
	free(table->cells);
	*table = (struct output_table){0};
}

void output_table_end(struct output_table *table)
{
	end_section(table, 0);
}

void output_record_end(struct output_table *table)
{
	end_section(table, 1);
}
