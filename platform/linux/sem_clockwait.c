/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/linux/sem_wait.h"

#include <errno.h>

int takt_port_sem_wait(sem_t *sem, uint64_t deadline_ns)
{
	const struct timespec deadline = takt_port_timespec(deadline_ns);

	return sem_clockwait(sem, CLOCK_MONOTONIC, &deadline) == 0 ? 0 : errno;
}
