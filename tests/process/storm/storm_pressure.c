/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pressure on clocks and processors, without touching the machine's own clock:
 *
 *	herds		processes that wake ten thousand times a second, work a little and sleep again, at nice 10
 *	shakes		another nice value, policy (idle, batch, ordinary) or processor for a process in the middle of its work
 *	rough clock	the program is linked so that its readings of the clock come through here: one in some thousands is delayed, before
 *			or behind, by up to 300 us, which is what a preemption just there does; and the wall clock jumps by years at
 *			each reading, so whatever waited by it, or compared with it, would go wrong at once
 *
 * Every sleep comes through here too: one that is relative, or by another clock than the monotonic one, is counted.
 */
#include "tests/process/storm/storm.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HERD_COUNT	 2u
#define HERD_NICE	 10
#define HERD_SLEEP_NS	 100000u
#define HERD_WORK_ROUNDS 20000u
#define DELAY_ONE_IN	 8192u
#define DELAY_NS_MAX	 300000u
#define JUMP_S_MAX	 (UINT64_C(20) * 365 * 86400)

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __real_clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *rest);
int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *rest);

static pid_t herds[HERD_COUNT];

static uint64_t roll(void)
{
	static _Thread_local uint64_t state;

	if (state == 0)
		state = (uint64_t)getpid() << 20 | 1;
	return storm_random(&state);
}

static void delay(void)
{
	const struct timespec span = {0, (long)(roll() % DELAY_NS_MAX)};

	(void)__real_clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL);
	atomic_fetch_add_explicit(&storm_page->clock_delays, 1, memory_order_relaxed);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	if (storm_page == NULL || !atomic_load_explicit(&storm_page->clock_is_rough, memory_order_relaxed))
		return __real_clock_gettime(clock, now);
	const uint64_t dice = roll();
	if (dice % DELAY_ONE_IN == 0)
		delay();
	const int result = __real_clock_gettime(clock, now);
	if (dice % DELAY_ONE_IN == 1)
		delay();
	if (clock == CLOCK_REALTIME) {
		now->tv_sec += (time_t)(roll() % (2 * JUMP_S_MAX)) - (time_t)JUMP_S_MAX;
		atomic_fetch_add_explicit(&storm_page->wall_readings, 1, memory_order_relaxed);
	}
	return result;
}

int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *rest)
{
	if (storm_page != NULL && (clock != CLOCK_MONOTONIC || flags != TIMER_ABSTIME))
		atomic_fetch_add_explicit(&storm_page->wrong_sleeps, 1, memory_order_relaxed);
	return __real_clock_nanosleep(clock, flags, until, rest);
}

/* -------------------------------------------------------------------------------------------------------- herds */

static void run_herd(uint64_t random)
{
	volatile uint64_t work = 0;

	/* The storm may be killed itself; its herds must not outlive it. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setpriority(PRIO_PROCESS, 0, HERD_NICE);
	(void)prctl(PR_SET_TIMERSLACK, 1UL);
	for (;;) {
		const struct timespec span = {0, (long)(storm_random(&random) % HERD_SLEEP_NS)};
		(void)__real_clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL);
		for (uint64_t i = storm_random(&random) % HERD_WORK_ROUNDS; i != 0; i--)
			work = work + i;
	}
}

void storm_pressure_start(uint64_t seed)
{
	for (uint32_t i = 0; i < HERD_COUNT; i++) {
		herds[i] = fork();
		if (herds[i] == 0)
			run_herd((seed + i) | 1);
	}
	atomic_store(&storm_page->clock_is_rough, 1);
}

void storm_pressure_stop(void)
{
	atomic_store(&storm_page->clock_is_rough, 0);
	for (uint32_t i = 0; i < HERD_COUNT; i++) {
		if (herds[i] <= 0)
			continue;
		(void)kill(herds[i], SIGKILL);
		(void)waitpid(herds[i], NULL, 0);
	}
}

/* ------------------------------------------------------------------------------------------------------- shakes */

static void set_cpus(pid_t process, uint64_t cpu)
{
	cpu_set_t all, one;

	if (sched_getaffinity(0, sizeof(all), &all) != 0)
		return;
	CPU_ZERO(&one);
	CPU_SET(cpu % 1024, &one);
	/* One of ours, or any. */
	(void)sched_setaffinity(process, sizeof(all), cpu < 1024 && CPU_ISSET((size_t)cpu, &all) ? &one : &all);
}

void storm_shake(pid_t process, uint64_t *random)
{
	static const int policies[] = {SCHED_IDLE, SCHED_BATCH, SCHED_OTHER};
	const struct sched_param none = {0};

	switch (storm_random(random) % 3) {
	case 0:
		(void)setpriority(PRIO_PROCESS, (id_t)process, (int)(storm_random(random) % 20));
		break;
	case 1:
		(void)sched_setscheduler(process, policies[storm_random(random) % 3], &none);
		break;
	default:
		set_cpus(process, storm_random(random) % 4);
		break;
	}
}

/* As it was: for those that have to end. */
void storm_shake_end(pid_t process)
{
	const struct sched_param none = {0};

	(void)sched_setscheduler(process, SCHED_OTHER, &none);
	(void)setpriority(PRIO_PROCESS, (id_t)process, 0);
	set_cpus(process, 1024);
}
