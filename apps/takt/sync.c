/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/sync.h"

#include <stdlib.h>
#include <string.h>

#include "core/type.h"
#include "platform/folder.h"
#include "platform/message.h"

#define SYNC_PREFIX "sync."

static const struct command *const commands[] = {&sync_list_command, &sync_info_command};

const struct command sync_command = {
	.name = "sync",
	.path = "takt sync",
	.usage = "COMMAND [arguments]",
	.summary = "looks at semaphores, mutexes, rwlocks, event flags and barriers",
	.children = commands,
	.child_count = sizeof(commands) / sizeof(commands[0]),
};

static void take_name(void *context, const struct takt_os_entry *entry)
{
	struct sync_list *list = context;
	const char *name = entry->name + strlen(SYNC_PREFIX);

	if (entry->kind != TAKT_OS_FILE || strncmp(entry->name, SYNC_PREFIX, strlen(SYNC_PREFIX)) != 0 ||
	    !takt_name_is_valid(name) || list->count == TAKT_SYNC_COUNT_MAX)
		return;
	memcpy(list->names[list->count++], name, strlen(name) + 1);
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(left, right);
}

int sync_list_read(struct sync_list *list, const struct takt_domain *domain)
{
	list->count = 0;
	if (takt_os_folder_each(domain->folder, take_name, list) != TAKT_OK)
		return EXIT_FAILED;
	qsort(list->names, list->count, sizeof(list->names[0]), compare_names);
	return EXIT_OK;
}
