/* SPDX-License-Identifier: Apache-2.0 */
/* The states of the world that first kills left, each once: where the recovery is killed in its turn. */
#ifndef TAKT_TEST_KILL_STATES_H
#define TAKT_TEST_KILL_STATES_H

#include <stdint.h>

#include "tests/kill/victim.h"
#include "tests/kill/world.h"

/**
 * Keeps the present state, unless one like it has been kept for the same recovery: by this scenario or one before it, since what
 * comes of it is decided by nothing else.
 */
void states_keep(const struct operation *recovery, uint64_t victim_token);
uint32_t states_count(void);
const struct world *states_world(uint32_t index);
uint64_t states_digest(uint32_t index);
/* The scenario has ended: worlds go, digests stay. */
void states_forget_worlds(void);

#endif
