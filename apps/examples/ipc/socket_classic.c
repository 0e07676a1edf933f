/* SPDX-License-Identifier: Apache-2.0 */
/* A UNIX socket that keeps message boundaries: a client asks, a server answers. */
#include <sys/socket.h>
#include <sys/un.h>
#include "pair.h"

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static int listener;

static int make_socket(void)
{
	/* SOCK_STREAM would hand out bytes: one message in two pieces, or two in one. */
	int end = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	check(end >= 0, "socket");
	return end;
}

static int can_listen(void)
{
	listener = make_socket();
	return bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(listener, 1) == 0;
}

static void answer(uint32_t count)
{
	uint32_t number;
	int client = accept(listener, NULL, NULL);
	check(client >= 0, "accept");
	for (uint32_t i = 0; i < count; i++) {
		check(recv(client, &number, sizeof(number), 0) == sizeof(number), "recv");
		number++;
		check(send(client, &number, sizeof(number), MSG_NOSIGNAL) == sizeof(number), "send");
	}
}

static void listen_and_die(uint32_t unused)
{
	(void)unused;
	check(can_listen(), address.sun_path);
	(void)raise(SIGKILL);
}

static void ask(uint32_t count)
{
	uint32_t number = 0;
	int end = make_socket();
	check(connect(end, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
	for (uint32_t answers = 0; answers < count; answers++) {
		check(send(end, &number, sizeof(number), MSG_NOSIGNAL) == sizeof(number), "send");
		check(recv(end, &number, sizeof(number), 0) == sizeof(number) && number == answers + 1, "recv");
	}
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	name_here(address.sun_path, sizeof(address.sun_path), "socket_classic");
	if (count == 0) {
		play(listen_and_die, 0);
		printf("server killed: its successor is told '%s'\n", can_listen() ? "nothing" : strerror(errno));
	} else {
		check(can_listen(), address.sun_path); /* before this there is nobody to connect to */
		report(count, "questions answered", play_both(answer, ask, count), 2 * count);
	}
	unlink(address.sun_path); /* or the name stays, and nobody can bind to it */
	return 0;
}
