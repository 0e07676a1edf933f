/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines on which a timeline's viewer draws slices: one for each thread of a node. A viewer draws a slice inside of another or beside it;
 * of two that overlap otherwise it draws nonsense, so the later one is refused. Pure; bounded memory.
 */
#ifndef APPS_TAKT_TRACE_TRACKS_H
#define APPS_TAKT_TRACE_TRACKS_H

#include <stdint.h>

#define TRACE_TRACKS_MAX    4096u
#define TRACE_TRACKS_HASHES 16384u /* a power of two, more than twice that */
#define TRACE_TRACK_RECENT  64u	   /* slices with which a new one is compared; a power of two */
#define TRACE_TRACK_KERNEL  UINT32_MAX

enum trace_lane { TRACE_LANE_WORK = 0, TRACE_LANE_LOCKS = 1, TRACE_LANE_NODE = 2 };

struct trace_track {
	uint32_t domain; /* TRACE_TRACK_KERNEL: `loop` is a processor */
	uint32_t node;
	uint32_t loop;
	uint32_t lane;
	uint64_t thread;
	uint64_t last_ns;  /* of its newest event */
	uint64_t cycle;	   /* the present one's */
	uint64_t begin_ns; /* 0: in no cycle */
	uint64_t last_begin_ns, last_due_ns, last_cycle;
	uint64_t slice_count;
	struct {
		uint64_t begin_ns, end_ns;
	} recent[TRACE_TRACK_RECENT];
};

struct trace_tracks {
	uint32_t count;
	struct trace_track *all[TRACE_TRACKS_MAX];
	uint16_t index[TRACE_TRACKS_HASHES]; /* 1 + place in `all` */
};

/* The track of these, made where there was none; its place in `all` stays. @retval NULL there is no room, or no memory */
struct trace_track *trace_track_of(struct trace_tracks *tracks, const struct trace_track *wanted, uint32_t *place);

/* Remembers a slice. @retval 1 it lies beside all others, around or inside of them; 0 it does not, and is not remembered */
int trace_track_fits(struct trace_track *track, uint64_t begin_ns, uint64_t end_ns);

void trace_tracks_free(struct trace_tracks *tracks);

#endif
