/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a struct takt_config of a config as it stands in the text, with the defaults where a key is not there. */
#ifndef TAKT_CORE_CONFIG_COMPLETE_H
#define TAKT_CORE_CONFIG_COMPLETE_H

#include "core/config.h"
#include "core/config_schema.h"
#include "core/config_source.h"
#include "core/config_value.h"

/**
 * Fills what stands directly in the config, its topics, queues, synchronisation objects and nodes. Strings and lists of strings are those of `raw`, which has to
 * stay; the lists themselves and room for their CPU numbers (raw->nodes_count * TAKT_CPU_COUNT_MAX) are there already.
 * @retval TAKT_OK  @retval TAKT_INVALID with a message
 */
TAKT_CHECKED enum takt_status takt_config_complete(struct takt_config *config, const struct takt_config_raw *raw,
						   const struct takt_config_source *source);

/* The same for one synchronisation object. @retval as above */
TAKT_CHECKED enum takt_status takt_config_sync_read(const struct takt_config_object *object,
						    struct takt_config_sync *sync,
						    const struct takt_config_raw_sync *raw);

/* "true", "no" and the like. */
extern const struct takt_config_choice takt_config_booleans[];

#endif
