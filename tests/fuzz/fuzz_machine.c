/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of /proc and /sys, each up to a zero byte: /proc/stat at the start, /proc/stat later, a zone's and a chip's thermometer. In front a
 * byte: by how many times 512 bytes of "cpu" lines the first file is longer.
 */
#include "apps/sensor/machine_state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

#define FILE_BYTES (192u * 1024u)

static void make_folders(void)
{
	static const char *const folders[] = {"proc",
					      "sys",
					      "sys/class",
					      "sys/class/thermal",
					      "sys/class/thermal/thermal_zone0",
					      "sys/class/hwmon",
					      "sys/class/hwmon/hwmon0"};
	static int are_made;

	for (uint32_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !are_made; i++) {
		char path[160];

		fuzz_path(path, folders[i]);
		FUZZ_CHECK(mkdir(path, 0700) == 0);
	}
	are_made = 1;
}

static void check_reading(struct machine_state *state)
{
	const struct machine before = {.cpu_load = -7.0f, .flags = 99};
	struct machine machine = before;
	enum takt_status status = machine_state_read(state, &machine);

	if (status != TAKT_OK) {
		FUZZ_CHECK(status == TAKT_CORRUPT && memcmp(&machine, &before, sizeof(machine)) == 0);
		return;
	}
	FUZZ_CHECK(machine.cpu_load >= 0.0f && machine.cpu_load <= 1.0f);
	if (machine.flags & MACHINE_TEMPERATURE_MISSING)
		FUZZ_CHECK(machine.temperature == 0.0f);
	else
		FUZZ_CHECK(machine.temperature >= -60.0f && machine.temperature <= 200.0f);
	FUZZ_CHECK(machine.core_count <= FILE_BYTES / 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[FILE_BYTES];
	static struct machine_state state;
	struct fuzz_input input = {data, size};
	size_t longer = 512 * (size_t)fuzz_number(&input, 1);
	int descriptor;

	make_folders();
	fuzz_listen();
	fuzz_text(&input, text, sizeof(text) - longer);
	size_t length = strlen(text);
	for (size_t i = 0; i < longer; i++)
		text[length + i] = "cpu\n"[i % 4];
	fuzz_write("proc/stat", text, length + longer);
	descriptor = fuzz_free_descriptor();
	enum takt_status status = machine_state_open(&state, fuzz_folder());
	FUZZ_CHECK(status == TAKT_OK ? state.sensor_count <= 2 : status == TAKT_CORRUPT && fuzz_said.error_count >= 1);
	if (status == TAKT_OK) {
		fuzz_text(&input, text, sizeof(text));
		fuzz_write("proc/stat", text, strlen(text));
		fuzz_text(&input, text, sizeof(text));
		fuzz_write("sys/class/thermal/thermal_zone0/temp", text, strlen(text));
		fuzz_text(&input, text, sizeof(text));
		fuzz_write("sys/class/hwmon/hwmon0/temp1_input", text, strlen(text));
		check_reading(&state);
	}
	FUZZ_CHECK(fuzz_free_descriptor() == descriptor);
	return 0;
}
