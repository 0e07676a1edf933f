/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bridge_codec.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/escape.h"
#include "apps/takt/json.h"
#include "platform/message.h"

#define LINE_BYTES    4096u /* of a line beside its fields, with room for other writers' blanks */
#define ELEMENT_BYTES 32u   /* of one number and what parts it from the next */
#define TEXT_FACTOR   8u    /* a byte of text may become "\\x1b" in quotes */

/* --------------------------------------------------------------------------------------------------------- sizes */

static uint64_t line_bytes_max(const struct takt_flat_type *type, enum bridge_format format)
{
	uint64_t bytes = LINE_BYTES;

	for (uint32_t i = 0; i < type->field_count; i++) {
		const struct takt_flat_field *field = &type->fields[i];
		const uint64_t names = TAKT_FIELD_NAME_BYTES + ESCAPE_BYTES(TAKT_FIELD_UNIT_BYTES) + ELEMENT_BYTES;
		const uint64_t values = field->count * (uint64_t)(decode_is_text(field) ? TEXT_FACTOR : ELEMENT_BYTES);
		/* A table's head names every column, JSON every field, and its unit. */
		const uint64_t heads = format == BRIDGE_CSV && !decode_is_text(field) ? field->count : 2;

		bytes += heads * names + values;
	}
	return bytes;
}

uint32_t bridge_record_bytes_max(const struct takt_flat_type *type, enum bridge_format format)
{
	uint64_t bytes = type->bytes;

	if (format == BRIDGE_JSON || format == BRIDGE_CSV)
		bytes = line_bytes_max(type, format);
	else if (format == BRIDGE_BINARY)
		bytes += sizeof(struct bridge_frame);
	return bytes < UINT32_MAX / 4 ? (uint32_t)bytes : UINT32_MAX / 4;
}

/* ---------------------------------------------------------------------------------------------------------- open */

static enum takt_status check_columns(const struct bridge_codec *codec)
{
	const uint32_t columns = decode_csv_columns(&codec->inside->all);

	if (codec->format != BRIDGE_CSV || columns <= DECODE_CSV_COLUMNS_MAX)
		return TAKT_OK;
	takt_message(TAKT_ERROR, "topic '%s' would have %u columns, and %d are a table's limit; use --format json",
		     codec->inside->view.topic, columns, DECODE_CSV_COLUMNS_MAX);
	return TAKT_LIMIT;
}

enum takt_status bridge_codec_open(struct bridge_codec *codec, const struct bridge_inside *inside,
				   enum bridge_format format)
{
	*codec = (struct bridge_codec){.inside = inside, .format = format};
	codec->record_bytes_max = bridge_record_bytes_max(&inside->type, format);
	enum takt_status status = check_columns(codec);
	if (status != TAKT_OK)
		return status;
	/* 16: as a struct of any type wants it. */
	codec->payload = calloc(1, inside->type.bytes + 16u);
	if (format == BRIDGE_JSON || format == BRIDGE_CSV)
		codec->file = open_memstream(&codec->record, &codec->record_bytes);
	else
		codec->record = calloc(1, codec->record_bytes_max);
	if (codec->payload && (codec->file || codec->record))
		return TAKT_OK;
	takt_message(TAKT_ERROR, "topic '%s': no memory for one of its samples (%u bytes)", inside->view.topic,
		     codec->record_bytes_max);
	bridge_codec_close(codec);
	return TAKT_NO_SPACE;
}

void bridge_codec_close(struct bridge_codec *codec)
{
	if (codec->file)
		(void)fclose(codec->file);
	free(codec->record);
	free(codec->payload);
	*codec = (struct bridge_codec){0};
}

/* ---------------------------------------------------------------------------------------------------------- make */

static enum takt_status make_line(struct bridge_codec *codec, const struct takt_sample_header *header, uint64_t lost)
{
	const struct bridge_inside *inside = codec->inside;

	if (fseek(codec->file, 0, SEEK_SET) != 0)
		return TAKT_NO_SPACE;
	if (codec->format == BRIDGE_JSON) {
		sample_print_json(codec->file, &inside->view, header, inside->payload, lost, codec->record_count == 0);
	} else {
		if (codec->record_count == 0)
			sample_print_csv_head(codec->file, &inside->view);
		sample_print_csv(codec->file, &inside->view, header, inside->payload);
	}
	/* Where the stream stands is the record's length: what a longer one left behind it does not count. */
	if (fflush(codec->file) != 0)
		return TAKT_NO_SPACE;
	codec->record_bytes = (size_t)ftell(codec->file);
	return TAKT_OK;
}

static void make_binary(struct bridge_codec *codec, const struct takt_sample_header *header)
{
	const struct takt_flat_type *type = &codec->inside->type;
	const struct bridge_frame frame = {.magic = {'T', 'A', 'K', 'T', 'S', 'M', 'P', 'L'},
					   .version = BRIDGE_FRAME_VERSION,
					   .head_bytes = sizeof(frame),
					   .endian = BRIDGE_FRAME_ENDIAN,
					   .type_hash = type->hash,
					   .number = header->number,
					   .publish_ns = header->publish_ns,
					   .payload_bytes = type->bytes};

	memcpy(codec->record, &frame, sizeof(frame));
	memcpy(codec->record + sizeof(frame), codec->inside->payload, type->bytes);
	codec->record_bytes = sizeof(frame) + type->bytes;
}

