/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX named semaphores: files sem.NAME of /dev/shm, mapped by whoever has opened one. */
#include "apps/takt/ipc_object.h"

const struct ipc_source ipc_posix_sem = {
	.kind = "posix-sem",
	.about = "POSIX named semaphore",
	.system_kind = TAKT_OS_IPC_POSIX_SEM,
	.judge = ipc_judge_posix,
};
