/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kill/victim.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kill/machine.h"

#define STEP_COUNT_MAX	2000000u
#define SEEN_BITS	22u
#define VDSO_BYTES	0x4000u
#define BREAKPOINT_COST 3u

struct control *control;
uint64_t victim_step_count;
static pid_t victim;

static void give_up(const char *what)
{
	(void)fprintf(stderr, "kill_every: the victim %s (%s)\n", what, strerror(errno));
	if (victim > 0)
		(void)kill(victim, SIGKILL);
	exit(2);
}

const char *victim_is_impossible(void)
{
	const char *unknown = machine_is_unknown();
	int how = 0;

	if (unknown)
		return unknown;
	const pid_t child = fork();
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(1);
		(void)raise(SIGSTOP);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &how, 0) != child)
		return "this system does not let a process be made and waited for";
	const int is_stopped = WIFSTOPPED(how);
	const int is_stepped = is_stopped && ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0 &&
			       waitpid(child, &how, 0) == child && WIFSTOPPED(how) && WSTOPSIG(how) == SIGTRAP;
	if (is_stopped) {
		(void)kill(child, SIGKILL);
		(void)waitpid(child, &how, 0);
	}
	return is_stepped
		       ? NULL
		       : "this system does not let a process step through its child (ptrace); user-mode emulation never does";
}

/* The signal that stopped it; gives up when it is gone. */
static int await_stop(void)
{
	int how = 0;

	while (waitpid(victim, &how, 0) < 0)
		if (errno != EINTR)
			give_up("cannot be waited for");
	if (!WIFSTOPPED(how)) {
		(void)fprintf(stderr, "kill_every: status %#x\n", (unsigned)how);
		give_up("ended by itself");
	}
	return WSTOPSIG(how);
}

static uint64_t text_at(uint64_t address)
{
	return (uint64_t)ptrace(PTRACE_PEEKTEXT, victim, address, NULL);
}

/* Runs at full speed until the instruction at `address`. 0: the operation ended before. */
static int run_to_address(uint64_t address)
{
	const uint64_t text = text_at(address);

	if (ptrace(PTRACE_POKETEXT, victim, address, machine_with_breakpoint(text)) != 0)
		give_up("takes no breakpoint");
	if (ptrace(PTRACE_CONT, victim, NULL, NULL) != 0)
		give_up("does not run");
	if (await_stop() != SIGTRAP)
		return 0;
	if (machine_address(victim) != machine_behind_breakpoint(address))
		give_up("stopped at a strange place");
	if (ptrace(PTRACE_POKETEXT, victim, address, text) != 0)
		give_up("keeps its breakpoint");
	machine_set_address(victim, address);
	return 1;
}

void victim_start(const struct operation *operation)
{
	atomic_store(&control->is_done, 0);
	victim = fork();
	if (victim < 0)
		give_up("cannot be forked");
	if (victim == 0) {
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		if (operation->prepare)
			operation->prepare();
		(void)raise(SIGSTOP);
		operation->operate();
		atomic_store(&control->is_done, 1);
		(void)raise(SIGSTOP);
		_exit(0);
	}
	if (await_stop() != SIGSTOP)
		give_up("did not get ready");
	if (ptrace(PTRACE_SETOPTIONS, victim, NULL, (void *)PTRACE_O_EXITKILL) != 0)
		give_up("cannot be tied to the harness");
	if (operation->window_begin && !run_to_address((uint64_t)(uintptr_t)operation->window_begin))
		give_up("never came to its window");
}

/* The kernel's own text (the vDSO), where processes read the clock. */
static int is_kernel_text(uint64_t address)
{
	static uint64_t kernel_text;

	if (kernel_text == 0)
		kernel_text = getauxval(AT_SYSINFO_EHDR);
	return kernel_text != 0 && address >= kernel_text && address < kernel_text + VDSO_BYTES;
}

/* One instruction, or one system call. Reading the clock counts as one too: the kernel's text stores nothing that others see, and
 * starts again whenever the time moves on meanwhile, so a stepped one might never end. And so does an atomic access of several
 * instructions: to everybody else it is one. */
