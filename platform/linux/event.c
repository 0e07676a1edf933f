/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/event.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "platform/message.h"

static enum takt_status keep(int *descriptor, int made, const char *noun, const char *owner)
{
	if (made < 0) {
		takt_message(TAKT_ERROR,
			     "%s of '%s': cannot make it: %s; the limit of open files is set with ulimit -n", noun,
			     owner, strerror(errno));
		return TAKT_NO_SPACE;
	}
	*descriptor = made;
	return TAKT_OK;
}

enum takt_status takt_os_event_create(int *descriptor, const char *owner)
{
	return keep(descriptor, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd", owner);
}

void takt_os_event_post(int descriptor)
{
	const uint64_t one = 1;
	ssize_t put;

	/* The one refusal that is left is EAGAIN: 2^64 - 2 posts that nobody drained, and readable. */
	do
		put = write(descriptor, &one, sizeof(one));
	while (put < 0 && errno == EINTR);
}

int takt_os_event_drain(int descriptor)
{
	uint64_t count;
	ssize_t got;

	do
		got = read(descriptor, &count, sizeof(count));
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof(count);
}

enum takt_status takt_os_timer_create(int *descriptor, const char *owner)
{
	return keep(descriptor, timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd", owner);
}

void takt_os_timer_set(int descriptor, uint64_t deadline_ns)
{
	struct itimerspec setting = {0};

	if (deadline_ns != TAKT_FOREVER) {
		setting.it_value = takt_port_timespec(deadline_ns);
		/* All zero would switch it off; this has passed as well. */
		if (deadline_ns == 0)
			setting.it_value.tv_nsec = 1;
	}
	/* It fails for what is no timer, and for times that are none. */
	TAKT_ASSERT(timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &setting, NULL) == 0);
}

void takt_os_event_close(int *descriptor)
{
	takt_port_close(descriptor);
}
