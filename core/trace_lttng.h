/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events of the LTTng-UST provider `takt`: names and fields. core/README.md, "Events", says what they mean, and a lint holds it
 * against this file. Read twice: by core/trace_lttng.c, which has the tracepoints, and by core/trace_provider.c, which becomes the
 * library that records them. The only file that includes LTTng's tracepoint.h.
 *
 * Every event of a node begins with the four fields of AT: `domain` (the instance of this life of the domain, 64 random bits), `node`
 * (its index in the config), `loop` and `cycle` (the loop of the thread and the cycle it is in; 65535 and 0: none). A sample is named by
 * `domain`, `topic` and `number`, in every event of every process. All times are CLOCK_MONOTONIC, as LTTng's own are.
 */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER takt
#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "core/trace_lttng.h"

#if !defined(TAKT_CORE_TRACE_LTTNG_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define TAKT_CORE_TRACE_LTTNG_H

#include <lttng/tracepoint.h>
#include <stdint.h>

#include "core/trace_state.h"

/* clang-format off */

#define AT_ARGUMENT const struct takt_trace_place *, at
#define AT \
	lttng_ust_field_integer_hex(uint64_t, domain, at->domain) \
	lttng_ust_field_integer(uint16_t, node, at->node) \
	lttng_ust_field_integer(uint16_t, loop, at->loop) \
	lttng_ust_field_integer(uint64_t, cycle, at->cycle)
#define U8(name, value) lttng_ust_field_integer(uint8_t, name, value)
#define U16(name, value) lttng_ust_field_integer(uint16_t, name, value)
#define U32(name, value) lttng_ust_field_integer(uint32_t, name, value)
#define U64(name, value) lttng_ust_field_integer(uint64_t, name, value)
/* Never empty: babeltrace2 2.0.4 shows the event before's text where one is. */
#define TEXT(name, value) lttng_ust_field_string(name, (value)[0] ? (value) : "-")
#define X64(name, value) lttng_ust_field_integer_hex(uint64_t, name, value)

/* ----------------------------------------------------------------------------------------------------- samples */

LTTNG_UST_TRACEPOINT_EVENT(takt, sample_loaned,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, topic_index, uint32_t, slot_index),
	LTTNG_UST_TP_FIELDS(AT U16(topic, topic_index) U32(slot, slot_index)))

LTTNG_UST_TRACEPOINT_EVENT(takt, sample_abandoned,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, topic_index, uint32_t, slot_index),
	LTTNG_UST_TP_FIELDS(AT U16(topic, topic_index) U32(slot, slot_index)))

LTTNG_UST_TRACEPOINT_EVENT(takt, sample_published,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, const struct takt_trace_publish *, publish),
	LTTNG_UST_TP_FIELDS(AT
		U16(topic, publish->topic)
		U64(number, publish->header.number)
		U64(publish_ns, publish->header.publish_ns)
		U16(origin_topic, publish->header.origin.topic_index)
		U64(origin_number, publish->header.origin.number)
		U64(origin_ns, publish->header.origin.time_ns)
		U32(slot, publish->slot)
		U8(is_loan, publish->is_loan)
		U8(woken_count, __builtin_popcountll(publish->woken))
		X64(woken, publish->woken)))

#define READ_ARGUMENTS LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, topic_index, const struct takt_sample_info *, info, uint32_t, pin_index)
#define READ_FIELDS \
	U16(topic, topic_index) \
	U64(number, info->number) \
	U64(publish_ns, info->publish_ns) \
	U64(read_ns, info->read_ns) \
	U64(age_ns, info->read_ns > info->publish_ns ? info->read_ns - info->publish_ns : 0) \
	U64(lost, info->lost) \
	U64(skipped, info->skipped) \
	U8(is_stale, info->is_stale) \
	U8(is_repeated, info->is_repeated) \
	U16(origin_topic, info->origin.topic_index) \
	U64(origin_number, info->origin.number) \
	U64(origin_ns, info->origin.time_ns)

