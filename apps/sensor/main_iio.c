/* SPDX-License-Identifier: Apache-2.0 */
/* The source `iio` in a program of its own, which `sensor iio ...` becomes: libiio and what it needs are 40 MB of memory, which every
 * other sensor would lock too. */
#include <stdio.h>

#include "apps/sensor/source.h"

int main(int argc, char **argv)
{
	static struct takt_node node;
	if (argc < 2) {
		(void)fprintf(stderr, "sensor_iio: started by `sensor iio DEVICE ...`; see `sensor --help`\n");
		return 2;
	}
	if (takt_node_join(&node, NULL, NULL) != TAKT_OK)
		return 1;
	enum takt_status status = source_run_iio(&node, argc - 2, argv + 2);
	takt_node_leave(&node);
	return status == TAKT_STOPPED ? 0 : 1;
}
