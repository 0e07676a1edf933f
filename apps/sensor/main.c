/* SPDX-License-Identifier: Apache-2.0 */
/* The sensor: publishes what one of its sources measures. The config's `arguments` choose the source. */
#include <stdio.h>
#include <string.h>

#include "apps/sensor/source.h"

static const struct {
	const char *name;
	const char *arguments;
	const char *what;
	source_run run;
} sources[] = {
	{"robot", "[SEED]", "a simulated balancing robot: publishes imu and wheels, obeys motor", source_run_robot},
	{"csv", "PATH [repeat]", "a recording of an inertial sensor, in real time: publishes imu", source_run_csv},
	{"machine", "", "this machine's processor load and temperature: publishes machine", source_run_machine},
};

#define SOURCE_COUNT (sizeof(sources) / sizeof(sources[0]))

static void print_usage(FILE *to)
{
	fprintf(to,
		"usage: sensor SOURCE [ARGUMENT...]\n\nA node of takt, started by `takt run` or with TAKT_CONFIG and TAKT_NODE set.\n\n");
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		fprintf(to, "  %s %-14s %s\n", sources[i].name, sources[i].arguments, sources[i].what);
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
		if (takt_node_join(&node, NULL, NULL) != TAKT_OK)
			return 1;
		enum takt_status status = sources[i].run(&node, argc - 2, argv + 2);
		takt_node_leave(&node);
		return status == TAKT_STOPPED ? 0 : 1;
	}
	fprintf(stderr, "sensor: %s%s%s\n", argc > 1 ? "no source is called '" : "no source is given",
		argc > 1 ? argv[1] : "", argc > 1 ? "'" : "");
	print_usage(stderr);
	return 2;
}
