/* SPDX-License-Identifier: Apache-2.0 */
/* Words that say "the rest is there": a segment's `ready` (S1, S2) and a topic's description (D1, D2). */
#include <string.h>

#include "core/protocol/description.h"
#include "tests/model/model.h"

#define FIELD_COUNT 2u
#define HASH	    UINT64_C(0x1234)

static struct takt_topic_shm topic;
static struct takt_field_shm fields[FIELD_COUNT];

static void begin(void)
{
	memset(&topic, 0, sizeof(topic));
	memset(fields, 0, sizeof(fields));
}

static void describer(void)
{
	MODEL_PUT(topic.segment.total_bytes, 512);
	takt_ready_set(&topic.segment);
	for (uint32_t i = 0; i < FIELD_COUNT; i++)
		MODEL_PUT(fields[i].offset, i * 8 + 8);
	takt_description_set(&topic.description, FIELD_COUNT, HASH);
}

static void opener(void)
{
	if (takt_ready_is_set(&topic.segment))
		MODEL_ASSERT(MODEL_GET(topic.segment.total_bytes) == 512);
}

static void reader(void)
{
	if (takt_description_hash(&topic.description) == 0)
		return;
	MODEL_ASSERT(takt_description_field_count(&topic.description) == FIELD_COUNT);
	for (uint32_t i = 0; i < FIELD_COUNT; i++)
		MODEL_ASSERT(MODEL_GET(fields[i].offset) == i * 8 + 8);
}

static void end(void)
{
	MODEL_ASSERT(takt_ready_is_set(&topic.segment) && takt_description_hash(&topic.description) == HASH);
}

MODEL_PROGRAM("description", begin, end, {describer, opener, reader})
