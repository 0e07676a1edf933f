/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the shipped core in every schedule, up to a number of preemptions, with a death at any point.
 *
 *	schedule --ci						the short form: each scenario with its own bound
 *	schedule [--bound N|all] [--early N] [--only TEXT] [--states N]	all scenarios, or those whose name has TEXT in it
 *	schedule --only NAME --replay SCHEDULE			one schedule, access by access, as a failure prints it
 *
 * Exit: 0 all invariants held in all schedules, 1 one did not, 2 a scenario was cut or the arguments are wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/schedule/explore.h"

#define BOUND_DEFAULT  3u
#define EARLY_DEFAULT  1u
#define STATES_DEFAULT 200000000ull

static struct {
	uint32_t bound;
	uint32_t early;
	uint32_t is_ci;
	const char *only;
	const char *replay;
	unsigned long long states_max;
} options = {BOUND_DEFAULT, EARLY_DEFAULT, 0, "", NULL, STATES_DEFAULT};

static double now_s(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int parse(int count, char **words)
{
	options.is_ci = count == 2 && strcmp(words[1], "--ci") == 0;
	if (options.is_ci)
		return 1;
	for (int i = 1; i + 1 < count; i += 2) {
		if (strcmp(words[i], "--bound") == 0)
			options.bound = strcmp(words[i + 1], "all") == 0 ? EXPLORE_ALL
									 : (uint32_t)strtoul(words[i + 1], NULL, 10);
		else if (strcmp(words[i], "--early") == 0)
			options.early = (uint32_t)strtoul(words[i + 1], NULL, 10);
		else if (strcmp(words[i], "--only") == 0)
			options.only = words[i + 1];
		else if (strcmp(words[i], "--replay") == 0)
			options.replay = words[i + 1];
		else if (strcmp(words[i], "--states") == 0)
			options.states_max = strtoull(words[i + 1], NULL, 10);
		else
			return 0;
	}
	return count % 2 == 1;
}

static struct explored explore_one(const struct scenario *scenario)
{
	const double began_s = now_s();
	const uint32_t bound = options.is_ci ? scenario->ci_bound : options.bound;
	const struct explored explored = explore(scenario, bound, options.early, options.states_max);

	if (!explored.has_failed)
		(void)printf(
			"%-18s bound %d %-8s %14.4g schedules, %9llu states, %8llu ends, %9llu steps, %u rounds, %6.1f s\n",
			scenario->name, (int)bound, explored.is_cut ? "CUT" : "complete", explored.schedules,
			(unsigned long long)explored.states, (unsigned long long)explored.ends,
			(unsigned long long)explored.steps, explored.rounds, now_s() - began_s);
	(void)fflush(stdout);
	return explored;
}

int main(int count, char **words)
{
	uint32_t matched = 0;
	double schedules = 0;
	int failed = 0, cut = 0;
	const double began_s = now_s();

	if (!parse(count, words)) {
		(void)fprintf(
			stderr,
			"usage: %s --ci | [--bound N|all] [--early N] [--only TEXT] [--states N] [--replay SCHEDULE]\n",
			words[0]);
		return 2;
	}
	for (uint32_t i = 0; i < scenario_count; i++) {
		if (strstr(scenarios[i].name, options.only) == NULL)
			continue;
		matched++;
		if (options.replay)
			return replay(&scenarios[i], options.replay);
		const struct explored explored = explore_one(&scenarios[i]);
		schedules += explored.schedules;
		failed |= explored.has_failed != 0;
		cut |= explored.is_cut != 0;
	}
	if (matched == 0) {
		(void)fprintf(stderr, "schedule: no scenario has '%s' in its name\n", options.only);
		return 2;
	}
	(void)printf("schedule: %u scenarios: %.3g schedules in %.1f s of processor time: %s\n", matched, schedules,
		     now_s() - began_s,
		     failed ? "FAILED"
		     : cut  ? "not complete"
			    : "complete, all invariants held");
	return failed ? 1 : cut ? 2 : 0;
}
