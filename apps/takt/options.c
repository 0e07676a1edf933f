/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "platform/clock.h"
#include "platform/message.h"

#define DAY_S	       86400.0
#define SHORT_BYTES    64
#define SHOWN_BYTES    256
#define HELP_WORDS_MAX 4

struct description {
	const char *name;
	const char *argument; /* NULL: it takes none */
	const char *help;
	char letter;
	uint32_t bit; /* 0: every command has it */
};

static const struct description descriptions[] = {
	{"domain", "NAME", "the domain (default: TAKT_DOMAIN, else the only one there is)", 'd', OPTIONS_DOMAIN},
	{"format", "table|json|csv", "how to print (default: table)", 'f', OPTIONS_FORMAT},
	{"count", "N", "end after N samples", 'n', OPTIONS_COUNT},
	{"history", NULL, "begin with the oldest sample that is still there", 'H', OPTIONS_HISTORY},
	{"field", "NAME", "only this field, or all below it; may be given again", 'F', OPTIONS_FIELD},
	{"for", "TIME", "how long: 500ms, 10s, 2m", 't', OPTIONS_FOR},
	{"rate", "HZ", "print at most HZ samples a second, the newest each time", 'r', OPTIONS_RATE},
	{"all", NULL, "every domain of this machine", 'a', OPTIONS_ALL},
	{"timeout", "TIME", "how long to wait for the node's answer (default: 3s)", 'T', OPTIONS_TIMEOUT},
	{"help", NULL, "this text", 'h', 0},
};

#define DESCRIPTION_COUNT (sizeof(descriptions) / sizeof(descriptions[0]))

int usage_error(const char *path, const char *format, ...)
{
	char text[TAKT_MESSAGE_BYTES_MAX];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	takt_message(TAKT_ERROR, "%s; see: %s --help", text, path);
	return EXIT_USAGE;
}

/* -------------------------------------------------------------------------------------------------------- help */

static int is_taken(const struct description *description, uint32_t bits)
{
	return description->bit == 0 || (description->bit & bits) != 0;
}

void command_help(const struct command *command)
{
	(void)printf("usage: %s%s%s\n\n%s\n", command->path, command->usage[0] ? " " : "", command->usage,
		     command->summary);
	if (command->details[0])
		(void)printf("\n%s\n", command->details);
	(void)printf("\noptions:\n");
	for (uint32_t i = 0; i < DESCRIPTION_COUNT; i++) {
		const struct description *option = &descriptions[i];
		char left[48];

		if (!is_taken(option, command->options))
			continue;
		(void)snprintf(left, sizeof(left), "-%c, --%s%s%s", option->letter, option->name,
			       option->argument ? " " : "", option->argument ? option->argument : "");
		(void)printf("  %-28s %s\n", left, option->help);
	}
}

static void group_help(const char *group, const struct command *const *commands, uint32_t command_count)
{
	(void)printf("usage: %s COMMAND [arguments]\n\n", group);
	for (uint32_t i = 0; i < command_count; i++)
		(void)printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	(void)printf("\nMore on one of them: %s COMMAND --help\n", group);
}

/* --------------------------------------------------------------------------------------------------- sub-commands */

static int is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

static int unknown_command(const char *group, const struct command *const *commands, uint32_t command_count,
			   const char *word)
{
	struct takt_text_nearest nearest = {.word = word};
	char names[SHOWN_BYTES] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < command_count; i++) {
		takt_text_nearest_offer(&nearest, commands[i]->name);
		if (used < sizeof(names))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
						 commands[i]->name);
	}
	if (nearest.found)
		return usage_error(group, "'%.80s' is no command of %s; did you mean '%s'? There are: %s", word, group,
				   nearest.found, names);
	return usage_error(group, "'%.80s' is no command of %s; there are: %s", word, group, names);
}

