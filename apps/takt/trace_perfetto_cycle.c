/* SPDX-License-Identifier: Apache-2.0 */
/* Cycles, with how late they began and how far from the period apart; also those whose begin or end is not in the trace. */
#include "apps/takt/trace_perfetto_parts.h"

#include <inttypes.h>

static void put_cycle(struct trace_perfetto *perfetto, uint32_t place, uint64_t begin_ns, uint64_t end_ns,
		      uint64_t number, const char *fault)
{
	if (!timeline_begin_slice(&perfetto->timeline, place, begin_ns, end_ns, "cycle", "cycle %" PRIu64, number))
		return;
	perfetto->counts.cycle_count++;
	if (fault)
		timeline_put_word(&perfetto->timeline, "note", fault);
}

/* A cycle whose end is not in the trace: its node was killed, or the trace ended before it. */
void trace_perfetto_end_unfinished(struct trace_perfetto *perfetto, uint32_t place)
{
	struct trace_track *track = perfetto->timeline.tracks.all[place];
	uint64_t before = perfetto->counts.cycle_count;
	if (track->begin_ns == 0)
		return;
	put_cycle(perfetto, place, track->begin_ns, track->last_ns > track->begin_ns ? track->last_ns : track->begin_ns,
		  track->cycle, "its end is not in the trace");
	track->begin_ns = 0;
	if (perfetto->counts.cycle_count == before)
		return;
	perfetto->counts.unfinished_count++;
	timeline_end_slice(&perfetto->timeline);
}

void trace_perfetto_begin_cycle(struct trace_perfetto *perfetto, uint32_t place, const struct trace_event *event)
{
	struct trace_track *track = perfetto->timeline.tracks.all[place];
	const struct trace_cycle *cycle = &event->cycles;
	char of[24] = "";
	trace_perfetto_end_unfinished(perfetto, place);
	track->begin_ns = cycle->begin_ns;
	track->cycle = event->cycle;
	if (track->loop)
		(void)snprintf(of, sizeof(of), ", loop %u", track->loop);
	timeline_put_counter(&perfetto->timeline, place, cycle->begin_ns,
			     cycle->begin_ns > cycle->due_ns ? cycle->begin_ns - cycle->due_ns : 0, "begin late", of);
	if (cycle->cause == TRACE_CAUSE_PERIOD && track->last_begin_ns && event->cycle == track->last_cycle + 1 &&
	    cycle->begin_ns >= track->last_begin_ns && cycle->due_ns >= track->last_due_ns) {
		uint64_t between = cycle->begin_ns - track->last_begin_ns;
		uint64_t wanted = cycle->due_ns - track->last_due_ns;
		timeline_put_counter(&perfetto->timeline, place, cycle->begin_ns,
				     between > wanted ? between - wanted : wanted - between, "period jitter", of);
	}
	track->last_cycle = event->cycle;
	track->last_due_ns = cycle->due_ns;
	track->last_begin_ns = cycle->begin_ns;
}

void trace_perfetto_end_cycle(struct trace_perfetto *perfetto, uint32_t place, const struct trace_event *event)
{
	static const char *const causes[] = {"period", "news", "timeout"};
	struct trace_track *track = perfetto->timeline.tracks.all[place];
	const struct trace_cycle *cycle = &event->cycles;
	int has_begin = track->begin_ns == cycle->begin_ns;
	if (!has_begin)
		trace_perfetto_end_unfinished(perfetto, place);
	uint64_t before = perfetto->counts.cycle_count;
	put_cycle(perfetto, place, cycle->begin_ns, cycle->end_ns, event->cycle,
		  has_begin ? NULL : "its begin is not in the trace");
	track->begin_ns = 0;
	if (perfetto->counts.cycle_count == before)
		return;
	perfetto->counts.beginless_count += !has_begin;
	timeline_put_word(&perfetto->timeline, "cause", cycle->cause < 3 ? causes[cycle->cause] : "unknown");
	timeline_put_argument(&perfetto->timeline, "due_ns", has_begin ? track->last_due_ns : 0);
	timeline_put_argument(&perfetto->timeline, "faults", cycle->faults);
	timeline_put_argument(&perfetto->timeline, "switches", cycle->switches);
	timeline_end_slice(&perfetto->timeline);
}
