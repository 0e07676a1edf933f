/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All schedules of a scenario up to a number of preemptions, depth first. A preemption takes the processor from a party that could go
 * on; when one sleeps, waits, ends or dies, who runs next is free. A sleep whose deadline passes while somebody can run counts as
 * a preemption too: it says that those who run are slow. When nobody can run, the earliest deadline passes.
 *
 * What is not run twice, and why nothing is missed by that:
 *	equal states	What can follow depends on the machine's state, on who runs and on the preemptions left, and on nothing else: all
 *			that changes is in the copy (checked by running each failing schedule anew). Equal copies are known by 128 bits
 *			of a hash. Behind a state seen before the schedules are counted, not run.
 *	private steps	Between two accesses to the arena a party touches what nobody else sees: no order of such steps can be told apart.
 *	lone accesses	A load of a word that nobody else stores, and a store to one that nobody else touches, commute with all that the
 *			others can do: a preemption just before can as well come just behind. Who touches what is learned (machine.h); an
 *			exploration that learns anything is begun anew, so the last one has left out nothing by mistake.
 *	ignored words	Times, origins and statistics (stage.c): no party decides anything by them. They are no points.
 *	deaths		A party dies at a point of its own, or, where it is not running, at those points of others at which its death
 *			can show: a call of the kernel, a sleep, an end. Elsewhere a death earlier leads to the same states.
 */
#ifndef TAKT_TEST_SCHEDULE_EXPLORE_H
#define TAKT_TEST_SCHEDULE_EXPLORE_H

#include <stdint.h>

#include "tests/schedule/scenario.h"

struct explored {
	double schedules; /* complete ones, within the bound */
	uint64_t states;  /* different ones met */
	uint64_t ends;	  /* different ones in which all parties had ended: each checked */
	uint64_t steps;	  /* run by the machine */
	uint32_t is_cut;  /* 1: the limit of states was met before the end */
	uint32_t has_failed;
	uint32_t rounds; /* explorations until none learned anything new of who touches what */
};

#define EXPLORE_ALL UINT32_MAX /* preemptions: any number */

/* @param early_max sleeps whose deadline passes while somebody can run, where preemptions are not counted
 * @param states_max where it is cut, if it is */
struct explored explore(const struct scenario *scenario, uint32_t preemptions_max, uint32_t early_max,
			uint64_t states_max);

/* Runs one schedule, as a failure prints it, and says each access. @retval 0 no invariant failed  @retval 1 one did  @retval 2 the text
 * is no schedule of this scenario */
int replay(const struct scenario *scenario, const char *schedule);

#endif
