/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LCM: UDP multicast that does not leave this machine.
 *
 * Settings, with their sources:
 * - udpm:// with ttl=0: "will prevent any LCM packets from being transmitted on the wire" (LCM manual, UDP Multicast Setup). LCM's other
 *   transport within a machine, memq://, stays in one process.
 * - recv_buf_size=4194304, up to what net.core.rmem_max permits: the same page names the kernel's receive buffer as what bounds LCM.
 * - A port for each direction, with an instance to publish and one to subscribe, so that no process receives what it sent itself.
 * - lcm_subscription_set_queue_capacity 0: no limit of the library's own (lcm.h).
 * LCM is lossy by design; the harness's credit keeps less under way than the kernel's default buffer of 208 KiB holds. A message of more
 * than 64 KiB goes in fragments and only its whole counts; of 1 MiB one is under way at a time.
 */
#include "tests/bench/peers/peers.h"

#include <lcm/lcm.h>
#include <stdio.h>
#include <string.h>

#define PORT 17667 /* and the next; not 7667, where an LCM of this machine may be talking */

static lcm_t *out, *in;
static void *wanted; /* where the message that is waited for goes */
static uint32_t wanted_bytes, has_arrived;

static enum takt_status create(struct takt_os_bench_link *link)
{
	(void)link;
	return TAKT_OK;
}

static void destroy(struct takt_os_bench_link *link)
{
	(void)link;
}

static void take(const lcm_recv_buf_t *received, const char *name, void *context)
{
	(void)name;
	(void)context;
	has_arrived = received->data_size == wanted_bytes;
	if (has_arrived)
		memcpy(wanted, received->data, wanted_bytes);
}

static lcm_t *open_direction(uint32_t direction)
{
	char address[128];

	(void)snprintf(address, sizeof(address), "udpm://239.255.76.67:%u?ttl=0&recv_buf_size=4194304",
		       PORT + direction);
	return lcm_create(address);
}

static enum takt_status attach(struct takt_os_bench_link *link)
{
	out = open_direction(link->side);
	in = open_direction(1 - link->side);
	lcm_subscription_t *subscription = in && out ? lcm_subscribe(in, "peer", take, NULL) : NULL;
	if (subscription == NULL)
		return peer_refuse("no UDP multicast: it needs a route for 239.255.76.67");
	(void)lcm_subscription_set_queue_capacity(subscription, 0);
	return TAKT_OK;
}

static int send_message(struct takt_os_bench_link *link, const void *message)
{
	return lcm_publish(out, "peer", message, link->bytes) == 0;
}

static int receive_message(struct takt_os_bench_link *link, void *message)
{
	wanted = message;
	wanted_bytes = link->bytes;
	has_arrived = 0;
	return lcm_handle(in) == 0 && has_arrived;
}

static void detach(struct takt_os_bench_link *link)
{
	(void)link;
	lcm_destroy(in);
	lcm_destroy(out);
}

/* LCM has no call that tells: the header's number, and the file that was loaded. */
static void version(char *text)
{
	char file[48];

	peer_library_file("lcm_create", file, sizeof(file));
	(void)snprintf(text, PEER_VERSION_BYTES, "LCM %d.%d.%d (%.32s)", LCM_MAJOR_VERSION, LCM_MINOR_VERSION,
		       LCM_MICRO_VERSION, file);
}

static const struct takt_os_bench_channel channel = {
	.name = "LCM",
	.create = create,
	.attach = attach,
	.send = send_message,
	.receive = receive_message,
	.detach = detach,
	.destroy = destroy,
};

const struct peer peer_lcm = {
	.name = "lcm",
	.settings =
		"udpm multicast, ttl=0, a port for each direction, receive buffer of up to 4 MiB; lossy, so bounded by credit",
	.channel = &channel,
	.flight_bytes = 1u << 17,
	.flight_min = 2,
	.flight_max = 256,
	.may_lose = 1,
	.version = version,
};
