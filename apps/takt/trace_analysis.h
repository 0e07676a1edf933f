/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the events of a trace mean: hops (a topic and one of its readers), chains (from the first sample to the last read, by the origin that
 * every sample carries), loops with their worst cycles, and what was counted. Pure: it is fed events in the order of time and is asked
 * afterwards. Memory is bounded by tables; what has no room in one is counted, not kept.
 *
 *	struct trace_analysis *analysis = trace_analysis_new(&options);
 *	while (trace_reader_next(reader, &event))
 *		trace_analysis_add(analysis, &event);
 *	trace_analysis_finish(analysis);
 *	... analysis->hops[i] ...
 *	trace_analysis_free(analysis);
 */
#ifndef APPS_TAKT_TRACE_ANALYSIS_H
#define APPS_TAKT_TRACE_ANALYSIS_H

#include <stdint.h>

#include "apps/takt/trace_event.h"
#include "apps/takt/trace_series.h"
#include "core/histogram.h"
#include "core/limits.h"

#define TRACE_DOMAINS_MAX   8 /* lives of domains in one trace */
#define TRACE_HOPS_MAX	    4096
#define TRACE_PATHS_MAX	    1024
#define TRACE_CHAINS_MAX    1024
#define TRACE_LOOPS_MAX	    1024
#define TRACE_PATH_HOPS_MAX 16	  /* topics of one chain */
#define TRACE_SLOTS	    1024u /* newest samples of a topic that are remembered; a power of two */
#define TRACE_READS_MAX	    32u	  /* newest reads of a thread that are remembered; a power of two */
#define TRACE_POINTS_MAX    64u	  /* of a worst cycle's story; the first and the last are kept */
#define TRACE_SWITCHES	    8192u /* newest switches of the kernel that are remembered; a power of two */
#define TRACE_WORST_MAX	    100

enum trace_stage {
	TRACE_PUBLISH_TO_WAKE = 0,	/* the reader slept, and this sample was published meanwhile */
	TRACE_WAKE_TO_READ = 1,		/* of the same */
	TRACE_READ_TO_HANDLED = 2,	/* until it publishes what came of it; else the end of its cycle */
	TRACE_HANDLED_TO_PUBLISHED = 3, /* until whoever waits for that has been woken */
	TRACE_STAGE_COUNT = 4
};

/* A topic and one of its readers. */
struct trace_hop {
	uint32_t domain; /* index in the analysis */
	uint32_t topic;
	uint32_t reader;
	uint64_t read_count; /* each sample once */
	uint64_t repeated_count;
	uint64_t lost_count;
	uint64_t skipped_count;
	uint64_t stale_count;
	struct takt_histogram age_ns; /* publish to read */
	struct takt_histogram
		origin_ns; /* first sample's time to this read, where the sample has an origin in another topic */
	struct takt_histogram stages_ns[TRACE_STAGE_COUNT];
};

/* How a sample came about: topic, its publisher, and the same of what it was made from. */
struct trace_path {
	uint32_t parent; /* TRACE_NO_PATH: the sample is its own origin */
	uint32_t domain;
	uint32_t topic;
	uint32_t publisher;
};
#define TRACE_NO_PATH UINT32_MAX

struct trace_chain {
	uint32_t domain;
	uint32_t path;
	uint32_t reader;
	struct takt_histogram total_ns; /* origin's time to the read at the end */
};

/* One step of a worst cycle's story. */
struct trace_point {
	uint64_t time_ns;
	uint64_t number;
	uint64_t value; /* a span in ns, or a count */
	enum trace_kind kind;
	uint32_t topic;
	uint32_t node; /* another one's */
	uint32_t detail;
	char name[20]; /* of the kernel's */
};

