/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spares of a topic: which slots no cell names, and whose they are. Every call but takt_pool_unclaim needs the right to publish
 * (the only publisher, or the topic's lock). Internal to core.
 */
#ifndef TAKT_CORE_POOL_H
#define TAKT_CORE_POOL_H

#include <stdint.h>

#include "core/lock.h"
#include "core/ring.h"

enum takt_claim { TAKT_CLAIM_PUBLISH = 0, TAKT_CLAIM_LOAN = 1 };

/**
 * Makes every slot have exactly one name again, after a publisher died: spares that share a slot with a cell or another spare get one
 * that nothing names. Idempotent, and may itself be killed anywhere.
 * @param lock NULL: there is one publisher, so all claims are dead ones. Else claims of living owners stay.
 * RT: safe; bounded by the number of slots, and one system call per claim.
 */
void takt_pool_rebuild(const struct takt_ring *ring, const struct takt_lock *lock);

/* Frees the claims of owners that died. RT: safe; one system call per claim. */
void takt_pool_reclaim(const struct takt_ring *ring, const struct takt_lock *lock);

void takt_pool_claim(const struct takt_ring *ring, uint32_t spare_index, uint64_t token, enum takt_claim purpose);
void takt_pool_unclaim(const struct takt_ring *ring, uint32_t spare_index);
/* Frees all claims of one owner. */
void takt_pool_release_all(const struct takt_ring *ring, uint64_t token);
/* How many spares are claimed for a purpose. */
uint32_t takt_pool_claim_count(const struct takt_ring *ring, enum takt_claim purpose);

#endif
