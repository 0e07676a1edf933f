/* SPDX-License-Identifier: Apache-2.0 */
/* Attaching to a synchronisation object, changing it under its lock, sleeping until it changes. Internal to core: its users are the kinds. */
#ifndef TAKT_CORE_SYNC_ACCESS_H
#define TAKT_CORE_SYNC_ACCESS_H

#include "core/domain.h"
#include "core/layout.h"
#include "core/sleep.h"
#include "core/sync.h"

/* A holder that died is found: takes what it held away, so that nothing is left of it. Each step by itself may be the last. */
typedef void (*takt_sync_bury)(struct takt_sync *sync, uint32_t holder_index);

/**
 * Attaches: creates the object where it is absent and this process may, compares it with the config, and takes the waiter's place in it.
 * @param bury for what the thread that had this place before may have left
 * @retval TAKT_OK  @retval TAKT_INVALID the config does not let this node use it  @retval TAKT_MISMATCH another kind, or another config
 * @retval TAKT_BUSY this waiter has it attached already  @retval TAKT_TIMEOUT its lock was held by a living process
 * @retval TAKT_LIMIT  @retval TAKT_ABSENT  @retval TAKT_DENIED  @retval TAKT_CORRUPT  @retval TAKT_NO_SPACE  @retval TAKT_SYSTEM
 * @retval TAKT_CLOSED. Each with a message.
 */
TAKT_CHECKED enum takt_status takt_sync_attach(struct takt_sync *sync, struct takt_waiter *waiter, const char *name,
					       enum takt_sync_kind kind, takt_sync_bury bury);
/* Gives the place back. Safe on one that is not attached. What is held is the kind's to give back first. */
void takt_sync_detach(struct takt_sync *sync);

/* After a fork, or not attached. */
static inline int takt_sync_is_closed(const struct takt_sync *sync)
{
	/* Relaxed: set before fork returns in the child, whose only thread we are. */
	return sync->node == NULL || atomic_load_explicit(&sync->node->lost, memory_order_relaxed) != 0;
}

/* @retval TAKT_OK @retval TAKT_CORRUPT the segment was cut off, said once. RT: safe; one load. */
TAKT_CHECKED enum takt_status takt_sync_check_cut(struct takt_sync *sync);

/* Takes the object's lock for a change, within the domain's `lock_bound_us`. Whoever died holding it left the state before or after its one
 * store, so there is nothing to repair. @retval TAKT_OK  @retval TAKT_TIMEOUT  @retval TAKT_CORRUPT the segment was cut off, said once */
TAKT_CHECKED enum takt_status takt_sync_lock(struct takt_sync *sync);
/* The same for an attempt: no longer than its wait may last, at most the bound, and not at all in takt_sync_try.
 * @retval TAKT_BUSY a living process has it @retval TAKT_OK @retval TAKT_CORRUPT */
TAKT_CHECKED enum takt_status takt_sync_lock_to_look(struct takt_sync *sync);
void takt_sync_unlock(struct takt_sync *sync);
/* The lock as takt_lock_take_until has it, for who keeps it. @retval TAKT_OK @retval TAKT_TIMEOUT @retval TAKT_CORRUPT */
TAKT_CHECKED enum takt_status takt_sync_take_until(struct takt_sync *sync, uint64_t deadline_ns, int *taken_over);
/* Posts all that sleep on it, for them to look. Behind unlocking. */
void takt_sync_wake(const struct takt_sync *sync);

/* Has this place an owner who is dead? Asks the kernel. */
int takt_sync_is_dead(const struct takt_sync *sync, uint32_t holder_index);

/* One attempt, without waiting. @retval what it answered @retval TAKT_CLOSED */
TAKT_CHECKED enum takt_status takt_sync_try(struct takt_sync *sync, takt_sleep_attempt attempt, void *context);
/* Attempts until one answers anything but TAKT_BUSY; sleeps by takt_sleep_until on the object's mask, and counts how it ended.
 * @retval as takt_sleep_until @retval TAKT_CLOSED */
TAKT_CHECKED enum takt_status takt_sync_wait_until(struct takt_sync *sync, takt_sleep_attempt attempt, void *context,
						   uint64_t deadline_ns);

/* Counts how a wait ended: got, or timed out. */
void takt_sync_count(struct takt_sync *sync, enum takt_status status);

/* Words of the object. Relaxed: written under the lock, which orders them (L1, L2); or read for a look at what the lock will decide. */
static inline uint64_t takt_sync_word(const struct takt_sync *sync)
{
	return atomic_load_explicit(&sync->shared->word, memory_order_relaxed);
}

static inline void takt_sync_word_set(struct takt_sync *sync, uint64_t word)
{
	atomic_store_explicit(&sync->shared->word, word, memory_order_relaxed);
}

static inline uint32_t takt_sync_state(const struct takt_sync *sync, uint32_t holder_index)
{
	return atomic_load_explicit(&sync->shared->holders[holder_index].state, memory_order_relaxed);
}

static inline void takt_sync_state_set(struct takt_sync *sync, uint32_t holder_index, uint32_t state)
{
	atomic_store_explicit(&sync->shared->holders[holder_index].state, state, memory_order_relaxed);
}

/* One after the other, the places of those whom the config declares: `left` begins as sync->users. What stands in others is nobody's. */
static inline uint32_t takt_sync_next(uint64_t *left)
{
	uint32_t holder_index = (uint32_t)__builtin_ctzll(*left);

	*left &= *left - 1;
	return holder_index;
}

/* 0: the place is nobody's. */
static inline uint64_t takt_sync_holder(const struct takt_sync *sync, uint32_t holder_index)
{
	return atomic_load_explicit(&sync->shared->holders[holder_index].token, memory_order_relaxed);
}

/* Counts one that died holding. Under the lock. */
void takt_sync_count_recovered(struct takt_sync *sync);

/* Makes the object where it is absent; for members and `takt create`. @param created_count raised by what was made; may be NULL */
TAKT_CHECKED enum takt_status takt_sync_create(const struct takt_domain *domain, const struct takt_config *config,
					       uint32_t sync_index, uint32_t *created_count);
/* Compares rights, kind and numbers of what is there with the config. @retval TAKT_OK @retval TAKT_MISMATCH @retval others as attach */
TAKT_CHECKED enum takt_status takt_sync_verify(const struct takt_domain *domain, const struct takt_config *config,
					       uint32_t sync_index);

#endif