struct trace_worst {
	uint64_t cycle;
	uint64_t due_ns;
	uint64_t begin_ns;
	uint64_t end_ns;
	uint64_t woken_ns; /* 0: no wait that ended with this cycle was seen */
	uint64_t wait_began_ns;
	uint64_t woken_number;
	uint64_t lock_wait_ns;
	uint64_t faults;
	uint64_t switches;
	uint64_t missed;
	uint64_t previous_end_ns; /* of the cycle before; 0: not seen */
	uint32_t woken_publisher; /* TRACE_NONE: not known */
	uint32_t cause;		  /* enum trace_cause */
	uint32_t woken_topic;
	uint32_t loop; /* index in the analysis */
	uint32_t has_kernel;
	uint32_t thread;
	uint32_t point_count;
	uint32_t points_left_out;
	struct trace_point points[TRACE_POINTS_MAX];
};

struct trace_recent_read {
	uint64_t topic, number, origin_topic, origin_number, read_ns, cycle;
	struct trace_hop *hop;
	uint32_t is_handled;
};

/* A loop of a node, or (loop TRACE_NONE) what the node does outside of loops. */
struct trace_loop {
	uint32_t domain;
	uint32_t node;
	uint32_t loop;
	uint32_t is_in_cycle;
	uint64_t period_ns;
	uint64_t cycle_count;
	uint64_t overrun_count; /* periods that passed without their cycle */
	uint64_t fault_count;
	uint64_t switch_count;
	uint64_t overruns_first; /* as the first cycle of the trace says them */
	uint64_t last_begin_ns;
	uint64_t last_end_ns;
	uint64_t last_due_ns;
	uint64_t last_cycle;
	struct takt_histogram late_ns; /* due to begin */
	struct takt_histogram
		jitter_ns;	      /* how far the distance of two begins is from the period, one way or the other */
	struct takt_histogram run_ns; /* begin to end */
	struct takt_histogram lock_wait_ns;
	struct takt_histogram response_ns; /* due to end */
	struct trace_series *late;	   /* late_ns and jitter_ns over time, where that is wanted; else NULL */
	struct trace_series *jitter;
	struct trace_worst present;
	struct trace_recent_read reads[TRACE_READS_MAX];
	uint64_t read_count;
	uint64_t woken_ns; /* the last wait's */
	uint64_t wait_began_ns;
	uint64_t woken_number;
	uint32_t woken_topic;
	uint32_t thread;
	uint32_t worst_count;
	struct trace_worst *worst; /* by response, longest first */
};

/* A node's publications or subscription of one topic: traced, and counted in shared memory. */
struct trace_account {
	uint32_t domain;
	uint32_t node;
	uint32_t topic;
	uint32_t is_known; /* counters were dumped */
	uint32_t is_final; /* by a node that left: nothing comes behind them */
	uint32_t is_whole; /* and the first were those of a node that had just joined */
	uint64_t traced[4];
	uint64_t traced_at_dump[4];
	uint64_t base[4];
	uint64_t counted[4]; /* since the first dump */
	uint64_t last[4];
};
/* What `traced` and `counted` hold. */
enum { TRACE_PUBLISHED = 0, TRACE_GOT = 1, TRACE_LOST = 2, TRACE_SKIPPED = 3 };
#define TRACE_ACCOUNTS_MAX 8192

struct trace_slot {
	uint64_t number;
	uint64_t publish_ns;
	uint64_t told_ns; /* when its publisher had woken all */
	uint64_t parent_number;
	uint16_t parent_topic; /* TRACE_NONE: its own origin */
	uint16_t publisher;
};

struct trace_topic {
	char name[TAKT_NAME_BYTES];
	char type[TAKT_NAME_BYTES];
	uint64_t published_count;
	struct trace_slot *slots; /* TRACE_SLOTS of them, once something is published */
	uint32_t is_described;
};

struct trace_domain {
	uint64_t instance;
	char name[TAKT_NAME_BYTES];
	uint32_t is_described;
	uint32_t topic_count;
	uint32_t node_count;
	char nodes[TAKT_NODE_COUNT_MAX][TAKT_NAME_BYTES];
	uint64_t period_us[TAKT_NODE_COUNT_MAX];
	uint32_t dead_count; /* nodes that were found dead */
	struct trace_topic topics[TAKT_TOPIC_COUNT_MAX];
};

