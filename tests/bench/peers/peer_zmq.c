/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ZeroMQ: a PAIR of sockets over ipc://, a UNIX stream socket.
 *
 * Settings, with their sources:
 * - PAIR: "exclusive pair", no routing and no envelope (zmq_socket(3)).
 * - ipc:// is the transport between processes of one machine (zmq_ipc(7)).
 * - ZMQ_SNDHWM, ZMQ_RCVHWM 0: no limit of the library's own (zmq_setsockopt(3)), as libzmq's perf/remote_thr and local_thr have it;
 *   the harness's credit bounds what is under way.
 * - One I/O thread, the default: "one I/O thread per gigabyte of data per second" (zguide, chapter 2).
 * - zmq_send and zmq_recv with the caller's buffers: one copy at each side, as takt by copy. libzmq gathers small messages into
 *   batches by itself.
 */
#include "tests/bench/peers/peers.h"

#include <stdio.h>
#include <zmq.h>

static void *context, *pair;

static enum takt_status create(struct takt_os_bench_link *link)
{
	(void)link;
	return TAKT_OK;
}

static void destroy(struct takt_os_bench_link *link)
{
	/* The harness empties the folder with the socket's file. */
	(void)link;
}

/* Connecting goes on in the background: a word to and fro shows that it is done. */
static int greet(const struct takt_os_bench_link *link)
{
	char word[1] = {0};

	if (link->side == 1 && zmq_send(pair, word, 1, 0) != 1)
		return 0;
	if (zmq_recv(pair, word, 1, 0) != 1)
		return 0;
	return link->side == 1 || zmq_send(pair, word, 1, 0) == 1;
}

static enum takt_status attach(struct takt_os_bench_link *link)
{
	char address[512];
	int no_limit = 0, again_ms = 1;

	(void)snprintf(address, sizeof(address), "ipc://%.400s/zmq", link->folder);
	context = zmq_ctx_new();
	pair = context ? zmq_socket(context, ZMQ_PAIR) : NULL;
	if (pair == NULL)
		return peer_refuse("no socket: %s", zmq_strerror(zmq_errno()));
	if (zmq_setsockopt(pair, ZMQ_SNDHWM, &no_limit, sizeof(no_limit)) != 0 ||
	    zmq_setsockopt(pair, ZMQ_RCVHWM, &no_limit, sizeof(no_limit)) != 0 ||
	    zmq_setsockopt(pair, ZMQ_RECONNECT_IVL, &again_ms, sizeof(again_ms)) != 0)
		return peer_refuse("an option is refused: %s", zmq_strerror(zmq_errno()));
	int result = link->side == 0 ? zmq_bind(pair, address) : zmq_connect(pair, address);
	if (result != 0 || !greet(link))
		return peer_refuse("no connection over %.80s: %s", address, zmq_strerror(zmq_errno()));
	return TAKT_OK;
}

static int send_message(struct takt_os_bench_link *link, const void *message)
{
	return zmq_send(pair, message, link->bytes, 0) == (int)link->bytes;
}

static int receive_message(struct takt_os_bench_link *link, void *message)
{
	return zmq_recv(pair, message, link->bytes, 0) == (int)link->bytes;
}

static void detach(struct takt_os_bench_link *link)
{
	(void)link;
	(void)zmq_close(pair);
	(void)zmq_ctx_term(context);
}

static void version(char *text)
{
	int major, minor, patch;

	zmq_version(&major, &minor, &patch);
	(void)snprintf(text, PEER_VERSION_BYTES, "libzmq %d.%d.%d", major, minor, patch);
}

static const struct takt_os_bench_channel channel = {
	.name = "ZeroMQ",
	.create = create,
	.attach = attach,
	.send = send_message,
	.receive = receive_message,
	.detach = detach,
	.destroy = destroy,
};

const struct peer peer_zmq = {
	.name = "zmq",
	.settings = "PAIR over ipc://, one I/O thread each, no high-water marks, zmq_send and zmq_recv",
	.channel = &channel,
	.flight_bytes = 1u << 22,
	.flight_min = 8,
	.flight_max = 1024,
	.version = version,
};
