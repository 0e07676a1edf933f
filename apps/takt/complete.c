/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/complete.h"

#include <stdio.h>
#include <string.h>

#include "apps/takt/bridge.h"
#include "apps/takt/domain_choice.h"
#include "apps/takt/escape.h"
#include "apps/takt/messages.h"
#include "platform/thread.h"

#define ABOUT_BYTES  160
#define TOKENS_MAX   8
#define WORD_BYTES   64
#define CONFIG_FILES "*.yaml"
/* Candidates come from other processes too, and a shell puts them on a command line as they are. */
#define HARMLESS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.,:=[]/"

/* ----------------------------------------------------------------------------------------------------- candidates */

void complete_offer(const struct complete *complete, const char *candidate, const char *about)
{
	char escaped[ESCAPE_BYTES(ABOUT_BYTES)];
	size_t length = strcspn(about, "\n");

	if (strncmp(candidate, complete->word, strlen(complete->word)) != 0 ||
	    candidate[strspn(candidate, HARMLESS)] != '\0')
		return;
	(void)escape_text(escaped, sizeof(escaped), about, length < ABOUT_BYTES ? length : ABOUT_BYTES);
	(void)printf("%.*s%s\t%s\n", (int)complete->before_length, complete->before, candidate, escaped);
}

int complete_has_argument(const struct complete *complete, const char *text)
{
	size_t length = strlen(text);

	for (uint32_t i = 0; i < complete->argument_count; i++)
		if (strncmp(complete->arguments[i], text, length) == 0 &&
		    (complete->arguments[i][length] == '\0' || complete->arguments[i][length] == '='))
			return 1;
	return 0;
}

static void offer_choices(const struct complete *complete)
{
	for (const char *const *choice = complete->command->choices; choice && *choice; choice++)
		if (!complete_has_argument(complete, *choice))
			complete_offer(complete, *choice, "");
}

static void offer_targets(const struct complete *complete)
{
	const struct bridge_carrier *carrier;

	for (uint32_t i = 0; (carrier = bridge_carrier_at(i)) != NULL; i++) {
		char target[WORD_BYTES];

		(void)snprintf(target, sizeof(target), "%s%s", carrier->scheme, carrier->argument ? ":" : "");
		complete_offer(complete, target, carrier->about);
	}
}

static void ask_for_files(const struct complete *complete, const char *what)
{
	(void)complete;
	(void)printf(":%s\n", what);
}

static void offer_configs(const struct complete *complete)
{
	ask_for_files(complete, "files " CONFIG_FILES);
}

static void offer_files(const struct complete *complete)
{
	ask_for_files(complete, "files");
}

static void offer_folders(const struct complete *complete)
{
	ask_for_files(complete, "folders");
}

/* What a word in capitals stands for, in usages and as the value of an option. TIME, N, HZ, S and A,B stand for numbers. */
static const struct {
	const char *word;
	void (*offer)(const struct complete *complete);
} meanings[] = {
	{"DOMAIN", complete_domains},
	{"TOPIC", complete_topics},
	{"QUEUE", complete_queues},
	{"FIELD=VALUE", complete_item_fields},
	{"SYNC", complete_syncs},
	{"NODE", complete_nodes},
	{"NAME", complete_parameters},
	{"NAME=VALUE", complete_assignments},
	{"LINE", complete_lines},
	{"FIELD", complete_fields},
	{"TARGET", offer_targets},
	{"TEST", offer_choices},
	{"NODE,...", complete_config_nodes},
	{"OBJECT", complete_ipc_objects},
	{"USER", complete_ipc_users},
	{"CONFIG", offer_configs},
	{"FILE", offer_files},
	{"FOLDER", offer_folders},
};

/* @retval 1 there is such a word */
static int offer_one_meaning(const struct complete *complete, const char *word)
{
	for (uint32_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (strcmp(meanings[i].word, word) != 0)
			continue;
		meanings[i].offer(complete);
		return 1;
	}
	return 0;
}

