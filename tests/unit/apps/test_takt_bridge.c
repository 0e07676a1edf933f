/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a bridge: streams cut into them, binary heads, fields from the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/takt/bridge_codec.h"
#include "platform/message.h"

struct measure {
	uint64_t count;
	double value;
	int32_t status;
	char unit[4];
};

static char said[1024];

static void note(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	(void)severity;
	(void)snprintf(said, sizeof(said), "%s", text);
}

static struct bridge_inside inside;

static int set_up(void **state)
{
	static const struct takt_domain domain;

	(void)state;
	said[0] = '\0';
	takt_message_handler_set(note, NULL);
	inside = (struct bridge_inside){.type = {.name = "measure", .bytes = sizeof(struct measure)}};
	if (bridge_fields_read("count u64, value f64 bar, status i32, unit char[4]", &inside.type) != TAKT_OK)
		return -1;
	decode_select_all(&inside.all, &inside.type);
	inside.view = (struct sample_view){"measure", &domain, &inside.all};
	inside.payload = calloc(1, inside.type.bytes);
	return inside.payload == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	free(inside.payload);
	takt_message_handler_set(NULL, NULL);
	return 0;
}

/* Puts bytes in, a few at a time, and joins what comes out: "[record]", "!" for what was passed over. */
static void cut(struct bridge_splitter *splitter, const char *text, size_t bytes, uint32_t piece, char *out)
{
	uint32_t length, room;
	char *record;
	enum takt_status status;

	out[0] = '\0';
	for (size_t at = 0; at < bytes;) {
		unsigned char *to = bridge_splitter_room(splitter, &room);
		const uint32_t count = bytes - at < piece ? (uint32_t)(bytes - at) : piece;

		assert_true(room >= count);
		memcpy(to, text + at, count);
		bridge_splitter_came(splitter, count);
		at += count;
		while ((status = bridge_splitter_take(splitter, &record, &length)) != TAKT_EMPTY)
			(void)sprintf(out + strlen(out), status == TAKT_OK ? "[%.*s]" : "!", (int)length, record);
	}
	while ((status = bridge_splitter_take_rest(splitter, &record, &length)) != TAKT_EMPTY)
		(void)sprintf(out + strlen(out), status == TAKT_OK ? "[%.*s]" : "!", (int)length, record);
}

static void lines_are_whole_however_they_come(void **state)
{
	static const char text[] = "one\n\r\nthree\r\n12345678\n1234567890123456789012345\nlast";
	struct bridge_splitter splitter;
	char out[256];

	(void)state;
	for (uint32_t piece = 1; piece <= 10; piece++) {
		assert_int_equal(bridge_splitter_open(&splitter, BRIDGE_JSON, 10), TAKT_OK);
		cut(&splitter, text, sizeof(text) - 1, piece, out);
		assert_string_equal(out, "[one][][three][12345678]![last]");
		bridge_splitter_close(&splitter);
	}
}

static void binary_records_are_found_behind_noise(void **state)
{
	static const char text[] = "noiTAKseTAKTSMPL..TAKTSMPL--TAKTSMxxTAKTSMPL__TAKT";
	struct bridge_splitter splitter;
	char out[256];

	(void)state;
	for (uint32_t piece = 1; piece <= 10; piece++) {
		assert_int_equal(bridge_splitter_open(&splitter, BRIDGE_BINARY, 10), TAKT_OK);
		cut(&splitter, text, sizeof(text) - 1, piece, out);
		/* What is no head is told, in one or more pieces, and no record is made of it. */
		char records[256] = "";
		uint32_t told = 0, length = 0;
		for (const char *at = out; *at; at++)
			if (*at == '!')
				told++;
			else
				records[length++] = *at;
		assert_string_equal(records, "[TAKTSMPL..][TAKTSMPL--][TAKTSMPL__]");
		assert_true(told >= 3);
		bridge_splitter_close(&splitter);
	}
}

static void a_gap_in_the_numbers_is_a_loss(void **state)
{
	static const uint64_t numbers[] = {5, 6, 10, 2, 3};
	static const uint64_t missed_then[] = {0, 0, 3, 3, 3};
	struct bridge_codec out, in;
	uint64_t missed = 0;

	(void)state;
	assert_int_equal(bridge_codec_open(&out, &inside, BRIDGE_BINARY), TAKT_OK);
	assert_int_equal(bridge_codec_open(&in, &inside, BRIDGE_BINARY), TAKT_OK);
	for (uint32_t i = 0; i < 5; i++) {
		const struct takt_sample_header header = {.number = numbers[i], .publish_ns = 77};

		memset(inside.payload, (int)i + 1, inside.type.bytes);
		assert_int_equal(bridge_codec_make(&out, &header, 0), TAKT_OK);
		assert_int_equal(out.record_bytes, 48 + sizeof(struct measure));
		assert_int_equal(bridge_codec_read(&in, out.record, (uint32_t)out.record_bytes, &missed), TAKT_OK);
		assert_memory_equal(in.payload, inside.payload, inside.type.bytes);
		assert_int_equal(missed, missed_then[i]);
	}
	bridge_codec_close(&out);
	bridge_codec_close(&in);
}

