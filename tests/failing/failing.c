/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets every call that takt makes fail, one after the other, with each of its errors, and requires that nothing is left or harmed.
 * Idea: SQLite's test_vfs, which fails the n-th system call for every n.
 *
 * A scenario first runs without failures and so tells how often each function is called. Then, for each of these calls and each
 * error in functions.txt, a process of its own runs it again with exactly that failure, gives everything back, looks at what it still
 * holds of the system, and runs the scenario once more without failures. A bystander's process lives in the domain throughout.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/clock.h"
#include "tests/failing/audit.h"
#include "tests/failing/bystander.h"
#include "tests/failing/plan.h"
#include "tests/failing/scenario.h"
#include "tests/failing/stage.h"

#define HANG_S		    30
#define LEARN_RUNS	    5
#define PATIENCE_FAILING_NS (60 * TAKT_NS_PER_MS)
#define PATIENCE_NS	    (20 * TAKT_NS_PER_S)
#define FAILURES_PRINTED    40u
/* More calls of one function than this, beside those of an undisturbed run, are a loop that turns without sleeping. */
#define CALLS_EXTRA_MAX 12000u
/* Calls that timing alone decides need not come again in the next run; these are few. */
#define MISSED_PER_HUNDRED_MAX 10u

static struct {
	int all;
	int stop_early;
	uint64_t slow_ms; /* runs that last longer are told; 0: none */
	const char *only;
	const char *function; /* NULL: each */
} options;

static struct {
	uint64_t runs;
	uint64_t missed;
	uint64_t failures;
	uint64_t pairs;
	uint64_t hits[FUNCTION_COUNT];
} totals;

static struct counts learned;

/* --------------------------------------------------------------------------------------------------- one process */

static void *share(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return memory;
}

static int removal_failed(void)
{
	return (int)atomic_load_explicit(&plan->removal_failed, memory_order_seq_cst);
}

static void run_failing(const struct scenario *scenario)
{
	patience_is_short = plan->fault_count != 0;
	patience_ns = patience_is_short ? PATIENCE_FAILING_NS : PATIENCE_NS;
	if (scenario->prepare)
		scenario->prepare();
	audit_begin();
	plan_arm();
	scenario->run();
	plan_disarm();
	audit_end();
	if (scenario->finish)
		scenario->finish();
}

/* Afterwards everything goes well, in the same process and the same folder. */
static void run_well(const struct scenario *scenario)
{
	patience_is_short = 0;
	patience_ns = PATIENCE_NS;
	if (scenario->prepare)
		scenario->prepare();
	scenario->run();
	audit_end();
	if (scenario->finish)
		scenario->finish();
}

__attribute__((noreturn)) static void be_victim(const struct scenario *scenario)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	steps_begin();
	run_failing(scenario);
	if (plan->fault_count != 0) {
		names_check(removal_failed());
		run_well(scenario);
		names_check(removal_failed());
		bystander_wait_round();
	}
	bystander_check();
	atomic_store_explicit(&verdict->is_done, 1, memory_order_seq_cst);
	_exit(0);
}

/* Waits for the victim's end, but not for ever. */
static int await(pid_t process, int *how)
{
	const struct timespec bound = {HANG_S, 0};
	sigset_t ends;

	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGCHLD);
	while (waitpid(process, how, WNOHANG) == 0) {
		if (sigtimedwait(&ends, NULL, &bound) >= 0 || errno == EINTR)
			continue;
		(void)kill(process, SIGKILL);
		(void)waitpid(process, how, 0);
		return 0;
	}
	return 1;
}

static void judge_calls(void)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		for (int i = 0; i < FUNCTION_COUNT; i++) {
			const uint32_t usual = atomic_load(&learned.calls[role][i]);
			const uint32_t now = atomic_load(&plan->counts.calls[role][i]);
			if (plan->fault_count && now > 20 * usual + CALLS_EXTRA_MAX)
				bad("%s was called %u times, %u are usual: a loop that does not sleep",
				    functions[i].name, now, usual);
		}
	}
}

