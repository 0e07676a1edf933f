/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes to a bridge from outside: a stream in pieces, cut into records, each read by its format; and a type's fields from the command
 * line. What is accepted has the type's size and, written again, is read as the same bytes. The first byte chooses, the second is the size
 * of the pieces.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bridge_codec.h"
#include "tests/fuzz/fuzz.h"

struct inner {
	double real;
	uint16_t list[2];
};

struct outer {
	uint64_t count;
	int64_t i64;
	struct inner inner[2];
	float f32[3];
	int32_t i32;
	uint32_t u32;
	int16_t i16;
	int8_t i8;
	uint8_t flag;
	char letter;
	char text[7];
};

TAKT_TYPE(inner, struct inner, TAKT_FIELD(struct inner, real, TAKT_F64, 1, "m"),
	  TAKT_FIELD(struct inner, list, TAKT_U16, 2, ""));
TAKT_TYPE(outer, struct outer, TAKT_FIELD(struct outer, count, TAKT_U64, 1, ""),
	  TAKT_FIELD(struct outer, i64, TAKT_I64, 1, ""), TAKT_NESTED(struct outer, inner, inner, 2),
	  TAKT_FIELD(struct outer, f32, TAKT_F32, 3, "m/s"), TAKT_FIELD(struct outer, i32, TAKT_I32, 1, ""),
	  TAKT_FIELD(struct outer, u32, TAKT_U32, 1, ""), TAKT_FIELD(struct outer, i16, TAKT_I16, 1, ""),
	  TAKT_FIELD(struct outer, i8, TAKT_I8, 1, ""), TAKT_FIELD(struct outer, flag, TAKT_BOOL, 1, ""),
	  TAKT_FIELD(struct outer, letter, TAKT_CHAR, 1, ""), TAKT_FIELD(struct outer, text, TAKT_CHAR, 7, ""));

static struct bridge_inside inside;
static struct takt_domain domain;

static void prepare(void)
{
	if (inside.payload)
		return;
	FUZZ_CHECK(takt_type_flatten(&inside.type, &takt_type_outer) == TAKT_OK);
	decode_select_all(&inside.all, &inside.type);
	inside.view = (struct sample_view){"topic", &domain, &inside.all};
	inside.payload = calloc(1, inside.type.bytes);
	FUZZ_CHECK(inside.payload != NULL);
}

/* Written and read again it is the same, but where JSON has no word for it: whole numbers above 2^63, and what is infinite. */
static int survives(const struct outer *sample, enum bridge_format format)
{
	int is_finite = isfinite(sample->inner[0].real) && isfinite(sample->inner[1].real);

	for (int i = 0; i < 3; i++)
		is_finite &= isfinite(sample->f32[i]);
	return format == BRIDGE_CSV ? is_finite : is_finite && sample->count <= INT64_MAX;
}

static void check_again(const unsigned char *payload, enum bridge_format format)
{
	static struct bridge_codec again;
	const struct takt_sample_header header = {.number = 7};
	struct outer sample;
	uint64_t missed = 0;

	memcpy(&sample, payload, sizeof(sample));
	if (!survives(&sample, format))
		return;
	FUZZ_CHECK(bridge_codec_open(&again, &inside, format) == TAKT_OK);
	memcpy(inside.payload, payload, inside.type.bytes);
	FUZZ_CHECK(bridge_codec_make(&again, &header, 0) == TAKT_OK && again.record_bytes <= again.record_bytes_max);
	/* A table's first record is its head and a line. */
	char *begin = again.record;
	for (char *end; (end = memchr(begin, '\n', again.record_bytes - (size_t)(begin - again.record))) != NULL;) {
		*end = '\0';
		enum takt_status status = bridge_codec_read(&again, begin, (uint32_t)(end - begin), &missed);
		FUZZ_CHECK(status == TAKT_OK || (status == TAKT_EMPTY && format == BRIDGE_CSV));
		begin = end + 1;
	}
	FUZZ_CHECK(memcmp(again.payload, payload, inside.type.bytes) == 0);
	bridge_codec_close(&again);
}

