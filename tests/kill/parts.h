/* SPDX-License-Identifier: Apache-2.0 */
/* Several processes share a run: each does its part of every scenario, on a processor of its own, and tells the first what came of it. */
#ifndef TAKT_TESTS_KILL_PARTS_H
#define TAKT_TESTS_KILL_PARTS_H

#include <stdint.h>

#define PARTS_COUNT_MAX	  64u
#define PARTS_RESULTS_MAX 128u /* scenarios of a run */

/* What came of one scenario. */
struct result {
	const char *name;
	uint32_t index; /* of the scenario in this run */
	uint32_t step_count, states, failures;
	uint64_t kills, double_kills;
	uint64_t instructions, instructions_killed; /* of windows that are killed everywhere: this part's */
	uint64_t stepped;
	uint64_t recovery_ns_max, took_ns;
};

/* As many as there are processors for this process. */
uint32_t parts_default(void);

/* A part's: sends what came of one scenario. */
void parts_send(const struct result *result);

/**
 * Runs all parts to their end, each in a process of its own, and prints a line for each scenario when all parts have done it.
 * @param run does part number `part`; scenarios in the same order in each. @retval of run: 0, or 2 if it failed itself
 * @param stops_early whether the first failure ends all parts
 * @param sum gets the sums, the longest times, and the number of scenarios that all parts have done as its `index`
 * @retval 0 every part came to its end @retval 2 one did not, or was interrupted
 */
int parts_run(uint32_t part_count, int (*run)(uint32_t part), int stops_early, struct result *sum);

#endif
