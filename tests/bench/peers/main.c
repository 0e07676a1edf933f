/* SPDX-License-Identifier: Apache-2.0 */
/* takt_bench_peers: takt beside other libraries in one run. toolchain/bench-peers.sh installs, builds and runs it. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bench_report.h"
#include "apps/takt/messages.h"
#include "apps/takt/options.h"
#include "apps/takt/options_walk.h"
#include "core/limits.h"
#include "platform/message.h"
#include "platform/thread.h"
#include "tests/bench/peers/plan.h"

#define PATH	      "takt_bench_peers"
#define SECONDS	      1.5
#define SECONDS_QUICK 0.25
#define SECONDS_MAX   600.0
#define BYTES_MIN     16 /* a message carries its number at both ends */

static const struct peer *const peers[] = {
	&peer_takt, &peer_takt_poll,  &peer_posix_queue,    &peer_zmq,	   &peer_nng,
	&peer_lcm,  &peer_cyclonedds, &peer_cyclonedds_iox, &peer_fastdds,
};

#define PEER_COUNT (sizeof(peers) / sizeof(peers[0]))

enum { OPTION_QUICK = 1000, OPTION_FORMAT, OPTION_SIZES, OPTION_SECONDS };

static const struct option_text own[] = {
	{"quick", NULL, "shorter; figures are rougher", 0, OPTION_QUICK},
	{"format", "table|json|csv", "how to print (default: table)", 0, OPTION_FORMAT},
	{"sizes", "N,...", "bytes of a message (default: 64,4096,65536,1048576)", 0, OPTION_SIZES},
	{"seconds", "S", "for one row, peer and floor together (default: 1.5; three times that for periodic)", 0,
	 OPTION_SECONDS},
};

static const struct command peers_command = {
	.name = PATH,
	.path = PATH,
	.usage = "[PEER...] [options]",
	.summary =
		"Measures takt and other libraries that pass messages between processes, each in turns with the bare mechanism of this machine.",
	.details =
		"  latency    half a round trip to a reader that sleeps          floor: bare semaphores\n"
		"  stream     messages per second, none lost                     floor: a bare ring, its reader polls\n"
		"  periodic   1 kHz: from when a message was due until a reader  floor: bare semaphores\n"
		"             that slept has it\n"
		"\n"
		"Peers, all without any named: takt takt-poll posix-mq zmq nng lcm cyclonedds cyclonedds-iox fastdds\n"
		"Exit code 1: a row could not be measured.",
	.arguments_max = UINT32_MAX,
	.own = own,
	.own_count = sizeof(own) / sizeof(own[0]),
};

static int take_sizes(struct bench_options *options, const char *value)
{
	options->size_count =
		options_read_numbers(value, BYTES_MIN, TAKT_PAYLOAD_BYTES_MAX, options->sizes, BENCH_SIZES_MAX);
	for (uint32_t i = 0; i < options->size_count; i++)
		if (options->sizes[i] % 8 != 0)
			options->size_count = 0;
	if (options->size_count)
		return OPTIONS_GO_ON;
	return usage_error(PATH, "--sizes %.40s: expected up to %d multiples of 8 from %d on, for instance 64,4096",
			   value, BENCH_SIZES_MAX, BYTES_MIN);
}

static int take(void *context, int option, const char *value)
{
	struct bench_options *options = context;

	switch (option) {
	case OPTION_QUICK:
		options->is_quick = 1;
		return OPTIONS_GO_ON;
	case OPTION_FORMAT:
		if (output_format_find(value, &options->format))
			return OPTIONS_GO_ON;
		return usage_error(PATH, "--format %.40s: expected table, json or csv", value);
	case OPTION_SIZES:
		return take_sizes(options, value);
	default:
		if (options_read_seconds(value, SECONDS_MAX, &options->seconds))
			return OPTIONS_GO_ON;
		return usage_error(PATH, "--seconds %.40s: expected a number above 0, up to %.0f", value, SECONDS_MAX);
	}
}

static int take_peer(struct plan *plan, const char *name)
{
	for (uint32_t i = 0; i < plan->peer_count; i++)
		if (strcmp(plan->peers[i].peer->name, name) == 0) {
			plan->peers[i].is_wanted = 1;
			return OPTIONS_GO_ON;
		}
	return usage_error(PATH, "'%.40s' is no peer that this program knows", name);
}

static int parse(struct plan *plan, int argc, char **argv)
{
	struct bench_options *options = &plan->bench.options;
	const struct options_walk walk = {.command = &peers_command, .take = take, .context = options};
	int result = options_walk(&walk, argc, argv);

	for (int i = optind; i < argc && result == OPTIONS_GO_ON; i++)
		result = take_peer(plan, argv[i]);
	for (uint32_t i = 0; i < plan->peer_count && optind == argc; i++)
		plan->peers[i].is_wanted = 1;
	if (options->seconds <= 0.0)
		options->seconds = options->is_quick ? SECONDS_QUICK : SECONDS;
	return result;
}

static enum takt_status set_up(struct bench *bench)
{
	takt_os_process_prepare(0);
	takt_os_bench_machine_look(&bench->machine);
	memcpy(bench->options.cpus, bench->machine.cpus, sizeof(bench->options.cpus));
	bench_report_disturbances(bench);
	if (!peer_reason_map())
		return TAKT_NO_SPACE;
	return takt_os_bench_folder_make(bench->folder);
}

int main(int argc, char **argv)
{
	static struct plan plan;

	messages_escape();
	for (uint32_t i = 0; i < PEER_COUNT; i++)
		plan.peers[plan.peer_count++].peer = peers[i];
	int result = parse(&plan, argc, argv);
	if (result != OPTIONS_GO_ON)
		return result;
	enum takt_status status = set_up(&plan.bench);
	if (status == TAKT_OK)
		plan_run(&plan);
	takt_os_bench_folder_remove(plan.bench.folder);
	if (status != TAKT_OK || (takt_os_stop_requested() && plan.bench.row_count == 0))
		return EXIT_FAILED;
	result = plan_report(&plan);
	return plan.bench.failed_count ? EXIT_FAILED : result;
}
