/* SPDX-License-Identifier: Apache-2.0 */
/* System V shared memory: the kernel counts who has it attached, and keeps who made it. */
#include "apps/takt/ipc_object.h"

static void judge(struct ipc_object *object, const struct ipc_list *list, int may_hold)
{
	const struct takt_os_ipc *facts = &object->facts;
	const struct takt_os_ipc_process *creator = &facts->processes[0];
	char text[IPC_PROCESS_BYTES];

	(void)list;
	(void)may_hold;
	if (facts->item_count) {
		ipc_process_text(&facts->holder, text);
		ipc_set_state(object, IPC_IN_USE, "%u attached%s%s%s", facts->item_count,
			      facts->holder_count ? ", one of them " : "", facts->holder_count ? text : "",
			      facts->is_marked ? "; it is removed and goes with the last" : "");
	} else if (creator->life == TAKT_OS_IPC_UNKNOWN) {
		ipc_set_state(object, IPC_IDLE, "nobody has it attached; its creator is in another PID namespace");
	} else {
		ipc_process_text(creator, text);
		ipc_set_state(object, creator->life == TAKT_OS_IPC_LIVES ? IPC_IDLE : IPC_LEFT_BEHIND,
			      "nobody has it attached; its creator: %s", text);
	}
}

const struct ipc_source ipc_sysv_memory = {
	.kind = "sysv-shm",
	.about = "System V shared memory",
	.items = "attached",
	.system_kind = TAKT_OS_IPC_SYSV_MEMORY,
	.judge = judge,
};
