/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/ipc_object.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/escape.h"
#include "apps/takt/options.h"
#include "platform/message.h"

#define CAPACITY_FIRST 64u

const struct ipc_source *const ipc_sources[IPC_SOURCE_COUNT] = {
	&ipc_takt,     &ipc_fifo,	  &ipc_unix,	  &ipc_sysv_queue,  &ipc_sysv_memory,
	&ipc_sysv_sem, &ipc_posix_memory, &ipc_posix_sem, &ipc_posix_queue,
};

/* --------------------------------------------------------------------------------------------------------- words */

const char *ipc_state_name(enum ipc_state state)
{
	static const char *const names[] = {"unknown", "idle", "in use", "left behind"};
	return names[state];
}

enum output_accent ipc_state_accent(enum ipc_state state)
{
	static const enum output_accent accents[] = {OUTPUT_PLAIN, OUTPUT_PLAIN, OUTPUT_GOOD, OUTPUT_WARN};
	return accents[state];
}

void ipc_set_state(struct ipc_object *object, enum ipc_state state, const char *format, ...)
{
	va_list arguments;

	object->state = state;
	va_start(arguments, format);
	(void)vsnprintf(object->why, sizeof(object->why), format, arguments);
	va_end(arguments);
}

void ipc_process_text(const struct takt_os_ipc_process *process, char text[IPC_PROCESS_BYTES])
{
	char program[ESCAPE_BYTES(TAKT_OS_IPC_PROGRAM_MAX)];

	(void)escape_text(program, sizeof(program), process->program, sizeof(process->program));
	if (process->life == TAKT_OS_IPC_LIVES)
		(void)snprintf(text, IPC_PROCESS_BYTES, "%u (%s)", process->id, program);
	else if (process->life == TAKT_OS_IPC_REUSED)
		(void)snprintf(text, IPC_PROCESS_BYTES, "%u, which has ended (its number is another's now)",
			       process->id);
	else if (process->life == TAKT_OS_IPC_ENDED)
		(void)snprintf(text, IPC_PROCESS_BYTES, "%u, which has ended", process->id);
	else
		(void)snprintf(text, IPC_PROCESS_BYTES, "not known");
}

const char *ipc_items(const char *items, uint32_t count, char text[IPC_ITEMS_BYTES])
{
	size_t length = strlen(items);

	/* "attached" is the same for one. */
	if (count == 1 && length > 1 && items[length - 1] == 's')
		length--;
	(void)snprintf(text, IPC_ITEMS_BYTES, "%u %.*s", count, (int)length, items);
	return text;
}

void ipc_label(const struct ipc_object *object, char label[IPC_LABEL_BYTES])
{
	char name[ESCAPE_BYTES(TAKT_OS_IPC_NAME_MAX)];
	int is_sysv = !object->source->is_takts && object->facts.kind <= TAKT_OS_IPC_SYSV_SEM;

	(void)escape_text(name, sizeof(name), object->facts.name, sizeof(object->facts.name));
	if (is_sysv)
		(void)snprintf(label, IPC_LABEL_BYTES, "%s:%u (key 0x%08x)", object->source->kind, object->facts.id,
			       object->facts.key);
	else
		(void)snprintf(label, IPC_LABEL_BYTES, "%s:%s", object->source->kind, name);
}

/* ---------------------------------------------------------------------------------------------------------- list */

struct ipc_object *ipc_list_add(struct ipc_list *list, const struct ipc_source *source, const struct takt_os_ipc *facts)
{
	if (list->count == list->capacity) {
		uint32_t capacity = list->capacity ? 2 * list->capacity : CAPACITY_FIRST;
		struct ipc_object *all = realloc(list->all, capacity * sizeof(*all));

		if (all == NULL) {
			takt_message(TAKT_ERROR, "no memory is left for more than %u IPC objects", list->count);
			return NULL;
		}
		list->all = all;
		list->capacity = capacity;
	}
	struct ipc_object *object = &list->all[list->count++];
	*object = (struct ipc_object){.source = source, .facts = *facts};
	return object;
}

void ipc_list_free(struct ipc_list *list)
{
	free(list->all);
	*list = (struct ipc_list){0};
}

struct visit {
	const struct ipc_source *source;
	struct ipc_list *list;
	enum takt_status status;
};

