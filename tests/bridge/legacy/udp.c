/* SPDX-License-Identifier: Apache-2.0 */
/* A legacy program with UDP on this machine: one struct a datagram. WHERE is the port; a receiver says "ready" when it has it. */
#include "tests/bridge/legacy/legacy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

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
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10)),
				      .sin_addr = {htonl(INADDR_LOOPBACK)}};

	end = socket(AF_INET, SOCK_DGRAM, 0);
	need(end >= 0, "socket");
	if (!sends) {
		need(bind(end, (const struct sockaddr *)&address, sizeof(address)) == 0, "bind");
		(void)fprintf(stderr, "ready\n");
		return receive_all(receive, strtoull(argv[3], NULL, 10));
	}
	need(connect(end, (const struct sockaddr *)&address, sizeof(address)) == 0, "connect");
	send_all(send_one, argv);
	return 0;
}
