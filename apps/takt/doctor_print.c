/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor's report for people: the worst first, prose wrapped, lines to type never. */
#include "apps/takt/doctor.h"

#include <stdio.h>
#include <string.h>

#include "apps/takt/escape.h"

#define INDENT	    9 /* "warning  " */
#define COLUMNS_MIN 40
#define COLUMNS_MAX 120 /* longer lines are hard to read */

struct printer {
	FILE *file;
	uint32_t columns;
	uint32_t indent; /* column at which a paragraph's lines begin */
	uint32_t at;	 /* column of the next character */
	uint32_t is_coloured;
};

/* Begins a line with blanks up to the text's column. */
static void begin_line(struct printer *printer)
{
	(void)fprintf(printer->file, "%*s", (int)printer->indent, "");
	printer->at = printer->indent;
}

static void end_line(struct printer *printer)
{
	(void)fputc('\n', printer->file);
	printer->at = 0;
}

/* Puts words, and goes to a new line where one does not fit. */
static void put_words(struct printer *printer, const char *text)
{
	while (*text != '\0') {
		const uint32_t length = (uint32_t)strcspn(text, " ");

		if (printer->at > printer->indent && printer->at + 1 + length > printer->columns) {
			end_line(printer);
			begin_line(printer);
		}
		(void)fprintf(printer->file, "%s%.*s", printer->at > printer->indent ? " " : "", (int)length, text);
		printer->at += length + (printer->at > printer->indent);
		text += length + (text[length] == ' ');
	}
}

/* Paths and names come from elsewhere. */
static void put_escaped(struct printer *printer, const char *text)
{
	char escaped[ESCAPE_BYTES(DOCTOR_TEXT_BYTES)];

	(void)escape_text(escaped, sizeof(escaped), text, strlen(text));
	put_words(printer, escaped);
}

static void put_severity(struct printer *printer, enum doctor_severity severity)
{
	static const char *const words[] = {"ok", "warning", "error"};
	static const char *const colours[] = {"\033[32m", "\033[33m", "\033[31m"};

	(void)fprintf(printer->file, "%s%s%s%*s", printer->is_coloured ? colours[severity] : "", words[severity],
		      printer->is_coloured ? "\033[0m" : "", INDENT - (int)strlen(words[severity]), "");
	printer->at = INDENT;
}

static void put_finding(struct printer *printer, const struct doctor_finding *finding)
{
	char mend[ESCAPE_BYTES(DOCTOR_TEXT_BYTES)];
	char text[2 * DOCTOR_TEXT_BYTES + 64];

	put_severity(printer, finding->severity);
	(void)snprintf(text, sizeof(text), "%s: %s%s%s", finding->what, finding->found,
		       finding->expected[0] == '\0'	? ""
		       : finding->severity == DOCTOR_OK ? "; "
							: "; expected ",
		       finding->expected);
	put_escaped(printer, text);
	end_line(printer);
	if (finding->why[0]) {
		begin_line(printer);
		put_escaped(printer, finding->why);
		end_line(printer);
	}
	if (finding->mend[0]) {
		(void)escape_text(mend, sizeof(mend), finding->mend, strlen(finding->mend));
		(void)fprintf(printer->file, "%*s%s$ %s%s\n", INDENT, "", printer->is_coloured ? "\033[1m" : "", mend,
			      printer->is_coloured ? "\033[0m" : "");
	}
}

/* "ok  swap, clock, ...": what is well, by name. */
static void put_well(struct printer *printer, const struct doctor_report *report)
{
	char name[TAKT_OS_MACHINE_TEXT];
	uint32_t left = report->counts[DOCTOR_OK];

	if (left == 0)
		return;
	put_severity(printer, DOCTOR_OK);
	for (uint32_t i = 0; i < report->finding_count; i++) {
		if (report->findings[i].severity != DOCTOR_OK)
			continue;
		left--;
		(void)snprintf(name, sizeof(name), "%s%s", report->findings[i].what, left ? "," : "");
		put_words(printer, name);
	}
	end_line(printer);
}

static const char *plural(uint32_t count)
{
	return count == 1 ? "" : "s";
}

static void put_verdict(struct printer *printer, const struct doctor_report *report, const struct doctor_need *need)
{
	const uint32_t errors = report->counts[DOCTOR_ERROR], warnings = report->counts[DOCTOR_WARNING];
	char text[2 * DOCTOR_TEXT_BYTES];
	const char *verdict = errors	 ? "cannot run as declared on this machine"
			      : warnings ? "can run on this machine; what is warned of may make it stall"
					 : "can run on this machine, and nothing was found against it";

	if (need->domain)
		(void)snprintf(text, sizeof(text), "%u error%s, %u warning%s: domain '%s' (%s) %s", errors,
			       plural(errors), warnings, plural(warnings), need->domain, need->path, verdict);
	else
		(void)snprintf(text, sizeof(text),
			       "%u error%s, %u warning%s, judged for real time in general; a config "
			       "is judged by what it needs: takt doctor CONFIG",
			       errors, plural(errors), warnings, plural(warnings));
	put_escaped(printer, text);
	end_line(printer);
}

static int has_sysctl(const struct doctor_report *report)
{
	for (uint32_t i = 0; i < report->finding_count; i++)
		if (strncmp(report->findings[i].mend, "sudo sysctl -w", 14) == 0)
			return 1;
	return 0;
}

void doctor_print(FILE *file, const struct doctor_report *report, const struct doctor_need *need, uint32_t all,
		  uint32_t columns, uint32_t is_coloured)
{
	struct printer printer = {.file = file, .indent = INDENT, .is_coloured = is_coloured};

	printer.columns = columns < COLUMNS_MIN ? COLUMNS_MIN : columns > COLUMNS_MAX ? COLUMNS_MAX : columns;
	for (int severity = DOCTOR_ERROR; severity >= (all ? DOCTOR_OK : DOCTOR_WARNING); severity--)
		for (uint32_t i = 0; i < report->finding_count; i++)
			if (report->findings[i].severity == (enum doctor_severity)severity)
				put_finding(&printer, &report->findings[i]);
	if (!all)
		put_well(&printer, report);
	(void)fputc('\n', file);
	printer.indent = 0;
	if (has_sysctl(report)) {
		printer.at = 0;
		put_words(&printer,
			  "What sysctl sets lasts until the next boot; as a line in /etc/sysctl.d/takt.conf it stays.");
		end_line(&printer);
	}
	put_verdict(&printer, report, need);
}
