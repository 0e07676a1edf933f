/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of traces from within: a source is the library's over the traces of one identity, a cursor is one stream of it with its present
 * event, and the heap has all cursors in the order of time. For trace_read.c, trace_cursor.c, trace_source.c and trace_bare.c alone; all
 * others use trace_read.h.
 */
#ifndef APPS_TAKT_TRACE_READER_H
#define APPS_TAKT_TRACE_READER_H

#include <stdint.h>

#include "apps/takt/trace_decode.h"
#include "apps/takt/trace_folder.h"
#include "apps/takt/trace_library.h"
#include "apps/takt/trace_read.h"
#include "apps/takt/trace_salvage.h"

#define TRACE_REASON_BYTES 200

/* Traces of one identity, read by one component of the library. */
struct trace_source {
	struct trace_source *next;
	bt_graph *graph;
	const bt_component_source *component;
	struct trace_reader *reader;
	uint64_t port_count;
	uint32_t folder_first; /* in the reader's list */
	uint32_t folder_count;
	uint64_t after_ns; /* it is the rest of a stream, behind the packet that began then; 0: it is not */
	struct trace_decoder decoder;
};

/* One stream, and its present event. */
struct trace_cursor {
	struct trace_source *source;
	bt_message_iterator *iterator;
	bt_message_array_const messages;
	uint64_t count;
	uint64_t index;
	uint64_t time_ns;	  /* of the present event */
	uint64_t packet_begin_ns; /* of the present packet, or the one before */
	uint64_t cpu;
	uint64_t stream_class;
	uint64_t instance;
	uint32_t is_known; /* its beginning was seen */
	uint32_t is_in_packet;
	uint32_t number;
	uint64_t frequency;
};

struct trace_reader {
	struct trace_source *sources;
	struct trace_cursor **heap; /* by time */
	uint32_t heap_count;
	uint32_t cursor_count;
	uint32_t is_present; /* the first cursor's event was handed out */
	uint32_t salvage_count;
	const bt_plugin *plugin;
	struct trace_folders folders;
	struct trace_salvage salvage;
	struct trace_summary summary;
};

/* Adds a sentence to the summary: what was left out, and why. */
void trace_note(struct trace_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The library's own reason, the first that it gave; the error is taken from it. @retval `reason` */
const char *trace_reason_take(char reason[TRACE_REASON_BYTES]);

/* ------------------------------------------------------------------------------------- cursors: trace_cursor.c */

/* The present event, plain. @retval 0 an event of no use */
int trace_cursor_event(struct trace_reader *reader, const struct trace_cursor *cursor, struct trace_event *event);

/* Gives back what was had and looks for the next event. @retval 1 it is present @retval 0 the end @retval -1 the library failed */
int trace_cursor_advance(struct trace_reader *reader, struct trace_cursor *cursor);
void trace_cursor_free(struct trace_cursor *cursor);

/* The first one's time has grown. */
void trace_heap_sift_down(struct trace_reader *reader, uint32_t at);
/* @retval 0 no memory is left */
int trace_heap_push(struct trace_reader *reader, struct trace_cursor *cursor);
/* Takes the first one out; it is the caller's. */
struct trace_cursor *trace_heap_take(struct trace_reader *reader);

/* ------------------------------------------------------------------------------------- sources: trace_source.c */

/* @retval NULL the library's plugin is not there, with a message */
const bt_plugin *trace_plugin_find(const char *name);

/* The library's source over these folders. @retval 0 it refuses */
int trace_component_add(const bt_plugin *plugin, bt_graph *graph, const char *const *folders, uint32_t count,
			const char *name, const bt_component_source **component);

/* Takes in the traces of one identity, `first->same_count` of them, and notes what cannot be read. */
void trace_source_add_folders(struct trace_reader *reader, const struct trace_folder *first);

/* The library failed within a stream, whose cursor is the caller's: it is noted, and what lies behind the damage is read on. */
void trace_source_failed(struct trace_reader *reader, struct trace_cursor *cursor);
void trace_source_free(struct trace_source *source);

#endif
