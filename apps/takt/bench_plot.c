/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bench_plot.h"

#include <stdio.h>
#include <string.h>

#include "platform/clock.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/pipe.h"
#include "platform/process.h"

#define GNUPLOT_WAIT_NS (60 * TAKT_NS_PER_S)
#define REAP_PAUSE_NS	(10 * TAKT_NS_PER_MS)
#define SERIES_MAX	16

/* Colours that people with any colour vision can tell apart. Source: Okabe and Ito. */
static const char preamble[] = "set encoding utf8\n"
			       "set border 3 lc rgb '#555555'\n"
			       "set tics nomirror\n"
			       "set grid ytics lc rgb '#dddddd'\n"
			       "set linetype 1 lc rgb '#999999' lw 2 pt 7 ps 0.8\n"
			       "set linetype 2 lc rgb '#0072b2' lw 2.5 pt 5 ps 0.8\n"
			       "set linetype 3 lc rgb '#e69f00' lw 2 pt 9\n"
			       "set linetype 4 lc rgb '#009e73' lw 2 pt 11\n"
			       "set linetype 5 lc rgb '#cc79a7' lw 2 pt 13\n"
			       "set linetype 6 lc rgb '#56b4e9' lw 2 pt 4\n"
			       "set linetype 7 lc rgb '#d55e00' lw 2 pt 6\n"
			       "set linetype 8 lc rgb '#f0e442' lw 2 pt 8\n"
			       "set linetype 9 lc rgb '#000000' lw 1.5 pt 10\n"
			       "set linetype 10 lc rgb '#7f3c8d' lw 1.5 pt 12\n"
			       "set linetype 11 lc rgb '#11a579' lw 1.5 pt 2\n";

/* One picture being written. */
struct picture {
	FILE *file;
	char path[TAKT_OS_PATH_MAX]; /* of its script */
};

/* Text from the system inside a title, where _ ^ @ { } & and quotes would mean something. */
static void put_plain(FILE *file, const char *text)
{
	for (; *text; text++)
		if (strchr("_^@&{}~", *text))
			(void)fprintf(file, "\\\\%c", *text);
		else if (*text != '"' && *text != '\\')
			(void)fputc(*text, file);
}

static int begin(struct picture *picture, const struct bench *bench, const char *name, const char *title)
{
	(void)snprintf(picture->path, sizeof(picture->path), "%.400s/%s.gnuplot", bench->options.plot, name);
	picture->file = fopen(picture->path, "w");
	if (picture->file == NULL) {
		takt_message(TAKT_ERROR, "bench: cannot write %s", picture->path);
		return 0;
	}
	(void)fprintf(picture->file, "# gnuplot %s.gnuplot, in this folder, draws it again\n%s", name, preamble);
	(void)fprintf(picture->file, "set title \"%s\\n{/*0.75 ", title);
	put_plain(picture->file, bench->machine.processor);
	(void)fputs(", ", picture->file);
	put_plain(picture->file, bench->machine.system);
	(void)fprintf(picture->file, "}\"\nbase = '%.400s/%s'\n", bench->options.plot, name);
	return 1;
}

/* Both kinds from one `plot` command. */
static void end(struct picture *picture, uint32_t width, const char *plot)
{
	(void)fprintf(
		picture->file,
		"set terminal svg size %u,520 dynamic font 'sans,13' background '#ffffff'\nset output base.'.svg'\n%s\n"
		"set terminal pngcairo size %u,520 font 'sans,11'\nset output base.'.png'\nreplot\n",
		width, plot, width);
	(void)fclose(picture->file);
}

static void run_gnuplot(const struct picture *picture)
{
	struct takt_os_process process = {0};
	struct takt_os_end ended;
	const char *const arguments[] = {"gnuplot", picture->path, NULL};
	const char *const environment[] = {NULL};
	char text[400];
	uint32_t count = 0;
	enum takt_status status = takt_os_process_start(&process, arguments, environment);

	if (status == TAKT_OK) {
		uint64_t deadline_ns = takt_os_clock_now_ns() + GNUPLOT_WAIT_NS;
		while ((status = takt_os_process_reap(&process, &ended)) == TAKT_EMPTY &&
		       takt_os_clock_now_ns() < deadline_ns)
			(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + REAP_PAUSE_NS);
		if (takt_os_pipe_read(process.output, text, sizeof(text) - 1, &count) != TAKT_OK)
			count = 0;
		text[count] = '\0';
		if (status == TAKT_OK && ended.code != 0)
			takt_message(TAKT_WARNING, "bench: gnuplot refused %s: %s", picture->path, text);
		takt_os_process_close(&process);
	}
	if (status == TAKT_EMPTY)
		takt_message(TAKT_WARNING, "bench: gnuplot has not drawn %s within a minute", picture->path);
}

static int has_gnuplot(void)
{
	struct takt_os_process process = {0};
	struct takt_os_end ended;
	const char *const arguments[] = {"gnuplot", "--version", NULL};
	const char *const environment[] = {NULL};

	if (takt_os_process_start(&process, arguments, environment) != TAKT_OK)
		return 0;
	while (takt_os_process_reap(&process, &ended) == TAKT_EMPTY)
		(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + REAP_PAUSE_NS);
	takt_os_process_close(&process);
	return ended.code == 0;
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
	struct picture picture;
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
	run_gnuplot(&picture);
}

/* ------------------------------------------------------------------------------------------------------- curves */

/* One block for each size-dependent series; the name of a series is what is left of the row's without its size. */
static void put_curve(FILE *file, const struct bench *bench, const char *test, const char *part, uint32_t series)
{
	(void)fprintf(file, "$series%u << END\n", series);
	for (uint32_t i = 0; i < bench->row_count; i++) {
		const struct bench_row *row = &bench->rows[i];
		if (is_of(row, test, part) && row->bytes && row->floor > 0.0 && !strstr(row->name, "ages"))
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
	struct picture picture;

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
	run_gnuplot(&picture);
}

/* Every mechanism is a curve; takt's is the first. */
static void draw_transports(const struct bench *bench)
{
	const char *names[SERIES_MAX];
	struct picture picture;
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
	run_gnuplot(&picture);
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
	struct picture picture;
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
	struct picture picture;

	if (!has_gnuplot()) {
		takt_message(
			TAKT_WARNING,
			"bench: gnuplot is not installed, so there are no pictures, only their data; install it, for instance "
			"with: apt install gnuplot-nox");
		return;
	}
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
		run_gnuplot(&picture);
	}
}
