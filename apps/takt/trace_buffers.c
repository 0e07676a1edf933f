/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_buffers.h"

#include "core/type.h"

#define RATE_MAX      200e3 /* of one node: a feedback between nodes without a period has no rate of its own */
#define RATE_UNSAID   1e3   /* a loop whose period only its program knows */
#define NS_PER_S      1e9
#define STREAM_PIECES 32u
/* A process killed while it writes an event spoils the piece that it writes into: small ones lose little. */
#define FLIGHT_PIECES	128u
#define STATE_PIECES	4u
#define PIECE_BYTES_MIN (UINT64_C(16) << 10) /* more than the largest event, on every page size */

/* ------------------------------------------------------------------------------------------------------- rates */

/* 1 when a node reads what another one writes. */
static int hears(const struct takt_config_node *node, const struct takt_config_node *other)
{
	for (uint32_t i = 0; i < other->publishes_count; i++)
		if (takt_config_subscribes(node, other->publishes[i]))
			return 1;
	return 0;
}

/* Cycles a second of a node that waits for topics: each cycle of those that publish them may wake it, once, since what one cycle publishes
 * is taken together. */
static double woken_rate(const struct takt_config *config, const struct takt_config_node *node, const double *rates)
{
	double rate = 0.0;

	for (uint32_t i = 0; i < config->nodes_count; i++)
		if (hears(node, &config->nodes[i]))
			rate += rates[i];
	return rate < RATE_MAX ? rate : RATE_MAX;
}

/* Cycle begun and ended, woken; each topic read and perhaps returned; each published, perhaps loaned, or with a lock waited for, taken
 * and released. */
static double events_per_cycle(const struct takt_config *config, const struct takt_config_node *node)
{
	double events = 3.0;

	for (uint32_t i = 0; i < node->subscribes_count; i++) {
		uint32_t topic = takt_config_topic_find(config, node->subscribes[i]);

		events += topic != UINT32_MAX && config->topics[topic].borrows ? 2.0 : 1.0;
	}
	for (uint32_t i = 0; i < node->publishes_count; i++) {
		uint32_t topic = takt_config_topic_find(config, node->publishes[i]);

		events += 2.0;
		if (topic != UINT32_MAX && config->topics[topic].publishers > 1)
			events += 3.0;
	}
	return events;
}

struct trace_rates trace_rates_of_config(const struct takt_config *config)
{
	struct trace_rates sums = {0};
	double rates[TAKT_NODE_COUNT_MAX];

	for (uint32_t i = 0; i < config->nodes_count; i++) {
		const struct takt_config_node *node = &config->nodes[i];

		rates[i] = node->period_us ? 1e6 / (double)node->period_us : node->subscribes_count ? 0.0 : RATE_UNSAID;
	}
	/* A chain of nodes that wake each other is as long as there are nodes. */
	for (uint32_t round = 0; round < config->nodes_count; round++)
		for (uint32_t i = 0; i < config->nodes_count; i++)
			if (config->nodes[i].period_us == 0 && config->nodes[i].subscribes_count)
				rates[i] = woken_rate(config, &config->nodes[i], rates);
	for (uint32_t i = 0; i < config->nodes_count; i++)
		trace_rates_add(&sums, rates[i] * events_per_cycle(config, &config->nodes[i]));
	return sums;
}

struct trace_rates trace_rates_guessed(void)
{
	return (struct trace_rates){.sum = TRACE_RATE_DEFAULT,
				    .fastest = TRACE_RATE_DEFAULT / 2,
				    .node_count = TRACE_NODES_DEFAULT};
}

void trace_rates_add(struct trace_rates *rates, double events_per_s)
{
	rates->sum += events_per_s;
	rates->node_count++;
	if (events_per_s > rates->fastest)
		rates->fastest = events_per_s;
}

/* ------------------------------------------------------------------------------------------------------- sizes */

static uint64_t power_of_two(uint64_t least)
{
	uint64_t power = 1;

	while (power < least)
		power *= 2;
	return power;
}

struct trace_buffers trace_buffers_of(uint64_t bytes, int is_flight)
{
	struct trace_buffers buffers = {.piece_count = is_flight ? FLIGHT_PIECES : STREAM_PIECES};

	if (bytes > TRACE_BUFFER_BYTES_MAX)
		bytes = TRACE_BUFFER_BYTES_MAX;
	while (buffers.piece_count > 2 && bytes / buffers.piece_count < PIECE_BYTES_MIN)
		buffers.piece_count /= 2;
	buffers.piece_bytes = power_of_two((bytes + buffers.piece_count - 1) / buffers.piece_count);
	if (buffers.piece_bytes < PIECE_BYTES_MIN)
		buffers.piece_bytes = PIECE_BYTES_MIN;
	return buffers;
}

struct trace_buffers trace_buffers_for(double events_per_s, uint64_t span_ns, int is_flight)
{
	double rate = events_per_s > TRACE_RATE_MIN ? events_per_s : TRACE_RATE_MIN;
	double bytes = rate * TRACE_EVENT_BYTES * ((double)span_ns / NS_PER_S);

	if (bytes < (double)TRACE_BUFFER_BYTES_MIN)
		bytes = (double)TRACE_BUFFER_BYTES_MIN;
	if (bytes > (double)TRACE_BUFFER_BYTES_MAX)
		bytes = (double)TRACE_BUFFER_BYTES_MAX;
	return trace_buffers_of((uint64_t)bytes, is_flight);
}

struct trace_buffers trace_buffers_for_state(int is_flight)
{
	uint64_t bytes = is_flight ? TRACE_STATE_FLIGHT_BYTES : TRACE_STATE_STREAM_BYTES;

	return (struct trace_buffers){.piece_bytes = bytes / STATE_PIECES, .piece_count = STATE_PIECES};
}

uint64_t trace_buffers_bytes(const struct trace_buffers *buffers)
{
	return buffers->piece_bytes * buffers->piece_count;
}

uint64_t trace_memory_bytes(const struct trace_buffers *buffers, uint32_t cpu_count, uint32_t process_count,
			    int is_flight)
{
	const struct trace_buffers state = trace_buffers_for_state(is_flight);
	uint64_t bytes = trace_buffers_bytes(buffers) + trace_buffers_bytes(&state);

	if (!is_flight)
		return bytes * cpu_count * process_count;
	/* While a piece is read out, the ring has another one in its place. */
	return (bytes + buffers->piece_bytes + state.piece_bytes) * cpu_count;
}
