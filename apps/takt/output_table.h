/* SPDX-License-Identifier: Apache-2.0 */
/* How a section of a report is printed for people. For output.c alone. */
#ifndef APPS_TAKT_OUTPUT_TABLE_H
#define APPS_TAKT_OUTPUT_TABLE_H

#include "apps/takt/output.h"

#define OUTPUT_HEAD_BYTES  96
#define OUTPUT_COLUMNS_MAX 32

struct output_cell {
	char *text; /* NULL: nothing */
	uint32_t is_number;
	enum output_accent accent;
};

/* "age" and "ms" with `joint` between them. */
void output_head(char head[OUTPUT_HEAD_BYTES], const struct output_column *column, const char *joint);

/* As rows. Where these are wider than the output's column limit, the columns stand closer together, and the first ones of text, as many as
 * must, on lines of their own, above the rows that have the same in them. */
void output_print_rows(const struct output_table *table);

/* One line per column. */
void output_print_record(const struct output_table *table);

#endif
