/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child that is stopped at a chosen instruction. It calls step_mark before what is to be tested, again and again; the test lets it go
 * on for so many instructions, does something meanwhile, and sets it free until the next mark.
 */
#ifndef TAKT_TEST_CORE_STEPPER_H
#define TAKT_TEST_CORE_STEPPER_H

#include "tests/unit/platform/support.h"

#include <sys/ptrace.h>

enum step_place { STEP_STOPPED, STEP_ASLEEP, STEP_ENDED };

/* In the child, once. It dies with its parent. 0 where this is not permitted. */
static inline int step_begin(void)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

/* In the child. */
static inline void step_mark(void)
{
	(void)raise(SIGSTOP);
}

/* Parent and child take turns, so they are quickest on one CPU. */
static inline void step_share_a_cpu(pid_t child)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((unsigned)sched_getcpu(), &one);
	(void)sched_setaffinity(child, sizeof(one), &one);
	(void)sched_setaffinity(0, sizeof(one), &one);
}

static inline char step_state(pid_t child)
{
	char path[64], text[256] = "";
	int file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)child);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return 'X';
	ssize_t got = read(file, text, sizeof(text) - 1);
	(void)close(file);
	const char *end = got > 0 ? strrchr(text, ')') : NULL;
	return end ? end[2] : 'X';
}

/* Waits until the child has stopped, ended, or gone to sleep in a system call. */
static inline enum step_place step_wait(pid_t child, int *how)
{
	for (;;) {
		pid_t seen = waitpid(child, how, WNOHANG);

		if (seen == child)
			return WIFSTOPPED(*how) ? STEP_STOPPED : STEP_ENDED;
		if (seen < 0)
			return STEP_ENDED;
		if (step_state(child) == 'S' && waitpid(child, how, WNOHANG) == 0 && step_state(child) == 'S')
			return STEP_ASLEEP;
		(void)sched_yield();
	}
}

/* From a mark on, so many instructions. */
static inline enum step_place step_on(pid_t child, uint32_t count)
{
	enum step_place place = STEP_STOPPED;
	int how;

	for (uint32_t i = 0; i < count && place == STEP_STOPPED; i++) {
		if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0)
			return STEP_ENDED;
		place = step_wait(child, &how);
	}
	return place;
}

/* Sets it free until its next mark. 0 when it ended instead. */
static inline int step_to_mark(pid_t child, enum step_place place)
{
	int how = 0;

	if (place == STEP_STOPPED && ptrace(PTRACE_CONT, child, NULL, NULL) != 0)
		return 0;
	while (waitpid(child, &how, 0) == child && WIFSTOPPED(how)) {
		if (WSTOPSIG(how) == SIGSTOP)
			return 1;
		if (ptrace(PTRACE_CONT, child, NULL, NULL) != 0)
			return 0;
	}
	return 0;
}

#endif
