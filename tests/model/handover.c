/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A news helper and the loop that arms it: H1 to H4. The loop writes positions and hands them over; the helper looks, and hands them back.
 * Nobody touches them while they are the other's, and the helper never looks from an older position than the loop said last.
 */
#include <string.h>

#include "core/protocol/handover.h"
#include "tests/model/model.h"

#define TURNS 3u

static _Atomic uint32_t handover;
static uint64_t position, said;

static void begin(void)
{
	atomic_store_explicit(&handover, TAKT_HANDOVER_LOOP, memory_order_relaxed);
	position = 0;
	said = 0;
}

static void loop(void)
{
	for (uint64_t turn = 1; turn <= TURNS; turn++) {
		if (!takt_handover_is_loops(&handover))
			continue;
		/* What the helper said was about the position that it had. */
		MODEL_ASSERT(MODEL_GET(said) == MODEL_GET(position) * 3);
		MODEL_PUT(position, turn);
		takt_handover_arm(&handover);
	}
}

static void helper(void)
{
	for (unsigned turn = 0; turn < TURNS; turn++) {
		if (!takt_handover_is_helpers(&handover))
			continue;
		MODEL_PUT(said, MODEL_GET(position) * 3);
		takt_handover_return(&handover);
	}
}

static void end(void)
{
	if (takt_handover_is_loops(&handover))
		MODEL_ASSERT(said == position * 3);
}

MODEL_PROGRAM("handover", begin, end, {loop, helper})