LTTNG_UST_TRACEPOINT_EVENT(takt, sample_read, READ_ARGUMENTS, LTTNG_UST_TP_FIELDS(AT READ_FIELDS))
LTTNG_UST_TRACEPOINT_EVENT(takt, sample_borrowed, READ_ARGUMENTS, LTTNG_UST_TP_FIELDS(AT READ_FIELDS U8(pin, pin_index)))

LTTNG_UST_TRACEPOINT_EVENT(takt, sample_returned,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, topic_index, uint64_t, sample_number, uint32_t, pin_index, int, kept),
	LTTNG_UST_TP_FIELDS(AT U16(topic, topic_index) U64(number, sample_number) U8(pin, pin_index) U8(is_kept, kept)))

LTTNG_UST_TRACEPOINT_EVENT(takt, samples_lost,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, topic_index, uint64_t, first_number, uint64_t, lost_count),
	LTTNG_UST_TP_FIELDS(AT U16(topic, topic_index) U64(first, first_number) U64(count, lost_count)))

/* ------------------------------------------------------------------------------------------------------- queues */

#define ITEM_ARGUMENTS LTTNG_UST_TP_ARGS(AT_ARGUMENT, const struct takt_trace_item *, item)

LTTNG_UST_TRACEPOINT_EVENT(takt, item_pushed, ITEM_ARGUMENTS, LTTNG_UST_TP_FIELDS(AT
	U16(queue, item->queue)
	U8(band, item->band)
	U64(number, item->number)
	U64(push_ns, item->push_ns)
	U16(origin_topic, item->origin.topic_index)
	U64(origin_number, item->origin.number)
	U64(origin_ns, item->origin.time_ns)))

LTTNG_UST_TRACEPOINT_EVENT(takt, item_taken, ITEM_ARGUMENTS, LTTNG_UST_TP_FIELDS(AT
	U16(queue, item->queue)
	U8(band, item->band)
	U64(number, item->number)
	U64(push_ns, item->push_ns)
	U64(take_ns, item->take_ns)
	U32(deliveries, item->delivery_count)
	U8(is_redelivered, item->is_redelivered)
	U16(origin_topic, item->origin.topic_index)
	U64(origin_number, item->origin.number)
	U64(origin_ns, item->origin.time_ns)))

LTTNG_UST_TRACEPOINT_EVENT(takt, item_acknowledged, ITEM_ARGUMENTS, LTTNG_UST_TP_FIELDS(AT
	U16(queue, item->queue)
	U8(band, item->band)
	U64(number, item->number)
	U64(take_ns, item->take_ns)))

LTTNG_UST_TRACEPOINT_EVENT(takt, item_returned, ITEM_ARGUMENTS, LTTNG_UST_TP_FIELDS(AT
	U16(queue, item->queue)
	U8(band, item->band)
	U64(number, item->number)
	U64(take_ns, item->take_ns)))

LTTNG_UST_TRACEPOINT_ENUM(takt, drop_cause, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("newest", 0)
	lttng_ust_field_enum_value("oldest", 1)
	lttng_ust_field_enum_value("exhausted", 2)))

LTTNG_UST_TRACEPOINT_EVENT(takt, item_dropped,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, queue_index, uint32_t, item_band, uint64_t, item_number, uint32_t, why),
	LTTNG_UST_TP_FIELDS(AT
		U16(queue, queue_index)
		U8(band, item_band)
		U64(number, item_number)
		lttng_ust_field_enum(takt, drop_cause, uint8_t, cause, why)))

LTTNG_UST_TRACEPOINT_EVENT(takt, items_redelivered,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, queue_index, uint32_t, item_count, uint64_t, dead_token),
	LTTNG_UST_TP_FIELDS(AT U16(queue, queue_index) U32(count, item_count) X64(token, dead_token)))

/* ----------------------------------------------------------------------------------------------- waits and locks */

LTTNG_UST_TRACEPOINT_ENUM(takt, wake_cause, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("news", 0)
	lttng_ust_field_enum_value("command", 1)
	lttng_ust_field_enum_value("timeout", 2)
	lttng_ust_field_enum_value("stop", 3)
	lttng_ust_field_enum_value("queue", 4)))

