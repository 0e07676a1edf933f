/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/doctor.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/options.h"
#include "apps/takt/options_walk.h"
#include "platform/file.h"
#include "platform/thread.h"

#define PATH	      "takt doctor"
#define COLUMNS_USUAL 80

enum { OPTION_ALL = 'a', OPTION_FORMAT = 'f', OPTION_NO_WAKEUP = 1000 };

struct choice {
	enum output_format format;
	uint32_t all;
	uint32_t measures;
	const char *config;
};

static const struct option_text own[] = {
	{"all", NULL, "each thing that is well on a line of its own", OPTION_ALL, 0},
	{"format", "table|json|csv", "how to print (default: table); json and csv always have everything",
	 OPTION_FORMAT, 0},
	{"no-wakeup", NULL, "does not measure for a second how late a sleeping thread wakes up", 0, OPTION_NO_WAKEUP},
};

const struct command doctor_command = {
	.name = "doctor",
	.path = PATH,
	.usage = "[CONFIG] [options]",
	.summary = "says what this machine lacks for real time and sharing, and the line that mends each",
	.details =
		"With a CONFIG, or TAKT_CONFIG set, it judges by what that config needs; without, for real time in general.\n"
		"Rights and limits are those of the user and the shell that it runs in: run it as takt's nodes will be run.\n"
		"\n"
		"  error    the config cannot run as it declares, or takt cannot run at all\n"
		"  warning  it runs, and may stall\n"
		"\n"
		"Exit code 1: an error was found.",
	.arguments_max = 1,
	.run = takt_doctor,
	.own = own,
	.own_count = sizeof(own) / sizeof(own[0]),
};

static int take(void *context, int option, const char *value)
{
	struct choice *choice = context;

	if (option == OPTION_ALL)
		choice->all = 1;
	else if (option == OPTION_NO_WAKEUP)
		choice->measures = 0;
	else if (!output_format_find(value, &choice->format))
		return usage_error(PATH, "--format: '%.80s' is not table, json or csv", value);
	return OPTIONS_GO_ON;
}

static int parse(struct choice *choice, int argc, char **argv)
{
	const struct options_walk walk = {.command = &doctor_command, .take = take, .context = choice};
	int result;

	*choice = (struct choice){.format = OUTPUT_TABLE, .measures = 1};
	result = options_walk(&walk, argc, argv);
	if (result != OPTIONS_GO_ON)
		return result;
	choice->config = optind < argc ? argv[optind] : getenv("TAKT_CONFIG");
	if (choice->config && choice->config[0] == '\0')
		choice->config = NULL;
	return OPTIONS_GO_ON;
}

/* At the priority that the config declares, where it is granted: otherwise at the one that its nodes will really have. */
static void measure(struct doctor_report *report, const struct takt_os_machine *machine, const struct doctor_need *need)
{
	struct doctor_wakeup wakeup;
	uint32_t priority = need->domain ? need->priority : machine->rights.priority_max > 0;

	if (priority > machine->rights.priority_max)
		priority = 0;
	doctor_wakeup_measure(&wakeup, priority);
	doctor_judge_wakeup(report, &wakeup, need);
}

/* What `takt check` refuses keeps the config from running too: programs, users, groups. The first few; it lists all. */
static void add_refusal(void *context, enum check_severity severity, const char *text)
{
	struct doctor_report *report = context;
	struct doctor_finding *finding;

	/* The place that is kept is the wake-up's. */
	if (report->finding_count + 1 >= DOCTOR_FINDINGS_MAX)
		return;
	finding = doctor_add(report, severity == CHECK_ERROR ? DOCTOR_ERROR : DOCTOR_WARNING, "config");
	doctor_say(finding->found, "%s", text);
}

static int print_table(const struct doctor_report *report, enum output_format format)
{
	static const struct output_column columns[] = {{"severity", "", OUTPUT_TEXT}, {"what", "", OUTPUT_TEXT},
						       {"found", "", OUTPUT_TEXT},    {"expected", "", OUTPUT_TEXT},
						       {"why", "", OUTPUT_TEXT},      {"mend", "", OUTPUT_TEXT}};
	static const char *const words[] = {"ok", "warning", "error"};
	struct output output;
	struct output_table table;

	output_begin(&output, format);
	output_table_begin(&table, &output, NULL, columns, 6);
	for (uint32_t i = 0; i < report->finding_count; i++) {
		const struct doctor_finding *finding = &report->findings[i];
		const char *const texts[] = {finding->found, finding->expected, finding->why, finding->mend};

		output_cell_text(&table, words[finding->severity]);
		output_cell_text(&table, finding->what);
		for (uint32_t k = 0; k < 4; k++) {
			if (texts[k][0])
				output_cell_text(&table, texts[k]);
			else
				output_cell_none(&table);
		}
	}
	output_table_end(&table);
	return output_end(&output);
}

static int print(const struct doctor_report *report, const struct doctor_need *need, const struct choice *choice)
{
	const uint32_t columns = takt_os_terminal_columns();

	if (choice->format != OUTPUT_TABLE)
		return print_table(report, choice->format);
	doctor_print(stdout, report, need, choice->all, columns ? columns : COLUMNS_USUAL,
		     (uint32_t)output_is_coloured());
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_OK;
	perror("takt: the report could not be written");
	return EXIT_FAILED;
}

int takt_doctor(int argc, char **argv)
{
	static struct doctor_report report;
	static struct takt_os_machine machine;
	const struct takt_config *config = NULL;
	struct check_memory memory = {0};
	struct doctor_need need;
	struct choice choice;
	int result = parse(&choice, argc, argv);

	if (result != OPTIONS_GO_ON)
		return result;
	if (choice.config && takt_config_load(&config, choice.config) != TAKT_OK)
		return EXIT_FAILED;
	if (config)
		memory = check_memory_measure(config);
	doctor_need_find(&need, config, &memory);
	takt_os_machine_look(&machine, "");
	doctor_judge(&report, &machine, &need);
	if (config)
		check_refuse(config, add_refusal, &report);
	if (choice.measures)
		measure(&report, &machine, &need);
	result = print(&report, &need, &choice);
	takt_config_free(config);
	return result == EXIT_OK && report.counts[DOCTOR_ERROR] == 0 ? EXIT_OK : EXIT_FAILED;
}
