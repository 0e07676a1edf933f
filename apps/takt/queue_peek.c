/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/queue.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/node_presence.h"
#include "platform/message.h"

struct peek {
	const struct takt_domain *domain;
	const struct takt_queue_mapping *mapping;
	struct queue_printer printer;
	unsigned char *payload;
	uint64_t count_max;
};

/* The item of the lowest position from `from` on; TAKT_QUEUE_NONE: no more. What comes and goes meanwhile may be missed. */
static uint64_t next_item(const struct takt_band *band, uint64_t from)
{
	uint64_t next = TAKT_QUEUE_NONE;

	for (uint32_t i = 0; i <= band->depth_mask; i++) {
		uint64_t sequence = node_view_read(&takt_band_entry(band, i)->sequence);
		if (takt_sequence_is_full(band, sequence, i) && sequence - 1 >= from && sequence - 1 < next)
			next = sequence - 1;
	}
	return next;
}

static void show(struct peek *peek, const struct takt_band *band, uint32_t band_index, uint64_t position)
{
	const struct takt_entry_shm *entry = takt_band_entry(band, position);
	enum takt_item_state state = takt_entry_state(entry, position + 1);
	struct takt_item_header header;
	char name[TAKT_NAME_BYTES];

	if (takt_item_copy(band, position, &header, peek->payload) != TAKT_ITEM_WHOLE)
		return;
	struct queue_shown shown = {
		.queue = peek->mapping->constants.queue,
		.payload = peek->payload,
		.item = {.number = position + 1,
			 .band = band_index,
			 .push_ns = header.push_ns,
			 .origin = {.topic_index = (uint32_t)header.origin_topic_index,
				    .number = header.origin_number,
				    .time_ns = header.origin_ns},
			 .delivery_count = takt_entry_delivery_count(entry, position + 1),
			 .is_redelivered =
				 takt_entry_delivery_count(entry, position + 1) > (state == TAKT_ITEM_IN_WORK)},
	};
	if (state == TAKT_ITEM_IN_WORK)
		shown.owner = takt_node_of_token(peek->domain, node_view_read(&entry->token), name);
	queue_print(&peek->printer, &shown);
}

static void show_bands(struct peek *peek, uint32_t wanted)
{
	for (uint32_t b = peek->mapping->constants.band_count; b-- > 0;) {
		struct takt_band band = takt_queue_segment_band(peek->mapping, b);
		uint64_t position = 0;

		if (wanted != TAKT_BAND_ANY && wanted != b)
			continue;
		for (uint32_t i = 0; i <= band.depth_mask; i++, position++) {
			position = next_item(&band, position);
			if (position == TAKT_QUEUE_NONE || peek->printer.printed_count >= peek->count_max)
				break;
			show(peek, &band, b, position);
		}
	}
}

static int look(struct peek *peek, const struct options *options)
{
	static struct takt_flat_type type;
	struct takt_description_view view = takt_queue_segment_description(peek->mapping);
	const struct takt_queue_constants *constants = &peek->mapping->constants;
	enum takt_status status = takt_description_read(&view, &type);

	if (status == TAKT_NOT_READY)
		takt_message(TAKT_ERROR, "queue '%s' is not described yet: no producer has attached", constants->queue);
	if (status != TAKT_OK)
		return EXIT_FAILED;
	if (options->band != TAKT_BAND_ANY && options->band >= constants->band_count) {
		takt_message(TAKT_ERROR, "queue '%s' has %u bands, 0 to %u, and no band %u", constants->queue,
			     constants->band_count, constants->band_count - 1, options->band);
		return EXIT_FAILED;
	}
	peek->payload = calloc(1, constants->payload_bytes);
	if (peek->payload == NULL) {
		takt_message(TAKT_ERROR, "queue '%s': no memory for one of its items (%u bytes)", constants->queue,
			     constants->payload_bytes);
		return EXIT_FAILED;
	}
	peek->printer = (struct queue_printer){.domain = peek->domain,
					       .type = &type,
					       .format = options->format,
					       .options = options};
	peek->count_max = options->count ? options->count : UINT64_MAX;
	int code = queue_printer_begin(&peek->printer, constants->queue);
	if (code == EXIT_OK)
		show_bands(peek, options->band);
	free(peek->payload);
	return code == EXIT_OK && fflush(stdout) == 0 && !ferror(stdout) ? EXIT_OK : EXIT_FAILED;
}

static int run(int argc, char **argv)
{
	static struct peek peek;
	static struct options options;
	static struct takt_domain domain;
	static struct takt_queue_mapping mapping;
	int code = options_parse(&options, &queue_peek_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(options.domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	peek.domain = &domain;
	peek.mapping = &mapping;
	code = queue_open(&mapping, &domain, options.arguments[0]);
	if (code == EXIT_OK)
		code = look(&peek, &options);
	takt_queue_segment_close(&mapping);
	takt_domain_close(&domain);
	return code;
}

const struct command queue_peek_command = {
	.name = "peek",
	.path = "takt queue peek",
	.usage = "QUEUE [options]",
	.summary = "prints the items that are in a queue, waiting and in work, and leaves them there",
	.details =
		"In the order in which they are taken: the highest band first, in a band the oldest. It only looks: what is\n"
		"pushed or taken meanwhile may be missing.",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT | OPTIONS_COUNT | OPTIONS_FIELD | OPTIONS_BAND,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