/* One run in a process of its own. @retval how much went wrong */
static uint32_t run_once(const struct scenario *scenario)
{
	int how = 0;

	memset(verdict, 0, sizeof(*verdict));
	(void)fflush(NULL);
	const pid_t process = fork();
	if (process == 0)
		be_victim(scenario);
	if (process < 0) {
		perror("fork");
		exit(2);
	}
	if (!await(process, &how))
		bad("it hangs: killed after %d s", HANG_S);
	else if (WIFSIGNALED(how))
		bad("it died of %s (last step in a debugger: --fault)", strsignal(WTERMSIG(how)));
	else if (!atomic_load(&verdict->is_done))
		bad("it exited with %d", WEXITSTATUS(how));
	judge_calls();
	return atomic_load(&verdict->bad_count);
}

/* ------------------------------------------------------------------------------------------------- all failures */

static void print_failure(const struct scenario *scenario)
{
	char text[FAULT_TEXT_BYTES] = "nothing fails";
	const uint32_t count = atomic_load(&verdict->bad_count);

	if (totals.failures++ >= FAILURES_PRINTED)
		return;
	(void)printf("FAILED %s:", scenario->name);
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		plan_fault_text(&plan->faults[i], text);
		(void)printf(" [%s] --fault %d,%s,%u,%d,%d", text, plan->faults[i].role,
			     functions[plan->faults[i].function].name, plan->faults[i].index, plan->faults[i].error,
			     plan->faults[i].kind);
	}
	(void)printf("\n");
	for (uint32_t i = 0; i < count && i < BAD_COUNT_MAX; i++)
		(void)printf("  %s\n", verdict->bad[i]);
}

static void inject(const struct scenario *scenario, const struct fault *faults, uint32_t fault_count)
{
	memset(plan, 0, sizeof(*plan));
	memcpy(plan->faults, faults, fault_count * sizeof(*faults));
	plan->fault_count = fault_count;
	const uint64_t began_ns = takt_os_clock_now_ns();
	const uint32_t bad_count = run_once(scenario);
	const uint64_t span_ns = takt_os_clock_now_ns() - began_ns;
	if (options.slow_ms && span_ns > options.slow_ms * TAKT_NS_PER_MS) {
		char text[FAULT_TEXT_BYTES];
		plan_fault_text(&plan->faults[0], text);
		(void)printf("slow: %s: %s: %.1f ms\n", scenario->name, text, (double)span_ns / (double)TAKT_NS_PER_MS);
	}
	totals.runs++;
	if (bad_count)
		print_failure(scenario);
	if (bad_count || removal_failed())
		names_sweep();
	if (plan_hits() == 0)
		totals.missed++;
	for (uint32_t i = 0; i < fault_count; i++)
		if (atomic_load(&plan->hits[i]))
			totals.hits[faults[i].function]++;
	if (bad_count && options.stop_early)
		exit(1);
}

/* A message that cannot name the folder is much the same everywhere: only the long form tries it in each. */
static int is_left_out(const struct scenario *scenario, enum function function)
{
	if (options.function && strcmp(options.function, functions[function].name) != 0)
		return 1;
	if (scenario->is_platform && functions[function].errors[0] < 0)
		return 1;
	return function == FN_readlink && !options.all && totals.hits[FN_readlink] > 20;
}

/* Calls that only a failure brings about fail too: the clean-up behind it, and the second way. */
static void inject_pairs(const struct scenario *scenario, const struct fault *first)
{
	struct fault pair[2] = {*first};
	static struct counts seen;

	if (atomic_load(&plan->hits[0]) == 0)
		return;
	memcpy(&seen, &plan->counts, sizeof(seen));
	for (int i = 0; i < FUNCTION_COUNT; i++) {
		if (atomic_load(&learned.calls[first->role][i]) != 0 || is_left_out(scenario, (enum function)i))
			continue;
		for (uint32_t index = 0; index < atomic_load(&seen.calls[first->role][i]); index++) {
			for (int e = 0; e < ERROR_COUNT_MAX && functions[i].errors[e] && (e == 0 || options.all); e++) {
				pair[1] = (struct fault){FAULT_ONCE, first->role, (enum function)i, index,
							 functions[i].errors[e]};
				inject(scenario, pair, 2);
				totals.pairs++;
			}
		}
	}
}

enum error_class {
	CLASS_STATUS,
	CLASS_INTERRUPTED,
	CLASS_RIGHT,
	CLASS_ABSENT,
	CLASS_SPACE,
	CLASS_MISSING,
	CLASS_OTHER
};

