/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing and reading a copy: P2, P3, P4, R0 to R3. A publisher goes round the ring while one reader reads the next sample and
 * another the newest. A copy is whole and is the sample that was asked for; the newest is there; a late reader finds a younger one.
 */
#include "tests/model/ring_fixture.h"

#define FIRST 3u /* 1 and 2 are there: the publisher overwrites both, and fills the slot that 1 had */
#define LAST  5u

static struct publisher own;

static void publish(uint64_t number)
{
	const takt_word payload[2] = {(takt_word)number, (takt_word)number * 3};
	const struct takt_sample_header header = {.number = number, .publish_ns = number * 5};
	unsigned char *slot = takt_ring_slot(&ring, own.slot_index);
	takt_payload_store(slot + sizeof(struct takt_slot_shm), payload, sizeof(payload));
	takt_ring_store_header(slot, &header);
	commit(&own, number);
}

static void begin(void)
{
	make_topic();
	claim(&own, 0);
	publish(1);
	publish(2);
}

static void publisher(void)
{
	for (uint64_t number = FIRST; number <= LAST; number++)
		publish(number);
}

static enum takt_ring_outcome read_one(uint64_t number)
{
	struct takt_sample_header header;
	takt_word payload[2];
	enum takt_ring_outcome outcome = takt_ring_copy(&ring, number, &header, payload);
	if (outcome == TAKT_RING_GOT) {
		MODEL_ASSERT(header.number == number && header.publish_ns == number * 5);
		MODEL_ASSERT(payload[0] == number && payload[1] == number * 3);
	}
	return outcome;
}

static void next_reader(void)
{
	uint64_t next = 1 + model_choose(2);
	for (unsigned attempt = 0; attempt < 3; attempt++) {
		enum takt_ring_outcome outcome = read_one(next);
		if (outcome == TAKT_RING_GOT)
			next++;
		if (outcome != TAKT_RING_OVERWRITTEN)
			continue;
		uint64_t resume = takt_ring_resume(&ring, 0);
		/* Else core/read.c calls the topic corrupt. */
		MODEL_ASSERT(resume > next);
		next = resume;
	}
}

static void latest_reader(void)
{
	uint64_t newest_before = 0;
	for (unsigned attempt = 0; attempt < 2; attempt++) {
		uint64_t newest = takt_ring_newest(&ring);
		MODEL_ASSERT(newest >= newest_before);
		/* What head names is in its cell, or has been. */
		MODEL_ASSERT(read_one(newest) != TAKT_RING_NOT_YET);
		newest_before = newest;
	}
}

static void end(void)
{
	MODEL_ASSERT(takt_ring_newest(&ring) == LAST);
	MODEL_ASSERT(read_one(LAST) == TAKT_RING_GOT && read_one(LAST - 1) == TAKT_RING_GOT);
}

MODEL_PROGRAM("ring_copy", begin, end, {publisher, next_reader, latest_reader})
