/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX message queues: they can be listed only where their file system is mounted. */
#include "apps/takt/ipc_object.h"

const struct ipc_source ipc_posix_queue = {
	.kind = "posix-queue",
	.about = "POSIX message queue",
	.lacks =
		"POSIX message queues are not listed: their file system is not mounted (as root: mkdir -p /dev/mqueue && "
		"mount -t mqueue none /dev/mqueue); by its name one can be removed all the same",
	.system_kind = TAKT_OS_IPC_POSIX_QUEUE,
	.judge = ipc_judge_posix,
};
