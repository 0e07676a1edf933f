/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bench_run.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "apps/takt/bench_plot.h"
#include "apps/takt/messages.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/thread.h"

#define PAIRS		  15u
#define PAIRS_QUICK	  5u
#define BURST_EXTRA_NS	  (20 * TAKT_NS_PER_S) /* for start, warming up and what a loaded machine adds */
#define MEET_PAUSE_NS	  (50 * TAKT_NS_PER_US)
#define IDLE_PAUSE_NS	  (2 * TAKT_NS_PER_MS)
#define BURST_SPAN_NS_MIN (4 * TAKT_NS_PER_MS)

/* ------------------------------------------------------------------------------------------------------- burst */

/* Not before all are set up: at real-time priority those that wait for the others would keep them from it. */
static void become_measured(const struct bench_burst *burst)
{
	const struct bench_options *options = burst->options;
	uint32_t is_second = burst->process_index != 0 && !burst->subject->shares_cpu;
	struct takt_os_schedule schedule = {.cpu_mask = UINT64_C(1) << (options->cpus[is_second] & 63u)};

	if (options->priority) {
		schedule.policy = TAKT_OS_POLICY_FIFO;
		schedule.priority = options->priority;
	}
	/* Said once, by bench.c, for all processes. */
	(void)!takt_os_thread_schedule(&schedule);
	takt_os_thread_prefault_stack();
}

static int run_process(void *context, uint32_t index)
{
	struct bench_burst *burst = context;

	/* A fork finds none of the shared pages in its page table; the first samples must not pay for that. */
	if (index == 0)
		memset(burst->shared, 0, offsetof(struct bench_shared, credit));
	burst->process_index = index;
	return burst->subject->run(burst, index);
}

/* Orders what each did before in front of what all do afterwards. */
static void wait_for_arrivals(struct bench_burst *burst, uint32_t wanted)
{
	atomic_fetch_add_explicit(&burst->shared->arrived_count, 1, memory_order_acq_rel);
	while (atomic_load_explicit(&burst->shared->arrived_count, memory_order_acquire) < wanted)
		takt_os_bench_sleep_until(takt_os_clock_now_ns() + MEET_PAUSE_NS);
}

void bench_meet(struct bench_burst *burst)
{
	wait_for_arrivals(burst, burst->subject->process_count);
	become_measured(burst);
}

void bench_part(struct bench_burst *burst)
{
	wait_for_arrivals(burst, 2 * burst->subject->process_count);
}

uint64_t bench_begin(struct bench_burst *burst)
{
	uint64_t now_ns = takt_os_clock_now_ns();

	burst->shared->stop_ns = now_ns + burst->span_ns;
	return now_ns;
}

void bench_idle(struct bench_burst *burst)
{
	while (!atomic_load_explicit(&burst->shared->is_over, memory_order_acquire))
		takt_os_bench_sleep_until(takt_os_clock_now_ns() + IDLE_PAUSE_NS);
}

void bench_end(struct bench_burst *burst)
{
	atomic_store_explicit(&burst->shared->is_over, 1, memory_order_release);
}

static void silence(void *context, enum takt_severity severity, const char *text)
{
	/* Rights that are missing were said once by bench.c; every process of every burst would say them again. */
	if (severity == TAKT_ERROR)
		(void)fprintf(stderr, "takt: %s\n", text);
	(void)context;
}

static enum takt_status run_burst(struct bench *bench, const struct bench_subject *subject, uint64_t span_ns,
				  struct bench_shared *shared)
{
	struct bench_burst burst = {
		.subject = subject,
		.options = &bench->options,
		.folder = bench->folder,
		.shared = shared,
		.span_ns = span_ns < BURST_SPAN_NS_MIN ? BURST_SPAN_NS_MIN : span_ns,
	};
	enum takt_status status = TAKT_OK;

	memset(shared, 0, sizeof(*shared));
	takt_message_handler_set(silence, NULL);
	if (subject->prepare)
		status = subject->prepare(&burst);
	if (status == TAKT_OK)
		status = takt_os_bench_crew_run(run_process, &burst, subject->process_count,
						takt_os_clock_now_ns() + span_ns + BURST_EXTRA_NS);
	if (subject->clean_up)
		subject->clean_up(&burst);
	takt_os_bench_folder_clear(bench->folder);
	messages_escape();
	return status;
}

/* -------------------------------------------------------------------------------------------------- comparison */

/* Everything that bursts add up to. */
struct tally {
	double floors[BENCH_PAIRS_MAX + 1];
	double takts[BENCH_PAIRS_MAX];
	struct bench_histogram floor_ns;
	struct bench_histogram takt_ns;
};

static double metric_of(const struct bench_shared *shared, enum bench_metric metric)
{
	switch (metric) {
	case BENCH_P50:
		return bench_histogram_quantile(&shared->histogram, 0.5);
	case BENCH_P999:
		return bench_histogram_quantile(&shared->histogram, 0.999);
	default:
		return shared->value;
	}
}

