/* SPDX-License-Identifier: Apache-2.0 */
/* `takt ipc advise`: from a few answers, given as options or asked on a terminal, to a mechanism, its reason, and lines of config. */
#include "apps/takt/ipc_advise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/ipc.h"
#include "apps/takt/options_walk.h"
#include "core/limits.h"
#include "platform/ipc.h"
#include "platform/message.h"

#define PATH	     "takt ipc advise"
#define ANSWER_BYTES 64
#define TRIES_MAX    3 /* wrong answers before we give up */
#define RATE_HZ_MIN  0.001
#define RATE_HZ_MAX  1e6

enum question {
	QUESTION_BYTES = 1000,
	QUESTION_RATE,
	QUESTION_READERS,
	QUESTION_SAMPLES,
	QUESTION_RELATED,
	QUESTION_MACHINES
};

static const struct option_text own[] = {
	{"bytes", "N", "size of one sample, 1 to 67108864", 0, QUESTION_BYTES},
	{"rate", "HZ", "rate, samples a second, 0.001 to 1000000", 0, QUESTION_RATE},
	{"readers", "one|many", "how many read them", 0, QUESTION_READERS},
	{"samples", "every|newest|once",
	 "what a reader wants: every sample; the newest one; or each sample is for one reader alone (once)", 0,
	 QUESTION_SAMPLES},
	{"related", "yes|no", "does one of the processes start the other?", 0, QUESTION_RELATED},
	{"machines", "one|several", "are they on one machine?", 0, QUESTION_MACHINES},
};

#define QUESTION_COUNT (sizeof(own) / sizeof(own[0]))

_Static_assert(TAKT_PAYLOAD_BYTES_MAX == 67108864u, "the help of --bytes says so");

struct advise {
	struct advise_answers answers;
	enum output_format format;
};

/* ------------------------------------------------------------------------------------------------------- answers */

/* Which of the words "a|b|c" it is. @retval -1 none of them */
static int choice_of(const char *words, const char *word)
{
	for (int i = 0; *words; i++) {
		size_t length = strcspn(words, "|");

		if (strlen(word) == length && strncmp(words, word, length) == 0)
			return i;
		words += length;
		words += *words == '|';
	}
	return -1;
}

static int read_real(const char *text, double min, double max, double *number)
{
	char *end;
	double read = strtod(text, &end);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || !(read >= min && read <= max))
		return 0;
	*number = read;
	return 1;
}

/* @retval 1 it is an answer to this question */
static int take_answer(struct advise_answers *answers, const struct option_text *question, const char *text)
{
	int choice = choice_of(question->argument, text);

	switch (question->code) {
	case QUESTION_BYTES:
		return options_read_numbers(text, 1, TAKT_PAYLOAD_BYTES_MAX, &answers->bytes, 1) == 1;
	case QUESTION_RATE:
		return read_real(text, RATE_HZ_MIN, RATE_HZ_MAX, &answers->rate_hz);
	case QUESTION_READERS:
		answers->has_many_readers = choice;
		break;
	case QUESTION_SAMPLES:
		answers->samples = choice;
		break;
	case QUESTION_RELATED:
		/* "yes" is the first of the two. */
		answers->is_related = choice < 0 ? choice : !choice;
		break;
	default:
		answers->is_far = choice;
	}
	return choice >= 0;
}

static int is_answered(const struct advise_answers *answers, const struct option_text *question)
{
	switch (question->code) {
	case QUESTION_BYTES:
		return answers->bytes != 0;
	case QUESTION_RATE:
		return answers->rate_hz > 0.0;
	case QUESTION_READERS:
		return answers->has_many_readers >= 0;
	case QUESTION_SAMPLES:
		return answers->samples >= 0;
	case QUESTION_RELATED:
		return answers->is_related >= 0;
	default:
		return answers->is_far >= 0;
	}
}

static int take(void *context, int option, const char *value)
{
	struct advise *advise = context;

	if (option == 'f') {
		if (output_format_find(value, &advise->format))
			return OPTIONS_GO_ON;
		return usage_error(PATH, "--format: '%.80s' is not table, json or csv", value);
	}
	const struct option_text *question = &own[option - QUESTION_BYTES];
	if (take_answer(&advise->answers, question, value))
		return OPTIONS_GO_ON;
	if (strchr(question->argument, '|'))
		return usage_error(PATH, "--%s: '%.80s' is none of %s", question->name, value, question->argument);
	return usage_error(PATH, "--%s: '%.80s' is no %s", question->name, value, question->help);
}

