/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at the nodes of this machine's domains, again and again, and finds what has happened since: a death, an overrun, a late cycle, a
 * stale sample. A tool's look: read-only, without joining, never posted; nobody waits for it.
 */
#ifndef APPS_TAKT_TRACE_LOOK_H
#define APPS_TAKT_TRACE_LOOK_H

#include <stdint.h>

#include "apps/takt/trace_buffers.h"
#include "core/limits.h"

enum trace_cause { TRACE_DEATH = 0, TRACE_OVERRUN = 1, TRACE_LATE = 2, TRACE_STALE = 3 };
#define TRACE_CAUSE_COUNT 4

struct trace_finding {
	enum trace_cause cause;
	char domain[TAKT_NAME_BYTES];
	char node[TAKT_NAME_BYTES];
	char topic[TAKT_NAME_BYTES]; /* "" unless stale */
	uint64_t count;		     /* overruns, late cycles, stale samples since the look before */
};

/* What is looked for, beside deaths. */
struct trace_wishes {
	const char *domain; /* NULL: every one */
	uint64_t late_ns;   /* 0: not for late cycles */
	int no_overrun;
	int no_stale;
	void (*speak)(
		void); /* messages are silenced while what is not ours to see is tried: how they go on; NULL: messages_escape */
};

struct trace_look; /* opaque: large */

/* @retval NULL no memory, with a message */
struct trace_look *trace_look_new(const struct trace_wishes *wishes);
void trace_look_free(struct trace_look *look);

/* Looks once. @param found called for each finding */
void trace_look_once(struct trace_look *look, uint64_t now_ns,
		     void (*found)(void *context, const struct trace_finding *finding), void *context);

/* A living node. */
struct trace_living {
	char domain[TAKT_NAME_BYTES];
	char node[TAKT_NAME_BYTES];
	uint32_t process_id;
};
/* @param domain NULL: of every one @param room of `living` @param rates what they have written on average since they joined, and half as
 * much again @retval how many */
uint32_t trace_look_living(const char *domain, struct trace_living *living, uint32_t room, struct trace_rates *rates);

/* "death", "overrun", "late", "stale" */
const char *trace_cause_name(enum trace_cause cause);

#endif
