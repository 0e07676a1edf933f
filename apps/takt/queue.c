/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "apps/takt/json.h"
#include "platform/clock.h"
#include "platform/message.h"

static const struct command *const commands[] = {&queue_list_command, &queue_info_command, &queue_peek_command,
						 &queue_push_command, &queue_take_command};

const struct command queue_command = {
	.name = "queue",
	.path = "takt queue",
	.usage = "COMMAND [arguments]",
	.summary = "looks at queues, pushes to them and takes from them",
	.children = commands,
	.child_count = sizeof(commands) / sizeof(commands[0]),
};

struct queue_fill queue_band_fill(const struct takt_queue_mapping *mapping, uint32_t band)
{
	struct takt_band view = takt_queue_segment_band(mapping, band);
	struct queue_fill fill = {0};

	for (uint32_t i = 0; i <= view.depth_mask; i++) {
		const struct takt_entry_shm *entry = takt_band_entry(&view, i);
		uint64_t sequence = node_view_read(&entry->sequence);
		if (!takt_sequence_is_full(&view, sequence, i))
			continue;
		if (takt_entry_state(entry, sequence) == TAKT_ITEM_IN_WORK)
			fill.in_work_count++;
		else
			fill.waiting_count++;
	}
	return fill;
}

struct queue_fill queue_fill(const struct takt_queue_mapping *mapping)
{
	struct queue_fill sum = {0};

	for (uint32_t b = 0; b < mapping->constants.band_count; b++) {
		struct queue_fill fill = queue_band_fill(mapping, b);
		sum.waiting_count += fill.waiting_count;
		sum.in_work_count += fill.in_work_count;
	}
	return sum;
}

struct takt_queue_state_shm *queue_state(const struct takt_queue_mapping *mapping)
{
	return mapping->state.address;
}

/* @retval EXIT_OK the domain declares it */
static int find(const struct takt_domain *domain, const char *queue)
{
	if (takt_domain_queue_find(domain, queue) != UINT32_MAX)
		return EXIT_OK;
	if (takt_domain_topic_find(domain, queue) == UINT32_MAX)
		return domain_no_queue(domain, queue);
	takt_message(TAKT_ERROR, "'%s' of domain '%s' is a topic and no queue; see: takt topic info %s", queue,
		     domain->name, queue);
	return EXIT_FAILED;
}

static int conclude(const char *queue, enum takt_status status)
{
	if (status == TAKT_ABSENT)
		takt_message(TAKT_ERROR, "queue '%s' is declared and not made yet: no node that uses it has started",
			     queue);
	if (status == TAKT_NOT_READY)
		takt_message(TAKT_ERROR, "queue '%s' is not described yet: no producer has attached", queue);
	return status == TAKT_OK ? EXIT_OK : EXIT_FAILED;
}

int queue_open(struct takt_queue_mapping *mapping, const struct takt_domain *domain, const char *queue)
{
	if (find(domain, queue) != EXIT_OK)
		return EXIT_FAILED;
	return conclude(queue,
			takt_queue_segment_open(mapping, domain, NULL, queue, TAKT_OS_READ_ONLY, TAKT_OS_READ_ONLY));
}

int queue_attach(struct takt_queue *attached, const struct takt_domain *domain, const char *queue,
		 struct takt_flat_type *type, enum takt_queue_side side)
{
	if (find(domain, queue) != EXIT_OK)
		return EXIT_FAILED;
	return conclude(queue, takt_queue_attach_tool(attached, domain, queue, type, side));
}

const struct takt_queue_use_shm *queue_use(const struct node_view *view, const char *queue, uint32_t is_producer)
{
	for (uint32_t i = 0; i < view->use_count; i++)
		if (strncmp(view->uses[i].queue, queue, TAKT_NAME_BYTES) == 0 &&
		    view->uses[i].is_producer == is_producer)
			return &view->uses[i];
	return NULL;
}

/* ---------------------------------------------------------------------------------------------------- printing */

int queue_printer_begin(struct queue_printer *printer, const char *queue)
{
	const struct options *options = printer->options;

	if (options->field_count == 0)
		decode_select_all(&printer->selection, printer->type);
	else
		decode_select_none(&printer->selection, printer->type);
	for (uint32_t i = 0; i < options->field_count; i++) {
		if (decode_select_add(&printer->selection, options->fields[i]))
			continue;
		takt_message(TAKT_ERROR, "queue '%s': its type '%s' has no field '%.40s'; see: takt queue info %s",
			     queue, printer->type->name, options->fields[i], queue);
		return EXIT_FAILED;
	}
	if (printer->format == OUTPUT_CSV) {
		(void)printf("band,number,push_ns,origin_ns,deliveries,is_redelivered,owner");
		decode_print_csv_head(stdout, &printer->selection);
		(void)fputc('\n', stdout);
	}
	return EXIT_OK;
}

static void print_text(const struct queue_printer *printer, const struct queue_shown *shown)
{
	const struct takt_item *item = &shown->item;
	uint64_t now_ns = takt_os_clock_now_ns();

	(void)printf("%s[%u] #%" PRIu64 "  age %.3f ms", shown->queue, item->band, item->number,
		     now_ns > item->push_ns ? (double)(now_ns - item->push_ns) / 1e6 : 0.0);
	if (item->origin.number && item->origin.topic_index < printer->domain->topic_count)
		(void)printf("  origin %s #%" PRIu64, domain_topic_name(printer->domain, item->origin.topic_index).text,
			     item->origin.number);
	if (item->is_redelivered)
		(void)printf("  again (delivery %u)", item->delivery_count);
	if (shown->owner)
		(void)printf("  in work by %s", shown->owner);
	(void)fputc('\n', stdout);
	decode_print_text(stdout, &printer->selection, shown->payload);
}

static void print_json(const struct queue_printer *printer, const struct queue_shown *shown)
{
	const struct takt_item *item = &shown->item;
	struct json_value *object = json_make_object();

	json_add_text(object, "queue", shown->queue);
	json_add_unsigned(object, "band", item->band);
	json_add_unsigned(object, "number", item->number);
	json_add_unsigned(object, "push_ns", item->push_ns);
	json_add_unsigned(object, "origin_ns", item->origin.time_ns);
	json_add_unsigned(object, "deliveries", item->delivery_count);
	json_add_bool(object, "is_redelivered", (int)item->is_redelivered);
	if (shown->owner)
		json_add_text(object, "owner", shown->owner);
	else
		json_add_null(object, "owner");
	decode_add_json(json_add_object(object, "fields"), &printer->selection, shown->payload);
	if (printer->printed_count == 0)
		decode_add_json_units(json_add_object(object, "units"), &printer->selection);
	json_print(stdout, object, JSON_ONE_LINE, decode_json_digits(printer->type));
	json_free(object);
}

void queue_print(struct queue_printer *printer, const struct queue_shown *shown)
{
	const struct takt_item *item = &shown->item;

	if (printer->format == OUTPUT_TABLE) {
		print_text(printer, shown);
	} else if (printer->format == OUTPUT_JSON) {
		print_json(printer, shown);
	} else {
		(void)printf("%u,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%u,%u,%s", item->band, item->number, item->push_ns,
			     item->origin.time_ns, item->delivery_count, item->is_redelivered,
			     shown->owner ? shown->owner : "");
		decode_print_csv(stdout, &printer->selection, shown->payload);
		(void)fputc('\n', stdout);
	}
	printer->printed_count++;
}
