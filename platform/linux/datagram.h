/* SPDX-License-Identifier: Apache-2.0 */
/* What the port's two kinds of datagram socket share. */
#ifndef TAKT_PLATFORM_LINUX_DATAGRAM_H
#define TAKT_PLATFORM_LINUX_DATAGRAM_H

#include "platform/datagram.h"

/* Opens a socket that does not block, and asks to be told what the kernel drops. @retval -1 with errno */
int takt_port_datagram_socket(int family);

/* "NOUN WHERE: cannot DOING: reason". */
enum takt_status takt_port_datagram_refused(const char *where, const char *doing, int error);

#endif
