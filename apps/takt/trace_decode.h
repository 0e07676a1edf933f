/* SPDX-License-Identifier: Apache-2.0 */
/* From an event of the library (libbabeltrace2) to a plain one. For trace_read.c alone. */
#ifndef APPS_TAKT_TRACE_DECODE_H
#define APPS_TAKT_TRACE_DECODE_H

#include <stdint.h>

#include "apps/takt/trace_event.h"
#include "apps/takt/trace_library.h"

#define TRACE_PLANS_MAX	 256u /* event classes of one source; a power of two */
#define TRACE_FIELDS_MAX 24u  /* of one event that are of use */

enum trace_part { TRACE_CONTEXT, TRACE_PAYLOAD };

/* Where one field of an event class goes. */
struct trace_field_plan {
	uint32_t index;
	enum trace_part part;
	bt_field_class_type type;
	uint32_t offset;
};

/* What is of use of an event class: found once, followed for each event. */
struct trace_plan {
	const bt_event_class *event_class; /* NULL: free */
	enum trace_kind kind;
	uint32_t field_count;
	struct trace_field_plan fields[TRACE_FIELDS_MAX];
};

/* The event classes of one source. Zero-initialise. */
struct trace_decoder {
	struct trace_plan plans[TRACE_PLANS_MAX];
};

/* Fills kind and fields; the rest of `event` is left alone. @retval 1 @retval 0 an event of no use */
int trace_decode(struct trace_decoder *decoder, const bt_event *from, struct trace_event *event);

/* The number in a field, where it is one. @retval 1 it is */
int trace_decode_number(const bt_field *field, uint64_t *number);

#endif
