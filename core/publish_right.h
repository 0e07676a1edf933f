/* SPDX-License-Identifier: Apache-2.0 */
/* What attaching (publisher.c) and publishing (publish.c) share: the right to publish and the next slot. Internal to core. */
#ifndef TAKT_CORE_PUBLISH_RIGHT_H
#define TAKT_CORE_PUBLISH_RIGHT_H

#include "core/topic.h"

/* Takes a shared topic's lock, and repairs the pool where the last owner died. @retval TAKT_OK @retval TAKT_TIMEOUT */
TAKT_CHECKED enum takt_status takt_publisher_lock(struct takt_publisher *publisher);

/* P5: claims a spare for the next publish, whose slot nobody has pinned. With the right to publish. One is always there, unless
 * somebody who may write this topic scribbles over it: then spare_index becomes UINT32_MAX and the next publish tries again. */
void takt_publisher_claim(struct takt_publisher *publisher, uint32_t first);

#endif
