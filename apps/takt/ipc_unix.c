/* SPDX-License-Identifier: Apache-2.0 */
/* UNIX sockets of takt's: those in the folders of domains. One without a process behind it stays as a file. */
#include "apps/takt/ipc_object.h"

#include <stdio.h>
#include <string.h>

#include "core/domain.h"
#include "platform/folder.h"

struct visit {
	const struct ipc_source *source;
	struct ipc_list *list;
};

/* Files of sockets have been added; those that a process has open are found among the kernel's. */
static struct ipc_object *find(const struct ipc_list *list, const struct ipc_source *source, const char *name)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (list->all[i].source == source && strcmp(list->all[i].facts.name, name) == 0)
			return &list->all[i];
	return NULL;
}

static void match(void *context, const struct takt_os_ipc *facts)
{
	static const char prefix[] = "/" TAKT_FOLDER_PREFIX;
	struct visit *visit = context;
	const char *root = takt_os_folder_root();
	const char *name = facts->name + strlen(root);

	if (strncmp(facts->name, root, strlen(root)) != 0 || strncmp(name, prefix, strlen(prefix)) != 0)
		return;
	struct ipc_object *object = find(visit->list, visit->source, name + strlen(prefix));
	/* Without a file nobody can reach it any more: it is its process's own then. */
	if (object)
		object->facts.holder_count = 1;
}

static enum takt_status each(const struct ipc_source *source, struct ipc_list *list)
{
	struct visit visit = {.source = source, .list = list};
	enum takt_status status = ipc_each_in_domains(source, list, TAKT_OS_SOCKET);

	if (status != TAKT_OK)
		return status;
	return takt_os_ipc_each(TAKT_OS_IPC_SOCKET, "", match, &visit);
}

static void judge(struct ipc_object *object, const struct ipc_list *list, int may_hold)
{
	char path[TAKT_OS_PATH_MAX + TAKT_OS_IPC_NAME_MAX];
	enum takt_os_ipc_use use = TAKT_OS_IPC_USED;

	(void)list;
	(void)may_hold;
	(void)snprintf(path, sizeof(path), "%s/" TAKT_FOLDER_PREFIX "%s", takt_os_folder_root(), object->facts.name);
	/* The kernel's table passes over some sockets when others go while it is read. */
	if (object->facts.holder_count == 0)
		use = takt_os_ipc_ask_socket(path);
	if (use == TAKT_OS_IPC_USED)
		ipc_set_state(object, IPC_IN_USE, "a process has the socket open");
	else if (use == TAKT_OS_IPC_FREE)
		ipc_set_state(object, IPC_LEFT_BEHIND, "no process has the socket open");
	else
		ipc_set_state(object, IPC_UNKNOWN, "this user may not ask whether a process has the socket open");
}

const struct ipc_source ipc_unix = {
	.kind = "unix",
	.about = "UNIX socket of takt's",
	.lacks = "this kernel lists no UNIX sockets (there is no /proc/net/unix)",
	.system_kind = TAKT_OS_IPC_SOCKET,
	.is_takts = 1,
	.each = each,
	.judge = judge,
};
