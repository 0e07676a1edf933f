/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/peers/roudi.h"

#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/message.h"
#include "tests/bench/peers/peers.h"

#define READY	   "ready for clients"
#define READY_NS   (10 * TAKT_NS_PER_S)
#define SILENCE_NS (3 * TAKT_NS_PER_S)
#define SAID	   4096

/* Each pool a message's size and room for two headers; counts: two directions, what is under way, and loans. */
static const char config[] = "[general]\nversion = 1\n[[segment]]\n"
			     "[[segment.mempool]]\nsize = 256\ncount = 1024\n"
			     "[[segment.mempool]]\nsize = 8192\ncount = 1024\n"
			     "[[segment.mempool]]\nsize = 73728\ncount = 400\n"
			     "[[segment.mempool]]\nsize = 1114112\ncount = 100\n";

static pid_t daemon_id;
static int daemon_says = -1;

static void run_daemon(const char *path, int writer)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	(void)dup2(writer, STDOUT_FILENO);
	(void)dup2(writer, STDERR_FILENO);
	(void)execlp("iox-roudi", "iox-roudi", "--config-file", path, (char *)NULL);
	(void)fputs("iox-roudi is not there: Debian's package iceoryx has it\n", stderr);
	(void)fflush(stderr);
	_exit(127);
}

/* The last line of what it said, without its end. */
static const char *last_line(char *said)
{
	size_t length = strlen(said);

	while (length && said[length - 1] == '\n')
		said[--length] = '\0';
	const char *line = strrchr(said, '\n');
	return line ? line + 1 : said;
}

static enum takt_status wait_until_ready(void)
{
	static char said[SAID];
	size_t length = 0;
	uint64_t deadline_ns = takt_os_clock_now_ns() + READY_NS;

	while (takt_os_clock_now_ns() < deadline_ns && length < sizeof(said) - 1) {
		struct pollfd wanted = {.fd = daemon_says, .events = POLLIN};
		if (poll(&wanted, 1, 100) <= 0)
			continue;
		ssize_t got = read(daemon_says, said + length, sizeof(said) - 1 - length);
		if (got <= 0)
			break;
		length += (size_t)got;
		said[length] = '\0';
		if (strstr(said, READY))
			return TAKT_OK;
	}
	return peer_refuse("iox-roudi does not start: %.150s", last_line(said));
}

enum takt_status roudi_start(void)
{
	char path[] = "/tmp/takt-roudi.XXXXXX";
	int ends[2], file = mkstemp(path);
	int is_written = file >= 0 && write(file, config, sizeof(config) - 1) == (ssize_t)sizeof(config) - 1;

	if (file >= 0)
		(void)close(file);
	if (!is_written || pipe(ends) != 0)
		return peer_refuse("no configuration for iox-roudi could be written to %s", path);
	daemon_id = fork();
	if (daemon_id == 0)
		run_daemon(path, ends[1]);
	(void)close(ends[1]);
	daemon_says = ends[0];
	enum takt_status status = daemon_id < 0 ? peer_refuse("no process for iox-roudi") : wait_until_ready();
	(void)unlink(path);
	if (status != TAKT_OK)
		roudi_stop();
	return status;
}

/* The processes of a burst end without the library's last words, so their sockets and locks are still there. */
static void remove_left_overs(void)
{
	glob_t found;

	if (glob("/tmp/iceoryx_rt_*", GLOB_NOSORT, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		long id = strtol(found.gl_pathv[i] + sizeof("/tmp/iceoryx_rt_") - 1, NULL, 10);
		if (id > 0 && kill((pid_t)id, 0) != 0 && errno == ESRCH)
			(void)unlink(found.gl_pathv[i]);
	}
	globfree(&found);
}

void roudi_stop(void)
{
	int end = 0;

	if (daemon_id > 0) {
		/* It takes the dead for living until they have been silent for 1.5 s, and aborts when it cannot end them. */
		takt_os_bench_sleep_until(takt_os_clock_now_ns() + SILENCE_NS);
		(void)kill(daemon_id, SIGTERM);
		(void)waitpid(daemon_id, &end, 0);
		if (!WIFEXITED(end))
			takt_message(TAKT_WARNING,
				     "iox-roudi did not end well; it may have left /dev/shm/iceoryx_mgmt");
	}
	if (daemon_says >= 0)
		(void)close(daemon_says);
	daemon_id = 0;
	daemon_says = -1;
	remove_left_overs();
}
