/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/topic.h"

#include <stdio.h>
#include <stdlib.h>

#include "platform/clock.h"
#include "platform/message.h"
#include "platform/thread.h"

#define MEASURE_NS_DEFAULT (3 * TAKT_NS_PER_S)
#define POLL_NS		   (1 * TAKT_NS_PER_MS)
#define INTERVALS_MAX	   (4u * 1024u * 1024u)

static const struct output_column columns[] = {
	{"topic", "", OUTPUT_TEXT},
	{"samples", "", OUTPUT_NUMBER},
	{"lost", "", OUTPUT_NUMBER},
	{"measured", "s", OUTPUT_NUMBER},
	{"rate", "Hz", OUTPUT_NUMBER},
	{"interval p50", "us", OUTPUT_NUMBER},
	{"interval p99", "us", OUTPUT_NUMBER},
	{"interval max", "us", OUTPUT_NUMBER},
	{"jitter p50", "us", OUTPUT_NUMBER},
	{"jitter p99", "us", OUTPUT_NUMBER},
	{"jitter max", "us", OUTPUT_NUMBER},
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

/* Times between two publishes that followed each other. */
struct measurement {
	uint64_t *intervals_ns;
	uint32_t count;
	uint32_t capacity;
	uint64_t sample_count;
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t span_ns;
};

/* @retval 0 enough: no room for more */
static int add_interval(struct measurement *measurement, uint64_t interval_ns)
{
	if (measurement->count == measurement->capacity) {
		uint32_t capacity = measurement->capacity ? 2 * measurement->capacity : 4096;
		uint64_t *larger = capacity <= INTERVALS_MAX
					   ? realloc(measurement->intervals_ns, capacity * sizeof(*larger))
					   : NULL;

		if (larger == NULL)
			return 0;
		measurement->intervals_ns = larger;
		measurement->capacity = capacity;
	}
	measurement->intervals_ns[measurement->count++] = interval_ns;
	return 1;
}

/* @retval 0 enough */
static int take(struct measurement *measurement, const struct takt_sample_header *header, uint64_t lost)
{
	uint64_t before_ns = measurement->last_ns;

	measurement->last_ns = header->publish_ns;
	if (measurement->sample_count++ == 0) {
		measurement->first_ns = header->publish_ns;
		return 1;
	}
	return lost != 0 || header->publish_ns < before_ns || add_interval(measurement, header->publish_ns - before_ns);
}

static int measure(struct reader *reader, struct measurement *measurement, uint64_t duration_ns)
{
	uint64_t begin_ns = takt_os_clock_now_ns();
	uint64_t newest = reader_newest(reader);

	/* Payloads do not matter here, and may be large. */
	reader->ring.payload_bytes = 0;
	reader_seek(reader, newest + 1);
	while (takt_os_clock_now_ns() - begin_ns < duration_ns) {
		struct takt_sample_header header;
		uint64_t lost = 0;
		enum takt_status status = reader_next(reader, &header, &lost);

		if (status == TAKT_CORRUPT ||
		    (status == TAKT_EMPTY && measurement->sample_count == 0 && topic_is_gone(reader)))
			return EXIT_FAILED;
		if (status == TAKT_OK && !take(measurement, &header, lost))
			break;
		if (status == TAKT_EMPTY && takt_os_clock_sleep_until(takt_os_clock_now_ns() + POLL_NS) != TAKT_OK)
			break;
	}
	measurement->span_ns = takt_os_clock_now_ns() - begin_ns;
	return EXIT_OK;
}

static int compare(const void *a, const void *b)
{
	uint64_t first = *(const uint64_t *)a;
	uint64_t second = *(const uint64_t *)b;

	return (first > second) - (first < second);
}

static void put_quantiles(struct output_table *table, uint64_t *sorted_ns, uint32_t count)
{
	/* Where nothing was measured there is no array either. */
	if (count)
		qsort(sorted_ns, count, sizeof(*sorted_ns), compare);
	for (uint32_t i = 0; i < 3; i++) {
		/* p50, p99, max; the rank rounded up. */
		static const uint32_t per_cent[] = {50, 99, 100};
		uint64_t rank = ((uint64_t)count * per_cent[i] + 99) / 100;

		if (count)
			output_cell_real(table, (double)sorted_ns[rank - 1] / 1e3, 1);
		else
			output_cell_none(table);
	}
}

static void put_measurement(struct output_table *table, const struct reader *reader, struct measurement *measurement)
{
	uint64_t span_ns = measurement->last_ns - measurement->first_ns;
	uint64_t sum_ns = 0;

	output_cell_text(table, reader->topic);
	output_cell_count(table, measurement->sample_count);
	output_cell_count(table, reader->lost);
	output_cell_real(table, (double)measurement->span_ns / 1e9, 3);
	output_cell_real(table,
			 span_ns ? (double)(measurement->sample_count + reader->lost - 1) * 1e9 / (double)span_ns : 0.0,
			 2);
	for (uint32_t i = 0; i < measurement->count; i++)
		sum_ns += measurement->intervals_ns[i];
	uint64_t mean_ns = measurement->count ? sum_ns / measurement->count : 0;
	put_quantiles(table, measurement->intervals_ns, measurement->count);
	for (uint32_t i = 0; i < measurement->count; i++) {
		uint64_t own_ns = measurement->intervals_ns[i];

		measurement->intervals_ns[i] = own_ns > mean_ns ? own_ns - mean_ns : mean_ns - own_ns;
	}
	put_quantiles(table, measurement->intervals_ns, measurement->count);
}

static int report(const struct options *options, const struct reader *reader, struct measurement *measurement)
{
	struct output output;
	struct output_table table;

	output_begin(&output, options->format);
	output_table_begin(&table, &output, NULL, columns, COLUMN_COUNT);
	put_measurement(&table, reader, measurement);
	output_table_end(&table);
	if (measurement->sample_count == 0)
		takt_message(TAKT_WARNING, "topic '%s': nothing was published in %.1f s; see: takt topic info %s",
			     reader->topic, (double)measurement->span_ns / 1e9, reader->topic);
	return output_end(&output);
}

static int run(int argc, char **argv)
{
	static struct takt_flat_type type;
	struct options options;
	struct takt_domain domain;
	struct reader reader = {0};
	struct measurement measurement = {0};
	int code = options_parse(&options, &topic_hz_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(options.domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	takt_os_process_prepare(1);
	uint64_t duration_ns = options.for_ns ? options.for_ns : MEASURE_NS_DEFAULT;
	code = topic_wait(&reader, &domain, options.arguments[0], &type, takt_os_clock_now_ns() + duration_ns);
	if (code == EXIT_OK)
		code = measure(&reader, &measurement, duration_ns);
	if (code == EXIT_OK)
		code = report(&options, &reader, &measurement);
	free(measurement.intervals_ns);
	reader_close(&reader);
	takt_domain_close(&domain);
	return code;
}

const struct command topic_hz_command = {
	.name = "hz",
	.path = "takt topic hz",
	.usage = "TOPIC [options]",
	.summary = "measures how often and how evenly a topic is published (--for, default 3s)",
	.details =
		"Intervals are those between the publish times that stand in the samples, so this tool's own delays do not count;\n"
		"jitter is how far an interval is from the mean one.",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT | OPTIONS_FOR,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