static const struct command *find_command(const struct command *const *commands, uint32_t command_count,
					  const char *name)
{
	for (uint32_t i = 0; i < command_count; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

/* "takt help topic echo" is "takt topic echo --help". */
static int help_on(const char *group, const struct command *const *commands, uint32_t command_count, int argc,
		   char **argv)
{
	static char help[] = "--help";
	char *words[HELP_WORDS_MAX + 1] = {NULL};
	const struct command *command = find_command(commands, command_count, argv[0]);
	int count = argc < HELP_WORDS_MAX - 1 ? argc : HELP_WORDS_MAX - 1;

	if (command == NULL)
		return unknown_command(group, commands, command_count, argv[0]);
	memcpy(words, argv, (size_t)count * sizeof(words[0]));
	words[count] = help;
	return command->run(count + 1, words);
}

int commands_run(const char *group, const struct command *const *commands, uint32_t command_count, int argc,
		 char **argv)
{
	const struct command *command;

	if (argc < 2) {
		(void)fprintf(stderr, "usage: %s COMMAND [arguments]\n", group);
		return usage_error(group, "%s needs a command", group);
	}
	if (is_help(argv[1]) && argc == 2) {
		group_help(group, commands, command_count);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "help") == 0)
		return help_on(group, commands, command_count, argc - 2, argv + 2);
	command = find_command(commands, command_count, argv[1]);
	return command ? command->run(argc - 1, argv + 1) : unknown_command(group, commands, command_count, argv[1]);
}

/* ------------------------------------------------------------------------------------------------------ values */

int options_read_duration(const char *text, uint64_t *duration_ns)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = {{"", 1.0}, {"s", 1.0}, {"ms", 1e-3}, {"us", 1e-6}, {"m", 60.0}, {"min", 60.0}, {"h", 3600.0}};
	char *end;
	double number = strtod(text, &end);

	/* strtod also reads blanks, signs and "inf". */
	if (text[0] < '0' || text[0] > '9')
		return 0;
	for (uint32_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		double seconds = number * units[i].seconds;

		if (strcmp(end, units[i].unit) != 0)
			continue;
		if (!(seconds >= 1e-6 && seconds <= DAY_S))
			return 0;
		*duration_ns = (uint64_t)(seconds * 1e9);
		return 1;
	}
	return 0;
}

static int read_count(const char *text, uint64_t *count)
{
	char *end;

	if (text[0] < '1' || text[0] > '9' || strlen(text) > 18)
		return 0;
	*count = strtoull(text, &end, 10);
	return *end == '\0';
}

static int read_rate(const char *text, double *rate_hz)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return 0;
	*rate_hz = strtod(text, &end);
	return *end == '\0' && *rate_hz >= 0.001 && *rate_hz <= 1e6;
}

static int wrong_value(const struct command *command, const char *option, const char *value, const char *expected)
{
	return usage_error(command->path, "--%s: '%.80s' is not %s", option, value, expected);
}

static int read_format(struct options *options, const struct command *command, const char *value)
{
	struct takt_text_nearest nearest = {.word = value};

	if (output_format_find(value, &options->format))
		return OPTIONS_GO_ON;
	takt_text_nearest_offer(&nearest, "table");
	takt_text_nearest_offer(&nearest, "json");
	takt_text_nearest_offer(&nearest, "csv");
	if (nearest.found)
		return usage_error(command->path, "--format: '%.80s' is not table, json or csv; did you mean '%s'?",
				   value, nearest.found);
	return wrong_value(command, "format", value, "table, json or csv");
}

static int add_field(struct options *options, const struct command *command, const char *value)
{
	if (options->field_count == OPTIONS_FIELDS_MAX)
		return usage_error(command->path, "--field: at most %d may be given", OPTIONS_FIELDS_MAX);
	options->fields[options->field_count++] = value;
	return OPTIONS_GO_ON;
}

static int apply(struct options *options, const struct command *command, uint32_t bit, const char *value)
{
	switch (bit) {
	case OPTIONS_DOMAIN:
		options->domain = value;
		return OPTIONS_GO_ON;
	case OPTIONS_FORMAT:
		return read_format(options, command, value);
	case OPTIONS_COUNT:
		return read_count(value, &options->count)
			       ? OPTIONS_GO_ON
			       : wrong_value(command, "count", value, "a whole number above 0");
	case OPTIONS_HISTORY:
		options->history = 1;
		return OPTIONS_GO_ON;
	case OPTIONS_FIELD:
		return add_field(options, command, value);
	case OPTIONS_FOR:
		return options_read_duration(value, &options->for_ns)
			       ? OPTIONS_GO_ON
			       : wrong_value(command, "for", value, "a time such as 500ms, 10s or 2m");
	case OPTIONS_RATE:
		return read_rate(value, &options->rate_hz)
			       ? OPTIONS_GO_ON
			       : wrong_value(command, "rate", value, "a number of samples a second, 0.001 to 1000000");
	case OPTIONS_TIMEOUT:
		return options_read_duration(value, &options->timeout_ns)
			       ? OPTIONS_GO_ON
			       : wrong_value(command, "timeout", value, "a time such as 500ms, 10s or 2m");
	default:
		options->all = 1;
		return OPTIONS_GO_ON;
	}
}

