/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/picture.h"

#include <string.h>

#include "apps/takt/escape.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/pipe.h"
#include "platform/process.h"

#define GNUPLOT_WAIT_NS (60 * TAKT_NS_PER_S)
#define REAP_PAUSE_NS	(10 * TAKT_NS_PER_MS)
#define TEXT_BYTES	512u

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

/* ------------------------------------------------------------------------------------------------------- text */

/* One line within double quotes, where _ ^ @ { } & and a backquote, which would run a command, mean something. */
static void put_plain(FILE *file, const char *text)
{
	char escaped[ESCAPE_BYTES(TEXT_BYTES)];
	size_t line = strcspn(text, "\n");
	(void)escape_text(escaped, sizeof(escaped), text, line < TEXT_BYTES ? line : TEXT_BYTES);
	for (const char *at = escaped; *at; at++)
		if (strchr("_^@&{}~", *at))
			(void)fprintf(file, "\\\\%c", *at);
		else if (!strchr("\"\\`", *at))
			(void)fputc(*at, file);
}

void picture_put_text(FILE *file, const char *text)
{
	char escaped[ESCAPE_BYTES(TEXT_BYTES)];
	(void)escape_text(escaped, sizeof(escaped), text, TEXT_BYTES);
	(void)fputc('\'', file);
	for (const char *at = escaped; *at; at++)
		if (*at == '\'')
			(void)fputs("''", file);
		else if (!strchr("\\`", *at))
			(void)fputc(*at, file);
	(void)fputc('\'', file);
}

/* A path is written as it is: another one would be another file. */
static void put_path(FILE *file, const char *path)
{
	(void)fputc('\'', file);
	for (; *path; path++)
		(void)fputs(*path == '\'' ? "''" : (const char[]){*path, '\0'}, file);
	(void)fputc('\'', file);
}

void picture_put_span_axis(FILE *file, const char *axis, uint64_t from_ns, uint64_t to_ns)
{
	static const char *const units[] = {"ns", "us", "ms", "s"};
	static const uint32_t leads[] = {1, 2, 5};
	double low = (double)(from_ns ? from_ns : 1) / 1.4;
	double high = (double)(to_ns > from_ns ? to_ns : from_ns + 1) * 1.4;
	int is_long = high / low > 3e3;
	const char *before = "";
	(void)fprintf(file, "set logscale %s\nset %srange [%.6g:%.6g]\nset %stics (", axis, axis, low, high, axis);
	uint32_t decade = 0;
	for (double place = 1.0; decade < 12 && place <= high; place *= 10.0, decade++) {
		for (uint32_t i = 0; i < (is_long ? 1u : 3u); i++) {
			uint32_t number = leads[i] * (decade % 3 == 0 ? 1u : decade % 3 == 1 ? 10u : 100u);
			if (place * leads[i] < low || place * leads[i] > high)
				continue;
			(void)fprintf(file, "%s'%u %s' %.0f", before, decade / 3 > 3 ? number * 1000u : number,
				      units[decade / 3 > 3 ? 3 : decade / 3], place * leads[i]);
			before = ", ";
		}
	}
	/* Not a single round number lies between: the ends themselves. */
	if (!*before)
		(void)fprintf(file, "'%.4g us' %.6g, '%.4g us' %.6g", low / 1e3, low, high / 1e3, high);
	(void)fputs(")\n", file);
}

/* ------------------------------------------------------------------------------------------------------- script */

