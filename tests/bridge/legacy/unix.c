/* SPDX-License-Identifier: Apache-2.0 */
/* A legacy program with a UNIX datagram socket: one struct a datagram. */
#include "tests/bridge/legacy/legacy.h"

#include <sys/socket.h>
#include <sys/un.h>

static int end;

static void send_one(const struct measure *measure)
{
	need(send(end, measure, sizeof(*measure), 0) == sizeof(*measure), "send");
}

static int receive(struct measure *measure)
{
	const ssize_t got = recv(end, measure, sizeof(*measure), MSG_DONTWAIT);

	need(got == sizeof(*measure) || errno == EAGAIN, "recv");
	return got > 0;
}

int main(int argc, char **argv)
{
	const int sends = is_send(argc, argv);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[2]);
	end = socket(AF_UNIX, SOCK_DGRAM, 0);
	need(end >= 0, "socket");
	if (!sends) {
		need(bind(end, (const struct sockaddr *)&address, sizeof(address)) == 0, "bind");
		return receive_all(receive, strtoull(argv[3], NULL, 10));
	}
	need(connect(end, (const struct sockaddr *)&address, sizeof(address)) == 0, "connect");
	send_all(send_one, argv);
	return 0;
}
