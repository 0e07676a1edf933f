/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of commands, and help on both. */
#include <stdio.h>
#include <string.h>

#include "apps/takt/options.h"
#include "core/text.h"

#define SHOWN_BYTES 256
#define LEFT_BYTES  64

/* -------------------------------------------------------------------------------------------------------- help */

/* "-f, --format table|json|csv". @retval its length */
static int left_side(const struct option_text *option, char left[LEFT_BYTES])
{
	char letter[8] = "    ";

	if (option->letter)
		(void)snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	return snprintf(left, LEFT_BYTES, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
			option->argument ? option->argument : "");
}

static void print_options(const struct command *command)
{
	const struct option_text *option;
	char left[LEFT_BYTES];
	int width = 0;

	for (uint32_t i = 0; (option = command_option(command, i)) != NULL; i++) {
		int length = left_side(option, left);

		width = length > width ? length : width;
	}
	(void)printf("\noptions:\n");
	for (uint32_t i = 0; (option = command_option(command, i)) != NULL; i++) {
		const char *line = option->help;

		(void)left_side(option, left);
		while (*line) {
			int length = (int)strcspn(line, "\n");

			(void)printf("  %-*s  %.*s\n", width, left, length, line);
			left[0] = '\0';
			line += length;
			line += *line == '\n';
		}
	}
}

/* "list, info: looks at nodes" for a group. */
static void print_summary(const struct command *command)
{
	(void)printf("  %-10s ", command->name);
	for (uint32_t i = 0; i < command->child_count; i++)
		(void)printf("%s%s", command->children[i]->name, i + 1 < command->child_count ? ", " : ": ");
	(void)printf("%s\n", command->summary);
}

static void print_group(const struct command *group)
{
	(void)printf("usage: %s COMMAND [arguments]\n\n", group->path);
	for (uint32_t i = 0; i < group->child_count; i++)
		print_summary(group->children[i]);
	print_options(group);
	(void)printf("\nMore on one of them: %s COMMAND --help\n", group->path);
}

void command_help(const struct command *command)
{
	if (command->child_count) {
		print_group(command);
		return;
	}
	(void)printf("usage: %s%s%s\n\n%s\n", command->path, command->usage[0] ? " " : "", command->usage,
		     command->summary);
	if (command->details && command->details[0])
		(void)printf("\n%s\n", command->details);
	print_options(command);
}

/* ------------------------------------------------------------------------------------------------------ groups */

static int unknown_command(const struct command *group, const char *word)
{
	struct takt_text_nearest nearest = {.word = word};
	char names[SHOWN_BYTES] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < group->child_count; i++) {
		const char *name = group->children[i]->name;

		takt_text_nearest_offer(&nearest, name);
		if (used < sizeof(names))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "", name);
	}
	if (nearest.found)
		return usage_error(group->path, "'%.80s' is no command of %s; did you mean '%s'? There are: %s", word,
				   group->path, nearest.found, names);
	return usage_error(group->path, "'%.80s' is no command of %s; there are: %s", word, group->path, names);
}

const struct command *command_find(const struct command *group, const char *name)
{
	for (uint32_t i = 0; i < group->child_count; i++)
		if (strcmp(group->children[i]->name, name) == 0)
			return group->children[i];
	return NULL;
}

static int is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

/* "takt help topic echo" is "takt topic echo --help". */
static int help_on(const struct command *group, int argc, char **argv)
{
	const struct command *command = group;

	for (int i = 0; i < argc && command->child_count; i++) {
		const struct command *child = command_find(command, argv[i]);

		if (child == NULL)
			return unknown_command(command, argv[i]);
		command = child;
	}
	command_help(command);
	return EXIT_OK;
}

int commands_run(const struct command *group, int argc, char **argv)
{
	for (;;) {
		const struct command *command;

		if (argc < 2) {
			(void)fprintf(stderr, "usage: %s COMMAND [arguments]\n", group->path);
			return usage_error(group->path, "%s needs a command", group->path);
		}
		if (is_help(argv[1]))
			return help_on(group, argc - 2, argv + 2);
		command = command_find(group, argv[1]);
		if (command == NULL)
			return unknown_command(group, argv[1]);
		argc--;
		argv++;
		if (command->child_count == 0)
			return command->run(argc, argv);
		group = command;
	}
}
