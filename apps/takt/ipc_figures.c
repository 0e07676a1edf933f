/* SPDX-License-Identifier: Apache-2.0 */
/* What `takt bench transports` measured on this machine, beside an advice. */
#include <string.h>

#include "apps/takt/ipc_advise.h"
#include "platform/clock.h"
#include "platform/message.h"

#define DAY_S 86400u

static const struct output_column columns[] = {
	{"transport", "", OUTPUT_TEXT},	       {"message", "B", OUTPUT_NUMBER},
	{"one way", "us", OUTPUT_NUMBER},      {"p99", "us", OUTPUT_NUMBER},
	{"takt one way", "us", OUTPUT_NUMBER}, {"takt p99", "us", OUTPUT_NUMBER},
	{"messages", "per s", OUTPUT_NUMBER},  {"takt messages", "per s", OUTPUT_NUMBER},
	{"advice", "", OUTPUT_TEXT},
};

uint32_t advise_figures_bytes(const struct bench_store *store, uint32_t bytes)
{
	uint32_t largest = 0, nearest = 0;

	for (uint32_t i = 0; i < store->row_count; i++) {
		uint32_t own = store->rows[i].bytes;

		largest = own > largest ? own : largest;
		if (own >= bytes && (nearest == 0 || own < nearest))
			nearest = own;
	}
	return nearest ? nearest : largest;
}

static void put_span(struct output_table *table, double ns)
{
	if (ns > 0.0)
		output_cell_real(table, ns / 1e3, 2);
	else
		output_cell_none(table);
}

static void put_rate(struct output_table *table, double per_s)
{
	if (per_s > 0.0)
		output_cell_real(table, per_s, 0);
	else
		output_cell_none(table);
}

void advise_print_figures(struct output *output, const struct bench_store *store, uint32_t bytes,
			  const struct advice *advice)
{
	uint32_t wanted = advise_figures_bytes(store, bytes);
	struct output_table table;

	output_table_begin(&table, output, "figures", columns, sizeof(columns) / sizeof(columns[0]));
	for (uint32_t i = 0; i < store->row_count; i++) {
		const struct bench_store_row *row = &store->rows[i];

		if (row->bytes != wanted)
			continue;
		output_cell_text(&table, row->transport);
		output_cell_count(&table, row->bytes);
		put_span(&table, row->one_way_ns);
		put_span(&table, row->p99_ns);
		put_span(&table, row->takt_ns);
		put_span(&table, row->takt_p99_ns);
		put_rate(&table, row->per_s);
		put_rate(&table, row->takt_per_s);
		if (advice->transport && strcmp(advice->transport, row->transport) == 0)
			output_cell_text(&table, "without takt");
		else
			output_cell_none(&table);
	}
	output_table_end(&table);
}

int advise_look_for_figures(struct bench_store *store)
{
	struct takt_os_bench_machine machine;
	enum takt_status status = bench_store_read(store);
	uint64_t now_s = takt_os_clock_wall_ns() / TAKT_NS_PER_S;

	if (status == TAKT_ABSENT)
		takt_message(
			TAKT_INFO,
			"ipc: nothing was measured on this machine yet; for figures beside this advice: takt bench transports");
	if (status != TAKT_OK)
		return 0;
	takt_os_bench_machine_look(&machine);
	if (strcmp(machine.processor, store->processor) != 0 || strcmp(machine.system, store->system) != 0) {
		takt_message(
			TAKT_WARNING,
			"ipc: the figures in %s are another machine's (%s, %s); measure anew: takt bench transports",
			store->path, store->processor, store->system);
		return 0;
	}
	takt_message(
		TAKT_INFO,
		"ipc: figures by `takt bench transports`, %llu days ago, from %s: median and p99 of one way to a reader that sleeps",
		(unsigned long long)(now_s > store->wall_s ? (now_s - store->wall_s) / DAY_S : 0), store->path);
	return 1;
}
