/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bench_plot.h"

#include <stdio.h>
#include <string.h>

#include "apps/takt/picture.h"

#define SERIES_MAX 16

static int begin(struct picture *picture, const struct bench *bench, const char *name, const char *title)
{
	char machine[300];
	(void)snprintf(machine, sizeof(machine), "%.140s, %.140s", bench->machine.processor, bench->machine.system);
	return picture_begin(picture, "bench", bench->options.plot, name, title, machine);
}

static void end(struct picture *picture, uint32_t width, const char *plot)
{
	picture_size(picture, width, 520);
	(void)fputs(plot, picture->file);
	(void)picture_end(picture);
}

/* -------------------------------------------------------------------------------------------------------- rows */

static int is_of(const struct bench_row *row, const char *test, const char *part)
{
	return strcmp(row->test, test) == 0 && strstr(row->name, part) != NULL;
}

static uint32_t count_rows(const struct bench *bench, const char *test, const char *part)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < bench->row_count; i++)
		count += (uint32_t)is_of(&bench->rows[i], test, part);
	return count;
}

/* A name on several lines, so that bars can stand close together. */
static void put_name(FILE *file, const char *name)
{
	uint32_t column = 0;

	(void)fputc('"', file);
	for (; *name; name++, column++) {
		if (*name == ' ' && column > 8) {
			(void)fputs("\\n", file);
			column = 0;
		} else if (*name != '"' && *name != '\\') {
			(void)fputc(*name, file);
		}
	}
	(void)fputc('"', file);
}

/* Curves span many sizes, so their axis has the unit's prefixes: n, u, m. */
static double seconds(const struct bench_row *row, double figure)
{
	return row->metric == BENCH_RATE ? figure : figure / 1e9;
}

/* The unit that suits the largest of some rows. */
static int are_long(const struct bench *bench, const char *test, const char *part)
{
	for (uint32_t i = 0; i < bench->row_count; i++)
		if (is_of(&bench->rows[i], test, part) && bench->rows[i].takt >= 1e4)
			return 1;
	return 0;
}

static void put_bars(FILE *file, const struct bench *bench, const char *test, const char *part)
{
	double unit = are_long(bench, test, part) ? 1e3 : 1.0;

	(void)fputs("$rows << END\n", file);
	for (uint32_t i = 0; i < bench->row_count; i++) {
		const struct bench_row *row = &bench->rows[i];
		if (!is_of(row, test, part) || row->ratio <= 0.0)
			continue;
		put_name(file, row->name);
		(void)fprintf(file, " %.6g %.6g %.2f\n", row->floor / unit, row->takt / unit, row->ratio);
	}
	(void)fputs("END\n", file);
}

/* Floor and takt side by side, the ratio above. */
static void draw_bars(const struct bench *bench, const char *test, const char *part, const char *name,
		      const char *title)
{
	struct picture picture = {0};
	uint32_t count = count_rows(bench, test, part);

	if (count == 0 || !begin(&picture, bench, name, title))
		return;
	put_bars(picture.file, bench, test, part);
	(void)fprintf(
		picture.file,
		"set style data histogram\nset style histogram clustered gap 1\nset style fill solid 0.9 noborder\n"
		"set boxwidth 0.9\nset ylabel '%s'\nset key outside top right horizontal\nset bmargin 5\n"
		"set xtics noenhanced font ',9'\nset yrange [0:*]\nset offsets 0,0,graph 0.14,0\n",
		are_long(bench, test, part) ? "us" : "ns");
	end(&picture, 320 + 100 * count,
	    "plot $rows using 2:xtic(1) title 'floor' lt 1, '' using 3 title 'takt' lt 2, "
	    "'' using 0:($2>$3?$2:$3):(sprintf('x %.2f',$4)) with labels offset 0,0.8 notitle");
	(void)picture_draw(&picture);
}

/* ------------------------------------------------------------------------------------------------------- curves */

/* One block for each size-dependent series; the name of a series is what is left of the row's without its size. */
static void put_curve(FILE *file, const struct bench *bench, const char *test, const char *part, uint32_t series)
{
	(void)fprintf(file, "$series%u << END\n", series);
	for (uint32_t i = 0; i < bench->row_count; i++) {
		const struct bench_row *row = &bench->rows[i];
		/* What is one way and what is a stream of the same transport do not belong into one picture. */
		int is_other = row->metric == BENCH_RATE && strcmp(test, "transports") == 0;
		if (is_of(row, test, part) && row->bytes && row->floor > 0.0 && !strstr(row->name, "ages") && !is_other)
			(void)fprintf(file, "%u %.6g %.6g\n", row->bytes, seconds(row, row->floor),
				      seconds(row, row->takt));
	}
	(void)fputs("END\n", file);
}

static void put_size_axis(FILE *file)
{
	(void)fputs(
		"set logscale x 2\nset logscale y\nset format y '%.0s%c'\nset xlabel 'bytes of a sample'\nset grid xtics\n"
		"set xtics ('8 B' 8, '16 B' 16, '64 B' 64, '256 B' 256, '1 KiB' 1024, '4 KiB' 4096, '16 KiB' 16384, '64 KiB' 65536, "
		"'256 KiB' 262144, '1 MiB' 1048576, '4 MiB' 4194304, '16 MiB' 16777216)\nset offsets graph 0.05, graph 0.05, 0, 0\n",
		file);
}

