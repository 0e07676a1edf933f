/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nng: a pair0 of sockets over ipc://, a UNIX stream socket.
 *
 * Settings, with their sources:
 * - pair0, one to one, without the header and the hop count of pair1 (nng_pair(7)).
 * - nng_sendmsg and nng_recvmsg: they pass the library's own message on, which nng_send(3) names as what "may be more efficient",
 *   since it spares a copy; one copy at each side remains, as with takt by copy.
 * - NNG_OPT_SENDBUF, NNG_OPT_RECVBUF 1024 messages in streams (nng_options(5)), so that the sender need not wait for each; none in
 *   round trips, where nothing can be ahead.
 * - NNG_OPT_RECVMAXSZ 0: no limit of size.
 */
#include "tests/bench/peers/peers.h"

#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <stdio.h>
#include <string.h>

#define STREAM_BUFFER 1024
#define AGAIN_MS      1

static nng_socket pair;

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

static int send_message(struct takt_os_bench_link *link, const void *message)
{
	nng_msg *copy;

	if (nng_msg_alloc(&copy, link->bytes) != 0)
		return 0;
	memcpy(nng_msg_body(copy), message, link->bytes);
	if (nng_sendmsg(pair, copy, 0) == 0)
		return 1;
	nng_msg_free(copy);
	return 0;
}

static int receive_message(struct takt_os_bench_link *link, void *message)
{
	nng_msg *found;

	if (nng_recvmsg(pair, &found, 0) != 0)
		return 0;
	int is_whole = nng_msg_len(found) == link->bytes;
	if (is_whole)
		memcpy(message, nng_msg_body(found), link->bytes);
	nng_msg_free(found);
	return is_whole;
}

/* Dialling goes on in the background: a word to and fro shows that it is done. */
static int greet(const struct takt_os_bench_link *link)
{
	char word[8] = {0};
	size_t length = sizeof(word);

	if (link->side == 1 && nng_send(pair, word, 1, 0) != 0)
		return 0;
	if (nng_recv(pair, word, &length, 0) != 0)
		return 0;
	return link->side == 1 || nng_send(pair, word, 1, 0) == 0;
}

static enum takt_status attach_with(const struct takt_os_bench_link *link, int buffer)
{
	char address[512];
	int result = nng_pair0_open(&pair);

	(void)snprintf(address, sizeof(address), "ipc://%.400s/nng", link->folder);
	if (result == 0)
		result = nng_socket_set_size(pair, NNG_OPT_RECVMAXSZ, 0);
	if (result == 0 && buffer)
		result = nng_socket_set_int(pair, NNG_OPT_SENDBUF, buffer);
	if (result == 0 && buffer)
		result = nng_socket_set_int(pair, NNG_OPT_RECVBUF, buffer);
	if (result == 0)
		result = nng_socket_set_ms(pair, NNG_OPT_RECONNMINT, AGAIN_MS);
	if (result == 0)
		result = link->side == 0 ? nng_listen(pair, address, NULL, 0)
					 : nng_dial(pair, address, NULL, NNG_FLAG_NONBLOCK);
	if (result != 0)
		return peer_refuse("no connection over %.80s: %s", address, nng_strerror(result));
	return greet(link) ? TAKT_OK : peer_refuse("the first word did not pass over %.80s", address);
}

static enum takt_status attach(struct takt_os_bench_link *link)
{
	return attach_with(link, 0);
}

static enum takt_status attach_stream(struct takt_os_bench_link *link)
{
	return attach_with(link, STREAM_BUFFER);
}

static void detach(struct takt_os_bench_link *link)
{
	(void)link;
	(void)nng_close(pair);
}

static void version(char *text)
{
	(void)snprintf(text, PEER_VERSION_BYTES, "libnng %s", nng_version());
}

static const struct takt_os_bench_channel channel = {
	.name = "nng",
	.create = create,
	.attach = attach,
	.send = send_message,
	.receive = receive_message,
	.detach = detach,
	.destroy = destroy,
};

static const struct takt_os_bench_channel stream = {
	.name = "nng, buffered",
	.create = create,
	.attach = attach_stream,
	.send = send_message,
	.receive = receive_message,
	.detach = detach,
	.destroy = destroy,
};

const struct peer peer_nng = {
	.name = "nng",
	.settings = "pair0 over ipc://, nng_sendmsg and nng_recvmsg; buffers of 1024 messages in streams",
	.channel = &channel,
	.stream = &stream,
	.flight_bytes = 1u << 22,
	.flight_min = 8,
	.flight_max = 1024,
	.version = version,
};
