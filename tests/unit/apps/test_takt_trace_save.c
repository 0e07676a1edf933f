/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in a trace's folder: names, what is removed, what is left alone, what is missing; and the platform's trees below it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps/takt/trace_options.h"
#include "apps/takt/trace_save.h"
#include "platform/tree.h"

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/takt-trace-save-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
	(void)state;
	return takt_os_tree_remove(folder) != TAKT_OK;
}

static const char *at(const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void make(const char *name)
{
	assert_int_equal(mkdir(at(name), 0700), 0);
}

static void write_file(const char *name, const void *bytes, size_t count)
{
	FILE *file = fopen(at(name), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, count, file), count);
	assert_int_equal(fclose(file), 0);
}

static int is_there(const char *name)
{
	return access(at(name), F_OK) == 0;
}

static void labels_name_files_and_nothing_else(void **state)
{
	char label[TRACE_LABEL_BYTES];
	(void)state;

	trace_label(label, "death", "controller");
	assert_string_equal(label, "death-controller");
	trace_label(label, "asked", "");
	assert_string_equal(label, "asked");
	trace_label(label, "asked", "../../etc \033[31m\n");
	assert_string_equal(label, "asked-.._.._etc___31m_");
	trace_label(label, "asked", "0123456789012345678901234567890123456789012345678901234567890123456789");
	assert_true(strlen(label) < TRACE_LABEL_BYTES);
}

static void the_oldest_of_a_cause_go_and_nothing_else(void **state)
{
	(void)state;
	make("overrun-b-20260101-235959-0");
	make("overrun-a-20260102-000000-1");
	make("overrun-a-20260102-000000-10");
	make("overrun-a-20260102-000000-2");
	write_file("overrun-b-20260101-235959-0/thing", "x", 1);
	make("death-a-20250101-000000-0");
	make("asked-20240101-000000-0");
	assert_int_equal(trace_save_count(folder), 6);
	assert_int_equal(trace_save_trim(folder, "overrun", NULL, 2), 2);
	assert_false(is_there("overrun-b-20260101-235959-0"));
	assert_false(is_there("overrun-a-20260102-000000-1"));
	assert_true(is_there("overrun-a-20260102-000000-2"));
	assert_true(is_there("overrun-a-20260102-000000-10"));
	assert_true(is_there("death-a-20250101-000000-0"));
	assert_true(is_there("asked-20240101-000000-0"));
	/* A person's own is in it: it is told apart, and never removed. */
	make("overrun-notes");
	make("overrun-a-2026-000000-1");
	assert_int_equal(trace_save_count(folder), -1);
	assert_int_equal(trace_save_trim(folder, "overrun", NULL, 0), 2);
	assert_true(is_there("overrun-notes"));
	assert_true(is_there("overrun-a-2026-000000-1"));
}

/* A node that dies again and again leaves the recordings of others alone, whose names begin as its own does. */
static void the_oldest_of_one_node_go_and_no_others(void **state)
{
	(void)state;
	make("death-arm-20260101-000000-0");
	make("death-arm-20260101-000001-1");
	make("death-arm-left-20260101-000000-0");
	make("death-ar-20260101-000000-0");
	make("death-arm-20260101-000002-2");
	assert_int_equal(trace_save_trim(folder, "death", "death-arm", 2), 1);
	assert_false(is_there("death-arm-20260101-000000-0"));
	assert_true(is_there("death-arm-20260101-000001-1"));
	assert_true(is_there("death-arm-20260101-000002-2"));
	assert_true(is_there("death-arm-left-20260101-000000-0"));
	assert_true(is_there("death-ar-20260101-000000-0"));
}

/* A link in a recording leads nowhere. */
static void removing_follows_no_link(void **state)
{
	(void)state;
	make("outside");
	write_file("outside/thing", "x", 1);
	make("late-a-20260101-000000-0");
	char outside[256];
	(void)snprintf(outside, sizeof(outside), "%s", at("outside"));
	assert_int_equal(symlink(outside, at("late-a-20260101-000000-0/link")), 0);
	assert_int_equal(trace_save_trim(folder, "late", NULL, 0), 1);
	assert_false(is_there("late-a-20260101-000000-0"));
	assert_true(is_there("outside/thing"));
}

static void put(unsigned char *bytes, uint64_t number, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		bytes[i] = (unsigned char)(number >> 8 * (count - 1 - i));
}