LTTNG_UST_TRACEPOINT_EVENT(takt, reader_woken,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, const struct takt_trace_wait *, wait),
	LTTNG_UST_TP_FIELDS(AT
		U16(waiter, wait->waiter)
		U64(began_ns, wait->began_ns)
		U64(deadline_ns, wait->deadline_ns)
		U64(woken_ns, wait->woken_ns)
		lttng_ust_field_enum(takt, wake_cause, uint8_t, cause, wait->cause)
		U16(topic, wait->topic)
		U64(number, wait->number)
		U32(sleeps, wait->sleep_count)
		U32(spurious, wait->spurious_count)))

LTTNG_UST_TRACEPOINT_ENUM(takt, lock_outcome, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("taken", 0)
	lttng_ust_field_enum_value("taken_over", 1)
	lttng_ust_field_enum_value("timed_out", 2)))

LTTNG_UST_TRACEPOINT_EVENT(takt, lock_waited,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, const struct takt_trace_lock *, lock),
	LTTNG_UST_TP_FIELDS(AT
		U16(topic, lock->topic)
		U64(turn, lock->outcome == 2 ? 0 : lock->turn)
		U64(began_ns, lock->began_ns)
		U64(ended_ns, lock->taken_ns)
		lttng_ust_field_enum(takt, lock_outcome, uint8_t, outcome, lock->outcome)
		X64(owner, lock->owner)))

LTTNG_UST_TRACEPOINT_EVENT(takt, lock_taken,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, const struct takt_trace_lock *, lock),
	LTTNG_UST_TP_FIELDS(AT U16(topic, lock->topic) U64(turn, lock->turn) U64(taken_ns, lock->taken_ns)))

LTTNG_UST_TRACEPOINT_EVENT(takt, lock_taken_over,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, const struct takt_trace_lock *, lock),
	LTTNG_UST_TP_FIELDS(AT U16(topic, lock->topic) U64(turn, lock->turn) U64(taken_ns, lock->taken_ns)))

LTTNG_UST_TRACEPOINT_EVENT(takt, lock_released,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, const struct takt_trace_lock *, lock),
	LTTNG_UST_TP_FIELDS(AT
		U16(topic, lock->topic)
		U64(turn, lock->turn)
		U64(taken_ns, lock->taken_ns)
		U64(released_ns, lock->released_ns)
		U8(is_contended, lock->is_contended)))

/* ---------------------------------------------------------------------------------------- commands and parameters */

LTTNG_UST_TRACEPOINT_EVENT(takt, command_received,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint64_t, command_number, uint64_t, line_bytes),
	LTTNG_UST_TP_FIELDS(AT U64(number, command_number) U32(bytes, line_bytes)))

LTTNG_UST_TRACEPOINT_EVENT(takt, command_parsed,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint64_t, command_number, const char *, command_verb, const char *, command_arguments),
	LTTNG_UST_TP_FIELDS(AT U64(number, command_number)
		lttng_ust_field_string(verb, command_verb)
		TEXT(arguments, command_arguments)))

LTTNG_UST_TRACEPOINT_EVENT(takt, command_applied,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint64_t, command_number, const char *, command_verb),
	LTTNG_UST_TP_FIELDS(AT U64(number, command_number) lttng_ust_field_string(verb, command_verb)))

LTTNG_UST_TRACEPOINT_EVENT(takt, command_refused,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint64_t, command_number, const char *, reason),
	LTTNG_UST_TP_FIELDS(AT U64(number, command_number) lttng_ust_field_string(why, reason)))

LTTNG_UST_TRACEPOINT_EVENT(takt, command_executed,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, const char *, command_verb, uint64_t, start_ns, uint64_t, finish_ns, int32_t, status),
	LTTNG_UST_TP_FIELDS(AT
		lttng_ust_field_string(verb, command_verb)
		U64(began_ns, start_ns)
		U64(ended_ns, finish_ns)
		lttng_ust_field_integer(int32_t, result, status)))

LTTNG_UST_TRACEPOINT_EVENT(takt, parameters_swapped,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint64_t, new_generation),
	LTTNG_UST_TP_FIELDS(AT U64(generation, new_generation)))

/* ------------------------------------------------------------------------------------------------------- cycles */

