/* SPDX-License-Identifier: Apache-2.0 */
/* Stream files made byte by byte: which packets are whole, whatever is done to them, and what is copied of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/trace_packets.h"
#include "apps/takt/trace_salvage.h"
#include "platform/file.h"
#include "platform/scratch.h"

#define PACKETS	     8u
#define PACKET_BYTES 4096u
#define FILE_BYTES   (PACKETS * PACKET_BYTES)

static unsigned char image[FILE_BYTES];
static char folder[TAKT_OS_PATH_MAX];
static char path[TRACE_PATH_BYTES];

static void put(unsigned char *at, uint64_t value, uint32_t bytes, int is_big)
{
	for (uint32_t i = 0; i < bytes; i++)
		at[is_big ? bytes - 1 - i : i] = (unsigned char)(value >> 8 * i);
}

static void make_image(int is_big)
{
	for (uint32_t i = 0; i < PACKETS; i++) {
		unsigned char *at = image + i * PACKET_BYTES;
		memset(at, (int)i, PACKET_BYTES);
		put(at, 0xc1fc1fc1u, 4, is_big);
		memset(at + 4, 0x5a, 16);
		put(at + 20, 0, 4, is_big);
		put(at + 24, 3, 8, is_big);
		put(at + 32, 1000 + 100 * i, 8, is_big);
		put(at + 40, 1090 + 100 * i, 8, is_big);
		put(at + 48, 8 * 4000, 8, is_big);
		put(at + 56, 8 * PACKET_BYTES, 8, is_big);
	}
}

static void write_file(const char *name, const void *bytes, size_t count)
{
	char file_path[TRACE_PATH_BYTES];
	(void)snprintf(file_path, sizeof(file_path), "%s/%s", folder, name);
	FILE *file = takt_os_file_write(file_path);
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, count, file), count);
	assert_int_equal(fclose(file), 0);
}

static struct trace_packets_found look(size_t bytes)
{
	struct trace_packets_found found;
	write_file("stream", image, bytes);
	assert_int_equal(trace_packets_look(path, "", &found), 1);
	return found;
}

static int set_up(void **state)
{
	(void)state;
	if (takt_os_scratch_make(folder, sizeof(folder)) != TAKT_OK)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/stream", folder);
	make_image(0);
	return 0;
}

static int tear_down(void **state)
{
	struct trace_salvage all = {0};
	(void)state;
	(void)snprintf(all.root, sizeof(all.root), "%s", folder);
	trace_salvage_end(&all);
	return takt_os_scratch_is_folder(folder);
}

static void whole_files_of_both_byte_orders_are_whole(void **state)
{
	(void)state;
	for (int is_big = 0; is_big < 2; is_big++) {
		make_image(is_big);
		struct trace_packets_found found = look(FILE_BYTES);
		assert_int_equal(found.packet_count, PACKETS);
		assert_int_equal(found.damaged_count, 0);
		assert_true(found.is_known);
	}
}

/* Wherever it is cut: what is whole is counted, and every other byte is damage. */
static void a_cut_costs_the_packet_it_is_in(void **state)
{
	(void)state;
	for (size_t bytes = 1; bytes < FILE_BYTES; bytes += 37) {
		struct trace_packets_found found = look(bytes);
		if (bytes < 64) {
			assert_int_equal(found.packet_count, 0);
			continue;
		}
		assert_int_equal(found.packet_count, bytes / PACKET_BYTES);
		assert_int_equal(found.damaged_bytes, bytes % PACKET_BYTES);
	}
}

static void a_damaged_header_costs_one_packet(void **state)
{
	(void)state;
	/* Magic, identity, stream, instance, sizes: every byte that a walk goes by. */
	for (uint32_t byte = 0; byte < 64; byte++) {
		if (byte >= 32 && byte < 48)
			continue;
		/* The low bits of a content that is shorter than its packet may be anything. */
		if (byte == 48 || byte == 49)
			continue;
		for (uint32_t packet = 0; packet < PACKETS; packet++) {
			make_image(0);
			image[packet * PACKET_BYTES + byte] ^= 0x40;
			struct trace_packets_found found = look(FILE_BYTES);
			assert_int_equal(found.packet_count, PACKETS - 1);
			assert_int_equal(found.damaged_bytes, PACKET_BYTES);
			assert_int_equal(found.damaged_offset, packet * PACKET_BYTES);
		}
	}
}

static void a_packet_that_ends_before_it_begins_is_damaged(void **state)
{
	(void)state;
	put(image + 3 * PACKET_BYTES + 40, 5, 8, 0);
	assert_int_equal(look(FILE_BYTES).damaged_offset, 3 * PACKET_BYTES);
}

static void other_files_are_not_known(void **state)
{
	struct trace_packets_found found;
	(void)state;
	memset(image, 7, sizeof(image));
	assert_false(look(FILE_BYTES).is_known);
	assert_false(look(0).is_known);
	assert_int_equal(trace_packets_look("/nowhere/at/all", "", &found), 0);
}