static void add(void *context, const struct takt_os_ipc *facts)
{
	struct visit *visit = context;

	if (visit->status == TAKT_OK && ipc_list_add(visit->list, visit->source, facts) == NULL)
		visit->status = TAKT_NO_SPACE;
}

static enum takt_status read_source(struct ipc_list *list, const struct ipc_source *source)
{
	struct visit visit = {.source = source, .list = list, .status = TAKT_OK};

	if (source->each)
		return source->each(source, list);
	enum takt_status status = takt_os_ipc_each(source->system_kind, "", add, &visit);
	return status == TAKT_OK ? visit.status : status;
}

static void note_absence(struct ipc_list *list, const struct ipc_source *source, enum takt_status status)
{
	size_t used = strlen(list->absences);
	const char *joint = used ? "; " : "";

	if (status == TAKT_DENIED)
		(void)snprintf(list->absences + used, sizeof(list->absences) - used,
			       "%s%s: this user may not list them", joint, source->kind);
	else if (source->lacks)
		(void)snprintf(list->absences + used, sizeof(list->absences) - used, "%s%s", joint, source->lacks);
}

static uint32_t source_index(const struct ipc_source *source)
{
	uint32_t index = 0;

	while (index < IPC_SOURCE_COUNT && ipc_sources[index] != source)
		index++;
	return index;
}

static int compare(const void *a, const void *b)
{
	const struct ipc_object *left = a, *right = b;
	uint32_t left_kind = source_index(left->source), right_kind = source_index(right->source);

	if (left_kind != right_kind)
		return left_kind < right_kind ? -1 : 1;
	if (left->facts.id != right->facts.id)
		return left->facts.id < right->facts.id ? -1 : 1;
	return strcmp(left->facts.name, right->facts.name);
}

/* The walk over the processes takes facts side by side, and gives them back filled in. */
static int look_users(struct ipc_list *list)
{
	struct takt_os_ipc *facts = calloc(list->count ? list->count : 1, sizeof(*facts));

	if (facts == NULL) {
		takt_message(TAKT_ERROR, "no memory is left for %u IPC objects", list->count);
		return EXIT_FAILED;
	}
	for (uint32_t i = 0; i < list->count; i++) {
		facts[i] = list->all[i].facts;
		if (list->all[i].source->is_takts)
			facts[i].kind = TAKT_OS_IPC_SOCKET; /* whose users are asked of the domain */
	}
	takt_os_ipc_look_users(facts, list->count, "", &list->survey);
	for (uint32_t i = 0; i < list->count; i++)
		if (!list->all[i].source->is_takts)
			list->all[i].facts = facts[i];
	free(facts);
	return EXIT_OK;
}

int ipc_list_read(struct ipc_list *list, int may_hold)
{
	*list = (struct ipc_list){0};
	for (uint32_t i = 0; i < IPC_SOURCE_COUNT; i++) {
		enum takt_status status = read_source(list, ipc_sources[i]);

		if (status == TAKT_UNSUPPORTED || status == TAKT_DENIED)
			note_absence(list, ipc_sources[i], status);
		else if (status != TAKT_OK)
			return EXIT_FAILED;
	}
	if (list->count)
		qsort(list->all, list->count, sizeof(*list->all), compare);
	if (look_users(list) != EXIT_OK)
		return EXIT_FAILED;
	for (uint32_t i = 0; i < list->count; i++)
		if (list->all[i].source->judge)
			list->all[i].source->judge(&list->all[i], list, may_hold);
	return EXIT_OK;
}

void ipc_list_explain(const struct ipc_list *list)
{
	if (list->absences[0])
		takt_message(TAKT_INFO, "ipc: %s", list->absences);
	if (list->hidden_domain_count)
		takt_message(TAKT_INFO, "ipc: %u takt domains may not be looked into by this user and are left out",
			     list->hidden_domain_count);
	if (list->survey.hidden_count)
		takt_message(
			TAKT_INFO,
			"ipc: %u of %u processes may not be looked into by this user: what they alone have is not known%s",
			list->survey.hidden_count, list->survey.process_count,
			takt_os_user_id() ? "; ask as root" : "");
	if (list->survey.foreign_count)
		takt_message(
			TAKT_INFO,
			"ipc: %u processes have IPC namespaces of their own (containers): their System V objects and POSIX queues are not "
			"listed; for one of them: nsenter --target PID --ipc takt ipc list",
			list->survey.foreign_count);
}
