/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams to and from other programs, on this machine by path and over networks by UDP. For bridges; no part of libtakt. */
#ifndef TAKT_PLATFORM_DATAGRAM_H
#define TAKT_PLATFORM_DATAGRAM_H

#include <stdint.h>

#include "platform/status.h"

#define TAKT_OS_DATAGRAM_PATH_BYTES 108
#define TAKT_OS_UDP_BYTES_MAX	    65507u

/* A socket. `descriptor` is valid while `is_open` is 1. Zero-initialise. */
struct takt_os_datagram {
	int is_open;
	int descriptor;
	uint64_t device; /* of the name that it was given, to be removed with it */
	uint64_t inode;
	uint32_t dropped_seen;			/* what the kernel said last */
	char path[TAKT_OS_DATAGRAM_PATH_BYTES]; /* of a UNIX socket */
};

/* To send to whoever has bound the path. @retval TAKT_OK @retval TAKT_ABSENT nobody has @retval TAKT_MISMATCH it is no such socket
 * @retval TAKT_LIMIT the path is too long @retval TAKT_DENIED @retval TAKT_SYSTEM. With a message. */
TAKT_CHECKED enum takt_status takt_os_datagram_open_path(struct takt_os_datagram *datagram, const char *path);
/* To receive at the path, which gets mode 0600; what a dead process of this user left there is replaced.
 * @retval TAKT_OK @retval TAKT_BUSY somebody receives there @retval TAKT_EXISTS something else stands there @retval others as above */
TAKT_CHECKED enum takt_status takt_os_datagram_bind_path(struct takt_os_datagram *datagram, const char *path);

/* "HOST:PORT" or "[HOST]:PORT". @retval TAKT_OK @retval TAKT_INVALID @retval TAKT_ABSENT no such host @retval TAKT_BUSY the port is taken
 * @retval TAKT_DENIED @retval TAKT_SYSTEM. With a message. */
TAKT_CHECKED enum takt_status takt_os_datagram_open_udp(struct takt_os_datagram *datagram, const char *address);
TAKT_CHECKED enum takt_status takt_os_datagram_bind_udp(struct takt_os_datagram *datagram, const char *address);

/* @retval TAKT_OK @retval TAKT_FULL @retval TAKT_CLOSED nobody is there @retval TAKT_LIMIT too long @retval TAKT_DENIED @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_datagram_send(struct takt_os_datagram *datagram, const void *bytes,
						    uint32_t count);
/* @param dropped raised by what the kernel threw away before this one @retval TAKT_OK @retval TAKT_EMPTY
 * @retval TAKT_LIMIT one longer than `room` was taken and thrown away @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_datagram_receive(struct takt_os_datagram *datagram, void *bytes, uint32_t room,
						       uint32_t *count, uint64_t *dropped);
void takt_os_datagram_close(struct takt_os_datagram *datagram);

#endif
