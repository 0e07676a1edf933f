/* SPDX-License-Identifier: Apache-2.0 */
/* The part of thread.h that locks the process's memory. */
#include "platform/linux/port.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "platform/message.h"
#include "platform/thread.h"

/* Linux 4.4; musl and old headers lack it. */
#ifndef MCL_ONFAULT
#define MCL_ONFAULT 4
#endif

static enum takt_status refused(int error)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;
	char program[TAKT_OS_PATH_MAX];
	struct rlimit limit = {0, 0};

	if (!takt_port_first_time(&said))
		return TAKT_DENIED;
	(void)getrlimit(RLIMIT_MEMLOCK, &limit);
	takt_port_program(program, sizeof(program));
	takt_message(TAKT_WARNING,
		     "process: cannot lock its memory: %s (the limit is %" PRIu64
		     " bytes); going on without, with page faults when memory is short; permit it with: ulimit -l "
		     "unlimited, or: setcap cap_ipc_lock+ep %s, or LimitMEMLOCK=infinity in the systemd unit",
		     strerror(error), (uint64_t)limit.rlim_cur, program);
	return TAKT_DENIED;
}

/*
 * What is there now comes in whole. What is mapped later is locked as its pages are touched: with plain MCL_FUTURE each new thread
 * would lock the 8 MB that C libraries reserve for a stack. Source: 27 MB for three threads one way, 2.3 MB the other (RESEARCH.md).
 */
enum takt_status takt_os_memory_lock(void)
{
	if (mlockall(MCL_CURRENT) != 0)
		return refused(errno);
	/* A kernel before 4.4 says EINVAL: what is there is locked, and that is what a started takt process uses. */
	if (mlockall(MCL_FUTURE | MCL_ONFAULT) != 0 && errno != EINVAL)
		return refused(errno);
	return TAKT_OK;
}
