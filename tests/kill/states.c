/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kill/states.h"

#include "tests/kill/stage.h"

#define STATE_COUNT_MAX 4096u

static struct state {
	const struct operation *recovery;
	uint64_t digest;
	struct world world;
} states[STATE_COUNT_MAX];
static uint32_t first, end; /* this scenario's; those before it have only their digests left */

void states_keep(const struct operation *recovery, uint64_t victim_token)
{
	const uint64_t tokens[] = {victim_token, now.reader.token, now.other.token};
	const uint64_t digest = world_digest(tokens, sizeof(tokens) / sizeof(tokens[0])) + now.topic;

	for (uint32_t i = 0; i < end; i++)
		if (states[i].digest == digest && states[i].recovery == recovery)
			return;
	if (end == STATE_COUNT_MAX) {
		bad("more than %u different states", STATE_COUNT_MAX);
		return;
	}
	states[end] = (struct state){.recovery = recovery, .digest = digest};
	world_save(&states[end++].world);
}

uint32_t states_count(void)
{
	return end - first;
}

const struct world *states_world(uint32_t index)
{
	return &states[first + index].world;
}

uint64_t states_digest(uint32_t index)
{
	return states[first + index].digest;
}

void states_forget_worlds(void)
{
	for (uint32_t i = first; i < end; i++)
		world_free(&states[i].world);
	first = end;
}
