/* SPDX-License-Identifier: Apache-2.0 */
/* A type's description in a topic or a queue, and every segment's head: plain fields, and a word that is stored last and says that they are there. */
#ifndef TAKT_CORE_PROTOCOL_DESCRIPTION_H
#define TAKT_CORE_PROTOCOL_DESCRIPTION_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/layout.h"

/* The fields stand there: says so. By whoever has the right to publish. */
static inline void takt_description_set(struct takt_description_shm *description, uint32_t field_count, uint64_t hash)
{
	/* Relaxed: D1 orders it too. */
	atomic_store_explicit(&description->field_count, field_count, memory_order_relaxed);
	/* D1 release: the fields before the hash that says they are there. Pairs with D2. Without it half a description could be
	 * taken for whole. */
	atomic_store_explicit(&description->type_hash, hash, memory_order_release);
}

/* 0: not described yet. Else the fields, and their count, may be read. */
static inline uint64_t takt_description_hash(const struct takt_description_shm *description)
{
	/* D2 acquire: the hash before the fields. Pairs with D1. */
	return atomic_load_explicit(&description->type_hash, memory_order_acquire);
}

static inline uint32_t takt_description_field_count(const struct takt_description_shm *description)
{
	/* Relaxed: behind D2. */
	return atomic_load_explicit(&description->field_count, memory_order_relaxed);
}

/* The segment is filled: says so. */
static inline void takt_ready_set(struct takt_segment_shm *segment)
{
	/* S1 release: all of the segment before `ready`. Pairs with S2. Without it an opener could check half a head. */
	atomic_store_explicit(&segment->ready, 1, memory_order_release);
}

static inline int takt_ready_is_set(const struct takt_segment_shm *segment)
{
	/* S2 acquire: `ready` before the rest. Pairs with S1. */
	return atomic_load_explicit(&segment->ready, memory_order_acquire) != 0;
}

#endif
