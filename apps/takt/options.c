/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/options_walk.h"
#include "core/limits.h"
#include "core/text.h"
#include "platform/message.h"

#define DAY_S 86400.0

/* Options that several commands have. */
static const struct {
	struct option_text text;
	uint32_t bit; /* 0: every command has it */
} common[] = {
	{{"domain", "DOMAIN", "the domain (default: TAKT_DOMAIN, else the only one there is, or that lives)", 'd', 0},
	 OPTIONS_DOMAIN},
	{{"format", "table|json|csv", "how to print (default: table)", 'f', 0}, OPTIONS_FORMAT},
	{{"count", "N", "end after N samples or items", 'n', 0}, OPTIONS_COUNT},
	{{"history", NULL, "begin with the oldest sample that is still there", 'H', 0}, OPTIONS_HISTORY},
	{{"field", "FIELD", "only this field, or all below it; may be given again", 'F', 0}, OPTIONS_FIELD},
	{{"for", "TIME", "how long: 500ms, 10s, 2m", 't', 0}, OPTIONS_FOR},
	{{"rate", "HZ", "print at most HZ samples a second, the newest each time", 'r', 0}, OPTIONS_RATE},
	{{"all", NULL, "every domain of this machine", 'a', 0}, OPTIONS_ALL},
	{{"timeout", "TIME", "how long to wait for the node's answer (default: 3s)", 'T', 0}, OPTIONS_TIMEOUT},
	{{"band", "N", "this band of the queue (default: 0 to push, else all)", 'b', 0}, OPTIONS_BAND},
	{{"help", NULL, "this text", 'h', 0}, 0},
};

#define COMMON_COUNT (sizeof(common) / sizeof(common[0]))

const struct option_text *command_option(const struct command *command, uint32_t index)
{
	if (index < command->own_count)
		return &command->own[index];
	index -= command->own_count;
	for (uint32_t i = 0; i < COMMON_COUNT; i++)
		if ((common[i].bit == 0 || (common[i].bit & command->options)) && index-- == 0)
			return &common[i].text;
	return NULL;
}

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
	case OPTIONS_BAND:
		return options_read_numbers(value, 0, TAKT_BAND_COUNT_MAX - 1, &options->band, 1)
			       ? OPTIONS_GO_ON
			       : wrong_value(command, "band", value, "the number of a band, 0 to 7");
	default:
		options->all = 1;
		return OPTIONS_GO_ON;
	}
}

/* ------------------------------------------------------------------------------------------------------- parsing */

struct parse {
	struct options *options;
	const struct command *command;
};

static int take(void *context, int option, const char *value)
{
	struct parse *parse = context;

	for (uint32_t i = 0; i < COMMON_COUNT; i++)
		if (common[i].text.letter == option)
			return apply(parse->options, parse->command, common[i].bit, value);
	TAKT_ASSERT(0); /* the walk gives letters of this table */
}

int options_parse(struct options *options, const struct command *command, int argc, char **argv)
{
	*options = (struct options){.format = OUTPUT_TABLE, .band = UINT32_MAX};
	struct parse parse = {options, command};
	const struct options_walk walk = {.command = command, .take = take, .context = &parse};
	int result = options_walk(&walk, argc, argv);
	options->arguments = argv + optind;
	options->argument_count = (uint32_t)(argc - optind);
	return result;
}