static enum error_class class_of(int error)
{
	if (error < 0)
		return CLASS_STATUS;
	switch (error) {
	case EINTR:
		return CLASS_INTERRUPTED;
	case EACCES:
	case EPERM:
	case EROFS:
		return CLASS_RIGHT;
	case ENOENT:
	case ESRCH:
	case ECHILD:
		return CLASS_ABSENT;
	case ENOSPC:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
	case EDQUOT:
	case EAGAIN:
		return CLASS_SPACE;
	case ENOSYS:
	case EOPNOTSUPP:
	case EINVAL:
	case ENODEV:
		return CLASS_MISSING;
	default:
		return CLASS_OTHER;
	}
}

/* The short form takes the first error of each class. */
static int is_first_of_class(const struct entry *function, int e)
{
	const enum error_class class = class_of(function->errors[e]);

	for (int i = 0; i < e && class != CLASS_STATUS; i++)
		if (class_of(function->errors[i]) == class)
			return 0;
	return 1;
}

/* Where a failure that stays is another matter than one that happens once. */
static int comes_as_storm(enum function function, int error)
{
	return error == EINTR || function == FN_futex_wait || function == FN_futex_wake || function == FN_ppoll ||
	       function == FN_takt_os_sem_wait_until || function == FN_takt_os_pipe_wait;
}

static void inject_errors(const struct scenario *scenario, enum role role, enum function function, uint32_t index,
			  int is_edge)
{
	const struct entry *entry = &functions[function];

	for (int e = 0; e < ERROR_COUNT_MAX && entry->errors[e]; e++) {
		struct fault fault = {FAULT_ONCE, role, function, index, entry->errors[e]};
		if (!options.all && !is_first_of_class(entry, e))
			continue;
		inject(scenario, &fault, 1);
		inject_pairs(scenario, &fault);
		fault.kind = FAULT_LASTS;
		if (class_of(fault.error) == CLASS_SPACE && !comes_as_storm(function, fault.error))
			inject(scenario, &fault, 1);
		fault.kind = FAULT_STORM;
		if ((is_edge || options.all) && comes_as_storm(function, fault.error))
			inject(scenario, &fault, 1);
	}
}

static void learn(const struct scenario *scenario)
{
	memset(&learned, 0, sizeof(learned));
	for (int run = 0; run < LEARN_RUNS; run++) {
		memset(plan, 0, sizeof(*plan));
		if (run_once(scenario))
			print_failure(scenario);
		for (int role = 0; role < ROLE_COUNT; role++)
			for (int i = 0; i < FUNCTION_COUNT; i++) {
				const uint32_t count = atomic_load(&plan->counts.calls[role][i]);
				/* The least: what every run has. */
				if (run == 0 || count < atomic_load(&learned.calls[role][i]))
					atomic_store(&learned.calls[role][i], count);
			}
	}
}

static void run_scenario(const struct scenario *scenario)
{
	const uint64_t runs_before = totals.runs;
	const uint64_t began_ns = takt_os_clock_now_ns();
	uint64_t calls = 0;

	learn(scenario);
	/* What an undisturbed life leaves is what may be there. */
	names_allow();
	for (int role = 0; role < ROLE_COUNT; role++) {
		for (int i = 0; i < FUNCTION_COUNT; i++) {
			const uint32_t count =
				is_left_out(scenario, (enum function)i) ? 0 : atomic_load(&learned.calls[role][i]);
			calls += count;
			for (uint32_t index = 0; index < count; index++)
				inject_errors(scenario, (enum role)role, (enum function)i, index,
					      index == 0 || index + 1 == count);
		}
	}
	(void)printf("%-14s %5llu calls, %6llu runs with a failure, %.1f s\n", scenario->name,
		     (unsigned long long)calls, (unsigned long long)(totals.runs - runs_before),
		     (double)(takt_os_clock_now_ns() - began_ns) / (double)TAKT_NS_PER_S);
}

/* ---------------------------------------------------------------------------------------------------------- main */

