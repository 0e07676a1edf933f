/* SPDX-License-Identifier: Apache-2.0 */
/* The worst cycle as a waterfall: a row for each step, with a bar for the time that passed before it. */
#include <stdlib.h>
#include <string.h>

#include "apps/takt/trace_plot_draw.h"
#include "apps/takt/trace_story.h"

#define ROWS_MAX    24u
#define ROW_HEIGHT  24u
#define WIDTH	    1000u
#define LINE_BYTES  125u /* of the cause below the title */
#define LABEL_BYTES 64u

enum part { PART_BEFORE = 0, PART_LATE = 1, PART_RUN = 2, PART_LONGEST = 3 };

struct row {
	int64_t from_ns; /* since the cycle was due */
	int64_t at_ns;
	enum part part;
	char text[LABEL_BYTES];
};

struct rows {
	struct row all[TRACE_POINTS_MAX + 4];
	uint32_t count;
};

/* @retval NULL there is none of the nodes that were chosen */
static const struct trace_worst *find_worst(const struct trace_plot *plot)
{
	const struct trace_worst **cycles = NULL;
	const struct trace_worst *worst = NULL;
	uint32_t count = trace_worst_gather(plot->analysis, UINT16_MAX, &cycles);
	for (uint32_t i = 0; i < count && worst == NULL; i++)
		if (trace_choice_has_loop(&plot->choice, plot->analysis, plot->analysis->loops[cycles[i]->loop]))
			worst = cycles[i];
	free(cycles);
	return worst;
}

static void add_row(struct rows *rows, const struct trace_worst *cycle, uint64_t at_ns, const char *text)
{
	struct row *row = &rows->all[rows->count];
	row->at_ns = (int64_t)(at_ns - cycle->due_ns);
	row->from_ns = rows->count ? rows->all[rows->count - 1].at_ns : row->at_ns;
	row->part = at_ns <= cycle->due_ns ? PART_BEFORE : at_ns <= cycle->begin_ns ? PART_LATE : PART_RUN;
	(void)snprintf(row->text, sizeof(row->text), "%s", text);
	rows->count++;
}

/* The steps in order, and between them due, begin and end. */
static void gather_rows(const struct trace_plot *plot, const struct trace_worst *cycle, struct rows *rows)
{
	char text[TRACE_STEP_BYTES];
	const char *due = cycle->cause == TRACE_CAUSE_NEWS ? "due: its news was published" : "due";
	int is_due = 0;
	int has_begun = 0;
	rows->count = 0;
	for (uint32_t i = 0; i <= cycle->point_count; i++) {
		uint64_t at_ns = i < cycle->point_count ? cycle->points[i].time_ns : cycle->end_ns;
		if (!is_due && at_ns >= cycle->due_ns)
			add_row(rows, cycle, cycle->due_ns, due);
		is_due |= at_ns >= cycle->due_ns;
		if (!has_begun && at_ns >= cycle->begin_ns)
			add_row(rows, cycle, cycle->begin_ns, "begins");
		has_begun |= at_ns >= cycle->begin_ns;
		if (i == cycle->point_count)
			break;
		trace_story_step(plot->analysis, cycle, &cycle->points[i], text);
		add_row(rows, cycle, at_ns, text);
	}
	add_row(rows, cycle, cycle->end_ns, "ends");
}

static void mark_longest(struct rows *rows)
{
	struct row *longest = NULL;
	for (uint32_t i = 1; i < rows->count; i++) {
		struct row *row = &rows->all[i];
		if (row->part != PART_BEFORE &&
		    (longest == NULL || row->at_ns - row->from_ns > longest->at_ns - longest->from_ns))
			longest = row;
	}
	if (longest)
		longest->part = PART_LONGEST;
}

/* The longest rows and the ends stay; the time of those that go is added to the next one, so that nothing is missing. */
static void shorten(struct rows *rows)
{
	while (rows->count > ROWS_MAX) {
		uint32_t shortest = 0;
		for (uint32_t i = 1; i + 1 < rows->count; i++)
			if (strcmp(rows->all[i].text, "begins") != 0 && strncmp(rows->all[i].text, "due", 3) != 0 &&
			    (shortest == 0 || rows->all[i].at_ns - rows->all[i].from_ns <
						      rows->all[shortest].at_ns - rows->all[shortest].from_ns))
				shortest = i;
		if (shortest == 0)
			return;
		rows->all[shortest + 1].from_ns = rows->all[shortest].from_ns;
		memmove(&rows->all[shortest], &rows->all[shortest + 1],
			(rows->count - shortest - 1) * sizeof(rows->all[0]));
		rows->count--;
	}
}

/* ------------------------------------------------------------------------------------------------------- picture */

/* From and to since due in ns, the row, which part it is, and the length for people. */
static void put_rows(FILE *file, const struct rows *rows)
{
	char length[24];
	(void)fputs("$rows << END\n", file);
	for (uint32_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->all[i];
		(void)fprintf(file, "%lld %lld %u %d \"%s\"\n", (long long)row->from_ns, (long long)row->at_ns, i,
			      (int)row->part, i ? trace_span_text((uint64_t)(row->at_ns - row->from_ns), length) : "");
	}
	(void)fputs("END\nset ytics (", file);
	for (uint32_t i = 0; i < rows->count; i++) {
		(void)fputs(i ? ", " : "", file);
		picture_put_text(file, rows->all[i].text);
		(void)fprintf(file, " %u", i);
	}
	(void)fputs(") noenhanced\n", file);
}

