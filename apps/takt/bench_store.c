/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bench_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/json.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/message.h"

#define FILE_NAME  "bench-transports.json"
#define FILE_BYTES (256u * 1024u)
#define TEST	   "transports"

/* "/home/me/.local/state/takt". @param make 1: makes what is missing of it @retval 0 the environment names no place */
static int find_folder(char folder[TAKT_OS_PATH_MAX], int make)
{
	static const char *const of_home[] = {"", "/.local", "/.local/state", "/.local/state/takt"};
	static const char *const of_state[] = {"", "/takt"};
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	int is_home = state == NULL || state[0] != '/';
	const char *base = is_home ? home : state;
	const char *const *parts = is_home ? of_home : of_state;
	const uint32_t count = is_home ? 4 : 2;
	enum takt_status status = TAKT_OK;

	if (base == NULL || base[0] != '/' || strlen(base) + sizeof("/.local/state/takt/" FILE_NAME) > TAKT_OS_PATH_MAX)
		return 0;
	/* Whose home is missing is not given one: only what is below it is made. */
	for (uint32_t i = is_home ? 1 : 0; i < count && status == TAKT_OK; i++) {
		(void)snprintf(folder, TAKT_OS_PATH_MAX, "%s%s", base, parts[i]);
		if (make)
			status = takt_os_file_make_folder(folder);
	}
	return status == TAKT_OK;
}

/* ------------------------------------------------------------------------------------------------------- writing */

static void add_row(struct json_value *rows, const struct bench_row *row)
{
	struct json_value *one = json_add_object(rows, NULL);
	/* "64 B, pipe" */
	const char *transport = strchr(row->name, ',');

	json_add_text(one, "transport", transport ? transport + 2 : row->name);
	json_add_unsigned(one, "bytes", row->bytes);
	if (row->metric == BENCH_RATE) {
		json_add_real(one, "per_s", row->floor);
		json_add_real(one, "takt_per_s", row->takt);
		return;
	}
	json_add_real(one, "one_way_ns", row->floor);
	json_add_real(one, "p99_ns", row->floor_ns.p99);
	json_add_real(one, "takt_ns", row->takt);
	json_add_real(one, "takt_p99_ns", row->takt_ns.p99);
}

static struct json_value *make_report(const struct bench *bench)
{
	struct json_value *report = json_make_object();
	struct json_value *rows;

	json_add_text(report, "processor", bench->machine.processor);
	json_add_text(report, "system", bench->machine.system);
	json_add_unsigned(report, "measured_wall_s", takt_os_clock_wall_ns() / TAKT_NS_PER_S);
	json_add_bool(report, "quick", bench->options.is_quick != 0);
	json_add_unsigned(report, "load", bench->options.load_count);
	json_add_unsigned(report, "priority", bench->options.priority);
	rows = json_add_array(report, "rows");
	for (uint32_t i = 0; i < bench->row_count; i++)
		if (strcmp(bench->rows[i].test, TEST) == 0)
			add_row(rows, &bench->rows[i]);
	return report;
}

void bench_store_write(const struct bench *bench)
{
	char folder[TAKT_OS_PATH_MAX - sizeof(FILE_NAME)], path[TAKT_OS_PATH_MAX], whole[TAKT_OS_PATH_MAX];
	uint32_t count = 0;
	FILE *file = NULL;

	for (uint32_t i = 0; i < bench->row_count; i++)
		count += strcmp(bench->rows[i].test, TEST) == 0;
	if (count == 0)
		return;
	if (find_folder(whole, 1)) {
		(void)snprintf(folder, sizeof(folder), "%s", whole);
		(void)snprintf(path, sizeof(path), "%s/" FILE_NAME, folder);
		file = takt_os_file_write(path);
	}
	if (file == NULL) {
		takt_message(TAKT_WARNING,
			     "bench: the figures of transports cannot be kept for `takt ipc advise`: no folder "
			     "for them below XDG_STATE_HOME or HOME can be written");
		return;
	}
	struct json_value *report = make_report(bench);
	json_print(file, report, JSON_INDENTED, JSON_DIGITS_REPORT);
	json_free(report);
	if (fclose(file) == 0)
		takt_message(TAKT_INFO, "bench: the figures of transports are kept in %s", path);
	else
		takt_message(TAKT_WARNING, "bench: %s: the figures of transports could not be written", path);
}

