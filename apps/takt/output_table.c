/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/output_table.h"

#include <stdio.h>
#include <string.h>

#include "platform/message.h"

#define GAP	  "  "
#define GAP_CLOSE " "
#define INDENT	  "  "

static const char *const accent_codes[] = {"", "\033[32m", "\033[33m", "\033[31m"};

/* Characters, not bytes: a unit may be "°C". */
static uint32_t width_of(const char *text)
{
	uint32_t width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void output_head(char head[OUTPUT_HEAD_BYTES], const struct output_column *column, const char *joint)
{
	(void)snprintf(head, OUTPUT_HEAD_BYTES, "%s%s%s", column->name, column->unit[0] ? joint : "", column->unit);
}

static const char *shown(const struct output_cell *cell)
{
	return cell->text ? cell->text : "-";
}

static void put_blanks(FILE *file, uint32_t count)
{
	(void)fprintf(file, "%*s", (int)count, "");
}

/* How the columns stand. */
struct layout {
	uint32_t widths[OUTPUT_COLUMNS_MAX];
	uint32_t stacked; /* of the first columns, on lines of their own */
	const char *gap;
};

/* One cell of a column; the last of a row is not filled up. */
static void put_cell(const struct output_table *table, const struct layout *layout, uint32_t column, const char *text,
		     const char *colour)
{
	FILE *file = table->output->file;
	uint32_t missing = layout->widths[column] - width_of(text);
	int is_right = table->columns[column].kind == OUTPUT_NUMBER;
	int is_last = column + 1 == table->column_count;

	if (column > layout->stacked)
		(void)fputs(layout->gap, file);
	if (is_right)
		put_blanks(file, missing);
	if (*colour && table->output->is_coloured)
		(void)fprintf(file, "%s%s\033[0m", colour, text);
	else
		(void)fputs(text, file);
	if (!is_right && !is_last)
		put_blanks(file, missing);
	if (is_last)
		(void)fputc('\n', file);
}

static uint32_t column_width(const struct output_table *table, uint32_t column)
{
	char head[OUTPUT_HEAD_BYTES];
	uint32_t width;

	output_head(head, &table->columns[column], " ");
	width = width_of(head);
	for (uint32_t i = column; i < table->cell_count; i += table->column_count) {
		uint32_t own = width_of(shown(&table->cells[i]));

		width = own > width ? own : width;
	}
	return width;
}

/* Sections of a report for people stand apart and say what they are. */
static void put_title(const struct output_table *table)
{
	FILE *file = table->output->file;

	if (table->output->section_count)
		(void)fputc('\n', file);
	if (table->name)
		(void)fprintf(file, table->output->is_coloured ? "\033[1m%s\033[0m\n" : "%s\n", table->name);
}

static uint32_t line_width(const struct output_table *table, const struct layout *layout)
{
	uint32_t width = layout->stacked ? (uint32_t)strlen(INDENT) : 0;

	for (uint32_t i = layout->stacked; i < table->column_count; i++)
		width += layout->widths[i] + (i > layout->stacked ? (uint32_t)strlen(layout->gap) : 0);
	return width;
}

/* As few as must of the first columns on lines of their own, and the rest closer together where that does; what cannot be made to fit stays
 * as it is. */
static void lay_out(const struct output_table *table, struct layout *layout)
{
	uint32_t limit = table->output->column_limit;

	for (uint32_t i = 0; i < table->column_count; i++)
		layout->widths[i] = column_width(table, i);
	for (uint32_t i = 0; limit && i < table->column_count; i++) {
		layout->stacked = i;
		layout->gap = GAP;
		if (line_width(table, layout) <= limit)
			return;
		layout->gap = GAP_CLOSE;
		if (line_width(table, layout) <= limit)
			return;
		if (table->columns[i].kind != OUTPUT_TEXT)
			break;
	}
	layout->stacked = 0;
	layout->gap = GAP;
}

/* The first columns of a row, on a line of their own. */
static void put_stacked(const struct output_table *table, const struct output_cell *cells, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const char *colour = table->output->is_coloured ? accent_codes[cells[i].accent] : "";

		(void)fprintf(table->output->file, "%s%s%s%s", i ? GAP : "", colour, shown(&cells[i]),
			      *colour ? "\033[0m" : "");
	}
	(void)fputc('\n', table->output->file);
}

static int is_same(const struct output_cell *left, const struct output_cell *right, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(shown(&left[i]), shown(&right[i])) != 0)
			return 0;
	return 1;
}

static void put_heads(const struct output_table *table, const struct layout *layout)
{
	FILE *file = table->output->file;
	const char *format = table->output->is_coloured ? "%s\033[1m%s\033[0m" : "%s%s";
	char head[OUTPUT_HEAD_BYTES];

	for (uint32_t i = 0; i < layout->stacked; i++) {
		output_head(head, &table->columns[i], " ");
		(void)fprintf(file, format, i ? GAP : "", head);
	}
	if (layout->stacked)
		(void)fputs("\n" INDENT, file);
	for (uint32_t i = layout->stacked; i < table->column_count; i++) {
		output_head(head, &table->columns[i], " ");
		put_cell(table, layout, i, head, "\033[1m");
	}
}

void output_print_rows(const struct output_table *table)
{
	struct layout layout;

	TAKT_ASSERT(table->column_count <= OUTPUT_COLUMNS_MAX);
	put_title(table);
	lay_out(table, &layout);
	put_heads(table, &layout);
	for (uint32_t row = 0; row < table->cell_count; row += table->column_count) {
		const struct output_cell *cells = &table->cells[row];

		if (layout.stacked && (row == 0 || !is_same(cells - table->column_count, cells, layout.stacked)))
			put_stacked(table, cells, layout.stacked);
		if (layout.stacked)
			(void)fputs(INDENT, table->output->file);
		for (uint32_t i = layout.stacked; i < table->column_count; i++)
			put_cell(table, &layout, i, shown(&cells[i]), accent_codes[cells[i].accent]);
	}
}

void output_print_record(const struct output_table *table)
{
	FILE *file = table->output->file;
	uint32_t width = 0;

	put_title(table);
	for (uint32_t i = 0; i < table->column_count; i++)
		width = width_of(table->columns[i].name) > width ? width_of(table->columns[i].name) : width;
	for (uint32_t i = 0; i < table->cell_count; i++) {
		const struct output_column *column = &table->columns[i];
		const char *colour = table->output->is_coloured ? accent_codes[table->cells[i].accent] : "";

		(void)fputs(column->name, file);
		put_blanks(file, width - width_of(column->name));
		(void)fprintf(file, GAP "%s%s%s%s%s\n", colour, shown(&table->cells[i]), *colour ? "\033[0m" : "",
			      column->unit[0] && table->cells[i].text ? " " : "",
			      table->cells[i].text ? column->unit : "");
	}
}
