/* SPDX-License-Identifier: Apache-2.0 */
/* A process's private view of one topic's ring. Part of the handles that a program declares; nobody but core looks inside. */
#ifndef TAKT_CORE_RING_H
#define TAKT_CORE_RING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Pointers into the mapped segment and its constants, copied once at attach. Untyped, so that C++ need not know C's atomics. */
struct takt_ring {
	void *head;
	void *cells;
	unsigned char *slots;
	void *spares; /* NULL in a reader */
	void *pins;   /* this topic's pins in the roster; NULL where it has none */
	uint32_t depth_mask;
	uint32_t slot_count;
	uint32_t slot_bytes;
	uint32_t payload_bytes;
	uint32_t spare_count;
	uint32_t pin_count;
};

/* Where a chain of samples began. A sample that begins one has its own topic and number here. */
struct takt_origin {
	uint32_t topic_index; /* in the config's order */
	uint32_t reserved;
	uint64_t number;
	uint64_t time_ns; /* CLOCK_MONOTONIC: time of publishing, or of measurement where the publisher said so */
};

/* What stands before each payload. */
struct takt_sample_header {
	uint64_t number; /* from 1, dense, never reused */
	uint64_t publish_ns;
	struct takt_origin origin;
};

#ifdef __cplusplus
}
#endif
#endif
