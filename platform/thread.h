/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads, scheduling, memory locking, and what the kernel counted for a thread. Rights that are missing are said once per
 * process, with the line that grants them, and the program goes on without.
 */
#ifndef TAKT_PLATFORM_THREAD_H
#define TAKT_PLATFORM_THREAD_H

#include <stdint.h>

#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_OS_THREAD_NAME_MAX	     16		 /* with the terminating zero, as Linux has it */
#define TAKT_OS_THREAD_STACK_BYTES   262144	 /* 256 KiB: stack of a thread that takt starts */
#define TAKT_OS_STACK_PREFAULT_BYTES (64 * 1024) /* part of a stack that is touched before real time begins */

/* A thread that takt started. The caller's storage; zero-initialise. */
struct takt_os_thread {
	uint64_t handle[2];
	void (*run)(void *argument);
	void *argument;
	char name[TAKT_OS_THREAD_NAME_MAX];
};

/**
 * Starts a thread of ordinary priority, on the CPUs that the process had when it started, with a prefaulted stack of its own.
 * All signals are blocked in it.
 * @retval TAKT_OK  @retval TAKT_NO_SPACE  @retval TAKT_SYSTEM
 * RT: start-up only.
 */
TAKT_CHECKED enum takt_status takt_os_thread_start(struct takt_os_thread *thread, const char *name,
						   void (*run)(void *argument), void *argument);
/* Waits for its end. */
void takt_os_thread_join(struct takt_os_thread *thread);

enum takt_os_policy { TAKT_OS_POLICY_OTHER = 0, TAKT_OS_POLICY_FIFO = 1 };

/* What a real-time thread asks for. */
struct takt_os_schedule {
	enum takt_os_policy policy;
	uint32_t priority; /* 1 to 99 for FIFO, 0 for OTHER */
	uint64_t cpu_mask; /* bit i: CPU i (0 to 63); 0: wherever the process may run */
};

/**
 * Gives the calling thread its policy, priority and CPUs.
 * @retval TAKT_OK all of it  @retval TAKT_DENIED said once, with the remedy; the rest is in force
 * @retval TAKT_INVALID no such CPU or priority, with a message; the rest is in force (before DENIED where both are so)
 */
TAKT_CHECKED enum takt_status takt_os_thread_schedule(const struct takt_os_schedule *schedule);

/* Names the calling thread (cut to 15 bytes). */
void takt_os_thread_name(const char *name);

/* Touches TAKT_OS_STACK_PREFAULT_BYTES of the calling thread's stack. */
void takt_os_thread_prefault_stack(void);

/**
 * Locks all memory that the process has, and what it maps later as soon as it is touched.
 * @retval TAKT_OK  @retval TAKT_DENIED said once, with the remedy
 */
TAKT_CHECKED enum takt_status takt_os_memory_lock(void);

/* What the kernel counted for the calling thread since its start. */
struct takt_os_usage {
	uint64_t faults_minor;
	uint64_t faults_major;
	uint64_t switches_voluntary;
	uint64_t switches_involuntary;
	uint64_t cpu_ns;
};
/* RT: safe; one system call. */
void takt_os_thread_usage(struct takt_os_usage *usage);

/* The number of CPUs on which the process may run. */
uint32_t takt_os_cpu_count(void);

/* This process's number, for people; it identifies nobody. */
uint32_t takt_os_process_id(void);

/**
 * From now on SIGINT and SIGTERM request a stop instead of ending the process, where the program has not set a handler of its
 * own; SIGPIPE is ignored, so that a reader's death is a status. Core files are switched off unless `core_dumps` is 1: while one
 * is written, the dead process still holds its locks. Linux: soft RLIMIT_CORE 1, which also stops core handlers behind a pipe.
 */
void takt_os_process_prepare(int core_dumps);

/* Of this only: what is written to a pipe or socket whose other end is gone is a status from here on, and no signal. Where SIGPIPE has a
 * handler of somebody else's, that stays. Threads: any. */
void takt_os_broken_pipe_ignore(void);

/* 1 after a stop was requested by signal or by takt_os_stop_request. RT: safe. Threads: any; also in a signal handler. */
int takt_os_stop_requested(void);
void takt_os_stop_request(void);

/* 1 when a stop was requested since the last call, which takes the request back: for a supervisor, to whom a second one means
 * "hurry". A wait of a node must never meet it. Threads: any. */
int takt_os_stop_take(void);

#ifdef __cplusplus
}
#endif
#endif
