/* SPDX-License-Identifier: Apache-2.0 */
/* Channels of `takt bench` on descriptors: pipes and sockets. Each with the settings that its manual page recommends for speed. */
#include "platform/linux/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/bench.h"
#include "platform/message.h"

#define PIPE_BYTES     (1 << 20) /* what an unprivileged process may ask for; Linux: /proc/sys/fs/pipe-max-size */
#define DATAGRAM_BYTES 65536u	 /* fits into the default send buffer of 208 KiB */
#define SOCKET_BYTES   (1 << 20)
#define UDP_BYTES      65507u /* the longest datagram */

static enum takt_status refuse(const struct takt_os_bench_link *link, const char *doing)
{
	int error = errno;

	if (error == EAFNOSUPPORT || error == ENOSYS || error == EPROTONOSUPPORT)
		return TAKT_UNSUPPORTED;
	takt_message(TAKT_ERROR, "bench: %s: cannot %s: %s", link->channel->name, doing, strerror(error));
	return takt_port_status(error);
}

/* ids: read end and write end of the direction 0 to 1, then of 1 to 0. A socket is one number in two places. */
static enum takt_status attach(struct takt_os_bench_link *link)
{
	link->out_id = link->ids[link->side == 0 ? 1 : 3];
	link->in_id = link->ids[link->side == 0 ? 2 : 0];
	return TAKT_OK;
}

static void forget(struct takt_os_bench_link *link)
{
	for (uint32_t i = 0; i < 4; i++)
		link->ids[i] = -1;
}

static void destroy(struct takt_os_bench_link *link)
{
	for (uint32_t i = 0; i < 4; i++) {
		int id = link->ids[i];

		for (uint32_t k = i + 1; k < 4; k++)
			if (link->ids[k] == id)
				link->ids[k] = -1;
		takt_port_close(&id);
		link->ids[i] = -1;
	}
}

static int send_bytes(struct takt_os_bench_link *link, const void *message)
{
	const unsigned char *at = message;

	for (size_t left = link->bytes; left;) {
		ssize_t done = write(link->out_id, at, left);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return 0;
		at += done;
		left -= (size_t)done;
	}
	return 1;
}

static int receive_bytes(struct takt_os_bench_link *link, void *message)
{
	unsigned char *at = message;

	for (size_t left = link->bytes; left;) {
		ssize_t done = read(link->in_id, at, left);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return 0;
		at += done;
		left -= (size_t)done;
	}
	return 1;
}

/* ------------------------------------------------------------------------------------------------------- pipes */

static void widen(const struct takt_os_bench_link *link)
{
	/* Only where messages need it; a refusal costs speed and nothing else. */
	for (uint32_t i = 1; i < 4 && link->bytes > 4096; i += 2)
		(void)fcntl(link->ids[i], F_SETPIPE_SZ, PIPE_BYTES);
}

static enum takt_status create_pipe(struct takt_os_bench_link *link)
{
	forget(link);
	if (pipe2(&link->ids[0], O_CLOEXEC) != 0 || pipe2(&link->ids[2], O_CLOEXEC) != 0)
		return refuse(link, "make it");
	widen(link);
	return TAKT_OK;
}

const struct takt_os_bench_channel takt_os_bench_pipe = {
	.name = "anonymous pipe",
	.create = create_pipe,
	.attach = attach,
	.send = send_bytes,
	.receive = receive_bytes,
	.destroy = destroy,
};

static enum takt_status create_fifo(struct takt_os_bench_link *link)
{
	char path[TAKT_OS_PATH_MAX + 16];

	forget(link);
	for (uint32_t i = 0; i < 4; i += 2) {
		(void)snprintf(path, sizeof(path), "%s/fifo.%u", link->folder, i);
		if (mkfifo(path, 0600) != 0)
			return refuse(link, "make it");
		link->ids[i] = open(path, O_RDWR | O_CLOEXEC);
		link->ids[i + 1] = link->ids[i] < 0 ? -1 : open(path, O_WRONLY | O_CLOEXEC);
		(void)unlink(path);
		if (link->ids[i + 1] < 0)
			return refuse(link, "open it");
	}
	widen(link);
	return TAKT_OK;
}

const struct takt_os_bench_channel takt_os_bench_fifo = {
	.name = "FIFO",
	.create = create_fifo,
	.attach = attach,
	.send = send_bytes,
	.receive = receive_bytes,
	.destroy = destroy,
};

/* ----------------------------------------------------------------------------------------------------- sockets */

