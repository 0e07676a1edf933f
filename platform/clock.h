/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time. takt has one time base: nanoseconds of CLOCK_MONOTONIC in a uint64_t, the same in every process of the machine.
 * It never jumps, and it stands still while the machine is suspended. Wall-clock time is for people only.
 */
#ifndef TAKT_PLATFORM_CLOCK_H
#define TAKT_PLATFORM_CLOCK_H

#include <stdint.h>

#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_NS_PER_US UINT64_C(1000)
#define TAKT_NS_PER_MS UINT64_C(1000000)
#define TAKT_NS_PER_S  UINT64_C(1000000000)

/* The present time in ns. RT: safe; no system call where the kernel offers the vDSO. Threads: any. */
uint64_t takt_os_clock_now_ns(void);

/**
 * Sleeps until an absolute time. A signal does not end the sleep early, except the one that requests a stop.
 * @param deadline_ns CLOCK_MONOTONIC; one that has passed returns at once
 * @retval TAKT_OK the time has come  @retval TAKT_STOPPED a stop was requested before or during the sleep
 * RT: safe; one system call for each 100 ms begun, and one for each signal: a stop whose signal hit another thread, or came just
 * before the sleep, is seen after 100 ms at most. Threads: any.
 */
enum takt_status takt_os_clock_sleep_until(uint64_t deadline_ns);

/* Wall-clock time in ns since 1970, for file names and reports; never for control. Threads: any. */
uint64_t takt_os_clock_wall_ns(void);

/* The time base's own resolution in ns, as the system states it. Threads: any. */
uint64_t takt_os_clock_resolution_ns(void);

#ifdef __cplusplus
}
#endif
#endif
