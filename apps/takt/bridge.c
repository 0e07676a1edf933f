/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/bridge.h"

#include <stdlib.h>
#include <string.h>

#include "apps/takt/bridge_codec.h"
#include "apps/takt/domain_choice.h"
#include "apps/takt/messages.h"
#include "core/config.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/stream.h"

#define LOOK_NS		(10 * TAKT_NS_PER_MS)  /* between two looks for a type that nobody has described yet */
#define WAIT_SILENCE_NS (500 * TAKT_NS_PER_MS) /* so long a wait is not worth a word */

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

int bridge_is_member(const struct bridge_options *options)
{
	const char *name = getenv("TAKT_NODE");

	return options->is_from || options->node || (name && name[0] && !options->domain);
}

enum takt_status bridge_wait_for_type(struct bridge_inside *inside,
				      enum takt_status (*look)(struct bridge_inside *inside, const char *name),
				      const char *name)
{
	const uint64_t silence_end_ns = takt_os_clock_now_ns() + WAIT_SILENCE_NS;
	int has_said = 0;

	for (;;) {
		const enum takt_status status = look(inside, name);
		const uint64_t now_ns = takt_os_clock_now_ns();

		if (status != TAKT_NOT_READY)
			return status;
		if (inside->kind->should_end(inside) || takt_os_clock_sleep_until(now_ns + LOOK_NS) != TAKT_OK)
			return TAKT_STOPPED;
		if (!has_said && now_ns > silence_end_ns) {
			takt_message(TAKT_INFO, "%s '%s': waiting for its first %s", inside->noun, name,
				     inside->describer);
			has_said = 1;
		}
	}
}

/* Whether the config, or the domain, knows a queue of that name. Who cannot be asked is asked again, and then says why. */
static int is_queue(const struct bridge_options *options)
{
	const char *path = options->config ? options->config : getenv("TAKT_CONFIG");
	const struct takt_config *config = NULL;
	struct takt_domain domain;
	int is_one = 0;

	messages_silence();
	if (bridge_is_member(options)) {
		if (path && takt_config_load(&config, path) == TAKT_OK)
			is_one = takt_config_queue_find(config, options->topic) != UINT32_MAX;
		takt_config_free(config);
	} else if (domain_attach(options->domain, &domain) == EXIT_OK) {
		is_one = takt_domain_queue_find(&domain, options->topic) != UINT32_MAX;
		takt_domain_close(&domain);
	}
	messages_escape();
	return is_one;
}

int bridge_run(int argc, char **argv)
{
	static struct bridge bridge;
	static struct bridge_codec codec;
	int code = bridge_options_parse(&bridge.options, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	takt_os_report_prepare();
	bridge.inside = is_queue(&bridge.options) ? bridge_items() : bridge_topic();
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
