/* SPDX-License-Identifier: Apache-2.0 */
/* Fast DDS as a peer; what it is set to, and why, stands in peer_fastdds.cpp. */
#include <stdio.h>

#include "tests/bench/peers/fastdds.h"
#include "tests/bench/peers/peers.h"

static enum takt_status create(struct takt_os_bench_link *link)
{
	(void)link;
	return TAKT_OK;
}

static void destroy(struct takt_os_bench_link *link)
{
	(void)link;
}

static enum takt_status attach(struct takt_os_bench_link *link)
{
	const char *reason = fastdds_open(link->side, link->bytes, link->slot_count);

	return reason ? peer_refuse("%s", reason) : TAKT_OK;
}

static int send_message(struct takt_os_bench_link *link, const void *message)
{
	(void)link;
	return fastdds_send(message);
}

static int receive_message(struct takt_os_bench_link *link, void *message)
{
	(void)link;
	return fastdds_receive(message);
}

static void detach(struct takt_os_bench_link *link)
{
	(void)link;
	fastdds_close();
}

/* Fast DDS 2.9 has no call that tells: the file that was loaded bears the number. */
static void version(char *text)
{
	char file[48];

	peer_library_file("_ZN8eprosima7fastdds3dds24DomainParticipantFactory12get_instanceEv", file, sizeof(file));
	(void)snprintf(text, PEER_VERSION_BYTES, "Fast DDS (%.48s)", file);
}

static const struct takt_os_bench_channel channel = {
	.name = "Fast DDS",
	.create = create,
	.attach = attach,
	.send = send_message,
	.receive = receive_message,
	.detach = detach,
	.destroy = destroy,
};

const struct peer peer_fastdds = {
	.name = "fastdds",
	.settings =
		"data-sharing delivery of a plain type, reliable, keep last, loans at both ends; shared memory transport only",
	.channel = &channel,
	.flight_bytes = 1u << 22,
	.flight_min = 8,
	.flight_max = 256,
	.may_lose = 1,
	.version = version,
};
