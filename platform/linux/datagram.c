/* SPDX-License-Identifier: Apache-2.0 */
/* Sending and receiving, and the addresses of UDP. */
#include "platform/linux/port.h"

#include "platform/linux/datagram.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/message.h"

#define HOST_BYTES 256
#define PORT_BYTES 8

int takt_port_datagram_socket(int family)
{
	const int opened = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int on = 1;

	/* A kernel that does not know it drops without a word, as before. */
	if (opened >= 0)
		(void)setsockopt(opened, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
	return opened;
}

enum takt_status takt_port_datagram_refused(const char *where, const char *doing, int error)
{
	const enum takt_status status = takt_port_status(error);

	takt_message(TAKT_ERROR, "socket %s: cannot %s: %s", where, doing, strerror(error));
	return status == TAKT_DENIED || status == TAKT_NO_SPACE ? status : TAKT_SYSTEM;
}

/* ----------------------------------------------------------------------------------------------------------- udp */

/* @retval 1 it is "HOST:PORT" or "[HOST]:PORT" */
static int split(const char *address, char host[HOST_BYTES], char port[PORT_BYTES])
{
	const char *colon = strrchr(address, ':');
	const char *begin = address;
	size_t length = colon ? (size_t)(colon - address) : 0;
	unsigned long number = 0;

	if (length > 2 && address[0] == '[' && colon[-1] == ']') {
		begin++;
		length -= 2;
	}
	if (length == 0 || length >= HOST_BYTES || strlen(colon + 1) >= PORT_BYTES)
		return 0;
	for (const char *digit = colon + 1; *digit; digit++) {
		if (*digit < '0' || *digit > '9')
			return 0;
		number = number * 10 + (unsigned long)(*digit - '0');
	}
	(void)snprintf(host, HOST_BYTES, "%.*s", (int)length, begin);
	(void)snprintf(port, PORT_BYTES, "%s", colon + 1);
	return number > 0 && number < 65536;
}

static enum takt_status find(const char *address, int flags, struct addrinfo **found)
{
	const struct addrinfo wanted = {.ai_socktype = SOCK_DGRAM, .ai_flags = flags | AI_NUMERICSERV};
	char host[HOST_BYTES];
	char port[PORT_BYTES];

	if (!split(address, host, port)) {
		takt_message(TAKT_ERROR,
			     "udp '%.80s': expected HOST:PORT or [HOST]:PORT with a port from 1 to 65535, such as "
			     "127.0.0.1:5000",
			     address);
		return TAKT_INVALID;
	}
	const int error = getaddrinfo(host, port, &wanted, found);
	if (error == 0)
		return TAKT_OK;
	takt_message(TAKT_ERROR, "udp %s: no address for the host: %s", address,
		     error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
	return TAKT_ABSENT;
}

/* The first address that works. @param join connect or bind */
static enum takt_status open_udp(struct takt_os_datagram *datagram, const char *address, int flags,
				 int (*join)(int, const struct sockaddr *, socklen_t), const char *doing)
{
	struct addrinfo *found;
	enum takt_status status = find(address, flags, &found);
	int error = EADDRNOTAVAIL;

	if (status != TAKT_OK)
		return status;
	for (const struct addrinfo *each = found; each; each = each->ai_next) {
		int opened = takt_port_datagram_socket(each->ai_family);

		if (opened >= 0 && join(opened, each->ai_addr, each->ai_addrlen) == 0) {
			freeaddrinfo(found);
			*datagram = (struct takt_os_datagram){.is_open = 1, .descriptor = opened};
			return TAKT_OK;
		}
		error = errno;
		takt_port_close(&opened);
	}
	freeaddrinfo(found);
	status = takt_port_datagram_refused(address, doing, error);
	return error == EADDRINUSE ? TAKT_BUSY : status;
}

enum takt_status takt_os_datagram_open_udp(struct takt_os_datagram *datagram, const char *address)
{
	return open_udp(datagram, address, 0, connect, "send there");
}

enum takt_status takt_os_datagram_bind_udp(struct takt_os_datagram *datagram, const char *address)
{
	return open_udp(datagram, address, AI_PASSIVE, bind, "receive there");
}

/* ---------------------------------------------------------------------------------------------- send and receive */

enum takt_status takt_os_datagram_send(struct takt_os_datagram *datagram, const void *bytes, uint32_t count)
{
	struct sockaddr_un there = {.sun_family = AF_UNIX};
	const int has_path = datagram->path[0] != '\0';
	ssize_t put;

	/* By its path each time: a receiver that has started again is another socket there. */
	(void)snprintf(there.sun_path, sizeof(there.sun_path), "%s", datagram->path);
	do
		put = sendto(datagram->descriptor, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL,
			     has_path ? (const struct sockaddr *)&there : NULL, has_path ? sizeof(there) : 0);
	while (put < 0 && errno == EINTR);
	if (put >= 0)
		return TAKT_OK;
	switch (errno) {
	case EAGAIN:
	case ENOBUFS:
		return TAKT_FULL;
	case ECONNREFUSED:
	case ENOENT:
	case EPROTOTYPE:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ENETDOWN:
		return TAKT_CLOSED;
	case EMSGSIZE:
		return TAKT_LIMIT;
	default:
		return takt_port_datagram_refused(has_path ? datagram->path : "(udp)", "send", errno);
	}
}

/* How many the kernel has dropped since this socket was opened, as it says with each that it did not. */
static uint64_t newly_dropped(struct takt_os_datagram *datagram, struct msghdr *header)
{
	uint32_t dropped = datagram->dropped_seen;

	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part))
		if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_RXQ_OVFL)
			memcpy(&dropped, CMSG_DATA(part), sizeof(dropped));
	const uint32_t newly = dropped - datagram->dropped_seen; /* it wraps around */
	datagram->dropped_seen = dropped;
	return newly;
}

enum takt_status takt_os_datagram_receive(struct takt_os_datagram *datagram, void *bytes, uint32_t room,
					  uint32_t *count, uint64_t *dropped)
{
	union {
		struct cmsghdr aligned;
		unsigned char bytes[CMSG_SPACE(sizeof(uint32_t))];
	} control;
	struct iovec part = {bytes, room};
	struct msghdr header = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = control.bytes,
				.msg_controllen = sizeof(control.bytes)};
	ssize_t got;

	do
		got = recvmsg(datagram->descriptor, &header, MSG_DONTWAIT | MSG_TRUNC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN || errno == ECONNREFUSED
			       ? TAKT_EMPTY
			       : takt_port_datagram_refused("of the bridge", "receive", errno);
	*dropped += newly_dropped(datagram, &header);
	/* With MSG_TRUNC the length is the datagram's own, however much of it there was room for. */
	if (got > (ssize_t)room || (header.msg_flags & MSG_TRUNC))
		return TAKT_LIMIT;
	*count = (uint32_t)got;
	return TAKT_OK;
}
