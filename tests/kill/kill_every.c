/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kills a process after every instruction of every operation, and looks whether the others are none the worse.
 *
 *	kill_every [--long] [--only TEXT] [--offset N] [--stop-early]
 *
 * Exit: 0 all invariants held, 1 one did not, 2 the harness itself failed, 77 this system does not allow tracing.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "platform/clock.h"
#include "platform/message.h"
#include "tests/kill/scenario.h"
#include "tests/kill/stage.h"
#include "tests/kill/world.h"

#define EXIT_SKIPPED	   77
#define CALL_NEIGHBOURHOOD 4u /* instructions before and behind a system call that the short form takes, of strides */
#define STRIDE		   997u
#define STATE_COUNT_MAX	   4096u

static struct {
	int is_long;
	int stops_early;
	const char *only;
	uint32_t offset;
} options;

static volatile sig_atomic_t is_interrupted;

struct tally {
	uint32_t scenarios;
	uint64_t kills;
	uint64_t double_kills;
};

/* The states that the first kills of a scenario left, each once. */
static struct {
	uint64_t digests[STATE_COUNT_MAX];
	struct world worlds[STATE_COUNT_MAX];
	uint32_t count;
} states;

static void interrupt(int number)
{
	(void)number;
	is_interrupted = 1;
}

static int is_over(void)
{
	return is_interrupted || (options.stops_early && bad_count != 0);
}

/* -------------------------------------------------------------------------------------------------------- points */

static int is_near_call(const struct trace *trace, uint32_t k)
{
	const uint32_t reach = CALL_NEIGHBOURHOOD;
	const uint32_t from = k > reach ? k - reach : 0;
	const uint32_t to = k + reach < trace->step_count ? k + reach : trace->step_count;

	for (uint32_t i = from; i <= to; i++)
		if (trace->flags[i] & TRACE_IS_CALL)
			return 1;
	return 0;
}

/* Death between two instructions that others see leaves the same bytes: the record has compared them after each. */
static int is_point(const struct trace *trace, uint32_t k, enum pace pace)
{
	if (options.is_long || pace == PACE_EVERY || k == trace->step_count)
		return 1;
	return (trace->flags[k] & TRACE_CHANGES) || is_near_call(trace, k) || k % STRIDE == options.offset % STRIDE;
}

static int is_recovery_point(const struct trace *trace, uint32_t k)
{
	return options.is_long || (trace->flags[k] & (TRACE_CHANGES | TRACE_IS_CALL)) || k == trace->step_count ||
	       k % STRIDE == options.offset % STRIDE;
}

/* ---------------------------------------------------------------------------------------------------------- kills */

static void record(const struct scenario *scenario, const struct operation *operation, const struct world *world,
		   struct trace *trace)
{
	stage_put_back(world);
	if (scenario->accompany)
		scenario->accompany();
	victim_start(operation);
	world_watch();
	victim_record(trace, world_changed);
	victim_kill();
}

static void keep_state(void)
{
	const uint64_t digest = world_digest(atomic_load(&control->token));

	for (uint32_t i = 0; i < states.count; i++)
		if (states.digests[i] == digest)
			return;
	if (states.count == STATE_COUNT_MAX) {
		bad("more than %u different states", STATE_COUNT_MAX);
		return;
	}
	states.digests[states.count] = digest;
	world_save(&states.worlds[states.count++]);
}

static void forget_states(void)
{
	for (uint32_t i = 0; i < states.count; i++)
		world_free(&states.worlds[i]);
	states.count = 0;
}

static void kill_once(const struct scenario *scenario, const struct trace *trace, uint32_t k)
{
	stage_put_back(&stage_world);
	if (scenario->accompany)
		scenario->accompany();
	victim_start(&scenario->operation);
	victim_run_to(trace, k);
	const int is_done = (int)atomic_load(&control->is_done);
	victim_kill();
	(void)snprintf(kill_point, sizeof(kill_point), "%s, after %u of %u instructions, at %#llx", scenario->name, k,
		       trace->step_count, (unsigned long long)trace->address[k]);
	if (scenario->recovery)
		keep_state();
	scenario->check(is_done);
}

/* The next process's recovery, killed in the state that a first kill left. */
static uint64_t kill_twice(const struct scenario *scenario, uint32_t state)
{
	struct trace trace = {0};
	uint64_t kills = 0;

	record(scenario, scenario->recovery, &states.worlds[state], &trace);
	for (uint32_t k = 0; k <= trace.step_count && !is_over(); k++) {
		if (!is_recovery_point(&trace, k))
			continue;
		stage_put_back(&states.worlds[state]);
		victim_start(scenario->recovery);
		victim_run_to(&trace, k);
		const int is_done = (int)atomic_load(&control->is_done);
		victim_kill();
		(void)snprintf(kill_point, sizeof(kill_point),
			       "%s, state %u, recovery after %u of %u instructions, at %#llx", scenario->name, state, k,
			       trace.step_count, (unsigned long long)trace.address[k]);
		scenario->check_recovery(is_done);
		kills++;
	}
	trace_free(&trace);
	return kills;
}

