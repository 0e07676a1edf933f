/* SPDX-License-Identifier: Apache-2.0 */
/* How large the buffers of a trace must be. Pure: rates in, sizes out. */
#ifndef APPS_TAKT_TRACE_BUFFERS_H
#define APPS_TAKT_TRACE_BUFFERS_H

#include <stdint.h>

#include "core/config.h"

/* An event of the demo with its context takes 100 bytes on average (measured: 2.39 MB for 23,702 of them); strings are longer. */
#define TRACE_EVENT_BYTES 128

/* Where nothing is known: three nodes like the demo's. The memory is the board's, so not more. */
#define TRACE_RATE_DEFAULT  25e3
#define TRACE_RATE_MIN	    2e3
#define TRACE_NODES_DEFAULT 3

#define TRACE_STREAM_SPAN_NS UINT64_C(2000000000) /* that whoever writes the trace to the disk may be held up */
#define TRACE_FLIGHT_SPAN_NS UINT64_C(5000000000)

#define TRACE_BUFFER_BYTES_MIN (UINT64_C(256) << 10)
#define TRACE_BUFFER_BYTES_MAX (UINT64_C(256) << 20)
/* Names and types, beside the events: they outlive those in memory. All of one node's, 64 topics of 64 fields, are less than 512 KiB. */
#define TRACE_STATE_STREAM_BYTES (UINT64_C(512) << 10)
#define TRACE_STATE_FLIGHT_BYTES (UINT64_C(1) << 20)

/* A ring of sub-buffers. While a recording goes to the disk there is one for each CPU and process: one that is killed while it writes an
 * event spoils its own alone. In a flight recorder there is one for each CPU and user: it outlives the process that was killed. */
struct trace_buffers {
	uint64_t piece_bytes; /* a power of two */
	uint32_t piece_count; /* a power of two */
};

/* Events a second. */
struct trace_rates {
	double sum;
	double fastest; /* of the node that writes most */
	uint32_t node_count;
};

/* Those of a config's nodes, if they use all that it lets them: loans, returns. */
struct trace_rates trace_rates_of_config(const struct takt_config *config);

/* Those that are guessed where nothing is known. */
struct trace_rates trace_rates_guessed(void);

/* Takes one more node into account. */
void trace_rates_add(struct trace_rates *rates, double events_per_s);

/* The ring that holds all events of a span, should they all happen on one CPU. */
struct trace_buffers trace_buffers_for(double events_per_s, uint64_t span_ns, int is_flight);

/* The ring of about so many bytes. */
struct trace_buffers trace_buffers_of(uint64_t bytes, int is_flight);

/* The ring for what must not be overwritten by events: names and types. */
struct trace_buffers trace_buffers_for_state(int is_flight);

uint64_t trace_buffers_bytes(const struct trace_buffers *buffers);

/* Memory that a session takes on a machine: both rings on every CPU, for every process; in a flight recorder once for all of a user's, each
 * with one piece more. */
uint64_t trace_memory_bytes(const struct trace_buffers *buffers, uint32_t cpu_count, uint32_t process_count,
			    int is_flight);

#endif
