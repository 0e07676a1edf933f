/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/message.h"
#include "platform/pipe.h"

#define NOUN "named pipe"

static enum takt_status refused(const char *path, const char *doing, int error)
{
	if (error == ENOENT) {
		takt_message(TAKT_ERROR, "there is no " NOUN " %s; make it (mkfifo %s), or give --create", path, path);
		return TAKT_ABSENT;
	}
	takt_message(TAKT_ERROR, NOUN " %s: cannot %s: %s", path, doing, strerror(error));
	const enum takt_status status = takt_port_status(error);
	return status == TAKT_DENIED || status == TAKT_NO_SPACE ? status : TAKT_SYSTEM;
}

enum takt_status takt_os_stream_open(int *descriptor, const char *path, enum takt_os_stream_end end, int keeps_open)
{
	const int access = end == TAKT_OS_STREAM_OUTPUT ? O_WRONLY : keeps_open ? O_RDWR : O_RDONLY;
	struct stat found;
	int opened;

	/* Before: opening a device can have an effect. And after: it may have been exchanged. */
	if (stat(path, &found) != 0)
		return refused(path, "look at it", errno);
	if (S_ISFIFO(found.st_mode)) {
		opened = open(path, access | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
		if (opened < 0)
			return errno == ENXIO ? TAKT_CLOSED : refused(path, "open it", errno);
		if (fstat(opened, &found) == 0 && S_ISFIFO(found.st_mode)) {
			*descriptor = opened;
			return TAKT_OK;
		}
		takt_port_close(&opened);
	}
	takt_message(TAKT_ERROR, "%s is no " NOUN " but another kind of file; remove it, or name another path", path);
	return TAKT_MISMATCH;
}

enum takt_status takt_os_stream_create(const char *path)
{
	if (mkfifo(path, 0600) == 0 || errno == EEXIST)
		return TAKT_OK;
	takt_message(TAKT_ERROR, NOUN " %s: cannot make it: %s", path, strerror(errno));
	return takt_port_status(errno);
}

int takt_os_stream_standard(enum takt_os_stream_end end)
{
	return end == TAKT_OS_STREAM_INPUT ? STDIN_FILENO : STDOUT_FILENO;
}

int takt_os_stream_has_name(int descriptor, const char *path)
{
	struct stat own, named;

	if (fstat(descriptor, &own) != 0)
		return 1;
	return stat(path, &named) == 0 ? own.st_dev == named.st_dev && own.st_ino == named.st_ino : errno != ENOENT;
}

/* Standard output is shared with others, so it is not made non-blocking. What is writable takes PIPE_BUF bytes without blocking: a pipe
 * by its own promise, a file always, a terminal but where somebody has stopped it. */
enum takt_status takt_os_stream_write(int descriptor, const void *bytes, uint32_t count, uint32_t *done)
{
	return takt_os_stream_write_until(descriptor, bytes, count, 0, done);
}

/* Milliseconds for poll, rounded up: 0 only when the time has come. */
static int milliseconds_until(uint64_t deadline_ns)
{
	const uint64_t now_ns = takt_os_clock_now_ns();

	return deadline_ns > now_ns ? (int)((takt_port_slice_end_ns(deadline_ns) - now_ns) / TAKT_NS_PER_MS) + 1 : 0;
}

enum takt_status takt_os_stream_write_until(int descriptor, const void *bytes, uint32_t count, uint64_t deadline_ns,
					    uint32_t *done)
{
	const unsigned char *from = bytes;

	*done = 0;
	while (*done < count) {
		struct pollfd polled = {descriptor, POLLOUT, 0};
		const size_t left = count - *done;
		const int patience_ms = deadline_ns ? milliseconds_until(deadline_ns) : 0;
		const int result = poll(&polled, 1, patience_ms);

		if (result <= 0 && patience_ms == 0)
			return TAKT_FULL;
		if (result <= 0)
			continue;
		const ssize_t put = write(descriptor, from + *done, left < PIPE_BUF ? left : PIPE_BUF);
		if (put >= 0)
			*done += (uint32_t)put;
		else if (errno == EAGAIN && patience_ms == 0)
			return TAKT_FULL;
		else if (errno == EPIPE || errno == ECONNRESET)
			return TAKT_CLOSED;
		else if (errno != EINTR && errno != EAGAIN)
			return refused("of the bridge", "write", errno);
	}
	return TAKT_OK;
}

enum takt_status takt_os_stream_read(int descriptor, void *bytes, uint32_t room, uint32_t *count)
{
	struct pollfd polled = {descriptor, POLLIN, 0};

	if (poll(&polled, 1, 0) <= 0)
		return TAKT_EMPTY;
	return takt_os_pipe_read(descriptor, bytes, room, count);
}

enum takt_status takt_os_stream_wait(int descriptor, uint64_t deadline_ns)
{
	uint32_t ready_mask;

	return takt_os_pipe_wait(&descriptor, 1, deadline_ns, &ready_mask);
}

/* -------------------------------------------------------------------------------------------------------- report */

static atomic_int report_wanted;

static void want_report(int number)
{
	(void)number;
	/* Relaxed: it asks for a sentence and orders nothing. */
	atomic_store_explicit(&report_wanted, 1, memory_order_relaxed);
}

void takt_os_report_prepare(void)
{
	struct sigaction action = {.sa_handler = want_report, .sa_flags = SA_RESTART};

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGUSR1, &action, NULL);
}

int takt_os_report_take(void)
{
	return atomic_exchange_explicit(&report_wanted, 0, memory_order_relaxed);
}
