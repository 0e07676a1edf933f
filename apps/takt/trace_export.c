/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "apps/takt/options.h"
#include "apps/takt/trace.h"
#include "apps/takt/trace_command_line.h"
#include "apps/takt/trace_pass.h"
#include "apps/takt/trace_perfetto.h"
#include "platform/file.h"
#include "platform/message.h"

#define PATH "takt trace export"

enum { OPTION_TO = 1000 };

struct export_options {
	const char *folder;
	const char *output;
};

static const struct option_text own[] = {
	{"to", "perfetto|chrome", "what is to open it; both read the same file (default: perfetto)", 0, OPTION_TO},
	{"output", "FILE", "where it is written (default: perfetto.json, in the trace's folder)", 'o', 0},
};

static int export_run(int argc, char **argv);

const struct command trace_export_command = {
	.name = "export",
	.path = PATH,
	.usage = "FOLDER [options]",
	.summary = "a recorded trace as a timeline for Perfetto or chrome://tracing",
	.details =
		"FOLDER holds a trace (CTF), of this machine or another. The file is Chrome's JSON trace format, which\n"
		"ui.perfetto.dev and chrome://tracing open: nodes are processes, cycles, waits, locks and commands slices, each\n"
		"read an arrow from its publish, overruns, losses and deaths instants, ages and jitter counters.\n"
		"Trace Compass and babeltrace2 open FOLDER itself.\n"
		"Exit code 1: nothing was written; 3: parts of the trace are damaged or missing, and left out.",
	.arguments_min = 1,
	.arguments_max = 1,
	.run = export_run,
	.own = own,
	.own_count = sizeof(own) / sizeof(own[0]),
};

static int take(void *context, int option, const char *value)
{
	struct export_options *options = context;
	if (option == 'o') {
		options->output = value;
		return OPTIONS_GO_ON;
	}
	if (strcmp(value, "perfetto") == 0 || strcmp(value, "chrome") == 0)
		return OPTIONS_GO_ON;
	return usage_error(PATH, "--to %.40s: expected perfetto or chrome", value);
}

static void see(void *context, const struct trace_event *event)
{
	trace_perfetto_add(context, event);
}

static void say_counts(const char *folder, const char *output, const struct trace_perfetto_counts *counts)
{
	if (counts->refused_count)
		takt_message(
			TAKT_WARNING,
			"trace %.200s: %llu slices are not in the timeline: their times contradict others of the same thread",
			folder, (unsigned long long)counts->refused_count);
	if (counts->no_room_count)
		takt_message(
			TAKT_WARNING,
			"trace %.200s: %llu events are not in the timeline: damaged, or of more domains and threads than fit",
			folder, (unsigned long long)counts->no_room_count);
	if (counts->unlinked_count)
		takt_message(TAKT_WARNING,
			     "trace %.200s: %llu reads have no arrow: the publish of their sample is not in the trace",
			     folder, (unsigned long long)counts->unlinked_count);
	(void)printf(
		"%s: %llu cycles, %llu arrows from publish to read; ui.perfetto.dev or chrome://tracing opens it\n",
		output, (unsigned long long)counts->cycle_count, (unsigned long long)counts->flow_count);
}

/* A second reading, when all names are known. @retval 1 the file is whole */
static int write_timeline(const struct export_options *options, const struct trace_pass *names, FILE *file)
{
	struct trace_perfetto_counts counts;
	struct trace_reader *reader = trace_reader_open(options->folder);
	struct trace_perfetto *perfetto =
		reader ? trace_perfetto_begin(file, names->analysis, names->summary->first_ns) : NULL;
	if (perfetto) {
		trace_pass_each(reader, see, perfetto);
		trace_perfetto_end(perfetto, &counts);
	} else if (reader) {
		takt_message(TAKT_ERROR, "trace %.200s: no memory is left to export it", options->folder);
	}
	trace_reader_close(reader);
	int is_bad = ferror(file);
	if (fclose(file) != 0 || is_bad) {
		takt_message(TAKT_ERROR, "trace export: cannot write all of %s: is there room on the disk?",
			     options->output);
		return 0;
	}
	if (perfetto)
		say_counts(options->folder, options->output, &counts);
	return perfetto != NULL;
}

static int export_run(int argc, char **argv)
{
	const struct trace_analysis_options wanted = {0};
	struct export_options options = {0};
	struct trace_command_line line = {.command = &trace_export_command,
					  .take = take,
					  .context = &options,
					  .output_name = "perfetto.json"};
	struct trace_pass pass;
	int result = trace_command_line_read(&line, argc, argv);
	if (result != OPTIONS_GO_ON)
		return result;
	options.folder = line.folder;
	if (options.output == NULL)
		options.output = line.output;
	int code = trace_pass_begin(&pass, options.folder, &wanted);
	FILE *file = code == EXIT_FAILED ? NULL : takt_os_file_write(options.output);
	if (code != EXIT_FAILED && file == NULL)
		takt_message(
			TAKT_ERROR,
			"trace export: cannot write %s: its folder must be there and yours to write; --output FILE writes "
			"elsewhere",
			options.output);
	if (file == NULL || !write_timeline(&options, &pass, file))
		code = EXIT_FAILED;
	trace_pass_end(&pass);
	return code;
}
