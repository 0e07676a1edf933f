/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/escape.h"
#include "apps/takt/trace_report.h"
#include "apps/takt/trace_story.h"
#include "platform/file.h"

#define COLUMNS_DEFAULT 100u
#define COLUMNS_MIN	60u
#define STEPS_SHOWN	14u /* for people; a program gets all */

static const struct output_column worst_columns[] = {
	{"rank", "", OUTPUT_NUMBER},	    {"node", "", OUTPUT_TEXT},	     {"loop", "", OUTPUT_NUMBER},
	{"cycle", "", OUTPUT_NUMBER},	    {"at", "s", OUTPUT_NUMBER},	     {"took", "us", OUTPUT_NUMBER},
	{"usual", "us", OUTPUT_NUMBER},	    {"late", "us", OUTPUT_NUMBER},   {"run", "us", OUTPUT_NUMBER},
	{"lock wait", "us", OUTPUT_NUMBER}, {"switches", "", OUTPUT_NUMBER}, {"faults", "", OUTPUT_NUMBER},
	{"cause", "", OUTPUT_TEXT}};
static const struct output_column step_columns[] = {{"rank", "", OUTPUT_NUMBER},
						    {"at", "us", OUTPUT_NUMBER},
						    {"what", "", OUTPUT_TEXT}};

static double ms_between(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns >= from_ns ? (double)(to_ns - from_ns) / 1e6 : -(double)(from_ns - to_ns) / 1e6;
}

static int is_chosen(const struct trace_report_options *options, const struct trace_analysis *analysis,
		     const struct trace_worst *cycle)
{
	char buffer[32];
	const struct trace_loop *loop = analysis->loops[cycle->loop];
	return trace_filter_has(&options->choice.nodes, trace_node_name(analysis, loop->domain, loop->node, buffer));
}

/* "8 412". */
static const char *grouped(uint64_t number, char text[32])
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	uint32_t used = 0;
	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text[used++] = ' ';
		text[used++] = digits[i];
	}
	text[used] = '\0';
	return text;
}

/* A sentence, cut into lines between words. */
static void put_wrapped(FILE *file, const char *text, uint32_t indent, uint32_t columns)
{
	uint32_t used = 0;
	while (*text) {
		uint32_t word = (uint32_t)strcspn(text, " ");
		if (used && used + 1 + word > columns) {
			(void)fputc('\n', file);
			used = 0;
		}
		(void)fprintf(file, "%*s%.*s", used ? 1 : (int)indent, "", (int)word, text);
		used += word + (used ? 1 : indent);
		text += word;
		text += *text == ' ';
	}
	(void)fputc('\n', file);
}

static void put_step(FILE *file, double at_ms, const char *text)
{
	(void)fprintf(file, "    %+10.3f ms  %s\n", at_ms, text);
}

/* The steps in order, with begin and end between them. The middle of a long story is left to --format json. */
static void put_steps(FILE *file, const struct trace_analysis *analysis, const struct trace_worst *cycle)
{
	char text[TRACE_STEP_BYTES];
	char escaped[ESCAPE_BYTES(TRACE_STEP_BYTES)];
	uint32_t count = cycle->point_count;
	int has_begun = 0;
	put_step(file, 0.0, cycle->cause == TRACE_CAUSE_NEWS ? "due: its news was published" : "due");
	for (uint32_t i = 0; i < count; i++) {
		const struct trace_point *point = &cycle->points[i];
		if (!has_begun && point->time_ns >= cycle->begin_ns) {
			put_step(file, ms_between(cycle->due_ns, cycle->begin_ns), "begins");
			has_begun = 1;
		}
		if (count > STEPS_SHOWN && i >= STEPS_SHOWN / 2 && i < count - STEPS_SHOWN / 2) {
			if (i == STEPS_SHOWN / 2)
				(void)fprintf(file, "%22s... %u more\n", "",
					      count - STEPS_SHOWN + cycle->points_left_out);
			continue;
		}
		trace_story_step(analysis, cycle, point, text);
		(void)escape_text(escaped, sizeof(escaped), text, strlen(text));
		put_step(file, ms_between(cycle->due_ns, point->time_ns), escaped);
	}
	if (!has_begun)
		put_step(file, ms_between(cycle->due_ns, cycle->begin_ns), "begins");
	put_step(file, ms_between(cycle->due_ns, cycle->end_ns), "ends");
}

