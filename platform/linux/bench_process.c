/* SPDX-License-Identifier: Apache-2.0 */
/* The part of bench.h about processes and the memory that they share. */
#include "platform/linux/port.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/bench.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/thread.h"

#define LOAD_MAX	 64
#define LOAD_WORDS	 (1u << 18)
#define STOP_LOOK_MS	 100
#define EXIT_PART_FAILED 1

static pid_t load_ids[LOAD_MAX];
static uint32_t load_count;

struct crew {
	pid_t ids[TAKT_OS_BENCH_CREW_MAX];
	uint32_t count;
	int reader; /* ends when the last of them has: its writing end is theirs */
	int writer;
};

static pid_t fork_with_parent(void)
{
	pid_t parent = getpid();
	(void)fflush(NULL);
	pid_t id = fork();

	if (id == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* The parent may have died before that call. */
		if (getppid() != parent)
			_exit(EXIT_PART_FAILED);
	}
	return id;
}

/* A failed part says so on the pipe, since the others may be waiting for it. */
static void run_part(const struct crew *crew, takt_os_bench_part part, void *context, uint32_t index)
{
	int result = part(context, index);
	if (result != 0)
		(void)!write(crew->writer, "", 1);
	(void)fflush(NULL);
	_exit(result ? EXIT_PART_FAILED : 0);
}

static void kill_crew(const struct crew *crew)
{
	for (uint32_t i = 0; i < crew->count; i++)
		(void)kill(crew->ids[i], SIGKILL);
}

/* Sleeps until all have ended or one has failed. */
static enum takt_status watch(const struct crew *crew, uint64_t deadline_ns)
{
	for (;;) {
		struct pollfd wanted = {.fd = crew->reader, .events = POLLIN};
		int found = poll(&wanted, 1, STOP_LOOK_MS);

		if (takt_os_stop_requested())
			return TAKT_STOPPED;
		if (found > 0)
			return wanted.revents & POLLIN ? TAKT_SYSTEM : TAKT_OK;
		if (takt_os_clock_now_ns() >= deadline_ns)
			return TAKT_TIMEOUT;
	}
}

static enum takt_status collect(const struct crew *crew, enum takt_status status)
{
	for (uint32_t i = 0; i < crew->count; i++) {
		int end = 0;
		pid_t id;

		do
			id = waitpid(crew->ids[i], &end, 0);
		while (id < 0 && errno == EINTR);
		if (status == TAKT_OK && (id < 0 || !WIFEXITED(end) || WEXITSTATUS(end) != 0))
			status = TAKT_SYSTEM;
	}
	return status;
}

enum takt_status takt_os_bench_crew_run(takt_os_bench_part part, void *context, uint32_t count, uint64_t deadline_ns)
{
	struct crew crew = {.count = 0};
	int ends[2];
	enum takt_status status = TAKT_OK;

	TAKT_ASSERT(count <= TAKT_OS_BENCH_CREW_MAX);
	if (pipe(ends) != 0)
		return takt_port_status(errno);
	crew.reader = ends[0];
	crew.writer = ends[1];
	while (crew.count < count && status == TAKT_OK) {
		pid_t id = fork_with_parent();
		if (id == 0) {
			takt_port_close(&crew.reader);
			run_part(&crew, part, context, crew.count);
		}
		if (id < 0)
			status = takt_port_status(errno);
		else
			crew.ids[crew.count++] = id;
	}
	takt_port_close(&crew.writer);
	if (status == TAKT_OK)
		status = watch(&crew, deadline_ns);
	if (status != TAKT_OK)
		kill_crew(&crew);
	takt_port_close(&crew.reader);
	return collect(&crew, status);
}

/* -------------------------------------------------------------------------------------------------------- load */

/* Arithmetic and memory traffic of 2 MB, as a neighbour that compiles or records would make. */
static void burn(void)
{
	static volatile uint64_t words[LOAD_WORDS];
	uint64_t value = 1;

	for (;;) {
		value = value * 6364136223846793005u + 1442695040888963407u;
		words[value >> 46] += value;
	}
}

enum takt_status takt_os_bench_load_start(uint32_t count)
{
	for (uint32_t i = 0; i < count && load_count < LOAD_MAX; i++) {
		pid_t id = fork_with_parent();

		if (id == 0)
			burn();
		if (id < 0)
			return takt_port_status(errno);
		load_ids[load_count++] = id;
	}
	return TAKT_OK;
}

void takt_os_bench_load_stop(void)
{
	while (load_count) {
		pid_t id = load_ids[--load_count];

		(void)kill(id, SIGKILL);
		while (waitpid(id, NULL, 0) < 0 && errno == EINTR)
			;
	}
}

/* ------------------------------------------------------------------------------------------------------ memory */

void *takt_os_bench_memory_map(uint64_t bytes)
{
	void *memory =
		mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory != MAP_FAILED)
		return memory;
	takt_message(TAKT_ERROR, "bench: cannot have %llu bytes of shared memory: %s", (unsigned long long)bytes,
		     strerror(errno));
	return NULL;
}

void takt_os_bench_memory_unmap(void *memory, uint64_t bytes)
{
	if (memory)
		(void)munmap(memory, (size_t)bytes);
}
