/* SPDX-License-Identifier: Apache-2.0 */
/* The two directions of a bridge, and what they have in common. */
#include <inttypes.h>
#include <stdlib.h>

#include "apps/takt/bridge.h"
#include "apps/takt/bridge_codec.h"
#include "apps/takt/messages.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/stream.h"

#define WAIT_NS	      (100 * TAKT_NS_PER_MS) /* so late is a stop or a report seen at most */
#define LOOK_NS	      (1 * TAKT_NS_PER_MS)   /* between two looks at what cannot be waited for */
#define REOPEN_NS     (500 * TAKT_NS_PER_MS)
#define QUIET_NS      (10 * TAKT_NS_PER_S)
#define STATE_HZ      100.0 /* looks at shared memory, unless a rate is asked for */
#define ADJUST_NS_MAX TAKT_NS_PER_S

/* -------------------------------------------------------------------------------------------------------- counts */

void bridge_say_counts(const struct bridge *bridge)
{
	const struct bridge_counts *counts = &bridge->counts;
	const struct bridge_options *options = &bridge->options;

	takt_message(TAKT_INFO,
		     "bridge %s %s %s: %" PRIu64 " taken, %" PRIu64 " passed, %" PRIu64 " lost (full %" PRIu64
		     ", nobody %" PRIu64 ", bound %" PRIu64 ", missed %" PRIu64 "), %" PRIu64 " refused, %" PRIu64
		     " left out by the rate",
		     options->topic, options->is_from ? "from" : "to", options->target, counts->taken, counts->passed,
		     counts->full + counts->nobody + counts->bound + counts->missed, counts->full, counts->nobody,
		     counts->bound, counts->missed, counts->refused, counts->over + counts->skipped);
}

int bridge_is_over(struct bridge *bridge)
{
	if (takt_os_report_take())
		bridge_say_counts(bridge);
	return bridge->inside->kind->should_end(bridge->inside) ||
	       (bridge->options.count && bridge->counts.passed >= bridge->options.count);
}

/* ------------------------------------------------------------------------------------------------------- trouble */

/* One bit per status, so that each kind of trouble is told once, and again when it has ended and begins anew. What can begin and end
 * with every sample, such as a full queue, is told now and then. */
static int is_new_trouble(struct bridge *bridge, enum takt_status status)
{
	const uint32_t bit = UINT32_C(1) << -status;
	const uint64_t now_ns = takt_os_clock_now_ns();
	const int may_flicker = status == TAKT_FULL || status == TAKT_LIMIT || status == TAKT_INVALID;

	if (bridge->troubles_said & bit)
		return 0;
	bridge->troubles_said |= bit;
	if (may_flicker && now_ns < bridge->quiet_until_ns)
		return 0;
	bridge->quiet_until_ns = may_flicker ? now_ns + QUIET_NS : bridge->quiet_until_ns;
	return 1;
}

void bridge_end_trouble(struct bridge *bridge)
{
	if (bridge->troubles_said & (UINT32_C(1) << -TAKT_CLOSED | UINT32_C(1) << -TAKT_TIMEOUT))
		takt_message(TAKT_INFO, "%s: goes on", bridge->options.target);
	bridge->troubles_said = 0;
}

static int end_by_close(struct bridge *bridge, int code)
{
	bridge->code = code;
	return 0;
}

/* The object has no name any more, or no existence: told, and looked for again unless this is to be the end. */
static int meet_removal(struct bridge *bridge)
{
	const struct bridge_options *options = &bridge->options;

	if (options->ends_on_close)
		takt_message(TAKT_ERROR, "%s was removed", options->target);
	else
		takt_message(TAKT_WARNING, "%s was removed; looking for it twice a second; what comes meanwhile %s",
			     options->target, bridge->inside->meanwhile);
	options->carrier->close(&bridge->peer);
	bridge->peer.is_open = 0;
	return options->ends_on_close ? end_by_close(bridge, EXIT_FAILED) : 1;
}

int bridge_meet_trouble(struct bridge *bridge, enum takt_status status)
{
	const struct bridge_options *options = &bridge->options;
	const char *target = options->target;

	switch (status) {
	case TAKT_ABSENT:
		return meet_removal(bridge);
	case TAKT_CLOSED:
		if (options->ends_on_close || options->is_from || options->carrier == &bridge_stdout)
			return end_by_close(bridge, EXIT_OK);
		if (is_new_trouble(bridge, status))
			takt_message(TAKT_WARNING, "%s: nobody is there; what comes meanwhile %s", target,
				     bridge->inside->meanwhile);
		return 1;
	case TAKT_FULL:
		if (is_new_trouble(bridge, status))
			takt_message(TAKT_WARNING, "%s is full: what does not fit %s", target,
				     bridge->inside->meanwhile);
		return 1;
	case TAKT_TIMEOUT:
		if (is_new_trouble(bridge, status))
			takt_message(
				TAKT_WARNING,
				"%s: its semaphore was not free within %.0f ms: who holds it was stopped, or has died and "
				"nobody gives it back: restart that program%s%s",
				target, (double)options->bound_ns / 1e6,
				options->is_from ? "" : "; what comes meanwhile ",
				options->is_from ? "" : bridge->inside->meanwhile);
		return 1;
	case TAKT_LIMIT:
		if (is_new_trouble(bridge, status))
			takt_message(TAKT_WARNING,
				     "%s: a record is longer than it may be; such are refused and counted", target);
		return 1;
	default:
		takt_message(TAKT_ERROR, "%s: %s", target, takt_status_name(status));
		return end_by_close(bridge, EXIT_FAILED);
	}
}

