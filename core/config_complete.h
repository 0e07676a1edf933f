/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a struct takt_config of a config as it stands in the text, with the defaults where a key is not there. */
#ifndef TAKT_CORE_CONFIG_COMPLETE_H
#define TAKT_CORE_CONFIG_COMPLETE_H

#include "core/config.h"
#include "core/config_schema.h"
#include "core/config_source.h"

/**
 * Fills what stands directly in the config, its topics and its nodes. Strings and lists of strings are those of `raw`, which has to
 * stay; `config->topics`, `config->nodes` and room for their CPU numbers (raw->nodes_count * TAKT_CPU_COUNT_MAX) are there already.
 * @retval TAKT_OK  @retval TAKT_INVALID with a message
 */
TAKT_CHECKED enum takt_status takt_config_complete(struct takt_config *config, const struct takt_config_raw *raw,
						   const struct takt_config_source *source);

#endif
