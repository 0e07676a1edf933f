/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/domain_choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/messages.h"
#include "apps/takt/options.h"
#include "core/layout.h"
#include "core/text.h"
#include "core/type.h"
#include "platform/folder.h"
#include "platform/message.h"

#define NAMES_BYTES 512

static void visit(void *context, const struct takt_os_entry *entry)
{
	struct domain_list *list = context;
	const char *name = entry->name + strlen(TAKT_FOLDER_PREFIX);

	if (entry->kind != TAKT_OS_FOLDER ||
	    strncmp(entry->name, TAKT_FOLDER_PREFIX, strlen(TAKT_FOLDER_PREFIX)) != 0 || !takt_name_is_valid(name) ||
	    list->count == DOMAIN_LIST_MAX)
		return;
	(void)snprintf(list->names[list->count++], TAKT_NAME_BYTES, "%s", name);
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

int domain_list_read(struct domain_list *list)
{
	int root;

	list->count = 0;
	if (takt_os_folder_open_root(&root) != TAKT_OK)
		return EXIT_FAILED;
	enum takt_status status = takt_os_folder_each(root, visit, list);
	takt_os_folder_close(&root);
	qsort(list->names, list->count, sizeof(list->names[0]), compare);
	return status == TAKT_OK ? EXIT_OK : EXIT_FAILED;
}

int domain_exists(const char *name)
{
	struct takt_domain names;

	if (!takt_name_is_valid(name))
		return 0;
	takt_domain_set_names(&names, name);
	/* There, whoever may open it: that is for the one who opens it to say. */
	return takt_os_folder_exists(names.folder_name);
}

/* "a, b, c", as far as it fits. */
static void add_name(char names[NAMES_BYTES], const char *name)
{
	size_t used = strlen(names);

	(void)snprintf(names + used, NAMES_BYTES - used, "%s%.*s", used ? ", " : "", TAKT_NAME_BYTES - 1, name);
}

/* ------------------------------------------------------------------------------------------------------ choice */

/* Asks a domain that nobody named, so nobody wants to hear what is wrong with it. */
static int lives(const char *name)
{
	struct takt_domain domain;

	messages_silence();
	enum takt_status status = takt_domain_attach(&domain, name);
	messages_escape();
	if (status != TAKT_OK)
		return 0;
	int living = domain_living_count(&domain) > 0;
	takt_domain_close(&domain);
	return living;
}

static int choose_living(const struct domain_list *list, char name[TAKT_NAME_BYTES])
{
	char names[NAMES_BYTES] = "";
	const char *found = NULL;
	uint32_t living_count = 0;

	for (uint32_t i = 0; i < list->count; i++) {
		char shown[TAKT_NAME_BYTES + 16];
		int is_living = lives(list->names[i]);

		(void)snprintf(shown, sizeof(shown), "%s%s", list->names[i], is_living ? "" : " (dead)");
		add_name(names, shown);
		if (is_living) {
			found = list->names[i];
			living_count++;
		}
	}
	if (living_count == 1) {
		(void)snprintf(name, TAKT_NAME_BYTES, "%s", found);
		return EXIT_OK;
	}
	takt_message(TAKT_ERROR,
		     "several domains are on this machine: %s; say which: --domain NAME, or set TAKT_DOMAIN", names);
	return EXIT_FAILED;
}

int domain_choose(const char *given, char name[TAKT_NAME_BYTES])
{
	static struct domain_list list;
	const char *wanted = given ? given : getenv("TAKT_DOMAIN");

	if (wanted && *wanted) {
		if (!takt_name_is_valid(wanted)) {
			takt_message(TAKT_ERROR,
				     "'%.40s' is no name of a domain: 1 to %d of a-z, 0-9 and _, a letter first",
				     wanted, TAKT_NAME_BYTES - 1);
			return EXIT_FAILED;
		}
		(void)snprintf(name, TAKT_NAME_BYTES, "%s", wanted);
		return EXIT_OK;
	}
	if (domain_list_read(&list) != EXIT_OK)
		return EXIT_FAILED;
	if (list.count == 0) {
		takt_message(TAKT_ERROR, "no domain is on this machine (looked in %s); start one: takt run CONFIG",
			     takt_os_folder_root());
		return EXIT_FAILED;
	}
	if (list.count > 1)
		return choose_living(&list, name);
	(void)snprintf(name, TAKT_NAME_BYTES, "%s", list.names[0]);
	return EXIT_OK;
}

static void say_absent(const char *name)
{
	static struct domain_list list;
	struct takt_text_nearest nearest = {.word = name};
	char names[NAMES_BYTES] = "";

	if (domain_list_read(&list) != EXIT_OK)
		return;
	for (uint32_t i = 0; i < list.count; i++) {
		takt_text_nearest_offer(&nearest, list.names[i]);
		add_name(names, list.names[i]);
	}
	if (nearest.found)
		takt_message(TAKT_ERROR, "there is no domain '%s' in %s; did you mean '%s'? There are: %s", name,
			     takt_os_folder_root(), nearest.found, names);
	else
		takt_message(TAKT_ERROR, "there is no domain '%s' in %s; there are: %s", name, takt_os_folder_root(),
			     list.count ? names : "none; start one: takt run CONFIG");
}

int domain_attach(const char *given, struct takt_domain *domain)
{
	char name[TAKT_NAME_BYTES];
	enum takt_status status;

	if (domain_choose(given, name) != EXIT_OK)
		return EXIT_FAILED;
	if (!domain_exists(name)) {
		say_absent(name);
		return EXIT_FAILED;
	}
	status = takt_domain_attach(domain, name);
	if (status == TAKT_ABSENT || status == TAKT_NOT_READY)
		takt_message(
			TAKT_ERROR,
			"domain '%s' has a folder and no roster: it is being made or was left half removed; try again, "
			"or run: takt clean %s",
			name, name);
	return status == TAKT_OK ? EXIT_OK : EXIT_FAILED;
}

/* -------------------------------------------------------------------------------------------------- its contents */

uint32_t domain_living_count(const struct takt_domain *domain)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < domain->node_count; i++) {
		/* Relaxed: whether the token lives is the kernel's to say. */
		uint64_t token = atomic_load_explicit(&takt_domain_node(domain, i)->token, memory_order_relaxed);

		count += takt_domain_ask(domain, token) == TAKT_OS_ALIVE;
	}
	return count;
}