int bridge_reopen(struct bridge *bridge)
{
	const uint64_t now_ns = takt_os_clock_now_ns();
	enum takt_status status;

	if (now_ns < bridge->reopen_ns)
		return 0;
	bridge->reopen_ns = now_ns + REOPEN_NS;
	/* That it is not there has been told. */
	messages_silence();
	status = bridge->options.carrier->open(&bridge->peer);
	messages_escape();
	bridge->peer.is_open = status == TAKT_OK;
	if (status == TAKT_OK)
		takt_message(TAKT_INFO, "%s is there again", bridge->options.target);
	return status == TAKT_OK;
}

/* ---------------------------------------------------------------------------------------------------------- rate */

/* @retval 1 the next one may pass now, and the one behind it an interval later */
static int is_due(struct bridge *bridge, double rate_hz)
{
	const uint64_t now_ns = takt_os_clock_now_ns();
	const uint64_t interval_ns = (uint64_t)(1e9 / rate_hz);

	if (now_ns < bridge->due_ns)
		return 0;
	/* Without drift while it keeps up; a long silence is not caught up with. */
	bridge->due_ns = now_ns - bridge->due_ns > ADJUST_NS_MAX + interval_ns ? now_ns + interval_ns
									       : bridge->due_ns + interval_ns;
	return 1;
}

/* --------------------------------------------------------------------------------------------------------- --to */

/* Where a sample went. */
static uint64_t *place_of(struct bridge_counts *counts, enum takt_status status)
{
	switch (status) {
	case TAKT_OK:
		return &counts->passed;
	case TAKT_FULL:
		return &counts->full;
	case TAKT_TIMEOUT:
		return &counts->bound;
	case TAKT_LIMIT:
		return &counts->refused;
	default:
		return &counts->nobody;
	}
}

/* @retval 1 go on */
static int pass_out(struct bridge *bridge, const struct takt_sample_header *header, uint64_t lost)
{
	struct bridge_codec *codec = bridge->codec;
	struct bridge_inside *inside = bridge->inside;
	enum takt_status status = bridge_codec_make(codec, header, lost);

	if (status != TAKT_OK) {
		(void)inside->kind->settle(inside, status);
		return bridge_meet_trouble(bridge, status);
	}
	const int is_there = bridge->peer.is_open || bridge_reopen(bridge);
	bridge->peer.band = inside->band;
	status = is_there ? bridge->options.carrier->send(&bridge->peer, codec->record, (uint32_t)codec->record_bytes)
			  : TAKT_CLOSED;
	if (inside->kind->settle(inside, status)) {
		bridge->counts.taken++;
		++*place_of(&bridge->counts, status);
	} else {
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + LOOK_NS);
	}
	if (status == TAKT_OK)
		bridge_end_trouble(bridge);
	return status == TAKT_OK || !is_there ? 1 : bridge_meet_trouble(bridge, status);
}

int bridge_out(struct bridge *bridge)
{
	const struct bridge_inside_kind *inside = bridge->inside->kind;
	const double rate_hz = bridge->options.rate_hz;

	bridge->due_ns = takt_os_clock_now_ns();
	while (!bridge_is_over(bridge)) {
		struct takt_sample_header header;
		const uint64_t missed = bridge->counts.missed;
		enum takt_status status = TAKT_EMPTY;

		if (rate_hz <= 0 || takt_os_clock_now_ns() >= bridge->due_ns)
			status = inside->next(bridge->inside, &header, &bridge->counts);
		if (status == TAKT_OK) {
			if (rate_hz > 0)
				(void)is_due(bridge, rate_hz);
			if (!pass_out(bridge, &header, bridge->counts.missed - missed))
				break;
			continue;
		}
		if (status != TAKT_EMPTY) {
			bridge->code = EXIT_FAILED;
			break;
		}
		const uint64_t now_ns = takt_os_clock_now_ns();
		if (rate_hz > 0 && now_ns < bridge->due_ns)
			(void)takt_os_clock_sleep_until(bridge->due_ns < now_ns + WAIT_NS ? bridge->due_ns
											  : now_ns + WAIT_NS);
		else
			(void)inside->wait(bridge->inside, now_ns + WAIT_NS);
	}
	return bridge->code;
}

