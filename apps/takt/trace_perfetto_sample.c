/* SPDX-License-Identifier: Apache-2.0 */
/* Samples: slices of publishing and reading, and the arrow from the one to the other. */
#include "apps/takt/trace_perfetto_parts.h"

#include <inttypes.h>
#include <stdlib.h>

#define SETTLE_NS 50000000u /* so much later than a read its sample's publisher has told of it, or never does */

const char *trace_perfetto_topic(const struct trace_perfetto *perfetto, uint32_t domain, uint64_t topic,
				 char buffer[32])
{
	return trace_topic_name(perfetto->analysis, domain, topic < UINT32_MAX ? (uint32_t)topic : UINT32_MAX, buffer);
}

static struct slot *slot_of(struct trace_perfetto *perfetto, uint32_t domain, uint64_t topic, uint64_t number)
{
	if (topic >= TAKT_TOPIC_COUNT_MAX)
		return NULL;
	struct slot **slots = &perfetto->slots[domain][topic];
	if (*slots == NULL)
		*slots = calloc(TRACE_SLOTS, sizeof(**slots));
	return *slots ? &(*slots)[number & (TRACE_SLOTS - 1)] : NULL;
}

static void put_flow_end(struct trace_perfetto *perfetto, const char *phase, uint32_t place, uint64_t at_ns,
			 const char *topic, const char *rest)
{
	timeline_begin(&perfetto->timeline, phase, place, at_ns, "sample", "%s", topic);
	(void)fprintf(perfetto->timeline.file, ",\"id\":%" PRIu64 "%s}", perfetto->counts.flow_count, rest);
}

/* @retval 0 its publish is not known */
static int link_read(struct trace_perfetto *perfetto, const struct waiting *read)
{
	char buffer[32];
	const struct slot *slot = slot_of(perfetto, read->domain, read->topic, read->number);
	if (slot == NULL || slot->track == 0 || slot->number != read->number || slot->publish_ns > read->read_ns)
		return 0;
	const char *topic = trace_perfetto_topic(perfetto, read->domain, read->topic, buffer);
	perfetto->counts.flow_count++;
	put_flow_end(perfetto, "s", slot->track - 1, slot->publish_ns, topic, "");
	put_flow_end(perfetto, "f", read->track, read->read_ns, topic, ",\"bp\":\"e\"");
	return 1;
}

/* Reads that have waited long enough. */
void trace_perfetto_settle(struct trace_perfetto *perfetto, uint64_t now_ns)
{
	while (perfetto->waiting_first != perfetto->waiting_end) {
		const struct waiting *read = &perfetto->waiting[perfetto->waiting_first % WAITING_MAX];
		if (now_ns < read->time_ns + SETTLE_NS)
			return;
		perfetto->waiting_first++;
		perfetto->counts.unlinked_count += !link_read(perfetto, read);
	}
}

void trace_perfetto_publish(struct trace_perfetto *perfetto, uint32_t domain, uint32_t place,
			    const struct trace_event *event)
{
	const struct trace_sample *sample = &event->sample;
	char buffer[32];
	struct slot *slot = slot_of(perfetto, domain, sample->topic, sample->number);
	if (slot)
		*slot = (struct slot){.number = sample->number, .publish_ns = sample->publish_ns, .track = place + 1};
	if (!timeline_begin_slice(&perfetto->timeline, place, sample->publish_ns, event->time_ns, "publish",
				  "publish %s", trace_perfetto_topic(perfetto, domain, sample->topic, buffer)))
		return;
	timeline_put_argument(&perfetto->timeline, "number", sample->number);
	timeline_put_word(&perfetto->timeline, "origin",
			  trace_perfetto_topic(perfetto, domain, sample->origin_topic, buffer));
	timeline_put_argument(&perfetto->timeline, "origin_number", sample->origin_number);
	timeline_put_argument(&perfetto->timeline, "woken", sample->woken_count);
	timeline_end_slice(&perfetto->timeline);
}

void trace_perfetto_read(struct trace_perfetto *perfetto, uint32_t domain, uint32_t place,
			 const struct trace_event *event)
{
	const struct trace_sample *sample = &event->sample;
	char buffer[32];
	const char *topic = trace_perfetto_topic(perfetto, domain, sample->topic, buffer);
	uint64_t age_ns = sample->read_ns > sample->publish_ns ? sample->read_ns - sample->publish_ns : 0;
	if (timeline_begin_slice(&perfetto->timeline, place, sample->read_ns, event->time_ns, "read", "%s %s%s",
				 event->kind == TRACE_SAMPLE_READ ? "read" : "borrow", topic,
				 sample->is_repeated ? " again" : "")) {
		timeline_put_argument(&perfetto->timeline, "number", sample->number);
		timeline_put_argument(&perfetto->timeline, "age_ns", age_ns);
		timeline_put_argument(&perfetto->timeline, "origin_number", sample->origin_number);
		timeline_put_argument(&perfetto->timeline, "lost", sample->lost);
		timeline_put_argument(&perfetto->timeline, "skipped", sample->skipped);
		timeline_put_argument(&perfetto->timeline, "is_stale", sample->is_stale);
		timeline_end_slice(&perfetto->timeline);
	}
	if (sample->is_repeated || sample->topic >= TAKT_TOPIC_COUNT_MAX)
		return;
	const struct waiting read = {sample->number, sample->read_ns,	      event->time_ns,
				     domain,	     (uint32_t)sample->topic, place};
	timeline_put_counter(&perfetto->timeline, place, sample->read_ns, age_ns, "age of ", topic);
	if (link_read(perfetto, &read))
		return;
	if (perfetto->waiting_end - perfetto->waiting_first == WAITING_MAX)
		trace_perfetto_settle(perfetto,
				      perfetto->waiting[perfetto->waiting_first % WAITING_MAX].time_ns + SETTLE_NS);
	perfetto->waiting[perfetto->waiting_end++ % WAITING_MAX] = read;
}