static struct domain_name copy_name(const char *shared)
{
	struct domain_name name;

	memcpy(name.text, shared, sizeof(name.text));
	name.text[sizeof(name.text) - 1] = '\0';
	return name;
}

struct domain_name domain_topic_name(const struct takt_domain *domain, uint32_t topic_index)
{
	return copy_name(takt_domain_topic(domain, topic_index)->name);
}

struct domain_name domain_queue_name(const struct takt_domain *domain, uint32_t queue_index)
{
	return copy_name(takt_domain_queue(domain, queue_index)->name);
}

struct domain_name domain_node_name(const struct takt_domain *domain, uint32_t node_index)
{
	return copy_name(takt_domain_node(domain, node_index)->name);
}

static int say_missing(const struct takt_domain *domain, const char *noun, const char *word, uint32_t count,
		       struct domain_name (*name_of)(const struct takt_domain *, uint32_t))
{
	static struct domain_name all[TAKT_TOPIC_COUNT_MAX];
	struct takt_text_nearest nearest = {.word = word};
	char names[NAMES_BYTES] = "";

	for (uint32_t i = 0; i < count; i++) {
		all[i] = name_of(domain, i);
		takt_text_nearest_offer(&nearest, all[i].text);
		add_name(names, all[i].text);
	}
	if (nearest.found)
		takt_message(TAKT_ERROR, "domain '%s' has no %s '%.40s'; did you mean '%s'? There are: %s",
			     domain->name, noun, word, nearest.found, names);
	else
		takt_message(TAKT_ERROR, "domain '%s' has no %s '%.40s'; there are: %s", domain->name, noun, word,
			     count ? names : "none");
	return EXIT_FAILED;
}

int domain_no_topic(const struct takt_domain *domain, const char *topic)
{
	if (takt_domain_queue_find(domain, topic) != UINT32_MAX) {
		takt_message(TAKT_ERROR, "'%s' of domain '%s' is a queue and no topic; see: takt queue info %s", topic,
			     domain->name, topic);
		return EXIT_FAILED;
	}
	return say_missing(domain, "topic", topic, domain->topic_count, domain_topic_name);
}

int domain_no_queue(const struct takt_domain *domain, const char *queue)
{
	return say_missing(domain, "queue", queue, domain->queue_count, domain_queue_name);
}

int domain_no_node(const struct takt_domain *domain, const char *node)
{
	return say_missing(domain, "node", node, domain->node_count, domain_node_name);
}
