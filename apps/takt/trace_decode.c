/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_decode.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------------------- plans */

static int is_number(bt_field_class_type type)
{
	return type == BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER || type == BT_FIELD_CLASS_TYPE_SIGNED_INTEGER ||
	       type == BT_FIELD_CLASS_TYPE_UNSIGNED_ENUMERATION || type == BT_FIELD_CLASS_TYPE_SIGNED_ENUMERATION;
}

static size_t context_place(const char *field)
{
	if (strcmp(field, "vpid") == 0 || strcmp(field, "pid") == 0)
		return offsetof(struct trace_event, process);
	if (strcmp(field, "vtid") == 0 || strcmp(field, "tid") == 0)
		return offsetof(struct trace_event, thread);
	return SIZE_MAX;
}

/* Members whose class is not what we expect are left alone. */
static void plan_part(struct trace_plan *plan, const bt_field_class *structure, enum trace_part part)
{
	if (structure == NULL || ctf.bt_field_class_get_type(structure) != BT_FIELD_CLASS_TYPE_STRUCTURE)
		return;
	uint64_t count = ctf.bt_field_class_structure_get_member_count(structure);
	for (uint64_t i = 0; i < count && plan->field_count < TRACE_FIELDS_MAX; i++) {
		const bt_field_class_structure_member *member =
			ctf.bt_field_class_structure_borrow_member_by_index_const(structure, i);
		const char *name = ctf.bt_field_class_structure_member_get_name(member);
		bt_field_class_type type = ctf.bt_field_class_get_type(
			ctf.bt_field_class_structure_member_borrow_field_class_const(member));
		int is_text = 0;
		size_t offset =
			part == TRACE_CONTEXT ? context_place(name) : trace_event_place(plan->kind, name, &is_text);
		if (offset == SIZE_MAX || !(is_text ? type == BT_FIELD_CLASS_TYPE_STRING : is_number(type)))
			continue;
		plan->fields[plan->field_count++] = (struct trace_field_plan){.index = (uint32_t)i,
									      .part = part,
									      .type = type,
									      .offset = (uint32_t)offset};
	}
}

static void make_plan(struct trace_plan *plan, const bt_event_class *event_class)
{
	const bt_stream_class *stream_class = ctf.bt_event_class_borrow_stream_class_const(event_class);
	const char *name = ctf.bt_event_class_get_name(event_class);
	*plan = (struct trace_plan){.event_class = event_class, .kind = name ? trace_event_kind(name) : TRACE_OTHER};
	if (plan->kind == TRACE_OTHER)
		return;
	plan_part(plan, ctf.bt_event_class_borrow_payload_field_class_const(event_class), TRACE_PAYLOAD);
	plan_part(plan, ctf.bt_stream_class_borrow_event_common_context_field_class_const(stream_class), TRACE_CONTEXT);
}

/* @retval NULL more classes than there is room for */
static const struct trace_plan *find_plan(struct trace_decoder *decoder, const bt_event_class *event_class)
{
	uint32_t at = (uint32_t)((uintptr_t)event_class >> 4) & (TRACE_PLANS_MAX - 1);
	for (uint32_t i = 0; i < TRACE_PLANS_MAX; i++, at = (at + 1) & (TRACE_PLANS_MAX - 1)) {
		struct trace_plan *plan = &decoder->plans[at];
		if (plan->event_class == event_class)
			return plan;
		if (plan->event_class == NULL) {
			make_plan(plan, event_class);
			return plan;
		}
	}
	return NULL;
}

/* ------------------------------------------------------------------------------------------------------- events */

static uint64_t number_of(const bt_field *field, bt_field_class_type type)
{
	if (type == BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER || type == BT_FIELD_CLASS_TYPE_UNSIGNED_ENUMERATION)
		return ctf.bt_field_integer_unsigned_get_value(field);
	return (uint64_t)ctf.bt_field_integer_signed_get_value(field);
}

static void fill(struct trace_event *event, const struct trace_plan *plan, const bt_event *from)
{
	const bt_field *parts[] = {[TRACE_CONTEXT] = ctf.bt_event_borrow_common_context_field_const(from),
				   [TRACE_PAYLOAD] = ctf.bt_event_borrow_payload_field_const(from)};
	for (uint32_t i = 0; i < plan->field_count; i++) {
		const struct trace_field_plan *at = &plan->fields[i];
		const bt_field *field =
			ctf.bt_field_structure_borrow_member_field_by_index_const(parts[at->part], at->index);
		unsigned char *place = (unsigned char *)event + at->offset;
		if (at->type == BT_FIELD_CLASS_TYPE_STRING)
			*(const char **)(void *)place = ctf.bt_field_string_get_value(field);
		else
			*(uint64_t *)(void *)place = number_of(field, at->type);
	}
}

/* Texts that this trace's event does not have. */
static void fill_texts(struct trace_event *event)
{
	const char **texts[] = {NULL, NULL};
	if (event->kind >= TRACE_COMMAND_RECEIVED && event->kind <= TRACE_PARAMETERS_SWAPPED) {
		texts[0] = &event->command.verb;
		texts[1] = &event->command.text;
	} else if (event->kind >= TRACE_NODE_JOINED && event->kind <= TRACE_NODE_FOUND_DEAD) {
		texts[0] = &event->nodes.name;
	} else if (event->kind >= TRACE_DOMAIN_DESCRIBED && event->kind <= TRACE_STATE_DUMPED) {
		texts[0] = &event->described.name;
		texts[1] = &event->described.type;
	} else if (event->kind >= TRACE_SCHED_SWITCH) {
		texts[0] = &event->sched.previous_name;
		texts[1] = &event->sched.next_name;
	}
	for (uint32_t i = 0; i < 2; i++)
		if (texts[i] && *texts[i] == NULL)
			*texts[i] = "";
}

int trace_decode_number(const bt_field *field, uint64_t *number)
{
	bt_field_class_type type = ctf.bt_field_get_class_type(field);
	if (!is_number(type))
		return 0;
	*number = number_of(field, type);
	return 1;
}

int trace_decode(struct trace_decoder *decoder, const bt_event *from, struct trace_event *event)
{
	const struct trace_plan *plan = find_plan(decoder, ctf.bt_event_borrow_class_const(from));
	if (plan == NULL || plan->kind == TRACE_OTHER)
		return 0;
	event->kind = plan->kind;
	fill(event, plan, from);
	fill_texts(event);
	return 1;
}
