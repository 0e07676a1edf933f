/* SPDX-License-Identifier: Apache-2.0 */
/* A process's private view of one band of a queue. Part of the handles that a program declares; nobody but core looks inside. */
#ifndef TAKT_CORE_BAND_H
#define TAKT_CORE_BAND_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Pointers into the mapped segments and their constants, copied once at attach. Untyped, so that C++ need not know C's atomics. */
struct takt_band {
	void *shared;	      /* head and tail */
	void *entries;	      /* where each item stands; the state's segment */
	unsigned char *slots; /* what it says; the items' segment, which consumers cannot write */
	uint32_t depth_mask;
	uint32_t slot_bytes;
	uint32_t payload_bytes;
	uint32_t reserved;
};

#ifdef __cplusplus
}
#endif
#endif
