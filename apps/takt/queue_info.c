/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/queue.h"

#include <stdio.h>

#include "core/histogram.h"
#include "platform/message.h"

static const struct output_column constant_columns[] = {
	{"name", "", OUTPUT_TEXT},
	{"type", "", OUTPUT_TEXT},
	{"payload", "B", OUTPUT_NUMBER},
	{"depth", "", OUTPUT_NUMBER},
	{"bands", "", OUTPUT_NUMBER},
	{"when full", "", OUTPUT_TEXT},
	{"deliveries allowed", "", OUTPUT_NUMBER},
	{"slot", "B", OUTPUT_NUMBER},
	{"items", "B", OUTPUT_NUMBER},
	{"state", "B", OUTPUT_NUMBER},
};

static const struct output_column count_columns[] = {
	{"pushed", "", OUTPUT_NUMBER},	       {"taken", "", OUTPUT_NUMBER},
	{"acknowledged", "", OUTPUT_NUMBER},   {"given back", "", OUTPUT_NUMBER},
	{"redelivered", "", OUTPUT_NUMBER},    {"dropped newest", "", OUTPUT_NUMBER},
	{"dropped oldest", "", OUTPUT_NUMBER}, {"exhausted", "", OUTPUT_NUMBER},
	{"blocked", "", OUTPUT_NUMBER},	       {"timeouts", "", OUTPUT_NUMBER},
	{"waiting p50", "us", OUTPUT_NUMBER},  {"waiting p99", "us", OUTPUT_NUMBER},
	{"waiting max", "us", OUTPUT_NUMBER},
};

static const struct output_column band_columns[] = {
	{"band", "", OUTPUT_NUMBER},	     {"waiting", "", OUTPUT_NUMBER},  {"in work", "", OUTPUT_NUMBER},
	{"most at once", "", OUTPUT_NUMBER}, {"oldest", "ms", OUTPUT_NUMBER},
};

static const struct output_column lock_columns[] = {
	{"lock", "", OUTPUT_TEXT},
	{"owner", "", OUTPUT_TEXT},
	{"taken", "", OUTPUT_NUMBER},
	{"takeovers", "", OUTPUT_NUMBER},
	{"longest wait", "us", OUTPUT_NUMBER},
	{"longest hold", "us", OUTPUT_NUMBER},
};

static const struct output_column field_columns[] = {
	{"field", "", OUTPUT_TEXT}, {"kind", "", OUTPUT_TEXT},	    {"count", "", OUTPUT_NUMBER},
	{"unit", "", OUTPUT_TEXT},  {"offset", "B", OUTPUT_NUMBER},
};

static const struct output_column producer_columns[] = {
	{"node", "", OUTPUT_TEXT},
	{"state", "", OUTPUT_TEXT},
	{"pushed", "", OUTPUT_NUMBER},
	{"refused", "", OUTPUT_NUMBER},
};

static const struct output_column consumer_columns[] = {
	{"node", "", OUTPUT_TEXT},    {"state", "", OUTPUT_TEXT},	   {"in work", "", OUTPUT_NUMBER},
	{"taken", "", OUTPUT_NUMBER}, {"acknowledged", "", OUTPUT_NUMBER}, {"given back", "", OUTPUT_NUMBER},
};

#define COUNT_OF(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

static void put_constants(struct output *output, const struct takt_queue_mapping *mapping)
{
	const struct takt_queue_constants *constants = &mapping->constants;
	struct output_table table;

	output_table_begin(&table, output, "queue", constant_columns, COUNT_OF(constant_columns));
	output_cell_text(&table, constants->queue);
	output_cell_text(&table, constants->type_name);
	output_cell_count(&table, constants->payload_bytes);
	output_cell_count(&table, constants->depth);
	output_cell_count(&table, constants->band_count);
	output_cell_text(&table, takt_when_full_name(constants->when_full));
	if (constants->delivery_count_max)
		output_cell_count(&table, constants->delivery_count_max);
	else
		output_cell_none(&table);
	output_cell_count(&table, constants->slot_bytes);
	output_cell_count(&table, mapping->items.bytes);
	output_cell_count(&table, mapping->state.bytes);
	output_record_end(&table);
}