/* "TOPIC|QUEUE": what each stands for; "retry|end": the words themselves. */
static void offer_meaning(const struct complete *complete, const char *word)
{
	const int is_choice = strchr(word, '|') != NULL;

	while (*word) {
		char one[WORD_BYTES];

		(void)snprintf(one, sizeof(one), "%.*s", (int)strcspn(word, "|"), word);
		if (!offer_one_meaning(complete, one) && is_choice)
			complete_offer(complete, one, "");
		word += strcspn(word, "|");
		word += *word == '|';
	}
}

static void offer_options(const struct complete *complete)
{
	const struct option_text *option;
	char word[WORD_BYTES];

	for (uint32_t i = 0; (option = command_option(complete->command, i)) != NULL; i++) {
		(void)snprintf(word, sizeof(word), "--%s", option->name);
		complete_offer(complete, word, option->help);
	}
}

static void offer_children(const struct complete *complete)
{
	const struct command *group = complete->command;

	for (uint32_t i = 0; i < group->child_count; i++)
		complete_offer(complete, group->children[i]->name, group->children[i]->summary);
	complete_offer(complete, "help", "explains a command");
}

/* -------------------------------------------------------------------------------------------------------- usages */

/* An argument of a usage: "[DOMAIN]", "NAME...". */
struct token {
	char word[WORD_BYTES];
	int is_optional;
	int is_repeated;
};

static uint32_t read_usage(const char *usage, struct token tokens[TOKENS_MAX])
{
	uint32_t count = 0;

	while (*usage && count < TOKENS_MAX) {
		size_t length = strcspn(usage, " ");
		struct token *token = &tokens[count];
		char *dots;

		(void)snprintf(token->word, sizeof(token->word), "%.*s", (int)length, usage);
		usage += length + (usage[length] == ' ');
		token->is_optional = token->word[0] == '[';
		dots = strstr(token->word, "...");
		token->is_repeated = dots != NULL;
		if (dots)
			*dots = '\0';
		if (token->is_optional)
			memmove(token->word, token->word + 1, strlen(token->word));
		token->word[strcspn(token->word, "]")] = '\0';
		/* "[options]", "[--all]": those stand in tables of their own. */
		count += token->word[0] >= 'A' && token->word[0] <= 'Z';
	}
	return count;
}

/* All that an argument behind those that are there may be: a bit for each token, since optional ones may have been left out. */
static uint32_t possible_tokens(const struct token *tokens, uint32_t count, uint32_t argument_count)
{
	uint32_t mask = 1;

	for (uint32_t taken = 0;; taken++) {
		uint32_t next = 0;

		for (uint32_t i = 0; i < count; i++)
			if ((mask >> i & 1u) && tokens[i].is_optional)
				mask |= 2u << i;
		if (taken == argument_count)
			return mask;
		for (uint32_t i = 0; i < count; i++)
			if (mask >> i & 1u)
				next |= (2u << i) | (uint32_t)tokens[i].is_repeated << i;
		mask = next;
	}
}

/* 1 when a domain has a node of that name. */
static int has_node(const char *domain_name, const char *node)
{
	struct takt_domain domain;

	if (!domain_exists(domain_name) || domain_attach(domain_name, &domain) != EXIT_OK)
		return 0;
	int found = takt_domain_node_find(&domain, node) != UINT32_MAX;
	takt_domain_close(&domain);
	return found;
}

/* "takt command [DOMAIN] NODE LINE...": the first word is the domain only where the second is a node of it. */
static void offer_argument(struct complete *complete)
{
	struct token tokens[TOKENS_MAX];
	uint32_t count = read_usage(complete->command->usage, tokens);
	uint32_t mask = possible_tokens(tokens, count, complete->argument_count);
	const char *first = complete->argument_count ? complete->arguments[0] : "";
	int may_begin_with_domain = count > 1 && strcmp(tokens[0].word, "DOMAIN") == 0 && complete->domain == NULL;

	if (may_begin_with_domain && complete->argument_count > 1 && has_node(first, complete->arguments[1])) {
		complete->domain = first;
		complete->node_index = 1;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct complete one = *complete;

		if (!(mask >> i & 1u))
			continue;
		if (may_begin_with_domain && one.argument_count == 1 && strcmp(tokens[i].word, "NODE") == 0) {
			if (!domain_exists(first))
				continue;
			one.domain = first;
		}
		offer_meaning(&one, tokens[i].word);
	}
}

