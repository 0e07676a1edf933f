/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/program.h"
#include "apps/takt/trace_program.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/tree.h"

#define COUNT_BOUND_NS (10 * TAKT_NS_PER_S)
#define NAMES_MAX      1024
#define NAME_BYTES     128

void trace_label(char label[TRACE_LABEL_BYTES], const char *cause, const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	(void)snprintf(label, TRACE_LABEL_BYTES, "%s%s%.40s", cause, name[0] ? "-" : "", name);
	for (char *at = label; *at; at++)
		if (strchr(allowed, *at) == NULL)
			*at = '_';
}

/* LTTng puts "-YYYYMMDD-HHMMSS-NUMBER" behind the label. @retval length of the label; 0 it is no such name */
static size_t label_length(const char *name)
{
	static const char digits[] = "0123456789";
	const char *end = name + strlen(name);
	const uint32_t lengths[] = {8, 6};

	while (end > name && strchr(digits, end[-1]))
		end--;
	if (end == name || *end == '\0' || end[-1] != '-')
		return 0;
	end--;
	for (int i = 1; i >= 0; i--) {
		if ((size_t)(end - name) < lengths[i] + 2 || strspn(end - lengths[i], digits) < lengths[i] ||
		    end[-(long)lengths[i] - 1] != '-')
			return 0;
		end -= lengths[i] + 1;
	}
	return (size_t)(end - name);
}

/* ------------------------------------------------------------------------------------------------ what is there */

struct names {
	char all[NAMES_MAX][NAME_BYTES];
	uint32_t count;
	const char *prefix;
	int has_others;
};

static void visit(void *context, const char *name)
{
	struct names *names = context;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, TRACE_WATCH_LOG) == 0 ||
	    strcmp(name, TRACE_WATCH_HOLD) == 0)
		return;
	if (label_length(name) == 0 || strlen(name) >= NAME_BYTES || names->count == NAMES_MAX) {
		names->has_others = 1;
		return;
	}
	if (strncmp(name, names->prefix, strlen(names->prefix)) == 0)
		(void)snprintf(names->all[names->count++], NAME_BYTES, "%s", name);
}

/* Older first: by date and time, then by LTTng's number. */
static int compare(const void *a, const void *b)
{
	const char *left = (const char *)a + label_length(a);
	const char *right = (const char *)b + label_length(b);
	size_t stamp = strlen("-YYYYMMDD-HHMMSS-");
	int order = strncmp(left, right, stamp);

	if (order != 0)
		return order;
	long earlier = strtol(left + stamp, NULL, 10);
	long later = strtol(right + stamp, NULL, 10);
	return (earlier > later) - (earlier < later);
}

static struct names *list(const char *folder, const char *prefix)
{
	struct names *names = calloc(1, sizeof(*names));

	if (names == NULL)
		return NULL;
	names->prefix = prefix;
	if (takt_os_file_list(folder, visit, names) != TAKT_OK)
		names->has_others = 1;
	qsort(names->all, names->count, sizeof(names->all[0]), compare);
	return names;
}

/* Leaves those in the list whose label it is, to the last letter. */
static void leave_label(struct names *names, const char *label)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < names->count; i++) {
		if (label_length(names->all[i]) != strlen(label) || strncmp(names->all[i], label, strlen(label)) != 0)
			continue;
		if (left != i)
			memcpy(names->all[left], names->all[i], NAME_BYTES);
		left++;
	}
	names->count = left;
}

int trace_save_count(const char *folder)
{
	struct names *names = list(folder, "");
	int count = names == NULL || names->has_others ? -1 : (int)names->count;

	free(names);
	return count;
}

uint32_t trace_save_trim(const char *folder, const char *cause, const char *label, uint32_t keep)
{
	char prefix[TRACE_LABEL_BYTES];
	char path[TRACE_PATH_BYTES];
	uint32_t removed = 0;

	(void)snprintf(prefix, sizeof(prefix), "%s-", cause);
	struct names *names = list(folder, prefix);
	if (names && label)
		leave_label(names, label);
	for (uint32_t i = 0; names && i + keep < names->count; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names->all[i]);
		if (takt_os_tree_remove(path) == TAKT_OK)
			removed++;
	}
	free(names);
	return removed;
}

/* ------------------------------------------------------------------------------------------------------- saving */

/* LTTng makes the folder also where no process was recorded. @retval 1 it was so, and the folder is gone */
static int is_empty(const char *path)
{
	uint64_t bytes = 0;

	if (takt_os_tree_bytes(path, &bytes) != TAKT_OK || bytes)
		return 0;
	(void)!takt_os_tree_remove(path);
	return 1;
}

