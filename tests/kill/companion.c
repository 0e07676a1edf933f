/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kill/companion.h"

#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kill/stage.h"
#include "tests/kill/victim.h"

static pid_t companion;

void companion_is_ready(void)
{
	atomic_store(&control->companion_state, COMPANION_IS_READY);
}

void companion_wait_for_word(void)
{
	while (sem_wait(&control->companion_goes) != 0)
		;
}

void companion_tell(void)
{
	(void)sem_post(&control->companion_goes);
}

void companion_is_done(enum takt_status status)
{
	atomic_store(&control->companion_end_ns, takt_os_clock_now_ns());
	atomic_store(&control->companion_status, status);
	atomic_store(&control->companion_state, COMPANION_IS_DONE);
}

void companion_start(void (*part)(void))
{
	atomic_store(&control->companion_state, COMPANION_BEGINS);
	(void)sem_init(&control->companion_goes, 1, 0);
	companion = fork();
	if (companion == 0)
		part();
	/* On the one CPU that all share: yielding lets it run until it blocks. */
	while (atomic_load(&control->companion_state) == COMPANION_BEGINS)
		(void)sched_yield();
}

static int is_gone(void)
{
	return waitpid(companion, NULL, WNOHANG) == companion;
}

void companion_dismiss(void)
{
	(void)kill(companion, SIGKILL);
	(void)waitpid(companion, NULL, 0);
	companion = 0;
}

void companion_await(uint64_t since_ns, uint64_t slice_ns)
{
	const uint64_t limit_ns = since_ns + 2 * COMPANION_SLEEP_NS;
	int is_over = 0;

	/* Whatever it has not been told yet: what it does now depends on nobody but the dead one. */
	companion_tell();
	companion_tell();
	while (!(is_over = is_gone()) && takt_os_clock_now_ns() < limit_ns)
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + 50 * TAKT_NS_PER_US);
	if (!is_over || atomic_load(&control->companion_state) != COMPANION_IS_DONE)
		bad("the other process never came to its end");
	else if (atomic_load(&control->companion_status) != TAKT_OK)
		bad("the other process failed: %s", takt_status_name(atomic_load(&control->companion_status)));
	else if (atomic_load(&control->companion_end_ns) > since_ns + slice_ns + STAGE_ALLOWANCE_NS)
		bad("the other process waited %llu ms",
		    (unsigned long long)((atomic_load(&control->companion_end_ns) - since_ns) / TAKT_NS_PER_MS));
	if (!is_over)
		companion_dismiss();
}
