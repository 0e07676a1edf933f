/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "tests/bench/peers/plan.h"

/* Figures of many sizes in one column: as many decimals as they can bear. */
static void put_figure(struct output_table *table, double figure)
{
	if (figure <= 0.0)
		output_cell_none(table);
	else
		output_cell_real(table, figure, figure < 100.0 ? 1u : 0u);
}

/* Times per batch of a stream are no latencies, so a stream has its rate only. */
static void put_quantiles(struct output_table *table, const struct bench_quantiles *quantiles, int are_known)
{
	const double figures[] = {quantiles->p50, quantiles->p99, quantiles->p999, quantiles->max};

	for (uint32_t i = 0; i < 4; i++)
		put_figure(table, are_known ? figures[i] : 0.0);
}

static void put_row(struct output_table *table, const struct bench_row *row, int is_full)
{
	int is_rate = row->metric == BENCH_RATE;

	output_cell_text(table, row->test);
	output_cell_count(table, row->bytes);
	output_cell_text(table, row->name);
	output_cell_text(table, is_rate ? "1/s" : "ns");
	put_figure(table, row->takt);
	put_figure(table, row->floor);
	if (row->ratio > 0.0)
		output_cell_real(table, row->ratio, row->ratio < 0.1 ? 4 : 2);
	else
		output_cell_none(table);
	put_quantiles(table, &row->takt_ns, row->has_quantiles && !is_rate);
	if (!is_full)
		return;
	put_quantiles(table, &row->floor_ns, row->floor_ns.count != 0 && !is_rate);
	output_cell_real(table, row->spread, 3);
	output_cell_count(table, row->pair_count);
}

static void put_rows(struct output *output, const struct plan *plan)
{
	static const struct output_column columns[] = {
		{"test", "", OUTPUT_TEXT},	    {"bytes", "", OUTPUT_NUMBER},
		{"peer", "", OUTPUT_TEXT},	    {"unit", "", OUTPUT_TEXT},
		{"measured", "", OUTPUT_NUMBER},    {"floor", "", OUTPUT_NUMBER},
		{"ratio", "", OUTPUT_NUMBER},	    {"p50", "ns", OUTPUT_NUMBER},
		{"p99", "ns", OUTPUT_NUMBER},	    {"p999", "ns", OUTPUT_NUMBER},
		{"max", "ns", OUTPUT_NUMBER},	    {"floor_p50", "ns", OUTPUT_NUMBER},
		{"floor_p99", "ns", OUTPUT_NUMBER}, {"floor_p999", "ns", OUTPUT_NUMBER},
		{"floor_max", "ns", OUTPUT_NUMBER}, {"ratio_spread", "", OUTPUT_NUMBER},
		{"pairs", "", OUTPUT_NUMBER},
	};
	int is_full = plan->bench.options.format != OUTPUT_TABLE;
	struct output_table table;

	output_table_begin(&table, output, "rows", columns, is_full ? 17u : 11u);
	for (uint32_t i = 0; i < plan->bench.row_count; i++)
		put_row(&table, &plan->bench.rows[i], is_full);
	output_table_end(&table);
}

/* A peer that could not run at all has its reason in place of its settings. */
static void put_peers(struct output *output, const struct plan *plan)
{
	static const struct output_column columns[] = {
		{"peer", "", OUTPUT_TEXT},
		{"version", "", OUTPUT_TEXT},
		{"settings", "", OUTPUT_TEXT},
	};
	struct output_table table;
	char text[PEER_REASON_BYTES + 16];

	output_table_begin(&table, output, "peers", columns, 3);
	for (uint32_t i = 0; i < plan->peer_count; i++) {
		const struct plan_peer *entry = &plan->peers[i];
		if (!entry->is_wanted)
			continue;
		(void)snprintf(text, sizeof(text), "left out: %s", entry->reason);
		output_cell_text(&table, entry->peer->name);
		output_cell_text(&table, entry->version);
		output_cell_text(&table, entry->reason[0] ? text : entry->peer->settings);
	}
	output_table_end(&table);
}

static void put_gaps(struct output *output, const struct plan *plan)
{
	static const struct output_column columns[] = {
		{"test", "", OUTPUT_TEXT},
		{"bytes", "", OUTPUT_NUMBER},
		{"peer", "", OUTPUT_TEXT},
		{"reason", "", OUTPUT_TEXT},
	};
	struct output_table table;

	output_table_begin(&table, output, "left_out", columns, 4);
	for (uint32_t i = 0; i < plan->gap_count; i++) {
		output_cell_text(&table, plan->gaps[i].test);
		output_cell_count(&table, plan->gaps[i].bytes);
		output_cell_text(&table, plan->gaps[i].peer);
		output_cell_text(&table, plan->gaps[i].reason);
	}
	output_table_end(&table);
}

int plan_report(const struct plan *plan)
{
	struct output output;

	output_begin(&output, plan->bench.options.format);
	put_rows(&output, plan);
	put_peers(&output, plan);
	if (plan->gap_count)
		put_gaps(&output, plan);
	return output_end(&output);
}
