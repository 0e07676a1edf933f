/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kill/between.h"

#include <stddef.h>
#include <stdint.h>

#include "platform/clock.h"
#include "platform/sem.h"
#include "platform/status.h"

enum takt_status __real_takt_os_clock_sleep_until(uint64_t deadline_ns);
enum takt_status __wrap_takt_os_clock_sleep_until(uint64_t deadline_ns);
enum takt_status __real_takt_os_sem_wait_until(struct takt_os_sem *sem, uint32_t prepared, uint64_t deadline_ns);
enum takt_status __wrap_takt_os_sem_wait_until(struct takt_os_sem *sem, uint32_t prepared, uint64_t deadline_ns);

void (*before_sleep)(void);

static void do_what_is_between(void)
{
	void (*const hook)(void) = before_sleep;

	if (hook == NULL)
		return;
	before_sleep = NULL;
	hook();
	before_sleep = hook;
}

enum takt_status __wrap_takt_os_clock_sleep_until(uint64_t deadline_ns)
{
	do_what_is_between();
	return __real_takt_os_clock_sleep_until(deadline_ns);
}

enum takt_status __wrap_takt_os_sem_wait_until(struct takt_os_sem *sem, uint32_t prepared, uint64_t deadline_ns)
{
	do_what_is_between();
	return __real_takt_os_sem_wait_until(sem, prepared, deadline_ns);
}
