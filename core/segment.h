/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all segments have in common: their sizes, computed from the config before anything is created, their heads, and the check
 * of a segment that somebody else made. Internal to core and to the takt command.
 */
#ifndef TAKT_CORE_SEGMENT_H
#define TAKT_CORE_SEGMENT_H

#include <stdint.h>

#include "core/config.h"
#include "core/layout.h"
#include "platform/folder.h"
#include "platform/shm.h"
#include "platform/status.h"

/* "topic.imu" and the like. */
struct takt_object_name {
	char text[TAKT_OS_NAME_MAX];
};
struct takt_object_name takt_object_name(const char *prefix, const char *name);

/* Offsets and sizes of a topic's segment. */
struct takt_topic_layout {
	uint32_t slot_count;
	uint32_t spare_count;
	uint32_t slot_bytes;
	uint64_t cells_offset;
	uint64_t spares_offset;
	uint64_t fields_offset;
	uint64_t slots_offset;
	uint64_t total_bytes;
};
void takt_topic_layout(const struct takt_config_topic *topic, struct takt_topic_layout *layout);

/* The same of a queue: its items, and its state. */
struct takt_queue_layout {
	uint32_t slot_bytes;
	uint64_t fields_offset;
	uint64_t slots_offset;
	uint64_t total_bytes;
	uint64_t bands_offset;
	uint64_t entries_offset;
	uint64_t state_bytes;
};
void takt_queue_layout(const struct takt_config_queue *queue, struct takt_queue_layout *layout);

struct takt_roster_layout {
	uint32_t mask_count;
	uint32_t waiter_count;
	uint32_t pin_count;
	uint64_t nodes_offset;
	uint64_t waiters_offset;
	uint64_t topics_offset;
	uint64_t queues_offset;
	uint64_t masks_offset;
	uint64_t pins_offset;
	uint64_t total_bytes;
};
void takt_roster_layout(const struct takt_config *config, struct takt_roster_layout *layout);

struct takt_node_layout {
	uint64_t publications_offset;
	uint64_t subscriptions_offset;
	uint64_t loops_offset;
	uint64_t uses_offset;
	uint64_t total_bytes;
};
void takt_node_layout(const struct takt_config_node *node, struct takt_node_layout *layout);

/* Bytes of all segments of a domain together. */
uint64_t takt_config_bytes(const struct takt_config *config);

/* The first waiter of a node: the sum of those before it. */
uint32_t takt_config_waiter_first(const struct takt_config *config, uint32_t node_index);
/* Bits of all waiters of the nodes that subscribe a topic. */
uint64_t takt_config_subscriber_mask(const struct takt_config *config, const char *topic);
/* Bits of all waiters of the nodes that push to a queue, or take from it. */
uint64_t takt_config_producer_mask(const struct takt_config *config, const char *queue);
uint64_t takt_config_consumer_mask(const struct takt_config *config, const char *queue);
/* The queue's first waiting mask: behind the topics', and those of the queues before it. */
uint32_t takt_config_mask_first(const struct takt_config *config, uint32_t queue_index);
/* Bits of all waiters of the nodes that use a synchronisation object. */
uint64_t takt_config_user_mask(const struct takt_config *config, const char *sync);
/* The topic's first pin: the sum of the borrows before it. */
uint32_t takt_config_pin_first(const struct takt_config *config, uint32_t topic_index);

/* Hashes of what sizes and orders a segment: equal hashes, equal layout. */
uint64_t takt_config_roster_hash(const struct takt_config *config);
uint64_t takt_config_topic_hash(const struct takt_config_topic *topic);
uint64_t takt_config_queue_hash(const struct takt_config_queue *queue);
uint64_t takt_config_sync_hash(const struct takt_config *config, uint32_t sync_index);
uint64_t takt_config_node_hash(const struct takt_config_node *node);

/* FNV-1a, 64 bit: a name for bytes, not a protection against anybody. */
#define TAKT_HASH_SEED UINT64_C(0xcbf29ce484222325)
uint64_t takt_hash(uint64_t hash, const void *bytes, uint64_t count);

/* Writes a segment's head, all but `ready`. */
void takt_segment_fill(struct takt_segment_shm *segment, enum takt_segment_kind kind, const char *domain,
		       const char *name, uint64_t total_bytes, uint64_t layout_hash, uint64_t instance);
/* Stores `ready`, with release: everything before it is there. */
void takt_segment_set_ready(struct takt_segment_shm *segment);

/**
 * Checks the head of a mapped segment of which at least sizeof(struct takt_segment_shm) bytes exist.
 * @param domain NULL: not compared  @param instance 0: not compared
 * @retval TAKT_OK  @retval TAKT_NOT_READY  @retval TAKT_CORRUPT not a takt segment, or shorter than it says
 * @retval TAKT_MISMATCH another version, word size, byte order, semaphore or instance. A message names both sides and the remedy.
 */
TAKT_CHECKED enum takt_status takt_segment_check(const struct takt_os_shm *shm, const char *object,
						 enum takt_segment_kind kind, const char *domain, uint64_t instance);

/* 1 when `count` items of `bytes` bytes at `offset` lie inside a segment of `total` bytes, without overflow. */
int takt_segment_holds(uint64_t total, uint64_t offset, uint64_t count, uint64_t bytes);
/* The same, and they begin on a cache line: what holds a semaphore must. */
int takt_segment_holds_lines(uint64_t total, uint64_t offset, uint64_t count, uint64_t bytes);

/* Numeric rights from the config's names. @retval TAKT_OK @retval TAKT_ABSENT no such user or group, with a message */
TAKT_CHECKED enum takt_status takt_config_rights_resolve(const struct takt_config_rights *rights,
							 struct takt_os_rights *numbers);

#endif
