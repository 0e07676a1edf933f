/* SPDX-License-Identifier: Apache-2.0 */
/* The sensor: publishes what one of its sources measures. The config's `arguments` choose the source. */
#include <stdio.h>
#include <string.h>

#include "apps/sensor/source.h"
#include "platform/folder.h"
#include "platform/foreign.h"
#include "platform/process.h"

#define IIO_PROGRAM    "sensor_iio"
#define IIO_PATH_BYTES (TAKT_OS_PATH_MAX + sizeof(IIO_PROGRAM) + 1)

static const struct {
	const char *name;
	const char *arguments;
	const char *what;
	source_run run;
} sources[] = {
	{"robot", "[SEED]", "a simulated balancing robot: publishes imu and wheels, obeys motor", source_run_robot},
	{"csv", "PATH [repeat]", "a recording of an inertial sensor, in real time: publishes imu", source_run_csv},
	{"machine", "", "this machine's processor load and temperature: publishes machine", source_run_machine},
	/* NULL: a program of its own. */
	{"iio", "DEVICE [...]", "a sensor of this board's industrial I/O (accelerometer, gyroscope): publishes imu",
	 NULL},
};

#define SOURCE_COUNT (sizeof(sources) / sizeof(sources[0]))

static void print_usage(FILE *to)
{
	(void)fprintf(
		to,
		"usage: sensor SOURCE [ARGUMENT...]\n\nA node of takt, started by `takt run` or with TAKT_CONFIG and TAKT_NODE set.\n\n");
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		(void)fprintf(to, "  %-7s %-14s %s\n", sources[i].name, sources[i].arguments, sources[i].what);
	(void)fprintf(
		to,
		"\niio: DEVICE is a name, an id or a number of /sys/bus/iio/devices; then perhaps rate_hz=N, trigger=NAME, "
		"channels=accel,anglvel,magn, buffer=SAMPLES\n");
}

/* libiio is not linked to the sensor: it and what it needs are 40 MB, which every source would lock in memory. */
static int become_iio(char **argv)
{
	char folder[TAKT_OS_PATH_MAX], path[IIO_PATH_BYTES];
	enum takt_status status = takt_os_program_folder(folder, sizeof(folder));
	if (status == TAKT_OK) {
		(void)snprintf(path, sizeof(path), "%s/" IIO_PROGRAM, folder);
		status = takt_os_program_become(path, argv);
	}
	if (status == TAKT_ABSENT)
		(void)fprintf(stderr,
			      "sensor: the source 'iio' is the program %s, and it is not there; expected it beside "
			      "sensor: takt builds it where libiio is (Debian: libiio-dev)\n",
			      path);
	else
		(void)fprintf(stderr, "sensor: the source 'iio' (program " IIO_PROGRAM ") cannot be started: %s\n",
			      takt_status_name(status));
	return 1;
}

int main(int argc, char **argv)
{
	static struct takt_node node;
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		print_usage(stdout);
		return 0;
	}
	for (size_t i = 0; argc > 1 && i < SOURCE_COUNT; i++) {
		if (strcmp(sources[i].name, argv[1]) != 0)
			continue;
		if (sources[i].run == NULL)
			return become_iio(argv);
		if (takt_node_join(&node, NULL, NULL) != TAKT_OK)
			return 1;
		enum takt_status status = sources[i].run(&node, argc - 2, argv + 2);
		takt_node_leave(&node);
		return status == TAKT_STOPPED ? 0 : 1;
	}
	(void)fprintf(stderr, "sensor: %s%s%s\n", argc > 1 ? "no source is called '" : "no source is given",
		      argc > 1 ? argv[1] : "", argc > 1 ? "'" : "");
	print_usage(stderr);
	return 2;
}
