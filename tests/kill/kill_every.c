/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kills a process after every instruction of every operation, and looks whether the others are none the worse.
 *
 *	kill_every [--long] [--only TEXT] [--offset N] [--part I/N] [--stop-early]
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
#include "tests/kill/states.h"
#include "tests/kill/world.h"

#define EXIT_SKIPPED	   77
#define CALL_NEIGHBOURHOOD 8u /* instructions before and behind a system call that the short form takes, of strides */
#define STRIDE		   97u
#define RECOVERY_STRIDE	   997u
#define PROGRESS_NS	   (10 * TAKT_NS_PER_S)
#define PART_COUNT_MAX	   64u

static struct {
	int is_long;
	int stops_early;
	const char *only;
	uint32_t offset;
	uint32_t part, part_count; /* one of several processes that share the work */
} options = {.part_count = 1};

static volatile sig_atomic_t is_interrupted;

struct tally {
	uint32_t scenarios;
	uint64_t kills;
	uint64_t double_kills;
	uint64_t instructions; /* of the windows that are killed everywhere */
	uint64_t instructions_killed;
};

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
static int is_stride_point(const struct trace *trace, uint32_t k)
{
	return (trace->flags[k] & TRACE_CHANGES) || is_near_call(trace, k) || k == trace->step_count ||
	       k % STRIDE == options.offset % STRIDE;
}

static int is_point(const struct trace *trace, uint32_t k, enum pace pace)
{
	return options.is_long || pace == PACE_EVERY || is_stride_point(trace, k);
}

/* Every instruction of a recovery from an operation of which every one is killed. Of the recoveries of whole domains, also in the long
 * form, only those that can make a difference, and a sample of the rest: all would be millions. */
static int is_recovery_point(const struct trace *trace, uint32_t k, enum pace pace)
{
	return pace == PACE_EVERY || k == trace->step_count || (trace->flags[k] & (TRACE_CHANGES | TRACE_IS_CALL)) ||
	       k % RECOVERY_STRIDE == options.offset % RECOVERY_STRIDE;
}

/* Two processes share the long form. */
static int is_mine(uint64_t number)
{
	return number % options.part_count == options.part;
}

/* What a long run is about, now and then. */
static void show_progress(const char *name, const char *what, uint32_t done, uint32_t of)
{
	static uint64_t shown_ns;
	const uint64_t now_ns = takt_os_clock_now_ns();

	if (!options.is_long || now_ns - shown_ns < PROGRESS_NS)
		return;
	shown_ns = now_ns;
	(void)fprintf(stderr, "%s: %s %u of %u, %u failures\n", name, what, done, of, bad_count);
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
	if (scenario->dismiss)
		scenario->dismiss();
}

static int kills_recovery(const struct scenario *scenario)
{
	return scenario->recovery && (options.is_long || !scenario->recovery_is_long);
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
	if (kills_recovery(scenario))
		states_keep(scenario->recovery, atomic_load(&control->token));
	if (is_mine(k))
		scenario->check(is_done);
	else if (scenario->dismiss)
		scenario->dismiss();
}

/* The next process's recovery, killed in the state that a first kill left. */
static uint64_t kill_twice(const struct scenario *scenario, uint32_t state)
{
	struct trace trace = {0};
	uint64_t kills = 0;

	record(scenario, scenario->recovery, states_world(state), &trace);
	for (uint32_t k = 0; k <= trace.step_count && !is_over(); k++) {
		if (!is_recovery_point(&trace, k, scenario->pace))
			continue;
		stage_put_back(states_world(state));
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
		show_progress(scenario->name, "instruction", k, trace.step_count);
		if (!is_point(&trace, k, scenario->pace) || !(is_mine(k) || kills_recovery(scenario)))
			continue;
		kill_once(scenario, &trace, k);
		kills += (uint64_t)is_mine(k);
	}
	for (uint32_t i = 0; i < states_count() && !is_over(); i++) {
		show_progress(scenario->name, "state", i, states_count());
		if (is_mine(states_digest(i)))
			double_kills += kill_twice(scenario, i);
	}
	(void)printf("%-30s %8u %8llu %7u %8llu %8u %10.2f %7.1f\n", scenario->name, trace.step_count,
		     (unsigned long long)kills, states_count(), (unsigned long long)double_kills,
		     bad_count - bad_before, (double)recovery_ns_max / 1e6,
		     (double)(takt_os_clock_now_ns() - began_ns) / 1e9);
	(void)fflush(stdout);
	stage_put_back(&stage_world);
	scenario->tear_down();
	states_forget_worlds();
	tally->scenarios++;
	tally->kills += kills;
	tally->double_kills += double_kills;
	if (options.is_long || scenario->pace == PACE_EVERY) {
		tally->instructions += trace.step_count + 1;
		tally->instructions_killed += kills;
	}
	trace_free(&trace);
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
		else if (strcmp(arguments[i], "--part") == 0 && i + 1 < count) {
			if (sscanf(arguments[++i], "%u/%u", &options.part, &options.part_count) != 2)
				return 0;
		} else
			return 0;
	}
	options.offset %= RECOVERY_STRIDE;
	return options.part < options.part_count && options.part_count <= PART_COUNT_MAX;
}

/* Victim and tracer on one CPU: ten times as many steps a second. Each part has another one, the last first. */
static void bind_to_one_cpu(void)
{
	cpu_set_t all, one;
	uint32_t passed_over = 0;

	if (sched_getaffinity(0, sizeof(all), &all) != 0)
		return;
	CPU_ZERO(&one);
	for (unsigned cpu = CPU_SETSIZE; cpu-- > 0;) {
		if (CPU_ISSET(cpu, &all) && passed_over++ == options.part % (uint32_t)CPU_COUNT(&all)) {
			CPU_SET(cpu, &one);
			break;
		}
	}
	(void)sched_setaffinity(0, sizeof(one), &one);
}

static void conclude(const struct tally *tally, uint64_t began_ns)
{
	(void)printf("%u scenarios, %llu kills, %llu double kills, %u failures, %.0f s; --offset %u\n",
		     tally->scenarios, (unsigned long long)tally->kills, (unsigned long long)tally->double_kills,
		     bad_count, (double)(takt_os_clock_now_ns() - began_ns) / 1e9, options.offset);
	(void)printf(
		"killed everywhere: %llu of %llu instructions of the operations that are not strided; %llu stepped\n",
		(unsigned long long)tally->instructions_killed, (unsigned long long)tally->instructions,
		(unsigned long long)victim_step_count);
}

int main(int count, char **arguments)
{
	struct tally tally = {0};

	if (!parse(count, arguments)) {
		(void)fprintf(stderr, "usage: %s [--long] [--only TEXT] [--offset N] [--part I/N] [--stop-early]\n",
			      arguments[0]);
		return 2;
	}
	const char *impossible = victim_is_impossible();
	if (impossible) {
		(void)printf("skipped: %s\n", impossible);
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
	run_all(queue_scenarios, queue_scenario_count, &tally);
	run_all(meet_scenarios, meet_scenario_count, &tally);
	run_all(sync_scenarios, sync_scenario_count, &tally);
	run_all(domain_scenarios, domain_scenario_count, &tally);
	run_all(command_scenarios, command_scenario_count, &tally);
	stage_end();
	conclude(&tally, began_ns);
	if (is_interrupted || tally.scenarios == 0) {
		(void)printf("%s\n", is_interrupted ? "interrupted" : "no such scenario");
		return 2;
	}
	return bad_count != 0;
}