/* Asks a person until there is an answer. @retval 0 there is none */
static int ask(struct advise_answers *answers, const struct option_text *question)
{
	char text[ANSWER_BYTES];

	for (uint32_t i = 0; i < TRIES_MAX; i++) {
		(void)fprintf(stderr, "%s (%s): ", question->help, question->argument);
		(void)fflush(stderr);
		if (fgets(text, sizeof(text), stdin) == NULL)
			return 0;
		text[strcspn(text, "\n")] = '\0';
		if (take_answer(answers, question, text))
			return 1;
		takt_message(TAKT_ERROR, "'%.40s' is no answer to that", text);
	}
	return 0;
}

static int ask_for_the_rest(struct advise_answers *answers)
{
	char missing[160] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < QUESTION_COUNT; i++) {
		if (is_answered(answers, &own[i]) || (takt_os_ipc_may_ask() && ask(answers, &own[i])))
			continue;
		used += (size_t)snprintf(missing + used, sizeof(missing) - used, "%s--%s", used ? ", " : "",
					 own[i].name);
	}
	if (used == 0)
		return OPTIONS_GO_ON;
	return usage_error(PATH, "not answered: %s; say them, or answer on a terminal", missing);
}

/* ------------------------------------------------------------------------------------------------------- advice */

/* A sentence after the other, in lines that a terminal shows whole. */
static void print_wrapped(const char *text)
{
	const size_t width = 100;

	while (*text) {
		size_t length = strlen(text);

		if (length > width)
			for (length = width; length > 1 && text[length] != ' ';)
				length--;
		(void)printf("  %.*s\n", (int)length, text);
		text += length;
		text += *text == ' ';
	}
}

static void print_for_people(const struct advice *advice)
{
	const char *line = advice->config;

	(void)printf("take: %s\nwithout takt: %s\n\nwhy:\n", advice->mechanism, advice->classic);
	print_wrapped(advice->why);
	(void)printf("\nconfig of takt:\n");
	while (*line) {
		int length = (int)strcspn(line, "\n");

		(void)printf("  %.*s\n", length, line);
		line += length + 1;
	}
}

static void put_advice(struct output *output, const struct advice *advice)
{
	static const struct output_column columns[] = {
		{"mechanism", "", OUTPUT_TEXT},
		{"classic", "", OUTPUT_TEXT},
		{"why", "", OUTPUT_TEXT},
		{"depth", "", OUTPUT_NUMBER},
	};
	struct output_table table;

	output_table_begin(&table, output, "advice", columns, sizeof(columns) / sizeof(columns[0]));
	output_cell_text(&table, advice->mechanism);
	output_cell_text(&table, advice->classic);
	output_cell_text(&table, advice->why);
	output_cell_count(&table, advice->depth);
	output_record_end(&table);
}

/* Line by line: all text of a report is escaped, newlines too. */
static void put_config(struct output *output, const struct advice *advice)
{
	static const struct output_column columns[] = {{"line", "", OUTPUT_TEXT}};
	const char *line = advice->config;
	struct output_table table;

	output_table_begin(&table, output, "config", columns, 1);
	while (*line) {
		char one[128];
		int length = (int)strcspn(line, "\n");

		(void)snprintf(one, sizeof(one), "%.*s", length, line);
		output_cell_text(&table, one);
		line += length + 1;
	}
	output_table_end(&table);
}

static int report(const struct advise *advise, const struct advice *advice)
{
	static struct bench_store store;
	struct output output;
	int has_figures = advise_look_for_figures(&store);

	output_begin(&output, advise->format);
	if (advise->format == OUTPUT_TABLE) {
		print_for_people(advice);
		if (has_figures)
			(void)printf("\n");
	} else {
		put_advice(&output, advice);
		put_config(&output, advice);
	}
	if (has_figures)
		advise_print_figures(&output, &store, advise->answers.bytes, advice);
	return output_end(&output);
}

static int run(int argc, char **argv)
{
	struct advise advise = {
		.answers = {.has_many_readers = -1, .samples = -1, .is_related = -1, .is_far = -1},
		.format = OUTPUT_TABLE,
	};
	const struct options_walk walk = {.command = &ipc_advise_command, .take = take, .context = &advise};
	struct advice advice;
	int code = options_walk(&walk, argc, argv);

	if (code == OPTIONS_GO_ON)
		code = ask_for_the_rest(&advise.answers);
	if (code != OPTIONS_GO_ON)
		return code;
	advise_decide(&advise.answers, advise_has_queues(), &advice);
	return report(&advise, &advice);
}

const struct command ipc_advise_command = {
	.name = "advise",
	.path = PATH,
	.usage = "[options]",
	.summary = "which mechanism fits: from a few answers to the reason and the lines of a config",
	.details =
		"What is not given as an option is asked on a terminal. Figures stand beside it when `takt bench transports` has\n"
		"measured them on this machine.",
	.options = OPTIONS_FORMAT,
	.run = run,
	.own = own,
	.own_count = QUESTION_COUNT,
};
