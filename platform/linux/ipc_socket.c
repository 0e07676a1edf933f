/* SPDX-License-Identifier: Apache-2.0 */
/* UNIX sockets by their names, and what is the same for all kinds. */
#include "platform/linux/port.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/ipc.h"
#include "platform/linux/ipc_parts.h"
#include "platform/linux/machine_read.h"

#define LINE_BYTES  512
#define ENTRY_BYTES 4096

enum takt_status takt_port_ipc_each_socket(const char *root, takt_os_ipc_visit visit, void *context)
{
	FILE *file = takt_port_machine_open(root, "/proc/net/unix");
	char line[LINE_BYTES];

	if (file == NULL)
		return errno == EACCES ? TAKT_DENIED : TAKT_UNSUPPORTED;
	while (fgets(line, sizeof(line), file)) {
		struct takt_os_ipc object;

		if (takt_os_ipc_read_socket(line, &object))
			visit(context, &object);
	}
	(void)fclose(file);
	return TAKT_OK;
}

enum takt_status takt_os_ipc_each(enum takt_os_ipc_kind kind, const char *root, takt_os_ipc_visit visit, void *context)
{
	if (kind <= TAKT_OS_IPC_SYSV_SEM)
		return takt_port_ipc_each_sysv(kind, root, visit, context);
	if (kind <= TAKT_OS_IPC_POSIX_QUEUE)
		return takt_port_ipc_each_posix(kind, root, visit, context);
	return takt_port_ipc_each_socket(root, visit, context);
}

enum takt_status takt_os_ipc_remove(const struct takt_os_ipc *object, int is_forced)
{
	if (object->kind <= TAKT_OS_IPC_SYSV_SEM)
		return takt_port_ipc_remove_sysv(object, is_forced);
	if (object->kind <= TAKT_OS_IPC_POSIX_QUEUE)
		return takt_port_ipc_remove_posix(object, is_forced);
	return TAKT_UNSUPPORTED;
}

void takt_os_ipc_user_name(uint32_t user, char *name, uint32_t bytes)
{
	char text[ENTRY_BYTES];
	struct passwd entry, *found = NULL;
	int error;

	do
		error = getpwuid_r(user, &entry, text, sizeof(text), &found);
	while (error == EINTR);
	if (found)
		(void)snprintf(name, bytes, "%s", found->pw_name);
	else
		(void)snprintf(name, bytes, "%u", user);
}

enum takt_os_ipc_use takt_os_ipc_ask_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	enum takt_os_ipc_use use = TAKT_OS_IPC_UNSURE;

	if (probe >= 0 &&
	    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) < (int)sizeof(address.sun_path)) {
		/* Datagram sockets notice nothing of it; others refuse because they are of another type, which says that they are there. */
		int result = connect(probe, (const struct sockaddr *)&address, sizeof(address));

		if (result == 0 || errno == EPROTOTYPE || errno == EPERM)
			use = TAKT_OS_IPC_USED;
		else if (errno == ECONNREFUSED)
			use = TAKT_OS_IPC_FREE;
	}
	takt_port_close(&probe);
	return use;
}

int takt_os_ipc_may_ask(void)
{
	return isatty(STDIN_FILENO) == 1;
}
