/* SPDX-License-Identifier: Apache-2.0 */
/* Streams and their present events, and the heap that has them in the order of time. */
#include <stdlib.h>
#include <string.h>

#include "apps/takt/escape.h"
#include "apps/takt/trace_reader.h"

#define NS_PER_SECOND 1000000000u

static const bt_message *present(const struct trace_cursor *cursor)
{
	return cursor->messages[cursor->index];
}

int trace_cursor_event(struct trace_reader *reader, const struct trace_cursor *cursor, struct trace_event *event)
{
	*event = (struct trace_event){.stream = cursor->number, .time_ns = cursor->time_ns, .cpu = cursor->cpu};
	if (trace_decode(&cursor->source->decoder, ctf.bt_message_event_borrow_event_const(present(cursor)), event))
		return 1;
	reader->summary.other_count++;
	return 0;
}

/* Ticks are nanoseconds in every trace of LTTng's; others are brought there. */
static uint64_t time_of(const struct trace_cursor *cursor, const bt_clock_snapshot *snapshot)
{
	uint64_t value = ctf.bt_clock_snapshot_get_value(snapshot);
	uint64_t frequency = cursor->frequency;
	if (frequency == NS_PER_SECOND || frequency == 0)
		return value;
	return value / frequency * NS_PER_SECOND + (uint64_t)((double)(value % frequency) * 1e9 / (double)frequency);
}

static void see_stream(struct trace_reader *reader, struct trace_cursor *cursor, const bt_stream *stream)
{
	const bt_stream_class *stream_class = ctf.bt_stream_borrow_class_const(stream);
	const bt_clock_class *clock = ctf.bt_stream_class_borrow_default_clock_class_const(stream_class);
	const bt_value *host =
		ctf.bt_trace_borrow_environment_entry_value_by_name_const(ctf.bt_stream_borrow_trace_const(stream),
									  "hostname");
	cursor->is_known = 1;
	cursor->stream_class = ctf.bt_stream_class_get_id(stream_class);
	cursor->instance = ctf.bt_stream_get_id(stream);
	cursor->frequency = clock ? ctf.bt_clock_class_get_frequency(clock) : 0;
	if (host && ctf.bt_value_get_type(host) == BT_VALUE_TYPE_STRING) {
		const char *text = ctf.bt_value_string_get(host);
		(void)escape_text(reader->summary.host, sizeof(reader->summary.host), text, strlen(text));
	}
}

static void see_packet(struct trace_reader *reader, struct trace_cursor *cursor, const bt_message *message)
{
	const bt_packet *packet = ctf.bt_message_packet_beginning_borrow_packet_const(message);
	const bt_field *context = ctf.bt_packet_borrow_context_field_const(packet);
	const bt_field *cpu =
		context ? ctf.bt_field_structure_borrow_member_field_by_name_const(context, "cpu_id") : NULL;
	const bt_stream_class *stream_class =
		ctf.bt_stream_borrow_class_const(ctf.bt_packet_borrow_stream_const(packet));
	reader->summary.packet_done_count++;
	cursor->is_in_packet = 1;
	if (ctf.bt_stream_class_packets_have_beginning_default_clock_snapshot(stream_class))
		cursor->packet_begin_ns = ctf.bt_clock_snapshot_get_value(
			ctf.bt_message_packet_beginning_borrow_default_clock_snapshot_const(message));
	if (cpu)
		(void)trace_decode_number(cpu, &cursor->cpu);
}

/* What a message tells beside events. @retval 1 it is an event with a time */
static int see_message(struct trace_reader *reader, struct trace_cursor *cursor, const bt_message *message)
{
	uint64_t count = 0;
	switch (ctf.bt_message_get_type(message)) {
	case BT_MESSAGE_TYPE_EVENT:
		/* One without a clock cannot be put in order with the others. */
		if (cursor->frequency == 0)
			return 0;
		cursor->time_ns = time_of(cursor, ctf.bt_message_event_borrow_default_clock_snapshot_const(message));
		return 1;
	case BT_MESSAGE_TYPE_STREAM_BEGINNING:
		see_stream(reader, cursor, ctf.bt_message_stream_beginning_borrow_stream_const(message));
		return 0;
	case BT_MESSAGE_TYPE_PACKET_BEGINNING:
		see_packet(reader, cursor, message);
		return 0;
	case BT_MESSAGE_TYPE_PACKET_END:
		cursor->is_in_packet = 0;
		return 0;
	case BT_MESSAGE_TYPE_DISCARDED_EVENTS:
		if (ctf.bt_message_discarded_events_get_count(message, &count) == BT_PROPERTY_AVAILABILITY_AVAILABLE)
			reader->summary.discarded_count += count;
		return 0;
	case BT_MESSAGE_TYPE_DISCARDED_PACKETS:
		if (ctf.bt_message_discarded_packets_get_count(message, &count) == BT_PROPERTY_AVAILABILITY_AVAILABLE)
			reader->summary.discarded_packet_count += count;
		return 0;
	default:
		return 0;
	}
}

int trace_cursor_advance(struct trace_reader *reader, struct trace_cursor *cursor)
{
	for (;;) {
		while (cursor->index < cursor->count) {
			ctf.bt_message_put_ref(present(cursor));
			if (++cursor->index < cursor->count && see_message(reader, cursor, present(cursor)))
				return 1;
		}
		cursor->index = cursor->count = 0;
		switch (ctf.bt_message_iterator_next(cursor->iterator, &cursor->messages, &cursor->count)) {
		case BT_MESSAGE_ITERATOR_NEXT_STATUS_OK:
			break;
		case BT_MESSAGE_ITERATOR_NEXT_STATUS_AGAIN:
			cursor->count = 0;
			break;
		case BT_MESSAGE_ITERATOR_NEXT_STATUS_END:
			cursor->count = 0;
			return 0;
		default:
			cursor->count = 0;
			return -1;
		}
		if (cursor->count && see_message(reader, cursor, present(cursor)))
			return 1;
	}
}

void trace_cursor_free(struct trace_cursor *cursor)
{
	for (; cursor->index < cursor->count; cursor->index++)
		ctf.bt_message_put_ref(present(cursor));
	ctf.bt_message_iterator_put_ref(cursor->iterator);
	free(cursor);
}

/* --------------------------------------------------------------------------------------------------- heap by time */

void trace_heap_sift_down(struct trace_reader *reader, uint32_t at)
{
	struct trace_cursor **heap = reader->heap;
	for (;;) {
		uint32_t least = at;
		for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < reader->heap_count; child++)
			if (heap[child]->time_ns < heap[least]->time_ns)
				least = child;
		if (least == at)
			return;
		struct trace_cursor *moved = heap[at];
		heap[at] = heap[least];
		heap[least] = moved;
		at = least;
	}
}

int trace_heap_push(struct trace_reader *reader, struct trace_cursor *cursor)
{
	struct trace_cursor **larger = realloc(reader->heap, (reader->heap_count + 1) * sizeof(struct trace_cursor *));
	if (larger == NULL)
		return 0;
	reader->heap = larger;
	uint32_t at = reader->heap_count++;
	while (at && reader->heap[(at - 1) / 2]->time_ns > cursor->time_ns) {
		reader->heap[at] = reader->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	reader->heap[at] = cursor;
	return 1;
}

struct trace_cursor *trace_heap_take(struct trace_reader *reader)
{
	struct trace_cursor *first = reader->heap[0];
	reader->heap[0] = reader->heap[--reader->heap_count];
	if (reader->heap_count)
		trace_heap_sift_down(reader, 0);
	return first;
}
