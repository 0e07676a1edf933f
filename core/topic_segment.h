/* SPDX-License-Identifier: Apache-2.0 */
/* Creating, opening, checking and describing a topic's segment: what publishers, subscribers and tools share. Internal to core. */
#ifndef TAKT_CORE_TOPIC_SEGMENT_H
#define TAKT_CORE_TOPIC_SEGMENT_H

#include <stdint.h>

#include "core/config.h"
#include "core/domain.h"
#include "core/layout.h"
#include "core/ring.h"
#include "core/type.h"
#include "platform/shm.h"
#include "platform/status.h"

/* The constants of a topic, copied out of its segment and checked against its size. */
struct takt_topic_constants {
	uint32_t topic_index;
	uint32_t depth;
	uint32_t slot_count;
	uint32_t spare_count;
	uint32_t payload_bytes;
	uint32_t slot_bytes;
	uint32_t borrow_count;
	uint32_t loan_count;
	uint32_t publisher_count_max;
	uint64_t deadline_ns;
	uint64_t cells_offset;
	uint64_t spares_offset;
	uint64_t fields_offset;
	uint64_t slots_offset;
	uint64_t layout_hash;
	char type_name[TAKT_NAME_BYTES];
	char topic[TAKT_NAME_BYTES]; /* by which it was opened */
};

/**
 * Creates the topic's presence file and segment where they are absent. @param type described in it at once when given
 * @param created_count raised by the number of objects made; may be NULL
 * @retval TAKT_OK also when they were there  @retval TAKT_DENIED with the remedy  @retval TAKT_NO_SPACE @retval TAKT_SYSTEM
 */
TAKT_CHECKED enum takt_status takt_topic_segment_create(const struct takt_domain *domain,
							const struct takt_config *config, uint32_t topic_index,
							const struct takt_flat_type *type, uint32_t *created_count);

/* Compares kind, owner, group and mode of both with the config, without opening them: for whoever makes them for others.
 * @retval TAKT_OK @retval TAKT_MISMATCH @retval TAKT_ABSENT one of them is missing. With a message. */
TAKT_CHECKED enum takt_status takt_topic_segment_verify(const struct takt_domain *domain,
							const struct takt_config *config, uint32_t topic_index);

/**
 * Maps an existing topic and copies its constants. @param config NULL: for tools, nothing but the segment itself is checked
 * @retval TAKT_OK @retval TAKT_ABSENT @retval TAKT_DENIED @retval TAKT_MISMATCH @retval TAKT_CORRUPT @retval TAKT_NO_SPACE @retval TAKT_SYSTEM
 */
TAKT_CHECKED enum takt_status takt_topic_segment_open(struct takt_os_shm *shm, struct takt_topic_constants *constants,
						      const struct takt_domain *domain,
						      const struct takt_config *config, const char *topic,
						      enum takt_os_access access);

/* Points a ring at a mapped topic. Pins come from the roster. */
void takt_topic_segment_ring(struct takt_ring *ring, const struct takt_os_shm *shm,
			     const struct takt_topic_constants *constants, const struct takt_domain *domain,
			     enum takt_os_access access);

/* Writes the description, by whoever has the right to publish. A predecessor that died doing so left the hash at 0. */
void takt_topic_segment_describe(struct takt_topic_shm *topic, const struct takt_topic_constants *constants,
				 const struct takt_flat_type *type);

/* Reads it. @retval TAKT_OK @retval TAKT_NOT_READY nobody has described it yet @retval TAKT_CORRUPT with a message */
TAKT_CHECKED enum takt_status takt_topic_segment_description(const struct takt_topic_shm *topic,
							     const struct takt_topic_constants *constants,
							     struct takt_flat_type *type);

/**
 * Compares a program's type with what the topic says: name and size always, all fields once it is described.
 * @retval TAKT_OK @retval TAKT_MISMATCH with the first difference @retval TAKT_CORRUPT
 */
TAKT_CHECKED enum takt_status takt_topic_segment_compare(const struct takt_topic_shm *topic,
							 const struct takt_topic_constants *constants,
							 const char *topic_name, const struct takt_flat_type *type);

/* An object of a topic's or a queue's that is to be there. */
struct takt_object_plan {
	const char *object;
	uint64_t bytes; /* 0: a presence file */
	const struct takt_os_rights *rights;
	void (*fill)(void *context, void *memory);
	void *context;
};

/* Creates one where it is absent. @retval as takt_topic_segment_create */
TAKT_CHECKED enum takt_status takt_object_create(const struct takt_domain *domain, const struct takt_config *config,
						 const struct takt_object_plan *plan, uint32_t *created_count);

/* Says that an object which a member counts on has gone. */
void takt_topic_segment_say_gone(const char *object, const struct takt_domain *domain);

/* Rights of the topic's presence file: those who may write the topic, and nobody else. */
struct takt_os_rights takt_topic_live_rights(const struct takt_os_rights *topic_rights);

#endif
