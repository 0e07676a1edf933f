/* SPDX-License-Identifier: Apache-2.0 */
/* The advice as lines of takt's config. This is the one place that knows how a queue is written there. */
#include "apps/takt/ipc_advise.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "apps/takt/messages.h"
#include "core/config.h"
#include "core/limits.h"

#define LATE_PERIODS  5.0 /* a sample that old is stale */
#define PERIOD_US_MIN 10.0
#define READERS	      2 /* that stand for many */

static void put(struct advice *advice, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct advice *advice, const char *format, ...)
{
	size_t used = strlen(advice->config);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(advice->config + used, sizeof(advice->config) - used, format, arguments);
	va_end(arguments);
}

int advise_has_queues(void)
{
	static const char probe[] = "domain: probe\nqueues: [{name: q, type: q, bytes: 8, depth: 2}]\n"
				    "nodes: [{name: a, program: a, pushes: [q]}, {name: b, program: b, takes: [q]}]\n";
	const struct takt_config *config;

	messages_silence();
	enum takt_status status = takt_config_parse(&config, probe, sizeof(probe) - 1, "probe");
	messages_escape();
	if (status != TAKT_OK)
		return 0;
	takt_config_free(config);
	return 1;
}

static uint64_t microseconds(double us)
{
	return us > (double)TAKT_CONFIG_SPAN_US_MAX ? TAKT_CONFIG_SPAN_US_MAX : (uint64_t)ceil(us);
}

static void put_topic(const struct advise_answers *answers, struct advice *advice)
{
	put(advice, "topics:\n  - name: data\n    type: data\n    bytes: %u\n    depth: %u\n    deadline_us: %llu\n",
	    answers->bytes, advice->depth, (unsigned long long)microseconds(LATE_PERIODS * 1e6 / answers->rate_hz));
	if (answers->bytes > TAKT_COPY_WORDS_BYTES_MAX)
		put(advice, "    loans: 1\n    borrows: %d\n", answers->has_many_readers ? READERS : 1);
}

static void put_queue(const struct advise_answers *answers, struct advice *advice)
{
	put(advice, "queues:\n  - name: data\n    type: data\n    bytes: %u\n    depth: %u\n    when_full: block\n",
	    answers->bytes, advice->depth);
}

static void put_nodes(const struct advise_answers *answers, struct advice *advice)
{
	double period_us = 1e6 / answers->rate_hz;
	int reader_count = answers->has_many_readers ? READERS : 1;

	put(advice, "nodes:\n  - name: writer\n    program: ./writer\n    %s: [data]\n",
	    advice->uses_queue ? "pushes" : "publishes");
	if (period_us >= PERIOD_US_MIN)
		put(advice, "    period_us: %llu\n", (unsigned long long)microseconds(floor(period_us)));
	for (int i = 1; i <= reader_count; i++) {
		if (reader_count > 1)
			put(advice, "  - name: reader_%d\n", i);
		else
			put(advice, "  - name: reader\n");
		put(advice, "    program: ./reader\n    %s: [data]\n", advice->uses_queue ? "takes" : "subscribes");
	}
}

void advise_write_config(const struct advise_answers *answers, struct advice *advice)
{
	put(advice, "domain: advised\n");
	if (advice->uses_queue)
		put_queue(answers, advice);
	else
		put_topic(answers, advice);
	put_nodes(answers, advice);
}
