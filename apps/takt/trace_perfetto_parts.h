/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a timeline from within: for trace_perfetto.c and the files named after it alone; all others use trace_perfetto.h. */
#ifndef APPS_TAKT_TRACE_PERFETTO_PARTS_H
#define APPS_TAKT_TRACE_PERFETTO_PARTS_H

#include <stdint.h>

#include "apps/takt/trace_perfetto.h"
#include "apps/takt/trace_timeline.h"

#define WAITING_MAX 8192u

/* A sample that was published. */
struct slot {
	uint64_t number;
	uint64_t publish_ns;
	uint32_t track; /* 1 + its place; 0: none */
};

/* A read whose publish has not been told of yet. */
struct waiting {
	uint64_t number, read_ns, time_ns;
	uint32_t domain, topic, track;
};

/* Which thread a processor runs. */
struct processor {
	uint64_t since_ns, thread;
	char name[20];
};
#define PROCESSORS_MAX 256u

struct trace_perfetto {
	struct trace_timeline timeline;
	const struct trace_analysis *analysis;
	uint64_t waiting_first, waiting_end;
	struct trace_perfetto_counts counts;
	struct waiting waiting[WAITING_MAX];
	struct processor processors[PROCESSORS_MAX];
	struct slot *slots[TRACE_DOMAINS_MAX][TAKT_TOPIC_COUNT_MAX]; /* TRACE_SLOTS of each */
};

/* ------------------------------------------------------------------------------------------- trace_perfetto_sample.c */

/* A topic's name, or its number. */
const char *trace_perfetto_topic(const struct trace_perfetto *perfetto, uint32_t domain, uint64_t topic,
				 char buffer[32]);

/* Reads whose publish has not been told of long enough are given up. */
void trace_perfetto_settle(struct trace_perfetto *perfetto, uint64_t now_ns);
void trace_perfetto_publish(struct trace_perfetto *perfetto, uint32_t domain, uint32_t place,
			    const struct trace_event *event);
void trace_perfetto_read(struct trace_perfetto *perfetto, uint32_t domain, uint32_t place,
			 const struct trace_event *event);

/* -------------------------------------------------------------------------------------------- trace_perfetto_cycle.c */

void trace_perfetto_begin_cycle(struct trace_perfetto *perfetto, uint32_t place, const struct trace_event *event);
void trace_perfetto_end_cycle(struct trace_perfetto *perfetto, uint32_t place, const struct trace_event *event);

/* A cycle whose end is not in the trace: its node was killed, or the trace ended before it. */
void trace_perfetto_end_unfinished(struct trace_perfetto *perfetto, uint32_t place);

#endif
