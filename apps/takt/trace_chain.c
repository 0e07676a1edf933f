/* SPDX-License-Identifier: Apache-2.0 */
/* Hops and chains: which read belongs to which publish, what came of it, and how a sample came about. By numbers, never by time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/trace_analysis.h"

/* So much later than a read its sample's publisher has told of it, or never does. */
#define SETTLE_NS 50000000u

const struct trace_slot *trace_slot_find(const struct trace_analysis *analysis, uint32_t domain, uint64_t topic,
					 uint64_t number)
{
	if (topic >= TAKT_TOPIC_COUNT_MAX || analysis->domains[domain]->topics[topic].slots == NULL)
		return NULL;
	const struct trace_slot *slot = &analysis->domains[domain]->topics[topic].slots[number & (TRACE_SLOTS - 1)];
	return slot->number == number ? slot : NULL;
}

static struct trace_slot *new_slot(struct trace_topic *topic, uint64_t number)
{
	if (topic->slots == NULL)
		topic->slots = calloc(TRACE_SLOTS, sizeof(*topic->slots));
	return topic->slots ? &topic->slots[number & (TRACE_SLOTS - 1)] : NULL;
}

/* ------------------------------------------------------------------------------------------------------- publish */

static uint64_t span(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? to_ns - from_ns : 0;
}

/* The newest read of this thread whose sample has the same origin, or is it. */
static struct trace_recent_read *find_source(struct trace_loop *loop, const struct trace_sample *sample)
{
	for (uint64_t back = 1; back <= TRACE_READS_MAX && back <= loop->read_count; back++) {
		struct trace_recent_read *read = &loop->reads[(loop->read_count - back) & (TRACE_READS_MAX - 1)];
		if (read->origin_topic == sample->origin_topic && read->origin_number == sample->origin_number)
			return read;
	}
	return NULL;
}

void trace_add_publish(struct trace_analysis *analysis, uint32_t domain, const struct trace_event *event)
{
	const struct trace_sample *sample = &event->sample;
	struct trace_loop *loop = trace_loop_of(analysis, domain, event->node, event->loop);
	if (sample->topic >= TAKT_TOPIC_COUNT_MAX || loop == NULL) {
		analysis->no_room_count++;
		return;
	}
	struct trace_topic *topic = &analysis->domains[domain]->topics[sample->topic];
	struct trace_slot *slot = new_slot(topic, sample->number);
	int is_own = sample->origin_topic == sample->topic && sample->origin_number == sample->number;
	struct trace_recent_read *read = is_own ? NULL : find_source(loop, sample);
	topic->published_count++;
	if (slot)
		*slot = (struct trace_slot){.number = sample->number,
					    .publish_ns = sample->publish_ns,
					    .told_ns = event->time_ns,
					    .publisher = (uint16_t)event->node,
					    .parent_topic = (uint16_t)(is_own ? TRACE_NONE
								       : read ? read->topic
									      : sample->origin_topic),
					    .parent_number = read ? read->number : sample->origin_number};
	if (read && !read->is_handled) {
		read->is_handled = 1;
		trace_span_add(&read->hop->stages_ns[TRACE_READ_TO_HANDLED], span(read->read_ns, sample->publish_ns));
		trace_span_add(&read->hop->stages_ns[TRACE_HANDLED_TO_PUBLISHED],
			       span(sample->publish_ns, event->time_ns));
	}
	trace_add_point(loop, &(struct trace_point){.time_ns = sample->publish_ns,
						    .kind = event->kind,
						    .topic = (uint32_t)sample->topic,
						    .number = sample->number,
						    .value = span(sample->publish_ns, event->time_ns),
						    .detail = (uint32_t)sample->woken_count});
}

/* ------------------------------------------------------------------------------------------------------- read */

