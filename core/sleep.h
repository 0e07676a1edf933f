/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping for one thing that is no topic of the waiter's set: what blocking calls on other objects are made of. Internal to core. */
#ifndef TAKT_CORE_SLEEP_H
#define TAKT_CORE_SLEEP_H

#include "core/waiter.h"

struct takt_mask_shm;

/* One look, which takes what it finds. @retval TAKT_BUSY not yet; anything else ends the sleep and is its result */
typedef enum takt_status (*takt_sleep_attempt)(void *context);

/**
 * Tries until `attempt` answers anything but TAKT_BUSY, and sleeps between two tries until somebody collects `mask` or a slice has passed.
 * @param deadline_ns absolute; one that has passed makes it one try
 * @retval what `attempt` answered  @retval TAKT_TIMEOUT  @retval TAKT_STOPPED this process is asked to end
 * RT: safe if `attempt` is; at most TAKT_WAITER_COUNT_MAX wake-ups without news in a slice. Threads: the waiter's.
 * Order: the bit is set, with a full fence behind it, before each try that a sleep may follow.
 */
TAKT_CHECKED enum takt_status takt_sleep_until(struct takt_waiter *waiter, struct takt_mask_shm *mask,
					       takt_sleep_attempt attempt, void *context, uint64_t deadline_ns);

/* Posts the waiters of `users` that sleep on the mask. Behind what they wait for. @retval how many */
uint32_t takt_sleep_wake(const struct takt_node *node, struct takt_mask_shm *mask, uint64_t users);

#endif
