/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/param.h"

#include <stdio.h>
#include <string.h>

#include "apps/takt/send.h"
#include "core/limits.h"
#include "platform/message.h"

static const struct output_column list_columns[] = {
	{"name", "", OUTPUT_TEXT},  {"value", "", OUTPUT_NUMBER},   {"unit", "", OUTPUT_TEXT},
	{"kind", "", OUTPUT_TEXT},  {"default", "", OUTPUT_NUMBER}, {"min", "", OUTPUT_NUMBER},
	{"max", "", OUTPUT_NUMBER},
};

static const struct output_column get_columns[] = {{"name", "", OUTPUT_TEXT}, {"value", "", OUTPUT_NUMBER}};

#define COUNT_OF(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

int param_line_split(char *line, struct param_line *parts)
{
	/* In this order. A unit may have blanks, so a value ends where the next key begins. */
	static const char *const keys[] = {"=", " unit=", " kind=", " default=", " min=", " max="};
	const char **const values[] = {&parts->value,	 &parts->unit, &parts->kind,
				       &parts->standard, &parts->min,  &parts->max};
	char *at = line;

	parts->name = line;
	for (uint32_t i = 0; i < COUNT_OF(keys); i++) {
		at = strstr(at, keys[i]);
		if (at == NULL)
			return 0;
		*at = '\0';
		at += strlen(keys[i]);
		*values[i] = at;
	}
	if (strcmp(parts->unit, "-") == 0)
		parts->unit = "";
	return 1;
}

static void put_description(struct output_table *table, const char *line)
{
	char copy[TAKT_LINE_BYTES_MAX];
	struct param_line parts;

	(void)snprintf(copy, sizeof(copy), "%s", line);
	if (!param_line_split(copy, &parts)) {
		takt_message(TAKT_WARNING, "the node answered '%.80s', which describes no parameter", line);
		return;
	}
	output_cell_text(table, parts.name);
	output_cell_number(table, parts.value);
	output_cell_text(table, parts.unit);
	output_cell_text(table, parts.kind);
	output_cell_number(table, parts.standard);
	output_cell_number(table, parts.min);
	output_cell_number(table, parts.max);
}

static void put_value(struct output_table *table, const char *line)
{
	char copy[TAKT_LINE_BYTES_MAX];
	char *equals;

	(void)snprintf(copy, sizeof(copy), "%s", line);
	equals = strchr(copy, '=');
	if (equals == NULL) {
		takt_message(TAKT_WARNING, "the node answered '%.80s', which is no value", line);
		return;
	}
	*equals = '\0';
	output_cell_text(table, copy);
	output_cell_number(table, equals + 1);
}

/* Prints the lines of an answer, all but its last, as a table. */
static int show(const struct options *options, const struct send_answer *answer, const struct output_column *columns,
		uint32_t column_count, void (*put)(struct output_table *table, const char *line))
{
	struct output output;
	struct output_table table;

	output_begin(&output, options->format);
	output_table_begin(&table, &output, NULL, columns, column_count);
	for (uint32_t i = 0; i + 1 < answer->count; i++)
		put(&table, answer->lines[i]);
	output_table_end(&table);
	return output_end(&output);
}

/* Sends "VERB argument argument ..." to the node that the first argument names. */
static int ask(const struct options *options, const char *verb, struct send_answer *answer)
{
	char line[TAKT_LINE_BYTES_MAX];

	if (send_join(line, sizeof(line), verb, options->arguments + 1, options->argument_count - 1) != EXIT_OK)
		return EXIT_FAILED;
	return send_line(options, options->arguments[0], line, answer);
}

/* The whole of a command that shows a table. */
static int run_table(const struct command *command, int argc, char **argv, const char *verb)
{
	struct options options;
	struct send_answer answer = {0};
	int is_list = strcmp(verb, "params") == 0;
	int code = options_parse(&options, command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	code = ask(&options, verb, &answer);
	if (code == EXIT_OK && is_list)
		code = show(&options, &answer, list_columns, COUNT_OF(list_columns), put_description);
	else if (code == EXIT_OK)
		code = show(&options, &answer, get_columns, COUNT_OF(get_columns), put_value);
	else
		send_show_refusal(options.arguments[0], &answer);
	send_free(&answer);
	return code;
}

/* The whole of a command whose answer is a sentence. */
static int run_sentence(const struct command *command, int argc, char **argv, const char *verb)
{
	struct options options;
	struct send_answer answer = {0};
	int code = options_parse(&options, command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	for (uint32_t i = 1; i < options.argument_count; i++)
		if (strchr(options.arguments[i], '=') == NULL)
			return usage_error(command->path,
					   "'%.80s' is no assignment; write NAME=VALUE, for instance kp=1.2",
					   options.arguments[i]);
	code = ask(&options, verb, &answer);
	if (code == EXIT_OK)
		code = send_show(&answer);
	else
		send_show_refusal(options.arguments[0], &answer);
	send_free(&answer);
	return code;
}

static int run_list(int argc, char **argv);
static int run_get(int argc, char **argv);
static int run_set(int argc, char **argv);
static int run_save(int argc, char **argv);

static const struct command list_command = {
	.name = "list",
	.path = "takt param list",
	.usage = "NODE [options]",
	.summary = "every parameter of a node: value, unit, default and range",
	.details = "",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT | OPTIONS_TIMEOUT,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run_list,
};

static const struct command get_command = {
	.name = "get",
	.path = "takt param get",
	.usage = "NODE NAME... [options]",
	.summary = "the values of some parameters",
	.details = "",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT | OPTIONS_TIMEOUT,
	.arguments_min = 2,
	.arguments_max = TAKT_PARAMETER_COUNT_MAX + 1,
	.run = run_get,
};

static const struct command set_command = {
	.name = "set",
	.path = "takt param set",
	.usage = "NODE NAME=VALUE... [options]",
	.summary = "changes parameters, all of them together between two cycles",
	.details = "One that is unknown or out of range, and none is changed.",
	.options = OPTIONS_DOMAIN | OPTIONS_TIMEOUT,
	.arguments_min = 2,
	.arguments_max = TAKT_PARAMETER_COUNT_MAX + 1,
	.run = run_set,
};

static const struct command save_command = {
	.name = "save",
	.path = "takt param save",
	.usage = "NODE [options]",
	.summary = "writes a node's parameters to its `parameter_file`, from which it starts the next time",
	.details = "",
	.options = OPTIONS_DOMAIN | OPTIONS_TIMEOUT,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run_save,
};

static int run_list(int argc, char **argv)
{
	return run_table(&list_command, argc, argv, "params");
}

static int run_get(int argc, char **argv)
{
	return run_table(&get_command, argc, argv, "get");
}

static int run_set(int argc, char **argv)
{
	return run_sentence(&set_command, argc, argv, "set");
}

static int run_save(int argc, char **argv)
{
	return run_sentence(&save_command, argc, argv, "save");
}

static const struct command *const commands[] = {&list_command, &get_command, &set_command, &save_command};

const struct command param_command = {
	.name = "param",
	.path = "takt param",
	.usage = "COMMAND [arguments]",
	.summary = "parameters of a running node",
	.children = commands,
	.child_count = COUNT_OF(commands),
};