/* Asked later, when the publisher's own event is there for sure. */
static void ask_later(struct trace_analysis *analysis, uint32_t domain, const struct trace_event *event)
{
	const struct trace_sample *sample = &event->sample;
	if (analysis->waiting_end - analysis->waiting_first == TRACE_WAITING_MAX)
		trace_settle(analysis,
			     analysis->waiting[analysis->waiting_first % TRACE_WAITING_MAX].time_ns + SETTLE_NS);
	analysis->waiting[analysis->waiting_end++ % TRACE_WAITING_MAX] =
		(struct trace_waiting){.number = sample->number,
				       .read_ns = sample->read_ns,
				       .total_ns = span(sample->origin_ns, sample->read_ns),
				       .time_ns = event->time_ns,
				       .domain = domain,
				       .topic = (uint32_t)sample->topic,
				       .reader = (uint32_t)event->node};
}

/* The reader slept when this sample was published, and read it after that wake-up. */
static void split(struct trace_hop *hop, const struct trace_loop *loop, const struct trace_sample *sample)
{
	uint64_t woken_ns = loop->woken_ns;
	if (woken_ns == 0 || sample->publish_ns < loop->wait_began_ns || sample->publish_ns > woken_ns ||
	    woken_ns > sample->read_ns)
		return;
	trace_span_add(&hop->stages_ns[TRACE_PUBLISH_TO_WAKE], woken_ns - sample->publish_ns);
	trace_span_add(&hop->stages_ns[TRACE_WAKE_TO_READ], sample->read_ns - woken_ns);
}

static void remember(struct trace_loop *loop, struct trace_hop *hop, const struct trace_event *event)
{
	const struct trace_sample *sample = &event->sample;
	loop->reads[loop->read_count++ & (TRACE_READS_MAX - 1)] =
		(struct trace_recent_read){.topic = sample->topic,
					   .number = sample->number,
					   .origin_topic = sample->origin_topic,
					   .origin_number = sample->origin_number,
					   .read_ns = sample->read_ns,
					   .cycle = event->cycle,
					   .hop = hop,
					   .is_handled = (uint32_t)sample->is_repeated};
}

void trace_add_read(struct trace_analysis *analysis, uint32_t domain, const struct trace_event *event)
{
	const struct trace_sample *sample = &event->sample;
	struct trace_hop *hop = trace_hop_of(analysis, domain, sample->topic, event->node);
	struct trace_loop *loop = trace_loop_of(analysis, domain, event->node, event->loop);
	if (hop == NULL || loop == NULL) {
		analysis->no_room_count++;
		return;
	}
	remember(loop, hop, event);
	trace_add_point(loop, &(struct trace_point){.time_ns = sample->read_ns,
						    .kind = event->kind,
						    .topic = (uint32_t)sample->topic,
						    .number = sample->number,
						    .value = span(sample->publish_ns, sample->read_ns),
						    .detail = (uint32_t)sample->is_repeated});
	hop->stale_count += sample->is_stale;
	if (sample->is_repeated) {
		hop->repeated_count++;
		return;
	}
	hop->read_count++;
	hop->skipped_count += sample->skipped;
	trace_span_add(&hop->age_ns, span(sample->publish_ns, sample->read_ns));
	split(hop, loop, sample);
	if (sample->origin_topic == sample->topic || sample->read_ns < sample->origin_ns)
		return;
	trace_span_add(&hop->origin_ns, sample->read_ns - sample->origin_ns);
	ask_later(analysis, domain, event);
}

/* ------------------------------------------------------------------------------------------------------- chains */

static uint32_t find_path(struct trace_analysis *analysis, const struct trace_path *wanted)
{
	for (uint32_t i = 0; i < analysis->path_count; i++)
		if (memcmp(&analysis->paths[i], wanted, sizeof(*wanted)) == 0)
			return i;
	if (analysis->path_count == TRACE_PATHS_MAX)
		return TRACE_NO_PATH;
	analysis->paths[analysis->path_count] = *wanted;
	return analysis->path_count++;
}

/* From the sample back to its first one, and from there the path forward. @retval TRACE_NO_PATH a publish is not in the trace */
static uint32_t path_of(struct trace_analysis *analysis, uint32_t domain, uint64_t topic, uint64_t number)
{
	struct trace_path steps[TRACE_PATH_HOPS_MAX];
	uint32_t count = 0;
	uint32_t path = TRACE_NO_PATH;
	while (topic != TRACE_NONE) {
		const struct trace_slot *slot = trace_slot_find(analysis, domain, topic, number);
		if (slot == NULL || count == TRACE_PATH_HOPS_MAX)
			return TRACE_NO_PATH;
		steps[count++] =
			(struct trace_path){.domain = domain, .topic = (uint32_t)topic, .publisher = slot->publisher};
		topic = slot->parent_topic;
		number = slot->parent_number;
	}
	while (count--) {
		steps[count].parent = path;
		path = find_path(analysis, &steps[count]);
		if (path == TRACE_NO_PATH)
			return TRACE_NO_PATH;
	}
	return path;
}