static enum takt_status measure(struct bench *bench, const struct bench_case *wanted, uint32_t pairs,
				struct tally *tally)
{
	struct bench_shared *shared = takt_os_bench_memory_map(sizeof(*shared));
	double seconds = bench->options.seconds * (wanted->weight > 0.0 ? wanted->weight : 1.0);
	double bursts = wanted->floor.run ? 2.0 * pairs + 1.0 : pairs;
	uint64_t span_ns = (uint64_t)(seconds / bursts * 1e9);
	enum takt_status status = shared ? TAKT_OK : TAKT_NO_SPACE;

	for (uint32_t i = 0; i <= pairs && status == TAKT_OK; i++) {
		if (wanted->floor.run) {
			status = run_burst(bench, &wanted->floor, span_ns, shared);
			if (status == TAKT_OK) {
				tally->floors[i] = metric_of(shared, wanted->metric);
				bench_histogram_merge(&tally->floor_ns, &shared->histogram);
			}
		}
		if (i == pairs || status != TAKT_OK)
			continue;
		status = run_burst(bench, &wanted->takt, span_ns, shared);
		if (status == TAKT_OK) {
			tally->takts[i] = metric_of(shared, wanted->metric);
			bench_histogram_merge(&tally->takt_ns, &shared->histogram);
		}
	}
	takt_os_bench_memory_unmap(shared, sizeof(*shared));
	return status;
}

static const struct bench_row *add_row(struct bench *bench, const struct bench_case *wanted, uint32_t pairs,
				       const struct tally *tally)
{
	if (bench->row_count == BENCH_ROWS_MAX)
		return NULL;
	struct bench_row *row = &bench->rows[bench->row_count++];
	*row = (struct bench_row){.metric = wanted->metric,
				  .goal = wanted->goal,
				  .pair_count = pairs,
				  .bytes = wanted->bytes};
	(void)snprintf(row->test, sizeof(row->test), "%s", wanted->test);
	(void)snprintf(row->name, sizeof(row->name), "%s", wanted->name);
	row->takt = bench_median(tally->takts, pairs);
	row->takt_ns = bench_histogram_quantiles(&tally->takt_ns);
	row->has_quantiles = row->takt_ns.count != 0;
	if (wanted->floor.run) {
		row->floor = bench_median(tally->floors, pairs + 1);
		row->ratio = bench_ratio(tally->floors, tally->takts, pairs);
		row->spread = bench_ratio_spread(tally->floors, tally->takts, pairs);
		row->floor_ns = bench_histogram_quantiles(&tally->floor_ns);
	}
	return row;
}

const struct bench_row *bench_compare(struct bench *bench, const struct bench_case *wanted)
{
	static struct tally tally;
	uint32_t pairs = wanted->pairs ? wanted->pairs : bench->options.is_quick ? PAIRS_QUICK : PAIRS;

	if (takt_os_stop_requested())
		return NULL;
	memset(&tally, 0, sizeof(tally));
	if (takt_os_errors_are_terminal())
		(void)fprintf(stderr, "\r\033[K%s: %s ...", wanted->test, wanted->name);
	enum takt_status status = measure(bench, wanted, pairs, &tally);
	if (takt_os_errors_are_terminal())
		(void)fputs("\r\033[K", stderr);
	if (status == TAKT_OK) {
		const struct bench_row *row = add_row(bench, wanted, pairs, &tally);
		if (row && bench->options.plot)
			bench_plot_distribution(bench, row, wanted->floor.run ? &tally.floor_ns : NULL, &tally.takt_ns);
		return row;
	}
	if (status != TAKT_STOPPED && status != TAKT_UNSUPPORTED) {
		bench->failed_count++;
		takt_message(TAKT_ERROR, "bench: %s, %s: could not be measured: %s", wanted->test, wanted->name,
			     takt_status_name(status));
	}
	return NULL;
}

/* ------------------------------------------------------------------------------------------------------- sizes */

uint32_t bench_sizes(const struct bench *bench, const uint32_t *own, uint32_t own_count, uint32_t *sizes)
{
	const struct bench_options *options = &bench->options;
	uint32_t count = options->size_count ? options->size_count : own_count;

	memcpy(sizes, options->size_count ? options->sizes : own, count * sizeof(*sizes));
	return count;
}

const char *bench_size_name(uint32_t bytes, char *text, uint32_t text_bytes)
{
	if (bytes >= 1u << 20 && bytes % (1u << 20) == 0)
		(void)snprintf(text, text_bytes, "%u MiB", bytes >> 20);
	else if (bytes >= 1u << 10 && bytes % (1u << 10) == 0)
		(void)snprintf(text, text_bytes, "%u KiB", bytes >> 10);
	else
		(void)snprintf(text, text_bytes, "%u B", bytes);
	return text;
}