/* A switch of the kernel from one thread to another. */
struct trace_switch {
	uint64_t time_ns;
	uint32_t cpu, previous, next, is_wakeup;
	char previous_name[20], next_name[20];
};

/* A read whose sample's way is asked a little later: its publisher may be slower with its event than the reader. */
struct trace_waiting {
	uint64_t number, read_ns, total_ns, time_ns;
	uint32_t domain, topic, reader;
};
#define TRACE_WAITING_MAX 8192u

struct trace_analysis_options {
	uint32_t worst_count; /* kept for each loop; 0: none */
	uint32_t has_series;  /* 1: what loops have over time is kept too */
};

struct trace_analysis {
	struct trace_analysis_options options;
	uint32_t domain_count, hop_count, path_count, chain_count, loop_count, account_count;
	struct trace_domain *domains[TRACE_DOMAINS_MAX];
	struct trace_hop *hops[TRACE_HOPS_MAX];
	struct trace_path paths[TRACE_PATHS_MAX];
	struct trace_chain *chains[TRACE_CHAINS_MAX];
	struct trace_loop *loops[TRACE_LOOPS_MAX];
	struct trace_account *accounts;
	struct trace_switch *switches;
	uint64_t switch_count;
	struct trace_waiting *waiting;
	uint64_t waiting_first, waiting_end;
	uint64_t event_count; /* of takt's */
	uint64_t kernel_count;
	uint64_t dump_count;
	uint64_t unlinked_count; /* reads whose way could not be followed: the publish is not in the trace */
	uint64_t no_room_count;	 /* events that fitted into no table */
	uint32_t *index;	 /* hash of (kind, domain, a, b) to a table's entry */
};

/* @retval NULL no memory */
struct trace_analysis *trace_analysis_new(const struct trace_analysis_options *options);
void trace_analysis_add(struct trace_analysis *analysis, const struct trace_event *event);
/* No event follows. */
void trace_analysis_finish(struct trace_analysis *analysis);
void trace_analysis_free(struct trace_analysis *analysis);

/* Names; "topic 3", "node 3" where the trace has none. `buffer` holds those. */
const char *trace_topic_name(const struct trace_analysis *analysis, uint32_t domain, uint32_t topic, char buffer[32]);
const char *trace_node_name(const struct trace_analysis *analysis, uint32_t domain, uint32_t node, char buffer[32]);

/* "imu > controller > motor > sensor"; `first` is who published the first sample. */
void trace_chain_text(const struct trace_analysis *analysis, const struct trace_chain *chain, char *text,
		      uint32_t bytes);
/* Samples lost on all of its hops. */
uint64_t trace_chain_lost(const struct trace_analysis *analysis, const struct trace_chain *chain);

/* One value into a private histogram. */
void trace_span_add(struct takt_histogram *histogram, uint64_t value);

/* The remembered sample, or NULL. */
const struct trace_slot *trace_slot_find(const struct trace_analysis *analysis, uint32_t domain, uint64_t topic,
					 uint64_t number);

/* ------------------------------------------------------------------------------ between the parts of the analysis */

struct trace_hop *trace_hop_of(struct trace_analysis *analysis, uint32_t domain, uint64_t topic, uint64_t reader);
struct trace_loop *trace_loop_of(struct trace_analysis *analysis, uint32_t domain, uint64_t node, uint64_t loop);
struct trace_account *trace_account_of(struct trace_analysis *analysis, uint32_t domain, uint64_t node, uint64_t topic);

/* trace_chain.c */
void trace_add_publish(struct trace_analysis *analysis, uint32_t domain, const struct trace_event *event);
void trace_add_read(struct trace_analysis *analysis, uint32_t domain, const struct trace_event *event);
void trace_settle(struct trace_analysis *analysis, uint64_t now_ns);

/* trace_cycle.c */
void trace_add_cycle(struct trace_analysis *analysis, struct trace_loop *loop, const struct trace_event *event);
void trace_add_point(struct trace_loop *loop, const struct trace_point *point);
void trace_add_switch(struct trace_analysis *analysis, const struct trace_event *event);

#endif