static struct trace_chain *chain_of(struct trace_analysis *analysis, uint32_t domain, uint32_t path, uint32_t reader)
{
	for (uint32_t i = 0; i < analysis->chain_count; i++)
		if (analysis->chains[i]->path == path && analysis->chains[i]->reader == reader)
			return analysis->chains[i];
	if (analysis->chain_count == TRACE_CHAINS_MAX)
		return NULL;
	struct trace_chain *chain = calloc(1, sizeof(*chain));
	if (chain == NULL)
		return NULL;
	chain->domain = domain;
	chain->path = path;
	chain->reader = reader;
	analysis->chains[analysis->chain_count++] = chain;
	return chain;
}

void trace_settle(struct trace_analysis *analysis, uint64_t now_ns)
{
	while (analysis->waiting_first < analysis->waiting_end) {
		const struct trace_waiting *read = &analysis->waiting[analysis->waiting_first % TRACE_WAITING_MAX];
		if (now_ns < read->time_ns || now_ns - read->time_ns < SETTLE_NS)
			return;
		uint32_t path = path_of(analysis, read->domain, read->topic, read->number);
		struct trace_chain *chain =
			path == TRACE_NO_PATH ? NULL : chain_of(analysis, read->domain, path, read->reader);
		if (chain)
			trace_span_add(&chain->total_ns, read->total_ns);
		else
			analysis->unlinked_count++;
		analysis->waiting_first++;
	}
}

/* The path's steps, the first sample's first. @retval how many */
static uint32_t steps_of(const struct trace_analysis *analysis, uint32_t path, uint32_t steps[TRACE_PATH_HOPS_MAX])
{
	uint32_t reversed[TRACE_PATH_HOPS_MAX];
	uint32_t count = 0;
	for (; path != TRACE_NO_PATH && count < TRACE_PATH_HOPS_MAX; path = analysis->paths[path].parent)
		reversed[count++] = path;
	for (uint32_t i = 0; i < count; i++)
		steps[i] = reversed[count - 1 - i];
	return count;
}

void trace_chain_text(const struct trace_analysis *analysis, const struct trace_chain *chain, char *text,
		      uint32_t bytes)
{
	uint32_t steps[TRACE_PATH_HOPS_MAX];
	char node[32];
	char topic[32];
	uint32_t count = steps_of(analysis, chain->path, steps);
	uint32_t used = 0;
	text[0] = '\0';
	for (uint32_t i = 0; i < count && used < bytes; i++) {
		const struct trace_path *step = &analysis->paths[steps[i]];
		int length = snprintf(text + used, bytes - used, "%s > %s > ",
				      trace_node_name(analysis, chain->domain, step->publisher, node),
				      trace_topic_name(analysis, chain->domain, step->topic, topic));
		used += length > 0 ? (uint32_t)length : 0;
	}
	if (used < bytes)
		(void)snprintf(text + used, bytes - used, "%s",
			       trace_node_name(analysis, chain->domain, chain->reader, node));
}

uint64_t trace_chain_lost(const struct trace_analysis *analysis, const struct trace_chain *chain)
{
	uint32_t steps[TRACE_PATH_HOPS_MAX];
	uint32_t count = steps_of(analysis, chain->path, steps);
	uint64_t lost = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t topic = analysis->paths[steps[i]].topic;
		uint32_t reader = i + 1 < count ? analysis->paths[steps[i + 1]].publisher : chain->reader;
		for (uint32_t hop = 0; hop < analysis->hop_count; hop++)
			if (analysis->hops[hop]->domain == chain->domain && analysis->hops[hop]->topic == topic &&
			    analysis->hops[hop]->reader == reader)
				lost += analysis->hops[hop]->lost_count;
	}
	return lost;
}
