/* SPDX-License-Identifier: Apache-2.0 */
/* `takt ipc remove`: what was named, and only that; what is in use only by force; what is takt's by the code of `takt clean`. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/clean.h"
#include "apps/takt/domain_choice.h"
#include "apps/takt/escape.h"
#include "apps/takt/ipc.h"
#include "apps/takt/ipc_object.h"
#include "apps/takt/ipc_select.h"
#include "apps/takt/options_walk.h"
#include "platform/message.h"

#define PATH	   "takt ipc remove"
#define WORDS_MAX  1024
#define CODE_YES   1000
#define CODE_DRY   1001
#define CODE_FORCE 1002

struct wish {
	int only_orphans;
	int is_dry;
	int is_forced;
	int says_yes;
	const char *user_name;
	uint32_t user;
};

/* The objects that are meant, by their places in a list. */
struct chosen {
	uint32_t *indices;
	uint32_t count;
};

/* ------------------------------------------------------------------------------------------------------- choosing */

static void choose(struct chosen *chosen, uint32_t index)
{
	for (uint32_t i = 0; i < chosen->count; i++)
		if (chosen->indices[i] == index)
			return;
	chosen->indices[chosen->count++] = index;
}

static int choose_named(struct chosen *chosen, struct ipc_list *list, char **words, uint32_t word_count)
{
	int code = EXIT_OK;

	for (uint32_t i = 0; i < word_count; i++) {
		uint32_t index;

		if (ipc_select(list, words[i], &index) == EXIT_OK)
			choose(chosen, index);
		else
			code = EXIT_FAILED;
	}
	return code;
}

/* A domain of takt's is chosen once, as a whole. */
static int choose_orphans(struct chosen *chosen, struct ipc_list *list, const struct wish *wish)
{
	uint32_t count = list->count;
	int code = EXIT_OK;

	for (uint32_t i = 0; i < count; i++) {
		const struct ipc_object *object = &list->all[i];
		char word[TAKT_NAME_BYTES + 8];
		uint32_t index = i;

		if (object->state != IPC_LEFT_BEHIND || (wish->user_name && object->facts.rights.owner != wish->user))
			continue;
		if (object->source->is_takts) {
			(void)snprintf(word, sizeof(word), "takt:%s", object->domain);
			if (ipc_select(list, word, &index) != EXIT_OK) {
				code = EXIT_FAILED;
				continue;
			}
		}
		choose(chosen, index);
	}
	return code;
}

/* ------------------------------------------------------------------------------------------------------- removing */

/* "3 messages, 120 bytes" */
static void describe(const struct ipc_object *object, char *text, size_t bytes)
{
	const char *items = object->source == &ipc_takt ? "objects" : object->source->items;

	char counted[IPC_ITEMS_BYTES];

	if (items)
		(void)snprintf(text, bytes, "%s, %llu bytes", ipc_items(items, object->facts.item_count, counted),
			       (unsigned long long)object->facts.bytes);
	else
		(void)snprintf(text, bytes, "%llu bytes", (unsigned long long)object->facts.bytes);
}

/* Whether it may go: what is in use, or may be, only by force. What is takt's `takt clean` decides, and nothing forces it. */
static int may_go(const struct ipc_object *object, const struct wish *wish)
{
	int is_free = object->state == IPC_LEFT_BEHIND || object->state == IPC_IDLE;

	return is_free || (wish->is_forced && !object->source->is_takts);
}

static int keep(const struct ipc_object *object, const char *why)
{
	char label[IPC_LABEL_BYTES];
	const char *remedy = object->source->is_takts ? "takt removes nothing that lives; stop its nodes first"
						      : "--force removes it all the same";

	ipc_label(object, label);
	(void)printf("kept     %s: %s; %s\n", label, why, remedy);
	return EXIT_FAILED;
}

static int remove_domain(const struct ipc_object *object)
{
	int code = clean_domain(object->domain);

	/* A domain that came to life meanwhile is no failure of a clean-up, and one of what was asked for here. */
	return code == EXIT_OK && domain_exists(object->domain) ? EXIT_FAILED : code;
}

