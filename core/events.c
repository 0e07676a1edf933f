/* SPDX-License-Identifier: Apache-2.0 */
#include "core/events.h"

#include "core/protocol/events.h"
#include "core/sync_access.h"
#include "platform/message.h"

#define TAKE_TRIES_MAX 64u /* times that others change the word between our look and our step */

/* Nobody holds anything. */
static void bury(struct takt_sync *sync, uint32_t holder_index)
{
	(void)sync;
	(void)holder_index;
}

enum takt_status takt_events_attach(struct takt_events *events, struct takt_waiter *waiter, const char *name)
{
	return takt_sync_attach(&events->sync, waiter, name, TAKT_SYNC_EVENTS, bury);
}

void takt_events_detach(struct takt_events *events)
{
	takt_sync_detach(&events->sync);
}

enum takt_status takt_event_bit(uint32_t index, uint32_t *bits)
{
	if (index >= TAKT_EVENT_COUNT) {
		takt_message(TAKT_ERROR, "event %u: there are 0 to %d", index, TAKT_EVENT_COUNT - 1);
		return TAKT_INVALID;
	}
	*bits = UINT32_C(1) << index;
	return TAKT_OK;
}

static enum takt_status check(struct takt_events *events, uint32_t bits)
{
	if (takt_sync_is_closed(&events->sync))
		return TAKT_CLOSED;
	return bits == 0 ? TAKT_INVALID : takt_sync_check_cut(&events->sync);
}

enum takt_status takt_events_set(struct takt_events *events, uint32_t bits)
{
	enum takt_status status = check(events, bits);

	if (status != TAKT_OK)
		return status;
	takt_events_raise(events->sync.shared, bits);
	takt_sync_wake(&events->sync);
	return TAKT_OK;
}

enum takt_status takt_events_clear(struct takt_events *events, uint32_t bits)
{
	enum takt_status status = check(events, bits);

	if (status == TAKT_OK)
		takt_events_lower(events->sync.shared, bits);
	return status;
}

uint32_t takt_events_get(const struct takt_events *events)
{
	return takt_sync_is_closed(&events->sync) ? 0 : takt_events_seen(events->sync.shared);
}

static enum takt_status attempt(void *context)
{
	struct takt_events *events = context;

	for (uint32_t i = 0; i < TAKE_TRIES_MAX; i++) {
		uint32_t seen = takt_events_seen(events->sync.shared);
		uint32_t found = seen & events->wanted;
		/* Behind the look: in a segment that was cut off all bits are set. */
		enum takt_status status = takt_sync_check_cut(&events->sync);
		if (status != TAKT_OK)
			return status;
		if (events->want == TAKT_EVENTS_ALL ? found != events->wanted : found == 0)
			return TAKT_BUSY;
		if (events->takes && !takt_events_take(events->sync.shared, seen, found))
			continue;
		events->seen = seen;
		return TAKT_OK;
	}
	/* Others were faster each time: whatever is there then is looked at again. */
	return TAKT_BUSY;
}

struct wish {
	uint32_t bits;
	enum takt_events_want want;
	uint32_t takes;
};

static enum takt_status fulfil(struct takt_events *events, const struct wish *wish, uint64_t deadline_ns,
			       uint32_t *seen)
{
	enum takt_status status = check(events, wish->bits);

	if (status != TAKT_OK)
		return status;
	events->wanted = wish->bits;
	events->want = (uint32_t)wish->want;
	events->takes = wish->takes;
	status = deadline_ns ? takt_sync_wait_until(&events->sync, attempt, events, deadline_ns)
			     : takt_sync_try(&events->sync, attempt, events);
	if (status == TAKT_OK && seen)
		*seen = events->seen;
	return status;
}

/* A deadline of 0 is one that has passed. */
static uint64_t at_least_1(uint64_t deadline_ns)
{
	return deadline_ns ? deadline_ns : 1;
}

enum takt_status takt_events_wait_until(struct takt_events *events, uint32_t bits, enum takt_events_want want,
					uint64_t deadline_ns, uint32_t *seen)
{
	return fulfil(events, &(struct wish){bits, want, 0}, at_least_1(deadline_ns), seen);
}

enum takt_status takt_events_take_until(struct takt_events *events, uint32_t bits, enum takt_events_want want,
					uint64_t deadline_ns, uint32_t *seen)
{
	return fulfil(events, &(struct wish){bits, want, 1}, at_least_1(deadline_ns), seen);
}

enum takt_status takt_events_try_wait(struct takt_events *events, uint32_t bits, enum takt_events_want want,
				      uint32_t *seen)
{
	return fulfil(events, &(struct wish){bits, want, 0}, 0, seen);
}

enum takt_status takt_events_try_take(struct takt_events *events, uint32_t bits, enum takt_events_want want,
				      uint32_t *seen)
{
	return fulfil(events, &(struct wish){bits, want, 1}, 0, seen);
}
