/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_tracks.h"

#include <stdlib.h>

static int is_same(const struct trace_track *a, const struct trace_track *b)
{
	return a->domain == b->domain && a->node == b->node && a->loop == b->loop && a->lane == b->lane &&
	       a->thread == b->thread;
}

static uint32_t hash(const struct trace_track *track)
{
	uint32_t mixed = track->domain * 0x9e3779b1u ^ track->node * 0x85ebca6bu ^ track->loop * 0xc2b2ae35u ^
			 track->lane * 0x27d4eb2fu ^ (uint32_t)(track->thread ^ track->thread >> 32) * 0x165667b1u;
	return (mixed ^ mixed >> 15) & (TRACE_TRACKS_HASHES - 1);
}

struct trace_track *trace_track_of(struct trace_tracks *tracks, const struct trace_track *wanted, uint32_t *place)
{
	uint32_t at = hash(wanted);
	for (; tracks->index[at]; at = (at + 1) & (TRACE_TRACKS_HASHES - 1)) {
		struct trace_track *track = tracks->all[tracks->index[at] - 1];
		*place = tracks->index[at] - 1u;
		if (is_same(track, wanted))
			return track;
	}
	struct trace_track *track = tracks->count < TRACE_TRACKS_MAX ? calloc(1, sizeof(*track)) : NULL;
	if (track == NULL)
		return NULL;
	*track = (struct trace_track){.domain = wanted->domain,
				      .node = wanted->node,
				      .loop = wanted->loop,
				      .lane = wanted->lane,
				      .thread = wanted->thread};
	*place = tracks->count;
	tracks->all[tracks->count++] = track;
	tracks->index[at] = (uint16_t)tracks->count;
	return track;
}

int trace_track_fits(struct trace_track *track, uint64_t begin_ns, uint64_t end_ns)
{
	uint64_t count = track->slice_count < TRACE_TRACK_RECENT ? track->slice_count : TRACE_TRACK_RECENT;
	if (end_ns < begin_ns)
		return 0;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t other_begin_ns = track->recent[i].begin_ns;
		uint64_t other_end_ns = track->recent[i].end_ns;
		int is_beside = end_ns <= other_begin_ns || begin_ns >= other_end_ns;
		int is_around = begin_ns <= other_begin_ns && end_ns >= other_end_ns;
		int is_inside = begin_ns >= other_begin_ns && end_ns <= other_end_ns;
		if (!is_beside && !is_around && !is_inside)
			return 0;
	}
	track->recent[track->slice_count & (TRACE_TRACK_RECENT - 1)].begin_ns = begin_ns;
	track->recent[track->slice_count++ & (TRACE_TRACK_RECENT - 1)].end_ns = end_ns;
	return 1;
}

void trace_tracks_free(struct trace_tracks *tracks)
{
	for (uint32_t i = 0; i < tracks->count; i++)
		free(tracks->all[i]);
	tracks->count = 0;
}