static void step(void)
{
	const uint64_t end = machine_atomic_end(machine_address(victim), text_at);

	victim_step_count++;
	if (end == UINT64_MAX)
		give_up("begins an atomic access of a shape that is not known");
	if (end != 0) {
		if (!run_to_address(end))
			give_up("never came out of an atomic access");
		return;
	}
	if (ptrace(PTRACE_SINGLESTEP, victim, NULL, NULL) != 0)
		give_up("does not step");
	if (await_stop() != SIGTRAP)
		give_up("got a signal");
	if (is_kernel_text(machine_address(victim)) && !run_to_address(machine_return_address(victim)))
		give_up("never came back from the clock");
}

static void make_room(struct trace *trace)
{
	if (trace->step_count + 2 < trace->capacity)
		return;
	trace->capacity = trace->capacity ? 2 * trace->capacity : 4096;
	trace->address = realloc(trace->address, trace->capacity * sizeof(*trace->address));
	trace->anchor = realloc(trace->anchor, trace->capacity * sizeof(*trace->anchor));
	trace->visits = realloc(trace->visits, trace->capacity * sizeof(*trace->visits));
	trace->flags = realloc(trace->flags, trace->capacity);
	if (!trace->address || !trace->anchor || !trace->visits || !trace->flags || trace->step_count > STEP_COUNT_MAX)
		give_up("has too long a window");
}

struct visits {
	uint64_t address;
	uint32_t count;
};

/* From where to step to each point: a breakpoint costs about as much as three steps, once for each visit on the way, so the cheaper of
 * stopping at the point itself and of one step more than to the point before. */
static void find_anchors(struct trace *trace)
{
	struct visits *seen = calloc((size_t)1 << SEEN_BITS, sizeof(*seen));
	uint64_t cost = 0;

	if (seen == NULL)
		give_up("has no memory for its trace");
	for (uint32_t k = 0; k <= trace->step_count; k++) {
		const uint64_t address = trace->address[k];
		uint32_t at = (uint32_t)(address * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SEEN_BITS));

		while (seen[at].address != 0 && seen[at].address != address)
			at = (at + 1) & ((1u << SEEN_BITS) - 1);
		seen[at].address = address;
		seen[at].count++;
		/* A breakpoint where it stands already is not met: the first instruction's visit does not count. */
		const uint32_t visits = seen[at].count - (address == trace->address[0]);
		const int is_anchor =
			k == 0 || (!is_kernel_text(address) && (uint64_t)visits * BREAKPOINT_COST <= cost + 1);
		trace->anchor[k] = is_anchor ? k : trace->anchor[k - 1];
		trace->visits[k] = is_anchor ? visits : trace->visits[k - 1];
		cost = is_anchor ? (uint64_t)visits * BREAKPOINT_COST : cost + 1;
	}
	free(seen);
}

void victim_record(struct trace *trace, int (*observe)(int after_call))
{
	trace->step_count = 0;
	make_room(trace);
	trace->address[0] = machine_address(victim);
	trace->flags[0] = TRACE_CHANGES;
	while (!atomic_load(&control->is_done)) {
		const int is_call = machine_is_system_call(text_at(trace->address[trace->step_count]));

		step();
		make_room(trace);
		const uint32_t k = ++trace->step_count;
		trace->address[k] = machine_address(victim);
		trace->flags[k] =
			(unsigned char)((is_call ? TRACE_IS_CALL : 0) | (observe(is_call) ? TRACE_CHANGES : 0));
	}
	find_anchors(trace);
}

void victim_run_to(const struct trace *trace, uint32_t k)
{
	const uint32_t anchor = trace->anchor[k];

	for (uint32_t visit = 0; anchor != 0 && visit < trace->visits[k]; visit++) {
		if (visit != 0)
			step();
		if (!run_to_address(trace->address[anchor]))
			return;
	}
	for (uint32_t i = anchor; i < k && !atomic_load(&control->is_done); i++)
		step();
}

void victim_run_until(int (*is_there)(void))
{
	while (!is_there()) {
		if (atomic_load(&control->is_done))
			give_up("never came to where it was to die");
		step();
	}
}

void victim_kill(void)
{
	int how = 0;

	if (kill(victim, SIGKILL) != 0)
		give_up("cannot be killed");
	/* The stop that it stood in may be reported first. */
	do {
		if (waitpid(victim, &how, 0) != victim)
			give_up("is gone already");
	} while (!WIFSIGNALED(how));
	victim = 0;
}

void trace_free(struct trace *trace)
{
	free(trace->address);
	free(trace->anchor);
	free(trace->visits);
	free(trace->flags);
	*trace = (struct trace){0};
}
