/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/ipc_select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/domain_choice.h"
#include "apps/takt/escape.h"
#include "apps/takt/options.h"
#include "core/text.h"
#include "core/type.h"
#include "platform/message.h"

#define NAMES_BYTES 512
#define SEE	    "see: takt ipc list"

enum wanted { WANTED_ID, WANTED_KEY, WANTED_NAME, WANTED_DOMAIN };

struct query {
	const char *word;
	const struct ipc_source *source; /* NULL: any kind */
	enum wanted wanted;
	uint32_t number;
	char name[TAKT_OS_IPC_NAME_MAX];
};

static int is_sysv_source(const struct ipc_source *source)
{
	return !source->is_takts && source->system_kind <= TAKT_OS_IPC_SYSV_SEM;
}

int ipc_is_same(const struct ipc_object *left, const struct ipc_object *right)
{
	return left->source == right->source && left->facts.id == right->facts.id &&
	       left->facts.key == right->facts.key && left->facts.device == right->facts.device &&
	       left->facts.inode == right->facts.inode && left->facts.creator == right->facts.creator &&
	       strcmp(left->facts.name, right->facts.name) == 0;
}

/* --------------------------------------------------------------------------------------------------------- reading */

static int no_kind(const char *word, size_t length)
{
	char kind[32], names[NAMES_BYTES] = "";
	struct takt_text_nearest nearest = {.word = kind};
	size_t used = 0;

	(void)snprintf(kind, sizeof(kind), "%.*s", (int)length, word);
	for (uint32_t i = 0; i < IPC_SOURCE_COUNT; i++) {
		takt_text_nearest_offer(&nearest, ipc_sources[i]->kind);
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
					 ipc_sources[i]->kind);
	}
	if (nearest.found)
		takt_message(TAKT_ERROR, "'%.80s': '%s' is no kind of IPC object; did you mean '%s'? There are: %s",
			     word, kind, nearest.found, names);
	else
		takt_message(TAKT_ERROR, "'%.80s': '%s' is no kind of IPC object; there are: %s", word, kind, names);
	return EXIT_FAILED;
}

/* "sysv-queue:" in front. @param rest what follows it, or all */
static int read_kind(struct query *query, const char **rest)
{
	size_t length = strcspn(query->word, ":/");

	*rest = query->word;
	if (query->word[length] != ':')
		return EXIT_OK;
	for (uint32_t i = 0; i < IPC_SOURCE_COUNT; i++)
		if (strlen(ipc_sources[i]->kind) == length && strncmp(ipc_sources[i]->kind, query->word, length) == 0)
			query->source = ipc_sources[i];
	if (query->source == NULL)
		return no_kind(query->word, length);
	*rest = query->word + length + 1;
	return EXIT_OK;
}

/* A whole number of 32 bits. @retval 1 it is one */
static int read_number(const char *text, int base, uint32_t *number)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	size_t length = base == 10 ? strspn(text, "0123456789") : strspn(text, digits);
	unsigned long long read;

	if (length == 0 || text[length] != '\0' || length > 10)
		return 0;
	read = strtoull(text, NULL, base);
	*number = (uint32_t)read;
	return read <= UINT32_MAX;
}

