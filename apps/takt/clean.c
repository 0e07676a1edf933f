/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/clean.h"

#include <stdio.h>
#include <string.h>

#include "apps/takt/domain_choice.h"
#include "apps/takt/escape.h"
#include "core/domain.h"
#include "core/layout.h"
#include "core/type.h"
#include "platform/folder.h"
#include "platform/message.h"

struct clean {
	const char *domain;
	uint32_t removed_count;
	uint32_t kept_count;
	int folder; /* for asking whose an object is */
};

/* Whose an object is that may not be removed. */
static uint32_t owner_of(const struct clean *clean, const char *object)
{
	struct takt_os_entry entry;

	return takt_os_folder_look(clean->folder, object, &entry) == TAKT_OK ? entry.rights.owner : TAKT_OS_ID_ANY;
}

static void report(void *context, const char *object, enum takt_status result)
{
	struct clean *clean = context;
	char name[ESCAPE_BYTES(TAKT_OS_NAME_MAX)];

	(void)escape_text(name, sizeof(name), object, strlen(object));
	if (result == TAKT_OK) {
		clean->removed_count++;
		(void)printf("removed  %s/%s\n", clean->domain, name);
		return;
	}
	clean->kept_count++;
	if (result == TAKT_INVALID)
		(void)printf("kept     %s/%s: not takt's\n", clean->domain, name);
	else if (result == TAKT_DENIED)
		(void)printf("kept     %s/%s: may not remove it: owner is uid %u\n", clean->domain, name,
			     owner_of(clean, object));
	else
		(void)printf("kept     %s/%s: %s\n", clean->domain, name, takt_status_name(result));
}

/* "sensor, controller": the nodes that keep a domain alive. */
static void list_living(const char *domain_name, char *names, size_t names_bytes)
{
	struct takt_domain domain;
	size_t used = 0;

	names[0] = '\0';
	if (takt_domain_attach(&domain, domain_name) != TAKT_OK)
		return;
	for (uint32_t i = 0; i < domain.node_count && used < names_bytes; i++) {
		uint64_t token = atomic_load_explicit(&takt_domain_node(&domain, i)->token, memory_order_relaxed);

		if (takt_domain_ask(&domain, token) == TAKT_OS_ALIVE)
			used += (size_t)snprintf(names + used, names_bytes - used, "%s%s", used ? ", " : "",
						 domain_node_name(&domain, i).text);
	}
	takt_domain_close(&domain);
}

static int conclude(const struct clean *clean, enum takt_status status)
{
	char names[512];

	switch (status) {
	case TAKT_OK:
		(void)printf("domain '%s': %u objects removed, its folder is gone\n", clean->domain,
			     clean->removed_count);
		return EXIT_OK;
	case TAKT_BUSY:
		list_living(clean->domain, names, sizeof(names));
		(void)printf("domain '%s' lives%s%s: nothing of it was touched%s\n", clean->domain,
			     names[0] ? ": " : "", names,
			     clean->removed_count ? " but answers that nobody waits for" : "");
		return EXIT_OK;
	case TAKT_ABSENT:
		takt_message(TAKT_ERROR, "there is no domain '%s' in %s", clean->domain, takt_os_folder_root());
		return EXIT_FAILED;
	default:
		takt_message(TAKT_ERROR, "domain '%s': %u objects removed, %u kept (%s); its folder stays",
			     clean->domain, clean->removed_count, clean->kept_count, takt_status_name(status));
		return EXIT_FAILED;
	}
}

int clean_domain(const char *domain)
{
	struct clean clean = {.domain = domain, .folder = -1};
	struct takt_domain names;

	takt_domain_set_names(&names, domain);
	/* Without it the owners are not named; everything else is the core's business. */
	if (domain_exists(domain) && takt_os_folder_open(&clean.folder, names.folder_name, NULL) != TAKT_OK)
		return EXIT_FAILED;
	enum takt_status status = takt_domain_clean(domain, report, &clean);
	int code = status == TAKT_INVALID ? EXIT_FAILED : conclude(&clean, status);
	takt_os_folder_close(&clean.folder);
	return code;
}

/* Domains of which there is only a folder that a killed maker had not named yet: ".new-takt.NAME-" and a hash. */
static void add_unnamed(void *context, const struct takt_os_entry *entry)
{
	static const char prefix[] = TAKT_OS_NEW_PREFIX TAKT_FOLDER_PREFIX;
	struct domain_list *list = context;
	char name[TAKT_OS_NAME_MAX];
	char *end;

	if (strncmp(entry->name, prefix, strlen(prefix)) != 0 || list->count == DOMAIN_LIST_MAX)
		return;
	(void)snprintf(name, sizeof(name), "%s", entry->name + strlen(prefix));
	end = strrchr(name, '-');
	if (end == NULL)
		return;
	*end = '\0';
	for (uint32_t i = 0; i < list->count; i++)
		if (strcmp(list->names[i], name) == 0)
			return;
	if (takt_name_is_valid(name))
		(void)snprintf(list->names[list->count++], TAKT_NAME_BYTES, "%.*s", TAKT_NAME_BYTES - 1, name);
}

static int clean_all(void)
{
	static struct domain_list list;
	int code = domain_list_read(&list);
	int root = -1;

	if (code == EXIT_OK && takt_os_folder_open_root(&root) == TAKT_OK)
		code = takt_os_folder_each(root, add_unnamed, &list) == TAKT_OK ? EXIT_OK : EXIT_FAILED;
	takt_os_folder_close(&root);

	if (code == EXIT_OK && list.count == 0)
		(void)printf("no domain is in %s\n", takt_os_folder_root());
	for (uint32_t i = 0; i < list.count; i++)
		code |= clean_domain(list.names[i]);
	return code;
}

static int run(int argc, char **argv)
{
	struct options options;
	char name[TAKT_NAME_BYTES];
	int code = options_parse(&options, &clean_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (options.all && options.argument_count)
		return usage_error("takt clean", "--all and the name of a domain exclude each other");
	if (options.all)
		return clean_all();
	if (options.argument_count == 0)
		return domain_choose(NULL, name) == EXIT_OK ? clean_domain(name) : EXIT_FAILED;
	code = EXIT_OK;
	for (uint32_t i = 0; i < options.argument_count; i++)
		code |= clean_domain(options.arguments[i]);
	return code;
}

const struct command clean_command = {
	.name = "clean",
	.path = "takt clean",
	.usage = "[DOMAIN]... [--all]",
	.summary = "removes what dead processes left of a domain; never what lives",
	.details =
		"Without a name: the domain of TAKT_DOMAIN, else the only one there is, or that lives. A domain that lives is named\n"
		"and not touched; that is no failure. What may not be removed is named with its owner; that is one.",
	.options = OPTIONS_ALL,
	.arguments_max = DOMAIN_LIST_MAX,
	.run = run,
};
