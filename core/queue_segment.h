/* SPDX-License-Identifier: Apache-2.0 */
/* Creating, opening and checking a queue's two segments: what producers, consumers and tools share. Internal to core and to the takt command. */
#ifndef TAKT_CORE_QUEUE_SEGMENT_H
#define TAKT_CORE_QUEUE_SEGMENT_H

#include <stdint.h>

#include "core/band.h"
#include "core/config.h"
#include "core/description.h"
#include "core/domain.h"
#include "core/layout.h"
#include "core/type.h"
#include "platform/shm.h"
#include "platform/status.h"

/* The constants of a queue, copied out of its segments and checked against their sizes. */
struct takt_queue_constants {
	uint32_t queue_index;
	uint32_t band_count;
	uint32_t depth;
	uint32_t when_full;
	uint32_t payload_bytes;
	uint32_t slot_bytes;
	uint32_t delivery_count_max;
	uint64_t fields_offset;
	uint64_t slots_offset;
	uint64_t bands_offset;
	uint64_t entries_offset;
	uint64_t layout_hash;
	char type_name[TAKT_NAME_BYTES];
	char queue[TAKT_NAME_BYTES]; /* by which it was opened */
};

/* Both segments, mapped. Zero-initialise it. */
struct takt_queue_mapping {
	struct takt_os_shm items;
	struct takt_os_shm state;
	struct takt_queue_constants constants;
};

/**
 * Creates the queue's presence file and segments where they are absent. @param type described in it at once when given
 * @param created_count raised by the number of objects made; may be NULL
 * @retval TAKT_OK also when they were there  @retval TAKT_DENIED with the remedy  @retval TAKT_NO_SPACE @retval TAKT_SYSTEM
 */
TAKT_CHECKED enum takt_status takt_queue_segment_create(const struct takt_domain *domain,
							const struct takt_config *config, uint32_t queue_index,
							const struct takt_flat_type *type, uint32_t *created_count);

/* Whether a queue that is there is the config's: rights first, so that nothing is opened that another user has put there. With a message. */
TAKT_CHECKED enum takt_status takt_queue_segment_check(const struct takt_domain *domain,
						       const struct takt_config *config, uint32_t queue_index);

/**
 * Maps an existing queue and copies its constants. @param config NULL: for tools, nothing but the segments themselves is checked
 * @param items, state how each is mapped
 * @retval TAKT_OK @retval TAKT_ABSENT @retval TAKT_DENIED @retval TAKT_MISMATCH @retval TAKT_CORRUPT @retval TAKT_NO_SPACE @retval TAKT_SYSTEM
 */
TAKT_CHECKED enum takt_status takt_queue_segment_open(struct takt_queue_mapping *mapping,
						      const struct takt_domain *domain,
						      const struct takt_config *config, const char *queue,
						      enum takt_os_access items, enum takt_os_access state);
void takt_queue_segment_close(struct takt_queue_mapping *mapping);

/* Points a view at one band of a mapped queue. The band must be below the count. */
struct takt_band takt_queue_segment_band(const struct takt_queue_mapping *mapping, uint32_t band);

/* Its type's description. */
struct takt_description_view takt_queue_segment_description(const struct takt_queue_mapping *mapping);
/* Writes it. By whoever may push, under the producers' lock. */
void takt_queue_segment_describe(const struct takt_queue_mapping *mapping, const struct takt_flat_type *type);

/* Rights of the queue's presence file: those who may write the state, and nobody else. */
TAKT_CHECKED enum takt_status takt_queue_live_rights(const struct takt_config_queue *queue,
						     struct takt_os_rights *rights);

/* "block" and so on. */
const char *takt_when_full_name(uint32_t when_full);

#endif
