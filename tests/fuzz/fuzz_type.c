/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A type's description as somebody may have written it into a topic, and a payload for it. Input: flags (1: the checksum agrees), bytes of
 * the payload (2), number of fields (2), the type's name up to a zero byte; for each field its kind (1), count (2), offset (2) and name
 * and unit, each up to a zero byte; then the payload. What is accepted decodes as text, CSV and JSON, all of it inside the payload.
 */
#include "core/type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/decode.h"
#include "apps/takt/json.h"
#include "core/layout.h"
#include "core/text.h"
#include "core/topic_segment.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_domain.h"

static struct {
	struct takt_topic_shm topic;
	struct takt_field_shm fields[TAKT_FIELD_COUNT_MAX];
} segment;
static struct takt_flat_type honest, type;

/* Bytes into an array, with or without a zero at its end. */
static void take_array(struct fuzz_input *input, char *to, size_t bytes)
{
	char text[256];

	fuzz_text(input, text, sizeof(text));
	size_t length = strlen(text);
	memset(to, 0, bytes);
	memcpy(to, text, length < bytes ? length : bytes);
}

static uint64_t checksum(const struct takt_topic_constants *constants, uint32_t field_count)
{
	static struct takt_flat_type flat;

	memset(&flat, 0, sizeof(flat));
	memcpy(flat.name, constants->type_name, sizeof(flat.name));
	flat.bytes = constants->payload_bytes;
	flat.field_count = field_count;
	for (uint32_t i = 0; i < field_count && i < TAKT_FIELD_COUNT_MAX; i++) {
		memcpy(flat.fields[i].name, segment.fields[i].name, sizeof(flat.fields[i].name));
		memcpy(flat.fields[i].unit, segment.fields[i].unit, sizeof(flat.fields[i].unit));
		flat.fields[i].kind = segment.fields[i].kind;
		flat.fields[i].count = segment.fields[i].count;
		flat.fields[i].offset = segment.fields[i].offset;
	}
	return takt_flat_type_hash(&flat);
}

static void read_segment(struct fuzz_input *input, struct takt_topic_constants *constants)
{
	uint32_t flags = (uint32_t)fuzz_number(input, 1);
	constants->payload_bytes = (uint32_t)fuzz_number(input, 2);
	uint32_t field_count = (uint32_t)fuzz_number(input, 2);

	take_array(input, constants->type_name, sizeof(constants->type_name) - 1); /* adopt() ends it */
	memset(&segment, 0, sizeof(segment));
	for (uint32_t i = 0; i < field_count && i < TAKT_FIELD_COUNT_MAX && input->left; i++) {
		segment.fields[i].kind = (uint16_t)fuzz_number(input, 1);
		segment.fields[i].count = (uint32_t)fuzz_number(input, 2);
		segment.fields[i].offset = (uint32_t)fuzz_number(input, 2);
		/* Large ones as well, for sums that wrap. */
		if (flags & 2)
			segment.fields[i].offset |= (uint32_t)fuzz_number(input, 2) << 16;
		take_array(input, segment.fields[i].name, sizeof(segment.fields[i].name));
		take_array(input, segment.fields[i].unit, sizeof(segment.fields[i].unit));
	}
	atomic_store_explicit(&segment.topic.description.field_count, field_count, memory_order_relaxed);
	atomic_store_explicit(&segment.topic.description.type_hash,
			      flags & 1 ? checksum(constants, field_count) : flags, memory_order_relaxed);
}

/* Commas outside quotes: one before each column. */
static uint32_t count_columns(const char *line)
{
	uint32_t count = 0;
	int is_quoted = 0;

	for (; *line; line++) {
		is_quoted ^= *line == '"';
		count += *line == ',' && !is_quoted;
	}
	FUZZ_CHECK(!is_quoted);
	return count;
}

