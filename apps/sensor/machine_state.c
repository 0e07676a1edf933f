/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/sensor/machine_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <takt/message.h>

#include "platform/file.h"

#define FILE_BYTES	  65536u
#define TICK_COLUMNS	  8 /* user nice system idle iowait irq softirq steal */
#define TEMPERATURE_C_MIN (-60.0)
#define TEMPERATURE_C_MAX 200.0

struct search {
	struct machine_state *state;
	const char *folder;
};

static void add_sensor(struct machine_state *state, const char *folder, const char *entry, const char *file)
{
	if (state->sensor_count == MACHINE_SENSOR_COUNT_MAX)
		return;
	char *path = state->sensors[state->sensor_count];
	int length = snprintf(path, MACHINE_PATH_BYTES, "%s/%s%s%s", folder, entry, file[0] ? "/" : "", file);
	if (length > 0 && (uint32_t)length < MACHINE_PATH_BYTES)
		state->sensor_count++;
}

static void visit_zone(void *context, const char *name)
{
	const struct search *search = context;
	if (strncmp(name, "thermal_zone", 12) == 0)
		add_sensor(search->state, search->folder, name, "temp");
}

/* tempN_input */
static void visit_input(void *context, const char *name)
{
	const struct search *search = context;
	size_t length = strlen(name);
	if (strncmp(name, "temp", 4) == 0 && length > 6 && strcmp(name + length - 6, "_input") == 0)
		add_sensor(search->state, search->folder, name, "");
}

static void visit_chip(void *context, const char *name)
{
	const struct search *search = context;
	char folder[MACHINE_PATH_BYTES];
	(void)snprintf(folder, sizeof(folder), "%s/%s", search->folder, name);
	struct search inner = {.state = search->state, .folder = folder};
	/* A chip that cannot be listed has gone meanwhile. */
	(void)!takt_os_file_list(folder, visit_input, &inner);
}

static enum takt_status read_ticks(struct machine_state *state, uint64_t *busy, uint64_t *all)
{
	static char text[FILE_BYTES];
	char path[MACHINE_PATH_BYTES];
	uint32_t count;
	(void)snprintf(path, sizeof(path), "%s/proc/stat", state->root);
	enum takt_status status = takt_os_file_read(path, text, sizeof(text), &count);
	if (status ==
	    TAKT_LIMIT) { /* the interrupts' line of a large machine; what is needed stands at the beginning */
		text[sizeof(text) - 1] = '\0';
		status = TAKT_OK;
	}
	if (status != TAKT_OK)
		return status;
	if (strncmp(text, "cpu ", 4) != 0)
		return TAKT_CORRUPT;
	uint64_t ticks[TICK_COLUMNS] = {0}, sum = 0;
	char *at = text + 4;
	for (int i = 0; i < TICK_COLUMNS; i++) {
		char *end;
		ticks[i] = strtoull(at, &end, 10);
		if (end == at)
			return TAKT_CORRUPT;
		sum += ticks[i];
		at = end;
	}
	*all = sum;
	*busy = sum - ticks[3] - ticks[4];
	state->core_count = 0;
	for (const char *line = strchr(text, '\n'); line && strncmp(line + 1, "cpu", 3) == 0;
	     line = strchr(line + 1, '\n'))
		state->core_count++;
	return TAKT_OK;
}

enum takt_status machine_state_open(struct machine_state *state, const char *root)
{
	*state = (struct machine_state){.sensor_count = 0};
	(void)snprintf(state->root, sizeof(state->root), "%s", root);
	enum takt_status status = read_ticks(state, &state->busy_ticks, &state->all_ticks);
	if (status != TAKT_OK) {
		takt_message(TAKT_ERROR, "%s/proc/stat: %s; the source `machine` needs Linux's /proc", root,
			     takt_status_name(status));
		return status == TAKT_CORRUPT ? status : TAKT_ABSENT;
	}
	char folder[MACHINE_PATH_BYTES];
	struct search search = {.state = state, .folder = folder};
	/* A machine without either is one without thermometers: virtual ones have none. */
	(void)snprintf(folder, sizeof(folder), "%s/sys/class/thermal", root);
	(void)!takt_os_file_list(folder, visit_zone, &search);
	(void)snprintf(folder, sizeof(folder), "%s/sys/class/hwmon", root);
	(void)!takt_os_file_list(folder, visit_chip, &search);
	return TAKT_OK;
}

/* The hottest of all; sensors that cannot be read now, or read nonsense, do not count. */
static int read_temperature(const struct machine_state *state, float *temperature_c)
{
	int found = 0;
	for (uint32_t i = 0; i < state->sensor_count; i++) {
		char text[32], *end;
		uint32_t count;
		if (takt_os_file_read(state->sensors[i], text, sizeof(text), &count) != TAKT_OK)
			continue;
		double value_c = strtod(text, &end) / 1000.0;
		if (end == text ||
		    !(value_c >= TEMPERATURE_C_MIN && value_c <= TEMPERATURE_C_MAX)) /* a nan is neither */
			continue;
		if (!found || (float)value_c > *temperature_c)
			*temperature_c = (float)value_c;
		found = 1;
	}
	return found;
}

enum takt_status machine_state_read(struct machine_state *state, struct machine *machine)
{
	struct machine found = {.temperature = 0.0f};
	uint64_t busy, all;
	enum takt_status status = read_ticks(state, &busy, &all);
	if (status != TAKT_OK)
		return status;
	uint64_t passed = all - state->all_ticks;
	if (passed && busy >= state->busy_ticks && busy - state->busy_ticks <= passed)
		found.cpu_load = (float)((double)(busy - state->busy_ticks) / (double)passed);
	state->busy_ticks = busy;
	state->all_ticks = all;
	found.core_count = state->core_count;
	if (!read_temperature(state, &found.temperature))
		found.flags |= MACHINE_TEMPERATURE_MISSING;
	*machine = found;
	return TAKT_OK;
}
