/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/message.h"
#include "platform/thread.h"

#define NOUN		"named pipe"
#define FUTILE_PAUSE_NS (TAKT_NS_PER_MS / 2)

_Static_assert(TAKT_OS_PIPE_ATOMIC_BYTES <= PIPE_BUF, "the system keeps longer writes apart than takt makes");

/* Opens the unfinished pipe, made now or left by a killed maker, unless another user put it there.
 * @retval TAKT_BUSY another maker took it away: try again */
static enum takt_status open_unfinished(const struct takt_port_object *object, const char *temporary,
					const struct takt_os_rights *rights, int *descriptor)
{
	const struct takt_port_object unfinished = {object->noun, object->folder, temporary};
	struct stat found;
	enum takt_status status;

	if (mkfifoat(object->folder, temporary, 0600) != 0 && errno != EEXIST)
		return takt_port_refused(object, "make it", errno, NULL);
	status = takt_port_unfinished_look(object, temporary, S_IFIFO, 0600, rights, &found);
	if (status != TAKT_OK)
		return status;
	status = takt_port_object_open(&unfinished, O_RDWR, S_IFIFO, NULL, descriptor);
	if (status == TAKT_OK && !takt_port_is_same(*descriptor, &found)) {
		takt_port_close(descriptor);
		status = TAKT_BUSY;
	}
	return status == TAKT_ABSENT ? TAKT_BUSY : status;
}

/* One attempt to make it whole under a temporary name and to link it into place. */
static enum takt_status try_to_make(const struct takt_port_object *object, const struct takt_os_rights *rights)
{
	char temporary[TAKT_PORT_TEMPORARY_BYTES];
	int descriptor = -1;
	enum takt_status status;

	takt_port_temporary_name(temporary, object->name, rights);
	status = open_unfinished(object, temporary, rights, &descriptor);
	if (status == TAKT_BUSY)
		return status;
	if (status == TAKT_OK)
		status = takt_port_rights_apply(object, descriptor, rights);
	takt_port_close(&descriptor);
	if (status == TAKT_OK && linkat(object->folder, temporary, object->folder, object->name, 0) != 0) {
		if (errno == EEXIST)
			status = TAKT_EXISTS;
		else if (errno == ENOENT)
			status = TAKT_BUSY;
		else
			status = takt_port_refused(object, "name it", errno, NULL);
	}
	(void)unlinkat(object->folder, temporary, 0);
	return status;
}

enum takt_status takt_os_fifo_create(int folder, const char *name, const struct takt_os_rights *rights)
{
	const struct takt_port_object object = {NOUN, folder, name};
	enum takt_status status = takt_port_name_check(&object);
	struct stat found;

	if (status == TAKT_OK)
		status = takt_port_rights_check(&object, rights);
	if (status != TAKT_OK)
		return status;
	for (unsigned tries = 0; tries < TAKT_PORT_RACE_TRIES; tries++) {
		if (fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW) == 0)
			return TAKT_EXISTS;
		status = try_to_make(&object, rights);
		if (status != TAKT_BUSY)
			return status;
	}
	return takt_port_refused(&object, "make it", EBUSY, "others make and remove it all the time");
}

enum takt_status takt_os_fifo_open_reader(int *descriptor, int folder, const char *name,
					  const struct takt_os_rights *rights)
{
	const struct takt_port_object object = {NOUN, folder, name};

	/* For writing too, which Linux permits: so there is always a writer, and the end of a sender is no end of file. */
	return takt_port_object_open(&object, O_RDWR, S_IFIFO, rights, descriptor);
}

enum takt_status takt_os_fifo_open_writer(int *descriptor, int folder, const char *name)
{
	const struct takt_port_object object = {NOUN, folder, name};

	return takt_port_object_open(&object, O_WRONLY, S_IFIFO, NULL, descriptor);
}

enum takt_status takt_os_pipe_create(int *reader, int *writer)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		takt_message(TAKT_ERROR, "pipe: cannot make it: %s; the limit of open files is set with ulimit -n",
			     strerror(errno));
		return TAKT_NO_SPACE;
	}
	*reader = ends[0];
	*writer = ends[1];
	return TAKT_OK;
}

void takt_os_pipe_close(int *descriptor)
{
	takt_port_close(descriptor);
}

enum takt_status takt_os_pipe_read(int descriptor, void *buffer, uint32_t bytes, uint32_t *count)
{
	ssize_t got;

	do
		got = read(descriptor, buffer, bytes);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? TAKT_EMPTY : TAKT_SYSTEM;
	if (got == 0)
		return TAKT_CLOSED;
	*count = (uint32_t)got;
	return TAKT_OK;
}

enum takt_status takt_os_pipe_write(int descriptor, const void *bytes_in, uint32_t bytes)
{
	ssize_t put;

