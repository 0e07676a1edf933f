/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/clock.h"

static cpu_set_t cpus_at_start;
static int cpus_are_known;

/* Before main, since a program may bind itself to one CPU before it calls takt. */
__attribute__((constructor)) static void remember_cpus(void)
{
	cpus_are_known = sched_getaffinity(0, sizeof(cpus_at_start), &cpus_at_start) == 0;
}

const cpu_set_t *takt_port_cpus_at_start(void)
{
	return cpus_are_known ? &cpus_at_start : NULL;
}

enum takt_status takt_port_status(int error)
{
	switch (error) {
	case 0:
		return TAKT_OK;
	case EACCES:
	case EPERM:
	case EROFS:
		return TAKT_DENIED;
	case ENOENT:
		return TAKT_ABSENT;
	case EEXIST:
		return TAKT_EXISTS;
	case ELOOP:
	case ENOTDIR:
	case EISDIR:
	case ENXIO:
		return TAKT_MISMATCH;
	case ENOSPC:
	case EDQUOT:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
	case EAGAIN:
		return TAKT_NO_SPACE;
	case EFBIG:
	case EOVERFLOW:
	case ENAMETOOLONG:
	case E2BIG:
		return TAKT_LIMIT;
	default:
		return TAKT_SYSTEM;
	}
}

struct timespec takt_port_timespec(uint64_t ns)
{
	const uint64_t seconds = ns / TAKT_NS_PER_S;
	struct timespec time;

	time.tv_nsec = (long)(ns % TAKT_NS_PER_S);
	time.tv_sec = sizeof(time.tv_sec) < 8 && seconds > INT32_MAX ? INT32_MAX : (time_t)seconds;
	return time;
}

uint64_t takt_port_slice_end_ns(uint64_t deadline_ns)
{
	const uint64_t slice_end_ns = takt_os_clock_now_ns() + TAKT_PORT_STOP_SLICE_NS;

	return slice_end_ns < deadline_ns ? slice_end_ns : deadline_ns;
}

void takt_port_close(int *descriptor)
{
	/* Linux frees the number even when close reports EINTR: calling it again could close somebody else's. */
	if (*descriptor >= 0)
		(void)close(*descriptor);
	*descriptor = -1;
}

static void read_link(const char *link, char *path, size_t bytes)
{
	const ssize_t length = readlink(link, path, bytes - 1);

	if (length <= 0)
		(void)snprintf(path, bytes, "?");
	else
		path[length] = '\0';
}

void takt_port_path(int descriptor, char *path, size_t bytes)
{
	char link[32];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
	read_link(link, path, bytes);
}

void takt_port_program(char *path, size_t bytes)
{
	read_link("/proc/self/exe", path, bytes);
}

int takt_port_first_time(atomic_flag *said)
{
	/* Relaxed: it chooses the one that speaks, and orders nothing. */
	return !atomic_flag_test_and_set_explicit(said, memory_order_relaxed);
}
