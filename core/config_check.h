/* SPDX-License-Identifier: Apache-2.0 */
/* What makes a config wrong as a whole although each of its values is right. */
#ifndef TAKT_CORE_CONFIG_CHECK_H
#define TAKT_CORE_CONFIG_CHECK_H

#include "core/config.h"
#include "core/config_source.h"

/**
 * Names that stand twice, topics and queues that a node names and nobody declares, more publishers than a topic has, more waiters than a domain.
 * A topic that nobody publishes is no error: tools and tests do.
 * @retval TAKT_OK  @retval TAKT_INVALID  @retval TAKT_LIMIT with a message
 */
TAKT_CHECKED enum takt_status takt_config_check(const struct takt_config *config,
						const struct takt_config_source *source);

#endif