int picture_begin(struct picture *picture, const char *who, const char *folder, const char *name, const char *title,
		  const char *subtitle)
{
	char base[TAKT_OS_PATH_MAX];
	int length = snprintf(picture->path, sizeof(picture->path), "%s/%s.gnuplot", folder, name);
	picture->who = who;
	picture->file = length > 0 && (size_t)length < sizeof(picture->path) ? takt_os_file_write(picture->path) : NULL;
	if (picture->file == NULL) {
		takt_message(TAKT_ERROR, "%s: cannot write %s: its folder must be there and yours to write", who,
			     picture->path);
		return 0;
	}
	(void)fprintf(picture->file, "# gnuplot %s.gnuplot, where it was made, draws it again\n%shead = \"", name,
		      preamble);
	put_plain(picture->file, title);
	while (*subtitle) {
		(void)fputs("\\n{/*0.75 ", picture->file);
		put_plain(picture->file, subtitle);
		(void)fputc('}', picture->file);
		subtitle += strcspn(subtitle, "\n");
		subtitle += *subtitle == '\n';
	}
	(void)fputs("\"\nset title head\nbase = ", picture->file);
	(void)snprintf(base, sizeof(base), "%.*s", (int)(strlen(picture->path) - strlen(".gnuplot")), picture->path);
	put_path(picture->file, base);
	(void)fputc('\n', picture->file);
	return 1;
}

void picture_size(struct picture *picture, uint32_t width, uint32_t height)
{
	(void)fprintf(picture->file,
		      "do for [kind in 'svg png'] {\n"
		      "if (kind eq 'svg') { set terminal svg size %u,%u dynamic font 'sans,13' background '#ffffff' }\n"
		      "if (kind eq 'png') { set terminal pngcairo size %u,%u font 'sans,11' }\n"
		      "set output base.'.'.kind\n",
		      width, height, width, height);
}

int picture_end(struct picture *picture)
{
	(void)fputs("\nset output\n}\n", picture->file);
	int is_bad = ferror(picture->file);
	if (fclose(picture->file) == 0 && !is_bad)
		return 1;
	takt_message(TAKT_ERROR, "%s: cannot write all of %s: is there room on the disk?", picture->who, picture->path);
	return 0;
}

/* ------------------------------------------------------------------------------------------------------- gnuplot */

/* The end of what a program says, and the program's. @retval TAKT_EMPTY it had not ended when its time was over */
static enum takt_status run(const char *const *arguments, struct takt_os_end *ended, char *text, uint32_t bytes)
{
	struct takt_os_process process = {0};
	const char *const environment[] = {NULL};
	uint32_t count = 0;
	enum takt_status status = takt_os_process_start(&process, arguments, environment);
	if (status != TAKT_OK)
		return status;
	uint64_t deadline_ns = takt_os_clock_now_ns() + GNUPLOT_WAIT_NS;
	while ((status = takt_os_process_reap(&process, ended)) == TAKT_EMPTY && takt_os_clock_now_ns() < deadline_ns)
		(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + REAP_PAUSE_NS);
	if (takt_os_pipe_read(process.output, text, bytes - 1, &count) != TAKT_OK)
		count = 0;
	text[count] = '\0';
	takt_os_process_close(&process);
	return status;
}

int picture_can_be_drawn(const char *who)
{
	struct takt_os_end ended = {0};
	const char *const arguments[] = {"gnuplot", "--version", NULL};
	char text[TEXT_BYTES];
	if (run(arguments, &ended, text, sizeof(text)) == TAKT_OK && ended.code == 0)
		return 1;
	takt_message(
		TAKT_WARNING,
		"%s: gnuplot is not installed, so there are no pictures, only their data; install it, for instance "
		"with: apt install gnuplot-nox",
		who);
	return 0;
}

int picture_draw(const struct picture *picture)
{
	struct takt_os_end ended = {0};
	const char *const arguments[] = {"gnuplot", picture->path, NULL};
	char text[TEXT_BYTES];
	enum takt_status status = run(arguments, &ended, text, sizeof(text));
	if (status == TAKT_OK && ended.code == 0)
		return 1;
	if (status == TAKT_OK)
		takt_message(TAKT_WARNING, "%s: gnuplot refused %s: %s", picture->who, picture->path, text);
	else if (status == TAKT_EMPTY)
		takt_message(TAKT_WARNING, "%s: gnuplot has not drawn %s within a minute", picture->who, picture->path);
	return 0;
}
