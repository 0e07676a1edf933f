/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/peers/plan.h"

#include <stdio.h>
#include <string.h>

#include "platform/clock.h"
#include "platform/message.h"
#include "platform/thread.h"

#define PAIRS		   5u
#define PAIRS_QUICK	   2u
#define PERIOD_NS	   TAKT_NS_PER_MS
#define PERIODIC_WEIGHT	   3.0 /* p99.9 wants many periods */
#define PROBE_BYTES	   64u
#define FLOOR_RING_BYTES   65536u
#define FLOOR_DEPTH_MIN	   8u
#define FLOOR_DEPTH_MAX	   1024u
#define PERIODIC_DEPTH_MAX 64u

/* How many messages of a stream are under way at most: a power of two. */
static uint32_t depth_for(uint32_t bytes, uint32_t flight_bytes, uint32_t min, uint32_t max)
{
	uint32_t depth = max;

	while (depth > min && (uint64_t)depth * bytes > flight_bytes)
		depth /= 2;
	return depth;
}

static uint32_t depth_of(const struct peer *peer, uint32_t bytes)
{
	return depth_for(bytes, peer->flight_bytes, peer->flight_min, peer->flight_max);
}

static void note_gap(struct plan *plan, const struct bench_case *wanted, const char *reason)
{
	if (plan->gap_count == PLAN_LEFT_OUT_MAX)
		return;
	struct plan_gap *gap = &plan->gaps[plan->gap_count++];
	gap->test = wanted->test;
	gap->bytes = wanted->bytes;
	(void)snprintf(gap->reason, sizeof(gap->reason), "%s", reason[0] ? reason : "a burst failed or took too long");
	for (uint32_t i = 0; i < plan->peer_count; i++)
		if (strcmp(plan->peers[i].peer->name, wanted->name) == 0)
			gap->peer = plan->peers[i].peer->name;
}

/* ------------------------------------------------------------------------------------------------------- cases */

/* With one CPU for both sides a side that polls only keeps the other from running: no ring, no takt-poll. */
static int may_poll(const struct plan *plan)
{
	return plan->bench.machine.cpu_count > 1;
}

/* A round trip, counted half: to a reader that sleeps. The floor: bare semaphores beside the payload. */
static int make_latency(const struct plan *plan, struct bench_case *wanted, const struct peer *peer, uint32_t bytes)
{
	(void)plan;
	if (peer->channel == NULL)
		return 0;
	wanted->test = "latency";
	wanted->metric = BENCH_P50;
	wanted->floor = bench_round_trip(&takt_os_bench_sems, bytes);
	wanted->takt = bench_round_trip(peer->channel, bytes);
	return 1;
}

/* Messages per second, none lost. The floor: a bare ring whose reader polls. */
static int make_stream(const struct plan *plan, struct bench_case *wanted, const struct peer *peer, uint32_t bytes)
{
	if (peer->polls && !may_poll(plan))
		return 0;
	wanted->test = "stream";
	wanted->metric = BENCH_RATE;
	if (may_poll(plan))
		wanted->floor = bench_stream(&takt_os_bench_ring, bytes,
					     depth_for(bytes, FLOOR_RING_BYTES, FLOOR_DEPTH_MIN, FLOOR_DEPTH_MAX));
	wanted->takt = bench_stream(peer->stream ? peer->stream : peer->channel, bytes, depth_of(peer, bytes));
	wanted->takt.sleeps = !peer->polls;
	return 1;
}

