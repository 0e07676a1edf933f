/* SPDX-License-Identifier: Apache-2.0 */
/* System V message queues. The kernel does not keep who made one, but who sent and received last. */
#include "apps/takt/ipc_object.h"

static const char *const doings[] = {"sender", "receiver"};

/* One of the two that are known. @retval 1 it decides */
static int judge_process(struct ipc_object *object, uint32_t index)
{
	const struct takt_os_ipc_process *process = &object->facts.processes[index];
	char text[IPC_PROCESS_BYTES];

	if (process->life == TAKT_OS_IPC_LIVES) {
		ipc_process_text(process, text);
		ipc_set_state(object, IPC_IN_USE, "its last %s lives: %s", doings[index], text);
		return 1;
	}
	if (process->life == TAKT_OS_IPC_UNKNOWN && process->wall_s != 0) {
		ipc_set_state(object, IPC_UNKNOWN, "its last %s is in another PID namespace", doings[index]);
		return 1;
	}
	return 0;
}

static void judge(struct ipc_object *object, const struct ipc_list *list, int may_hold)
{
	const struct takt_os_ipc *facts = &object->facts;
	char text[IPC_PROCESS_BYTES];

	(void)list;
	(void)may_hold;
	if (facts->waiting_count) {
		ipc_process_text(&facts->holder, text);
		ipc_set_state(object, IPC_IN_USE, "%u %s for it: %s", facts->waiting_count,
			      facts->waiting_count == 1 ? "waits" : "wait", text);
		return;
	}
	for (uint32_t i = 0; i < 2; i++)
		if (judge_process(object, i))
			return;
	if (facts->is_unsure)
		ipc_set_state(object, IPC_UNKNOWN, "a process that may use it may not be looked into; ask as root");
	else if (facts->processes[0].id == 0 && facts->processes[1].id == 0)
		ipc_set_state(object, IPC_IDLE, "nobody has sent or received yet");
	else
		ipc_set_state(object, IPC_LEFT_BEHIND, "whoever sent and received last has ended, and nobody waits");
}

const struct ipc_source ipc_sysv_queue = {
	.kind = "sysv-queue",
	.about = "System V message queue",
	.items = "messages",
	.lacks = "this kernel has no System V IPC (there is no /proc/sysvipc)",
	.system_kind = TAKT_OS_IPC_SYSV_QUEUE,
	.judge = judge,
};
