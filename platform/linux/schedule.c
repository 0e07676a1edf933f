/* SPDX-License-Identifier: Apache-2.0 */
/* The part of thread.h that gives a thread its policy, priority and CPUs. */
#include "platform/linux/port.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "platform/message.h"
#include "platform/thread.h"

/* The kernel lets the sleeps of ordinary threads end up to 50 us late unless told otherwise; 1 ns is the least it takes. */
#define TIMER_SLACK_NS 1UL

#define PRIORITY_MAX 99

static enum takt_status refused_priority(uint32_t priority, int error)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;
	char program[TAKT_OS_PATH_MAX];
	struct rlimit limit = {0, 0};

	if (!takt_port_first_time(&said))
		return TAKT_DENIED;
	(void)getrlimit(RLIMIT_RTPRIO, &limit);
	takt_port_program(program, sizeof(program));
	takt_message(TAKT_WARNING,
		     "process: cannot have real-time priority %" PRIu32 ": %s (the limit is %" PRIu64
		     "); going on at ordinary priority; permit it with: ulimit -r %" PRIu32
		     ", or: setcap cap_sys_nice+ep %s, or LimitRTPRIO=%" PRIu32
		     " in the systemd unit; where that is so already, the process's control group has no real-time "
		     "time: write 950000 into its cpu.rt_runtime_us, or move the process to the root group",
		     priority, strerror(error), (uint64_t)limit.rlim_cur, priority, program, priority);
	return TAKT_DENIED;
}

static enum takt_status set_policy(const struct takt_os_schedule *schedule)
{
	const int is_fifo = schedule->policy == TAKT_OS_POLICY_FIFO;
	const struct sched_param parameter = {.sched_priority = is_fifo ? (int)schedule->priority : 0};
	int error;

	if (is_fifo ? schedule->priority < 1 || schedule->priority > PRIORITY_MAX : schedule->priority != 0) {
		takt_message(TAKT_ERROR, "thread: priority %" PRIu32 " is out of range: expected %s; policy unchanged",
			     schedule->priority, is_fifo ? "1 to 99 for fifo" : "0 for ordinary threads");
		return TAKT_INVALID;
	}
	error = pthread_setschedparam(pthread_self(), is_fifo ? SCHED_FIFO : SCHED_OTHER, &parameter);
	return error == 0 ? TAKT_OK : refused_priority(schedule->priority, error);
}

static uint64_t first_64(const cpu_set_t *cpus)
{
	uint64_t mask = 0;

	for (unsigned cpu = 0; cpu < 64; cpu++)
		if (CPU_ISSET(cpu, cpus))
			mask |= UINT64_C(1) << cpu;
	return mask;
}

/* Asks, and compares with what the kernel gave: it passes over CPUs that do not exist or that the control group lacks. CPUs kept out of
 * ordinary scheduling (isolcpus) are given when asked for, so the mask at the start of the process is no measure. */
static enum takt_status set_cpus(uint64_t asked)
{
	cpu_set_t wanted;
	cpu_set_t given;
	uint64_t got = 0;

	CPU_ZERO(&wanted);
	for (unsigned cpu = 0; cpu < 64; cpu++)
		if ((asked >> cpu & 1) != 0)
			CPU_SET(cpu, &wanted);
	if (sched_setaffinity(0, sizeof(wanted), &wanted) == 0 && sched_getaffinity(0, sizeof(given), &given) == 0)
		got = first_64(&given);
	if (got == asked)
		return TAKT_OK;
	takt_message(
		TAKT_ERROR,
		"thread: CPUs 0x%" PRIx64 " asked for, %s 0x%" PRIx64
		" given: the others do not exist, are off line, or are not in this process's control group (cpuset)",
		asked, got == 0 ? "none of them," : "only", got);
	return TAKT_INVALID;
}

static enum takt_status set_any_cpu(void)
{
	const cpu_set_t *cpus = takt_port_cpus_at_start();

	/* A control group that shrank since then may refuse: the thread stays where it may run. */
	if (cpus != NULL)
		(void)sched_setaffinity(0, sizeof(*cpus), cpus);
	return TAKT_OK;
}

enum takt_status takt_os_thread_schedule(const struct takt_os_schedule *schedule)
{
	const enum takt_status cpus = schedule->cpu_mask != 0 ? set_cpus(schedule->cpu_mask) : set_any_cpu();
	const enum takt_status policy = set_policy(schedule);

	(void)prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
	/* The config's mistake before the system's refusal: a person can only mend the first in the config. */
	if (cpus == TAKT_INVALID || policy == TAKT_INVALID)
		return TAKT_INVALID;
	return policy;
}
