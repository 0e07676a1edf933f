/* SPDX-License-Identifier: Apache-2.0 */
/* What attaching (publisher.c) and publishing (publish.c) share: the right to publish and the next slot. Internal to core. */
#ifndef TAKT_CORE_PUBLISH_RIGHT_H
#define TAKT_CORE_PUBLISH_RIGHT_H

#include "core/topic.h"
#include "core/trace.h"

/* Takes a shared topic's lock, and repairs the pool where the last owner died. @retval TAKT_OK @retval TAKT_TIMEOUT
 * @retval TAKT_CORRUPT the segment was cut off */
TAKT_CHECKED enum takt_status takt_publisher_lock(struct takt_publisher *publisher);

/* Gives it back. What happened under it is told now. */
static inline void takt_publisher_unlock(struct takt_publisher *publisher)
{
	takt_lock_give(&publisher->lock);
	takt_trace_lock_released(publisher);
}

/* Where a segment that was cut off shows: a cell or a lock that holds what nobody stores. @retval TAKT_CORRUPT it was, said once
 * @retval TAKT_OK it was not */
TAKT_CHECKED enum takt_status takt_publisher_check_cut(struct takt_publisher *publisher);

/* P5: claims a spare for the next publish, whose slot nobody has pinned. With the right to publish. One is always there, unless
 * somebody who may write this topic scribbles over it: then spare_index becomes UINT32_MAX and the next publish tries again. */
void takt_publisher_claim(struct takt_publisher *publisher, uint32_t first);

#endif
