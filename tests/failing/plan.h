/* SPDX-License-Identifier: Apache-2.0 */
/* What is to fail, and what was called: in memory that the harness shares with the process that runs the scenario. */
#ifndef TAKT_TEST_FAILING_PLAN_H
#define TAKT_TEST_FAILING_PLAN_H

#include <stdatomic.h>
#include <stdint.h>

/* functions.inc is made of functions.txt: FUNCTION(name, is_odd, errors...). Errors are positive, statuses negative. */
enum function {
#define FUNCTION(name, is_odd, ...) FN_##name,
#include "functions.inc"
#undef FUNCTION
	FUNCTION_COUNT
};

#define ERROR_COUNT_MAX	 12
#define FAULT_COUNT_MAX	 2
#define STORM_LENGTH	 200u /* longer than every bounded retry of the platform */
#define STORM_PAUSE_NS	 20000
#define FAULT_TEXT_BYTES 96

struct entry {
	const char *name;
	int is_odd;
	int errors[ERROR_COUNT_MAX]; /* 0 behind the last */
};
extern const struct entry functions[FUNCTION_COUNT];

/* Who calls: the n-th call is counted for each by itself, since only so it is the same call in every run. */
enum role { ROLE_MAIN = 0, ROLE_THREAD = 1, ROLE_CHILD = 2, ROLE_COUNT = 3 };

enum fault_kind {
	FAULT_ONCE,
	FAULT_STORM, /* this function fails STORM_LENGTH times */
	FAULT_LASTS  /* from here on all functions that know the error fail with it: a resource is used up */
};

struct fault {
	enum fault_kind kind;
	enum role role;
	enum function function;
	uint32_t index; /* 0: the first call */
	int error;
};

struct counts {
	_Atomic uint32_t calls[ROLE_COUNT][FUNCTION_COUNT];
};

struct plan {
	struct fault faults[FAULT_COUNT_MAX];
	uint32_t fault_count;
	_Atomic uint32_t hits[FAULT_COUNT_MAX];
	_Atomic uint32_t removal_failed; /* 1: something could not be removed, and may be left */
	struct counts counts;
};

/* NULL until the harness has mapped it. */
extern struct plan *plan;

/* From arm to disarm calls are counted and fail. Threads: the process's first one. */
void plan_arm(void);
void plan_disarm(void);
int plan_is_armed(void);
void plan_become(enum role role);

/* Counts this call. @retval 0 it may go on; else what it fails with: an errno, or a status (negative) */
int plan_next(enum function function);

uint32_t plan_hits(void);
/* "main: 3rd openat64 fails with EMFILE", for a person. */
void plan_fault_text(const struct fault *fault, char text[FAULT_TEXT_BYTES]);

#endif