static void check_coverage(void)
{
	for (int i = 0; i < FUNCTION_COUNT; i++) {
		if (functions[i].is_odd || totals.hits[i])
			continue;
		(void)printf("FAILED no scenario makes %s fail\n", functions[i].name);
		totals.failures++;
	}
	if (totals.missed * 100 > totals.runs * MISSED_PER_HUNDRED_MAX) {
		(void)printf("FAILED %llu of %llu failures did not come: the scenarios are not the same each time\n",
			     (unsigned long long)totals.missed, (unsigned long long)totals.runs);
		totals.failures++;
	}
}

static const struct scenario *scenario_at(uint32_t index)
{
	return index < node_scenario_count ? &node_scenarios[index] : &other_scenarios[index - node_scenario_count];
}

/* "role,function,index,error,kind" as a failure prints it: that one alone. */
static int run_one_fault(const char *text)
{
	struct fault fault;
	char name[64];
	int role, kind, error;

	if (options.only == NULL || sscanf(text, "%d,%63[^,],%u,%d,%d", &role, name, &fault.index, &error, &kind) != 5)
		return 2;
	for (int i = 0; i < FUNCTION_COUNT; i++)
		if (strcmp(functions[i].name, name) == 0)
			fault.function = (enum function)i;
	fault.role = (enum role)role;
	fault.kind = (enum fault_kind)kind;
	fault.error = error;
	for (uint32_t i = 0; i < node_scenario_count + other_scenario_count; i++) {
		if (strcmp(scenario_at(i)->name, options.only) != 0)
			continue;
		learn(scenario_at(i));
		names_allow();
		inject(scenario_at(i), &fault, 1);
		(void)printf("%u failures injected\n", plan_hits());
	}
	return totals.failures != 0;
}

static void run_all(void)
{
	const uint64_t began_ns = takt_os_clock_now_ns();

	for (uint32_t i = 0; i < node_scenario_count + other_scenario_count; i++)
		if (options.only ? strcmp(options.only, scenario_at(i)->name) == 0
				 : options.all || !scenario_at(i)->is_long)
			run_scenario(scenario_at(i));
	if (options.only == NULL && options.function == NULL)
		check_coverage();
	(void)printf(
		"failing: %llu runs with a failure (%llu of them with two; %llu did not come), %llu failures, %.0f s; "
		"the bystander made %llu rounds, its longest publish took %.2f ms\n",
		(unsigned long long)totals.runs, (unsigned long long)totals.pairs, (unsigned long long)totals.missed,
		(unsigned long long)totals.failures,
		(double)(takt_os_clock_now_ns() - began_ns) / (double)TAKT_NS_PER_S,
		(unsigned long long)atomic_load(&bystander->beat_count),
		(double)atomic_load(&bystander->publish_ns_max) / (double)TAKT_NS_PER_MS);
	if (totals.runs == 0)
		totals.failures++;
}

static const char *parse_options(int argc, char **argv)
{
	static const struct option known[] = {{"all", no_argument, NULL, 'a'},
					      {"only", required_argument, NULL, 'o'},
					      {"stop-early", no_argument, NULL, 's'},
					      {"function", required_argument, NULL, 'n'},
					      {"slow", required_argument, NULL, 'w'},
					      {"fault", required_argument, NULL, 'f'},
					      {0}};
	const char *fault = NULL;

	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		if (option == 'a')
			options.all = 1;
		else if (option == 'o')
			options.only = optarg;
		else if (option == 's')
			options.stop_early = 1;
		else if (option == 'n')
			options.function = optarg;
		else if (option == 'w')
			options.slow_ms = strtoul(optarg, NULL, 10);
		else if (option == 'f')
			fault = optarg;
		else
			exit(2);
	}
	return fault;
}

int main(int argc, char **argv)
{
	const char *fault = parse_options(argc, argv);
	sigset_t ends;
	int code;

	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	plan = share(sizeof(*plan));
	verdict = share(sizeof(*verdict));
	bystander = share(sizeof(*bystander));
	stage_begin();
	(void)atexit(stage_end);
	if (!bystander_start()) {
		(void)printf("FAILED the bystander does not start\n");
		return 2;
	}
	if (fault) {
		code = run_one_fault(fault);
	} else {
		run_all();
		code = totals.failures != 0;
	}
	if (!bystander_stop()) {
		(void)printf("FAILED the bystander did not end well\n");
		code = 1;
	}
	return code;
}
