/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is handed on by an owner word: a node's place in the roster (J1, J2) and a subscriber's pin (B7, B8). One process leaves in order
 * and another takes what it finds free; what belongs to the place is stored into by both, never at the same time.
 */
#include <string.h>

#include "core/protocol/place.h"
#include "core/protocol/ring.h"
#include "tests/model/model.h"

static struct takt_roster_node_shm place;
static struct takt_pin_shm pin;
/* What an occupant stores while the place, and while the pin, is its own. */
static uint64_t of_place, of_pin;

static void begin(void)
{
	memset(&place, 0, sizeof(place));
	memset(&pin, 0, sizeof(pin));
	of_place = 0;
	of_pin = 0;
}

static void occupy_place(uint64_t token)
{
	if (takt_place_occupant(&place) != 0 || !takt_place_claim(&place, 0, token))
		return;
	MODEL_PUT(of_place, token);
	MODEL_ASSERT(MODEL_GET(of_place) == token);
	takt_place_leave(&place, token);
}

static void occupy_pin(uint64_t token)
{
	if (!takt_ring_take_pin(&pin, 0, token))
		return;
	MODEL_PUT(of_pin, token);
	MODEL_ASSERT(MODEL_GET(of_pin) == token);
	takt_ring_give_pin(&pin);
}

static void first(void)
{
	occupy_place(1);
	occupy_pin(1);
}

static void second(void)
{
	occupy_pin(2);
	occupy_place(2);
}

static void end(void)
{
	MODEL_ASSERT(takt_place_occupant(&place) == 0);
	MODEL_ASSERT(pin.slot_plus_one == 0 && pin.owner == 0);
}

MODEL_PROGRAM("place", begin, end, {first, second})
