/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX shared memory, files of /dev/shm; and how all POSIX objects are judged: nobody keeps who made one, but who has it can be found. */
#include "apps/takt/ipc_object.h"
#include "platform/folder.h"

void ipc_judge_posix(struct ipc_object *object, const struct ipc_list *list, int may_hold)
{
	const struct takt_os_ipc *facts = &object->facts;
	enum takt_os_ipc_use use = TAKT_OS_IPC_UNSURE;
	uint32_t user = takt_os_user_id();
	char text[IPC_PROCESS_BYTES];

	if (facts->holder_count || facts->waiting_count) {
		ipc_process_text(facts->holder_count ? &facts->holder : &facts->processes[0], text);
		if (facts->holder_count > 1)
			ipc_set_state(object, IPC_IN_USE, "%u processes have it, one of them %s", facts->holder_count,
				      text);
		else
			ipc_set_state(object, IPC_IN_USE, "a process has it: %s", text);
		return;
	}
	if (list->survey.hidden_count == 0)
		use = TAKT_OS_IPC_FREE;
	/* Whoever opens a queue without blocking would be refused meanwhile: not for a look. */
	else if ((user == 0 || user == facts->rights.owner) && (may_hold || facts->kind != TAKT_OS_IPC_POSIX_QUEUE))
		use = takt_os_ipc_ask(facts);
	if (use == TAKT_OS_IPC_FREE)
		ipc_set_state(object, IPC_LEFT_BEHIND, "nobody has it open or mapped");
	else if (use == TAKT_OS_IPC_USED)
		ipc_set_state(object, IPC_IN_USE, "a process has it that this user does not see");
	else
		ipc_set_state(object, IPC_UNKNOWN, "%u processes may not be looked into; ask as root",
			      list->survey.hidden_count);
}

const struct ipc_source ipc_posix_memory = {
	.kind = "posix-shm",
	.about = "POSIX shared memory",
	.lacks = "there is no /dev/shm: no POSIX shared memory and no named semaphores",
	.system_kind = TAKT_OS_IPC_POSIX_MEMORY,
	.judge = ipc_judge_posix,
};