static void write_index(uint64_t offset_of_fourth, uint32_t count)
{
	unsigned char index[16 + PACKETS * 72] = {0};
	put(index, 0xc1f1dcc1u, 4, 1);
	put(index + 4, 1, 4, 1);
	put(index + 12, 72, 4, 1);
	for (uint32_t i = 0; i < PACKETS; i++) {
		unsigned char *at = index + 16 + i * 72;
		put(at, i == 3 ? offset_of_fourth : i * PACKET_BYTES, 8, 1);
		put(at + 8, 8 * PACKET_BYTES, 8, 1);
		put(at + 16, 8 * 4000, 8, 1);
		put(at + 24, 1000 + 100 * i, 8, 1);
		put(at + 32, 1090 + 100 * i, 8, 1);
	}
	write_file("stream.idx", index, 16 + count * 72);
}

static void an_index_that_is_false_is_seen(void **state)
{
	struct trace_packets_found found;
	char index_path[TRACE_PATH_BYTES];
	(void)state;
	(void)snprintf(index_path, sizeof(index_path), "%s/stream.idx", folder);
	write_file("stream", image, FILE_BYTES);
	write_index(3 * PACKET_BYTES, PACKETS);
	assert_int_equal(trace_packets_look(path, index_path, &found), 1);
	assert_false(found.is_index_false);
	assert_int_equal(found.indexed_count, PACKETS);
	write_index(4 * PACKET_BYTES, PACKETS);
	assert_int_equal(trace_packets_look(path, index_path, &found), 1);
	assert_true(found.is_index_false);
	/* Cut at the end of a packet: only the index knows. */
	write_index(3 * PACKET_BYTES, PACKETS);
	write_file("stream", image, 5 * PACKET_BYTES);
	assert_int_equal(trace_packets_look(path, index_path, &found), 1);
	assert_true(found.is_index_false);
	assert_int_equal(found.damaged_count, 0);
	assert_int_equal(found.indexed_count - found.packet_count, 3);
}

static uint64_t bytes_of(const char *made, const char *name)
{
	struct trace_packets_found found;
	char file_path[TRACE_PATH_BYTES + 32];
	(void)snprintf(file_path, sizeof(file_path), "%s/%s", made, name);
	return trace_packets_look(file_path, "", &found) ? found.bytes : 0;
}

static int has_bytes(const char *made, const char *name, const unsigned char *wanted, size_t count)
{
	static unsigned char bytes[FILE_BYTES];
	char file_path[TRACE_PATH_BYTES + 32];
	(void)snprintf(file_path, sizeof(file_path), "%s/%s", made, name);
	FILE *file = fopen(file_path, "rb");
	assert_non_null(file);
	size_t read_count = fread(bytes, 1, sizeof(bytes), file);
	assert_int_equal(fclose(file), 0);
	return read_count == count && memcmp(bytes, wanted, count) == 0;
}

static void what_is_whole_is_copied_and_the_rest_behind_a_bad_packet(void **state)
{
	struct trace_salvage salvage = {0};
	char made[TRACE_PATH_BYTES];
	(void)state;
	write_file("metadata", "/* CTF 1.8 */", 13);
	image[2 * PACKET_BYTES] ^= 1;
	write_file("stream", image, FILE_BYTES - 100);
	assert_int_equal(trace_salvage_whole(&salvage, folder, made), 1);
	assert_int_equal(bytes_of(made, "stream"), (PACKETS - 2) * PACKET_BYTES);
	assert_int_equal(bytes_of(made, "metadata"), 13);

	/* Packets 0 to 6 but the third: behind the fourth, which began at 1300, there are three; then the first of those is bad too. */
	struct trace_rest rest = {.instance = 3, .after_ns = 1300};
	assert_int_equal(trace_salvage_rest(&salvage, folder, &rest, made), 1);
	assert_int_equal(rest.packet_count, 3);
	assert_int_equal(bytes_of(made, "stream"), 3 * PACKET_BYTES);
	assert_true(has_bytes(made, "stream", image + 4 * PACKET_BYTES, 3 * PACKET_BYTES));
	rest = (struct trace_rest){.instance = 3, .after_ns = 1300, .leave_out = 1};
	assert_int_equal(trace_salvage_rest(&salvage, folder, &rest, made), 1);
	assert_int_equal(rest.packet_count, 2);
	/* Another stream's are not taken. */
	rest = (struct trace_rest){.instance = 4};
	assert_int_equal(trace_salvage_rest(&salvage, folder, &rest, made), 1);
	assert_int_equal(rest.packet_count, 0);
	char root[TAKT_OS_PATH_MAX];
	memcpy(root, salvage.root, sizeof(root));
	trace_salvage_end(&salvage);
	assert_false(takt_os_scratch_is_folder(root));
	/* The trace itself is as it was. */
	assert_int_equal(bytes_of(folder, "stream"), FILE_BYTES - 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whole_files_of_both_byte_orders_are_whole),
		TEST(a_cut_costs_the_packet_it_is_in),
		TEST(a_damaged_header_costs_one_packet),
		TEST(a_packet_that_ends_before_it_begins_is_damaged),
		TEST(other_files_are_not_known),
		TEST(an_index_that_is_false_is_seen),
		TEST(what_is_whole_is_copied_and_the_rest_behind_a_bad_packet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
