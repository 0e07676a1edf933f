/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading in place: P4, P5, B2 to B6. The payload is plain memory, as a loan's is. A publisher goes round the ring and fills what it may
 * take for free, while a borrower reads what it has pinned, twice: nobody writes what is being read. A pin is emptied, or names the
 * next sample at once.
 */
#include "tests/model/ring_fixture.h"

#define FIRST 3u
#define LAST  5u

static struct publisher own;

static void publish(uint64_t number)
{
	struct slot *slot = slot_at(own.slot_index);
	MODEL_PUT(slot->payload[0], (takt_word)number);
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

static void borrower(void)
{
	struct takt_pin_shm *pin = &topic.pins[0];
	uint64_t next = 1 + model_choose(3);
	for (unsigned attempt = 0; attempt < 3; attempt++) {
		const unsigned char *at;
		enum takt_ring_outcome outcome = takt_ring_borrow(&ring, next, pin, &at);
		if (outcome == TAKT_RING_OVERWRITTEN)
			next++;
		if (outcome != TAKT_RING_GOT)
			continue;
		const struct slot *slot = (const void *)at;
		MODEL_ASSERT(MODEL_GET(slot->payload[0]) == next);
		MODEL_ASSERT(MODEL_GET(slot->payload[0]) == next);
		next++;
		if (model_choose(2))
			takt_ring_unpin(pin);
	}
	takt_ring_unpin(pin);
}

static void end(void)
{
	MODEL_ASSERT(takt_ring_newest(&ring) == LAST);
	MODEL_ASSERT(topic.pins[0].slot_plus_one == 0);
}

MODEL_PROGRAM("ring_borrow", begin, end, {publisher, borrower})
