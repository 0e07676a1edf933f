/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kill/parts.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Several processes write to one pipe: whole or not at all. */
_Static_assert(sizeof(struct result) <= PIPE_BUF, "a result is written at once");

static int pipe_ends[2] = {-1, -1};
static pid_t parts[PARTS_COUNT_MAX];
static uint32_t started_count;

uint32_t parts_default(void)
{
	cpu_set_t all;
	const int count = sched_getaffinity(0, sizeof(all), &all) == 0 ? CPU_COUNT(&all) : 1;

	return count > (int)PARTS_COUNT_MAX ? PARTS_COUNT_MAX : (uint32_t)count;
}

void parts_send(const struct result *result)
{
	ssize_t sent;

	do
		sent = write(pipe_ends[1], result, sizeof(*result));
	while (sent < 0 && errno == EINTR);
	if (sent != (ssize_t)sizeof(*result))
		_exit(2);
}

/* Victim and tracer on one processor: ten times as many steps a second. Each part has another one, the last first. */
static void bind_to_one_cpu(uint32_t part)
{
	cpu_set_t all, one;
	uint32_t passed_over = 0;

	if (sched_getaffinity(0, sizeof(all), &all) != 0)
		return;
	CPU_ZERO(&one);
	for (unsigned cpu = CPU_SETSIZE; cpu-- > 0;) {
		if (CPU_ISSET(cpu, &all) && passed_over++ == part % (uint32_t)CPU_COUNT(&all)) {
			CPU_SET(cpu, &one);
			break;
		}
	}
	(void)sched_setaffinity(0, sizeof(one), &one);
}

static void start(uint32_t part, int (*run)(uint32_t part))
{
	const pid_t parent = getpid();
	const pid_t child = fork();

	if (child == 0) {
		(void)close(pipe_ends[0]);
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(2);
		bind_to_one_cpu(part);
		const int status = run(part);
		(void)fflush(stdout);
		_exit(status);
	}
	if (child > 0)
		parts[started_count++] = child;
}

static void end_all(void)
{
	for (uint32_t i = 0; i < started_count; i++)
		(void)kill(parts[i], SIGTERM);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void add(struct result *sum, const struct result *part)
{
	sum->name = part->name;
	sum->step_count = (uint32_t)larger(sum->step_count, part->step_count);
	sum->states = (uint32_t)larger(sum->states, part->states);
	sum->failures += part->failures;
	sum->kills += part->kills;
	sum->double_kills += part->double_kills;
	sum->instructions += part->instructions;
	sum->instructions_killed += part->instructions_killed;
	sum->stepped += part->stepped;
	sum->recovery_ns_max = larger(sum->recovery_ns_max, part->recovery_ns_max);
	sum->took_ns = larger(sum->took_ns, part->took_ns);
}

static void print(const struct result *result)
{
	(void)printf("%-30s %8u %8llu %7u %8llu %8u %10.2f %7.1f\n", result->name, result->step_count,
		     (unsigned long long)result->kills, result->states, (unsigned long long)result->double_kills,
		     result->failures, (double)result->recovery_ns_max / 1e6, (double)result->took_ns / 1e9);
	(void)fflush(stdout);
}

/* What all parts say, until the last has closed its end. */
static void collect(int stops_early, struct result *sum)
{
	static struct result results[PARTS_RESULTS_MAX];
	static uint32_t told_count[PARTS_RESULTS_MAX];
	struct result one;
	ssize_t got;

	(void)printf("%-30s %8s %8s %7s %8s %8s %10s %7s\n", "scenario", "window", "kills", "states", "double",
		     "failures", "worst ms", "s");
	while ((got = read(pipe_ends[0], &one, sizeof(one))) != 0) {
		if (got < 0 && errno == EINTR) {
			end_all(); /* whoever interrupts this process means all of them */
			continue;
		}
		if (got != (ssize_t)sizeof(one) || one.index >= PARTS_RESULTS_MAX)
			break;
		struct result *result = &results[one.index];
		add(result, &one);
		if (stops_early && one.failures)
			end_all();
		if (++told_count[one.index] < started_count)
			continue;
		print(result);
		add(sum, result);
		sum->index++;
	}
	/* What not all have done counts as far as it went. */
	for (uint32_t i = 0; i < PARTS_RESULTS_MAX; i++)
		if (told_count[i] && told_count[i] < started_count)
			add(sum, &results[i]);
}

static void interrupt(int number)
{
	(void)number;
}

int parts_run(uint32_t part_count, int (*run)(uint32_t part), int stops_early, struct result *sum)
{
	/* Without SA_RESTART: reading ends. A part that wants to end otherwise than at once says so itself. */
	const struct sigaction interrupts = {.sa_handler = interrupt};
	int result = 0;

	*sum = (struct result){0};
	(void)fflush(stdout);
	if (pipe(pipe_ends) != 0)
		return 2;
	(void)sigaction(SIGINT, &interrupts, NULL);
	(void)sigaction(SIGTERM, &interrupts, NULL);
	for (uint32_t i = 0; i < part_count; i++)
		start(i, run);
	(void)close(pipe_ends[1]);
	collect(stops_early, sum);
	for (uint32_t i = 0; i < started_count; i++) {
		int how = -1; /* no end in order */
		while (waitpid(parts[i], &how, 0) < 0 && errno == EINTR)
			end_all();
		if (!WIFEXITED(how) || WEXITSTATUS(how) != 0)
			result = 2;
	}
	return started_count == part_count ? result : 2;
}