/* ---------------------------------------------------------------------------------------------------------- lines */

/* "-f", "--format", "--format=json". @param value what stands behind '=', or behind the letter; NULL: nothing does */
static const struct option_text *find_option(const struct command *command, const char *word, const char **value)
{
	const struct option_text *option;
	size_t length = strcspn(word, "=");

	*value = NULL;
	for (uint32_t i = 0; (option = command_option(command, i)) != NULL; i++) {
		if (strncmp(word, "--", 2) != 0 && word[1] && word[1] == option->letter) {
			*value = word[2] ? word + 2 : NULL;
			return option;
		}
		if (strncmp(word, "--", 2) == 0 && strlen(option->name) == length - 2 &&
		    strncmp(word + 2, option->name, length - 2) == 0) {
			*value = word[length] ? word + length + 1 : NULL;
			return option;
		}
	}
	return NULL;
}

/* What stands in front of the last word. */
struct progress {
	const struct option_text *pending; /* an option whose value the last word is */
	int only_arguments; /* behind "--", or behind the first argument of a command that keeps the rest */
};

static void take_word(struct complete *complete, struct progress *progress, const char *word)
{
	const struct option_text *option;
	const char *value;

	if (progress->pending) {
		if (strcmp(progress->pending->name, "domain") == 0)
			complete->domain = word;
		progress->pending = NULL;
		return;
	}
	if (word[0] != '-' || word[1] == '\0' || progress->only_arguments) {
		if (complete->argument_count < COMPLETE_ARGUMENTS_MAX)
			complete->arguments[complete->argument_count++] = word;
		progress->only_arguments |= complete->command->keeps_rest;
		return;
	}
	if (strcmp(word, "--") == 0) {
		progress->only_arguments = 1;
		return;
	}
	option = find_option(complete->command, word, &value);
	if (option == NULL || option->argument == NULL)
		return;
	if (value == NULL)
		progress->pending = option;
	else if (strcmp(option->name, "domain") == 0)
		complete->domain = value;
}

static void offer_value(struct complete *complete, const struct option_text *option, const char *value)
{
	complete->before = complete->word;
	complete->before_length = (uint32_t)(value - complete->word);
	complete->word = value;
	offer_meaning(complete, option->argument);
}

static void complete_leaf(struct complete *complete, char **words, uint32_t word_count)
{
	struct progress progress = {.pending = NULL};
	const struct option_text *option;
	const char *value;

	for (uint32_t i = 0; i < word_count; i++)
		take_word(complete, &progress, words[i]);
	if (progress.pending) {
		offer_value(complete, progress.pending, complete->word);
		return;
	}
	if (complete->word[0] != '-' || progress.only_arguments) {
		offer_argument(complete);
		return;
	}
	option = find_option(complete->command, complete->word, &value);
	if (option && option->argument && value)
		offer_value(complete, option, value);
	else
		offer_options(complete);
}

int complete(const struct command *root, int argc, char **argv)
{
	struct complete complete = {.command = root, .word = argc ? argv[argc - 1] : "", .before = ""};
	int is_help = 0, at = 0;

	messages_silence();
	/* A pipe to a node that has died must not end us half way. */
	takt_os_process_prepare(1);
	for (; complete.command->child_count && at < argc - 1; at++) {
		if (strcmp(argv[at], "help") == 0)
			is_help = 1;
		else if (argv[at][0] != '-')
			complete.command = command_find(complete.command, argv[at]);
		if (complete.command == NULL)
			return EXIT_OK;
	}
	if (complete.command->child_count == 0 && !is_help)
		complete_leaf(&complete, argv + at, (uint32_t)(argc - 1 - at));
	else if (complete.command->child_count && complete.word[0] == '-')
		offer_options(&complete);
	else if (complete.command->child_count)
		offer_children(&complete);
	return fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
}
