/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/sample.h"

#include <inttypes.h>

#include "apps/takt/json.h"

struct domain_name sample_origin_name(const struct sample_view *view, const struct takt_origin *origin)
{
	struct domain_name name = {"?"};

	if (origin->topic_index < view->domain->topic_count)
		name = domain_topic_name(view->domain, origin->topic_index);
	return takt_name_is_valid(name.text) ? name : (struct domain_name){"?"};
}

void sample_print_json(FILE *file, const struct sample_view *view, const struct takt_sample_header *header,
		       const unsigned char *payload, uint64_t lost, int has_units)
{
	struct json_value *sample = json_make_object();

	json_add_text(sample, "topic", view->topic);
	json_add_unsigned(sample, "number", header->number);
	json_add_unsigned(sample, "publish_ns", header->publish_ns);
	struct json_value *origin = json_add_object(sample, "origin");
	json_add_text(origin, "topic", sample_origin_name(view, &header->origin).text);
	json_add_unsigned(origin, "number", header->origin.number);
	json_add_unsigned(origin, "time_ns", header->origin.time_ns);
	json_add_unsigned(sample, "lost", lost);
	decode_add_json(json_add_object(sample, "fields"), view->selection, payload);
	if (has_units)
		decode_add_json_units(json_add_object(sample, "units"), view->selection);
	json_print(file, sample, JSON_ONE_LINE, decode_json_digits(view->selection->type));
	json_free(sample);
}

void sample_print_csv_head(FILE *file, const struct sample_view *view)
{
	(void)fprintf(file, "number,publish_ns,origin_ns");
	decode_print_csv_head(file, view->selection);
	(void)fputc('\n', file);
}

void sample_print_csv(FILE *file, const struct sample_view *view, const struct takt_sample_header *header,
		      const unsigned char *payload)
{
	(void)fprintf(file, "%" PRIu64 ",%" PRIu64 ",%" PRIu64, header->number, header->publish_ns,
		      header->origin.time_ns);
	decode_print_csv(file, view->selection, payload);
	(void)fputc('\n', file);
}