/* Each byte of a head but those of number and time is looked at. */
static void a_head_that_differs_is_refused(void **state)
{
	const struct takt_sample_header header = {.number = 1};
	struct bridge_codec codec;
	uint64_t missed = 0;

	(void)state;
	assert_int_equal(bridge_codec_open(&codec, &inside, BRIDGE_BINARY), TAKT_OK);
	assert_int_equal(bridge_codec_make(&codec, &header, 0), TAKT_OK);
	for (uint32_t at = 0; at < 44; at++) {
		if (at >= 24 && at < 40)
			continue;
		codec.record[at] ^= 1;
		assert_int_equal(bridge_codec_read(&codec, codec.record, (uint32_t)codec.record_bytes, &missed),
				 TAKT_INVALID);
		codec.record[at] ^= 1;
	}
	for (uint32_t bytes = 0; bytes < codec.record_bytes; bytes++)
		assert_int_equal(bridge_codec_read(&codec, codec.record, bytes, &missed), TAKT_INVALID);
	assert_int_equal(bridge_codec_read(&codec, codec.record, (uint32_t)codec.record_bytes, &missed), TAKT_OK);
	bridge_codec_close(&codec);
}

static void fields_are_laid_out_as_a_compiler_does(void **state)
{
	(void)state;
	assert_int_equal(inside.type.field_count, 4);
	assert_int_equal(inside.type.fields[1].offset, offsetof(struct measure, value));
	assert_int_equal(inside.type.fields[3].offset, offsetof(struct measure, unit));
	assert_int_equal(inside.type.fields[3].count, 4);
	assert_string_equal(inside.type.fields[1].unit, "bar");
	/* A packed struct: by offsets. */
	inside.type.bytes = 5;
	assert_int_equal(bridge_fields_read("a u8 @0,b u32 @1", &inside.type), TAKT_OK);
	assert_int_equal(inside.type.fields[1].offset, 1);
	assert_int_equal(bridge_fields_read("a u8,b u32", &inside.type), TAKT_INVALID);
	assert_non_null(strstr(said, "a struct of 8 bytes, and the config says that type 'measure' has 5"));
}

/* Written as a table and read again: the same bytes, also at the ends of the ranges. */
static void a_table_gives_the_bytes_back(void **state)
{
	static const struct measure samples[] = {
		{0, -0.0, 0, ""},
		{UINT64_MAX, 1e308, INT32_MIN, "a\\,\""},
		{UINT64_C(9007199254740993), 0.1, INT32_MAX, {'\001', '\x1b', '\xff', 'z'}}};
	const struct takt_sample_header header = {.number = 1};
	struct bridge_codec out, in;
	uint64_t missed = 0;

	(void)state;
	assert_int_equal(bridge_codec_open(&out, &inside, BRIDGE_CSV), TAKT_OK);
	assert_int_equal(bridge_codec_open(&in, &inside, BRIDGE_CSV), TAKT_OK);
	for (uint32_t i = 0; i < 3; i++) {
		memcpy(inside.payload, &samples[i], sizeof(samples[i]));
		assert_int_equal(bridge_codec_make(&out, &header, 0), TAKT_OK);
		char *line = out.record;
		char *end = memchr(line, '\n', out.record_bytes);
		if (i == 0) {
			*end = '\0';
			assert_int_equal(bridge_codec_read(&in, line, (uint32_t)(end - line), &missed), TAKT_EMPTY);
			line = end + 1;
			end = memchr(line, '\n', out.record_bytes - (size_t)(line - out.record));
		}
		*end = '\0';
		assert_int_equal(bridge_codec_read(&in, line, (uint32_t)(end - line), &missed), TAKT_OK);
		assert_memory_equal(in.payload, &samples[i], sizeof(samples[i]));
	}
	bridge_codec_close(&out);
	bridge_codec_close(&in);
}

static void text_longer_than_any_record_needs_fits(void **state)
{
	const struct takt_sample_header header = {.number = UINT64_MAX, .publish_ns = UINT64_MAX};
	struct bridge_codec codec;

	(void)state;
	memset(inside.payload, 0xff, inside.type.bytes);
	for (int format = BRIDGE_JSON; format <= BRIDGE_RAW; format++) {
		assert_int_equal(bridge_codec_open(&codec, &inside, (enum bridge_format)format), TAKT_OK);
		assert_int_equal(bridge_codec_make(&codec, &header, UINT64_MAX), TAKT_OK);
		assert_true(codec.record_bytes <= codec.record_bytes_max);
		bridge_codec_close(&codec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_are_whole_however_they_come, set_up, tear_down),
		cmocka_unit_test_setup_teardown(binary_records_are_found_behind_noise, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_gap_in_the_numbers_is_a_loss, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_head_that_differs_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fields_are_laid_out_as_a_compiler_does, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_table_gives_the_bytes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(text_longer_than_any_record_needs_fits, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