static void put_counts(struct output *output, const struct takt_queue_state_shm *state)
{
	const _Atomic uint64_t *const counters[] = {
		&state->pushed_count,	      &state->taken_count,	 &state->acknowledged_count,
		&state->returned_count,	      &state->redelivered_count, &state->dropped_newest_count,
		&state->dropped_oldest_count, &state->exhausted_count,	 &state->blocked_count,
		&state->timeout_count,
	};
	struct takt_histogram waiting;
	struct output_table table;

	takt_histogram_copy(&waiting, &state->waiting_ns);
	output_table_begin(&table, output, "counts", count_columns, COUNT_OF(count_columns));
	for (uint32_t i = 0; i < COUNT_OF(counters); i++)
		output_cell_count(&table, node_view_read(counters[i]));
	output_cell_real(&table, (double)takt_histogram_quantile(&waiting, 500000) / 1e3, 1);
	output_cell_real(&table, (double)takt_histogram_quantile(&waiting, 990000) / 1e3, 1);
	output_cell_real(&table, (double)waiting.max / 1e3, 1);
	output_record_end(&table);
}

/* How long the oldest waiting item of a band has waited. @retval 0 none does */
static double oldest_ms(const struct takt_band *band)
{
	uint64_t position = takt_band_find_item(band), now_ns = takt_now_ns();
	struct takt_item_header header;

	if (position == TAKT_QUEUE_NONE || takt_item_copy(band, position, &header, NULL) != TAKT_ITEM_WHOLE ||
	    header.push_ns > now_ns)
		return 0;
	return (double)(now_ns - header.push_ns) / 1e6;
}

static void put_bands(struct output *output, const struct takt_queue_mapping *mapping)
{
	struct output_table table;

	output_table_begin(&table, output, "bands", band_columns, COUNT_OF(band_columns));
	for (uint32_t b = mapping->constants.band_count; b-- > 0;) {
		struct takt_band band = takt_queue_segment_band(mapping, b);
		struct queue_fill fill = queue_band_fill(mapping, b);
		double age_ms = oldest_ms(&band);

		output_cell_count(&table, b);
		output_cell_count(&table, fill.waiting_count);
		output_cell_count(&table, fill.in_work_count);
		output_cell_count(&table, node_view_read(&takt_band_shared(&band)->fill_max));
		if (age_ms > 0)
			output_cell_real(&table, age_ms, 3);
		else
			output_cell_none(&table);
	}
	output_table_end(&table);
}

static const char *name_of(const struct node_views *views, uint64_t token)
{
	if (token == 0)
		return "free";
	for (uint32_t i = 0; i < views->count; i++)
		if (views->all[i].token == token)
			return views->all[i].name;
	return "?";
}

static void put_locks(struct output *output, const struct takt_queue_state_shm *state, const struct node_views *views)
{
	const struct takt_lock_shm *const locks[] = {&state->producers, &state->consumers};
	struct output_table table;

	output_table_begin(&table, output, "locks", lock_columns, COUNT_OF(lock_columns));
	for (uint32_t i = 0; i < 2; i++) {
		output_cell_text(&table, i ? "consumers" : "producers");
		output_cell_text(&table, name_of(views, node_view_read(&locks[i]->owner) & TAKT_OS_TOKEN_MAX));
		output_cell_count(&table, node_view_read(&locks[i]->turn));
		output_cell_count(&table, node_view_read(&locks[i]->takeover_count));
		output_cell_real(&table, (double)node_view_read(&locks[i]->wait_ns_max) / 1e3, 1);
		output_cell_real(&table, (double)node_view_read(&locks[i]->hold_ns_max) / 1e3, 1);
	}
	output_table_end(&table);
}