/* What began long before this cycle would leave no room for it. */
static int64_t left_end(const struct rows *rows, const struct trace_worst *cycle)
{
	int64_t took_ns = (int64_t)trace_worst_took_ns(cycle);
	int64_t left_ns = rows->all[0].at_ns < 0 ? rows->all[0].at_ns : 0;
	return left_ns < -took_ns / 8 ? -took_ns / 8 : left_ns;
}

static void put_axes(FILE *file, const struct rows *rows, const struct trace_worst *cycle)
{
	uint64_t took_ns = trace_worst_took_ns(cycle);
	double unit_ns = took_ns >= 10000000000u ? 1e9 : took_ns >= 2000000u ? 1e6 : 1e3;
	const char *unit = unit_ns >= 1e9 ? "s" : unit_ns >= 1e6 ? "ms" : "us";
	double right = (double)took_ns / unit_ns;
	double left = (double)left_end(rows, cycle) / unit_ns;
	(void)fprintf(
		file,
		"unit = %.0f\nleft = %.9g\nright = %.9g\nset xrange [left - 0.01 * (right - left):right + 0.02 * (right - left)]\n"
		"set xlabel '%s since the cycle was due' offset 0,0.3\nset yrange [%u.6:-0.6]\nset grid xtics noytics lt 1 lw 0.6 lc rgb '#dddddd'\n"
		"set tics scale 0.5\nset lmargin at screen 0.36\nset rmargin at screen 0.97\nset bmargin 6\n"
		"set title offset screen -0.165,0\nset key at screen 0.97, screen 0.03 right bottom horizontal samplen 1.5 width -4\n"
		"at_left(x) = x / unit < left ? left : x / unit\nis_wide(a, b) = b - a > 0.15 * (right - left) * unit\n"
		"ends_far(x) = x / unit > left + 0.85 * (right - left)\n",
		unit_ns, left, right, unit, rows->count - 1);
}

static const char *const commands =
	"plot for [part = 0:3] $rows using (($4 == part) ? at_left($1) : NaN):3:(at_left($1)):(at_left($2)):($3 - 0.36):($3 + 0.36) "
	"with boxxyerror lt (part == 0 ? 1 : part == 1 ? 3 : part == 2 ? 2 : 7) lw 0.5 fs solid 0.85 "
	"title (part == 0 ? 'before it was due' : part == 1 ? 'late' : part == 2 ? 'runs' : 'longest'), "
	"$rows using (at_left($2)):3 with points lt 9 pt 7 ps 0.45 notitle, "
	"'' using (is_wide($1, $2) ? (at_left($1) + at_left($2)) / 2 : NaN):3:5 with labels center font ',10' notitle, "
	"'' using (is_wide($1, $2) || ends_far($2) ? NaN : at_left($2)):3:5 with labels left offset 0.7,0 font ',10' notitle, "
	"'' using (!is_wide($1, $2) && ends_far($2) ? at_left($1) : NaN):3:5 with labels right offset -0.7,0 font ',10' notitle";

/* The cause, cut into two lines between words. */
static void put_cause(const struct trace_plot *plot, const struct trace_worst *cycle, char about[2 * LINE_BYTES + 8])
{
	char cause[TRACE_CAUSE_BYTES];
	size_t cut = LINE_BYTES;
	trace_story_cause(plot->analysis, cycle, cause);
	size_t length = strlen(cause);
	if (length <= LINE_BYTES) {
		(void)snprintf(about, 2 * LINE_BYTES + 8, "%s", cause);
		return;
	}
	while (cut > 1 && cause[cut] != ' ')
		cut--;
	(void)snprintf(about, 2 * LINE_BYTES + 8, "%.*s\n%.*s%s", (int)cut, cause, (int)LINE_BYTES, cause + cut + 1,
		       length - cut - 1 > LINE_BYTES ? "..." : "");
}

void trace_plot_worst(struct trace_plot *plot)
{
	struct picture picture = {0};
	struct rows rows;
	char title[200];
	char name[64];
	char took[24];
	char usual[24];
	char about[2 * LINE_BYTES + 8];
	const struct trace_worst *cycle = find_worst(plot);
	if (cycle == NULL)
		return;
	const struct trace_loop *loop = plot->analysis->loops[cycle->loop];
	trace_loop_name(plot->analysis, loop, name);
	(void)snprintf(title, sizeof(title), "Worst cycle: %llu of %s, %s from due to end, usually %s",
		       (unsigned long long)cycle->cycle, name, trace_span_text(trace_worst_took_ns(cycle), took),
		       trace_span_text(trace_worst_usual_ns(loop), usual));
	put_cause(plot, cycle, about);
	gather_rows(plot, cycle, &rows);
	shorten(&rows);
	mark_longest(&rows);
	if (!picture_begin(&picture, "trace plot", plot->output, "worst-cycle", title, about)) {
		plot->is_failed = 1;
		return;
	}
	put_rows(picture.file, &rows);
	put_axes(picture.file, &rows, cycle);
	picture_size(&picture, WIDTH, 185 + ROW_HEIGHT * rows.count);
	(void)fputs(commands, picture.file);
	trace_plot_end(plot, &picture);
}
