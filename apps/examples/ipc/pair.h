/* SPDX-License-Identifier: Apache-2.0 */
/* What all examples of this folder share: they fork into roles, and say what arrived and what one handover took. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_NS 200000000 /* how long a trap is looked at before it counts as shut */

/* Ends this process with what failed and the system's reason. */
static inline void check(int is_true, const char *what)
{
	if (!is_true) {
		perror(what);
		_exit(1);
	}
}

static inline uint64_t clock_ns(void)
{
	struct timespec now;
	check(clock_gettime(CLOCK_MONOTONIC, &now) == 0, "clock_gettime");
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline struct timespec time_at(uint64_t ns)
{
	return (struct timespec){.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
}

/* The program's one argument: `trap`, or how many handovers to make. 0: the trap. */
static inline uint32_t wanted_count(int argc, char **argv)
{
	if (argc < 2)
		return 1000;
	if (strcmp(argv[1], "trap") == 0)
		return 0;
	char *end;
	unsigned long count = strtoul(argv[1], &end, 10);
	if (*end != '\0' || count < 20 || count > 1000000 || count % 20 != 0) {
		(void)fprintf(stderr, "%s: '%s' is neither 'trap' nor a multiple of 20 from 20 to 1000000\n", argv[0],
			      argv[1]);
		_exit(2);
	}
	return (uint32_t)count;
}

/* Where a name in the file system may stand: the folder for short-lived files, and this process's number in the name. */
static inline void name_here(char *path, size_t path_bytes, const char *name)
{
	const char *folder = getenv("TMPDIR");
	(void)snprintf(path, path_bytes, "%s/%s.%ld", folder ? folder : "/tmp", name, (long)getpid());
}

/* A role in a process of its own. */
static inline pid_t begin(void (*role)(uint32_t), uint32_t argument)
{
	pid_t child = fork();
	check(child >= 0, "fork");
	if (child == 0) {
		role(argument);
		(void)fflush(stdout);
		_exit(0);
	}
	return child;
}

/* Waits for its end. 0, or the signal that killed it. */
static inline int end_of(pid_t child)
{
	int status;
	check(waitpid(child, &status, 0) == child, "waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		_exit(1); /* it has said why */
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static inline int play(void (*role)(uint32_t), uint32_t argument)
{
	return end_of(begin(role, argument));
}

/* Both roles at once, from a common start, one of them here. How long that one took; the other has ended too. */
static inline uint64_t play_both(void (*other)(uint32_t), void (*own)(uint32_t), uint32_t count)
{
	int gate[2];
	char byte;
	check(pipe(gate) == 0, "pipe");
	pid_t child = fork();
	check(child >= 0, "fork");
	if (child == 0) {
		check(write(gate[1], "", 1) == 1, "gate");
		other(count);
		(void)fflush(stdout);
		_exit(0);
	}
	check(read(gate[0], &byte, 1) == 1, "gate");
	uint64_t begin_ns = clock_ns();
	own(count);
	uint64_t span_ns = clock_ns() - begin_ns;
	check(end_of(child) == 0, "the other side");
	return span_ns;
}

/* The last line of every example: compare.sh reads it. */
static inline void report(uint32_t count, const char *what, uint64_t span_ns, uint32_t handover_count)
{
	check(handover_count != 0, "handovers");
	printf("%" PRIu32 " %s; %" PRIu64 " ns each\n", count, what, span_ns / handover_count);
}
