/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/failing/plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "platform/status.h"

const struct entry functions[FUNCTION_COUNT] = {
#define FUNCTION(name, is_odd, ...) [FN_##name] = {#name, is_odd, {__VA_ARGS__}},
#include "functions.inc"
#undef FUNCTION
};

struct plan *plan;

static _Atomic int is_armed;
/* Threads that takt starts never call plan_become. */
static _Thread_local enum role role = ROLE_THREAD;

void plan_arm(void)
{
	plan_become(ROLE_MAIN);
	atomic_store_explicit(&is_armed, 1, memory_order_seq_cst);
}

void plan_disarm(void)
{
	atomic_store_explicit(&is_armed, 0, memory_order_seq_cst);
}

int plan_is_armed(void)
{
	return atomic_load_explicit(&is_armed, memory_order_seq_cst);
}

void plan_become(enum role new_role)
{
	role = new_role;
}

static int knows(enum function function, int error)
{
	for (int i = 0; i < ERROR_COUNT_MAX && functions[function].errors[i] != 0; i++)
		if (functions[function].errors[i] == error)
			return 1;
	return 0;
}

/* A storm comes at the rate of signals, not at that of a loop in this process. */
static void pause_shortly(void)
{
	struct timespec pause = {0, STORM_PAUSE_NS};

	(void)nanosleep(&pause, NULL);
}

static int is_hit(const struct fault *fault, uint32_t hits, enum function function, uint32_t index)
{
	if (fault->kind == FAULT_LASTS && hits > 0)
		return function == fault->function || (fault->error != EAGAIN && knows(function, fault->error));
	if (fault->function != function || fault->role != role)
		return 0;
	if (fault->kind == FAULT_STORM)
		return index >= fault->index && hits < STORM_LENGTH;
	return index == fault->index;
}

static int removes(enum function function)
{
	return function == FN_unlinkat || function == FN_unlink || function == FN_takt_os_folder_remove ||
	       function == FN_takt_os_folder_remove_self;
}

int plan_next(enum function function)
{
	if (plan == NULL || !plan_is_armed())
		return 0;
	const uint32_t index = atomic_fetch_add_explicit(&plan->counts.calls[role][function], 1, memory_order_seq_cst);
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		const uint32_t hits = atomic_load_explicit(&plan->hits[i], memory_order_seq_cst);
		if (!is_hit(&plan->faults[i], hits, function, index))
			continue;
		atomic_fetch_add_explicit(&plan->hits[i], 1, memory_order_seq_cst);
		if (removes(function))
			atomic_store_explicit(&plan->removal_failed, 1, memory_order_seq_cst);
		if (plan->faults[i].kind == FAULT_STORM)
			pause_shortly();
		return plan->faults[i].error;
	}
	return 0;
}

uint32_t plan_hits(void)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < plan->fault_count; i++)
		sum += atomic_load_explicit(&plan->hits[i], memory_order_seq_cst);
	return sum;
}

void plan_fault_text(const struct fault *fault, char text[FAULT_TEXT_BYTES])
{
	static const char *const roles[] = {"main", "thread", "child"};
	static const char *const kinds[] = {"once", "again and again", "and all such calls"};
	const char *error =
		fault->error < 0 ? takt_status_name((enum takt_status)fault->error) : strerrorname_np(fault->error);

	(void)snprintf(text, FAULT_TEXT_BYTES, "%s: call %u of %s fails with %s, %s", roles[fault->role],
		       fault->index + 1, functions[fault->function].name, error ? error : "?", kinds[fault->kind]);
}