static int conclude(const struct ipc_object *object, enum takt_status status)
{
	char label[IPC_LABEL_BYTES], what[96], owner[64];

	ipc_label(object, label);
	describe(object, what, sizeof(what));
	takt_os_ipc_user_name(object->facts.rights.owner, owner, sizeof(owner));
	switch (status) {
	case TAKT_OK:
		(void)printf("removed  %s: %s%s\n", label, what,
			     object->source == &ipc_sysv_memory && object->facts.item_count
				     ? "; its memory goes when the last of them lets go of it"
				     : "");
		return EXIT_OK;
	case TAKT_ABSENT:
		(void)printf("gone     %s: somebody else has removed it meanwhile\n", label);
		return EXIT_OK;
	case TAKT_MISMATCH:
		(void)printf("kept     %s: another object has its name by now; look again: takt ipc list\n", label);
		return EXIT_FAILED;
	case TAKT_DENIED:
		(void)printf("kept     %s: this user may not remove it: its owner is %s\n", label, owner);
		return EXIT_FAILED;
	case TAKT_BUSY:
		return keep(object, "a process uses it");
	case TAKT_NOT_READY:
		return keep(object, "whether a process uses it cannot be asked");
	default:
		(void)printf("kept     %s: %s\n", label, takt_status_name(status));
		return EXIT_FAILED;
	}
}

/* Objects are removed by their owner, System V's also by their creator, and by root. */
static int is_ours(const struct ipc_object *object)
{
	uint32_t user = takt_os_user_id();

	return user == 0 || object->source->is_takts || user == object->facts.rights.owner ||
	       user == object->facts.creator;
}

static int remove_one(const struct ipc_object *object, const struct wish *wish)
{
	char label[IPC_LABEL_BYTES], what[96];

	if (!is_ours(object))
		return conclude(object, TAKT_DENIED);
	if (!may_go(object, wish))
		return keep(object, object->why);
	if (wish->is_dry) {
		ipc_label(object, label);
		describe(object, what, sizeof(what));
		(void)printf("would remove  %s: %s; %s: %s\n", label, what, ipc_state_name(object->state), object->why);
		return EXIT_OK;
	}
	if (object->source->is_takts)
		return remove_domain(object);
	return conclude(object, takt_os_ipc_remove(&object->facts, wish->is_forced));
}

/* The same object in a newer list; one that the system does not list is still itself. */
static const struct ipc_object *find_again(struct ipc_list *list, const struct ipc_object *chosen)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (ipc_is_same(&list->all[i], chosen))
			return &list->all[i];
	if (chosen->source->is_takts || chosen->source == &ipc_posix_queue) {
		uint32_t index;
		char word[IPC_LABEL_BYTES];

		(void)snprintf(word, sizeof(word), "%s:%s", chosen->source->kind, chosen->facts.name);
		return ipc_select(list, word, &index) == EXIT_OK ? &list->all[index] : NULL;
	}
	return NULL;
}

/* Looks at everything anew, since a person may have thought about the question for long, and takes away what was chosen. */
static int remove_chosen(const struct chosen *chosen, const struct ipc_list *old, const struct wish *wish)
{
	struct ipc_list list;
	int code = ipc_list_read(&list, 1);

	for (uint32_t i = 0; i < chosen->count && list.all; i++) {
		const struct ipc_object *before = &old->all[chosen->indices[i]];
		const struct ipc_object *now = find_again(&list, before);
		struct ipc_object object = now ? *now : *before;

		if (now == NULL) {
			code |= conclude(before, TAKT_ABSENT);
			continue;
		}
		code |= remove_one(&object, wish);
	}
	ipc_list_free(&list);
	return code;
}

/* -------------------------------------------------------------------------------------------------------- asking */

/* Shows what is meant, and asks. @retval EXIT_OK yes */
static int ask(const struct chosen *chosen, const struct ipc_list *list)
{
	char label[IPC_LABEL_BYTES], what[96], answer[16] = "";

	if (!takt_os_ipc_may_ask()) {
		takt_message(TAKT_ERROR,
			     "ipc: nobody can be asked, since standard input is no terminal: add --yes, or --dry-run");
		return EXIT_FAILED;
	}
	for (uint32_t i = 0; i < chosen->count; i++) {
		const struct ipc_object *object = &list->all[chosen->indices[i]];

		ipc_label(object, label);
		describe(object, what, sizeof(what));
		(void)printf("%s: %s; %s: %s\n", label, what, ipc_state_name(object->state), object->why);
	}
	(void)printf("remove %s? [y/N] ", chosen->count == 1 ? "it" : "them");
	(void)fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) && (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0))
		return EXIT_OK;
	(void)printf("nothing was removed\n");
	return EXIT_FAILED;
}