/* Floor and takt over the size. */
static void draw_curves(const struct bench *bench, const char *test, const char *part, const char *name,
			const char *title, const char *unit)
{
	struct picture picture = {0};

	if (count_rows(bench, test, part) < 2 || !begin(&picture, bench, name, title))
		return;
	put_curve(picture.file, bench, test, part, 0);
	put_size_axis(picture.file);
	(void)fprintf(picture.file, "set ylabel '%s'\nset key top %s\n", unit, strstr(unit, "/s") ? "right" : "left");
	/* In place, size should not matter: a flat line on an axis that begins at nothing. */
	if (strcmp(part, "in place") == 0)
		(void)fputs("unset logscale y\nset yrange [0:*]\n", picture.file);
	end(&picture, 860,
	    "plot $series0 using 1:2 with linespoints lt 1 title 'floor', '' using 1:3 with linespoints lt 2 title 'takt'");
	(void)picture_draw(&picture);
}

/* Every mechanism is a curve; takt's is the first. */
static void draw_transports(const struct bench *bench)
{
	const char *names[SERIES_MAX];
	struct picture picture = {0};
	char plot[2048];
	uint32_t count = 0;

	for (uint32_t i = 0; i < bench->row_count && count < SERIES_MAX; i++) {
		const char *name = strstr(bench->rows[i].name, ", ");
		int is_known = strcmp(bench->rows[i].test, "transports") != 0 || name == NULL;
		for (uint32_t k = 0; k < count && !is_known; k++)
			is_known = strcmp(names[k], name) == 0;
		if (!is_known)
			names[count++] = name;
	}
	if (count == 0 ||
	    !begin(&picture, bench, "transports", "takt beside the system's mechanisms: one way, reader asleep"))
		return;
	int used = snprintf(plot, sizeof(plot), "plot $series0 using 1:3 with linespoints lt 2 lw 4 title 'takt'");
	for (uint32_t i = 0; i < count; i++) {
		put_curve(picture.file, bench, "transports", names[i], i);
		used += snprintf(plot + used, sizeof(plot) - (size_t)used,
				 ", $series%u using 1:2 with linespoints lt %u title '%s'", i, i ? i + 2 : 1,
				 names[i] + 2);
	}
	put_size_axis(picture.file);
	(void)fputs("set ylabel 'seconds'\nset key outside right top\n", picture.file);
	end(&picture, 1100, plot);
	(void)picture_draw(&picture);
}

/* ------------------------------------------------------------------------------------------------ distributions */

static void put_distribution(FILE *file, const char *name, const struct bench_histogram *histogram)
{
	uint64_t seen = 0;

	(void)fprintf(file, "$%s << END\n", name);
	for (uint32_t i = 0; i + 1 < BENCH_BUCKET_COUNT; i++) {
		if (histogram->buckets[i] == 0)
			continue;
		seen += histogram->buckets[i];
		/* The share that is later; the last one would be none, which no logarithm shows. */
		double later = (double)(histogram->count - seen) / (double)histogram->count;
		if (later > 0.0)
			(void)fprintf(file, "%.6g %.6g\n", (double)bench_bucket_min(i + 1) / 1e4, later);
	}
	(void)fprintf(file, "%.6g %.6g\nEND\n", (double)histogram->max / 1e4, 1.0 / (double)histogram->count);
}

void bench_plot_distribution(const struct bench *bench, const struct bench_row *row,
			     const struct bench_histogram *floor_ns, const struct bench_histogram *takt_ns)
{
	struct picture picture = {0};
	char name[64], title[160];

	if (strcmp(row->test, "periodic") != 0 || floor_ns == NULL || floor_ns->count == 0 || takt_ns->count == 0)
		return;
	(void)snprintf(name, sizeof(name), "periodic-%u", count_rows(bench, "periodic", ""));
	(void)snprintf(title, sizeof(title), "periodic: %s", row->name);
	if (!begin(&picture, bench, name, title))
		return;
	put_distribution(picture.file, "bare", floor_ns);
	put_distribution(picture.file, "takt", takt_ns);
	(void)fputs(
		"set logscale xy\nset format y '10^{%T}'\nset format x '%g'\nset xlabel 'us late'\n"
		"set ylabel 'share of cycles that are later'\nset yrange [*:1]\nset grid xtics ytics\nset key top right\n",
		picture.file);
	end(&picture, 860, "plot $bare with steps lt 1 title 'bare loop', $takt with steps lt 2 title 'takt'");
}

void bench_plot_all(const struct bench *bench)
{
	struct picture picture = {.who = "bench"};

	if (!picture_can_be_drawn("bench"))
		return;
	draw_bars(bench, "poll", "", "poll", "poll: one way to a polling reader");
	draw_bars(bench, "wake", "", "wake", "wake: one way to a sleeping reader");
	draw_bars(bench, "publish", "none waits", "publish", "publish: cost with subscribers that do not wait");
	draw_bars(bench, "publish", "sleeping", "publish-sleeping", "publish: cost with subscribers that sleep");
	draw_bars(bench, "command", "", "command", "command: there and back");
	draw_bars(bench, "scale", ", publish and read", "scale",
		  "scale: publish and read in a large domain against a small one");
	draw_curves(bench, "scale", "against copies", "scale-payload",
		    "scale: publish and read, against the copies alone", "seconds");
	draw_curves(bench, "stream", "by copy", "stream", "stream: samples per second by copy", "samples/s");
	draw_curves(bench, "stream", "in place", "stream-in-place", "stream: one way in place, loan to borrow",
		    "seconds");
	draw_transports(bench);
	for (uint32_t i = 1; i <= count_rows(bench, "periodic", ""); i++) {
		(void)snprintf(picture.path, sizeof(picture.path), "%.400s/periodic-%u.gnuplot", bench->options.plot,
			       i);
		(void)picture_draw(&picture);
	}
}