	TAKT_ASSERT(bytes <= TAKT_OS_PIPE_ATOMIC_BYTES);
	do
		put = write(descriptor, bytes_in, bytes);
	while (put < 0 && errno == EINTR);
	if (put >= 0)
		return put == (ssize_t)bytes ? TAKT_OK : TAKT_SYSTEM;
	if (errno == EAGAIN)
		return TAKT_FULL;
	return errno == EPIPE ? TAKT_CLOSED : TAKT_SYSTEM;
}

static uint32_t ready_of(const struct pollfd *polled, uint32_t count)
{
	uint32_t mask = 0;

	/* An end and an error are ready too: the read that follows says which. */
	for (uint32_t i = 0; i < count; i++)
		if (polled[i].revents != 0)
			mask |= UINT32_C(1) << i;
	return mask;
}

/* Waits for any of them. In slices, because a signal may hit another thread. */
static enum takt_status wait_polled(struct pollfd *polled, uint32_t count, uint64_t deadline_ns)
{
	for (;;) {
		const uint64_t now_ns = takt_os_clock_now_ns();
		const uint64_t end_ns = takt_port_slice_end_ns(deadline_ns);
		const struct timespec slice = takt_port_timespec(end_ns > now_ns ? end_ns - now_ns : 0);

		if (takt_os_stop_requested())
			return TAKT_STOPPED;
		const int result = ppoll(polled, count, &slice, NULL);
		if (result > 0)
			return TAKT_OK;
		if (result < 0 && errno != EINTR)
			return TAKT_SYSTEM;
		if (takt_os_clock_now_ns() >= deadline_ns)
			return takt_os_stop_requested() ? TAKT_STOPPED : TAKT_TIMEOUT;
	}
}

enum takt_status takt_os_pipe_wait(const int *descriptors, uint32_t count, uint64_t deadline_ns, uint32_t *ready_mask)
{
	struct pollfd polled[TAKT_OS_PIPE_WAIT_MAX];

	TAKT_ASSERT(count <= TAKT_OS_PIPE_WAIT_MAX);
	for (uint32_t i = 0; i < count; i++)
		polled[i] = (struct pollfd){descriptors[i], POLLIN, 0};
	const enum takt_status status = wait_polled(polled, count, deadline_ns);
	if (status == TAKT_OK)
		*ready_mask = ready_of(polled, count);
	return status;
}

enum takt_status takt_os_pipe_write_until(int descriptor, const void *bytes_in, uint32_t bytes, uint64_t deadline_ns)
{
	struct pollfd polled = {descriptor, POLLOUT, 0};

	for (uint32_t futile_count = 0;; futile_count++) {
		enum takt_status status = takt_os_pipe_write(descriptor, bytes_in, bytes);

		if (status != TAKT_FULL)
			return status;
		const uint64_t now_ns = takt_os_clock_now_ns();
		if (now_ns >= deadline_ns)
			return TAKT_FULL;
		/* Room for something is not room for us: whoever was faster has it. The second time that it was said and was not
		 * there, the next one is not asked for at once: a system that goes on saying so must not keep us busy. */
		if (futile_count != 0) {
			const uint64_t pause_end_ns = now_ns + FUTILE_PAUSE_NS;

			status = takt_os_clock_sleep_until(pause_end_ns < deadline_ns ? pause_end_ns : deadline_ns);
			if (status != TAKT_OK)
				return status;
		}
		status = wait_polled(&polled, 1, deadline_ns);
		if (status != TAKT_OK)
			return status == TAKT_TIMEOUT ? TAKT_FULL : status;
	}
}

enum takt_status takt_os_pipe_wait_many(const int *descriptors, uint32_t count, uint64_t deadline_ns,
					unsigned char *ready)
{
	struct pollfd polled[TAKT_OS_PIPE_WAIT_MANY_MAX];
	const uint64_t now_ns = takt_os_clock_now_ns();
	const struct timespec span = takt_port_timespec(deadline_ns > now_ns ? deadline_ns - now_ns : 0);

	TAKT_ASSERT(count <= TAKT_OS_PIPE_WAIT_MANY_MAX);
	for (uint32_t i = 0; i < count; i++)
		polled[i] = (struct pollfd){descriptors[i], POLLIN, 0};
	const int result = ppoll(polled, count, &span, NULL);
	if (result < 0 && errno != EINTR)
		return TAKT_SYSTEM;
	for (uint32_t i = 0; i < count; i++)
		ready[i] = result > 0 && polled[i].revents != 0;
	return result > 0 ? TAKT_OK : TAKT_TIMEOUT;
}

enum takt_status takt_os_pipe_adopt(int descriptor)
{
	struct stat found;
	int flags;

	if (descriptor < 0 || fstat(descriptor, &found) != 0 || !S_ISFIFO(found.st_mode)) {
		takt_message(TAKT_ERROR, "command pipe: descriptor %d that the parent process named is no open pipe",
			     descriptor);
		return TAKT_INVALID;
	}
	flags = fcntl(descriptor, F_GETFL);
	if (flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0)
		return TAKT_OK;
	takt_message(TAKT_ERROR, "command pipe: descriptor %d that the parent process named cannot be made private: %s",
		     descriptor, strerror(errno));
	return TAKT_INVALID;
}