LTTNG_UST_TRACEPOINT_ENUM(takt, cycle_cause, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("period", 0)
	lttng_ust_field_enum_value("news", 1)
	lttng_ust_field_enum_value("timeout", 2)))

LTTNG_UST_TRACEPOINT_EVENT(takt, cycle_begun,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, const struct takt_trace_cycle *, now),
	LTTNG_UST_TP_FIELDS(AT
		lttng_ust_field_enum(takt, cycle_cause, uint8_t, cause, now->cause)
		U64(due_ns, now->due_ns)
		U64(begin_ns, now->begin_ns)
		U64(overruns, now->overrun_count)))

LTTNG_UST_TRACEPOINT_EVENT(takt, cycle_ended,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, const struct takt_trace_cycle *, now),
	LTTNG_UST_TP_FIELDS(AT
		U64(begin_ns, now->begin_ns)
		U64(end_ns, now->end_ns)
		U64(run_ns, now->end_ns - now->begin_ns)
		U32(faults, now->fault_count)
		U32(switches, now->switch_count)))

LTTNG_UST_TRACEPOINT_EVENT(takt, cycle_overrun,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint64_t, wanted_ns, uint64_t, seen_ns, uint64_t, missed_count),
	LTTNG_UST_TP_FIELDS(AT U64(due_ns, wanted_ns) U64(found_ns, seen_ns) U64(missed, missed_count)))

/* -------------------------------------------------------------------------------------------------------- nodes */

LTTNG_UST_TRACEPOINT_EVENT(takt, node_joined,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, const char *, node_name, uint64_t, own_token, uint32_t, pid),
	LTTNG_UST_TP_FIELDS(AT lttng_ust_field_string(name, node_name) X64(token, own_token) U32(process, pid)))

LTTNG_UST_TRACEPOINT_EVENT(takt, node_left,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, const char *, node_name, uint64_t, own_token),
	LTTNG_UST_TP_FIELDS(AT lttng_ust_field_string(name, node_name) X64(token, own_token)))

LTTNG_UST_TRACEPOINT_ENUM(takt, dead_held, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("place", 0)
	lttng_ust_field_enum_value("pin", 1)
	lttng_ust_field_enum_value("lock", 2)
	lttng_ust_field_enum_value("topic", 3)))

LTTNG_UST_TRACEPOINT_EVENT(takt, node_found_dead,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, dead_index, uint64_t, dead_token, uint32_t, held_what, uint32_t, topic_index),
	LTTNG_UST_TP_FIELDS(AT
		U16(dead_node, dead_index)
		X64(token, dead_token)
		lttng_ust_field_enum(takt, dead_held, uint8_t, held, held_what)
		U16(topic, topic_index)))

/* --------------------------------------------------------------------------------------------------- state dump */

LTTNG_UST_TRACEPOINT_EVENT(takt, domain_described,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, const char *, domain_name, uint32_t, node_count, uint32_t, topic_count),
	LTTNG_UST_TP_FIELDS(AT lttng_ust_field_string(name, domain_name) U16(nodes, node_count) U16(topics, topic_count)))

LTTNG_UST_TRACEPOINT_EVENT(takt, node_described,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, index, const struct takt_config_node *, config, uint64_t, occupant,
		uint64_t, joins, uint32_t, first),
	LTTNG_UST_TP_FIELDS(AT
		U16(described, index)
		lttng_ust_field_string(name, config->name)
		X64(token, occupant)
		U64(joined, joins)
		U64(period_us, config->period_us)
		U16(waiter_first, first)
		U16(waiters, config->waiters)))

LTTNG_UST_TRACEPOINT_EVENT(takt, topic_described,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, index, const struct takt_config_topic *, config, uint64_t, readers),
	LTTNG_UST_TP_FIELDS(AT
		U16(topic, index)
		lttng_ust_field_string(name, config->name)
		lttng_ust_field_string(type, config->type)
		U32(bytes, config->bytes)
		U32(depth, config->depth)
		U64(deadline_us, config->deadline_us)
		U16(publishers, config->publishers)
		X64(readers, readers)))

