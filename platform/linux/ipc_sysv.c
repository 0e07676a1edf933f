/* SPDX-License-Identifier: Apache-2.0 */
/* System V: the kernel's own tables show every object of the namespace, whoever may open it. */
#include "platform/linux/port.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "platform/ipc.h"
#include "platform/linux/ipc_parts.h"
#include "platform/linux/machine_read.h"
#include "platform/message.h"

#define LINE_BYTES 512

static const char *const tables[] = {
	[TAKT_OS_IPC_SYSV_QUEUE] = "/proc/sysvipc/msg",
	[TAKT_OS_IPC_SYSV_MEMORY] = "/proc/sysvipc/shm",
	[TAKT_OS_IPC_SYSV_SEM] = "/proc/sysvipc/sem",
};

/* Who sleeps on a semaphore, and who operated it last. @retval 0 this may not be asked */
static int ask_sem(struct takt_os_ipc *object, int index, const char *root)
{
	int waiting = semctl((int)object->id, index, GETNCNT);
	int waiting_for_zero = waiting < 0 ? -1 : semctl((int)object->id, index, GETZCNT);
	int last = waiting_for_zero < 0 ? -1 : semctl((int)object->id, index, GETPID);
	struct takt_os_ipc_process process = {.id = last > 0 ? (uint32_t)last : 0, .wall_s = object->changed_wall_s};

	if (last < 0)
		return 0;
	object->waiting_count += (uint32_t)waiting + (uint32_t)waiting_for_zero;
	/* Setting a semaphore counts as operating it, and changes the array; its time of operation it leaves. */
	if (process.id == 0 || process.id == object->processes[0].id || object->processes[0].life == TAKT_OS_IPC_LIVES)
		return 1;
	takt_os_ipc_process_look(&process, root);
	object->processes[0] = process;
	return 1;
}

static void ask_sems(struct takt_os_ipc *object, const char *root)
{
	object->is_unsure = 0;
	for (uint32_t i = 0; i < object->item_count && !object->is_unsure; i++)
		object->is_unsure = !ask_sem(object, (int)i, root);
}

static void ask_processes(struct takt_os_ipc *object, const char *root)
{
	if (object->kind == TAKT_OS_IPC_SYSV_SEM && root[0] == '\0')
		ask_sems(object, root);
	else
		for (uint32_t i = 0; i < 2; i++)
			takt_os_ipc_process_look(&object->processes[i], root);
}

enum takt_status takt_port_ipc_each_sysv(enum takt_os_ipc_kind kind, const char *root, takt_os_ipc_visit visit,
					 void *context)
{
	FILE *file = takt_port_machine_open(root, tables[kind]);
	char line[LINE_BYTES];

	if (file == NULL)
		return errno == EACCES ? TAKT_DENIED : TAKT_UNSUPPORTED;
	while (fgets(line, sizeof(line), file)) {
		struct takt_os_ipc object;

		/* The first line is the table's head. */
		if (!takt_os_ipc_read_sysv(kind, line, &object))
			continue;
		ask_processes(&object, root);
		visit(context, &object);
	}
	(void)fclose(file);
	return TAKT_OK;
}

static enum takt_status refusal(const struct takt_os_ipc *object, int error)
{
	if (error == EINVAL || error == EIDRM)
		return TAKT_ABSENT;
	if (error == EPERM || error == EACCES)
		return TAKT_DENIED;
	takt_message(TAKT_ERROR, "System V object %u: cannot remove it: %s", object->id, strerror(error));
	return TAKT_SYSTEM;
}

/* What may have changed since the caller looked. */
static enum takt_status ask_again(const struct takt_os_ipc *object)
{
	struct takt_os_ipc now = *object;
	struct shmid_ds memory;

	if (object->kind == TAKT_OS_IPC_SYSV_MEMORY) {
		if (shmctl((int)object->id, IPC_STAT, &memory) != 0)
			return errno == EACCES ? TAKT_NOT_READY : refusal(object, errno);
		return memory.shm_nattch ? TAKT_BUSY : TAKT_OK;
	}
	if (object->kind != TAKT_OS_IPC_SYSV_SEM)
		return TAKT_OK;
	now.waiting_count = 0;
	ask_sems(&now, "");
	if (now.waiting_count)
		return TAKT_BUSY;
	return now.is_unsure ? TAKT_NOT_READY : TAKT_OK;
}

enum takt_status takt_port_ipc_remove_sysv(const struct takt_os_ipc *object, int is_forced)
{
	enum takt_status status = is_forced ? TAKT_OK : ask_again(object);
	int result;

	if (status != TAKT_OK)
		return status;
	if (object->kind == TAKT_OS_IPC_SYSV_QUEUE)
		result = msgctl((int)object->id, IPC_RMID, NULL);
	else if (object->kind == TAKT_OS_IPC_SYSV_MEMORY)
		result = shmctl((int)object->id, IPC_RMID, NULL);
	else
		result = semctl((int)object->id, 0, IPC_RMID);
	return result == 0 ? TAKT_OK : refusal(object, errno);
}
