/* SPDX-License-Identifier: Apache-2.0 */
/* System V semaphores: the kernel says who waits, and for each semaphore who operated it last. */
#include "apps/takt/ipc_object.h"

static void judge(struct ipc_object *object, const struct ipc_list *list, int may_hold)
{
	const struct takt_os_ipc *facts = &object->facts;
	const struct takt_os_ipc_process *last = &facts->processes[0];
	char text[IPC_PROCESS_BYTES];

	(void)list;
	(void)may_hold;
	ipc_process_text(last, text);
	if (facts->waiting_count)
		ipc_set_state(object, IPC_IN_USE, "%u wait%s for it", facts->waiting_count,
			      facts->waiting_count == 1 ? "s" : "");
	else if (last->life == TAKT_OS_IPC_LIVES)
		ipc_set_state(object, IPC_IN_USE, "whoever operated it last lives: %s", text);
	else if (facts->is_unsure)
		ipc_set_state(object, IPC_UNKNOWN, "its mode does not let this user ask who waits for it; ask as root");
	else if (last->life == TAKT_OS_IPC_UNKNOWN && last->wall_s)
		ipc_set_state(object, IPC_UNKNOWN, "whoever operated it last is in another PID namespace");
	else if (last->life == TAKT_OS_IPC_UNKNOWN)
		ipc_set_state(object, IPC_IDLE, "nobody has operated it yet");
	else
		ipc_set_state(object, IPC_LEFT_BEHIND, "nobody waits for it; whoever operated it last: %s", text);
}

const struct ipc_source ipc_sysv_sem = {
	.kind = "sysv-sem",
	.about = "System V semaphores",
	.items = "semaphores",
	.system_kind = TAKT_OS_IPC_SYSV_SEM,
	.judge = judge,
};
