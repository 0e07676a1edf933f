/* SPDX-License-Identifier: Apache-2.0 */
/* How large the buffers of a trace are: rates out of configs, powers of two, bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apps/takt/trace_buffers.h"
#include "platform/clock.h"

static struct trace_rates rates_of(const char *text)
{
	const struct takt_config *config;

	assert_int_equal(takt_config_parse(&config, text, (uint32_t)strlen(text), "text"), TAKT_OK);
	struct trace_rates rates = trace_rates_of_config(config);
	takt_config_free(config);
	return rates;
}

static int is_power_of_two(uint64_t number)
{
	return number && (number & (number - 1)) == 0;
}

/* Cycle begun, ended and woken, two for a publication: 5 a cycle; one more for a read. */
static void rates_follow_periods_and_topics(void **state)
{
	(void)state;
	struct trace_rates rates = rates_of("domain: d\n"
					    "topics: [{name: a, type: t, bytes: 8}, {name: b, type: t, bytes: 8}]\n"
					    "nodes:\n"
					    "  - {name: one, program: p, publishes: [a], period_us: 1000}\n"
					    "  - {name: two, program: p, publishes: [b], subscribes: [a]}\n"
					    "  - {name: three, program: p, subscribes: [b]}\n");

	assert_int_equal(rates.node_count, 3);
	/* one and two and three all at 1 kHz: a chain of wake-ups. */
	assert_true(rates.sum > 14999.0 && rates.sum < 15001.0);
	assert_true(rates.fastest > 5999.0 && rates.fastest < 6001.0);
}

/* Two nodes that wake each other have no rate of their own: bounded, not endless. */
static void a_feedback_without_a_period_is_bounded(void **state)
{
	(void)state;
	struct trace_rates rates = rates_of(
		"domain: d\n"
		"topics: [{name: a, type: t, bytes: 8}, {name: b, type: t, bytes: 8}, {name: c, type: t, bytes: 8}]\n"
		"nodes:\n"
		"  - {name: zero, program: p, publishes: [c], period_us: 10}\n"
		"  - {name: one, program: p, publishes: [a], subscribes: [b, c]}\n"
		"  - {name: two, program: p, publishes: [b], subscribes: [a, c]}\n");

	assert_true(rates.sum > 1e6);
	assert_true(rates.sum < 1e7);
}

static void buffers_hold_the_span_and_are_powers_of_two(void **state)
{
	static const double event_rates[] = {1.0, 900.0, 9e3, 17e3, 123456.0, 3e5};
	(void)state;

	for (uint32_t i = 0; i < sizeof(event_rates) / sizeof(event_rates[0]); i++)
		for (int is_flight = 0; is_flight < 2; is_flight++) {
			struct trace_buffers buffers = trace_buffers_for(event_rates[i], 5 * TAKT_NS_PER_S, is_flight);

			assert_true(is_power_of_two(buffers.piece_bytes));
			assert_true(is_power_of_two(buffers.piece_count));
			assert_true(buffers.piece_count >= 2);
			assert_true((double)trace_buffers_bytes(&buffers) >= event_rates[i] * TRACE_EVENT_BYTES * 5.0);
			/* Not more than twice of what is needed, or the least. */
			assert_true((double)trace_buffers_bytes(&buffers) <=
					    2.1 * event_rates[i] * TRACE_EVENT_BYTES * 5.0 ||
				    trace_buffers_bytes(&buffers) <= 2 * TRACE_RATE_MIN * TRACE_EVENT_BYTES * 5);
		}
}

static void buffers_have_bounds(void **state)
{
	(void)state;
	struct trace_buffers large = trace_buffers_for(1e12, 60 * TAKT_NS_PER_S, 1);
	struct trace_buffers small = trace_buffers_of(1, 0);

	assert_int_equal(trace_buffers_bytes(&large), TRACE_BUFFER_BYTES_MAX);
	assert_true(small.piece_bytes >= 16384);
	assert_true(small.piece_count >= 2);
	/* What a person asks for is what there is. */
	struct trace_buffers asked = trace_buffers_of(UINT64_C(8) << 20, 0);
	assert_int_equal(trace_buffers_bytes(&asked), UINT64_C(8) << 20);
}

/* A recording: each process its own; a flight recorder: one for a user, with a piece more to be read. */
static void memory_is_counted_as_lttng_takes_it(void **state)
{
	const struct trace_buffers buffers = {.piece_bytes = 65536, .piece_count = 32};
	(void)state;

	assert_int_equal(trace_memory_bytes(&buffers, 4, 3, 0), (2097152 + TRACE_STATE_STREAM_BYTES) * 12);
	assert_int_equal(trace_memory_bytes(&buffers, 4, 3, 1),
			 (2097152 + 65536 + TRACE_STATE_FLIGHT_BYTES + TRACE_STATE_FLIGHT_BYTES / 4) * 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_follow_periods_and_topics),
		cmocka_unit_test(a_feedback_without_a_period_is_bounded),
		cmocka_unit_test(buffers_hold_the_span_and_are_powers_of_two),
		cmocka_unit_test(buffers_have_bounds),
		cmocka_unit_test(memory_is_counted_as_lttng_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