/* @retval EXIT_FAILED the description is damaged */
static int put_fields(struct output *output, const struct takt_queue_mapping *mapping)
{
	static struct takt_flat_type type;
	struct takt_description_view view = takt_queue_segment_description(mapping);
	enum takt_status status = takt_description_read(&view, &type);
	struct output_table table;

	output_table_begin(&table, output, "fields", field_columns, COUNT_OF(field_columns));
	for (uint32_t i = 0; status == TAKT_OK && i < type.field_count; i++) {
		output_cell_text(&table, type.fields[i].name);
		output_cell_text(&table, takt_kind_name(type.fields[i].kind));
		output_cell_count(&table, type.fields[i].count);
		output_cell_text(&table, type.fields[i].unit);
		output_cell_count(&table, type.fields[i].offset);
	}
	output_table_end(&table);
	if (status == TAKT_NOT_READY)
		takt_message(TAKT_WARNING, "queue '%s' is not described yet: no producer has attached",
			     mapping->constants.queue);
	return status == TAKT_OK || status == TAKT_NOT_READY ? EXIT_OK : EXIT_FAILED;
}

static void put_node(struct output_table *table, const struct node_view *view)
{
	struct node_view_state state = node_view_state(view);

	output_cell_text(table, view->name);
	output_cell_text(table, state.text);
	output_cell_accent(table, state.accent);
}

static void put_producers(struct output *output, const char *queue, const struct node_views *views)
{
	struct output_table table;

	output_table_begin(&table, output, "producers", producer_columns, COUNT_OF(producer_columns));
	for (uint32_t i = 0; i < views->count; i++) {
		const struct takt_queue_use_shm *use = queue_use(&views->all[i], queue, 1);

		if (use == NULL)
			continue;
		put_node(&table, &views->all[i]);
		output_cell_count(&table, node_view_read(&use->moved_count));
		output_cell_count(&table, node_view_read(&use->refused_count));
	}
	output_table_end(&table);
}

static uint32_t in_work_count(const struct takt_queue_mapping *mapping, uint64_t token)
{
	uint32_t count = 0;

	for (uint32_t b = 0; b < mapping->constants.band_count; b++) {
		struct takt_band band = takt_queue_segment_band(mapping, b);
		for (uint32_t i = 0; i <= band.depth_mask; i++)
			count += token != 0 && takt_band_look_at_lease(&band, i).token == token;
	}
	return count;
}

static void put_consumers(struct output *output, const struct takt_queue_mapping *mapping,
			  const struct node_views *views)
{
	struct output_table table;

	output_table_begin(&table, output, "consumers", consumer_columns, COUNT_OF(consumer_columns));
	for (uint32_t i = 0; i < views->count; i++) {
		const struct takt_queue_use_shm *use = queue_use(&views->all[i], mapping->constants.queue, 0);

		if (use == NULL)
			continue;
		put_node(&table, &views->all[i]);
		output_cell_count(&table, in_work_count(mapping, views->all[i].token));
		output_cell_count(&table, node_view_read(&use->moved_count));
		output_cell_count(&table, node_view_read(&use->finished_count));
		output_cell_count(&table, node_view_read(&use->refused_count));
	}
	output_table_end(&table);
}

static int report(const struct takt_domain *domain, const struct takt_queue_mapping *mapping, enum output_format format)
{
	struct node_views views;
	struct output output;

	node_views_open(&views, domain);
	output_begin(&output, format);
	put_constants(&output, mapping);
	put_counts(&output, queue_state(mapping));
	put_bands(&output, mapping);
	put_locks(&output, queue_state(mapping), &views);
	int code = put_fields(&output, mapping);
	put_producers(&output, mapping->constants.queue, &views);
	put_consumers(&output, mapping, &views);
	node_views_close(&views);
	return output_end(&output) == EXIT_OK ? code : EXIT_FAILED;
}

static int run(int argc, char **argv)
{
	struct options options;
	struct takt_domain domain;
	struct takt_queue_mapping mapping = {0};
	int code = options_parse(&options, &queue_info_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(options.domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	code = queue_open(&mapping, &domain, options.arguments[0]);
	if (code == EXIT_OK)
		code = report(&domain, &mapping, options.format);
	takt_queue_segment_close(&mapping);
	takt_domain_close(&domain);
	return code;
}

const struct command queue_info_command = {
	.name = "info",
	.path = "takt queue info",
	.usage = "QUEUE [options]",
	.summary = "one queue: its limits and counts, its bands, its type, who pushes, who takes and has what",
	.details = "waiting: how long items waited for their first consumer. most at once: the high-water mark.",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