static void write_index(const char *name, const uint64_t *discarded, const uint64_t *numbers, uint32_t count)
{
	unsigned char bytes[16 + 8 * 72] = {0};

	put(bytes, 0xc1f1dcc1, 4);
	put(bytes + 4, 1, 4);
	put(bytes + 8, 1, 4);
	put(bytes + 12, 72, 4);
	for (uint32_t i = 0; i < count; i++) {
		put(bytes + 16 + 72 * i + 40, discarded[i], 8);
		put(bytes + 16 + 72 * i + 64, numbers[i], 8);
	}
	write_file(name, bytes, 16 + 72 * count);
}

static void what_is_missing_is_read_from_the_indexes(void **state)
{
	static const uint64_t discarded[] = {0, 5, 5, 12};
	static const uint64_t whole[] = {0, 1, 2, 3};
	static const uint64_t holes[] = {2, 3, 7, 8};
	(void)state;

	make("index");
	write_index("index/events_0.idx", discarded, whole, 4);
	write_index("index/events_1.idx", discarded, holes, 2);
	struct trace_missing missing = trace_missing_of(folder);
	assert_int_equal(missing.event_count, 17);
	assert_int_equal(missing.packet_count, 2);
	write_index("index/events_1.idx", discarded, holes, 4);
	assert_int_equal(trace_missing_of(folder).packet_count, 5);
	/* What is no index, is cut off, or lies about its size. */
	write_file("index/short.idx", "\xc1\xf1\xdc\xc1", 4);
	write_file("index/other.idx",
		   "no index, but long enough for one, and for the first entry of one as well, so that it would count "
		   "whatever stands there",
		   110);
	unsigned char huge[90] = {0xc1, 0xf1, 0xdc, 0xc1, 0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff};
	write_file("index/huge.idx", huge, sizeof(huge));
	missing = trace_missing_of(folder);
	assert_int_equal(missing.event_count, 24);
	assert_int_equal(missing.packet_count, 5);
}

static void a_held_file_is_held_once_and_given_up_at_the_end(void **state)
{
	int held = -1;
	int second = -1;
	(void)state;

	assert_false(takt_os_file_is_held(at("hold")));
	assert_int_equal(takt_os_file_hold(at("hold"), &held), TAKT_OK);
	assert_int_equal(takt_os_file_hold(at("hold"), &second), TAKT_BUSY);
	assert_true(takt_os_file_is_held(at("hold")));
	assert_int_equal(close(held), 0);
	assert_false(takt_os_file_is_held(at("hold")));
}

static void trees_are_measured_and_removed(void **state)
{
	uint64_t bytes = 0;
	(void)state;

	make("tree");
	make("tree/branch");
	write_file("tree/branch/leaf", "12345", 5);
	write_file("tree/leaf", "123", 3);
	assert_int_equal(takt_os_tree_bytes(at("tree"), &bytes), TAKT_OK);
	assert_int_equal(bytes, 8);
	assert_int_equal(takt_os_tree_remove(at("tree")), TAKT_OK);
	assert_int_equal(takt_os_tree_remove(at("tree")), TAKT_ABSENT);
	assert_int_equal(takt_os_tree_bytes(at("tree"), &bytes), TAKT_ABSENT);
	assert_int_equal(bytes, 8);
}

static void sizes_are_read_and_shown(void **state)
{
	uint64_t bytes = 0;
	(void)state;

	assert_true(trace_options_read_bytes("64K", &bytes) && bytes == 65536);
	assert_true(trace_options_read_bytes("8M", &bytes) && bytes == UINT64_C(8) << 20);
	assert_true(trace_options_read_bytes("256MiB", &bytes) && bytes == UINT64_C(256) << 20);
	assert_true(trace_options_read_bytes("65536", &bytes) && bytes == 65536);
	static const char *const wrong[] = {"",	   "K",	  "63K",     "257M",	     "1G", "8MB",
					    "8 M", "-8M", "0x10000", "99999999999M", "8MM"};
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(trace_options_read_bytes(wrong[i], &bytes));
	assert_int_equal(bytes, 65536);
	assert_string_equal(trace_size_of(0).text, "0 B");
	assert_string_equal(trace_size_of(1500).text, "1.5 kB");
	assert_string_equal(trace_size_of(UINT64_C(2392312)).text, "2.4 MB");
	assert_string_equal(trace_size_of(UINT64_C(345000000)).text, "345 MB");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_name_files_and_nothing_else),
		IN_FOLDER(the_oldest_of_a_cause_go_and_nothing_else),
		IN_FOLDER(the_oldest_of_one_node_go_and_no_others),
		IN_FOLDER(removing_follows_no_link),
		IN_FOLDER(what_is_missing_is_read_from_the_indexes),
		IN_FOLDER(a_held_file_is_held_once_and_given_up_at_the_end),
		IN_FOLDER(trees_are_measured_and_removed),
		cmocka_unit_test(sizes_are_read_and_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
