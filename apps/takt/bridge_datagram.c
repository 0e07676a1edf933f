/* SPDX-License-Identifier: Apache-2.0 */
/* Carriers of datagrams: UNIX sockets and UDP. */
#include "apps/takt/bridge.h"
#include "platform/message.h"

#define MESSAGE_FORMATS (1u << BRIDGE_JSON | 1u << BRIDGE_BINARY | 1u << BRIDGE_RAW)

static enum takt_status keep(struct bridge_peer *peer, enum takt_status status)
{
	if (status == TAKT_OK && peer->options->is_from)
		peer->descriptor = peer->os.datagram.descriptor;
	return status;
}

static enum takt_status open_unix(struct bridge_peer *peer)
{
	struct takt_os_datagram *datagram = &peer->os.datagram;
	const char *path = peer->options->place;

	return keep(peer, peer->options->is_from ? takt_os_datagram_bind_path(datagram, path)
						 : takt_os_datagram_open_path(datagram, path));
}

static enum takt_status open_udp(struct bridge_peer *peer)
{
	struct takt_os_datagram *datagram = &peer->os.datagram;
	const char *address = peer->options->place;

	/* Text is shorter than it may be; only bytes are always as many. */
	if (peer->format != BRIDGE_JSON && peer->record_bytes_max > TAKT_OS_UDP_BYTES_MAX) {
		takt_message(TAKT_ERROR,
			     "udp %s: a record has %u bytes, and a datagram holds %u at most; bridge it otherwise",
			     address, peer->record_bytes_max, TAKT_OS_UDP_BYTES_MAX);
		return TAKT_LIMIT;
	}
	return keep(peer, peer->options->is_from ? takt_os_datagram_bind_udp(datagram, address)
						 : takt_os_datagram_open_udp(datagram, address));
}

static enum takt_status send_datagram(struct bridge_peer *peer, const void *record, uint32_t bytes)
{
	return takt_os_datagram_send(&peer->os.datagram, record, bytes);
}

static enum takt_status receive_datagram(struct bridge_peer *peer, void *record, uint32_t room, uint32_t *bytes)
{
	enum takt_status status;

	status = takt_os_datagram_receive(&peer->os.datagram, record, room - 1, bytes, &peer->dropped);
	if (status == TAKT_OK)
		((char *)record)[*bytes] = '\0';
	return status;
}

static void close_datagram(struct bridge_peer *peer)
{
	takt_os_datagram_close(&peer->os.datagram);
	peer->descriptor = -1;
}

const struct bridge_carrier bridge_unix = {.scheme = "unix",
					   .argument = "PATH",
					   .about = "a UNIX datagram socket",
					   .formats = MESSAGE_FORMATS,
					   .format = BRIDGE_BINARY,
					   .is_out = 1,
					   .is_in = 1,
					   .is_datagram = 1,
					   .open = open_unix,
					   .send = send_datagram,
					   .receive = receive_datagram,
					   .close = close_datagram};

const struct bridge_carrier bridge_udp = {.scheme = "udp",
					  .argument = "HOST:PORT",
					  .about = "UDP datagrams",
					  .formats = MESSAGE_FORMATS,
					  .format = BRIDGE_BINARY,
					  .is_out = 1,
					  .is_in = 1,
					  .is_datagram = 1,
					  .open = open_udp,
					  .send = send_datagram,
					  .receive = receive_datagram,
					  .close = close_datagram};