enum takt_status bridge_codec_make(struct bridge_codec *codec, const struct takt_sample_header *header, uint64_t lost)
{
	enum takt_status status = TAKT_OK;

	if (codec->format == BRIDGE_BINARY) {
		make_binary(codec, header);
	} else if (codec->format == BRIDGE_RAW) {
		memcpy(codec->record, codec->inside->payload, codec->inside->type.bytes);
		codec->record_bytes = codec->inside->type.bytes;
	} else {
		status = make_line(codec, header, lost);
	}
	codec->record_count++;
	return status;
}

/* ---------------------------------------------------------------------------------------------------------- read */

static enum takt_status refuse(struct bridge_codec *codec, const char *what, uint64_t found, uint64_t expected)
{
	(void)snprintf(codec->fault.text, sizeof(codec->fault.text), "%s is %" PRIu64 ", expected %" PRIu64, what,
		       found, expected);
	return TAKT_INVALID;
}

static enum takt_status read_binary(struct bridge_codec *codec, const char *record, uint32_t bytes, uint64_t *missed)
{
	const struct takt_flat_type *type = &codec->inside->type;
	struct bridge_frame frame;

	if (bytes < sizeof(frame))
		return refuse(codec, "its length", bytes, sizeof(frame) + type->bytes);
	memcpy(&frame, record, sizeof(frame));
	if (memcmp(frame.magic, BRIDGE_FRAME_MAGIC, sizeof(frame.magic)) != 0) {
		(void)snprintf(codec->fault.text, sizeof(codec->fault.text),
			       "it does not begin with " BRIDGE_FRAME_MAGIC);
		return TAKT_INVALID;
	}
	if (frame.endian != BRIDGE_FRAME_ENDIAN) {
		(void)snprintf(
			codec->fault.text, sizeof(codec->fault.text),
			"it was written by a machine with the other order of bytes; use --format json there and here");
		return TAKT_INVALID;
	}
	if (frame.version != BRIDGE_FRAME_VERSION || frame.head_bytes != sizeof(frame))
		return refuse(codec, "its version", frame.version, BRIDGE_FRAME_VERSION);
	if (frame.type_hash != type->hash)
		return refuse(codec, "the hash of its type", frame.type_hash, type->hash);
	if (frame.payload_bytes != type->bytes || bytes != sizeof(frame) + type->bytes)
		return refuse(codec, "its length", bytes, sizeof(frame) + type->bytes);
	memcpy(codec->payload, record + sizeof(frame), type->bytes);
	/* A number that goes back is a writer that has started again. */
	if (codec->last_number != 0 && frame.number > codec->last_number)
		*missed += frame.number - codec->last_number - 1;
	codec->last_number = frame.number;
	return TAKT_OK;
}

/* A line of takt topic echo has the fields one below; an object of fields is as good. */
static enum takt_status read_json(struct bridge_codec *codec, const char *record, uint32_t bytes)
{
	struct json_value *line = json_parse(record, bytes, codec->fault.text, sizeof(codec->fault.text));
	const struct json_value *fields;

	if (line == NULL)
		return TAKT_INVALID;
	fields = json_kind_of(line) == JSON_IS_OBJECT ? json_get_member(line, "fields") : NULL;
	if (fields == NULL || json_kind_of(fields) != JSON_IS_OBJECT)
		fields = line;
	enum takt_status status = encode_json(&codec->inside->type, fields, codec->payload, &codec->fault);
	json_free(line);
	return status;
}

static enum takt_status read_csv(struct bridge_codec *codec, char *record)
{
	enum takt_status status;

	if (codec->columns.count == 0) {
		status = encode_csv_head(&codec->inside->type, record, &codec->columns, &codec->fault);
		return status == TAKT_OK ? TAKT_EMPTY : status;
	}
	return encode_csv(&codec->inside->type, &codec->columns, record, codec->payload, &codec->fault);
}

enum takt_status bridge_codec_read(struct bridge_codec *codec, char *record, uint32_t bytes, uint64_t *missed)
{
	const uint32_t expected = codec->inside->type.bytes;

	switch (codec->format) {
	case BRIDGE_RAW:
		if (bytes != expected)
			return refuse(codec, "its length", bytes, expected);
		memcpy(codec->payload, record, bytes);
		return TAKT_OK;
	case BRIDGE_BINARY:
		return read_binary(codec, record, bytes, missed);
	default:
		if (record[strspn(record, " \t\r\n")] == '\0' && strlen(record) == bytes)
			return TAKT_EMPTY;
		/* A zero in the middle would hide the rest of a table's line. */
		if (codec->format == BRIDGE_CSV && strlen(record) != bytes)
			return refuse(codec, "the place of a zero byte", strlen(record), bytes);
		return codec->format == BRIDGE_JSON ? read_json(codec, record, bytes) : read_csv(codec, record);
	}
}