static void run(const struct scenario *scenario, struct tally *tally)
{
	struct trace trace = {0};
	uint64_t kills = 0, double_kills = 0;
	const uint32_t bad_before = bad_count;
	const uint64_t began_ns = takt_os_clock_now_ns();

	recovery_ns_max = 0;
	(void)snprintf(kill_point, sizeof(kill_point), "%s", scenario->name);
	scenario->set_up();
	record(scenario, &scenario->operation, &stage_world, &trace);
	for (uint32_t k = 0; k <= trace.step_count && !is_over(); k++) {
		if (!is_point(&trace, k, scenario->pace))
			continue;
		kill_once(scenario, &trace, k);
		kills++;
	}
	for (uint32_t i = 0; scenario->recovery && i < states.count && !is_over(); i++)
		double_kills += kill_twice(scenario, i);
	(void)printf("%-30s %8u %8llu %7u %8llu %8u %10.2f %7.1f\n", scenario->name, trace.step_count,
		     (unsigned long long)kills, states.count, (unsigned long long)double_kills, bad_count - bad_before,
		     (double)recovery_ns_max / 1e6, (double)(takt_os_clock_now_ns() - began_ns) / 1e9);
	(void)fflush(stdout);
	stage_put_back(&stage_world);
	scenario->tear_down();
	forget_states();
	trace_free(&trace);
	tally->scenarios++;
	tally->kills += kills;
	tally->double_kills += double_kills;
}

static void run_all(const struct scenario *scenarios, uint32_t count, struct tally *tally)
{
	for (uint32_t i = 0; i < count && !is_over(); i++)
		if (options.only ? strstr(scenarios[i].name, options.only) != NULL
				 : options.is_long || !scenarios[i].is_long)
			run(&scenarios[i], tally);
}

/* ----------------------------------------------------------------------------------------------------------- main */

static int parse(int count, char **arguments)
{
	options.offset = (uint32_t)(takt_os_clock_wall_ns() / TAKT_NS_PER_S);
	for (int i = 1; i < count; i++) {
		if (strcmp(arguments[i], "--long") == 0)
			options.is_long = 1;
		else if (strcmp(arguments[i], "--stop-early") == 0)
			options.stops_early = 1;
		else if (strcmp(arguments[i], "--only") == 0 && i + 1 < count)
			options.only = arguments[++i];
		else if (strcmp(arguments[i], "--offset") == 0 && i + 1 < count)
			options.offset = (uint32_t)strtoul(arguments[++i], NULL, 10);
		else
			return 0;
	}
	options.offset %= STRIDE;
	return 1;
}

/* Victim and tracer on one CPU: ten times as many steps a second. */
static void bind_to_one_cpu(void)
{
	cpu_set_t all, one;

	if (sched_getaffinity(0, sizeof(all), &all) != 0)
		return;
	CPU_ZERO(&one);
	for (unsigned cpu = CPU_SETSIZE; cpu-- > 0;) {
		if (CPU_ISSET(cpu, &all)) {
			CPU_SET(cpu, &one);
			break;
		}
	}
	(void)sched_setaffinity(0, sizeof(one), &one);
}

int main(int count, char **arguments)
{
	struct tally tally = {0};

	if (!parse(count, arguments)) {
		(void)fprintf(stderr, "usage: %s [--long] [--only TEXT] [--offset N] [--stop-early]\n", arguments[0]);
		return 2;
	}
	if (!victim_is_possible()) {
		(void)printf(
			"skipped: this system does not let a process step through its child (ptrace), or is no x86-64\n");
		return EXIT_SKIPPED;
	}
	(void)signal(SIGINT, interrupt);
	(void)signal(SIGTERM, interrupt);
	bind_to_one_cpu();
	control = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (control == MAP_FAILED)
		return 2;
	stage_begin();
	const uint64_t began_ns = takt_os_clock_now_ns();
	(void)printf("%-30s %8s %8s %7s %8s %8s %10s %7s\n", "scenario", "window", "kills", "states", "double",
		     "failures", "worst ms", "s");
	run_all(topic_scenarios, topic_scenario_count, &tally);
	run_all(domain_scenarios, domain_scenario_count, &tally);
	run_all(command_scenarios, command_scenario_count, &tally);
	stage_end();
	(void)printf(
		"%u scenarios, %llu kills, %llu double kills, %u failures, %llu instructions stepped, %.0f s; --offset %u\n",
		tally.scenarios, (unsigned long long)tally.kills, (unsigned long long)tally.double_kills, bad_count,
		(unsigned long long)victim_step_count, (double)(takt_os_clock_now_ns() - began_ns) / 1e9,
		options.offset);
	if (is_interrupted || tally.scenarios == 0) {
		(void)printf("%s\n", is_interrupted ? "interrupted" : "no such scenario");
		return 2;
	}
	return bad_count != 0;
}
