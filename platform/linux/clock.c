/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/clock.h"

#include <errno.h>

#include "platform/message.h"
#include "platform/thread.h"

static inline uint64_t read_ns(clockid_t clock)
{
	struct timespec now;

	TAKT_ASSERT(clock_gettime(clock, &now) == 0);
	return (uint64_t)now.tv_sec * TAKT_NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t takt_os_clock_now_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

uint64_t takt_os_clock_wall_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}

uint64_t takt_os_clock_resolution_ns(void)
{
	struct timespec resolution;

	TAKT_ASSERT(clock_getres(CLOCK_MONOTONIC, &resolution) == 0);
	return (uint64_t)resolution.tv_sec * TAKT_NS_PER_S + (uint64_t)resolution.tv_nsec;
}

enum takt_status takt_os_clock_sleep_until(uint64_t deadline_ns)
{
	do {
		const struct timespec slice_end = takt_port_timespec(takt_port_slice_end_ns(deadline_ns));

		if (takt_os_stop_requested())
			return TAKT_STOPPED;
		const int error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &slice_end, NULL);
		TAKT_ASSERT(error == 0 || error == EINTR);
	} while (takt_os_clock_now_ns() < deadline_ns);
	return takt_os_stop_requested() ? TAKT_STOPPED : TAKT_OK;
}
