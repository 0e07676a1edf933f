/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names, types and counters, so that a trace may begin at any time: dumped when a node joins and leaves, when it attaches to a topic,
 * and whenever a session starts. Then LTTng's listener thread calls session_began: an ordinary thread that sees each session begin. And
 * loading the library that brings LTTng in.
 */
#define LTTNG_UST_TRACEPOINT_PROBE_DYNAMIC_LINKAGE
#define LTTNG_UST_TRACEPOINT_HIDDEN_DEFINITION
#include "core/trace_lttng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/layout.h"
#include "core/segment.h"
#include "core/topic_segment.h"
#include "core/trace.h"
#include "core/trace_state.h"
#include "platform/clock.h"
#include "platform/library.h"
#include "platform/message.h"
#include "platform/thread.h"

#define TRACED_COUNT_MAX 256u /* nodes of this process and topics that they are attached to, all together */
#define LOCK_PAUSE_NS	 (50 * TAKT_NS_PER_US)

/* What a session's beginning dumps: a node, or a topic that one is attached to. */
struct traced {
	const struct takt_node *node;	   /* NULL: free */
	const struct takt_os_shm *segment; /* NULL: the node itself */
	uint32_t topic_index;
};

static takt_trace_touch_function touch;
static struct traced all[TRACED_COUNT_MAX];
static atomic_uint is_locked;
static atomic_uint is_memory_locked;
static atomic_uint is_child; /* of a fork: nothing here is its own */

/* Held while a node's state is dumped, so that it does not leave meanwhile. At start-up, at the end and by LTTng's thread only: never in
 * real time. */
static int lock(void)
{
	if (atomic_load_explicit(&is_child, memory_order_relaxed))
		return 0;
	/* TR1 acquire: the lock before what it guards. Pairs with TR2. */
	while (atomic_exchange_explicit(&is_locked, 1, memory_order_acquire))
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + LOCK_PAUSE_NS);
	return 1;
}

static void unlock(void)
{
	/* TR2 release: what was guarded before the lock is free. Pairs with TR1. */
	atomic_store_explicit(&is_locked, 0, memory_order_release);
}

/* ------------------------------------------------------------------------------------------------------- dumping */

