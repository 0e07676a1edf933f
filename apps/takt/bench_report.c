/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bench_report.h"

#include <stdio.h>
#include <string.h>

#include "core/config.h"
#include "platform/message.h"

#define LOAD_QUIET 0.3 /* of a processor: more of a foreign load is said */

/* Share of a deadline that a p99.9 may use up: the rest is for the work itself. */
#define SHARE_OK 0.5

/* -------------------------------------------------------------------------------------------------- disturbances */

void bench_report_disturbances(const struct bench *bench)
{
	const struct takt_os_bench_machine *machine = &bench->machine;

	if (machine->cpu_count < 2)
		takt_message(
			TAKT_WARNING,
			"bench: this process may run on one CPU only: both sides share it, and tests in which one polls "
			"are left out");
	else if (machine->cores_are_shared)
		takt_message(TAKT_WARNING, "bench: CPUs %u and %u are threads of one core; --cpus chooses others",
			     machine->cpus[0], machine->cpus[1]);
	if (machine->governor[0] && strcmp(machine->governor, "performance") != 0)
		takt_message(
			TAKT_WARNING,
			"bench: frequency scaling is '%s': wake-ups are measured at changing clock rates; run as root: "
			"cpupower frequency-set -g performance",
			machine->governor);
	if (machine->is_virtual)
		takt_message(
			TAKT_WARNING,
			"bench: this is a virtual machine: its host takes the processors away when it likes; the largest "
			"values are the host's");
	if (!machine->may_be_real_time)
		takt_message(
			TAKT_WARNING,
			"bench: real-time priority is not permitted: other processes get in between; permit it with: "
			"ulimit -r 99, or run as root");
	else if (!bench->options.priority)
		takt_message(TAKT_INFO,
			     "bench: measured at ordinary priority; --priority 80 measures what a real-time node gets");
	if (machine->load > LOAD_QUIET)
		takt_message(TAKT_WARNING, "bench: %.1f processes ran here in the last minute besides this one",
			     machine->load);
}

/* --------------------------------------------------------------------------------------------------------- rows */

enum bench_judgement bench_judge(const struct bench_row *row)
{
	if (row->limit > 0.0)
		return row->takt <= row->limit ? BENCH_MET : BENCH_MISSED;
	if (row->goal <= 0.0 || row->ratio <= 0.0)
		return BENCH_NO_GOAL;
	int is_met = row->metric == BENCH_RATE ? row->ratio >= row->goal : row->ratio <= row->goal;
	return is_met ? BENCH_MET : BENCH_MISSED;
}

static const char *unit_of(enum bench_metric metric)
{
	return metric == BENCH_RATE ? "1/s" : metric == BENCH_BYTES ? "bytes" : "ns";
}

/* Figures of many sizes in one column: as many decimals as they can bear. */
static void put_figure(struct output_table *table, double figure)
{
	if (figure <= 0.0)
		output_cell_none(table);
	else
		output_cell_real(table, figure, figure < 100.0 ? 1u : 0u);
}

static void put_goal(struct output_table *table, const struct bench_row *row)
{
	char text[32];

	if (row->limit > 0.0)
		(void)snprintf(text, sizeof(text), "<= %.0f %s", row->limit, unit_of(row->metric));
	else if (row->goal > 0.0)
		(void)snprintf(text, sizeof(text), "%s %.2f", row->metric == BENCH_RATE ? ">=" : "<=", row->goal);
	else {
		output_cell_none(table);
		return;
	}
	output_cell_text(table, text);
}

static void put_judgement(struct output_table *table, enum bench_judgement judgement)
{
	if (judgement == BENCH_NO_GOAL) {
		output_cell_none(table);
		return;
	}
	output_cell_text(table, judgement == BENCH_MET ? "met" : "missed");
	output_cell_accent(table, judgement == BENCH_MET ? OUTPUT_GOOD : OUTPUT_WARN);
}

static void put_quantiles(struct output_table *table, const struct bench_quantiles *quantiles, int are_known)
{
	double figures[] = {quantiles->p50, quantiles->p99, quantiles->p999, quantiles->max};

	for (uint32_t i = 0; i < 4; i++)
		put_figure(table, are_known ? figures[i] : 0.0);
}

static void put_row(struct output_table *table, const struct bench_row *row, int is_full)
{
	output_cell_text(table, row->test);
	output_cell_text(table, row->name);
	output_cell_text(table, unit_of(row->metric));
	put_figure(table, row->floor);
	put_figure(table, row->takt);
	if (row->ratio > 0.0)
		output_cell_real(table, row->ratio, 2);
	else
		output_cell_none(table);
	put_goal(table, row);
	put_judgement(table, bench_judge(row));
	put_quantiles(table, &row->takt_ns, row->has_quantiles != 0);
	if (!is_full)
		return;
	put_quantiles(table, &row->floor_ns, row->floor_ns.count != 0);
	output_cell_real(table, row->spread, 3);
	output_cell_count(table, row->pair_count);
	output_cell_count(table, row->bytes);
}