static int go(struct ipc_list *list, const struct wish *wish, char **words, uint32_t word_count)
{
	struct chosen chosen = {.indices = calloc((size_t)list->count + word_count + 1, sizeof(uint32_t))};

	if (chosen.indices == NULL) {
		takt_message(TAKT_ERROR, "no memory is left");
		return EXIT_FAILED;
	}
	int code = wish->only_orphans ? choose_orphans(&chosen, list, wish)
				      : choose_named(&chosen, list, words, word_count);
	if (chosen.count == 0 && code == EXIT_OK)
		(void)printf("nothing is left behind\n");
	if (chosen.count && (wish->is_dry || wish->says_yes || ask(&chosen, list) == EXIT_OK))
		code |= remove_chosen(&chosen, list, wish);
	else if (chosen.count)
		code = EXIT_FAILED;
	free(chosen.indices);
	return fflush(stdout) == 0 ? code : EXIT_FAILED;
}

/* ------------------------------------------------------------------------------------------------------- command */

static int take(void *context, int option, const char *value)
{
	struct wish *wish = context;

	switch (option) {
	case 'o':
		wish->only_orphans = 1;
		return OPTIONS_GO_ON;
	case 'u':
		wish->user_name = value;
		if (takt_os_user_find(value, &wish->user) == TAKT_OK)
			return OPTIONS_GO_ON;
		return usage_error(PATH, "--user: there is no user '%.80s' on this machine", value);
	case CODE_YES:
		wish->says_yes = 1;
		return OPTIONS_GO_ON;
	case CODE_DRY:
		wish->is_dry = 1;
		return OPTIONS_GO_ON;
	default:
		wish->is_forced = 1;
		return OPTIONS_GO_ON;
	}
}

static int check(const struct wish *wish, uint32_t word_count)
{
	if (wish->only_orphans && word_count)
		return usage_error(PATH, "--orphans and the name of an object exclude each other");
	if (wish->user_name && word_count)
		return usage_error(PATH, "--user and the name of an object exclude each other");
	if (wish->user_name && !wish->only_orphans)
		return usage_error(PATH, "--user alone names nothing: add --orphans");
	if (wish->only_orphans && wish->is_forced)
		return usage_error(PATH, "--force is for what is named: --orphans takes only what nobody uses");
	if (!wish->only_orphans && word_count == 0)
		return usage_error(PATH, "name what to remove, or say --orphans");
	return OPTIONS_GO_ON;
}

static int run(int argc, char **argv)
{
	struct wish wish = {0};
	const struct options_walk walk = {.command = &ipc_remove_command, .take = take, .context = &wish};
	struct ipc_list list;
	int code = options_walk(&walk, argc, argv);

	uint32_t word_count = code == OPTIONS_GO_ON ? (uint32_t)(argc - optind) : 0;
	if (code == OPTIONS_GO_ON)
		code = check(&wish, word_count);
	if (code != OPTIONS_GO_ON)
		return code;
	code = ipc_list_read(&list, 1);
	if (code == EXIT_OK)
		code = go(&list, &wish, argv + optind, word_count);
	ipc_list_free(&list);
	return code;
}

static const struct option_text own[] = {
	{"orphans", NULL, "all that is left behind", 'o', 0},
	{"user", "USER", "with --orphans: only what belongs to this user", 'u', 0},
	{"yes", NULL, "does not ask", 0, CODE_YES},
	{"dry-run", NULL, "says what it would do, and does nothing", 0, CODE_DRY},
	{"force", NULL, "also what is in use, or may be; never a domain of takt's that lives", 0, CODE_FORCE},
};

const struct command ipc_remove_command = {
	.name = "remove",
	.path = PATH,
	.usage = "[OBJECT]... [options]",
	.summary =
		"removes IPC objects that are named, or all that is left behind; asks first, and keeps what is in use",
	.details =
		"An OBJECT is KIND:ID, KIND:KEY or KIND:NAME as `takt ipc list` shows it (sysv-queue:5, sysv-shm:0x4d2,\n"
		"posix-sem:/lock, takt:robot), or without KIND where only one object is meant. A domain of takt's goes as a whole,\n"
		"and only when none of its nodes lives. Exit code 0: all that was named is gone.",
	.arguments_max = WORDS_MAX,
	.run = run,
	.own = own,
	.own_count = sizeof(own) / sizeof(own[0]),
};