static uint64_t load(const _Atomic uint64_t *counter)
{
	/* Relaxed: each counter is whole, all of one moment is not promised. */
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void describe_domain(const struct takt_node *node, const struct takt_trace_place *at)
{
	const struct takt_config *config = node->config;
	lttng_ust_tracepoint(takt, domain_described, at, node->domain.name, config->nodes_count, config->topics_count);
	for (uint32_t i = 0; i < config->nodes_count; i++) {
		const struct takt_roster_node_shm *place = takt_domain_node(&node->domain, i);
		lttng_ust_tracepoint(takt, node_described, at, i, &config->nodes[i], load(&place->token),
				     load(&place->joined_count), takt_config_waiter_first(config, i));
	}
	for (uint32_t i = 0; i < config->topics_count; i++)
		lttng_ust_tracepoint(takt, topic_described, at, i, &config->topics[i],
				     takt_config_subscriber_mask(config, config->topics[i].name));
	for (uint32_t i = 0; i < config->queues_count; i++)
		lttng_ust_tracepoint(takt, queue_described, at, i, &config->queues[i]);
}

/* Behind the counters of a node that still runs come events that they do not hold yet: what was counted lies between the events of this
 * thread's dump and those of the others only by time. At the end of the node they are exact. */
static void describe_counters(const struct takt_node *node, const struct takt_trace_place *at)
{
	struct takt_node_layout layout;
	const unsigned char *memory = node->segment.address;
	takt_node_layout(node->own, &layout);
	const struct takt_publication_shm *publications = (const void *)(memory + layout.publications_offset);
	for (uint32_t i = 0; i < node->own->publishes_count; i++) {
		const struct takt_publication_shm *from = &publications[i];
		struct takt_trace_counters counters = {{load(&from->published_count), load(&from->woken_count),
							load(&from->timeout_count), load(&from->abandoned_count)}};
		uint32_t topic_index = takt_config_topic_find(node->config, node->own->publishes[i]);
		lttng_ust_tracepoint(takt, publication_described, at, topic_index, &counters);
	}
	const struct takt_subscription_shm *subscriptions = (const void *)(memory + layout.subscriptions_offset);
	for (uint32_t i = 0; i < node->own->subscribes_count; i++) {
		const struct takt_subscription_shm *from = &subscriptions[i];
		struct takt_trace_counters counters = {{load(&from->start_number), load(&from->next_number),
							load(&from->got_count), load(&from->lost_count),
							load(&from->skipped_count), load(&from->stale_count),
							load(&from->overtaken_count)}};
		uint32_t topic_index = takt_config_topic_find(node->config, node->own->subscribes[i]);
		lttng_ust_tracepoint(takt, subscription_described, at, topic_index, &counters);
	}
	const struct takt_loop_shm *loops = (const void *)(memory + layout.loops_offset);
	for (uint32_t i = 0; i < (node->own->waiters ? node->own->waiters : 1); i++) {
		const struct takt_loop_shm *from = &loops[i];
		struct takt_trace_counters counters = {{load(&from->period_ns), load(&from->cycle_count),
							load(&from->overrun_count), load(&from->fault_count),
							load(&from->switch_count), load(&from->wake_count),
							load(&from->spurious_count)}};
		lttng_ust_tracepoint(takt, loop_described, at, i, &counters);
	}
}

/* Under the lock, for the description's storage. Where nobody has described the topic yet, its publisher will. */
static void describe_type(const struct traced *traced)
{
	static struct takt_flat_type flat;
	const struct takt_config_topic *config = &traced->node->config->topics[traced->topic_index];
	struct takt_topic_layout layout;
	struct takt_topic_constants constants = {.topic_index = traced->topic_index, .payload_bytes = config->bytes};
	struct takt_trace_place at = takt_trace_place_of(traced->node);
	/* Where the fields are the config says, as when the segment was made and opened. */
	takt_topic_layout(config, &layout);
	constants.fields_offset = layout.fields_offset;
	(void)snprintf(constants.type_name, sizeof(constants.type_name), "%s", config->type);
	(void)snprintf(constants.topic, sizeof(constants.topic), "%s", config->name);
	if (takt_topic_segment_description(traced->segment->address, &constants, &flat) != TAKT_OK)
		return;
	for (uint32_t i = 0; i < flat.field_count; i++)
		lttng_ust_tracepoint(takt, field_described, &at, traced->topic_index, i, &flat);
}

static void dump(const struct traced *traced, enum takt_trace_dump cause)
{
	if (traced->segment) {
		if (lttng_ust_tracepoint_enabled(takt, field_described))
			describe_type(traced);
		return;
	}
	struct takt_trace_place at = takt_trace_place_of(traced->node);
	describe_domain(traced->node, &at);
	describe_counters(traced->node, &at);
	lttng_ust_tracepoint(takt, state_dumped, &at, traced->node->name, (uint32_t)cause, takt_os_process_id());
}

/* By a thread of LTTng's, which holds LTTng's own lock meanwhile: nobody who holds ours may call what takes that one. */
static void session_began(void)
{
	if (!lock())
		return;
	/* Mapped just now, and locked page by page as each is touched: real-time threads would touch them. A refusal costs that. */
	if (atomic_load_explicit(&is_memory_locked, memory_order_relaxed))
		(void)!takt_os_memory_lock();
	for (uint32_t i = 0; i < TRACED_COUNT_MAX; i++)
		if (all[i].node)
			dump(&all[i], TAKT_TRACE_SESSION);
	unlock();
}

static void add(const struct traced *traced)
{
	uint32_t i = 0;
	if (!lock())
		return;
	while (i < TRACED_COUNT_MAX && all[i].node)
		i++;
	if (i < TRACED_COUNT_MAX)
		all[i] = *traced;
	dump(traced, TAKT_TRACE_JOIN);
	unlock();
	if (i == TRACED_COUNT_MAX)
		takt_message(TAKT_WARNING,
			     "node '%s': tracing knows %u nodes and topics of this process and not this one: a session "
			     "that starts later will not be told of it",
			     traced->node->name, TRACED_COUNT_MAX);
}

static void take_out(const void *node_or_segment)
{
	if (!lock())
		return;
	for (uint32_t i = 0; i < TRACED_COUNT_MAX; i++)
		if (all[i].segment == node_or_segment || (all[i].segment == NULL && all[i].node == node_or_segment))
			all[i] = (struct traced){0};
	unlock();
}

/* ----------------------------------------------------------------------------------------------------- life cycle */

void takt_trace_emit_node_joined(struct takt_node *node)
{
	struct takt_trace_place at = takt_trace_place_of(node);
	lttng_ust_tracepoint(takt, node_joined, &at, node->name, node->token, takt_os_process_id());
	add(&(struct traced){.node = node});
}

void takt_trace_emit_node_left(struct takt_node *node)
{
	struct takt_trace_place at = takt_trace_place_of(node);
	take_out(node);
	dump(&(struct traced){.node = node}, TAKT_TRACE_LEAVE);
	lttng_ust_tracepoint(takt, node_left, &at, node->name, node->token);
}

void takt_trace_emit_topic_attached(struct takt_node *node, uint32_t topic_index, const struct takt_os_shm *segment)
{
	takt_trace_thread_touched();
	add(&(struct traced){.node = node, .topic_index = topic_index, .segment = segment});
}

void takt_trace_emit_topic_detached(const struct takt_os_shm *segment)
{
	take_out(segment);
}

void takt_trace_emit_memory_locked(void)
{
	/* Relaxed: it orders nothing. */
	atomic_store_explicit(&is_memory_locked, 1, memory_order_relaxed);
}

void takt_trace_emit_process_forked(void)
{
	atomic_store_explicit(&is_child, 1, memory_order_relaxed);
}

/* ------------------------------------------------------------------------------------------------------- library */

void takt_trace_emit_thread_touched(void)
{
	if (touch)
		touch();
}

/* Where the system looks; in `lib` beside the `bin` that the program is in, as in a build folder or a copied tree; where it was to be
 * installed. */
static const char *const places[] = {TAKT_TRACE_LIBRARY, "$ORIGIN/../lib/" TAKT_TRACE_LIBRARY,
				     TAKT_TRACE_FOLDER "/" TAKT_TRACE_LIBRARY};

static enum takt_status find_library(void **library, char *why, uint32_t why_bytes)
{
	enum takt_status status = TAKT_ABSENT;
	for (uint32_t i = 0; i < sizeof(places) / sizeof(places[0]) && status == TAKT_ABSENT; i++) {
		status = takt_os_library_load(places[i], library, why, why_bytes);
		/* It is there, and what it needs is not: elsewhere it would be no better. */
		if (status == TAKT_ABSENT && strstr(why, TAKT_TRACE_LIBRARY ": cannot open") == NULL)
			break;
	}
	return status;
}

/* Only who asks for it is told that it is not there: a node does its work without. */
void takt_trace_emit_library_loaded(void)
{
	static int is_tried;
	const char *wanted = getenv("TAKT_TRACE");
	char why[256];
	void *library = NULL;
	if (is_tried || (wanted && strcmp(wanted, "off") == 0))
		return;
	is_tried = 1;
	if (find_library(&library, why, sizeof(why)) == TAKT_OK) {
		takt_trace_init_function init =
			(takt_trace_init_function)takt_os_library_find(library, TAKT_TRACE_INIT_FUNCTION);
		touch = (takt_trace_touch_function)takt_os_library_find(library, TAKT_TRACE_TOUCH_FUNCTION);
		if (init && touch && init(session_began))
			return;
		(void)snprintf(why, sizeof(why), "it is of another version");
	}
	touch = NULL;
	if (wanted)
		takt_message(TAKT_WARNING,
			     "TAKT_TRACE=%.10s asks for tracing, and " TAKT_TRACE_LIBRARY
			     " cannot be loaded: %s; going on without: install it and liblttng-ust1",
			     wanted, why);
}
