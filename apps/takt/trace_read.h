/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the traces (CTF) below a folder, user space and kernel, as one stream of plain events in the order of time, in bounded memory.
 * Only trace_reader.h and trace_decode.h, and the files behind them, know the library (libbabeltrace2).
 *
 *	struct trace_reader *reader = trace_reader_open(folder);
 *	while (trace_reader_next(reader, &event))
 *		...
 *	trace_reader_close(reader);
 *
 * What is damaged is left out and noted; the rest is read on.
 */
#ifndef APPS_TAKT_TRACE_READ_H
#define APPS_TAKT_TRACE_READ_H

#include <stdint.h>

#include "apps/takt/trace_event.h"

#define TRACE_NOTE_BYTES 400
#define TRACE_NOTES_MAX	 64

struct trace_reader;

/* What is known of the trace beside its events. It grows while events are read. */
struct trace_summary {
	uint64_t event_count;	  /* handed out */
	uint64_t other_count;	  /* of a kind of no use here, passed over */
	uint64_t discarded_count; /* events that the tracer had no room for */
	uint64_t discarded_packet_count;
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t packet_count; /* of all files */
	uint64_t packet_done_count;
	uint64_t byte_count;
	uint64_t left_out_count; /* damaged places, streams and traces that could not be read */
	uint32_t trace_count;
	uint32_t stream_count;
	uint32_t note_count; /* how many were said; only the first TRACE_NOTES_MAX are kept */
	char host[64];
	char notes[TRACE_NOTES_MAX][TRACE_NOTE_BYTES]; /* what was left out and why, each a sentence */
};

/* @retval NULL there is no trace that can be read, with a message */
struct trace_reader *trace_reader_open(const char *folder);

/* The next event of a known kind. Its texts live until the next call. @retval 1 @retval 0 the end */
int trace_reader_next(struct trace_reader *reader, struct trace_event *event);

const struct trace_summary *trace_reader_summary(const struct trace_reader *reader);

/* NULL is allowed. */
void trace_reader_close(struct trace_reader *reader);

/* The library alone over the same trace: its own source, its own muxer, and a sink that counts. @retval events, 0 where it fails */
uint64_t trace_reader_bare(const char *folder);

#endif