static int read_sysv(struct query *query, const char *rest)
{
	int is_key = rest[0] == '0' && (rest[1] == 'x' || rest[1] == 'X');

	query->wanted = is_key ? WANTED_KEY : WANTED_ID;
	if (!read_number(is_key ? rest + 2 : rest, is_key ? 16 : 10, &query->number)) {
		takt_message(TAKT_ERROR, "'%.80s' names no System V object: write its id (5), or its key (0x4d2); " SEE,
			     query->word);
		return EXIT_FAILED;
	}
	if (is_key && query->number == 0) {
		takt_message(TAKT_ERROR, "'%.80s': key 0 is that of every private object: name it by its id; " SEE,
			     query->word);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int read_name(struct query *query, const char *rest)
{
	const char *slash = rest[0] == '/' ? "" : "/";

	query->wanted = WANTED_NAME;
	if (snprintf(query->name, sizeof(query->name), "%s%s", slash, rest) < (int)sizeof(query->name) &&
	    query->name[1])
		return EXIT_OK;
	takt_message(TAKT_ERROR, "'%.80s' names no POSIX object: write a slash and its name; " SEE, query->word);
	return EXIT_FAILED;
}

static int read_domain(struct query *query, const char *rest)
{
	size_t length = strcspn(rest, "/");

	query->wanted = WANTED_DOMAIN;
	(void)snprintf(query->name, sizeof(query->name), "%.*s", (int)length, rest);
	if (rest[length] == '\0' && takt_name_is_valid(query->name))
		return EXIT_OK;
	if (takt_name_is_valid(query->name))
		takt_message(TAKT_ERROR, "'%.80s': what is takt's goes with its whole domain: takt ipc remove takt:%s",
			     query->word, query->name);
	else
		takt_message(
			TAKT_ERROR,
			"'%.80s' names nothing: write KIND:ID, an id, a key (0x4d2), a POSIX name (/frames) or a domain; " SEE,
			query->word);
	return EXIT_FAILED;
}

static int read_query(struct query *query)
{
	const char *rest;

	if (read_kind(query, &rest) != EXIT_OK)
		return EXIT_FAILED;
	if (query->source && is_sysv_source(query->source))
		return read_sysv(query, rest);
	if (query->source && query->source->is_takts)
		return read_domain(query, rest);
	if (query->source || rest[0] == '/')
		return read_name(query, rest);
	return rest[0] >= '0' && rest[0] <= '9' ? read_sysv(query, rest) : read_domain(query, rest);
}

/* --------------------------------------------------------------------------------------------------------- finding */

/* As it is, or as the list shows it. */
static int has_name(const struct ipc_object *object, const char *name)
{
	char escaped[ESCAPE_BYTES(TAKT_OS_IPC_NAME_MAX)];

	(void)escape_text(escaped, sizeof(escaped), object->facts.name, sizeof(object->facts.name));
	return strcmp(object->facts.name, name) == 0 || strcmp(escaped, name) == 0;
}

static int is_meant(const struct query *query, const struct ipc_object *object)
{
	if (query->source && query->source != object->source)
		return 0;
	if (query->wanted == WANTED_NAME)
		return !object->source->is_takts && !is_sysv_source(object->source) && has_name(object, query->name);
	if (!is_sysv_source(object->source))
		return 0;
	return query->number == (query->wanted == WANTED_ID ? object->facts.id : object->facts.key);
}

static int say_several(const struct ipc_list *list, const struct query *query)
{
	char names[NAMES_BYTES] = "", label[IPC_LABEL_BYTES];
	size_t used = 0;

	for (uint32_t i = 0; i < list->count && used < sizeof(names); i++) {
		if (!is_meant(query, &list->all[i]))
			continue;
		ipc_label(&list->all[i], label);
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "", label);
	}
	takt_message(TAKT_ERROR, "'%.80s' may be several: %s; say which, with its kind", query->word, names);
	return EXIT_FAILED;
}

static int say_none(const struct query *query)
{
	static const char *const nouns[] = {"System V object with the id", "System V object with the key",
					    "POSIX object of the name", "takt domain"};

	takt_message(TAKT_ERROR, "there is no %s%s '%.80s' here; " SEE, query->source ? query->source->kind : "",
		     query->source ? "" : nouns[query->wanted], query->word);
	return EXIT_FAILED;
}

/* One that the system has and does not list. */
static int find_unlisted_queue(struct ipc_list *list, const struct query *query, uint32_t *index)
{
	struct takt_os_ipc facts;

	if (query->wanted != WANTED_NAME || (query->source && query->source != &ipc_posix_queue) ||
	    takt_os_ipc_queue_find(&facts, query->name) != TAKT_OK)
		return say_none(query);
	struct ipc_object *object = ipc_list_add(list, &ipc_posix_queue, &facts);
	if (object == NULL)
		return EXIT_FAILED;
	object->source->judge(object, list, 1);
	*index = list->count - 1;
	return EXIT_OK;
}

/* A domain stands for all that is in it. */
static int find_domain(struct ipc_list *list, const struct query *query, uint32_t *index)
{
	struct takt_os_ipc facts = {.kind = TAKT_OS_IPC_SOCKET};
	struct ipc_object *object;

	if (!domain_exists(query->name))
		return say_none(query);
	(void)snprintf(facts.name, sizeof(facts.name), "%s", query->name);
	for (uint32_t i = 0; i < list->count; i++)
		if (list->all[i].source->is_takts && strcmp(list->all[i].facts.name, query->name) == 0) {
			*index = i;
			return EXIT_OK;
		}
	object = ipc_list_add(list, &ipc_takt, &facts);
	if (object == NULL)
		return EXIT_FAILED;
	(void)snprintf(object->domain, sizeof(object->domain), "%s", query->name);
	*index = list->count - 1;
	for (uint32_t i = 0; i < *index; i++) {
		if (list->all[i].source != &ipc_takt || strcmp(list->all[i].domain, query->name) != 0)
			continue;
		object->facts.bytes += list->all[i].facts.bytes;
		object->facts.item_count++;
		ipc_set_state(object, list->all[i].state, "%s", list->all[i].why);
	}
	return EXIT_OK;
}

int ipc_select(struct ipc_list *list, const char *word, uint32_t *index)
{
	struct query query = {.word = word};
	uint32_t found_count = 0;

	if (read_query(&query) != EXIT_OK)
		return EXIT_FAILED;
	if (query.wanted == WANTED_DOMAIN)
		return find_domain(list, &query, index);
	for (uint32_t i = 0; i < list->count; i++)
		if (is_meant(&query, &list->all[i])) {
			*index = i;
			found_count++;
		}
	if (found_count == 0)
		return find_unlisted_queue(list, &query, index);
	return found_count == 1 ? EXIT_OK : say_several(list, &query);
}