/* -------------------------------------------------------------------------------------------------------- --from */

static int refuse(struct bridge *bridge)
{
	bridge->counts.refused++;
	if (is_new_trouble(bridge, TAKT_INVALID))
		takt_message(TAKT_WARNING, "%s: a record is no sample of type '%s': %s; such are refused and counted",
			     bridge->options.target, bridge->inside->type.name, bridge->codec->fault.text);
	return 1;
}

/* @retval 1 go on */
static int publish(struct bridge *bridge)
{
	bridge->inside->band = bridge->peer.band;
	enum takt_status status = bridge->inside->kind->put(bridge->inside, bridge->codec->payload);

	if (status == TAKT_OK)
		bridge->counts.passed++;
	else if (status == TAKT_TIMEOUT)
		bridge->counts.bound++;
	else if (status == TAKT_FULL)
		bridge->counts.full++;
	else
		return end_by_close(bridge, EXIT_FAILED);
	return 1;
}

static int pass_in(struct bridge *bridge, char *record, uint32_t bytes)
{
	const struct bridge_options *options = &bridge->options;
	enum takt_status status = bridge_codec_read(bridge->codec, record, bytes, &bridge->counts.missed);

	if (status == TAKT_EMPTY)
		return 1;
	bridge->counts.taken++;
	if (status != TAKT_OK)
		return refuse(bridge);
	/* It was dropped if it was not taken, so it was; others wait where they are until their time has come. */
	if (options->rate_hz > 0 && options->carrier->is_datagram && !is_due(bridge, options->rate_hz)) {
		bridge->counts.over++;
		return 1;
	}
	return publish(bridge);
}

/* Until there may be something, and it may pass. */
static void wait_for_record(struct bridge *bridge)
{
	const uint64_t now_ns = takt_os_clock_now_ns();

	if (bridge->peer.is_open && bridge->peer.descriptor >= 0)
		(void)takt_os_stream_wait(bridge->peer.descriptor, now_ns + WAIT_NS);
	else
		(void)takt_os_clock_sleep_until(now_ns + LOOK_NS);
}

/* Sleeps until the next record may be looked at. @retval 0 not yet */
static int may_look(struct bridge *bridge, double rate_hz)
{
	const uint64_t now_ns = takt_os_clock_now_ns();

	if (rate_hz <= 0 || is_due(bridge, rate_hz))
		return 1;
	(void)takt_os_clock_sleep_until(bridge->due_ns < now_ns + WAIT_NS ? bridge->due_ns : now_ns + WAIT_NS);
	return 0;
}

/* @retval 1 go on */
static int take_one(struct bridge *bridge, char *record, uint32_t room)
{
	uint32_t bytes = 0;
	enum takt_status status;

	if (!bridge->peer.is_open && !bridge_reopen(bridge)) {
		wait_for_record(bridge);
		return 1;
	}
	status = bridge->options.carrier->receive(&bridge->peer, record, room, &bytes);
	bridge->counts.missed += bridge->peer.dropped;
	bridge->peer.dropped = 0;
	/* The semaphore was free. A record that was refused stays told as long as others are refused with it. */
	if (status != TAKT_TIMEOUT && bridge->troubles_said & (UINT32_C(1) << -TAKT_TIMEOUT))
		bridge_end_trouble(bridge);
	if (status == TAKT_OK)
		return pass_in(bridge, record, bytes);
	if (status == TAKT_EMPTY) {
		/* A look in vain has cost the next one of a pipe or queue no time. */
		if (!bridge->options.carrier->is_state && !bridge->options.carrier->is_datagram)
			bridge->due_ns = takt_os_clock_now_ns();
		wait_for_record(bridge);
		return 1;
	}
	if (status == TAKT_LIMIT || status == TAKT_TIMEOUT) {
		bridge->counts.taken += status == TAKT_LIMIT;
		bridge->counts.refused += status == TAKT_LIMIT;
	}
	return bridge_meet_trouble(bridge, status);
}

int bridge_in(struct bridge *bridge)
{
	const struct bridge_options *options = &bridge->options;
	const uint32_t room = bridge->peer.record_bytes_max + 2;
	char *record = calloc(1, room);
	double rate_hz = options->carrier->is_datagram ? 0 : options->rate_hz;

	if (record == NULL) {
		takt_message(TAKT_ERROR, "no memory is left for records of %u bytes", room);
		return EXIT_FAILED;
	}
	if (options->carrier->is_state && rate_hz <= 0)
		rate_hz = STATE_HZ;
	bridge->due_ns = takt_os_clock_now_ns();
	while (!bridge_is_over(bridge))
		if (may_look(bridge, rate_hz) && !take_one(bridge, record, room))
			break;
	free(record);
	return bridge->code;
}