LTTNG_UST_TRACEPOINT_EVENT(takt, queue_described,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, index, const struct takt_config_queue *, config),
	LTTNG_UST_TP_FIELDS(AT
		U16(queue, index)
		lttng_ust_field_string(name, config->name)
		lttng_ust_field_string(type, config->type)
		U32(bytes, config->bytes)
		U32(depth, config->depth)
		U8(bands, config->bands)))

LTTNG_UST_TRACEPOINT_ENUM(takt, kind, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("i8", TAKT_I8)
	lttng_ust_field_enum_value("u8", TAKT_U8)
	lttng_ust_field_enum_value("i16", TAKT_I16)
	lttng_ust_field_enum_value("u16", TAKT_U16)
	lttng_ust_field_enum_value("i32", TAKT_I32)
	lttng_ust_field_enum_value("u32", TAKT_U32)
	lttng_ust_field_enum_value("i64", TAKT_I64)
	lttng_ust_field_enum_value("u64", TAKT_U64)
	lttng_ust_field_enum_value("f32", TAKT_F32)
	lttng_ust_field_enum_value("f64", TAKT_F64)
	lttng_ust_field_enum_value("bool", TAKT_BOOL)
	lttng_ust_field_enum_value("char", TAKT_CHAR)))

LTTNG_UST_TRACEPOINT_EVENT(takt, field_described,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, topic_index, uint32_t, field_index, const struct takt_flat_type *, flat),
	LTTNG_UST_TP_FIELDS(AT
		U16(topic, topic_index)
		X64(type_hash, flat->hash)
		U16(field, field_index)
		lttng_ust_field_string(name, flat->fields[field_index].name)
		TEXT(unit, flat->fields[field_index].unit)
		lttng_ust_field_enum(takt, kind, uint8_t, kind, flat->fields[field_index].kind)
		U32(count, flat->fields[field_index].count)
		U32(offset, flat->fields[field_index].offset)))

LTTNG_UST_TRACEPOINT_EVENT(takt, publication_described,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, topic_index, const struct takt_trace_counters *, counters),
	LTTNG_UST_TP_FIELDS(AT
		U16(topic, topic_index)
		U64(published, counters->values[0])
		U64(woken, counters->values[1])
		U64(timeouts, counters->values[2])
		U64(abandoned, counters->values[3])))

LTTNG_UST_TRACEPOINT_EVENT(takt, subscription_described,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, topic_index, const struct takt_trace_counters *, counters),
	LTTNG_UST_TP_FIELDS(AT
		U16(topic, topic_index)
		U64(start, counters->values[0])
		U64(next, counters->values[1])
		U64(got, counters->values[2])
		U64(lost, counters->values[3])
		U64(skipped, counters->values[4])
		U64(stale, counters->values[5])
		U64(overtaken, counters->values[6])))

LTTNG_UST_TRACEPOINT_EVENT(takt, loop_described,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, uint32_t, index, const struct takt_trace_counters *, counters),
	LTTNG_UST_TP_FIELDS(AT
		U16(described, index)
		U64(period_ns, counters->values[0])
		U64(cycles, counters->values[1])
		U64(overruns, counters->values[2])
		U64(faults, counters->values[3])
		U64(switches, counters->values[4])
		U64(wakes, counters->values[5])
		U64(spurious, counters->values[6])))

LTTNG_UST_TRACEPOINT_ENUM(takt, dump_cause, LTTNG_UST_TP_ENUM_VALUES(
	lttng_ust_field_enum_value("join", 0)
	lttng_ust_field_enum_value("session", 1)
	lttng_ust_field_enum_value("leave", 2)))

LTTNG_UST_TRACEPOINT_EVENT(takt, state_dumped,
	LTTNG_UST_TP_ARGS(AT_ARGUMENT, const char *, node_name, uint32_t, why, uint32_t, pid),
	LTTNG_UST_TP_FIELDS(AT
		lttng_ust_field_string(name, node_name)
		lttng_ust_field_enum(takt, dump_cause, uint8_t, cause, why)
		U32(process, pid)))

/* clang-format on */

#endif

#include <lttng/tracepoint-event.h>
