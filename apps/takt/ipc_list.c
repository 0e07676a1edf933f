/* SPDX-License-Identifier: Apache-2.0 */
/* `takt ipc list` */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "apps/takt/escape.h"
#include "apps/takt/ipc.h"
#include "apps/takt/ipc_object.h"
#include "apps/takt/options_walk.h"
#include "platform/clock.h"
#include "platform/message.h"

#define USER_BYTES 64

/* People get what they need in order to decide; machines everything. */
static const struct output_column shown_columns[] = {
	{"kind", "", OUTPUT_TEXT},  {"id", "", OUTPUT_NUMBER},	  {"name", "", OUTPUT_TEXT},
	{"owner", "", OUTPUT_TEXT}, {"perms", "", OUTPUT_NUMBER}, {"bytes", "", OUTPUT_NUMBER},
	{"holds", "", OUTPUT_TEXT}, {"used by", "", OUTPUT_TEXT}, {"age", "s", OUTPUT_NUMBER},
	{"state", "", OUTPUT_TEXT},
};

static const struct output_column all_columns[] = {
	{"kind", "", OUTPUT_TEXT},
	{"id", "", OUTPUT_NUMBER},
	{"key", "", OUTPUT_TEXT},
	{"name", "", OUTPUT_TEXT},
	{"domain", "", OUTPUT_TEXT},
	{"owner", "", OUTPUT_TEXT},
	{"uid", "", OUTPUT_NUMBER},
	{"creator_uid", "", OUTPUT_NUMBER},
	{"perms", "", OUTPUT_TEXT},
	{"bytes", "", OUTPUT_NUMBER},
	{"items", "", OUTPUT_NUMBER},
	{"waiting", "", OUTPUT_NUMBER},
	{"holders", "", OUTPUT_NUMBER},
	{"process", "", OUTPUT_NUMBER},
	{"process_life", "", OUTPUT_TEXT},
	{"program", "", OUTPUT_TEXT},
	{"receiver", "", OUTPUT_NUMBER},
	{"receiver_life", "", OUTPUT_TEXT},
	{"receiver_program", "", OUTPUT_TEXT},
	{"holder", "", OUTPUT_NUMBER},
	{"holder_program", "", OUTPUT_TEXT},
	{"publishers", "", OUTPUT_TEXT},
	{"readers", "", OUTPUT_NUMBER},
	{"age", "s", OUTPUT_NUMBER},
	{"state", "", OUTPUT_TEXT},
	{"why", "", OUTPUT_TEXT},
};

#define COUNT_OF(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

struct wish {
	enum output_format format;
	int only_orphans;
	const char *user_name; /* NULL: everybody's */
	uint32_t user;
};

static int is_sysv(const struct ipc_object *object)
{
	return !object->source->is_takts && object->facts.kind <= TAKT_OS_IPC_SYSV_SEM;
}

static void put_optional(struct output_table *table, uint64_t number, int is_known)
{
	if (is_known)
		output_cell_count(table, number);
	else
		output_cell_none(table);
}

static void put_text(struct output_table *table, const char *text)
{
	if (text[0])
		output_cell_text(table, text);
	else
		output_cell_none(table);
}

static void put_age(struct output_table *table, const struct ipc_object *object)
{
	uint64_t now_s = takt_os_clock_wall_ns() / TAKT_NS_PER_S;
	uint64_t then_s = object->facts.changed_wall_s;

	/* A clock that was set makes some objects of the future. */
	put_optional(table, now_s > then_s ? now_s - then_s : 0, then_s != 0);
}

static void put_state(struct output_table *table, const struct ipc_object *object)
{
	output_cell_text(table, ipc_state_name(object->state));
	output_cell_accent(table, ipc_state_accent(object->state));
}

static void put_key(struct output_table *table, const struct ipc_object *object)
{
	char key[16];

	(void)snprintf(key, sizeof(key), "0x%08x", object->facts.key);
	output_cell_text(table, key);
}

/* ------------------------------------------------------------------------------------------------------- for people */

static void put_holds(struct output_table *table, const struct ipc_object *object)
{
	char items[IPC_ITEMS_BYTES], waiting[IPC_ITEMS_BYTES], text[2 * IPC_ITEMS_BYTES + 16] = "";
	const struct takt_os_ipc *facts = &object->facts;

	if (object->readers)
		(void)snprintf(text, sizeof(text), "%s", ipc_items(object->readers, object->reader_count, items));
	else if (object->source->items)
		(void)snprintf(text, sizeof(text), "%s", ipc_items(object->source->items, facts->item_count, items));
	else if (facts->holder_count)
		(void)snprintf(text, sizeof(text), "%s",
			       facts->holder_count == 1 ? "1 process"
							: ipc_items("processes", facts->holder_count, items));
	if (object->source->items && facts->waiting_count)
		(void)snprintf(text, sizeof(text), "%s, %s", items,
			       ipc_items("waiting", facts->waiting_count, waiting));
	put_text(table, text);
}

/* "1234 (prog) > 1235 (other)": whoever is known; of a topic its publishers, of a queue its producers. */
static void put_users(struct output_table *table, const struct ipc_object *object)
{
	const struct takt_os_ipc *facts = &object->facts;
	char first[IPC_PROCESS_BYTES], second[IPC_PROCESS_BYTES], text[2 * IPC_PROCESS_BYTES + 8];

	if (object->source->is_takts) {
		put_text(table, object->publishers);
		return;
	}
	ipc_process_text(facts->holder_count ? &facts->holder : &facts->processes[0], first);
	ipc_process_text(&facts->processes[1], second);
	if (facts->processes[1].id && !facts->holder_count)
		(void)snprintf(text, sizeof(text), "%s > %s", facts->processes[0].id ? first : "-", second);
	else
		(void)snprintf(text, sizeof(text), "%s", facts->holder_count || facts->processes[0].id ? first : "");
	/* Escaped already, and no more than printable now. */
	put_text(table, text);
}

