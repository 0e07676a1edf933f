/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bridge.h"

#include <string.h>

#include "apps/takt/bridge_codec.h"
#include "platform/stream.h"

static const struct bridge_carrier *const carriers[] = {
	&bridge_stdout,	  &bridge_stdin,     &bridge_fifo, &bridge_sysv_queue, &bridge_posix_queue,
	&bridge_sysv_shm, &bridge_posix_shm, &bridge_unix, &bridge_udp,
};

const struct bridge_carrier *bridge_carrier_at(uint32_t index)
{
	return index < sizeof(carriers) / sizeof(carriers[0]) ? carriers[index] : NULL;
}

const struct bridge_carrier *bridge_carrier_find(const char *target, const char **place)
{
	const size_t length = strcspn(target, ":");
	const struct bridge_carrier *carrier;

	for (uint32_t i = 0; (carrier = bridge_carrier_at(i)) != NULL; i++) {
		const int has_place = target[length] == ':' && target[length + 1] != '\0';

		if (strlen(carrier->scheme) != length || strncmp(carrier->scheme, target, length) != 0)
			continue;
		*place = has_place ? target + length + 1 : "";
		return has_place == (carrier->argument != NULL) ? carrier : NULL;
	}
	return NULL;
}

/* Codec and outside, of which the type decides the size. */
static enum takt_status open_outside(struct bridge *bridge, struct bridge_codec *codec)
{
	enum takt_status status = bridge_codec_open(codec, bridge->inside, bridge->options.format);

	if (status != TAKT_OK)
		return status;
	bridge->codec = codec;
	bridge->peer = (struct bridge_peer){.options = &bridge->options,
					    .format = bridge->options.format,
					    .record_bytes_max = codec->record_bytes_max,
					    .descriptor = -1};
	status = bridge->options.carrier->open(&bridge->peer);
	bridge->peer.is_open = status == TAKT_OK;
	return status;
}

int bridge_run(int argc, char **argv)
{
	static struct bridge bridge;
	static struct bridge_codec codec;
	int code = bridge_options_parse(&bridge.options, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	takt_os_report_prepare();
	bridge.inside = bridge_topic();
	enum takt_status status = bridge.inside->kind->open(bridge.inside, &bridge.options);
	/* Who is told to end while he waits for a topic ends well. */
	code = status == TAKT_STOPPED ? EXIT_OK : EXIT_FAILED;
	if (status == TAKT_OK && open_outside(&bridge, &codec) == TAKT_OK &&
	    bridge.inside->kind->set_ready(bridge.inside) == TAKT_OK) {
		code = bridge.options.is_from ? bridge_in(&bridge) : bridge_out(&bridge);
		bridge_say_counts(&bridge);
	}
	if (bridge.peer.is_open)
		bridge.options.carrier->close(&bridge.peer);
	if (bridge.codec)
		bridge_codec_close(bridge.codec);
	bridge.inside->kind->close(bridge.inside);
	return code;
}
