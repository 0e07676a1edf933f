/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packets of one stream file as LTTng writes them (CTF 1.8), looked at before the library reads it: a file that is cut off or has a
 * packet that is none would cost the whole trace. And copies of what is whole.
 */
#ifndef APPS_TAKT_TRACE_PACKETS_H
#define APPS_TAKT_TRACE_PACKETS_H

#include <stdint.h>
#include <stdio.h>

struct trace_packet {
	uint64_t offset;
	uint64_t bytes;
	uint64_t content_bits;
	uint64_t begin_ns;
	uint64_t end_ns;
	uint64_t instance;
	uint32_t stream;
	uint32_t is_damaged; /* bytes that are no packet, or one that says what cannot be */
};

struct trace_packets {
	FILE *file;
	uint64_t offset;
	uint64_t bytes;
	unsigned char identity[32]; /* the header that all packets of a file share */
	uint32_t is_swapped;	    /* written by a processor of the other byte order */
	uint32_t has_identity;	    /* 0: not a layout that is known here */
};

/* What a walk over a file found. */
struct trace_packets_found {
	uint64_t packet_count;
	uint64_t bytes;
	uint64_t damaged_count;
	uint64_t damaged_bytes;
	uint64_t damaged_offset; /* of the first */
	uint32_t is_known;	 /* 0: another layout, nothing was looked at */
	uint64_t indexed_count;	 /* packets that the index names */
	uint32_t is_index_false; /* the index beside it says something else */
};

/* @retval 1 open, at its beginning @retval 0 it cannot be read, without a message */
int trace_packets_open(struct trace_packets *packets, const char *path);
void trace_packets_close(struct trace_packets *packets);

/* The next packet, or the next stretch of damage. @retval 1 @retval 0 the end */
int trace_packets_next(struct trace_packets *packets, struct trace_packet *packet);

/* Walks over the whole file. @param index the path of the index that LTTng wrote for it, which may be absent @retval 1 @retval 0 it cannot be read */
int trace_packets_look(const char *path, const char *index, struct trace_packets_found *found);

/* Writes one packet at the end of a file. @retval 1 @retval 0 it could not be written */
int trace_packets_copy(struct trace_packets *packets, const struct trace_packet *packet, FILE *to);

#endif
