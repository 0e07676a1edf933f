/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/thread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/message.h"

#define HANDLE_STARTED 1

_Static_assert(sizeof(pthread_t) <= sizeof(uint64_t), "a thread's handle fits into one word");

void takt_os_thread_name(const char *name)
{
	char cut[TAKT_OS_THREAD_NAME_MAX];

	(void)snprintf(cut, sizeof(cut), "%s", name);
	(void)prctl(PR_SET_NAME, cut);
}

__attribute__((noinline)) void takt_os_thread_prefault_stack(void)
{
	volatile unsigned char part[TAKT_OS_STACK_PREFAULT_BYTES];
	const size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t offset = 0; offset < sizeof(part); offset += page_bytes)
		part[offset] = 0;
	part[sizeof(part) - 1] = 0;
}

static void *run_thread(void *started)
{
	struct takt_os_thread *thread = started;
	const cpu_set_t *cpus = takt_port_cpus_at_start();

	takt_os_thread_name(thread->name);
	/* Its creator may be a real-time thread that is bound to one CPU. A refusal leaves it there, which costs time only. */
	if (cpus != NULL)
		(void)sched_setaffinity(0, sizeof(*cpus), cpus);
	takt_os_thread_prefault_stack();
	thread->run(thread->argument);
	return NULL;
}

static int create(struct takt_os_thread *thread, pthread_t *handle)
{
	const struct sched_param ordinary = {.sched_priority = 0};
	pthread_attr_t attributes;
	sigset_t all;
	sigset_t before;
	int error = pthread_attr_init(&attributes);

	if (error != 0)
		return error;
	error = pthread_attr_setstacksize(&attributes, TAKT_OS_THREAD_STACK_BYTES);
	if (error == 0)
		error = pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
	if (error == 0)
		error = pthread_attr_setschedpolicy(&attributes, SCHED_OTHER);
	if (error == 0)
		error = pthread_attr_setschedparam(&attributes, &ordinary);
	if (error == 0) {
		/* Blocked here, so that no signal reaches the new thread before its first instruction. */
		(void)sigfillset(&all);
		(void)pthread_sigmask(SIG_SETMASK, &all, &before);
		error = pthread_create(handle, &attributes, run_thread, thread);
		(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	(void)pthread_attr_destroy(&attributes);
	return error;
}

enum takt_status takt_os_thread_start(struct takt_os_thread *thread, const char *name, void (*run)(void *argument),
				      void *argument)
{
	pthread_t handle;
	int error;

	TAKT_ASSERT(thread->handle[1] != HANDLE_STARTED);
	(void)snprintf(thread->name, sizeof(thread->name), "%s", name);
	thread->run = run;
	thread->argument = argument;
	error = create(thread, &handle);
	if (error != 0) {
		takt_message(TAKT_ERROR,
			     "thread '%s': cannot start it: %s; the limits are those of ulimit -u and, where memory is "
			     "locked, of ulimit -l",
			     thread->name, strerror(error));
		return error == EAGAIN || error == ENOMEM ? TAKT_NO_SPACE : TAKT_SYSTEM;
	}
	thread->handle[0] = (uintptr_t)handle; /* a number or a pointer, as the C library has it */
	thread->handle[1] = HANDLE_STARTED;
	return TAKT_OK;
}

void takt_os_thread_join(struct takt_os_thread *thread)
{
	TAKT_ASSERT(thread->handle[1] == HANDLE_STARTED);
	TAKT_ASSERT(pthread_join((pthread_t)(uintptr_t)thread->handle[0], NULL) == 0);
	thread->handle[1] = 0;
}

void takt_os_thread_usage(struct takt_os_usage *usage)
{
	struct rusage counted;

	TAKT_ASSERT(getrusage(RUSAGE_THREAD, &counted) == 0);
	usage->faults_minor = (uint64_t)counted.ru_minflt;
	usage->faults_major = (uint64_t)counted.ru_majflt;
	usage->switches_voluntary = (uint64_t)counted.ru_nvcsw;
	usage->switches_involuntary = (uint64_t)counted.ru_nivcsw;
	usage->cpu_ns = ((uint64_t)counted.ru_utime.tv_sec + (uint64_t)counted.ru_stime.tv_sec) * TAKT_NS_PER_S +
			((uint64_t)counted.ru_utime.tv_usec + (uint64_t)counted.ru_stime.tv_usec) * TAKT_NS_PER_US;
}

uint32_t takt_os_cpu_count(void)
{
	const cpu_set_t *cpus = takt_port_cpus_at_start();
	const long online = sysconf(_SC_NPROCESSORS_ONLN);

	if (cpus != NULL)
		return (uint32_t)CPU_COUNT(cpus);
	return online > 0 ? (uint32_t)online : 1;
}

uint32_t takt_os_process_id(void)
{
	return (uint32_t)getpid();
}
