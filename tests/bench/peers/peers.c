/* SPDX-License-Identifier: Apache-2.0 */
/* What the peers share, and those that are no library: takt itself and the system's message queue. */
#include "tests/bench/peers/peers.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* Shared with the processes of a burst, which have no other way to say why they failed. */
static char *reason;

int peer_reason_map(void)
{
	reason = takt_os_bench_memory_map(PEER_REASON_BYTES);
	return reason != NULL;
}

const char *peer_reason(void)
{
	return reason;
}

void peer_reason_clear(void)
{
	reason[0] = '\0';
}

void peer_reason_set(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(reason, PEER_REASON_BYTES, format, arguments);
	va_end(arguments);
}

enum takt_status peer_refuse(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(reason, PEER_REASON_BYTES, format, arguments);
	va_end(arguments);
	return TAKT_UNSUPPORTED;
}

void peer_library_file(const char *function, char *text, uint32_t text_bytes)
{
	char path[PATH_MAX];
	Dl_info info;
	void *address = dlsym(RTLD_DEFAULT, function);

	(void)snprintf(text, text_bytes, "unknown file");
	if (address == NULL || dladdr(address, &info) == 0 || realpath(info.dli_fname, path) == NULL)
		return;
	const char *name = strrchr(path, '/');
	(void)snprintf(text, text_bytes, "%.40s", name ? name + 1 : path);
}

static void takt_version(char *text)
{
	(void)snprintf(text, PEER_VERSION_BYTES, "%s", TAKT_VERSION);
}

static void system_version(char *text)
{
	struct utsname system;

	(void)snprintf(text, PEER_VERSION_BYTES, "unknown system");
	if (uname(&system) == 0)
		(void)snprintf(text, PEER_VERSION_BYTES, "%.20s %.40s", system.sysname, system.release);
}

const struct peer peer_takt = {
	.name = "takt",
	.settings = "by copy, ages counted; the reader sleeps in takt_wait_until, in the stream too",
	.channel = &bench_takt_wake,
	.flight_bytes = 65536,
	.flight_min = 8,
	.flight_max = 1024,
	.version = takt_version,
};

const struct peer peer_takt_poll = {
	.name = "takt-poll",
	.settings = "stream only: by copy, the reader polls, as the reader of the floor does",
	.stream = &bench_takt_poll,
	.flight_bytes = 65536,
	.flight_min = 8,
	.flight_max = 1024,
	.polls = 1,
	.version = takt_version,
};

/* mq_overview(7): msg_max 10 and msgsize_max 8192 are what a process without privileges gets; both are used in full. */
const struct peer peer_posix_queue = {
	.name = "posix-mq",
	.settings = "blocking mq_send, mq_receive; 10 messages of 8 KiB; larger ones go in pieces of 8 KiB",
	.channel = &takt_os_bench_posix_queue,
	.flight_bytes = 1u << 22,
	.flight_min = 8,
	.flight_max = 1024,
	.version = system_version,
};
