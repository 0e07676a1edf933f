/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which deaths a flight recorder is to save, and when: every one, at once; only those of a node that dies again and again are saved
 * together, so that what they cost is bounded. Pure.
 */
#ifndef APPS_TAKT_TRACE_DEATHS_H
#define APPS_TAKT_TRACE_DEATHS_H

#include <stdint.h>

#include "core/limits.h"

#define TRACE_DEATHS_MAX 64u /* nodes that are remembered */

/* A node that has died. */
struct trace_death {
	char domain[TAKT_NAME_BYTES];
	char node[TAKT_NAME_BYTES];
	uint64_t count;	 /* deaths that are not saved yet */
	uint64_t due_ns; /* not before */
};

/* Zero-initialise. */
struct trace_deaths {
	struct trace_death all[TRACE_DEATHS_MAX];
	uint32_t count;
};

/* @retval 0 so many others wait to be saved that it is not remembered */
int trace_deaths_add(struct trace_deaths *deaths, const char *domain, const char *node);

/* @retval 1 there is one to be saved now, and with it all that have a count: a snapshot holds every process */
int trace_deaths_are_due(const struct trace_deaths *deaths, uint64_t now_ns);

/* @retval how many nodes have deaths that are not saved yet */
uint32_t trace_deaths_waiting(const struct trace_deaths *deaths);

/* All of them are saved; the next ones of these nodes wait for `pause_ns`. Other nodes' do not. */
void trace_deaths_saved(struct trace_deaths *deaths, uint64_t now_ns, uint64_t pause_ns);

#endif
