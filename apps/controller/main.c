/* SPDX-License-Identifier: Apache-2.0 */
/* The controller: closes the loop over what the sensor publishes. The config's `arguments` choose the law. */
#include <stdio.h>
#include <string.h>

#include "apps/controller/law.h"

static const struct {
	const char *name;
	const char *what;
	law_run run;
} laws[] = {
	{"balance", "keeps the robot upright: reads imu and wheels, publishes motor and state", law_run_balance},
	{"attitude", "estimates attitude: reads imu, publishes state", law_run_attitude},
	{"fan", "keeps a machine cool: reads machine, publishes fan", law_run_fan},
};

#define LAW_COUNT (sizeof(laws) / sizeof(laws[0]))

static void print_usage(FILE *to)
{
	(void)fprintf(
		to,
		"usage: controller LAW\n\nA node of takt, started by `takt run` or with TAKT_CONFIG and TAKT_NODE set.\n\n");
	for (size_t i = 0; i < LAW_COUNT; i++)
		(void)fprintf(to, "  %-9s %s\n", laws[i].name, laws[i].what);
}

int main(int argc, char **argv)
{
	static struct takt_node node;
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		print_usage(stdout);
		return 0;
	}
	for (size_t i = 0; argc == 2 && i < LAW_COUNT; i++) {
		if (strcmp(laws[i].name, argv[1]) != 0)
			continue;
		if (takt_node_join(&node, NULL, NULL) != TAKT_OK)
			return 1;
		enum takt_status status = laws[i].run(&node);
		takt_node_leave(&node);
		return status == TAKT_STOPPED ? 0 : 1;
	}
	(void)fprintf(stderr, "controller: expected one law, found %s%s%s\n", argc == 2 ? "'" : "",
		      argc == 2	 ? argv[1]
		      : argc < 2 ? "none"
				 : "several",
		      argc == 2 ? "'" : "");
	print_usage(stderr);
	return 2;
}