int bench_report_rows(const struct bench *bench)
{
	/* People get takt's own quantiles; machines the floor's too. */
	static const struct output_column columns[] = {
		{"test", "", OUTPUT_TEXT},	     {"case", "", OUTPUT_TEXT},
		{"unit", "", OUTPUT_TEXT},	     {"floor", "", OUTPUT_NUMBER},
		{"takt", "", OUTPUT_NUMBER},	     {"ratio", "", OUTPUT_NUMBER},
		{"goal", "", OUTPUT_TEXT},	     {"verdict", "", OUTPUT_TEXT},
		{"p50", "ns", OUTPUT_NUMBER},	     {"p99", "ns", OUTPUT_NUMBER},
		{"p999", "ns", OUTPUT_NUMBER},	     {"max", "ns", OUTPUT_NUMBER},
		{"floor_p50", "ns", OUTPUT_NUMBER},  {"floor_p99", "ns", OUTPUT_NUMBER},
		{"floor_p999", "ns", OUTPUT_NUMBER}, {"floor_max", "ns", OUTPUT_NUMBER},
		{"ratio_spread", "", OUTPUT_NUMBER}, {"pairs", "", OUTPUT_NUMBER},
		{"bytes", "", OUTPUT_NUMBER},
	};
	int is_full = bench->options.format != OUTPUT_TABLE;
	struct output output;
	struct output_table table;

	output_begin(&output, bench->options.format);
	output_table_begin(&table, &output, NULL, columns, is_full ? 19u : 12u);
	for (uint32_t i = 0; i < bench->row_count; i++)
		put_row(&table, &bench->rows[i], is_full);
	output_table_end(&table);
	return output_end(&output);
}

/* ------------------------------------------------------------------------------------------------------ verdict */

static const struct bench_row *find_row(const struct bench *bench, const char *test, const char *part)
{
	for (uint32_t i = 0; i < bench->row_count; i++)
		if (strcmp(bench->rows[i].test, test) == 0 && strstr(bench->rows[i].name, part))
			return &bench->rows[i];
	return NULL;
}

/* "wake-up p99.9 is 84 us; `motor` allows 10000 us: ok" @retval 1 it is kept */
static int judge_span(FILE *to, const char *what, double measured_ns, const char *name, uint64_t allowed_us)
{
	double share = measured_ns / 1e3 / (double)allowed_us;
	const char *word = share <= SHARE_OK ? "ok"
			   : share <= 1.0    ? "tight: less than half is left for the work"
					     : "too slow: this machine does not keep it";

	(void)fprintf(to, "%s p99.9 is %.0f us; `%s` allows %llu us: %s\n", what, measured_ns / 1e3, name,
		      (unsigned long long)allowed_us, word);
	return share <= 1.0;
}

int bench_report_verdict(const struct bench *bench)
{
	const struct takt_config *config;
	const struct bench_row *wake = find_row(bench, "wake", "64 B");
	const struct bench_row *late = find_row(bench, "periodic", "1 kHz, cycle");
	FILE *to = bench->options.format == OUTPUT_TABLE ? stdout : stderr;
	uint32_t count = 0, kept = 0;

	if (takt_config_load(&config, bench->options.config) != TAKT_OK)
		return 1;
	for (uint32_t i = 0; wake && i < config->topics_count; i++) {
		const struct takt_config_topic *topic = &config->topics[i];
		if (topic->deadline_us == 0)
			continue;
		count++;
		kept += (uint32_t)judge_span(to, "wake-up", wake->takt_ns.p999, topic->name, topic->deadline_us);
	}
	for (uint32_t i = 0; late && i < config->nodes_count; i++) {
		const struct takt_config_node *node = &config->nodes[i];
		if (node->period_us == 0)
			continue;
		count++;
		kept += (uint32_t)judge_span(to, "lateness of a cycle", late->takt_ns.p999, node->name,
					     node->period_us);
	}
	if (wake == NULL || late == NULL)
		takt_message(TAKT_WARNING, "bench: no verdict without the tests wake and periodic");
	else if (count == 0)
		takt_message(TAKT_INFO, "bench: %s has neither a deadline nor a period to judge by",
			     bench->options.config);
	takt_config_free(config);
	return kept == count ? 0 : 1;
}
