/* SPDX-License-Identifier: Apache-2.0 */
/* The reader: what was found is opened, read in the order of time, and closed. */
#include "apps/takt/trace_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/trace_reader.h"
#include "platform/message.h"

/* ------------------------------------------------------------------------------------------------------- notes */

void trace_note(struct trace_reader *reader, const char *format, ...)
{
	struct trace_summary *summary = &reader->summary;
	va_list arguments;
	if (summary->note_count++ >= TRACE_NOTES_MAX)
		return;
	va_start(arguments, format);
	(void)vsnprintf(summary->notes[summary->note_count - 1], TRACE_NOTE_BYTES, format, arguments);
	va_end(arguments);
}

const char *trace_reason_take(char reason[TRACE_REASON_BYTES])
{
	const bt_error *error = ctf.bt_current_thread_take_error();
	(void)snprintf(reason, TRACE_REASON_BYTES, "no reason given");
	if (error == NULL)
		return reason;
	if (ctf.bt_error_get_cause_count(error)) {
		const char *text = ctf.bt_error_cause_get_message(ctf.bt_error_borrow_cause_by_index(error, 0));
		(void)snprintf(reason, TRACE_REASON_BYTES, "%.*s", (int)strcspn(text, "\n"), text);
	}
	ctf.bt_error_release(error);
	return reason;
}

/* ------------------------------------------------------------------------------------------------------- reader */

static void note_folders(struct trace_reader *reader)
{
	struct trace_folders *folders = &reader->folders;
	for (uint32_t i = 0; i < folders->note_count && i < TRACE_FOLDER_NOTES_MAX; i++)
		trace_note(reader, "%s", folders->notes[i]);
	reader->summary.left_out_count += folders->note_count;
	reader->summary.packet_count = folders->packet_count;
	reader->summary.byte_count = folders->byte_count;
}

struct trace_reader *trace_reader_open(const char *folder)
{
	struct trace_reader *reader = calloc(1, sizeof(*reader));
	if (reader == NULL) {
		takt_message(TAKT_ERROR, "trace %.200s: no memory is left to read it", folder);
		return NULL;
	}
	if (!trace_folders_find(&reader->folders, folder) || !trace_library_open(folder) ||
	    (reader->plugin = trace_plugin_find("ctf")) == NULL) {
		trace_reader_close(reader);
		return NULL;
	}
	note_folders(reader);
	for (uint32_t i = 0; i < reader->folders.count; i += reader->folders.all[i].same_count)
		trace_source_add_folders(reader, &reader->folders.all[i]);
	reader->summary.stream_count = reader->heap_count;
	if (reader->summary.trace_count == 0) {
		for (uint32_t i = 0; i < reader->summary.note_count && i < TRACE_NOTES_MAX; i++)
			takt_message(TAKT_ERROR, "trace %s", reader->summary.notes[i]);
		trace_reader_close(reader);
		return NULL;
	}
	if (reader->heap_count)
		reader->summary.first_ns = reader->heap[0]->time_ns;
	return reader;
}

/* The first cursor goes on, or ends. */
static void step(struct trace_reader *reader)
{
	struct trace_cursor *cursor = reader->heap[0];
	int found = trace_cursor_advance(reader, cursor);
	if (found > 0) {
		trace_heap_sift_down(reader, 0);
		return;
	}
	(void)trace_heap_take(reader);
	if (found < 0) {
		/* What is pushed for the rest must not meet this one. */
		cursor->time_ns = cursor->time_ns > reader->summary.last_ns ? cursor->time_ns : reader->summary.last_ns;
		trace_source_failed(reader, cursor);
	}
	trace_cursor_free(cursor);
}

int trace_reader_next(struct trace_reader *reader, struct trace_event *event)
{
	if (reader->is_present)
		step(reader);
	reader->is_present = 0;
	while (reader->heap_count) {
		if (trace_cursor_event(reader, reader->heap[0], event)) {
			reader->is_present = 1;
			reader->summary.event_count++;
			reader->summary.last_ns = event->time_ns;
			return 1;
		}
		step(reader);
	}
	return 0;
}

const struct trace_summary *trace_reader_summary(const struct trace_reader *reader)
{
	return &reader->summary;
}

void trace_reader_close(struct trace_reader *reader)
{
	if (reader == NULL)
		return;
	for (uint32_t i = 0; i < reader->heap_count; i++)
		trace_cursor_free(reader->heap[i]);
	free(reader->heap);
	while (reader->sources) {
		struct trace_source *next = reader->sources->next;
		trace_source_free(reader->sources);
		reader->sources = next;
	}
	if (reader->plugin)
		ctf.bt_plugin_put_ref(reader->plugin);
	trace_salvage_end(&reader->salvage);
	trace_folders_free(&reader->folders);
	free(reader);
}
