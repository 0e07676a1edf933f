/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/options_walk.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "platform/message.h"

#define SHOWN_BYTES 256

/* getopt's tables for the options that a command takes. */
struct tables {
	char letters[2 * OPTIONS_WALK_MAX + 3];
	struct option names[OPTIONS_WALK_MAX + 1];
};

static void make_tables(struct tables *tables, const struct command *command)
{
	const struct option_text *text;
	size_t used = 0;

	*tables = (struct tables){0};
	/* "+": ends at the first argument; ":": we say ourselves what is missing. */
	used += (size_t)snprintf(tables->letters, sizeof(tables->letters), "%s:", command->keeps_rest ? "+" : "");
	for (uint32_t i = 0; (text = command_option(command, i)) != NULL; i++) {
		TAKT_ASSERT(i < OPTIONS_WALK_MAX);
		if (text->letter)
			used += (size_t)snprintf(tables->letters + used, sizeof(tables->letters) - used, "%c%s",
						 text->letter, text->argument ? ":" : "");
		tables->names[i] = (struct option){text->name, text->argument ? required_argument : no_argument, NULL,
						   text->letter ? text->letter : text->code};
	}
}

static const struct option_text *find(const struct command *command, int option)
{
	const struct option_text *text;

	for (uint32_t i = 0; (text = command_option(command, i)) != NULL; i++)
		if (option == (text->letter ? text->letter : text->code))
			return text;
	TAKT_ASSERT(0); /* getopt gives values of its tables, which were made of these */
}

static int unknown_option(const struct command *command, const char *word)
{
	char name[SHOWN_BYTES];
	struct takt_text_nearest nearest = {.word = name};
	char names[SHOWN_BYTES] = "";
	const struct option_text *text;
	size_t used = 0;

	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + strspn(word, "-"), "="),
		       word + strspn(word, "-"));
	for (uint32_t i = 0; (text = command_option(command, i)) != NULL; i++) {
		takt_text_nearest_offer(&nearest, text->name);
		if (used < sizeof(names))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s--%s", used ? ", " : "",
						 text->name);
	}
	if (nearest.found)
		return usage_error(command->path, "%s has no option '%.80s'; did you mean '--%s'? It has: %s",
				   command->path, word, nearest.found, names);
	return usage_error(command->path, "%s has no option '%.80s'; it has: %s", command->path, word, names);
}

static int check_arguments(const struct command *command, uint32_t count, char **arguments)
{
	if (count < command->arguments_min)
		return usage_error(command->path, "something is missing; usage: %s %s", command->path, command->usage);
	if (count > command->arguments_max)
		return usage_error(command->path, "'%.80s' is one argument too many; usage: %s %s",
				   arguments[command->arguments_max], command->path, command->usage);
	return OPTIONS_GO_ON;
}

int options_walk(const struct options_walk *walk, int argc, char **argv)
{
	const struct command *command = walk->command;
	struct tables tables;
	int option;

	make_tables(&tables, command);
	opterr = 0;
	/* 0 makes getopt begin afresh: main has looked at the words before. */
	optind = 0;
	while ((option = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
		char word[3] = {'-', (char)optopt, '\0'};
		int result;

		if (option == 'h') {
			command_help(command);
			return EXIT_OK;
		}
		/* optopt is the letter, or for a long option 0 (unknown) or its value (one that it does not take). */
		if (option == '?')
			return unknown_option(command, optopt && argv[optind - 1][1] != '-' ? word : argv[optind - 1]);
		if (option == ':')
			return usage_error(command->path, "--%s needs a value: %s", find(command, optopt)->name,
					   find(command, optopt)->argument);
		result = walk->take(walk->context, option, optarg);
		if (result != OPTIONS_GO_ON)
			return result;
	}
	return check_arguments(command, (uint32_t)(argc - optind), argv + optind);
}

uint32_t options_read_numbers(const char *text, long min, long max, uint32_t *numbers, uint32_t room)
{
	uint32_t count = 0;

	for (;;) {
		char *end;
		long number = strtol(text, &end, 10);
		if (end == text || number < min || number > max || count == room)
			return 0;
		numbers[count++] = (uint32_t)number;
		if (*end == '\0')
			return count;
		if (*end != ',')
			return 0;
		text = end + 1;
	}
}

int options_read_seconds(const char *text, double max, double *seconds)
{
	char *end;
	double read = strtod(text, &end);

	if (end == text || *end != '\0' || !isfinite(read) || read <= 0.0 || read > max)
		return 0;
	*seconds = read;
	return 1;
}