static void take_sockets(struct takt_os_bench_link *link, const int ends[2])
{
	link->ids[1] = link->ids[2] = ends[0];
	link->ids[0] = link->ids[3] = ends[1];
	for (uint32_t i = 0; i < 2 && link->bytes > 4096; i++) {
		(void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &(int){SOCKET_BYTES}, sizeof(int));
		(void)setsockopt(ends[i], SOL_SOCKET, SO_RCVBUF, &(int){SOCKET_BYTES}, sizeof(int));
	}
}

static enum takt_status create_pair(struct takt_os_bench_link *link, int type)
{
	int ends[2];

	forget(link);
	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0)
		return refuse(link, "make it");
	take_sockets(link, ends);
	link->piece_bytes = DATAGRAM_BYTES;
	return TAKT_OK;
}

static enum takt_status create_unix_stream(struct takt_os_bench_link *link)
{
	return create_pair(link, SOCK_STREAM);
}

static enum takt_status create_unix_datagram(struct takt_os_bench_link *link)
{
	return create_pair(link, SOCK_DGRAM);
}

static int send_datagrams(struct takt_os_bench_link *link, const void *message)
{
	const unsigned char *at = message;

	for (uint32_t left = link->bytes; left;) {
		uint32_t piece = left < link->piece_bytes ? left : link->piece_bytes;
		ssize_t done = send(link->out_id, at, piece, MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done != (ssize_t)piece)
			return 0;
		at += piece;
		left -= piece;
	}
	return 1;
}

/* The bytes of one connection that two sockets of this process make over the loopback interface. */
static int connect_loopback(int listener, int ends[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);

	if (bind(listener, (const struct sockaddr *)&address, length) != 0 || listen(listener, 1) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &length) != 0)
		return 0;
	ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (ends[0] < 0 || connect(ends[0], (const struct sockaddr *)&address, length) != 0)
		return 0;
	ends[1] = accept(listener, NULL, NULL);
	return ends[1] >= 0;
}

static enum takt_status create_tcp(struct takt_os_bench_link *link)
{
	int ends[2] = {-1, -1};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	forget(link);
	int is_connected = listener >= 0 && connect_loopback(listener, ends);
	enum takt_status status = is_connected ? TAKT_OK : refuse(link, "connect it");
	takt_port_close(&listener);
	take_sockets(link, ends);
	for (uint32_t i = 0; i < 2 && is_connected; i++)
		(void)setsockopt(ends[i], IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	return status;
}

/* Two sockets of the loopback interface that know only each other. */
static int connect_datagrams(int ends[2])
{
	struct sockaddr_in addresses[2];

	for (uint32_t i = 0; i < 2; i++) {
		socklen_t length = sizeof(addresses[i]);

		addresses[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		ends[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (ends[i] < 0 || bind(ends[i], (const struct sockaddr *)&addresses[i], length) != 0 ||
		    getsockname(ends[i], (struct sockaddr *)&addresses[i], &length) != 0)
			return 0;
	}
	return connect(ends[0], (const struct sockaddr *)&addresses[1], sizeof(addresses[1])) == 0 &&
	       connect(ends[1], (const struct sockaddr *)&addresses[0], sizeof(addresses[0])) == 0;
}

static enum takt_status create_udp(struct takt_os_bench_link *link)
{
	int ends[2] = {-1, -1};

	forget(link);
	/* A sender of several is not held up when the receiver has no room: they would be lost. */
	if (link->bytes > UDP_BYTES)
		return TAKT_UNSUPPORTED;
	int is_connected = connect_datagrams(ends);
	enum takt_status status = is_connected ? TAKT_OK : refuse(link, "connect it");
	take_sockets(link, ends);
	link->piece_bytes = UDP_BYTES;
	return status;
}

const struct takt_os_bench_channel takt_os_bench_unix_stream = {
	.name = "UNIX stream socket",
	.create = create_unix_stream,
	.attach = attach,
	.send = send_bytes,
	.receive = receive_bytes,
	.destroy = destroy,
};

/* Receiving piece by piece: a read ends at a datagram's end, so the loop for bytes does it. */
const struct takt_os_bench_channel takt_os_bench_unix_datagram = {
	.name = "UNIX datagram socket",
	.create = create_unix_datagram,
	.attach = attach,
	.send = send_datagrams,
	.receive = receive_bytes,
	.destroy = destroy,
};

const struct takt_os_bench_channel takt_os_bench_udp = {
	.name = "UDP loopback",
	.create = create_udp,
	.attach = attach,
	.send = send_datagrams,
	.receive = receive_bytes,
	.destroy = destroy,
};

const struct takt_os_bench_channel takt_os_bench_tcp = {
	.name = "TCP loopback",
	.create = create_tcp,
	.attach = attach,
	.send = send_bytes,
	.receive = receive_bytes,
	.destroy = destroy,
};