enum takt_status trace_save(const struct trace_session *session, const char *label, char path[TRACE_PATH_BYTES])
{
	char prefix[TRACE_LABEL_BYTES + 1];
	enum takt_status status = trace_session_save(session->name, session->folder, label);

	if (status != TAKT_OK)
		return status;
	(void)snprintf(prefix, sizeof(prefix), "%s-", label);
	struct names *names = list(session->folder, prefix);
	status = TAKT_SYSTEM;
	if (names && names->count) {
		(void)snprintf(path, TRACE_PATH_BYTES, "%s/%s", session->folder, names->all[names->count - 1]);
		status = is_empty(path) ? TAKT_EMPTY : TAKT_OK;
	} else {
		takt_message(TAKT_ERROR,
			     "trace session '%s': what was saved is not in %s; is the session daemon another user's?",
			     session->name, session->folder);
	}
	free(names);
	return status;
}

/* ----------------------------------------------------------------------------------------------------- counting */

enum takt_status trace_count_events(const char *path, uint64_t *count)
{
	char program[PROGRAM_PATH_BYTES];
	static struct trace_program_end end;

	if (!program_is_in_path(program, "babeltrace2"))
		return TAKT_ABSENT;
	const char *const arguments[] = {program, path, "--component=sink.utils.counter", "--params=step=+0", NULL};
	enum takt_status status = trace_program_run(arguments, takt_os_clock_now_ns() + COUNT_BOUND_NS, &end);
	if (status != TAKT_OK)
		return status;
	const char *line = strstr(end.text, " Event messages");
	if (end.code != 0 || line == NULL)
		return TAKT_CORRUPT;
	while (line > end.text && line[-1] != '\n')
		line--;
	char *behind;
	unsigned long long events = strtoull(line, &behind, 10);
	if (behind == line)
		return TAKT_CORRUPT;
	*count = events;
	return TAKT_OK;
}

/* ------------------------------------------------------------------------------------------------------ missing */

/* The index of a CTF stream as LTTng 2.4 and later writes it, big-endian: a head of magic, major, minor and the bytes of an entry; an entry
 * has offset, two sizes, two times, events discarded since the stream's beginning, stream's class and, in 1.1, stream and number. */
#define INDEX_MAGIC	      0xc1f1dcc1u
#define INDEX_HEAD_BYTES      16
#define INDEX_ENTRY_BYTES_MIN 56 /* 1.0 */
#define INDEX_ENTRY_BYTES_MAX 1024
#define INDEX_DISCARDED_AT    40
#define INDEX_NUMBER_AT	      64

static uint64_t big_endian(const unsigned char *at, uint32_t bytes)
{
	uint64_t number = 0;

	for (uint32_t i = 0; i < bytes; i++)
		number = number << 8 | at[i];
	return number;
}

static void add_entries(struct trace_missing *missing, FILE *file, size_t entry_bytes)
{
	unsigned char entry[INDEX_ENTRY_BYTES_MAX];
	uint64_t discarded = 0;
	uint64_t expected = 0;

	while (fread(entry, entry_bytes, 1, file) == 1) {
		discarded = big_endian(entry + INDEX_DISCARDED_AT, 8);
		if (entry_bytes < INDEX_NUMBER_AT + 8)
			continue;
		uint64_t number = big_endian(entry + INDEX_NUMBER_AT, 8);
		if (number > expected)
			missing->packet_count += number - expected;
		expected = number + 1;
	}
	missing->event_count += discarded;
}

static void add_index(void *context, const char *path)
{
	static const char ending[] = ".idx";
	unsigned char head[INDEX_HEAD_BYTES];
	size_t length = strlen(path);
	FILE *file;

	if (length < sizeof(ending) || strcmp(path + length - strlen(ending), ending) != 0 ||
	    (file = fopen(path, "rb")) == NULL)
		return;
	if (fread(head, sizeof(head), 1, file) == 1 && big_endian(head, 4) == INDEX_MAGIC) {
		uint64_t entry_bytes = big_endian(head + 12, 4);

		if (entry_bytes >= INDEX_ENTRY_BYTES_MIN && entry_bytes <= INDEX_ENTRY_BYTES_MAX)
			add_entries(context, file, (size_t)entry_bytes);
	}
	(void)fclose(file);
}

struct trace_missing trace_missing_of(const char *path)
{
	struct trace_missing missing = {0};

	(void)!takt_os_tree_each(path, add_index, &missing);
	return missing;
}

struct trace_size trace_size_of(uint64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	double number = (double)bytes;
	struct trace_size size;
	uint32_t unit = 0;

	while (number >= 1000.0 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		number /= 1000.0;
		unit++;
	}
	(void)snprintf(size.text, sizeof(size.text), "%.*f %s", unit && number < 100.0 ? 1 : 0, number, units[unit]);
	return size;
}
