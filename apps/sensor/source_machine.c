/* SPDX-License-Identifier: Apache-2.0 */
/* This machine as a source: real input on any Linux box. */
#include "apps/robot/types.h"
#include "apps/sensor/machine_state.h"
#include "apps/sensor/source.h"

enum takt_status source_run_machine(struct takt_node *node, int argument_count, char **arguments)
{
	static struct machine_state state;
	static struct takt_publisher publisher;
	static struct takt_loop loop;
	(void)arguments;
	if (argument_count != 0) {
		takt_message(TAKT_ERROR, "sensor machine: takes no arguments, found '%s'", arguments[0]);
		return TAKT_INVALID;
	}
	enum takt_status status = machine_state_open(&state, "");
	if (status == TAKT_OK && state.sensor_count == 0)
		takt_message(
			TAKT_WARNING,
			"this machine shows no thermometer in /sys/class/thermal or /sys/class/hwmon; the temperature is "
			"flagged as missing");
	if (status == TAKT_OK)
		status = takt_publisher_attach(&publisher, node, "machine", &takt_type_machine);
	if (status == TAKT_OK)
		status = takt_loop_begin(&loop, node, &(struct takt_loop_options){0});
	while (status == TAKT_OK) {
		struct machine machine;
		status = takt_loop_next(&loop);
		if (status == TAKT_OK)
			status = machine_state_read(&state, &machine);
		if (status == TAKT_OK)
			status = takt_publish(&publisher, &machine, NULL);
		else if (status != TAKT_STOPPED)
			takt_message(TAKT_ERROR, "/proc/stat: %s", takt_status_name(status));
	}
	takt_loop_end(&loop);
	takt_publisher_detach(&publisher);
	return status;
}
