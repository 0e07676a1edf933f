/* SPDX-License-Identifier: Apache-2.0 */
/* The part of thread.h about the end of the process: signals and the request to stop. */
#include "platform/linux/port.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "platform/thread.h"

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler may store to it");

static atomic_int stop_requested;

int takt_os_stop_requested(void)
{
	/* Relaxed: the request carries no data; whoever stops sees it at one of its next looks. */
	return atomic_load_explicit(&stop_requested, memory_order_relaxed);
}

void takt_os_stop_request(void)
{
	/* Relaxed: as above. */
	atomic_store_explicit(&stop_requested, 1, memory_order_relaxed);
}

int takt_os_stop_take(void)
{
	/* Relaxed: as above. */
	return atomic_exchange_explicit(&stop_requested, 0, memory_order_relaxed);
}

static void on_signal(int number)
{
	(void)number;
	takt_os_stop_request();
}

/* Without SA_RESTART, so that a sleeping system call returns and its loop looks. */
static void handle_where_default(int number, void (*handler)(int))
{
	struct sigaction action;

	if (sigaction(number, NULL, &action) != 0 || (action.sa_flags & SA_SIGINFO) != 0 ||
	    action.sa_handler != SIG_DFL)
		return;
	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(number, &action, NULL);
}

void takt_os_broken_pipe_ignore(void)
{
	handle_where_default(SIGPIPE, SIG_IGN);
}

void takt_os_process_prepare(int core_dumps)
{
	handle_where_default(SIGINT, on_signal);
	handle_where_default(SIGTERM, on_signal);
	takt_os_broken_pipe_ignore();
	if (!core_dumps) {
		struct rlimit limit;

		/* 1 and not 0: for a core pattern that is a pipe the kernel takes 0 for "no limit" and dumps all the same; 1
		 * stops both kinds. The soft limit only, so that the program can raise it again. Source: do_coredump in
		 * fs/coredump.c, core(5). */
		if (getrlimit(RLIMIT_CORE, &limit) == 0) {
			limit.rlim_cur = limit.rlim_max < 1 ? 0 : 1;
			(void)setrlimit(RLIMIT_CORE, &limit);
		}
	}
}