static void put_story(FILE *file, const struct trace_analysis *analysis, const struct trace_worst *cycle,
		      uint64_t first_ns, uint32_t rank, uint32_t columns)
{
	char cause[TRACE_CAUSE_BYTES];
	char text[ESCAPE_BYTES(TRACE_CAUSE_BYTES)];
	char node[32];
	char number[32];
	char took[24];
	char usual[24];
	char head[400];
	const struct trace_loop *loop = analysis->loops[cycle->loop];
	(void)snprintf(head, sizeof(head), "%2u. cycle %s of %s, %.3f s into the trace: %s from due to end, usually %s",
		       rank, grouped(cycle->cycle, number), trace_node_name(analysis, loop->domain, loop->node, node),
		       ms_between(first_ns, cycle->due_ns) / 1e3, trace_span_text(trace_worst_took_ns(cycle), took),
		       trace_span_text(trace_worst_usual_ns(loop), usual));
	(void)escape_text(text, sizeof(text), head, strlen(head));
	put_wrapped(file, text, 0, columns);
	trace_story_cause(analysis, cycle, cause);
	(void)escape_text(text, sizeof(text), cause, strlen(cause));
	put_wrapped(file, text, 4, columns);
	put_steps(file, analysis, cycle);
}

static void put_worst(struct output_table *table, const struct trace_analysis *analysis,
		      const struct trace_worst *cycle, uint64_t first_ns, uint32_t rank)
{
	char cause[TRACE_CAUSE_BYTES];
	char node[32];
	const struct trace_loop *loop = analysis->loops[cycle->loop];
	output_cell_count(table, rank);
	output_cell_text(table, trace_node_name(analysis, loop->domain, loop->node, node));
	output_cell_count(table, loop->loop);
	output_cell_count(table, cycle->cycle);
	output_cell_real(table, ms_between(first_ns, cycle->due_ns) / 1e3, 6);
	output_cell_real(table, ms_between(cycle->due_ns, cycle->end_ns) * 1e3, 3);
	output_cell_real(table, (double)trace_worst_usual_ns(loop) / 1e3, 3);
	output_cell_real(table, ms_between(cycle->due_ns, cycle->begin_ns) * 1e3, 3);
	output_cell_real(table, ms_between(cycle->begin_ns, cycle->end_ns) * 1e3, 3);
	output_cell_real(table, (double)cycle->lock_wait_ns / 1e3, 3);
	output_cell_count(table, cycle->switches);
	output_cell_count(table, cycle->faults);
	trace_story_cause(analysis, cycle, cause);
	output_cell_text(table, cause);
}

static void put_sections(struct output *output, const struct trace_analysis *analysis,
			 const struct trace_worst *const *cycles, uint32_t count, uint64_t first_ns)
{
	char text[TRACE_STEP_BYTES];
	struct output_table table;
	output_table_begin(&table, output, "worst", worst_columns, sizeof(worst_columns) / sizeof(worst_columns[0]));
	for (uint32_t i = 0; i < count; i++)
		put_worst(&table, analysis, cycles[i], first_ns, i + 1);
	output_table_end(&table);
	output_table_begin(&table, output, "stories", step_columns, sizeof(step_columns) / sizeof(step_columns[0]));
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t k = 0; k < cycles[i]->point_count; k++) {
			const struct trace_point *point = &cycles[i]->points[k];
			output_cell_count(&table, i + 1);
			output_cell_real(&table, ms_between(cycles[i]->due_ns, point->time_ns) * 1e3, 3);
			trace_story_step(analysis, cycles[i], point, text);
			output_cell_text(&table, text);
		}
	}
	output_table_end(&table);
}

void trace_report_stories(struct output *output, const struct trace_report_options *options,
			  const struct trace_analysis *analysis, const struct trace_summary *summary)
{
	const struct trace_worst **cycles = NULL;
	uint32_t columns = takt_os_terminal_columns();
	/* Of a few nodes: what others have longer may not push theirs out. */
	uint32_t wanted = options->choice.nodes.count ? UINT16_MAX : options->worst_count;
	uint32_t all = options->worst_count ? trace_worst_gather(analysis, wanted, &cycles) : 0;
	uint32_t count = 0;
	for (uint32_t i = 0; i < all && count < options->worst_count; i++)
		if (is_chosen(options, analysis, cycles[i]))
			cycles[count++] = cycles[i];
	if (output->format != OUTPUT_TABLE) {
		put_sections(output, analysis, cycles, count, summary->first_ns);
	} else if (count) {
		columns = columns == 0 ? COLUMNS_DEFAULT : columns < COLUMNS_MIN ? COLUMNS_MIN : columns;
		(void)fprintf(output->file, output->is_coloured ? "\n\033[1m%s\033[0m\n" : "\n%s\n",
			      "worst cycles, by how much longer than usual they took");
		for (uint32_t i = 0; i < count; i++)
			put_story(output->file, analysis, cycles[i], summary->first_ns, i + 1,
				  columns > 120 ? 120 : columns);
	}
	free(cycles);
}
