/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For C libraries without sem_clockwait (musl): sem_timedwait knows the wall clock only, which somebody may set. So CLOCK_MONOTONIC alone
 * decides whether the time has come, and the wall clock only carries the rest of it into the library.
 *
 * A clock that is set forward ends a sleep early, which costs one more look. Set back while a thread sleeps it changes nothing with
 * musl, whose sem_timedwait reads the wall clock once and sleeps for a span. What remains is a clock set back between our reading of it
 * and the library's, two neighbouring calls: that sleep is longer by the step unless a post ends it. takt's own semaphore
 * (TAKT_SEM=futex, the default) has no such gap.
 */
#include "platform/linux/port.h"

#include "platform/linux/sem_wait.h"

#include <errno.h>

#include "platform/clock.h"

/* The longest sleep that is asked for at once: sums stay in range. */
#define DAY_NS (UINT64_C(86400) * TAKT_NS_PER_S)

static struct timespec wall_after(uint64_t left_ns)
{
	return takt_port_timespec(takt_os_clock_wall_ns() + (left_ns < DAY_NS ? left_ns : DAY_NS));
}

int takt_port_sem_wait(sem_t *sem, uint64_t deadline_ns)
{
	for (;;) {
		const uint64_t now_ns = takt_os_clock_now_ns();
		struct timespec end;

		if (now_ns >= deadline_ns)
			return sem_trywait(sem) == 0 ? 0 : errno == EAGAIN ? ETIMEDOUT : errno;
		end = wall_after(deadline_ns - now_ns);
		if (sem_timedwait(sem, &end) == 0)
			return 0;
		if (errno != ETIMEDOUT)
			return errno;
	}
}