static void check_record(struct bridge_codec *codec, char *record, uint32_t bytes)
{
	static const unsigned char nothing[16];
	uint64_t missed = 0;

	codec->fault.text[0] = '\0';
	FUZZ_CHECK(record[bytes] == '\0' || codec->format >= BRIDGE_BINARY);
	enum takt_status status = bridge_codec_read(codec, record, bytes, &missed);
	FUZZ_CHECK(status == TAKT_OK || status == TAKT_INVALID ||
		   (status == TAKT_EMPTY && codec->format < BRIDGE_BINARY));
	/* Its memory has 16 bytes more than the type: nothing was put there. */
	FUZZ_CHECK(memcmp(codec->payload + inside.type.bytes, nothing, sizeof(nothing)) == 0);
	if (status == TAKT_OK && codec->format < BRIDGE_BINARY)
		check_again(codec->payload, codec->format);
	if (status == TAKT_INVALID)
		FUZZ_CHECK(codec->fault.text[0] != '\0' && strlen(codec->fault.text) < sizeof(codec->fault.text));
}

static void check_stream(const uint8_t *data, size_t size, enum bridge_format format, uint32_t piece)
{
	static struct bridge_codec codec;
	struct bridge_splitter splitter;
	enum takt_status status;
	uint32_t bytes;
	char *record;

	FUZZ_CHECK(bridge_codec_open(&codec, &inside, format) == TAKT_OK);
	FUZZ_CHECK(bridge_splitter_open(&splitter, format, codec.record_bytes_max) == TAKT_OK);
	for (size_t at = 0; at < size;) {
		uint32_t room;
		unsigned char *to = bridge_splitter_room(&splitter, &room);
		uint32_t count = (uint32_t)(size - at < piece ? size - at : piece);

		FUZZ_CHECK(room > 0);
		count = count < room ? count : room;
		memcpy(to, data + at, count);
		bridge_splitter_came(&splitter, count);
		at += count;
		while ((status = bridge_splitter_take(&splitter, &record, &bytes)) != TAKT_EMPTY)
			if (status == TAKT_OK)
				check_record(&codec, record, bytes);
			else
				FUZZ_CHECK(status == TAKT_LIMIT);
	}
	while ((status = bridge_splitter_take_rest(&splitter, &record, &bytes)) != TAKT_EMPTY)
		if (status == TAKT_OK)
			check_record(&codec, record, bytes);
	bridge_splitter_close(&splitter);
	bridge_codec_close(&codec);
}

/* As a datagram, or a message of a queue: one record, whatever its length. */
static void check_message(const uint8_t *data, size_t size, enum bridge_format format)
{
	static struct bridge_codec codec;
	char *record = malloc(size + 1);

	FUZZ_CHECK(record != NULL && bridge_codec_open(&codec, &inside, format) == TAKT_OK);
	memcpy(record, data, size);
	record[size] = '\0';
	check_record(&codec, record, (uint32_t)size);
	free(record);
	bridge_codec_close(&codec);
}

static void check_fields(const uint8_t *data, size_t size)
{
	static struct takt_flat_type type;
	char text[4096];

	size = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
	memcpy(text, data, size);
	text[size] = '\0';
	memset(&type, 0, sizeof(type));
	memcpy(type.name, "given", 6);
	type.bytes = 24;
	if (bridge_fields_read(text, &type) == TAKT_OK)
		FUZZ_CHECK(takt_flat_type_check_hash(&type) == TAKT_OK && type.bytes == 24);
	else
		FUZZ_CHECK(fuzz_said.error_count == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	prepare();
	fuzz_listen();
	const enum bridge_format format = (enum bridge_format)(data[0] % BRIDGE_FORMAT_COUNT);
	switch (data[0] / BRIDGE_FORMAT_COUNT % 3) {
	case 0:
		check_stream(data + 2, size - 2, format, data[1] + 1u);
		break;
	case 1:
		check_message(data + 2, size - 2, format);
		break;
	default:
		check_fields(data + 2, size - 2);
		break;
	}
	return 0;
}