static void put_shown(struct output_table *table, const struct ipc_object *object)
{
	char owner[USER_BYTES], mode[16];

	takt_os_ipc_user_name(object->facts.rights.owner, owner, sizeof(owner));
	(void)snprintf(mode, sizeof(mode), "%o", object->facts.rights.mode);
	output_cell_text(table, object->source->kind);
	put_optional(table, object->facts.id, is_sysv(object));
	if (is_sysv(object))
		put_key(table, object);
	else
		output_cell_text(table, object->facts.name);
	output_cell_text(table, owner);
	output_cell_number(table, mode);
	output_cell_count(table, object->facts.bytes);
	put_holds(table, object);
	put_users(table, object);
	put_age(table, object);
	put_state(table, object);
}

/* ----------------------------------------------------------------------------------------------------- for machines */

static void put_process(struct output_table *table, const struct takt_os_ipc_process *process, int with_life)
{
	static const char *const lives[] = {"unknown", "lives", "ended", "reused"};

	put_optional(table, process->id, process->id != 0);
	if (with_life)
		put_text(table, process->id ? lives[process->life] : "");
	put_text(table, process->program);
}

static void put_all(struct output_table *table, const struct ipc_object *object)
{
	const struct takt_os_ipc *facts = &object->facts;
	char owner[USER_BYTES], mode[16];

	takt_os_ipc_user_name(facts->rights.owner, owner, sizeof(owner));
	(void)snprintf(mode, sizeof(mode), "%o", facts->rights.mode);
	output_cell_text(table, object->source->kind);
	put_optional(table, facts->id, is_sysv(object));
	if (is_sysv(object))
		put_key(table, object);
	else
		output_cell_none(table);
	put_text(table, facts->name);
	put_text(table, object->domain);
	output_cell_text(table, owner);
	output_cell_count(table, facts->rights.owner);
	output_cell_count(table, facts->creator);
	output_cell_text(table, mode);
	output_cell_count(table, facts->bytes);
	put_optional(table, facts->item_count, object->source->items != NULL);
	put_optional(table, facts->waiting_count,
		     facts->kind != TAKT_OS_IPC_SYSV_MEMORY && object->source->items != NULL);
	put_optional(table, facts->holder_count, !object->source->is_takts && facts->kind != TAKT_OS_IPC_SYSV_SEM);
	put_process(table, &facts->processes[0], 1);
	put_process(table, &facts->processes[1], 1);
	put_process(table, &facts->holder, 0);
	put_text(table, object->publishers);
	put_optional(table, object->reader_count, object->readers != NULL);
	put_age(table, object);
	put_state(table, object);
	output_cell_text(table, object->why);
}

/* ---------------------------------------------------------------------------------------------------------- command */

static int is_wanted(const struct wish *wish, const struct ipc_object *object)
{
	if (wish->only_orphans && object->state != IPC_LEFT_BEHIND)
		return 0;
	return wish->user_name == NULL || object->facts.rights.owner == wish->user;
}

static int print(const struct wish *wish, const struct ipc_list *list)
{
	int is_full = wish->format != OUTPUT_TABLE;
	struct output output;
	struct output_table table;

	output_begin(&output, wish->format);
	if (is_full)
		output_table_begin(&table, &output, NULL, all_columns, COUNT_OF(all_columns));
	else
		output_table_begin(&table, &output, NULL, shown_columns, COUNT_OF(shown_columns));
	for (uint32_t i = 0; i < list->count; i++)
		if (is_wanted(wish, &list->all[i]))
			(is_full ? put_all : put_shown)(&table, &list->all[i]);
	output_table_end(&table);
	return output_end(&output);
}

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
		return usage_error("takt ipc list", "--user: there is no user '%.80s' on this machine", value);
	default:
		if (output_format_find(value, &wish->format))
			return OPTIONS_GO_ON;
		return usage_error("takt ipc list", "--format: '%.80s' is not table, json or csv", value);
	}
}

static int run(int argc, char **argv)
{
	struct wish wish = {.format = OUTPUT_TABLE};
	const struct options_walk walk = {.command = &ipc_list_command, .take = take, .context = &wish};
	struct ipc_list list;
	int code = options_walk(&walk, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	code = ipc_list_read(&list, 0);
	if (code == EXIT_OK)
		code = print(&wish, &list);
	if (code == EXIT_OK)
		ipc_list_explain(&list);
	ipc_list_free(&list);
	return code;
}

static const struct option_text own[] = {
	{"orphans", NULL, "only what is left behind: who used it has ended, and nobody has it", 'o', 0},
	{"user", "USER", "only what belongs to this user, by name or number", 'u', 0},
};

const struct command ipc_list_command = {
	.name = "list",
	.path = "takt ipc list",
	.usage = "[options]",
	.summary =
		"every IPC object of this machine: takt's, System V's, POSIX's; who uses it, and what is left behind",
	.details = "State: in use     somebody who lives has it, waits for it, or used it last\n"
		   "       left behind  whoever is known to have used it has ended, and nobody has it\n"
		   "       idle      nobody has it now, and nothing says that nobody will\n"
		   "       unknown   this user may not ask; JSON and CSV say why, for every state",
	.options = OPTIONS_FORMAT,
	.run = run,
	.own = own,
	.own_count = COUNT_OF(own),
};