/* From when a message was due, 1,000 times a second, until a reader that slept has it. The floor: bare semaphores. */
static int make_periodic(const struct plan *plan, struct bench_case *wanted, const struct peer *peer, uint32_t bytes)
{
	(void)plan;
	if (peer->channel == NULL)
		return 0;
	wanted->test = "periodic";
	wanted->metric = BENCH_P50;
	wanted->weight = PERIODIC_WEIGHT;
	wanted->floor = bench_periodic_pair(&takt_os_bench_sems, bytes, PERIOD_NS);
	wanted->takt = bench_periodic_pair(peer->channel, bytes, PERIOD_NS);
	uint32_t depth = depth_of(peer, bytes);
	wanted->takt.depth = depth < PERIODIC_DEPTH_MAX ? depth : PERIODIC_DEPTH_MAX;
	wanted->takt.sleeps = peer->may_lose;
	return 1;
}

static int (*const makers[])(const struct plan *, struct bench_case *, const struct peer *,
			     uint32_t) = {make_latency, make_stream, make_periodic};

/* ------------------------------------------------------------------------------------------------------ probing */

/* A peer that cannot run here is found out with one short exchange, and costs the others nothing. */
static void probe(struct plan *plan, struct plan_peer *entry)
{
	static struct bench scratch;
	const struct peer *peer = entry->peer;
	const struct takt_os_bench_channel *channel = peer->channel ? peer->channel : &bench_takt_wake;
	struct bench_case wanted = {.test = "probe", .metric = BENCH_P50, .bytes = PROBE_BYTES, .pairs = 1};

	peer->version(entry->version);
	peer_reason_clear();
	enum takt_status status = peer->start ? peer->start() : TAKT_OK;
	entry->is_started = status == TAKT_OK;
	scratch = plan->bench;
	scratch.options.seconds = 0.01;
	wanted.takt = bench_round_trip(channel, PROBE_BYTES);
	(void)snprintf(wanted.name, sizeof(wanted.name), "%s", peer->name);
	if (status == TAKT_OK && bench_compare(&scratch, &wanted))
		return;
	(void)snprintf(entry->reason, sizeof(entry->reason), "%s",
		       peer_reason()[0] ? peer_reason() : "its first exchange failed or took too long");
	takt_message(TAKT_WARNING, "%s is left out: %s", peer->name, entry->reason);
	if (entry->is_started && peer->stop)
		peer->stop();
	entry->is_started = 0;
}

/* ---------------------------------------------------------------------------------------------------- measuring */

static void measure(struct plan *plan, const struct peer *peer, uint32_t test, uint32_t bytes)
{
	struct bench_case wanted = {.bytes = bytes, .pairs = plan->bench.options.is_quick ? PAIRS_QUICK : PAIRS};

	(void)snprintf(wanted.name, sizeof(wanted.name), "%s", peer->name);
	if (!makers[test](plan, &wanted, peer, bytes))
		return;
	const char *refusal = peer->refusal ? peer->refusal(bytes) : NULL;
	peer_reason_clear();
	if (refusal)
		note_gap(plan, &wanted, refusal);
	else if (bench_compare(&plan->bench, &wanted) == NULL && !takt_os_stop_requested())
		note_gap(plan, &wanted, peer_reason());
}

void plan_run(struct plan *plan)
{
	static const uint32_t own[] = {64, 4096, 1u << 16, 1u << 20};
	uint32_t sizes[BENCH_SIZES_MAX];
	uint32_t size_count = bench_sizes(&plan->bench, own, 4, sizes);

	for (uint32_t i = 0; i < plan->peer_count && !takt_os_stop_requested(); i++)
		if (plan->peers[i].is_wanted)
			probe(plan, &plan->peers[i]);
	for (uint32_t test = 0; test < sizeof(makers) / sizeof(makers[0]); test++)
		for (uint32_t s = 0; s < size_count; s++)
			for (uint32_t i = 0; i < plan->peer_count && !takt_os_stop_requested(); i++)
				if (plan->peers[i].is_wanted && !plan->peers[i].reason[0])
					measure(plan, plan->peers[i].peer, test, sizes[s]);
	for (uint32_t i = 0; i < plan->peer_count; i++)
		if (plan->peers[i].is_started && plan->peers[i].peer->stop)
			plan->peers[i].peer->stop();
}