/* ------------------------------------------------------------------------------------------------------- parsing */

/* getopt's tables for the options that this command takes. */
struct tables {
	char letters[SHORT_BYTES];
	struct option names[DESCRIPTION_COUNT + 1];
};

static void make_tables(struct tables *tables, const struct command *command)
{
	size_t used = 0;
	uint32_t count = 0;

	*tables = (struct tables){0};
	/* "+": ends at the first argument; ":": we say ourselves what is missing. */
	used += (size_t)snprintf(tables->letters, SHORT_BYTES, "%s:", command->keeps_rest ? "+" : "");
	for (uint32_t i = 0; i < DESCRIPTION_COUNT; i++) {
		const struct description *option = &descriptions[i];

		if (!is_taken(option, command->options))
			continue;
		used += (size_t)snprintf(tables->letters + used, SHORT_BYTES - used, "%c%s", option->letter,
					 option->argument ? ":" : "");
		tables->names[count++] =
			(struct option){option->name, option->argument ? required_argument : no_argument, NULL,
					option->letter};
	}
}

static const struct description *find_letter(int letter)
{
	for (uint32_t i = 0; i < DESCRIPTION_COUNT; i++)
		if (descriptions[i].letter == letter)
			return &descriptions[i];
	return NULL;
}

static int unknown_option(const struct command *command, const struct tables *tables, const char *word)
{
	char name[SHOWN_BYTES];
	struct takt_text_nearest nearest = {.word = name};
	char names[SHOWN_BYTES] = "";
	size_t used = 0;

	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + strspn(word, "-"), "="),
		       word + strspn(word, "-"));
	for (const struct option *option = tables->names; option->name; option++) {
		takt_text_nearest_offer(&nearest, option->name);
		if (used < sizeof(names))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s--%s", used ? ", " : "",
						 option->name);
	}
	if (nearest.found)
		return usage_error(command->path, "%s has no option '%.80s'; did you mean '--%s'? It has: %s",
				   command->path, word, nearest.found, names);
	return usage_error(command->path, "%s has no option '%.80s'; it has: %s", command->path, word, names);
}

static int check_arguments(const struct options *options, const struct command *command)
{
	if (options->argument_count < command->arguments_min)
		return usage_error(command->path, "something is missing; usage: %s %s", command->path, command->usage);
	if (options->argument_count > command->arguments_max)
		return usage_error(command->path, "'%.80s' is one argument too many; usage: %s %s",
				   options->arguments[command->arguments_max], command->path, command->usage);
	return OPTIONS_GO_ON;
}

int options_parse(struct options *options, const struct command *command, int argc, char **argv)
{
	struct tables tables;
	int letter;
	int result = OPTIONS_GO_ON;

	*options = (struct options){.format = OUTPUT_TABLE};
	make_tables(&tables, command);
	opterr = 0;
	/* 0 makes getopt begin afresh: main has looked at the words before. */
	optind = 0;
	while (result == OPTIONS_GO_ON &&
	       (letter = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
		char word[3] = {'-', (char)optopt, '\0'};

		if (letter == 'h') {
			command_help(command);
			return EXIT_OK;
		}
		/* optopt is the letter, or for a long option 0 (unknown) or its letter (a value that it does not take). */
		if (letter == '?')
			result = unknown_option(command, &tables,
						optopt && argv[optind - 1][1] != '-' ? word : argv[optind - 1]);
		else if (letter == ':')
			result = usage_error(command->path, "--%s needs a value: %s", find_letter(optopt)->name,
					     find_letter(optopt)->argument);
		else
			result = apply(options, command, find_letter(letter)->bit, optarg);
	}
	options->arguments = argv + optind;
	options->argument_count = (uint32_t)(argc - optind);
	return result == OPTIONS_GO_ON ? check_arguments(options, command) : result;
}
