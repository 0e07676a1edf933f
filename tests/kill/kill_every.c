/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kills a process after every instruction of every operation, and looks whether the others are none the worse.
 *
 *	kill_every [--long] [--only TEXT] [--offset N] [--parts N] [--stop-early]
 *
 * So many processes share the work, each on a processor of its own; without --parts, one for each processor.
 *
 * Exit: 0 all invariants held, 1 one did not, 2 the harness itself failed, 77 this system does not allow tracing.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "platform/clock.h"
#include "platform/message.h"
#include "tests/kill/parts.h"
#include "tests/kill/scenario.h"
#include "tests/kill/stage.h"
#include "tests/kill/states.h"
#include "tests/kill/world.h"

#define EXIT_SKIPPED	   77
#define CALL_NEIGHBOURHOOD 8u /* instructions before and behind a system call that the short form takes, of strides */
#define STRIDE		   97u
#define RECOVERY_STRIDE	   997u
#define RECORD_COUNT	   16u
#define PROGRESS_NS	   (10 * TAKT_NS_PER_S)

static struct {
	int is_long;
	int stops_early;
	const char *only;
	uint32_t offset;
	uint32_t part, part_count; /* one of several processes that share the work */
} options;

static volatile sig_atomic_t is_interrupted;

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

/* A companion's slices end while the victim is stepped, so that the victim finds it asleep or not: the longest window has it asleep. */
static void record_longest(const struct scenario *scenario, struct trace *trace)
{
	for (uint32_t i = 0; i < (scenario->accompany ? RECORD_COUNT : 1u); i++) {
		struct trace once = {0};

		record(scenario, &scenario->operation, &stage_world, &once);
		if (once.step_count > trace->step_count || i == 0) {
			trace_free(trace);
			*trace = once;
		} else
			trace_free(&once);
	}
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

static void run(const struct scenario *scenario, uint32_t index)
{
	struct trace trace = {0};
	struct result result = {.name = scenario->name, .index = index};
	const uint32_t bad_before = bad_count;
	const uint64_t began_ns = takt_os_clock_now_ns(), stepped_before = victim_step_count;

	recovery_ns_max = 0;
	(void)snprintf(kill_point, sizeof(kill_point), "%s", scenario->name);
	scenario->set_up();
	record_longest(scenario, &trace);
	for (uint32_t k = 0; k <= trace.step_count && !is_over(); k++) {
		show_progress(scenario->name, "instruction", k, trace.step_count);
		if (!is_point(&trace, k, scenario->pace) || !(is_mine(k) || kills_recovery(scenario)))
			continue;
		kill_once(scenario, &trace, k);
		result.kills += (uint64_t)is_mine(k);
	}
	for (uint32_t i = 0; i < states_count() && !is_over(); i++) {
		show_progress(scenario->name, "state", i, states_count());
		if (is_mine(states_digest(i)))
			result.double_kills += kill_twice(scenario, i);
	}
	result.step_count = trace.step_count;
	result.states = states_count();
	result.failures = bad_count - bad_before;
	result.recovery_ns_max = recovery_ns_max;
	result.stepped = victim_step_count - stepped_before;
	result.took_ns = takt_os_clock_now_ns() - began_ns;
	if (options.is_long || scenario->pace == PACE_EVERY) {
		result.instructions = (trace.step_count + options.part_count - options.part) / options.part_count;
		result.instructions_killed = result.kills;
	}
	(void)fflush(stdout);
	parts_send(&result);
	stage_put_back(&stage_world);
	scenario->tear_down();
	states_forget_worlds();
	trace_free(&trace);
}

static void run_all(const struct scenario *scenarios, uint32_t count, uint32_t *index)
{
	for (uint32_t i = 0; i < count && !is_over(); i++)
		if (options.only ? strstr(scenarios[i].name, options.only) != NULL
				 : options.is_long || !scenarios[i].is_long)
			run(&scenarios[i], (*index)++);
}

static int run_part(uint32_t part)
{
	uint32_t index = 0;

	options.part = part;
	(void)signal(SIGINT, interrupt);
	(void)signal(SIGTERM, interrupt);
	control = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (control == MAP_FAILED)
		return 2;
	stage_begin();
	run_all(topic_scenarios, topic_scenario_count, &index);
	run_all(queue_scenarios, queue_scenario_count, &index);
	run_all(meet_scenarios, meet_scenario_count, &index);
	run_all(sync_scenarios, sync_scenario_count, &index);
	run_all(domain_scenarios, domain_scenario_count, &index);
	run_all(command_scenarios, command_scenario_count, &index);
	stage_end();
	return is_interrupted ? 2 : 0;
}

/* ----------------------------------------------------------------------------------------------------------- main */

static int parse(int count, char **arguments)
{
	options.offset = (uint32_t)(takt_os_clock_wall_ns() / TAKT_NS_PER_S);
	options.part_count = parts_default();
	for (int i = 1; i < count; i++) {
		if (strcmp(arguments[i], "--long") == 0)
			options.is_long = 1;
		else if (strcmp(arguments[i], "--stop-early") == 0)
			options.stops_early = 1;
		else if (strcmp(arguments[i], "--only") == 0 && i + 1 < count)
			options.only = arguments[++i];
		else if (strcmp(arguments[i], "--offset") == 0 && i + 1 < count)
			options.offset = (uint32_t)strtoul(arguments[++i], NULL, 10);
		else if (strcmp(arguments[i], "--parts") == 0 && i + 1 < count)
			options.part_count = (uint32_t)strtoul(arguments[++i], NULL, 10);
		else
			return 0;
	}
	options.offset %= RECOVERY_STRIDE;
	return options.part_count >= 1 && options.part_count <= PARTS_COUNT_MAX;
}

static void conclude(const struct result *sum, uint64_t began_ns)
{
	(void)printf("%u scenarios, %llu kills, %llu double kills, %u failures, %.0f s in %u parts; --offset %u\n",
		     sum->index, (unsigned long long)sum->kills, (unsigned long long)sum->double_kills, sum->failures,
		     (double)(takt_os_clock_now_ns() - began_ns) / 1e9, options.part_count, options.offset);
	(void)printf(
		"killed everywhere: %llu of %llu instructions of the operations that are not strided; %llu stepped\n",
		(unsigned long long)sum->instructions_killed, (unsigned long long)sum->instructions,
		(unsigned long long)sum->stepped);
}

int main(int count, char **arguments)
{
	struct result sum;

	if (!parse(count, arguments)) {
		(void)fprintf(stderr, "usage: %s [--long] [--only TEXT] [--offset N] [--parts N] [--stop-early]\n",
			      arguments[0]);
		return 2;
	}
	const char *impossible = victim_is_impossible();
	if (impossible) {
		(void)printf("skipped: %s\n", impossible);
		return EXIT_SKIPPED;
	}
	const uint64_t began_ns = takt_os_clock_now_ns();
	const int status = parts_run(options.part_count, run_part, options.stops_early, &sum);
	conclude(&sum, began_ns);
	if (sum.failures)
		return 1;
	if (status != 0 || sum.index == 0) {
		(void)printf("%s\n", sum.name ? "interrupted, or a part ended badly" : "no such scenario");
		return 2;
	}
	return 0;
}