/* ------------------------------------------------------------------------------------------------------- reading */

/* A span or a size, as a person may have written it. */
static double take_number(const struct json_value *object, const char *key, double max)
{
	double number = json_get_real(json_get_member(object, key));

	return number >= 0.0 && number <= max ? number : 0.0;
}

/* The row of the same transport and size that was read before, for what was measured of it besides; else a new one. */
static struct bench_store_row *find_row(struct bench_store *store, const char *transport, uint32_t bytes)
{
	for (uint32_t i = 0; i < store->row_count; i++)
		if (store->rows[i].bytes == bytes && strcmp(store->rows[i].transport, transport) == 0)
			return &store->rows[i];
	struct bench_store_row *row = &store->rows[store->row_count];
	*row = (struct bench_store_row){.bytes = bytes};
	(void)snprintf(row->transport, sizeof(row->transport), "%s", transport);
	return row;
}

static void take_row(struct bench_store *store, const struct json_value *one)
{
	const double span_ns_max = 1e12, rate_max = 1e12;
	char transport[sizeof(store->rows[0].transport)];
	double one_way_ns = take_number(one, "one_way_ns", span_ns_max);
	double per_s = take_number(one, "per_s", rate_max);
	uint32_t bytes = (uint32_t)take_number(one, "bytes", UINT32_MAX);

	(void)snprintf(transport, sizeof(transport), "%s", json_get_text(json_get_member(one, "transport")));
	/* What has no figure says nothing. */
	if (transport[0] == '\0' || bytes == 0 || (one_way_ns <= 0.0 && per_s <= 0.0))
		return;
	struct bench_store_row *row = find_row(store, transport, bytes);
	if (row == &store->rows[store->row_count])
		store->row_count++;
	if (one_way_ns > 0.0) {
		row->one_way_ns = one_way_ns;
		row->p99_ns = take_number(one, "p99_ns", span_ns_max);
		row->takt_ns = take_number(one, "takt_ns", span_ns_max);
		row->takt_p99_ns = take_number(one, "takt_p99_ns", span_ns_max);
	} else {
		row->per_s = per_s;
		row->takt_per_s = take_number(one, "takt_per_s", rate_max);
	}
}

static void take_rows(struct bench_store *store, const struct json_value *rows)
{
	for (uint32_t i = 0; i < json_get_count(rows) && store->row_count < BENCH_STORE_ROWS_MAX; i++)
		take_row(store, json_get_item(rows, i));
}

enum takt_status bench_store_read(struct bench_store *store)
{
	static char text[FILE_BYTES];
	uint32_t count = 0;

	*store = (struct bench_store){.row_count = 0};
	if (!find_folder(store->path, 0)) {
		store->path[0] = '\0';
		return TAKT_ABSENT;
	}
	(void)snprintf(store->path + strlen(store->path), sizeof(store->path) - strlen(store->path), "/" FILE_NAME);
	enum takt_status status = takt_os_file_read(store->path, text, sizeof(text), &count);
	if (status != TAKT_OK)
		return status;
	struct json_value *report = json_read(text, count);
	(void)snprintf(store->processor, sizeof(store->processor), "%s",
		       json_get_text(json_get_member(report, "processor")));
	(void)snprintf(store->system, sizeof(store->system), "%s", json_get_text(json_get_member(report, "system")));
	store->wall_s = (uint64_t)take_number(report, "measured_wall_s", 1e12);
	store->load_count = (uint32_t)take_number(report, "load", 1000);
	take_rows(store, json_get_member(report, "rows"));
	json_free(report);
	if (store->row_count)
		return TAKT_OK;
	takt_message(TAKT_WARNING, "%s: it holds no figures of transports; measure anew: takt bench transports",
		     store->path);
	return TAKT_CORRUPT;
}