static void check_csv(const struct decode_selection *selection, const unsigned char *payload)
{
	uint32_t columns = decode_csv_columns(selection);
	char *text = NULL;
	size_t bytes = 0;

	for (uint32_t pass = 0; pass < 2 && columns <= DECODE_CSV_COLUMNS_MAX; pass++) {
		FILE *file = open_memstream(&text, &bytes);
		FUZZ_CHECK(file != NULL);
		if (pass == 0)
			decode_print_csv_head(file, selection);
		else
			decode_print_csv(file, selection, payload);
		FUZZ_CHECK(fclose(file) == 0 && count_columns(text) == columns && takt_text_is_printable(text));
		free(text);
	}
}

static void check_text(const struct decode_selection *selection, const unsigned char *payload)
{
	char *text = NULL;
	size_t bytes = 0;
	uint32_t lines = 0;
	FILE *file = open_memstream(&text, &bytes);

	FUZZ_CHECK(file != NULL);
	decode_print_text(file, selection, payload);
	FUZZ_CHECK(fclose(file) == 0);
	for (char *at = strchr(text, '\n'); at; at = strchr(at + 1, '\n')) {
		*at = ' ';
		lines++;
	}
	FUZZ_CHECK(lines == selection->type->field_count && takt_text_is_printable(text));
	free(text);
}

static void check_json(const struct decode_selection *selection, const unsigned char *payload)
{
	struct json_value *object = json_make_object();
	char *text = NULL;
	size_t bytes = 0;
	FILE *file = open_memstream(&text, &bytes);

	FUZZ_CHECK(file != NULL);
	decode_add_json(object, selection, payload);
	decode_add_json_units(object, selection);
	json_print(file, object, JSON_ONE_LINE, decode_json_digits(selection->type));
	FUZZ_CHECK(fclose(file) == 0 && bytes >= 3 && text[0] == '{');
	FUZZ_CHECK(text[bytes - 1] == '\n' && memchr(text, '\n', bytes) == text + bytes - 1);
	json_free(object);
	free(text);
}

static void check_accepted(struct fuzz_input *input)
{
	static struct decode_selection selection;
	unsigned char *payload = calloc(1, type.bytes);

	FUZZ_CHECK(payload != NULL);
	FUZZ_CHECK(type.bytes > 0 && type.field_count > 0 && type.field_count <= TAKT_FIELD_COUNT_MAX);
	for (uint32_t i = 0; i < type.field_count; i++)
		FUZZ_CHECK(memchr(type.fields[i].name, '\0', sizeof(type.fields[i].name)) &&
			   memchr(type.fields[i].unit, '\0', sizeof(type.fields[i].unit)));
	(void)fuzz_bytes(input, payload, type.bytes);
	decode_select_all(&selection, &type);
	check_text(&selection, payload);
	check_csv(&selection, payload);
	check_json(&selection, payload);
	decode_select_none(&selection, &type);
	FUZZ_CHECK(decode_select_add(&selection, type.fields[0].name) >= 1);
	check_csv(&selection, payload);
	free(payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	struct takt_topic_constants constants = {.fields_offset = sizeof(segment.topic)};
	char difference[256];

	fuzz_listen();
	if (honest.hash == 0)
		FUZZ_CHECK(takt_type_flatten(&honest, &takt_type_fuzz_sample) == TAKT_OK);
	read_segment(&input, &constants);
	enum takt_status status = takt_topic_segment_description(&segment.topic, &constants, &type);
	FUZZ_CHECK(status == TAKT_OK || status == TAKT_NOT_READY || status == TAKT_CORRUPT);
	FUZZ_CHECK((status == TAKT_CORRUPT) == (fuzz_said.error_count >= 1));
	if (status == TAKT_OK) {
		check_accepted(&input);
		int differs = takt_flat_type_compare(&honest, &type, difference, sizeof(difference)) != TAKT_OK;
		FUZZ_CHECK(differs == (difference[0] != '\0') && differs == (type.hash != honest.hash));
	}
	fuzz_listen();
	status = takt_topic_segment_compare(&segment.topic, &constants, "fuzz", &honest);
	FUZZ_CHECK((status == TAKT_OK) == (fuzz_said.error_count == 0));
	return 0;
}
